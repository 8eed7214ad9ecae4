"""The tables of bench/run, its verdicts and its picture."""

import dataclasses
import os
import statistics

NAMES = {"ours": "label-studio", "bare": "bare C responder", "php": "PHP-FPM", "static": "nginx, a file"}
COLOURS = {"ours": "#1f5c53", "bare": "#8fb8ab", "php": "#f3c677", "static": "#c9c3b6"}
# Those that the goals are set for.
CLIENTS = 32


@dataclasses.dataclass
class Measurement:
    # A second.
    rate: float
    # Milliseconds.
    p50: float
    p99: float
    # What was refused, timed out or cut short.
    faults: int
    # Seconds of a processor for 1,000 requests: of the program, and of nginx.
    cpu: float
    nginx: float
    # MB.
    memory: float


class Report:
    def __init__(self, options):
        self.options = options
        self.rounds = {}
        self.hashes = {}
        self.lines = []
        self.verdicts = []
        self.status = 0

    def add(self, key, subject, measurement):
        self.rounds.setdefault(self._name(key), {}).setdefault(subject, []).append(measurement)

    def add_hashes(self, key, rate):
        self.hashes.setdefault(self._name(key), []).append(rate)

    @staticmethod
    def _name(key):
        case, clients, keeps = key
        return case.name, case.title, clients, keeps

    def _median(self, name, subject, field):
        return statistics.median(getattr(measurement, field) for measurement in self.rounds[name][subject])

    def _ratio(self, name, subject, other):
        """The median of the ratios of the rounds: those of one round had the same machine."""
        rounds = self.rounds[name]
        return statistics.median(
            ours.rate / theirs.rate for ours, theirs in zip(rounds[subject], rounds[other]) if theirs.rate)

    def show(self, key):
        """The part of one case, clients and kind of connection."""
        case, clients, keeps = key
        name = self._name(key)
        kept = "kept alive" if keeps else "closed"
        lines = [
            f"### {case.title}: {clients:,} {'client' if clients == 1 else 'clients'}, connections {kept}", "",
            "| | requests/s | of bare C | p50 ms | p99 ms | faults | CPU s/1,000 | nginx's | MB |",
            "|---|---:|---:|---:|---:|---:|---:|---:|---:|"]
        for subject, measurements in self.rounds[name].items():
            of_bare = f"{self._ratio(name, subject, 'bare'):.3f}" if subject != "bare" else ""
            lines.append(
                f"| {NAMES[subject]} | {self._median(name, subject, 'rate'):,.0f} | {of_bare} "
                f"| {self._median(name, subject, 'p50'):.1f} | {self._median(name, subject, 'p99'):.1f} "
                f"| {sum(each.faults for each in measurements)} | {self._median(name, subject, 'cpu'):.3f} "
                f"| {self._median(name, subject, 'nginx'):.3f} | {self._median(name, subject, 'memory'):.1f} |")
        if name in self.hashes:
            lines += ["", f"A bare loop of hashes, one thread for each core: {self._hashes(name):.1f}/s."]
        lines.append("")
        for subject, measurements in self.rounds[name].items():
            rates = ", ".join(f"{each.rate:,.0f}" for each in measurements)
            lines.append(f"- rounds of {NAMES[subject]}: {rates}")
        self.lines += [*lines, ""]
        print("\n".join([*lines, ""]), flush=True)
        self._judge(case, clients, name, keeps)

    def _hashes(self, name):
        return statistics.median(self.hashes[name])

    def _judge(self, case, clients, name, keeps):
        if clients == CLIENTS and keeps:
            if case.goal and case.hashes:
                ratio = self._median(name, "ours", "rate") / self._hashes(name)
                self._verdict(ratio >= case.goal, f"{case.title}: {ratio:.3f} of a bare loop of hashes, at least {case.goal}")
            elif case.goal:
                ratio = self._ratio(name, "ours", "bare")
                self._verdict(ratio >= case.goal, f"{case.title}: {ratio:.3f} of the bare C responder, at least {case.goal}")
            ratio = self._ratio(name, "ours", "php")
            self._verdict(ratio >= case.php_goal, f"{case.title}: {ratio:.2f} times PHP-FPM, at least {case.php_goal}")
        if clients > CLIENTS and not case.hashes:
            faults = sum(measurement.faults for measurement in self.rounds[name]["ours"])
            ours, bare = self._median(name, "ours", "p99"), self._median(name, "bare", "p99")
            kept = "kept alive" if keeps else "closed"
            self._verdict(
                faults == 0 and ours <= 2 * bare,
                f"{case.title}, {clients:,} clients, connections {kept}: {faults} faults (0), p99 {ours:.1f} ms, "
                f"{ours / bare:.2f} times that of the bare C responder (at most 2)")

    def _verdict(self, kept, text):
        self.verdicts.append(f"{'kept:  ' if kept else 'MISSED:'} {text}")
        if not kept:
            self.status = 1

    def write(self):
        print("\n".join(self.verdicts))
        options = self.options
        if options.output:
            head = (f"{os.cpu_count()} cores, {options.rounds} rounds of {options.seconds} s each, in turn; medians. "
                    "A ratio is the median of the ratios of the rounds.")
            options.output.write_text("\n".join([head, "", *self.lines, "```", *self.verdicts, "```", ""]))
        if options.picture:
            options.picture.write_text(self.picture())

    def picture(self):
        """Requests per second at 32 clients, as shares of the bare C responder's, as SVG."""
        names = [name for name in self.rounds if name[2] == CLIENTS and name[3]]
        left, right, bar, gap = 250, 160, 16, 22
        y, parts = 48, []
        most = max(
            (self._ratio(name, subject, "bare") for name in names for subject in self.rounds[name] if subject != "bare"),
            default=1)
        scale = (900 - left - right) / max(most, 1)
        for name in names:
            parts.append(f'<text x="{left - 12}" y="{y + 14}" text-anchor="end" font-weight="600">{name[1].replace("`", "")}</text>')
            for subject in self.rounds[name]:
                ratio = 1 if subject == "bare" else self._ratio(name, subject, "bare")
                width = max(ratio * scale, 1)
                parts.append(f'<rect x="{left}" y="{y}" width="{width:.1f}" height="{bar}" rx="2" fill="{COLOURS[subject]}"/>')
                rate = self._median(name, subject, "rate")
                parts.append(
                    f'<text x="{left + width + 8:.1f}" y="{y + 13}">{rate:,.0f}/s {NAMES[subject]}</text>')
                y += bar + 4
            y += gap
        title = f"Requests per second, {CLIENTS} clients, one nginx; longer is better"
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 900 {y}" role="img" aria-label="{title}" '
            'font-family="system-ui, sans-serif" font-size="13" fill="#22302f">\n'
            f'<rect width="900" height="{y}" fill="#fffdf9"/>\n<text x="24" y="28" font-size="16" font-weight="600">{title}</text>\n'
            + "\n".join(parts) + "\n</svg>\n")

"""What bench/run compares, each behind the same nginx: label-studio, a bare C responder, PHP,
and nginx alone. All of them are started once, and send the same pages."""

import contextlib
import hashlib
import html
import http.client
import json
import os
import pathlib
import re
import secrets
import socket
import sqlite3
import subprocess
import time
import urllib.parse

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent
OWNER = "bench@example.com"
PASSWORD = "violet-kettle-42-lamp"
TOKEN = "bench-token-" + secrets.token_hex(8)
PEOPLE = 25
# Threads of label-studio for what it answers at once; the C responder and PHP get as many.
THREADS = 4
SESSION_COOKIE = "sessionid"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def filled(name, **values):
    """A file of this directory with its @names@ filled in."""
    text = (HERE / name).read_text()
    for key, value in values.items():
        text = text.replace(f"@{key}@", str(value))
    return text


class Answer:
    def __init__(self, answer, body):
        self.status = answer.status
        self.body = body
        self.fields = answer.getheaders()
        # The line of the status and the empty line included, as wrk counts.
        self.size = sum(len(name) + len(value) + 4 for name, value in self.fields) + len(body) + 19

    def cookie(self, name):
        for field, value in self.fields:
            if field.lower() == "set-cookie" and value.startswith(name + "="):
                return value.split(";")[0].partition("=")[2]
        raise SystemExit(f"bench/run: no cookie {name} in an answer {self.status}")

    def as_response(self):
        """As a responder writes it."""
        left_out = {"server", "date", "connection", "keep-alive", "transfer-encoding"}
        lines = [f"Status: {self.status}"]
        lines += [f"{name}: {value}" for name, value in self.fields if name.lower() not in left_out]
        return "\r\n".join([*lines, "", ""]).encode() + self.body


def ask(port, request):
    """One answer to a request of cases.py."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    with contextlib.closing(connection):
        connection.request(request.method, request.path, request.body, request.fields)
        answer = connection.getresponse()
        return Answer(answer, answer.read())


def is_ready(path):
    if not path.is_socket():
        return path.exists()
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(path)) == 0


class Process:
    """A program and the processes it starts."""

    def __init__(self, command, log, **environment):
        self.log = log
        with open(log, "wb") as out:
            self.process = subprocess.Popen(
                [str(word) for word in command], stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=TOP,
                start_new_session=True, env={
                    name: value for name, value in os.environ.items()
                    if not name.startswith(("LABEL_STUDIO_", "POSTGRE_", "DJANGO_DB"))} | environment)

    @property
    def pids(self):
        found, left = [], [self.process.pid]
        while left:
            pid = left.pop()
            found.append(pid)
            for task in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
                with contextlib.suppress(OSError):
                    left += map(int, task.read_text().split())
        return found

    def processor_seconds(self):
        total = 0
        for pid in self.pids:
            with contextlib.suppress(OSError):
                fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
                total += int(fields[11]) + int(fields[12])
        return total / os.sysconf("SC_CLK_TCK")

    def memory(self):
        """MB, what processes share counted once."""
        total = 0
        for pid in self.pids:
            with contextlib.suppress(OSError):
                text = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
                total += int(re.search(r"^Pss:\s+(\d+)", text, re.MULTILINE).group(1))
        return total * 1024 / 1e6

    def wait_for(self, path):
        """Until the file is there; a socket, until somebody listens."""
        end = time.monotonic() + 10
        while not is_ready(path):
            if self.process.poll() is not None or time.monotonic() > end:
                raise SystemExit(f"bench/run: no {path.name}: {self.log.read_text()}")
            time.sleep(0.01)

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Site:
    """Everything that is compared, running."""

    def __init__(self, scratch, executable):
        self.scratch = scratch
        self.session = None
        self.invitation = None
        self.ports = {name: free_port() for name in ["ours", "bare", "php", "static"]}
        self.programs = {}
        user = "user root;" if os.geteuid() == 0 else ""
        scratch.chmod(0o755)
        for name in ["data", "static", "site"]:
            (scratch / name).mkdir()
        self._start("ours", [
            executable, "fastcgi", "--socket", scratch / "ours.socket", "--data-dir", scratch / "data",
            "--log-level", "INFO"],
            LABEL_STUDIO_USERNAME=OWNER, LABEL_STUDIO_PASSWORD=PASSWORD, LABEL_STUDIO_USER_TOKEN=TOKEN,
            LABEL_STUDIO_THROTTLE="off")
        configuration = scratch / "nginx.conf"
        configuration.write_text(
            filled("run.conf.in", user=user, scratch=scratch, nginx=TOP / "nginx", **self.ports))
        nginx = ["nginx", "-p", scratch, "-e", scratch / "nginx-error.log", "-c", configuration]
        self.nginx = Process(nginx, scratch / "nginx.log")
        self.nginx.wait_for(scratch / "nginx.pid")

    def _start(self, name, command, waits=True, **environment):
        program = Process(command, self.scratch / f"{name}.log", **environment)
        self.programs[name] = program
        if waits:
            program.wait_for(self.scratch / f"{name}.socket")

    def stop(self):
        self.nginx.stop()
        for program in self.programs.values():
            program.stop()

    def start_bare(self, response):
        """The C responder, with this answer."""
        with contextlib.suppress(KeyError):
            self.programs.pop("bare").stop()
        with contextlib.suppress(FileNotFoundError):
            (self.scratch / "bare.socket").unlink()
        (self.scratch / "response").write_bytes(response)
        self._start("bare", [
            self.scratch / "responder", "--socket", self.scratch / "bare.socket",
            "--response", self.scratch / "response", "--threads", THREADS])

    def start_php(self, program, pages, whoami):
        """PHP, with pages made of ours: those with people (organization) and those without."""
        site = self.scratch / "site"
        rows = self._write_templates(site, pages)
        self._fill(site / "site.sqlite3", rows, whoami)
        (site / "page.php").write_bytes((HERE / "page.php").read_bytes())
        configuration = self.scratch / "php-fpm.conf"
        user = "user = root\ngroup = root" if os.geteuid() == 0 else ""
        configuration.write_text(
            filled("php-fpm.conf.in", user=user, scratch=self.scratch, processes=THREADS))
        command = [
            program, "--nodaemonize", "--fpm-config", configuration, "-d", "opcache.enable=1", "-d",
            "opcache.validate_timestamps=0"]
        self._start("php", command + (["--allow-to-run-as-root"] if os.geteuid() == 0 else []))

    def _write_templates(self, site, pages):
        rows = []
        for name, body in pages.items():
            text = re.sub(r'(name="csrfmiddlewaretoken" value=")[^"]*', r"\1<?= escaped($csrf) ?>", body.decode())
            if name == "organization":
                text, rows = with_row_template(text)
            # PHP leaves out a line break that follows its closing sign.
            (site / f"{name}.php").write_text(text.replace("?>\n", "?>\n\n"))
        return rows

    def _fill(self, path, rows, whoami):
        columns = [f"v{index}" for index in range(len(rows[0]))]
        with contextlib.closing(sqlite3.connect(path)) as database, database:
            database.execute("PRAGMA journal_mode = WAL")
            database.executescript(f"""
                CREATE TABLE user (id INTEGER PRIMARY KEY, email TEXT UNIQUE, password_hash TEXT, answer TEXT,
                    {", ".join(f"{column} TEXT" for column in columns)});
                CREATE TABLE member (user_id INTEGER PRIMARY KEY REFERENCES user, role TEXT, joined_at INTEGER);
                CREATE TABLE session (token_hash TEXT PRIMARY KEY, user_id INTEGER, created_at INTEGER,
                    last_seen_at INTEGER) WITHOUT ROWID;
                CREATE TABLE api_token (token_hash TEXT PRIMARY KEY, user_id INTEGER) WITHOUT ROWID;
                CREATE TABLE invitation (id INTEGER PRIMARY KEY, token_hash TEXT UNIQUE);""")
            for number, row in enumerate(rows, 1):
                email = OWNER if number == 1 else f"person-{number}@example.com"
                database.execute(
                    f"INSERT INTO user VALUES (?, ?, ?, ?{', ?' * len(row)})",
                    [number, email, self.password_hash(), whoami.decode(), *row])
                database.execute("INSERT INTO member VALUES (?, 'member', 0)", [number])
            hashed = lambda text: hashlib.sha256(text.encode()).hexdigest()  # noqa: E731
            database.execute("INSERT INTO session VALUES (?, 1, 0, 0)", [hashed(self.session)])
            database.execute("INSERT INTO api_token VALUES (?, 1)", [hashed(TOKEN)])
            database.execute("INSERT INTO invitation VALUES (1, ?)", [hashed(self.invitation)])

    def password_hash(self):
        """That of the owner, as label-studio has made it."""
        with contextlib.closing(sqlite3.connect(f"file:{self.scratch}/data/accounts.sqlite3?mode=ro", uri=True)) as ours:
            return ours.execute("SELECT password_hash FROM user_account WHERE email = ?", [OWNER]).fetchone()[0]


def with_row_template(page):
    """A page with a table of people as a template of PHP, and the values of its rows."""
    begin, table, end = re.fullmatch(r"(.*<tbody[^>]*>)(.*)(</tbody>.*)", page, re.DOTALL).groups()
    rows = re.findall(r"\s*<tr.*?</tr>", table, re.DOTALL)
    assert len(rows) == PEOPLE, len(rows)
    # What stands between tags and in attributes may differ from row to row.
    parts = [re.split(r'((?<=>)[^<]+(?=<)|(?<==")[^"]*(?="))', row) for row in rows]
    # The row of the visitor says so: it is not like the others, and gets the frame of the next.
    frame = parts[1]
    parts = [row if row[::2] == frame[::2] else frame for row in parts]
    differing = [index for index in range(1, len(frame), 2) if len({row[index] for row in parts}) > 1]
    template = ""
    for index, part in enumerate(frame):
        if index in differing:
            template += f"<?= escaped($person['v{differing.index(index)}']) ?>"
        else:
            template += part
    page = f"{begin}<?php foreach ($people as $person): ?>{template}<?php endforeach ?>\n{end}"
    page = page.replace(f"{PEOPLE} people", "<?= $count ?> people")
    return page, [[html.unescape(row[index]) for index in differing] for row in parts]


def address(path, **query):
    return path + "?" + urllib.parse.urlencode(query)


def parsed(body):
    return json.loads(body)

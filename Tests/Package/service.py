"""What the tests do with the packaged service."""

import contextlib
import pathlib
import sqlite3
import subprocess
import threading
import time

import requests
from site_under_test import PASSWORD, Client

SITE = "https://localhost"
SETTINGS = "/etc/label-studio/label-studio.env"
DATABASE = "/var/lib/label-studio/accounts.sqlite3"


def install(machine, package):
    """As `apt install ./FILE` does, for want of a network without apt, and with the
    answer that the guide gives where nobody is there to answer."""
    machine.copy(package, "/root/package.deb")
    return machine.run("dpkg --force-confold --install package.deb")


def certify(machine):
    """Makes a certificate for localhost, which the machine trusts; gives the file."""
    machine.run(
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj /CN=localhost"
        " -addext subjectAltName=DNS:localhost -keyout /etc/ssl/private/site.key -out /etc/ssl/certs/site.pem &&"
        " ln -s site.pem /etc/ssl/certs/$(openssl x509 -noout -hash -in /etc/ssl/certs/site.pem).0")
    return machine.root / "etc/ssl/certs/site.pem"


def open_site(machine):
    """What the site file tells an operator to do; gives the certificate."""
    certificate = certify(machine)
    site = "/etc/nginx/sites-available/label-studio"
    machine.run(
        f"sed -i -e 's/labels\\.example\\.org/localhost/'"
        " -e 's#/etc/ssl/certs/ssl-cert-snakeoil.pem#/etc/ssl/certs/site.pem#'"
        f" -e 's#/etc/ssl/private/ssl-cert-snakeoil.key#/etc/ssl/private/site.key#' {site}")
    machine.run(
        "ln -s ../sites-available/label-studio /etc/nginx/sites-enabled/ && nginx -t && systemctl reload nginx")
    wait_for_site(machine, certificate)
    return certificate


def wait_for_site(machine, certificate):
    """A reload of nginx has ended before its new workers answer, and the old ones go on for a moment."""
    def is_open():
        with contextlib.suppress(requests.ConnectionError):
            return (
                Client(SITE, verify=certificate).get("/user/login/").status_code == 200
                and Client("http://localhost").get("/user/login/").status_code == 301)

    machine.until(is_open, what="the site")
    # The new ones are there by now; the old ones are when there are no more than these.
    machine.until(
        lambda: len(nginx_workers(machine)) == int(machine.output("nproc")), what="the end of nginx's old workers")


def nginx_workers(machine):
    """Those that take connections: the workers of before a reload do not."""
    return set(machine.output("pgrep --full '^nginx: worker process$'").split())


def configure(machine, **settings):
    """Writes settings into the environment file, in the place of those that are there."""
    lines = machine.read(SETTINGS).splitlines()
    for name, value in settings.items():
        variable = f"LABEL_STUDIO_{name}"
        lines = [line for line in lines if not line.startswith(variable + "=")]
        if value is not None:
            lines.append(f"{variable}={value}")
    machine.write(SETTINGS, "\n".join(lines) + "\n")


def main_pid(machine):
    """The process of the service, which runs: 0 would mean a whole process group to kill."""
    pid = int(machine.output("systemctl show --property=MainPID --value label-studio"))
    assert pid > 0, machine.output("journalctl --unit label-studio --lines 20 --output cat")
    return pid


def state(machine):
    return machine.output("systemctl show --property=ActiveState --value label-studio")


def people(machine):
    """The addresses of all accounts, by the database."""
    path = f"file:{machine.root}{DATABASE}?mode=ro"
    with contextlib.closing(sqlite3.connect(path, uri=True)) as database:
        return {row[0] for row in database.execute("SELECT email FROM user_account")}


class Load:
    """Requests at a steady rate from several clients, as long as it is entered: every
    tenth is a sign-up by the link. What did not go well is kept."""

    def __init__(self, certificate, link, rate=200, clients=20):
        self.certificate = certificate
        self.link = link.removeprefix(SITE)
        self.pause = clients / rate
        self.clients = clients
        self.ends = threading.Event()
        self.lock = threading.Lock()
        self.faults = []
        self.durations = []
        self.signed_up = []

    def __enter__(self):
        self.threads = [
            threading.Thread(target=self.ask, args=(number,), daemon=True) for number in range(self.clients)]
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.ends.set()
        for thread in self.threads:
            thread.join(timeout=60)

    def ask(self, number):
        due = time.monotonic() + self.pause * number / self.clients
        client = Client(SITE, verify=self.certificate)
        turn = 0
        while not self.ends.wait(max(0, due - time.monotonic())):
            due = max(due + self.pause, time.monotonic())
            turn += 1
            began = time.monotonic()
            try:
                if turn % 10 == 0:
                    self.sign_up(f"person-{number}-{turn}-{time.time_ns()}@example.com")
                else:
                    self.note(client.get("/user/login/"), 200, "log-in page")
            except (requests.RequestException, AssertionError) as error:
                with self.lock:
                    self.faults.append(f"{type(error).__name__}: {error}")
            with self.lock:
                self.durations.append(time.monotonic() - began)

    def sign_up(self, email):
        client = Client(SITE, verify=self.certificate)
        page = client.page(self.link)
        answer = client.send(page, {"email": email, "password": PASSWORD}, "signup-form")
        self.note(answer, 302, "sign-up")
        with self.lock:
            self.signed_up.append(email)

    def note(self, answer, expected, what):
        if answer.status_code != expected:
            with self.lock:
                self.faults.append(f"{what}: {answer.status_code}")


def version_of(package):
    return subprocess.run(
        ["dpkg-deb", "--field", package, "Version"], check=True, capture_output=True, text=True).stdout.strip()


def repack(package, version, directory, settings="", nginx=""):
    """The same package under another version: one before it, or after it. Its settings
    may have more lines, and what nginx includes."""
    tree = pathlib.Path(directory) / "tree"
    subprocess.run(["dpkg-deb", "--raw-extract", package, tree], check=True)
    control = tree / "DEBIAN/control"
    control.write_text(control.read_text().replace(f"Version: {version_of(package)}", f"Version: {version}"))
    with open(tree / SETTINGS.lstrip("/"), "a") as file:
        file.write(settings)
    with open(tree / "usr/share/label-studio/nginx/http.conf", "a") as file:
        file.write(nginx)
    made = pathlib.Path(directory) / f"label-studio_{version}.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "--build", tree, made], check=True, stdout=subprocess.DEVNULL)
    return made

"""A real Label Studio."""

import contextlib
import http.client
import pathlib
import shutil
import socket
import sqlite3
import sys

import requests
from site_under_test import children, free_port, wait_until

CHIEF = "chief@example.com"
CHIEFS_TOKEN = "chiefs-own-token-123"
WITH_CHIEF = [
    "--username", CHIEF, "--password", "Chief-Pass-1", "--user-token", CHIEFS_TOKEN, "--enable-legacy-api-token"]


class LabelingServer:
    """It runs, and asks nobody on the network for anything."""

    def __init__(self, workshop, program, *flags, data=None, **settings):
        self.workshop = workshop
        self.data = data or with_tables(workshop, program)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.key_file = self.data / ".env"
        self.command = self.around([
            program, "start", "--data-dir", self.data, "--internal-host", "127.0.0.1", "--port", self.port,
            "--no-browser", *flags])
        self.environment = workshop.environment(
            HOME=self.data, COLLECT_ANALYTICS="false", LATEST_VERSION_CHECK="false", SENTRY_DSN="",
            FRONTEND_SENTRY_DSN="", **settings)
        self.start_again()

    def around(self, command):
        """The command that runs this one where it is to run."""
        return command

    def start_again(self):
        self.program = self.workshop.spawn(self.command, self.environment)
        wait_until(self.is_up, 180, "Label Studio")

    def execute(self, sql, *values):
        """Changes its database, as its own administration would."""
        with contextlib.closing(sqlite3.connect(self.data / "label_studio.sqlite3", timeout=30)) as database, database:
            database.execute(sql, values)

    def is_up(self):
        assert self.program.process.poll() is None, self.program.errors
        with contextlib.suppress(requests.RequestException):
            return requests.get(self.url + "/health", timeout=2).status_code == 200

    def sign_up(self, email, password, query=""):
        session = requests.Session()
        session.get(self.url + "/user/signup/")
        answer = session.post(
            self.url + "/user/signup/" + query,
            {"csrfmiddlewaretoken": session.cookies["csrftoken"], "email": email, "password": password},
            allow_redirects=False)
        assert answer.status_code == 302, answer.text
        return session

    def people(self, session):
        """Everybody there, by number."""
        return {person["id"]: person for person in session.get(self.url + "/api/users/").json()}


def with_tables(workshop, program):
    """A new data directory, with the tables of an empty one: they are made once for all
    tests, because that is most of what a first start takes."""
    tables = workshop.installation / "label_studio.sqlite3"
    if not tables.exists():
        first = LabelingServer(workshop, program, data=workshop.directory())
        first.program.stop()
        shutil.copy(first.data / tables.name, tables)
    data = workshop.directory()
    shutil.copy(tables, data)
    return data


class EnclosedLabelingServer(LabelingServer):
    """It stands in a network namespace of its own: who may write to a unix socket
    reaches it, and nobody else."""

    def around(self, command):
        directory = self.workshop.directory()
        directory.chmod(0o755)
        self.socket = directory / "labels.sock"
        self.url = f"unix:{self.socket}"
        return [
            "unshare", "--net", "--pid", "--kill-child", sys.executable,
            pathlib.Path(__file__).with_name("in_own_network.py"), self.socket, self.port, *command]

    def is_up(self):
        assert self.program.process.poll() is None, self.program.errors
        connection = OverSocket("localhost", timeout=2)
        connection.path = str(self.socket)
        with contextlib.suppress(OSError, http.client.HTTPException), contextlib.closing(connection):
            connection.request("GET", "/health")
            return connection.getresponse().status == 200

    def of_network(self, name):
        """What the kernel says of the network that it is in."""
        return pathlib.Path(f"/proc/{children(self.program.pid)[-1]}/net/{name}").read_text()


class OverSocket(http.client.HTTPConnection):
    """HTTP over a unix socket."""

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)

"""SIGHUP: `label-studio fastcgi` reads its configuration again (issue 5, point 4)."""

import json
import shutil
import signal
import socket
import threading
import time

import pytest
from site_under_test import (
    PASSWORD, Client, free_port, form_request, log_lines, memory, raw_exchange, wait_until)

SECRET = "another-secret-value"


class Service:
    """A responder with a configuration file and templates of its own, behind nginx."""

    def __init__(self, workshop, settings, *flags, limited=False, **environment):
        directory = workshop.directory()
        directory.chmod(0o755)
        self.config = directory / "config.json"
        self.resources = directory / "resources"
        self.settings = {"resources": str(self.resources)}
        for part in ["templates", "nginx"]:
            shutil.copytree(workshop.installation / part, self.resources / part)
        self.set(**settings)
        self.program = workshop.fastcgi("--config", self.config, *flags, limited=limited, **environment)
        self.port = workshop.in_front(self.program.socket, f"127.0.0.1:{free_port()}").port
        self.url = f"http://127.0.0.1:{self.port}"
        # It listens before it has read everything.
        wait_until(lambda: self.client().get("/health").status_code == 200, what="the start")

    def set(self, **settings):
        self.settings |= settings
        self.config.write_text(json.dumps(self.settings))

    def client(self):
        return Client(self.url)

    def events(self, name):
        """The lines of the log that are whole already."""
        lines = [line for line in self.program.errors.split("\n")[:-1] if f" {name} " in line]
        return [line.partition(f" {name} ")[2] for line in lines]

    def reload(self):
        """Returns when it is done, whatever came of it."""
        def done():
            return len(self.events("reloaded")) + len({line for line in self.events("not-reloaded")})

        before = done()
        self.program.send(signal.SIGHUP)
        wait_until(lambda: done() > before, 15, "the reload")


def test_what_can_change_changes_and_what_cannot_is_named(workshop):
    service = Service(workshop, {"username": "owner@example.com", "password": PASSWORD, "user_token": "first-token"})
    client = service.client()
    assert client.get("/user/signup/").status_code == 200
    assert client.log_in("owner@example.com").status_code == 302

    service.set(
        disable_signup_without_link=True, password_min_length=20, audit_days=7, log_level="WARNING",
        host="https://labels.example.org/sub", trusted_proxies="127.0.0.1", user_token=SECRET, database_name="/nowhere/x",
        session_cookie_name="other", metrics="127.0.0.1:9")
    service.reload()
    assert service.events("reloaded") == [
        "changed=LABEL_STUDIO_HOST,LABEL_STUDIO_LOG_LEVEL,LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK,"
        "LABEL_STUDIO_TRUSTED_PROXIES,LABEL_STUDIO_PASSWORD_MIN_LENGTH,LABEL_STUDIO_AUDIT_DAYS"]
    restart = service.events("needs-restart")
    assert restart == [
        "changed=LABEL_STUDIO_USER_TOKEN,LABEL_STUDIO_DATABASE_NAME,LABEL_STUDIO_SESSION_COOKIE_NAME,LABEL_STUDIO_METRICS"]
    assert SECRET not in service.program.errors and "/nowhere" not in service.program.errors
    assert "/sub/user/login/" in service.client().get("/sub/user/login/").text
    assert service.client().get("/sub/user/signup/").status_code == 403, "sign-up is closed"

    del service.settings["host"]
    service.set(disable_signup_without_link=False)
    service.reload()
    page = service.client().page("/user/signup/")
    assert "20 characters" in page.text
    assert len(service.events("needs-restart")) == 2, "still so"
    answer = client.get("/projects/")
    assert answer.status_code == 200, "the session is found under the old name of its cookie"
    assert [line for line in service.program.errors.split("\n") if " info request " in line and "/projects" in line] == []
    assert service.program.stop() == 0


def test_templates_messages_and_static_files_are_read_again(workshop):
    service = Service(workshop, {})
    client = service.client()
    before = client.get("/user/login/").text
    layout = service.resources / "templates/layout.html"
    layout.write_text(layout.read_text().replace("</body>", "<p>A new foot</p></body>"))
    messages = service.resources / "templates/messages.txt"
    assert "Log in" in messages.read_text()
    messages.write_text(messages.read_text().replace("Log in", "Step in"))
    (service.resources / "nginx/static/app.css").write_text("/* new */")
    assert client.get("/user/login/").text == before or "A new foot" not in client.get("/user/login/").text
    service.reload()
    after = client.get("/user/login/").text
    assert "A new foot" in after and "Step in" in after

    def version(text):
        return text.partition("/static/")[2].partition("/")[0]

    assert version(before) != version(after)
    assert client.get(f"/static/{version(after)}/app.css").status_code == 200


@pytest.mark.parametrize("spoil", ["setting", "file", "template", "message", "missing"])
def test_a_fault_leaves_all_as_it_was_and_is_named(workshop, spoil):
    service = Service(workshop, {"password_min_length": 9})
    client = service.client()
    service.set(password_min_length=30)
    if spoil == "setting":
        service.set(password_min_length=3, audit_days=0)
        expected = ["password_min_length", "audit_days"]
    elif spoil == "file":
        service.config.write_text("{")
        expected = ["config.json is not JSON"]
    elif spoil == "template":
        (service.resources / "templates/login.html").write_text("{{#OPEN}}")
        expected = ["login.html does not begin with"]
    elif spoil == "message":
        (service.resources / "templates/messages.txt").write_text("nothing\n")
        expected = ["messages.txt"]
    else:
        service.config.unlink()
        expected = ["config.json"]
    service.reload()
    lines = service.events("not-reloaded")
    assert len(lines) == len(expected)
    assert all(word in line for word, line in zip(expected, lines)), lines
    assert service.events("reloaded") == []
    assert "9 characters" in client.page("/user/signup/").text
    assert client.get("/user/login/").status_code == 200
    assert client.sign_up("owner@example.com").status_code == 302


def test_the_password_is_not_asked_for_again(workshop):
    """`--password -` was read at the start; standard input is at its end by now."""
    directory = workshop.directory()
    reading, writing = socket.socketpair()
    writing.sendall(PASSWORD.encode() + b"\n")
    writing.shutdown(socket.SHUT_WR)
    program = workshop.spawn(
        [workshop.label_studio, "fastcgi", "--data-dir", directory / "data", "--socket", directory / "s", "--username",
         "owner@example.com", "--password", "-"], stdin=reading)
    wait_until(lambda: "was created" in program.errors, what="the account")
    program.send(signal.SIGHUP)
    wait_until(lambda: " reloaded changed=none\n" in program.errors, what="the reload")
    assert program.stop() == 0


def test_budgets_against_guessing_are_not_given_back(workshop):
    service = Service(workshop, {}, limited=True)
    client = service.client()
    assert client.sign_up("owner@example.com").status_code == 302

    def guess():
        return service.client().log_in("owner@example.com", "wrong password").status_code

    wait_until(lambda: guess() == 429, 30, "the limit")
    service.reload()
    assert guess() == 429
    service.set(throttle="off")
    service.reload()
    assert guess() == 422
    assert "LABEL_STUDIO_THROTTLE=off: nothing here limits" in service.program.errors
    service.set(throttle="on")
    service.reload()
    assert guess() == 429


def test_no_request_is_lost_by_many_reloads(workshop):
    service = Service(workshop, {})
    assert service.client().sign_up("owner@example.com").status_code == 302
    ending = threading.Event()
    answers = []

    def visit():
        client = service.client()
        while not ending.is_set():
            answers.append(client.get("/user/login/").status_code)

    def log_in():
        while not ending.is_set():
            answers.append(service.client().log_in("owner@example.com").status_code)

    threads = [threading.Thread(target=act) for act in [visit, visit, log_in]]
    for thread in threads:
        thread.start()
    try:
        for number in range(30):
            service.set(password_min_length=8 + number)
            service.reload()
    finally:
        ending.set()
        for thread in threads:
            thread.join()
    assert len(answers) > 30 and set(answers) <= {200, 302}, set(answers)
    assert "37 characters" in service.client().page("/user/signup/").text


def test_a_request_in_progress_ends_as_it_began(workshop):
    """A body that is still on its way when everything changes."""
    service = Service(workshop, {"password_min_length": 8})
    client = service.client()
    page = client.page("/user/signup/")
    assert page.form("signup-form")
    request = form_request("/user/login/", {"email": "a@example.com", "password": "x" * 2000})
    with socket.create_connection(("127.0.0.1", service.port), timeout=20) as connection:
        connection.sendall(request[:-1000])
        service.set(password_min_length=30)
        service.reload()
        connection.sendall(request[-1000:])
        assert connection.recv(65536).split(b" ")[1] in (b"422", b"403")


@pytest.mark.memory
def test_many_reloads_take_no_memory(workshop):
    service = Service(workshop, {})
    for _ in range(20):
        service.reload()
    before = memory(service.program.pid)
    for _ in range(100):
        service.reload()
    assert memory(service.program.pid) < before + 10


def test_start_ends_when_its_terminal_is_closed(workshop):
    site = workshop.start()
    assert site.program.stop(signal.SIGHUP) == 0


def test_a_line_that_is_taken_out_of_the_file_of_variables_counts_no_more(workshop):
    """The service manager has put into the environment what the file said at the start."""
    file = workshop.directory() / "label-studio.env"
    file.write_text("LABEL_STUDIO_PASSWORD_MIN_LENGTH=20\n")
    service = Service(workshop, {}, LABEL_STUDIO_ENV_FILE=file, LABEL_STUDIO_PASSWORD_MIN_LENGTH=20)
    assert "20 characters" in service.client().page("/user/signup/").text
    file.write_text("#LABEL_STUDIO_PASSWORD_MIN_LENGTH=20\n")
    service.reload()
    assert service.events("reloaded") == ["changed=LABEL_STUDIO_PASSWORD_MIN_LENGTH"]
    assert "8 characters" in service.client().page("/user/signup/").text

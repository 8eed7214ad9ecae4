"""What is written, and what never is (issue 3, point 8)."""

import contextlib
import fcntl
import os
import re
import signal
import subprocess
import threading
import time

import pytest
import requests
from site_under_test import PASSWORD, Records, children, free_port, is_answered, is_reached, log_lines, wait_until

NEW = "another good password"
WRONG = "tried-and-wrong-secret"
IN_THE_WRONG_FIELD = "typed-into-the-e-mail-field"


class Watched:
    """Counts the requests of a client, and keeps every secret that he saw."""

    def __init__(self, site, counted, secrets):
        self.client = site.client()
        request = self.client.request

        def watched(method, path, **options):
            counted.append((method, path.split("?")[0]))
            answer = request(method, path, **options)
            secrets.update(value for cookie in answer.cookies for value in cookie.value.split(".") if value)
            secrets.update(re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', answer.text))
            secrets.update(re.findall(r"token=([\w-]{20,})", answer.text))
            secrets.update(re.findall(r'(?:"token": ?"|Authorization: Token )([0-9a-f]{40})', answer.text))
            return answer

        self.client.request = watched


@pytest.fixture(scope="module")
def story(module_workshop):
    """A day at the site; then it is stopped, and `secrets` is all that nobody
    may find anywhere."""
    site = module_workshop.start("--log-level", "DEBUG", limited=True)
    site.counted, site.secrets = [], {PASSWORD, NEW, WRONG, IN_THE_WRONG_FIELD}

    def person():
        return Watched(site, site.counted, site.secrets).client

    owner, member, visitor = person(), person(), person()
    assert owner.sign_up("owner@example.com").status_code == 302
    invite = owner.page("/organization/invite").value("invite-link").removeprefix(site.url)
    assert owner.get("/api/invite").status_code == 200
    page = member.page(invite)
    fields = {"email": "member@example.com", "password": PASSWORD}
    assert member.send(page, {**fields, "password": "short"}, "signup-form").status_code == 422
    assert member.send(page, fields, "signup-form").status_code == 302
    site.number = site.person("member@example.com")

    assert visitor.log_in(IN_THE_WRONG_FIELD, WRONG).status_code == 422
    assert visitor.log_in(f"{IN_THE_WRONG_FIELD}@example.com", WRONG).status_code == 422
    assert visitor.log_in("member@example.com", WRONG).status_code == 422
    assert visitor.sign_up(f" {IN_THE_WRONG_FIELD}", WRONG).status_code == 422
    assert visitor.sign_up("member@example.com", PASSWORD).status_code == 422
    for _ in range(10):
        visitor.log_in(IN_THE_WRONG_FIELD, WRONG)

    token = member.api_token()
    site.secrets.add(token)
    for headers in [{"Authorization": f"Token {token}"}, {"X-Api-Key": token}]:
        assert visitor.get("/api/current-user/whoami", headers=headers).status_code == 200
    for headers in [{"Authorization": f"Token {WRONG}"}, {"X-Api-Key": WRONG}, {"Authorization": f"Token {WRONG} x"}]:
        assert visitor.get("/api/invite", headers=headers).status_code == 401
    assert visitor.post("/api/current-user/reset-token", headers={"X-Api-Key": token}).status_code == 201

    link = owner.set_password_link(site.number)
    assert visitor.set_password(link, "short").status_code == 422
    assert visitor.set_password(link, NEW).status_code == 302
    assert visitor.get(link).status_code == 410
    assert member.log_in("member@example.com", NEW).status_code == 302
    fields = {"current_password": WRONG, "new_password": PASSWORD}
    assert member.submit("/user/account/password", fields, "password-form").status_code == 422
    fields["current_password"] = NEW
    assert member.submit("/user/account/password", fields, "password-form").status_code == 302
    fields = {"email": "moved@example.com", "password": PASSWORD}
    assert member.submit("/user/account/email", fields, "email-form").status_code == 302
    assert member.submit("/user/account/token/reset", {}, "token-reset-form").status_code == 302
    assert member.get("/user/account/").status_code == 200

    assert owner.submit("/organization/invite/reset", {}, "invite-reset-form").status_code == 302
    assert visitor.get(invite).status_code == 403
    query = f"?token={token}&password={NEW}&session={member.cookies['sessionid']}"
    for path in ["/nowhere", "/api/nowhere", "/%00", "//x", "/../x", "/user/login/", "/user/set-password", "/static/x"]:
        visitor.get(path + query)
        visitor.post(path + query, {"password": WRONG}, headers={"Origin": "http://evil.example"})
    for method in ["PUT", "DELETE", "OPTIONS", "TRACE"]:
        visitor.request(method, "/user/login/" + query)
    owner.get("/organization/audit" + f"?person={IN_THE_WRONG_FIELD}")
    owner.get("/organization/audit.csv")
    assert owner.act_upon(site.number, "remove").status_code == 302
    assert owner.log_out().status_code == 302
    # More than nginx reads of a header: that one ends there.
    site.client().get("/user/login/" + query, headers={"Cookie": "x=" + NEW * 400})
    for setting in [["user", "reset-link", "owner@example.com"], ["invite", "show"]]:
        shown = module_workshop.run(*setting, "--data-dir", site.data).stdout
        site.secrets.add(re.search(r"token=([\w-]+)", shown).group(1))
    site.program.stop()
    return site


def everything_written(site):
    files = [site.program.out, site.program.err, *site.data.rglob("*")]
    return {path: path.read_bytes() for path in files if path.is_file()}


def test_no_secret_is_written_anywhere(story):
    assert len(story.secrets) > 60
    written = everything_written(story)
    names = {path.name for path in written}
    assert {"out", "err", "access.log", "accounts.sqlite3"} <= names
    for path, content in written.items():
        for secret in story.secrets:
            for form in {secret, secret.replace(" ", "+"), secret.replace(" ", "%20")}:
                assert form.encode() not in content, (path.name, form)
            if re.fullmatch("[0-9a-f]{40}", secret):
                assert bytes.fromhex(secret) not in content, (path.name, secret)


def test_secrets_that_are_written_would_be_found(story):
    """The search is no empty one: what is no secret is found by it."""
    written = b"".join(everything_written(story).values())
    for known in ["owner@example.com", "/organization/people/", "127.0.0.1"]:
        assert known.encode() in written


def test_each_line_of_the_log_has_its_form(story):
    lines = log_lines(story.program)
    assert len(lines) > 100
    for line in lines:
        assert "from" in line.fields, line.name
    assert story.program.errors.endswith("\n")


def test_there_is_a_line_for_each_request(story):
    """Apart from what nginx answers by itself: files, and what is no request."""
    lines = [(line.fields["method"], line.fields["path"].rstrip("/")) for line in log_lines(story.program, "request")]
    expected = [(method, path.rstrip("/")) for method, path in story.counted
                if method != "TRACE" and path not in ("/static/x", "/%00", "//x", "/../x")]
    for request in set(expected):
        assert lines.count(request) >= expected.count(request), request
    for line in log_lines(story.program, "request"):
        fields = [name for name in line.fields if name not in ("user", "reference")]
        assert fields == ["from", "method", "path", "status", "microseconds"]
        assert ("reference" in line.fields) == (int(line.fields["status"]) >= 400)
        assert line.level == "info" and 100 <= int(line.fields["status"]) < 600
        assert int(line.fields["microseconds"]) < 10_000_000
        assert int(line.fields.get("user", 1)) > 0


def test_each_event_of_the_audit_is_a_line_of_the_log(story):
    rows = story.audit()
    commands = [row for row in rows if row[3] == "command line"]
    lines = [line for line in log_lines(story.program) if line.level == "notice"]
    assert [line.name for line in lines] == [row[0] for row in rows if row not in commands]
    for name in ["signed-up", "log-in-refused", "limit-reached", "password-set", "token-reset", "member-removed"]:
        assert any(line.name == name for line in lines), name


def test_an_unknown_address_is_a_keyed_hash_in_the_log(story):
    details = [line.fields.get("detail", "") for line in log_lines(story.program, "log-in-refused")]
    unknown = [detail for detail in details if detail.startswith("unknown-email ")]
    assert len(unknown) >= 3 and all(re.fullmatch("unknown-email [0-9a-f]{16}", detail) for detail in unknown)
    assert "wrong-password" in details


def test_people_are_numbers_in_the_log(story):
    assert "@example.com" not in "\n".join(
        line for line in story.program.errors.split("\n") if not line.startswith("label-studio: "))


def test_two_installations_name_an_address_differently(workshop):
    """The hash has a key: nobody can look up an address in it."""
    found = set()
    for _ in range(2):
        site = workshop.start()
        site.client().log_in("somebody@example.com", "x")
        found.add(wait_until(lambda: log_lines(site.program, "log-in-refused"), what="a line")[0].fields["detail"])
    assert len(found) == 2


@pytest.mark.parametrize(["level", "expected"], [
    ("DEBUG", {"request", "foreign-request", "signed-up"}), ("INFO", {"request", "foreign-request", "signed-up"}),
    ("WARNING", {"foreign-request", "signed-up"}), ("ERROR", {"signed-up"})])
def test_the_level_decides_what_is_written_and_never_hides_who_did_what(workshop, level, expected):
    site = workshop.start("--log-level", level)
    client = site.client()
    assert client.sign_up("owner@example.com").status_code == 302
    assert client.post("/logout", {}, headers={"Origin": "null"}).status_code == 403
    site.program.stop()
    assert {line.name for line in log_lines(site.program)} == expected


def test_a_log_that_nobody_reads_does_not_stop_the_site(workshop):
    """Standard error is a pipe whose reader has gone."""
    site = workshop.start(prefix=["bash", "-c", 'exec "$@" 2> >(exit)', "bash"])
    for _ in range(50):
        assert site.client().get("/user/login/").status_code == 200
    assert site.client().sign_up("owner@example.com").status_code == 302


@contextlib.contextmanager
def program_with_slow_reader(workshop, pause):
    """Its log goes to a pipe that is read slowly, so that it takes long writes in
    pieces. Gives the program, its port, and what was read."""
    reading, writing = os.pipe()
    fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096)
    process = subprocess.Popen(
        [workshop.label_studio, "start", "--data-dir", workshop.directory() / "data", "--port",
         str(port := free_port()), "-b"],
        env=workshop.environment(LABEL_STUDIO_THROTTLE="off", LABEL_STUDIO_INTERNAL_HOST="127.0.0.1"),
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=writing, cwd="/")
    os.close(writing)
    chunks = []

    def read():
        while chunk := os.read(reading, 700):
            chunks.append(chunk)
            time.sleep(pause)

    reader = threading.Thread(target=read)
    reader.start()
    try:
        wait_until(lambda: is_reached(port), what="the address")
        yield process, port, chunks
    finally:
        process.terminate()
        process.wait(timeout=20)
        reader.join()
        os.close(reading)


def in_threads(count, ask):
    threads = [threading.Thread(target=ask, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    return threads


# A line that is longer than a pipe takes at once, and says whose it is.
LONG_LINE = r' foreign-request from=127.0.0.1 path=/logout .*received="?thread-(\d)\1{4999}"?$'


def write_long_line(port, number):
    requests.post(f"http://127.0.0.1:{port}/logout", headers={"Origin": "thread-" + str(number) * 5000}, timeout=30)


def test_lines_of_several_threads_do_not_mix(workshop):
    with program_with_slow_reader(workshop, pause=0.0005) as (_, port, chunks):
        for thread in in_threads(8, lambda number: [write_long_line(port, number) for _ in range(40)]):
            thread.join()
    lines = [line for line in b"".join(chunks).decode().splitlines() if "thread-" in line]
    assert len(lines) == 320
    for line in lines:
        assert re.search(LONG_LINE, line), line[:300] + " … " + line[-200:]


def test_what_the_main_thread_says_does_not_mix_with_lines_of_the_log(workshop):
    with program_with_slow_reader(workshop, pause=0.005) as (process, port, chunks):
        def ask(number):
            with contextlib.suppress(requests.RequestException):
                while True:
                    write_long_line(port, number)

        threads = in_threads(8, ask)
        wait_until(lambda: sum(map(len, chunks)) > 50_000, what="the log")
        # It says so, in the midst of them, and ends.
        os.kill(children(process.pid)[0], signal.SIGTERM)
        for thread in threads:
            thread.join()
        process.wait(timeout=20)
    lines = b"".join(chunks).decode().splitlines()
    assert any(re.fullmatch("label-studio: nginx has ended: .*", line) for line in lines), lines[-1][-300:]
    for line in lines:
        assert "thread-" not in line or re.search(LONG_LINE, line), line[:300] + " … " + line[-200:]


def test_the_journal_gets_priorities_instead_of_times(workshop):
    directory = workshop.directory()
    with open(directory / "journal", "wb") as journal, open(directory / "elsewhere", "wb") as elsewhere:
        about = os.fstat(journal.fileno())
        environment = workshop.environment(
            JOURNAL_STREAM=f"{about.st_dev}:{about.st_ino}", LABEL_STUDIO_THROTTLE="off",
            LABEL_STUDIO_USERNAME="owner@example.com", LABEL_STUDIO_PASSWORD=PASSWORD)

        def run(log):
            path = directory / "s"
            process = subprocess.Popen(
                [workshop.label_studio, "fastcgi", "--data-dir", directory / "data", "--socket", path],
                env=environment, stdin=subprocess.DEVNULL, stderr=log)
            wait_until(lambda: is_answered(path), what="the socket")
            with Records(path) as client:
                client.send(Records.get())
                client.answer()
                client.send(Records.get("/logout", REQUEST_METHOD="POST", HTTP_ORIGIN="https://evil.example"))
                client.answer()
            process.terminate()
            assert process.wait(15) == 0

        run(journal)
        run(elsewhere)
    lines = (directory / "journal").read_text().splitlines()
    assert all(re.match("<[3-7]>", line) for line in lines), lines
    assert f"<6>Database: {directory}/data/accounts.sqlite3" in lines
    assert "<5>User owner@example.com was created" in lines
    assert any(line.startswith("<4>label-studio: WARNING: LABEL_STUDIO_THROTTLE=off") for line in lines)
    assert any(line.startswith("<6>info request from=127.0.0.1 method=GET path=/health") for line in lines)
    assert any(line.startswith("<4>warning foreign-request from=127.0.0.1 path=/logout") for line in lines)
    assert "<" not in (directory / "elsewhere").read_text()

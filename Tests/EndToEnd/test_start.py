"""`label-studio start` (issue 2, points 2, 7 and 14; WIRE.md, sections 0, 7 and 8)."""

import concurrent.futures
import contextlib
import hashlib
import os
import pathlib
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import time

import pytest
from site_under_test import (
    PASSWORD, REPOSITORY, SAMPLE, Client, free_port, is_reached, is_running, nobody, wait_until)

ACCOUNT = {"LABEL_STUDIO_USERNAME": "set@example.com", "LABEL_STUDIO_PASSWORD": PASSWORD}


def checksum(path):
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()


def refused(workshop, *flags, port=None, prefix=(), data=None, **settings):
    """Runs a start that must not come up; returns the lines about why."""
    began = time.monotonic()
    result = workshop.run(
        "start", "--data-dir", data or workshop.directory() / "data", "--internal-host", "127.0.0.1", "--no-browser",
        "--port", port or free_port(), *flags, prefix=prefix, seconds=5, **settings)
    assert result.returncode == 2, (result.returncode, result.stdout, result.stderr)
    assert time.monotonic() - began < 5
    assert "Press Ctrl-C" not in result.stdout
    return result.stderr.splitlines()


def assert_no_secret(text, *secrets):
    for secret in secrets:
        assert secret not in text


# Coming up and going down.


def test_it_prints_the_address_that_sign_up_is_open_and_how_to_close_it(workshop):
    site = workshop.start()
    output = site.program.output
    assert f"http://localhost:{site.port}" in output
    line = next(line for line in output.splitlines() if "Sign-up is open" in line)
    assert "anyone who reaches this address can register" in line
    assert "LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK=true" in line
    assert f"Database: {site.database}" in output
    assert site.client().get("/health").status_code == 200


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_both_and_the_status_is_0(workshop, number):
    site = workshop.start("--log-level", "WARNING", limited=True)
    site.client().get("/user/login/")
    nginx = site.nginx_pids()
    assert nginx
    assert site.program.stop(number) == 0
    assert not [pid for pid in nginx if is_running(pid)]
    assert not is_reached(site.port)
    assert not (site.data / "nginx" / "responder.sock").exists()
    assert site.program.errors.replace(
        "label-studio: running as root, nginx included; an ordinary user is enough\n", "") == ""


def test_ctrl_c_at_a_terminal_reaches_only_us_and_nginx_is_stopped_in_order(workshop):
    """A terminal sends SIGINT to the whole process group."""
    data, port = workshop.directory() / "data", free_port()
    program = workshop.spawn(
        [workshop.label_studio, "start", "--data-dir", data, "--internal-host", "127.0.0.1", "-p", port, "-b"],
        start_new_session=True)
    wait_until(lambda: "Press Ctrl-C" in program.output, what="the start")
    os.killpg(program.pid, signal.SIGINT)
    assert program.wait() == 0


def test_requests_in_flight_are_finished_when_it_is_stopped(workshop):
    site = workshop.start()
    clients = [site.client() for _ in range(30)]
    pages = [client.page("/user/signup/") for client in clients]
    fields = {"password": PASSWORD}

    sending = []

    def send(number):
        sending.append(number)
        return clients[number].send(pages[number], {**fields, "email": f"p{number}@example.com"}).status_code

    with concurrent.futures.ThreadPoolExecutor(30) as pool:
        futures = [pool.submit(send, number) for number in range(30)]
        # All have been sent; some have been answered, the others are hashing or wait for it.
        wait_until(lambda: len(sending) == 30, what="the requests")
        wait_until(lambda: sum(future.done() for future in futures) >= 3, what="the first answers")
        time.sleep(0.03)
        assert not all(future.done() for future in futures)
        site.program.send(signal.SIGTERM)
        statuses = []
        for future in futures:
            with contextlib.suppress(OSError):
                statuses.append(future.result())
    assert site.program.wait() == 0
    assert statuses == [302] * 30
    assert site.query("SELECT count(*) FROM user_account") == [(30,)]


def test_when_nginx_ends_the_responder_is_stopped_and_the_status_says_so(workshop):
    site = workshop.start()
    master = site.nginx_pids()[0]
    os.kill(master, signal.SIGKILL)
    assert site.program.wait() == 1
    assert "nginx has ended" in site.program.errors
    wait_until(lambda: not is_reached(site.port), what="the end of nginx")


def test_when_the_responder_is_killed_nginx_ends_too(workshop):
    site = workshop.start()
    nginx = site.nginx_pids()
    os.kill(site.program.pid, signal.SIGKILL)
    site.program.process.wait()
    wait_until(lambda: not any(is_running(pid) for pid in nginx), what="the end of nginx")
    assert not is_reached(site.port)
    # What it left behind is no hindrance.
    again = workshop.start(data=site.data, port=site.port)
    assert again.client().get("/health").status_code == 200


def test_nothing_is_written_outside_of_the_data_directory(workshop):
    home = workshop.directory()
    site = workshop.start(data=home / "data" / "deep", HOME=home, TMPDIR=home)
    client = site.client()
    client.sign_up("a@example.com")
    client.post("/user/login/", b"x" * 60_000)
    assert site.program.stop() == 0
    assert sorted(path.name for path in home.iterdir()) == ["data"]
    assert sorted(path.name for path in (home / "data").iterdir()) == ["deep"]


def test_two_of_them_run_side_by_side(workshop):
    one, other = workshop.start(), workshop.start()
    one.client().sign_up("one@example.com")
    assert other.client().get("/").headers["Location"] == "/user/signup/"
    assert one.program.stop() == 0
    assert other.client().get("/health").status_code == 200


def test_the_first_good_answer_comes_soon(workshop):
    """Within a second on an empty database (issue 2, How it is shown)."""
    began = time.monotonic()
    site = workshop.start(waits=False)
    wait_until(lambda: is_reached(site.port), what="nginx")
    assert site.client().get("/user/signup/").status_code == 200
    assert time.monotonic() - began < 1
    site.client().sign_up("a@example.com")


# What is wrong is said in a line each, all at once.


def test_a_port_in_use_is_a_fault_with_a_line(workshop):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        lines = refused(workshop, port=port)
    assert len(lines) == 1
    assert f"127.0.0.1:{port}" in lines[0] and "--port" in lines[0]


def test_a_second_start_on_the_same_data_and_port_leaves_the_first_alone(workshop):
    site = workshop.start()
    refused(workshop, data=site.data, port=site.port)
    assert site.client().get("/health").status_code == 200


def test_all_faults_are_named_at_once(workshop):
    directory = workshop.directory()
    directory.chmod(0o555)
    prefix = []
    if os.getuid() == 0:
        directory.chmod(0o755)
        user = nobody()
        prefix = ["setpriv", "--reuid", user.pw_uid, "--regid", user.pw_gid, "--clear-groups"]
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        environment = {"PATH": "/nonexistent"} if os.getuid() else {}
        lines = refused(workshop, data=directory / "data", port=port, prefix=prefix, **environment)
    directory.chmod(0o755)
    text = "\n".join(lines)
    assert str(directory / "data") in text and "data directory cannot be used" in text
    assert f"127.0.0.1:{port}" in text
    assert len(lines) == 2, lines


def test_all_faults_of_the_settings_are_named_at_once(workshop):
    lines = refused(
        workshop, "--user-token", "abcd", "--host", "ftp://example.org", "--internal-host", "nowhere", "--log-level",
        "loud", "--username", "admin", "--password", "short",
        LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK="maybe", LABEL_STUDIO_TRUSTED_PROXIES="127.0.0.1,x",
        LABEL_STUDIO_PASSWORD_MIN_LENGTH="3", LABEL_STUDIO_SESSION_COOKIE_NAME="a=b;")
    text = "\n".join(lines)
    for part in ["--user-token", "--host", "--internal-host", "--log-level", "--username", "--password",
                 "LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK", "LABEL_STUDIO_TRUSTED_PROXIES",
                 "LABEL_STUDIO_PASSWORD_MIN_LENGTH", "LABEL_STUDIO_SESSION_COOKIE_NAME"]:
        assert sum(part in line for line in lines) == 1, (part, lines)
    assert all(line.startswith("label-studio: ") for line in lines)
    assert_no_secret(text, "abcd", '"short"')


def test_a_wrong_setting_and_a_port_in_use_are_named_at_once(workshop):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        lines = refused(
            workshop, port=taken.getsockname()[1], LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK="maybe")
    text = "\n".join(lines)
    assert "LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK" in text and "--port" in text, lines


def test_nginx_that_is_not_installed_is_a_fault_that_says_what_to_install(workshop):
    """An empty file system beside the program: only its own directory is there."""
    if shutil.which("unshare") is None or os.getuid() != 0:
        empty = workshop.directory()
        # An ordinary user cannot hide /usr/sbin/nginx: it must be found there then.
        site = workshop.start(PATH=str(empty))
        assert site.client().get("/health").status_code == 200
        return
    empty = workshop.directory()
    hide = ["unshare", "--mount", "sh", "-c", f"mount --bind {empty} /usr/sbin && exec \"$@\"", "sh"]
    lines = refused(workshop, prefix=hide)
    assert len(lines) == 1
    assert "nginx is not installed" in lines[0] and "apt-get install nginx-light" in lines[0]


@pytest.mark.parametrize(["value", "allowed"], [("maybe", "true, false"), ("2", "true, false"), ("truee", "true, false")])
def test_a_boolean_that_is_none_is_named_with_what_is_allowed(workshop, value, allowed):
    lines = refused(workshop, LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK=value)
    assert len(lines) == 1
    assert "LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK" in lines[0] and f'"{value}"' in lines[0] and allowed in lines[0]


def test_an_empty_value_means_unset(workshop):
    names = ["DISABLE_SIGNUP_WITHOUT_LINK", "HOST", "USERNAME", "PASSWORD", "USER_TOKEN", "TRUSTED_PROXIES", "LOG_LEVEL",
             "PASSWORD_MIN_LENGTH", "KEY_FILE", "SESSION_COOKIE_NAME", "DATABASE_NAME"]
    site = workshop.start(**{f"LABEL_STUDIO_{name}": "" for name in names})
    assert site.client().get("/user/signup/").status_code == 200
    assert "is not" not in site.program.errors


@pytest.mark.parametrize(
    ["flags", "settings", "missing"],
    [
        (["--password", PASSWORD], {}, "--username"),
        ([], {"LABEL_STUDIO_PASSWORD": PASSWORD}, "LABEL_STUDIO_USERNAME"),
        (["--username", "a@example.com"], {}, "--password"),
        ([], {"LABEL_STUDIO_USERNAME": "a@example.com"}, "LABEL_STUDIO_PASSWORD"),
    ],
)
def test_a_user_name_without_a_password_and_the_reverse_are_contradictions(workshop, flags, settings, missing):
    lines = refused(workshop, *flags, **settings)
    assert len(lines) == 1 and missing in lines[0]
    assert_no_secret(lines[0], PASSWORD)


def test_a_token_without_an_account_is_a_contradiction(workshop):
    lines = refused(workshop, "--user-token", "a-token-for-nobody")
    assert len(lines) == 1 and "--user-token" in lines[0]


def test_bare_names_that_desktops_and_shells_set_do_no_harm(workshop):
    site = workshop.start(USERNAME="alice", HOST="my-laptop", PORT="tcp://10.0.0.1:80", LOG_LEVEL="chatty")
    assert site.client().get("/health").status_code == 200
    for name in ["HOST", "LOG_LEVEL"]:
        line = next(line for line in site.program.errors.splitlines() if line.startswith(f"label-studio: {name} "))
        assert "ignored" in line


def test_an_unknown_variable_is_named_with_the_nearest_one(workshop):
    site = workshop.start(LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINKS="true", LABEL_STUDIO_USER_NAME="x")
    lines = site.program.errors.splitlines()
    for wrong, right in [("LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINKS", "LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK?"),
                         ("LABEL_STUDIO_USER_NAME", "LABEL_STUDIO_USERNAME?")]:
        assert any(wrong in line and right in line for line in lines)
    assert site.client().get("/user/signup/").status_code == 200


@pytest.mark.parametrize("name", ["USE_ENFORCE_CSRF_CHECKS", "ENABLE_CSP", "DEBUG", "CORS_ALLOW_ALL_ORIGINS"])
def test_switches_that_would_weaken_it_have_no_effect_and_a_warning(workshop, name):
    site = workshop.start(**{f"LABEL_STUDIO_{name}": "false" if name[0] in "UE" else "true"})
    assert any(f"LABEL_STUDIO_{name}" in line and "no effect" in line for line in site.program.errors.splitlines())
    client = site.client()
    assert client.post("/user/signup/", {"email": "a@example.com", "password": PASSWORD}).status_code == 403
    answer = client.get("/user/signup/", headers={"Origin": "http://other.example"})
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "Access-Control-Allow-Origin" not in answer.headers


# Flags.


def test_a_flag_wins_over_the_environment(workshop):
    port, directory = free_port(), workshop.directory()
    site = workshop.start(
        "--host", "http://by-flag.example", "--username", "flag@example.com", "--password", "by flag by flag",
        "--user-token", "token-by-flag", data=directory / "by-flag", port=port,
        LABEL_STUDIO_PORT="1", LABEL_STUDIO_BASE_DATA_DIR=directory / "by-variable",
        LABEL_STUDIO_HOST="http://by-variable.example", LABEL_STUDIO_USERNAME="variable@example.com",
        LABEL_STUDIO_PASSWORD="by variable", LABEL_STUDIO_USER_TOKEN="token-by-variable",
        LABEL_STUDIO_INTERNAL_HOST="192.0.2.1")
    assert not (directory / "by-variable").exists()
    assert "http://by-flag.example" in site.program.output
    headers = {"Authorization": "Token token-by-flag"}
    assert site.client().get("/api/current-user/whoami", headers=headers).json()["email"] == "flag@example.com"
    assert site.query("SELECT email FROM user_account") == [("flag@example.com",)]


def test_the_environment_alone_is_enough(workshop):
    directory, port = workshop.directory(), free_port()
    program = workshop.spawn(
        [workshop.label_studio],
        workshop.environment(
            LABEL_STUDIO_BASE_DATA_DIR=directory / "data", LABEL_STUDIO_PORT=port, LABEL_STUDIO_NO_BROWSER="true",
            LABEL_STUDIO_INTERNAL_HOST="127.0.0.1"))
    wait_until(lambda: "Press Ctrl-C" in program.output, what="the start")
    assert (directory / "data" / "accounts.sqlite3").exists()
    assert is_reached(port)


def test_the_default_data_directory_is_in_the_home_directory(workshop):
    home = workshop.directory()
    result = workshop.run("user", HOME=home)
    assert f"no database at {home}/.local/share/label-studio/accounts.sqlite3" in result.stderr
    result = workshop.run("user", HOME="/nonexistent", XDG_DATA_HOME=home / "data")
    assert f"no database at {home}/data/label-studio/accounts.sqlite3" in result.stderr


@pytest.mark.parametrize("arguments", [["--version"], ["version"]])
def test_version_prints_and_exits(workshop, arguments):
    result = workshop.run(*arguments)
    assert (result.returncode, result.stderr) == (0, "")
    assert re.fullmatch(r"label-studio \d+\.\d+\.\d+\n", result.stdout)


@pytest.mark.parametrize("arguments", [["start", "--version"], ["--version", "--port", "1"]])
def test_version_never_starts_the_server(workshop, arguments):
    result = workshop.run(*arguments, HOME=workshop.directory())
    assert result.returncode == 0 and "label-studio" in result.stdout


@pytest.mark.parametrize("arguments", [["--help"], ["help"], ["start", "--help"], ["user", "--help"]])
def test_help_prints_the_usage_and_exits(workshop, arguments):
    result = workshop.run(*arguments)
    assert (result.returncode, result.stderr) == (0, "")
    assert "Usage" in result.stdout
    if arguments[0] == "start":
        for flag in ["--username", "--password", "--user-token", "--host", "--internal-host", "--port", "-p",
                     "--data-dir", "--no-browser", "-b", "--log-level", "--help", "--version"]:
            assert flag in result.stdout, flag
    if "--help" == arguments[0]:
        for command in ["start", "fastcgi", "user", "invite", "reset_password"]:
            assert command in result.stdout


@pytest.mark.parametrize(
    "arguments",
    [["start", "--prot", "8080"], ["--no-such-flag"], ["reset_password", "--port", "1"], ["start", "--port"],
     ["start", "project"], ["start", "--port=0"]])
def test_an_unknown_or_incomplete_flag_is_refused(workshop, arguments):
    result = workshop.run(*arguments, HOME=workshop.directory())
    assert result.returncode == 2
    assert result.stderr and not result.stdout


@pytest.mark.parametrize("command", ["begin", "Start", "startt"])
def test_an_unknown_command_is_refused_with_the_usage(workshop, command):
    result = workshop.run(command)
    assert result.returncode == 2
    assert f'"{command}"' in result.stderr and "Usage" in result.stderr


@pytest.mark.parametrize("port", ["0", "65536", "-1", "x", "80 80", "8080.0"])
def test_a_port_that_is_none_is_refused(workshop, port):
    lines = refused(workshop, port=port) if not port.startswith("-") else refused(workshop, f"--port={port}")
    assert any("--port" in line for line in lines)


# The account that the operator sets.


@pytest.mark.parametrize("by", ["flags", "variables", "HEARTEX_", ""])
def test_an_account_is_made_with_its_token(workshop, by):
    values = {"USERNAME": "Set@Example.com", "PASSWORD": PASSWORD, "USER_TOKEN": "abcde"}
    if by == "flags":
        site = workshop.start("--username", "Set@Example.com", "--password", PASSWORD, "--user-token", "abcde")
    else:
        prefix = "LABEL_STUDIO_" if by == "variables" else by
        site = workshop.start(**{prefix + name: value for name, value in values.items()})
    assert "set@example.com" in site.program.output
    answer = site.client().get("/api/current-user/whoami", headers={"Authorization": "Token abcde"})
    assert answer.json()["email"] == "set@example.com"
    client = site.client()
    assert client.log_in("set@example.com").status_code == 302
    assert "Owner" in client.page("/organization/").text
    assert_no_secret(site.program.output + site.program.errors, PASSWORD, "abcde")


@pytest.mark.parametrize(["token", "good"], [
    ("abcd", False), ("abcde", True), ("x" * 60, True), ("x" * 61, False), ("ab cd", False), ("äbcde", False), ("a", False)])
def test_a_token_has_at_least_5_characters(workshop, token, good):
    if good:
        site = workshop.start(**ACCOUNT, LABEL_STUDIO_USER_TOKEN=token)
        headers = {"Authorization": f"Token {token}"}
        assert site.client().get("/api/current-user/whoami", headers=headers).status_code == 200
    else:
        directory = workshop.directory() / "data"
        lines = refused(workshop, data=directory, **ACCOUNT, LABEL_STUDIO_USER_TOKEN=token)
        assert len(lines) == 1 and "LABEL_STUDIO_USER_TOKEN" in lines[0]
        assert not (directory / "accounts.sqlite3").exists()


def test_a_token_is_made_when_none_is_given(workshop):
    site = workshop.start(**ACCOUNT)
    client = site.client()
    client.log_in("set@example.com")
    assert re.fullmatch("[0-9a-f]{40}", client.get("/api/current-user/token").json()["token"])


@pytest.mark.parametrize(
    ["username", "password"],
    [("admin", PASSWORD), ("a@b", PASSWORD), ("a b@example.com", PASSWORD), ("a@example.com", "seven 7"),
     ("a@example.com", "x" * 1025)])
def test_the_rules_of_the_form_hold_for_the_operator_too(workshop, username, password):
    lines = refused(workshop, LABEL_STUDIO_USERNAME=username, LABEL_STUDIO_PASSWORD=password)
    assert len(lines) == 1
    assert_no_secret(lines[0], password)


def test_a_repeated_start_keeps_a_password_and_token_that_were_changed_and_says_so(workshop):
    settings = {**ACCOUNT, "LABEL_STUDIO_USER_TOKEN": "the-first-token"}
    site = workshop.start(**settings)
    client = site.client()
    client.log_in("set@example.com")
    new = "changed in the account page"
    fields = {"current_password": PASSWORD, "new_password": new}
    assert client.submit("/user/account/", fields, "password-form").status_code == 302
    token = client.post("/api/current-user/reset-token", headers={"Origin": site.url}).json()["token"]
    assert site.program.stop() == 0
    for _ in range(2):
        site = workshop.start(data=site.data, port=site.port, **settings)
        assert any("set@example.com" in line and "kept" in line for line in site.program.output.splitlines())
        assert site.client().log_in("set@example.com", PASSWORD).status_code == 422
        assert site.client().log_in("set@example.com", new).status_code == 302
        for key, status in [("the-first-token", 401), (token, 200)]:
            headers = {"Authorization": f"Token {key}"}
            assert site.client().get("/api/current-user/whoami", headers=headers).status_code == status
        assert client.is_logged_in()
        assert site.query("SELECT count(*) FROM user_account") == [(1,)]
        assert site.program.stop() == 0


def test_another_user_name_adds_another_account(workshop):
    site = workshop.start(**ACCOUNT)
    site.program.stop()
    site = workshop.start(data=site.data, LABEL_STUDIO_USERNAME="two@example.com", LABEL_STUDIO_PASSWORD=PASSWORD)
    assert site.query("SELECT role FROM member ORDER BY user_id") == [("owner",), ("member",)]


def test_a_token_that_somebody_else_has_is_refused(workshop):
    site = workshop.start(**ACCOUNT, LABEL_STUDIO_USER_TOKEN="taken-token")
    site.program.stop()
    lines = refused(
        workshop, data=site.data, LABEL_STUDIO_USERNAME="two@example.com", LABEL_STUDIO_PASSWORD=PASSWORD,
        LABEL_STUDIO_USER_TOKEN="taken-token")
    assert len(lines) >= 1 and "token" in lines[-1]
    assert site.query("SELECT email FROM user_account") == [("set@example.com",)]


def test_a_password_can_come_from_standard_input(workshop):
    data, port = workshop.directory() / "data", free_port()
    given = workshop.directory() / "password"
    given.write_text(PASSWORD + "\n")
    with open(given) as stdin:
        program = workshop.spawn(
            [workshop.label_studio, "start", "--data-dir", data, "--internal-host", "127.0.0.1", "-p", port, "-b",
             "--username", "stdin@example.com", "--password", "-"], stdin=stdin)
    wait_until(lambda: "Press Ctrl-C" in program.output, what="the start")
    assert Client(f"http://127.0.0.1:{port}").log_in("stdin@example.com").status_code == 302


# Files.


def test_all_files_are_for_their_owner_only(workshop):
    site = workshop.start()
    site.client().sign_up("a@example.com")
    assert site.data.stat().st_mode & 0o777 == 0o700
    for name in ["accounts.sqlite3", "accounts.sqlite3-wal", "accounts.key", "nginx/nginx.conf"]:
        assert (site.data / name).stat().st_mode & 0o777 == 0o600, name
    # The web server may be another user: those who get so far see photos.
    photos = site.data / "avatars"
    assert photos.stat().st_mode & 0o777 == 0o711
    for path in site.data.rglob("*"):
        if path == photos:
            continue
        assert path.stat().st_mode & 0o007 == 0, path
    assert (site.data / "accounts.key").stat().st_size == 32


def test_a_database_that_others_could_read_is_closed_to_them(workshop):
    site = workshop.start()
    site.program.stop()
    site.database.chmod(0o644)
    site = workshop.start(data=site.data)
    assert site.database.stat().st_mode & 0o777 == 0o600


def test_the_database_is_set_up_as_it_should_be(workshop):
    site = workshop.start()
    site.client().sign_up("a@example.com")
    (mode,), = site.query("PRAGMA journal_mode")
    (application,), = site.query("PRAGMA application_id")
    assert mode == "wal"
    assert application not in (0, None)
    assert site.query("PRAGMA integrity_check") == [("ok",)]
    assert site.query("PRAGMA foreign_key_check") == []


def sample_copy(directory):
    directory.mkdir(mode=0o700, exist_ok=True)
    path = directory / "label_studio.sqlite3"
    shutil.copy(SAMPLE, path)
    path.chmod(0o644)
    (directory / ".env").write_text("SECRET_KEY=of-another-program\n")
    return path


def test_started_beside_a_real_database_of_the_other_product_it_leaves_it_as_it_was(workshop):
    data = workshop.directory() / "data"
    path = sample_copy(data)
    before, status = checksum(path), path.stat()
    site = workshop.start(data=data)
    client = site.client()
    assert client.sign_up("own@example.com").status_code == 302
    assert "alice@example.com" not in client.page("/organization/").text
    assert site.program.stop() == 0
    assert checksum(path) == before
    assert (path.stat().st_mtime_ns, path.stat().st_mode) == (status.st_mtime_ns, status.st_mode)
    assert (data / ".env").read_text() == "SECRET_KEY=of-another-program\n"
    assert not list(data.glob("label_studio.sqlite3-*"))


@pytest.mark.parametrize("command", ["start", "fastcgi", "user", "invite", "reset_password"])
def test_a_database_of_the_other_product_is_refused_unchanged(workshop, command):
    data = workshop.directory() / "data"
    path = sample_copy(data)
    before, mode = checksum(path), path.stat().st_mode
    arguments = {
        "start": ["--no-browser", "--internal-host", "127.0.0.1", "--port", free_port()],
        "fastcgi": ["--socket", data / "s"], "invite": ["show"],
        "user": [], "reset_password": ["--username", "a@example.com", "--password", PASSWORD]}[command]
    for flag in ["--database", "-db"]:
        result = workshop.run(command, "--data-dir", data, flag, path, *arguments)
        assert result.returncode == 2, result.stderr
        line = result.stderr.splitlines()[-1]
        assert str(path) in line and "another program" in line
    result = workshop.run(command, "--data-dir", data, *arguments, LABEL_STUDIO_DATABASE_NAME=path)
    assert result.returncode == 2
    assert checksum(path) == before and path.stat().st_mode == mode
    assert not list(data.glob("label_studio.sqlite3-*"))



@pytest.mark.parametrize("content", [b"not a database at all", b"SQLite format 3\0" + b"x" * 500, b"x", os.urandom(4096)])
def test_a_file_that_is_no_database_is_refused_unchanged(workshop, content):
    data = workshop.directory() / "data"
    data.mkdir()
    path = data / "notes.txt"
    path.write_bytes(content)
    lines = refused(workshop, "--database", path, data=data)
    assert len(lines) == 1 and str(path) in lines[0]
    assert path.read_bytes() == content


def stopped(workshop):
    site = workshop.start(**ACCOUNT)
    assert site.program.stop() == 0
    return site


def test_a_database_with_a_newer_schema_is_refused_with_a_line(workshop):
    site = stopped(workshop)
    site.execute("INSERT INTO schema_migration (number, digest, applied_at) VALUES (999, 'x', 0)")
    before = site.query("SELECT * FROM schema_migration")
    lines = refused(workshop, data=site.data)
    assert len(lines) == 1
    assert str(site.database) in lines[0] and "newer version" in lines[0] and "999" in lines[0]
    assert site.query("SELECT * FROM schema_migration") == before
    assert workshop.run("user", "--data-dir", site.data).returncode == 2


def test_a_schema_that_was_altered_is_refused_with_a_line(workshop):
    site = stopped(workshop)
    site.execute("UPDATE schema_migration SET digest = 'x' WHERE number = 1")
    lines = refused(workshop, data=site.data)
    assert len(lines) == 1 and "step 1" in lines[0]


def test_a_missing_key_is_refused_and_not_replaced(workshop):
    site = stopped(workshop)
    key = site.data / "accounts.key"
    content = key.read_bytes()
    key.unlink()
    lines = refused(workshop, data=site.data)
    assert len(lines) == 1 and str(key) in lines[0] and "put it back" in lines[0]
    assert not key.exists()
    key.write_bytes(content)
    assert workshop.start(data=site.data).client().log_in("set@example.com").status_code == 302


@pytest.mark.parametrize(["content", "words"], [
    (bytes(32), "not the one"), (b"short", "must hold 32 bytes"), (b"", "must hold 32 bytes"), (bytes(33), "32 bytes")])
def test_a_wrong_key_is_refused(workshop, content, words):
    site = stopped(workshop)
    key = site.data / "accounts.key"
    key.write_bytes(content)
    lines = refused(workshop, data=site.data)
    assert len(lines) == 1 and str(key) in lines[0] and words in lines[0]
    assert key.read_bytes() == content


def test_the_key_can_be_kept_elsewhere(workshop):
    key = workshop.directory() / "key"
    key.write_bytes(bytes(range(32)))
    site = workshop.start(LABEL_STUDIO_KEY_FILE=key)
    assert not (site.data / "accounts.key").exists()
    site.program.stop()
    lines = refused(workshop, data=site.data)
    assert "accounts.key" in lines[0]


def test_a_data_directory_with_a_path_too_long_for_a_socket_is_a_fault_with_a_line(workshop):
    lines = refused(workshop, data=workshop.directory() / ("x" * 100))
    assert len(lines) == 1 and "too long" in lines[0]


@pytest.mark.parametrize("name", ["with space", "ünïcödé", "quote\"d", "back\\slash", "semi;colon", "{brace}"])
def test_a_data_directory_with_a_strange_name_works(workshop, name):
    site = workshop.start(data=workshop.directory() / name)
    assert site.client().get("/user/signup/").status_code == 200


def test_a_data_directory_whose_name_nginx_cannot_take_is_a_fault_with_a_line(workshop):
    """nginx would read a variable; its language has no way to escape that."""
    data = workshop.directory() / "dollar$name"
    site = workshop.start(data=data, waits=False)
    wait_until(
        lambda: "Press Ctrl-C" in site.program.output or site.program.process.poll() is not None, what="the start")
    if site.program.process.poll() is None:
        assert site.client().get("/user/signup/").status_code == 200
    else:
        assert site.program.wait() == 2
        lines = site.program.errors.splitlines()
        assert len(lines) == 1 and str(data) in lines[0] and "[emerg]" not in lines[0], lines


def test_the_repository_holds_the_sample_that_these_tests_use():
    with contextlib.closing(sqlite3.connect(f"file:{SAMPLE}?immutable=1", uri=True)) as database:
        assert database.execute("SELECT count(*) FROM htx_user").fetchone() == (3,)
    assert SAMPLE.is_relative_to(REPOSITORY)


def test_the_system_s_own_nginx_files_are_not_touched(workshop):
    site = workshop.start()
    pids = site.nginx_pids()
    for pid in pids:
        targets = [os.readlink(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd")]
        written = [target for target in targets if target.endswith((".log", ".pid"))]
        assert all(target.startswith(str(site.data)) for target in written), written
    command = subprocess.run(["cat", f"/proc/{pids[0]}/cmdline"], capture_output=True, text=True).stdout
    assert str(site.data) in command

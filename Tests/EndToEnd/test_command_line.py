"""The other commands (issue 2, point 3; WIRE.md, section 7)."""

import ast
import csv
import io
import json
import os
import re
import signal
import socket
import sys

import pytest
from site_under_test import PASSWORD, Page, Records, free_port, is_answered, wait_until

NEW = "another good password"
LOCKED = {"LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK": "true"}


@pytest.fixture
def member_of(site):
    """A function that makes an account and returns its client."""

    def make(email):
        client = site.client()
        assert client.sign_up(email).status_code == 302
        return client

    return make


# user


def test_user_prints_a_python_dictionary(workshop, site, member_of):
    client = member_of("show@example.com")
    client.submit("/user/account/", {"first_name": "It's", "last_name": 'a "Ångström"\\', "phone": "\t"}, "profile-form")
    result = workshop.run("user", "--data-dir", site.data, "--username", "Show@Example.com")
    assert result.returncode == 0
    said = result.stderr.splitlines()
    assert said[0] == f"Database: {site.database}" and len(said) == 2
    assert " notice token-shown " in said[1]
    first, second = result.stdout.splitlines()
    assert first == "=> User info:"
    shown = ast.literal_eval(second)
    told = client.get("/api/current-user/whoami").json()
    del told["permissions"]
    assert shown == {**told, "token": client.get("/api/current-user/token").json()["token"], "status": "ok"}


def test_user_says_that_an_account_does_not_exist(workshop, site):
    for arguments, email in [(["--username", "o'nobody@example.com"], "o'nobody@example.com"),
                             ([], "default_user@localhost"), (["--username", "no address"], "no address")]:
        result = workshop.run("user", "--data-dir", site.data, *arguments)
        assert result.returncode == 0
        first, second = result.stdout.splitlines()
        assert first == "=> User info:"
        assert ast.literal_eval(second) == {"status": "error", "message": f"user {email} doesn't exist"}


# user ACT EMAIL


def act_given(workshop, site, *words, given):
    return workshop.run("user", *words, "--data-dir", site.data, given=given)


def act(workshop, site, *words, **settings):
    return workshop.run("user", *words, "--data-dir", site.data, **settings)


def test_user_reset_link_prints_a_link_that_sets_a_password(workshop, site, member_of):
    client = member_of("forgot@example.com")
    result = act(workshop, site, "reset-link", "FORGOT@example.com", "--host", "https://labels.example.org/sub")
    assert result.returncode == 0
    address, _, token = result.stdout.strip().partition("?token=")
    assert address == "https://labels.example.org/sub/user/set-password/" and len(token) == 43
    assert "works once and for 24 hours" in result.stderr and token not in result.stderr
    assert client.is_logged_in()
    assert site.client().set_password(f"/user/set-password/?token={token}", NEW).status_code == 302
    assert not client.is_logged_in()
    assert site.client().log_in("forgot@example.com", NEW).status_code == 302


def test_user_reset_link_says_when_nobody_else_can_use_the_address(workshop, site, member_of):
    member_of("local@example.com")
    result = act(workshop, site, "reset-link", "local@example.com", "--port", site.port)
    assert result.stdout.startswith(f"http://localhost:{site.port}/user/set-password/?token=")
    assert "LABEL_STUDIO_HOST" in result.stderr


def test_the_acts_of_user_are_those_of_the_pages(workshop, site, member_of):
    client = member_of("acted@example.com")
    token, invite = client.api_token(), client.get("/api/invite").json()["token"]

    def answers(path):
        return site.client().get(path, headers={"X-Api-Key": token}).status_code

    for word, line in [("make-owner", "is an owner now"), ("make-member", "is a member now"),
                       ("promote", "is an owner now"), ("demote", "is a member now")]:
        result = act(workshop, site, word, "acted@example.com")
        assert (result.returncode, result.stdout) == (0, f"acted@example.com {line}\n")
        assert client.get("/organization/audit").status_code == (200 if "owner" in line else 403)
    result = act(workshop, site, "deactivate", "acted@example.com")
    assert result.stdout == "acted@example.com is deactivated, and the invite link was replaced\n"
    assert not client.is_logged_in() and answers("/api/current-user/whoami") == 401
    assert site.client().get("/user/signup/?token=" + invite).status_code == 403
    assert act(workshop, site, "reactivate", "acted@example.com").stdout == "acted@example.com can log in again\n"
    assert answers("/api/current-user/whoami") == 200 and not client.is_logged_in()
    result = act(workshop, site, "remove", "acted@example.com")
    assert result.stdout == "acted@example.com was removed, and the invite link was replaced\n"
    assert answers("/api/current-user/whoami") == 401
    assert site.client().log_in("acted@example.com").status_code == 422
    assert act(workshop, site, "restore", "acted@example.com").stdout == "acted@example.com is a member again\n"
    assert site.client().log_in("acted@example.com").status_code == 302


def test_user_ends_the_sessions_of_one_or_of_all(workshop, site, member_of):
    one, other = member_of("ended@example.com"), member_of("still-here@example.com")
    result = act(workshop, site, "end-sessions", "ended@example.com")
    assert (result.returncode, result.stdout) == (0, "All sessions of ended@example.com have ended\n")
    assert not one.is_logged_in() and other.is_logged_in()
    result = act(workshop, site, "end-all-sessions")
    assert (result.returncode, result.stdout) == (0, "All sessions of everybody have ended\n")
    assert not other.is_logged_in()
    assert site.query("SELECT count(*) FROM session") == [(0,)]


@pytest.mark.parametrize(
    ["words", "reason"],
    [
        (["elevate", "owner@example.com"],
         "add, promote, demote, reset-link, make-owner, make-member, end-sessions, deactivate, reactivate, remove, "
         "restore; or, without an address, list, end-all-sessions"),
        (["list", "owner@example.com"], "label-studio user ACT EMAIL"),
        (["add"], "label-studio user ACT EMAIL"),
        (["add", "owner@example.com"], "owner@example.com has an account already, and it was left as it is"),
        (["add", "no address"], '"no address" is not an e-mail address'),
        (["make-owner"], "label-studio user ACT EMAIL"),
        (["make-owner", "a@example.com", "b@example.com"], "label-studio user ACT EMAIL"),
        (["end-all-sessions", "owner@example.com"], "label-studio user ACT EMAIL"),
        (["make-owner", "nobody@example.com"], "there is no account nobody@example.com"),
        (["remove", "no address"], "there is no account no address"),
        (["make-owner", "owner@example.com"], "this cannot be done to owner@example.com"),
        (["restore", "owner@example.com"], "this cannot be done to owner@example.com"),
        (["remove", "owner@example.com"], "owner@example.com is the only owner"),
        (["deactivate", "owner@example.com"], "owner@example.com is the only owner"),
        (["make-member", "owner@example.com"], "owner@example.com is the only owner"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "")
def test_user_says_what_it_cannot_do(workshop, site, words, reason):
    before = site.content()
    result = act(workshop, site, *words)
    assert result.returncode not in (0, None) and not result.stdout
    assert reason in result.stderr
    assert site.content() == before


@pytest.mark.parametrize("word", ["reset-link", "make-owner"])
def test_user_makes_nothing_of_who_is_out(workshop, site, member_of, word):
    member_of(email := f"out-{word}@example.com")
    for out, back in [("deactivate", "reactivate"), ("remove", "restore")]:
        assert act(workshop, site, out, email).returncode == 0
        assert act(workshop, site, word, email).returncode != 0
        assert act(workshop, site, back, email).returncode == 0


# user list, user add, sessions


def columns(line):
    return re.split(r"\s{2,}", line)


def test_user_list_shows_everybody_in_three_forms(workshop):
    site = workshop.start()
    owner = site.client()
    assert owner.sign_up("owner@example.com").status_code == 302
    for email, word in [("off@example.com", "deactivate"), ("gone@example.com", "remove"), ("boss@example.com", "promote")]:
        assert site.client().sign_up(email).status_code == 302
        assert act(workshop, site, word, email).returncode == 0
    expected = [("owner@example.com", "owner", "active"), ("off@example.com", "member", "deactivated"),
                ("gone@example.com", "member", "removed"), ("boss@example.com", "owner", "active")]

    result = act(workshop, site, "list")
    assert result.returncode == 0 and result.stderr == f"Database: {site.database}\n"
    heading, *lines = result.stdout.splitlines()
    assert columns(heading) == ["ID", "EMAIL", "ROLE", "STATE", "JOINED AT", "LAST ACTIVE AT"]
    assert [tuple(columns(line)[1:4]) for line in lines] == expected
    # The columns stand under each other.
    assert {line.index(f" {role} ") + 1 for line, (_, role, _) in zip(lines, expected)} == {heading.index("ROLE")}
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", cell) for line in lines for cell in columns(line)[4:])

    people = json.loads(act(workshop, site, "list", "--format", "json").stdout)
    assert [(one["email"], one["role"], one["state"]) for one in people] == expected
    assert [list(one) for one in people] == [["id", "email", "role", "state", "joined_at", "last_active_at"]] * 4
    assert [one["id"] for one in people] == [1, 2, 3, 4]
    table = act(workshop, site, "list", "--format", "csv").stdout
    assert [tuple(row[1:4]) for row in csv.reader(io.StringIO(table, newline=""))][1:] == expected


def test_user_list_of_nobody_is_empty(workshop):
    site = workshop.start()
    assert columns(act(workshop, site, "list").stdout.strip())[0] == "ID"
    assert act(workshop, site, "list", "--format", "json").stdout == "[]\n"


def test_user_add_prints_a_link_by_which_the_person_sets_a_password(workshop, site):
    result = act(workshop, site, "add", " New@Example.com", "--host", "https://labels.example.org")
    assert result.returncode == 0
    assert "new@example.com is a member now. Send him this link" in result.stderr
    address, _, token = result.stdout.strip().partition("?token=")
    assert address == "https://labels.example.org/user/set-password/" and token not in result.stderr
    assert site.client().log_in("new@example.com", "").status_code == 422
    assert site.client().set_password(f"/user/set-password/?token={token}", NEW).status_code == 302
    assert site.client().log_in("new@example.com", NEW).status_code == 302
    assert site.query(
        "SELECT e.action, e.actor_id, e.detail FROM audit_event e WHERE e.subject_email = ? AND e.client_address = 'command line' ORDER BY e.id",
        "new@example.com") == [("account-made", None, "command-line"),
                               ("password-link-made", None, "")]


def test_user_add_asks_for_a_password(workshop, site):
    result = act_given(workshop, site, "add", "asked-for@example.com", "--password", "-", given=NEW + "\n")
    assert (result.returncode, result.stdout) == (0, "asked-for@example.com is a member now\n")
    assert NEW not in result.stderr
    client = site.client()
    assert client.log_in("asked-for@example.com", NEW).status_code == 302
    assert "Your password was set by the person who runs this server" in client.page("/user/account/").text


@pytest.mark.parametrize("password", ["", "seven 7", "x" * 1025, "password", "weak@example.com"])
def test_user_add_has_the_rules_of_the_form(workshop, site, password):
    before = site.content()
    result = act_given(workshop, site, "add", "weak@example.com", "--password", "-", given=password + "\n")
    assert result.returncode == 2 and "the password is" in result.stderr and not result.stdout
    assert site.content() == before


def test_user_add_takes_no_password_from_the_environment(workshop, site):
    result = act(workshop, site, "add", "no-env@example.com", LABEL_STUDIO_PASSWORD="from the environment")
    assert "/user/set-password/?token=" in result.stdout


@pytest.mark.parametrize("password", [[], ["--password", NEW]])
def test_the_first_who_is_added_owns_the_organization(workshop, password):
    site = workshop.start(**LOCKED)
    setup, _ = show(workshop, site)
    result = act(workshop, site, "add", "first@example.com", *password)
    assert result.returncode == 0 and "first@example.com is the owner now" in result.stdout + result.stderr
    assert site.query("SELECT u.email, m.role FROM user_account u JOIN member m ON m.user_id = u.id") == [
        ("first@example.com", "owner")]
    # The link for the first account has done its work.
    assert site.client().page(setup).status == 410
    result = act(workshop, site, "add", "second@example.com", *password)
    assert "second@example.com is a member now" in result.stdout + result.stderr


def test_sessions_are_listed_and_ended(workshop, site, member_of):
    one, other = member_of("listed@example.com"), member_of("not-listed@example.com")
    evil = site.client(agent="\u202eegassem".encode())
    assert evil.log_in("listed@example.com").status_code == 302

    def sessions(*words):
        return workshop.run("sessions", *words, "--data-dir", site.data)

    result = sessions("list", "LISTED@example.com")
    heading, *lines = result.stdout.splitlines()
    assert columns(heading) == ["STARTED AT", "LAST SEEN AT", "CLIENT ADDRESS", "USER AGENT"] and len(lines) == 2
    assert "127.0.0.1" in lines[0] and "\\u{202e}egassem" in lines[0] and "\u202e" not in result.stdout
    assert {row["client_address"] for row in json.loads(sessions("list", "listed@example.com", "--format", "json").stdout)} == {
        "127.0.0.1"}
    assert sessions("end", "listed@example.com").stdout == "All sessions of listed@example.com have ended\n"
    assert not one.is_logged_in() and not evil.is_logged_in() and other.is_logged_in()
    assert sessions("list", "listed@example.com", "--format", "json").stdout == "[]\n"
    assert sessions("end", "--all").stdout == "All sessions of everybody have ended\n"
    assert not other.is_logged_in()
    assert site.query("SELECT action, detail FROM audit_event ORDER BY id DESC LIMIT 1") == [("sessions-ended", "everybody")]


@pytest.mark.parametrize(
    ["words", "reason"],
    [([], "say what to do"), (["end"], "say what to do"), (["list"], "say what to do"), (["list", "--all"], "say what to do"),
     (["end", "owner@example.com", "--all"], "say what to do"), (["end", "nobody@example.com"], "there is no account"),
     (["list", "no address"], "there is no account no address")])
def test_sessions_says_what_it_cannot_do(workshop, site, words, reason):
    before = site.content()
    result = workshop.run("sessions", *words, "--data-dir", site.data)
    assert result.returncode == 2 and reason in result.stderr and not result.stdout
    assert site.content() == before


# reset_password


def test_reset_password_by_flag_ends_all_sessions(workshop, site, member_of):
    client = member_of("flag@example.com")
    other = member_of("other@example.com")
    result = workshop.run(
        "reset_password", "--data-dir", site.data, "--username", "FLAG@example.com", "--password", NEW)
    assert (result.returncode, result.stdout) == (0, "Password successfully changed\n")
    assert f"Database: {site.database}" in result.stderr
    assert not client.is_logged_in() and other.is_logged_in()
    assert site.client().log_in("flag@example.com").status_code == 422
    again = site.client()
    assert again.log_in("flag@example.com", NEW).status_code == 302
    assert "Your password was set by the person who runs this server" in again.page("/user/account/").text


@pytest.mark.parametrize("arguments", [["--password", "-"], []])
def test_reset_password_reads_the_password_from_standard_input(workshop, site, member_of, arguments):
    email = f"stdin{len(arguments)}@example.com"
    member_of(email)
    new = "  spaces and ünïcode "
    result = workshop.run(
        "reset_password", "--data-dir", site.data, "--username", email, *arguments, given=new + "\n")
    assert (result.returncode, result.stdout) == (0, "Password successfully changed\n")
    assert new not in result.stderr
    assert site.client().log_in(email, new).status_code == 302


def test_reset_password_asks_for_the_user_name_too(workshop, site, member_of):
    member_of("asked@example.com")
    result = workshop.run("reset_password", "--data-dir", site.data, given=f"asked@example.com\n{NEW}\n")
    assert result.stdout == "Password successfully changed\n"
    assert site.client().log_in("asked@example.com", NEW).status_code == 302


@pytest.mark.parametrize(
    ["email", "password", "line"],
    [
        ("nobody@example.com", NEW, "User with username nobody@example.com not found"),
        ("same@example.com", "", "Can not set empty password"),
        ("same@example.com", PASSWORD, "Entered password is the same as current"),
    ],
)
def test_reset_password_says_why_not(workshop, site, email, password, line):
    site.client().sign_up("same@example.com")
    result = workshop.run(
        "reset_password", "--data-dir", site.data, "--username", email, "--password", "-", given=password + "\n")
    assert result.stdout == line + "\n"
    assert result.returncode != 0
    assert site.client().log_in("same@example.com").status_code == 302


@pytest.mark.parametrize("password", ["seven 7", "x" * 1025])
def test_reset_password_has_the_rules_of_the_form(workshop, site, password):
    site.client().sign_up("rules@example.com")
    result = workshop.run(
        "reset_password", "--data-dir", site.data, "--username", "rules@example.com", "--password", password)
    assert result.returncode == 2
    assert "password" in result.stderr and password not in result.stderr
    assert site.client().log_in("rules@example.com").status_code == 302


def test_reset_password_ignores_the_password_of_the_environment(workshop, site, member_of):
    """WIRE.md, section 7: the environment is not used."""
    member_of("environment@example.com")
    result = workshop.run(
        "reset_password", "--data-dir", site.data, "--username", "environment@example.com", given=NEW + "\n",
        LABEL_STUDIO_PASSWORD="from the environment", LABEL_STUDIO_USERNAME="owner@example.com")
    assert result.stdout == "Password successfully changed\n"
    assert site.client().log_in("environment@example.com", NEW).status_code == 302


# invite


def test_invite_shows_the_link_that_the_page_shows(workshop, site, owner):
    result = workshop.run("invite", "--data-dir", site.data, "--port", site.port, "show")
    assert result.returncode == 0
    assert f"Database: {site.database}" in result.stderr
    token = site.invitation(owner)
    assert result.stdout == f"http://localhost:{site.port}/user/signup/?token={token}\n"
    assert "LABEL_STUDIO_HOST" in result.stderr
    assert site.invitation(owner) == token, "showing changes nothing"
    result = workshop.run("invite", "show", "--data-dir", site.data, "--host", "https://example.org/labels/")
    assert result.stdout == f"https://example.org/labels/user/signup/?token={token}\n"
    assert "LABEL_STUDIO_HOST" not in result.stderr


def test_invite_reset_replaces_the_link_while_the_server_runs(workshop, site, owner):
    old = site.invitation(owner)
    opened = site.client()
    page = opened.page("/user/signup/?token=" + old)
    result = workshop.run("invite", "reset", "--data-dir", site.data, "--host", site.url)
    assert result.returncode == 0
    new = result.stdout.strip().rpartition("token=")[2]
    assert new != old and site.invitation(owner) == new
    assert opened.send(page, {"email": "late@example.com", "password": PASSWORD}).status_code == 403
    assert site.client().sign_up("on-time@example.com", query="?token=" + new).status_code == 302


@pytest.mark.parametrize("arguments", [[], ["look"], ["show", "reset"], ["show", "--port", "x"]])
def test_invite_says_what_it_can_do(workshop, arguments):
    result = workshop.run("invite", "--data-dir", workshop.directory() / "data", *arguments)
    assert result.returncode == 2
    assert "show" in result.stderr or "--port" in result.stderr
    assert result.stdout == ""


def show(workshop, site):
    result = workshop.run("invite", "show", "--data-dir", site.data, "--host", site.url)
    assert result.returncode == 0
    return result.stdout.strip().removeprefix(site.url), result.stderr


@pytest.mark.parametrize("settings", [LOCKED, {}])
def test_the_one_time_link_for_the_first_account_works_exactly_once(workshop, settings):
    site = workshop.start(**settings)
    path, note = show(workshop, site)
    assert "works once" in note
    token = path.rpartition("token=")[2]
    assert len(token) == 43
    first, second = site.client(), site.client()
    for client in [first, second]:
        assert client.page(path).heading == "Set up your organization"
    page = second.page(path)
    assert first.sign_up("first@example.com", query=f"?token={token}").status_code == 302
    answer = second.send(page, {"email": "second@example.com", "password": PASSWORD})
    assert (answer.status_code, Page(answer).heading) == (410, "This link has been used")
    page = second.page(path)
    assert page.status == 410 and not page.forms
    assert site.query("SELECT u.email, m.role FROM user_account u JOIN member m ON m.user_id = u.id") == [
        ("first@example.com", "owner")]
    # From now on the command shows the link of the organization.
    path, note = show(workshop, site)
    assert path.rpartition("token=")[2] == site.invitation(first)
    assert "works once" not in note


def test_a_newer_one_time_link_replaces_the_older_and_neither_is_readable_in_the_database(workshop):
    site = workshop.start(**LOCKED)
    older, _ = show(workshop, site)
    newer, _ = show(workshop, site)
    assert older != newer
    for path in site.data.glob("accounts.sqlite3*"):
        content = path.read_bytes()
        assert newer.rpartition("=")[2].encode() not in content
    page = site.client().page(older)
    assert page.status == 403 and not page.forms
    headers = {"Origin": site.url}
    fields = {"email": "a@example.com", "password": PASSWORD}
    assert site.client().post(older, fields, headers=headers).status_code == 403
    assert site.client().sign_up("a@example.com", query=newer.partition("/user/signup/")[2]).status_code == 302


# fastcgi


def health(path):
    with Records(path) as connection:
        connection.send(Records.get("/health"))
        return connection.answer()


def test_fastcgi_makes_a_socket_for_owner_and_group_and_removes_it(workshop):
    program = workshop.fastcgi()
    assert os.stat(program.socket).st_mode & 0o777 == 0o660
    assert b'"UP"' in health(program.socket)
    assert f"Database: {program.data}/accounts.sqlite3" in program.errors
    assert program.output == ""
    assert program.stop() == 0
    assert not os.path.exists(program.socket)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_fastcgi_ends_by_a_signal_with_status_0(workshop, number):
    program = workshop.fastcgi()
    health(program.socket)
    assert program.stop(number) == 0


def test_fastcgi_takes_the_socket_from_the_environment_and_the_flag_wins(workshop):
    directory = workshop.directory()
    one = workshop.fastcgi(socket=directory / "flag", LABEL_STUDIO_SOCKET=directory / "variable")
    assert not (directory / "variable").exists()
    assert b"UP" in health(one.socket)


def test_fastcgi_replaces_a_socket_that_was_left_over_but_no_other_file(workshop):
    program = workshop.fastcgi()
    program.send(signal.SIGKILL)
    program.wait()
    assert os.path.exists(program.socket)
    again = workshop.fastcgi(socket=program.socket, data=program.data)
    assert b"UP" in health(again.socket)
    result = workshop.run("fastcgi", "--socket", program.socket, "--data-dir", program.data)
    assert result.returncode == 2 and str(program.socket) in result.stderr
    assert b"UP" in health(again.socket)
    file = workshop.directory() / "file"
    file.write_text("mine")
    result = workshop.run("fastcgi", "--socket", file, "--data-dir", program.data)
    assert result.returncode == 2 and str(file) in result.stderr
    assert file.read_text() == "mine"


@pytest.mark.parametrize("socket", ["/nonexistent/s", "/tmp/" + "x" * 110])
def test_fastcgi_says_why_a_socket_cannot_be_made(workshop, socket):
    result = workshop.run("fastcgi", "--socket", socket, "--data-dir", workshop.directory() / "data")
    assert result.returncode == 2
    assert socket in result.stderr and len(result.stderr.splitlines()) == 1


def test_fastcgi_without_any_socket_says_what_to_do(workshop):
    result = workshop.run("fastcgi", "--data-dir", workshop.directory() / "data")
    assert result.returncode == 2
    assert "--socket" in result.stderr


def listening(workshop):
    path = workshop.directory() / "inherited"
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen(64)
    return path, listener


def test_fastcgi_answers_on_an_inherited_standard_input(workshop):
    path, listener = listening(workshop)
    with listener:
        program = workshop.spawn(
            [workshop.label_studio, "fastcgi", "--data-dir", workshop.directory() / "data"], stdin=listener.fileno())
        assert b"UP" in health(path)
        assert program.stop() == 0
    assert path.exists(), "an inherited socket is not ours to remove"


@pytest.mark.parametrize("count", ["1", "2"])
def test_fastcgi_answers_on_the_socket_that_systemd_passes(workshop, count):
    path, listener = listening(workshop)
    code = (
        "import os, sys; os.dup2(int(sys.argv[1]), 3); os.dup2(int(sys.argv[1]), 4);"
        f"os.execve(sys.argv[2], sys.argv[2:], {{**os.environ, 'LISTEN_PID': str(os.getpid()), 'LISTEN_FDS': '{count}'}})")
    with listener:
        program = workshop.spawn(
            [sys.executable, "-c", code, listener.fileno(), workshop.label_studio, "fastcgi", "--data-dir",
             workshop.directory() / "data"], pass_fds=[listener.fileno()])
        assert b"UP" in health(path)
        assert program.stop() == 0
    assert path.exists()


def test_fastcgi_ignores_sockets_that_were_passed_to_another_process(workshop):
    path, listener = listening(workshop)
    code = (
        "import os, sys; os.dup2(int(sys.argv[1]), 3);"
        "os.execve(sys.argv[2], sys.argv[2:], {**os.environ, 'LISTEN_PID': '1', 'LISTEN_FDS': '1'})")
    with listener:
        program = workshop.spawn(
            [sys.executable, "-c", code, listener.fileno(), workshop.label_studio, "fastcgi", "--data-dir",
             workshop.directory() / "data"], pass_fds=[listener.fileno()])
        assert program.wait() == 2
    assert "--socket" in program.errors
    assert path.exists()


def test_fastcgi_leaves_its_inherited_socket_to_a_successor_and_no_request_is_lost(workshop):
    """What systemd does at a restart: the socket stays open."""
    path, listener = listening(workshop)
    data = workshop.directory() / "data"
    command = [workshop.label_studio, "fastcgi", "--data-dir", data]
    with listener:
        first = workshop.spawn(command, stdin=listener.fileno())
        assert b"UP" in health(path)
        assert first.stop() == 0
        with Records(path) as waiting:
            waiting.send(Records.get("/health"))
            second = workshop.spawn(command, stdin=listener.fileno())
            assert b"UP" in waiting.answer()
        assert second.stop() == 0


def test_fastcgi_makes_the_account_of_the_environment(workshop):
    program = workshop.fastcgi(
        LABEL_STUDIO_USERNAME="set@example.com", LABEL_STUDIO_PASSWORD=PASSWORD, LABEL_STUDIO_USER_TOKEN="abcde")
    with Records(program.socket) as connection:
        connection.send(Records.get("/api/current-user/whoami", HTTP_AUTHORIZATION="Token abcde"))
        assert b'"set@example.com"' in connection.answer()
    assert "set@example.com" in program.errors


def test_fastcgi_finishes_what_is_on_its_way_when_it_is_stopped(workshop):
    program = workshop.fastcgi()
    connections = [Records(program.socket) for _ in range(20)]
    body = f"email=p&password={PASSWORD.replace(' ', '+')}"
    for number, connection in enumerate(connections):
        text = body.replace("email=p", f"email=p{number}%40example.com")
        connection.send(
            Records.begin() + Records.record(Records.PARAMS, Records.parameters(
                REQUEST_METHOD="POST", REQUEST_URI="/user/signup/", REQUEST_SCHEME="http", REMOTE_ADDR="127.0.0.1",
                HTTP_HOST="localhost", HTTP_ORIGIN="http://localhost", CONTENT_LENGTH=str(len(text)),
                CONTENT_TYPE="application/x-www-form-urlencoded"))
            + Records.record(Records.PARAMS) + Records.record(Records.STDIN, text.encode())
            + Records.record(Records.STDIN))
    assert Records.status(connections[0].answer()) == 302
    program.send(signal.SIGTERM)
    assert all(Records.status(connection.answer()) == 302 for connection in connections[1:])
    for connection in connections:
        # As nginx does after its keepalive_timeout.
        connection.close()
    assert program.wait() == 0


def test_port_0_and_names_of_hosts_are_not_needed(workshop):
    """Two responders on one database: the second answers what the first wrote."""
    one = workshop.fastcgi(LABEL_STUDIO_USERNAME="a@example.com", LABEL_STUDIO_PASSWORD=PASSWORD,
                           LABEL_STUDIO_USER_TOKEN="abcde")
    other = workshop.fastcgi(data=one.data)
    assert one.socket != other.socket
    for program in [one, other]:
        with Records(program.socket) as connection:
            connection.send(Records.get("/api/current-user/whoami", HTTP_AUTHORIZATION="Token abcde"))
            assert b"a@example.com" in connection.answer()


def test_commands_say_that_a_database_cannot_be_opened(workshop):
    directory = workshop.directory()
    (directory / "accounts.sqlite3").mkdir()
    for command in [["user"], ["invite", "show"], ["fastcgi", "--socket", directory / "s"]]:
        result = workshop.run(*command, "--data-dir", directory)
        assert result.returncode == 2
        assert "accounts.sqlite3" in result.stderr or "accounts.key" in result.stderr
        assert re.fullmatch(r"label-studio: [^\n]+\n", result.stderr)


def test_administration_does_not_make_a_database_where_none_was(workshop):
    """A typing error in --data-dir must not look like an empty installation."""
    directory = workshop.directory() / "typo"
    result = workshop.run("user", "--data-dir", directory)
    assert str(directory) in result.stderr
    result = workshop.run("reset_password", "--data-dir", directory, "--username", "a@example.com", "--password", NEW)
    assert str(directory) in result.stderr


def test_a_start_tells_systemd_nothing_that_it_did_not_ask_for(workshop):
    port = free_port()
    site = workshop.start(port=port)
    wait_until(lambda: is_answered(site.data / "nginx" / "responder.sock"), what="the responder")
    assert os.stat(site.data / "nginx" / "responder.sock").st_mode & 0o777 == 0o660


# --env-file


def test_a_file_of_variables_leads_to_the_database(workshop, site, member_of):
    member_of("file@example.com")
    file = workshop.directory() / "label-studio.env"
    file.write_text(f"# where it is\nLABEL_STUDIO_BASE_DATA_DIR='{site.data}'\nLABEL_STUDIO_HOST=https://a.example\n")
    for flags, variables in [(["--env-file", file], {}), ([], {"LABEL_STUDIO_ENV_FILE": file})]:
        result = workshop.run("user", "reset-link", "file@example.com", *flags, LABEL_STUDIO_HOST="x", **variables)
        assert result.returncode == 0 and f"Database: {site.database}" in result.stderr
        assert result.stdout.startswith("https://a.example/user/set-password/?token=")


def test_a_faulty_line_of_a_file_of_variables_is_named(workshop, site):
    file = workshop.directory() / "label-studio.env"
    file.write_text("LABEL_STUDIO_PORT=80\nexport LABEL_STUDIO_HOST=https://a.example\n")
    result = workshop.run("user", "--data-dir", site.data, "--env-file", file)
    assert result.returncode == 2 and not result.stdout
    assert result.stderr == (
        f"label-studio: {file}, line 2: the name of a variable is made of letters, digits and _\n")

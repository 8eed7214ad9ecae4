"""A real Label Studio behind the gate: the program talks to it, from the command line."""

import json
import pathlib
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from labeling_server import CHIEF, CHIEFS_TOKEN, WITH_CHIEF, LabelingServer
from site_under_test import free_port, is_reached, wait_until

PROGRAM = pathlib.Path(sys.executable).parent / "label-studio"
OWNER = "owner@example.com"
# Every command has a proxy in its environment that nobody should use.
ENVIRONMENT = {"http_proxy": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9", "ALL_PROXY": "http://127.0.0.1:9"}
# Several requests to a slow machine.
PATIENCE = 120


class Door:
    """Passes connections on to a Label Studio, for as long as it is told to."""

    def __init__(self, server, listener):
        self.server = server
        self.listener = listener
        # Whether answers to a POST are lost on the way.
        self.loses_answers = False
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.pass_on, args=[connection], daemon=True).start()

    def pass_on(self, connection):
        with connection, socket.create_connection(("127.0.0.1", self.server.port)) as other:
            request = b""
            while b"\r\n\r\n" not in request:
                part = connection.recv(65536)
                if not part:
                    return
                request += part
            head, _, body = request.partition(b"\r\n\r\n")
            length = int((re.findall(rb"(?i)content-length: (\d+)", head) or [0])[0])
            while len(body) < length:
                part = connection.recv(65536)
                if not part:
                    return
                body += part
            # One request to a connection.
            other.sendall(head + b"\r\nConnection: close\r\n\r\n" + body)
            while part := other.recv(65536):
                if not (self.loses_answers and head.startswith(b"POST")):
                    connection.sendall(part)

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


class House:
    """A site of ours with an owner, and what `label-studio upstream` does for it."""

    def __init__(self, workshop, server, data=None):
        self.workshop = workshop
        self.server = server
        self.address = server.url
        self.key_file = server.key_file
        self.site = workshop.start(data=data)
        if data is None:
            assert self.site.client().sign_up(OWNER).status_code == 302

    def upstream(self, *arguments, seconds=PATIENCE):
        return self.workshop.run(
            "upstream", *arguments, "--data-dir", self.site.data, "--upstream", self.address, "--upstream-env-file",
            self.key_file, seconds=seconds, **ENVIRONMENT)

    def does(self, *arguments):
        result = self.upstream(*arguments)
        assert result.returncode == 0, result.stderr + result.stdout
        return result.stdout

    def refuses(self, *arguments):
        result = self.upstream(*arguments)
        assert (result.returncode, result.stdout) == (2, ""), result.stdout
        assert "Database" in result.stderr
        return result.stderr.splitlines()[-1]

    def people(self):
        """Who is who there, by address: state, number, origin."""
        rows = json.loads(self.does("list", "--format", "json"))
        return {row["email"]: (row["state"], row["upstream_user"], row["origin"]) for row in rows}

    def join(self, email, **names):
        client = self.site.client()
        assert client.sign_up(email).status_code == 302
        if names:
            self.site.execute(
                "UPDATE user_account SET first_name = ?, last_name = ? WHERE email = ?", names["first"], names["last"],
                email)


@pytest.fixture(scope="module")
def empty(module_workshop):
    """A Label Studio that began empty; the tests of it come in their order."""
    return LabelingServer(module_workshop, PROGRAM)


@pytest.fixture(scope="module")
def house(module_workshop, empty):
    return House(module_workshop, empty)


@pytest.fixture(scope="module")
def locked(module_workshop):
    """A Label Studio that has a chief and lets nobody in without a link."""
    return LabelingServer(
        module_workshop, PROGRAM, *WITH_CHIEF, LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK="true")


def as_chief(server, method, path, **options):
    answer = requests.request(
        method, server.url + path, headers={"Authorization": f"Token {CHIEFS_TOKEN}"}, **options)
    assert answer.status_code < 300, answer.text
    return answer


# An empty one.


def test_an_empty_one_gets_its_first_account_from_our_owner(house, empty):
    assert house.people() == {OWNER: ("new", None, "")}
    assert "label-studio upstream add" in house.refuses("provision", OWNER)
    lines = house.does("add").splitlines()
    assert lines == [
        f"Label Studio 1.23.2 at {empty.url} was added", f"{OWNER} got an account there",
        f"Its invite link is read as its user 1, {OWNER}",
        "1 person is paired with an account there: label-studio upstream list"]
    assert house.people() == {OWNER: ("paired", 1, "provisioned")}
    assert "was added before" in house.refuses("add")
    with sqlite3.connect(f"file:{empty.data}/label_studio.sqlite3?mode=ro", uri=True) as database:
        assert database.execute("SELECT id, created_by_id FROM organization").fetchall() == [(1, 1)]


def test_a_member_gets_an_account_there_with_his_names(house, empty):
    house.join("dora@example.com", first="Dora", last="Ünal")
    assert house.does("provision", "dora@example.com") == "dora@example.com is user 2 there\n"
    # Once and for all.
    assert house.does("provision", "dora@example.com") == "dora@example.com is user 2 there\n"
    assert house.people()["dora@example.com"] == ("paired", 2, "provisioned")
    with sqlite3.connect(f"file:{empty.data}/label_studio.sqlite3?mode=ro", uri=True) as database:
        rows = database.execute(
            """SELECT u.email, u.first_name, u.last_name, u.is_superuser, m.organization_id FROM htx_user u
            JOIN organizations_organizationmember m ON m.user_id = u.id WHERE u.id = 2""").fetchall()
    assert rows == [("dora@example.com", "Dora", "Ünal", 0, 1)]


def test_two_first_requests_at_once_make_one_account_there(house, empty):
    house.join("twin@example.com")
    with ThreadPoolExecutor() as pool:
        results = list(pool.map(lambda _: house.upstream("provision", "twin@example.com"), range(4)))
    made = [result for result in results if result.returncode == 0]
    assert made, [result.stderr for result in results]
    assert len({result.stdout for result in made}) == 1
    for result in results:
        assert result.returncode == 0 or "is being made there" in result.stderr, result.stderr
    with sqlite3.connect(f"file:{empty.data}/label_studio.sqlite3?mode=ro", uri=True) as database:
        numbers = database.execute("SELECT id FROM htx_user WHERE email = 'twin@example.com'").fetchall()
    assert [house.people()["twin@example.com"]] == [("paired", number, "provisioned") for number, in numbers]


def test_an_account_whose_answer_was_lost_is_known_again(house, module_workshop, empty):
    directory = module_workshop.directory()
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(f"{directory}/s")
    listener.listen(64)
    door = Door(empty, listener)
    house.does("remove")
    house.address = f"unix:{directory}/s"
    try:
        assert f"Its invite link is read as its user 1, {OWNER}" in house.does("add", "--as", OWNER)
        house.join("lost@example.com")
        door.loses_answers = True
        assert "no Label Studio is reached" in house.refuses("provision", "lost@example.com")
        with sqlite3.connect(f"file:{empty.data}/label_studio.sqlite3?mode=ro", uri=True) as database:
            [(number,)] = database.execute("SELECT id FROM htx_user WHERE email = 'lost@example.com'").fetchall()
        assert house.people()["lost@example.com"] == ("begun", None, "")
        door.loses_answers = False
        assert house.does("provision", "lost@example.com") == f"lost@example.com is user {number} there\n"
        assert house.people()["lost@example.com"] == ("paired", number, "provisioned")
        # Who was paired by the other address is so by this one.
        assert house.people()["dora@example.com"] == ("paired", 2, "provisioned")
        assert "nothing answers at port 8081 of this machine's other addresses" in house.does("check")
    finally:
        door.close()
        house.address = empty.url
        house.workshop.run("upstream", "remove", "--data-dir", house.site.data)
    house.does("add")
    assert house.people()["lost@example.com"] == ("paired", number, "provisioned")


def test_equal_addresses_alone_never_join(house, empty):
    stranger = empty.sign_up("carol@example.com", "carols-own-password")
    [number] = [number for number, person in empty.people(stranger).items() if person["email"] == "carol@example.com"]
    house.join("carol@example.com")
    refused = house.refuses("provision", "carol@example.com")
    assert "may be somebody else's" in refused and "upstream link carol@example.com" in refused
    for _ in range(2):
        assert house.people()["carol@example.com"] == ("to-be-confirmed", None, "")
        house.refuses("provision", "carol@example.com")
    # Her password there is what it was.
    assert stranger.get(empty.url + "/api/current-user/whoami").json()["id"] == number
    assert f"link carol@example.com --upstream-user {number}\n" in house.does("check")

    assert "say with which account" in house.upstream("link", "carol@example.com").stderr
    assert "lets nobody in as its user 999" in house.refuses("link", "carol@example.com", "--upstream-user", 999)
    assert "is the one of dora@example.com" in house.refuses("link", "carol@example.com", "--upstream-user", 2)
    assert house.does("link", "carol@example.com", "--upstream-user", number) == (
        f"carol@example.com is user {number} there, carol@example.com\n")
    assert house.people()["carol@example.com"] == ("paired", number, "confirmed")
    assert f"is user {number} there" in house.refuses("link", "carol@example.com", "--upstream-user", 2)
    assert "is nobody there any more" in house.does("unlink", "carol@example.com")
    assert house.people()["carol@example.com"] == ("new", None, "")


def test_check_tells_what_is_open_there(house):
    lines = house.does("check").splitlines()
    assert lines[0] == f"ok       Label Studio 1.23.2 answers at {house.server.url}"
    assert any(line.startswith("warning  sign-up is open there") for line in lines), lines
    assert "ok       its SECRET_KEY is the one that was read" in lines
    assert lines[-1].startswith("Faults: 0.")


def test_check_finds_it_where_others_reach_it(house, empty):
    addresses = subprocess.run(["hostname", "-I"], capture_output=True, text=True).stdout.split()
    own = [address for address in addresses if ":" not in address]
    if not own:
        pytest.skip("this machine has no other address")
    assert "ok       none of this machine's other addresses leads to it" in house.does("check")
    listener = socket.create_server((own[0], empty.port))
    door = Door(empty, listener)
    try:
        result = house.upstream("check")
    finally:
        door.close()
    assert result.returncode == 1
    assert f"fault    it listens on {own[0]}, port {empty.port}, too" in result.stdout


def test_check_tells_who_is_gone_there(house, empty):
    house.join("brief@example.com")
    number = int(house.does("provision", "brief@example.com").split()[3])
    with sqlite3.connect(f"{empty.data}/label_studio.sqlite3", timeout=60) as database:
        database.execute("DELETE FROM organizations_organizationmember WHERE user_id = ?", [number])
        database.execute("UPDATE htx_user SET active_organization_id = NULL WHERE id = ?", [number])
    assert f"warning  brief@example.com is user {number} there, who is gone" in house.does("check")


def test_nothing_secret_is_told(house, empty):
    key = empty.key_file.read_text().strip().partition("=")[2]
    told = house.site.program.output + house.site.program.errors
    for arguments in [["check"], ["list"], ["provision", "dora@example.com"]]:
        result = house.upstream(*arguments)
        told += result.stdout + result.stderr
    assert len(key) > 20 and key not in told and "eyJ" not in told


# One that is in use, and locked.


def test_a_locked_one_is_entered_as_somebody_who_is_there(module_workshop, locked):
    house = House(module_workshop, locked)
    refused = house.refuses("add")
    assert "sign-up is closed there" in refused and "--as EMAIL" in refused
    assert "has no account there" in house.refuses("add", "--as", "nobody@example.com")
    assert house.people() == {OWNER: ("new", None, "")}
    lines = house.does("add", "--as", CHIEF).splitlines()
    assert lines[1:] == [
        f"Its invite link is read as its user 1, {CHIEF}",
        "0 people are paired with an account there: label-studio upstream list"]
    # By its own invite link.
    number = int(house.does("provision", OWNER).split()[3])
    assert house.people() == {OWNER: ("paired", number, "provisioned")}
    assert number in [person["id"] for person in as_chief(locked, "GET", "/api/users/").json()]
    assert "ok       sign-up is closed there" in house.does("check").splitlines()


def test_whoever_registers_with_the_address_of_the_chief_there_is_not_let_in_as_him(module_workshop, locked):
    house = House(module_workshop, locked)
    house.join(CHIEF)
    house.does("add", "--as", CHIEF)
    assert "may be somebody else's" in house.refuses("provision", CHIEF)
    assert house.people()[CHIEF] == ("to-be-confirmed", None, "")


def test_whoever_came_by_an_import_is_who_he_was(module_workshop, locked):
    data = module_workshop.directory() / "data"
    imported = module_workshop.run("import", locked.data / "label_studio.sqlite3", "--data-dir", data)
    assert imported.returncode == 0, imported.stderr
    house = House(module_workshop, locked, data=data)
    before = as_chief(locked, "GET", "/api/users/").json()
    assert f"Its invite link is read as its user 1, {CHIEF}" in house.does("add").splitlines()
    assert house.people()[CHIEF] == ("paired", 1, "imported")
    assert as_chief(locked, "GET", "/api/users/").json() == before


def test_another_key_is_told(module_workshop, locked):
    house = House(module_workshop, locked)
    directory = module_workshop.directory()
    house.key_file = directory / "other"
    house.key_file.write_text("SECRET_KEY=not the key of that Label Studio\n")
    assert "has another SECRET_KEY" in house.refuses("add", "--as", CHIEF)
    house.key_file.write_text("nothing\nof use\n")
    result = house.upstream("add", "--as", CHIEF)
    assert result.returncode == 2 and "holds no SECRET_KEY" in result.stderr
    house.key_file = locked.key_file
    house.does("add", "--as", CHIEF)
    house.key_file = directory / "other"
    house.key_file.write_text("SECRET_KEY=not the key of that Label Studio\n")
    result = house.upstream("check")
    assert result.returncode == 1 and "fault    the Label Studio at" in result.stdout
    assert "has another SECRET_KEY" in result.stdout


def test_the_key_comes_from_the_service_manager_too(module_workshop, locked):
    house = House(module_workshop, locked)
    directory = module_workshop.directory()
    key = locked.key_file.read_text().strip().partition("=")[2].strip("'\"")
    (directory / "label-studio_upstream-secret-key").write_text(key + "\n")
    result = module_workshop.run(
        "upstream", "add", "--as", CHIEF, "--data-dir", house.site.data, "--upstream", locked.url, seconds=PATIENCE,
        CREDENTIALS_DIRECTORY=directory)
    assert result.returncode == 0, result.stderr
    variables = {"LABEL_STUDIO_UPSTREAM_ENV_FILE": locked.key_file}
    result = module_workshop.run("upstream", "check", "--data-dir", house.site.data, seconds=PATIENCE, **variables)
    assert result.returncode == 0, result.stdout + result.stderr
    result = module_workshop.run("upstream", "check", "--data-dir", house.site.data)
    assert result.returncode == 2 and "LABEL_STUDIO_UPSTREAM_ENV_FILE" in result.stderr


def test_tokens_that_are_switched_off_there_are_told(module_workshop, locked):
    house = House(module_workshop, locked)
    house.does("add", "--as", CHIEF)
    switch = {"legacy_api_tokens_enabled": True}
    as_chief(locked, "POST", "/api/jwt/settings", json={"api_tokens_enabled": False, **switch})
    try:
        assert "personal access tokens switched on there" in house.refuses("provision", OWNER)
        result = house.upstream("check")
        assert result.returncode == 1 and "personal access tokens switched on there" in result.stdout
        house.does("remove")
        assert "personal access tokens switched on there" in house.refuses("add", "--as", CHIEF)
    finally:
        as_chief(locked, "POST", "/api/jwt/settings", json={"api_tokens_enabled": True, **switch})


def test_another_one_at_the_same_address_is_told(module_workshop, locked):
    house = House(module_workshop, locked)
    house.does("add", "--as", CHIEF)
    house.site.execute("UPDATE upstream SET source = source - 1")
    result = house.upstream("check")
    assert result.returncode == 1 and "its database is another one" in result.stdout


def test_one_that_hangs_or_has_ended_is_told(module_workshop, locked):
    house = House(module_workshop, locked)
    house.does("add", "--as", CHIEF)
    locked.program.send(signal.SIGSTOP)
    try:
        assert "does not answer in time" in house.refuses("provision", OWNER)
    finally:
        locked.program.send(signal.SIGCONT)
    assert house.people()[OWNER] == ("begun", None, "")
    locked.program.stop()
    house.address = locked.url
    assert "no Label Studio is reached" in house.refuses("provision", OWNER)
    result = house.upstream("check")
    assert result.returncode == 1 and "fault    no Label Studio is reached" in result.stdout


# Words that are wrong.


@pytest.mark.parametrize("arguments, told", [
    ([], "say what to do"), (["look"], "say what to do"), (["link"], "say what to do"),
    (["add"], "--upstream URL"), (["check"], "--upstream-env-file"),
    (["add", "--upstream", "https://127.0.0.1:1"], "is not an address such as"),
    (["add", "--upstream", "http://127.0.0.1:1/labels"], "is not an address such as"),
    (["add", "--as", "nobody"], "is not an e-mail address"),
    (["link", OWNER, "--upstream-user", "0"], "is not a number from 1"),
    (["remove"], "no Label Studio is behind the gate"), (["unlink", OWNER], "no Label Studio is behind the gate"),
])
def test_wrong_words_are_told(module_workshop, site, arguments, told):
    result = module_workshop.run("upstream", *arguments, "--data-dir", site.data)
    assert result.returncode == 2 and told in result.stderr, result.stderr


def test_what_is_no_label_studio_is_told(module_workshop, site):
    directory = module_workshop.directory()
    (directory / "key").write_text("a key\n")
    port = free_port()
    module_workshop.nginx(f"server {{ listen 127.0.0.1:{port}; return 200 hello; }}")
    wait_until(lambda: is_reached(port), what="nginx")
    for address, told in [
        (f"http://127.0.0.1:{port}", "does not answer like a Label Studio: it answered GET /api/version"),
        (f"http://127.0.0.1:{free_port()}", "no Label Studio is reached"),
        # Ours has the same calls.
        (site.url, "has another SECRET_KEY"),
    ]:
        result = module_workshop.run(
            "upstream", "add", "--data-dir", site.data, "--upstream", address, "--upstream-env-file",
            directory / "key")
        assert result.returncode == 2 and told in result.stderr, result.stderr

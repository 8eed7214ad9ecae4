"""Who people are in a Label Studio behind the gate: owners decide it, names follow, the removed leave it, and the log
tells how it does."""

import contextlib
import pathlib
import re
import signal
import sqlite3
import sys

import pytest
import requests
from labeling_server import CHIEF, WITH_CHIEF, LabelingServer
from site_under_test import PASSWORD, Page, free_port, log_lines, wait_until

PROGRAM = pathlib.Path(sys.executable).parent / "label-studio"
OWNER = "owner@example.com"
# Several looks of the thread, and several requests to a slow machine.
PATIENCE = 180
PAGE = {"Sec-Fetch-Mode": "navigate", "Accept": "text/html"}


class House:
    """`label-studio start --upstream`, with an owner."""

    def __init__(self, workshop, server, **settings):
        self.workshop = workshop
        self.server = server
        self.metrics = free_port()
        self.site = workshop.start(
            "--upstream", server.url, "--upstream-env-file", server.key_file, "--metrics", f"127.0.0.1:{self.metrics}",
            **settings)
        self.owner = self.member(OWNER)

    def member(self, email):
        client = self.site.client()
        assert client.sign_up(email).status_code == 302
        client.number = self.site.person(email)
        return client

    def enter(self, client):
        """What the page of the way in answers."""
        return client.get("/-/accounts/enter?next=/projects/", headers=PAGE, timeout=PATIENCE)

    def account(self, client):
        """Who somebody is there, and how that is known."""
        rows = self.site.query(
            "SELECT upstream_user, origin FROM upstream_pair WHERE user_id = ?", client.number)
        return tuple(rows[0]) if rows else None

    def events(self):
        """The names of what the log tells of the Label Studio."""
        return [line.name for line in log_lines(self.site.program)
                if line.name.startswith("labeling-server") and line.name != "labeling-server-failed"]

    def conditions(self):
        """What the log says of how it does; of people and names it says more."""
        return [name for name in self.events() if name in {
            "labeling-server-answers", "labeling-server-sign-up-open", "labeling-server-down", "labeling-server-slow",
            "labeling-server-faulty", "labeling-server-wrong-key"}]

    def wait(self, condition, what):
        """A failure tells what is known of both: it has happened where nobody could look."""
        try:
            wait_until(condition, PATIENCE, what)
        except AssertionError as error:
            told = "\n".join((self.site.program.output + self.site.program.errors).splitlines()[-25:])
            there = self.server.program
            answer = None
            with contextlib.suppress(requests.RequestException):
                answer = requests.get(self.server.url + "/api/version", timeout=30)
            raise AssertionError(
                f"{error}; ours says:\n{told}\nthere, {there.process.poll()}, {answer}:\n"
                + "\n".join((there.output + there.errors).splitlines()[-25:])) from error

    def is_up(self):
        text = requests.get(f"http://127.0.0.1:{self.metrics}/metrics", timeout=60).text
        found = re.findall(r"^label_studio_labeling_server_up (\S+)$", text, re.MULTILINE)
        return float(found[0]) if found else None


def there(server, number):
    """The account of a person in that Label Studio."""
    with sqlite3.connect(f"file:{server.data}/label_studio.sqlite3?mode=ro", uri=True) as database:
        database.row_factory = sqlite3.Row
        return dict(database.execute(
            """SELECT u.email, u.first_name, u.last_name, u.active_organization_id, m.deleted_at FROM htx_user u
            JOIN organizations_organizationmember m ON m.user_id = u.id WHERE u.id = ?""", [number]).fetchone())


@pytest.fixture(scope="module")
def server(module_workshop):
    return LabelingServer(module_workshop, PROGRAM)


@pytest.fixture(scope="module")
def house(module_workshop, server):
    house = House(module_workshop, server)
    assert house.enter(house.owner).status_code == 302
    assert house.account(house.owner) == (1, "provisioned")
    return house


def test_an_owner_confirms_an_account_and_separates_it_again(house, server):
    server.sign_up("carol@example.com", "carols-own-password")
    carol = house.member("carol@example.com")
    page = f"/organization/people/{carol.number}/"
    assert "it is created on the first visit" in house.owner.page(page).text
    assert house.enter(carol).status_code != 302
    assert house.account(carol) is None
    shown = house.owner.page(page)
    assert "To be confirmed" in shown.text
    question = house.owner.page(shown.link("Confirm the Account"), timeout=PATIENCE)
    number = int(question.form("person-form").fields["account"])
    assert there(server, number)["email"] == "carol@example.com"
    assert f"user {number} has the address carol@example.com" in question.text
    # Another account than the one that was shown is not hers, and she does not decide.
    assert house.owner.send(question, {"account": "1"}, "person-form").status_code == 409
    assert carol.get(page + "labeling-server").status_code == 403
    assert house.account(carol) is None

    answer = house.owner.send(question, {}, "person-form")
    assert answer.headers["Location"].endswith(f"{page}?done=confirmed")
    assert house.account(carol) == (number, "confirmed")
    assert house.enter(carol).status_code == 302
    shown = house.owner.page(page)
    assert f"User {number} there, since" in shown.text
    question = house.owner.page(shown.link("Separate from the Account"))
    assert house.owner.send(question, {}, "person-form").status_code == 302
    assert house.account(carol) is None


def test_names_follow(house, server):
    dora = house.member("dora@example.com")
    assert dora.submit("/user/account/", {"first_name": "Dora", "last_name": "Ünal"}, "profile-form").status_code == 302
    assert house.enter(dora).status_code == 302
    number, _ = house.account(dora)
    names = lambda: (there(server, number)["first_name"], there(server, number)["last_name"])  # noqa: E731
    assert names() == ("Dora", "Ünal")
    assert dora.submit("/user/account/", {"first_name": "Theodora"}, "profile-form").status_code == 302
    wait_until(lambda: names() == ("Theodora", "Ünal"), PATIENCE, "the new name there")
    # Past this process, as by the command line.
    house.site.execute("UPDATE user_account SET last_name = 'Öz' WHERE id = ?", dora.number)
    wait_until(lambda: names() == ("Theodora", "Öz"), PATIENCE, "the new name there")


def test_the_pages_about_accounts_there_are_for_everybody(house, server, browsers):
    """As test_accessibility.py and test_every_page.py look at those that need no labeling server."""
    from browser import PHONE
    from test_accessibility import Examiner

    person = lambda email: f"/organization/people/{house.site.person(email)}/"  # noqa: E731
    pages = {
        OWNER: [
            (person("carol@example.com"), "carol@example.com"),
            (person("carol@example.com") + "labeling-server", "Is this the account"),
            (person("dora@example.com") + "labeling-server/separate", "Separate"), ("/organization/people/1/", "")],
        "carol@example.com": [("/-/accounts/enter?next=/projects/", ""), ("/-/accounts/", "Projects")],
    }
    for email, addresses in pages.items():
        browser = browsers(patience=60)
        examiner = Examiner(browser)
        browser.open(house.site.url + "/user/login/?next=/user/account/")
        browser.fill(email=email, password=PASSWORD)
        browser.follow("css:main button[type=submit]", "Account & Settings")
        for path, heading in addresses:
            browser.open(house.site.url + path)
            assert browser.is_logged_in and heading in browser.heading, (path, browser.heading)
            examiner.examine(path)
            assert browser.overflow() is None, path
        assert not examiner.found
        browser.resize(*PHONE)
        for path, _ in addresses:
            browser.open(house.site.url + path)
            assert browser.overflow() is None, path
        assert not browser.complaints([409, 403, 503])


def removed(house, person, **fields):
    """The page after an owner has removed somebody."""
    question = house.owner.page(f"/organization/people/{person.number}/remove")
    answer = house.owner.send(question, fields, "person-form")
    assert answer.status_code == 302, answer.text
    return house.owner.page(answer.headers["Location"].removeprefix(house.site.url))


def test_who_is_removed_can_leave_it_there_too(house, server):
    emil = house.member("emil@example.com")
    frida = house.member("frida@example.com")
    assert house.enter(emil).status_code == house.enter(frida).status_code == 302
    numbers = [house.account(person)[0] for person in (emil, frida)]
    page = removed(house, emil)
    assert "This person was removed, and the invite link was reset" in page.text
    assert there(server, numbers[0])["deleted_at"] is None
    page = removed(house, frida, labeling_server="true")
    assert "removed here and in the labeling server" in page.text
    assert there(server, numbers[1])["deleted_at"] is not None
    assert there(server, numbers[1])["active_organization_id"] is None
    assert [event[2] for event in house.site.audit("upstream-member-removed")] == ["frida@example.com"]
    # Twice is no failure, and does not bring her back there.
    assert house.owner.act_upon(frida.number, "restore").status_code == 302
    assert frida.log_in("frida@example.com").status_code == 302
    assert house.enter(frida).status_code != 302
    assert "was not in the organization of the labeling server" in removed(house, frida, labeling_server="true").text


def test_the_account_that_reads_invite_links_is_kept(house, server):
    gita = house.member("gita@example.com")
    assert house.owner.act_upon(gita.number, "make-owner").status_code == 302
    question = gita.page(f"/organization/people/{house.owner.number}/remove")
    answer = gita.send(question, {"labeling_server": "true"}, "person-form")
    assert "was kept: new people are let in there by it" in gita.page(
        answer.headers["Location"].removeprefix(house.site.url)).text
    assert there(server, 1)["deleted_at"] is None
    assert house.enter(gita).status_code == 302
    house.owner = gita


def test_a_failure_there_does_not_keep_anybody_in_here(house, server):
    hans = house.member("hans@example.com")
    assert house.enter(hans).status_code == 302
    server.program.send(signal.SIGSTOP)
    try:
        page = removed(house, hans, labeling_server="true")
    finally:
        server.program.send(signal.SIGCONT)
    assert "could not be asked to remove the account there" in page.text
    assert hans.get("/user/account/", headers=PAGE).status_code == 302
    assert there(server, house.account(hans)[0])["deleted_at"] is None
    [line] = log_lines(house.site.program, "labeling-server-failed")
    assert "slow" in line.fields["error"]


def test_the_log_and_the_figures_tell_how_it_does(house, server):
    # It was not added yet when it was asked first, and a test before this one has stopped it.
    house.wait(lambda: house.conditions().count("labeling-server-sign-up-open") == 1, "the warning")
    house.wait(lambda: house.is_up() == 1, "the figure")
    before = len(house.conditions())
    server.program.stop()
    house.wait(lambda: house.is_up() == 0, "the figure")
    house.wait(lambda: len(house.conditions()) > before, "the line")
    server.start_again()
    house.wait(lambda: house.is_up() == 1, "the figure")
    house.wait(lambda: len(house.conditions()) >= before + 2, "the line")
    assert house.conditions()[before:] == ["labeling-server-down", "labeling-server-answers"]
    # With another key.
    key = server.key_file.read_text()
    server.program.stop()
    server.key_file.write_text("SECRET_KEY=another-key-of-some-length-1234567890\n")
    server.start_again()
    house.wait(lambda: house.conditions()[-1] == "labeling-server-wrong-key", "the line")
    assert house.is_up() == 0
    told = house.site.program.output + house.site.program.errors
    assert "another-key-of-some" not in told and key.strip().partition("=")[2] not in told and "eyJ" not in told


def test_a_locked_one_is_shown_by_its_password(module_workshop):
    locked = LabelingServer(module_workshop, PROGRAM, *WITH_CHIEF, LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK="true")
    house = House(module_workshop, locked)
    page = Page(house.enter(house.owner))
    assert house.account(house.owner) is None
    wrong = house.owner.send(page, {"email": CHIEF, "password": "Chief-Pass-2"})
    assert wrong.status_code == 422
    assert house.account(house.owner) is None
    assert house.owner.send(page, {"email": CHIEF, "password": "Chief-Pass-1"}).status_code == 302
    assert house.account(house.owner) == (1, "password")
    ida = house.member("ida@example.com")
    assert house.enter(ida).status_code == 302
    assert house.account(ida) == (2, "provisioned")
    house.wait(lambda: house.is_up() == 1, "the figure")
    assert house.events() == ["labeling-server-answers"]

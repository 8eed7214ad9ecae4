"""The guide for operators, docs/operate.md, followed to the letter in a machine that
systemd has booted. The tests of this file are one story, in this order."""

import contextlib
import re
import shlex
import ssl
import subprocess
import textwrap
import threading

import pytest
import requests
from service import SETTINGS, SITE, certify, install, people, state, wait_for_site
from site_under_test import PASSWORD, REPOSITORY, Client, Page

OWNER = "owner@example.com"
GUIDE = (REPOSITORY / "docs/operate.md").read_text()
AVAILABLE = "/etc/nginx/sites-available/label-studio"


def blocks(heading):
    """What is to be typed or written below a heading, block by block."""
    section = re.search(rf"^#+ {re.escape(heading)}\n(.*?)(?=^#+ |\Z)", GUIDE, re.MULTILINE | re.DOTALL).group(1)
    found = re.findall(r"(?:^ {4,}\S.*\n(?:^ {4,}.*\n)*)", section, re.MULTILINE)
    return [textwrap.dedent(block).replace("YOUR.NAME", "localhost").replace("labels.example.org", "localhost")
            for block in found]


def block(heading, beginning):
    """The one that begins so."""
    found, = [text for text in blocks(heading) if text.startswith(beginning)]
    return found


def follow(machine, heading, beginning):
    return machine.run(f"set -e; {block(heading, beginning)}")


def write_setting(machine, lines):
    """Puts lines of the guide into the settings, in the place of those of their names."""
    names = [line.partition("=")[0] for line in lines.splitlines()]
    kept = [line for line in machine.read(SETTINGS).splitlines() if line.partition("=")[0] not in names]
    machine.write(SETTINGS, "\n".join(kept) + "\n" + lines)


def edit_site(machine, *edits):
    text = machine.read(AVAILABLE)
    for old, new in edits:
        assert old in text, old
        text = text.replace(old, new)
    machine.write(AVAILABLE, text)
    machine.run("nginx -t && systemctl reload nginx")


def answers_with(certificate):
    """Whether the site shows this very certificate."""
    with contextlib.suppress(OSError):
        shown = ssl.get_server_certificate(("localhost", 443))
        return ssl.PEM_cert_to_DER_cert(shown) == ssl.PEM_cert_to_DER_cert(certificate.read_text())
    return False


class Story:
    certificate = None
    owner = None
    link = None


@pytest.fixture(scope="module")
def story():
    return Story()


@pytest.fixture
def visitor(story):
    return Client(SITE, verify=story.certificate)


@contextlib.contextmanager
def visitors(story):
    """Somebody always asks for a page, and would start a service that was stopped."""
    ends = threading.Event()

    def ask():
        client = Client(SITE, verify=story.certificate)
        while not ends.wait(0.01):
            with contextlib.suppress(requests.RequestException):
                client.get("/user/login/")

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield
    finally:
        ends.set()
        thread.join()


def test_three_steps_make_a_site(machine, package, story):
    install(machine, package)

    follow(machine, "Install", "sed -i ")
    # With the certificate of the machine itself, until there is another one.
    own = machine.root / "etc/ssl/certs/ssl-cert-snakeoil.pem"
    machine.until(lambda: answers_with(own), what="the site")
    write_setting(machine, block("Install", "LABEL_STUDIO_HOST"))
    machine.run("systemctl reload label-studio")
    link = machine.until(
        lambda: re.search(f"{SITE}/\\S+", follow(machine, "Install", "label-studio invite show").stdout),
        what="the public address in the link").group()

    story.certificate = certify(machine)
    edit_site(machine, ("/etc/ssl/certs/ssl-cert-snakeoil.pem", "/etc/ssl/certs/site.pem"),
              ("/etc/ssl/private/ssl-cert-snakeoil.key", "/etc/ssl/private/site.key"))
    wait_for_site(machine, story.certificate)
    story.owner = Client(SITE, verify=story.certificate)
    answer = story.owner.submit(link.removeprefix(SITE), {"email": OWNER, "password": PASSWORD}, "signup-form")
    assert answer.status_code == 302 and people(machine) == {OWNER}


def test_it_is_locked_by_the_line_that_the_guide_names(machine, visitor):
    line = block("Lock down", "LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK")
    assert line in machine.read(SETTINGS)
    assert not visitor.page("/user/signup/").has_form("signup-form")


def test_in_the_cloud_four_variables_make_the_account(machine, visitor):
    lines = block("In the cloud", "LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK")
    lines = lines.replace("an API token, 5 to 60 characters", "token-of-mine")
    write_setting(machine, lines)
    machine.run("systemctl restart label-studio")
    assert visitor.log_in("you@example.com", "a password of your own").status_code == 302
    headers = {"Authorization": "Token token-of-mine"}
    assert visitor.get("/api/current-user/whoami", headers=headers).json()["email"] == "you@example.com"


def test_a_proxy_is_named_by_the_lines_of_the_site(machine, story, visitor):
    edit_site(machine, ("    #   set_real_ip_from 192.0.2.10;", "    set_real_ip_from 127.0.0.1;"),
              ("    #   real_ip_header ", "    real_ip_header "), ("    #   real_ip_recursive ", "    real_ip_recursive "))
    machine.until(
        lambda: visitor.get("/nothing", headers={"X-Forwarded-For": "198.51.100.9"}).status_code == 404
        and "198.51.100.9" in machine.output("journalctl --unit label-studio --output cat"), what="the visitor's address")
    edit_site(machine, ("    set_real_ip_from 127.0.0.1;", "    #   set_real_ip_from 192.0.2.10;"))
    assert story.owner.is_logged_in()


def test_numbers_for_prometheus_are_on_a_socket(machine, story, visitor):
    write_setting(machine, block("Monitor", "LABEL_STUDIO_METRICS"))
    machine.run("systemctl restart label-studio")
    command, = re.findall(r"`(curl --unix-socket [^`]+)`", GUIDE)
    # The machine has no curl of its own.
    words = [word.replace("/run/", f"/proc/{machine.pid}/root/run/") for word in shlex.split(command)]
    assert "label_studio_build_info" in subprocess.run(words, check=True, capture_output=True, text=True).stdout
    assert visitor.get("/metrics").status_code == 404
    assert visitor.get("/health").status_code == 200
    # By a port.
    write_setting(machine, "LABEL_STUDIO_METRICS=\n")
    machine.write("/etc/systemd/system/label-studio-metrics.socket", block("Monitor", "[Socket]"))
    with visitors(story):
        follow(machine, "Monitor", "systemctl stop")
    assert "label_studio_build_info" in Client("http://127.0.0.1:9464").get("/metrics").text
    assert visitor.get("/health").status_code == 200


def test_a_backup_is_restored(machine, story, visitor):
    follow(machine, "Back up and restore", "label-studio backup")
    story.link = story.owner.page("/organization/invite").value("invite-link").removeprefix(SITE)
    answer = visitor.submit(story.link, {"email": "late@example.com", "password": PASSWORD}, "signup-form")
    assert answer.status_code == 302 and "late@example.com" in people(machine)
    follow(machine, "Back up and restore", "systemctl stop")
    assert state(machine) == "active"
    assert "late@example.com" not in people(machine)
    # As it says: sessions and the link end.
    assert not story.owner.is_logged_in()
    assert visitor.get(story.link).status_code == 403
    assert story.owner.log_in(OWNER).status_code == 302
    machine.run("rm /root/accounts.sqlite3")


def test_daily_backups_are_switched_on(machine):
    follow(machine, "Back up and restore", "systemctl enable --now label-studio-backup.timer")
    assert machine.output("systemctl is-active label-studio-backup.timer") == "active"
    machine.run("systemctl start label-studio-backup.service")
    assert machine.output("ls /var/lib/label-studio/backups | grep -c sqlite3") == "1"


def test_what_helps_when_something_is_lost(machine, story, visitor):
    story.link = story.owner.page("/organization/invite").value("invite-link").removeprefix(SITE)
    member = visitor
    assert member.submit(story.link, {"email": "member@example.com", "password": PASSWORD}, "signup-form").status_code == 302
    section = GUIDE[GUIDE.index("## When something is lost"):]
    commands = re.findall(r"`(label-studio [^`]+)`", section)
    assert len(commands) >= 8
    for command in commands:
        machine.run(command.replace("EMAIL", "member@example.com"))
    assert not member.is_logged_in()
    # The last of them that acts upon him deactivates him.
    assert "deactivated" in Page(member.log_in("member@example.com")).text
    machine.run("label-studio user reactivate member@example.com")
    link = re.search(rf"{SITE}/\S+", machine.run(f"label-studio user reset-link {OWNER}").stdout).group()
    assert story.owner.set_password(link.removeprefix(SITE), "another good password of mine").status_code == 302
    assert story.owner.log_in(OWNER, "another good password of mine").status_code == 302


def test_at_a_sub_path(machine, story):
    site = machine.read(AVAILABLE)
    settings = machine.read(SETTINGS)
    address = block("A sub-path", "LABEL_STUDIO_HOST").replace("example.org", "localhost")
    lines = block("A sub-path", "set ")
    write_setting(machine, address)
    whole = re.search(r"    location / \{\n        include.*?\n    \}\n", site, re.DOTALL).group()
    prefix, locations = lines.split("\n", 1)
    edit_site(machine, ('set $label_studio_prefix    "";', prefix), (whole, locations))
    machine.run("systemctl restart label-studio")
    client = Client(SITE, "/labels", verify=story.certificate)
    machine.until(lambda: client.get("/labels/user/login/").status_code == 200, what="the sub-path")
    assert client.log_in(OWNER, "another good password of mine").headers["Location"] == "/labels/"
    assert client.get("/labels").headers["Location"] == f"{SITE}/labels/"
    assert client.get("/user/login/").status_code == 404
    machine.write(AVAILABLE, site)
    machine.write(SETTINGS, settings)
    machine.run("systemctl reload nginx && systemctl restart label-studio")
    machine.until(lambda: client.get("/user/login/").status_code == 200, what="the address of before")


def test_check_finds_the_fault_that_is_left(machine):
    """The machine does not trust the certificate; then it does again."""
    machine.run("find /etc/ssl/certs -lname site.pem -delete")
    found = machine.run("label-studio check", check=False)
    assert found.returncode == 1 and re.findall("^fault .*certificate", found.stdout, re.MULTILINE), found.stdout
    machine.run("openssl rehash /etc/ssl/certs")
    found = machine.run("label-studio check", check=False)
    assert found.returncode == 0, found.stdout + found.stderr


def test_everything_moves_to_another_machine(machine, package, story):
    story.link = story.owner.page("/organization/invite").value("invite-link").removeprefix(SITE)
    token = story.owner.api_token()
    before = people(machine)
    follow(machine, "Move to another machine", "systemctl disable")
    assert state(machine) == "inactive"
    # The other machine: this one, with nothing left of what was here.
    machine.run("dpkg --purge label-studio && rm -f /etc/nginx/sites-enabled/label-studio")
    machine.run("! ls /etc/label-studio /var/lib/label-studio /etc/nginx/sites-available/label-studio")
    install(machine, package)
    assert people(machine) == set()
    follow(machine, "Move to another machine", "systemctl stop")
    machine.run("ln -s ../sites-available/label-studio /etc/nginx/sites-enabled/ && nginx -t && systemctl reload nginx")
    wait_for_site(machine, story.certificate)
    assert people(machine) == before
    assert story.owner.is_logged_in()
    assert Client(SITE, verify=story.certificate).get(
        "/api/current-user/whoami", headers={"Authorization": f"Token {token}"}).status_code == 200
    assert Page(story.owner.get(story.link)).status in (200, 302)
    rights = machine.output("stat --format='%a %U' /etc/label-studio/credentials/key /var/lib/label-studio/avatars")
    assert rights.split("\n") == ["600 root", "711 label-studio"]

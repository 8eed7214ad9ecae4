"""The whole story in two real browsers: people sign up, invite and label, and a Label
Studio that stands in a network of its own holds their work."""

import json
import pathlib
import re
import subprocess
import sys

import pytest
from labeling_server import EnclosedLabelingServer
from selenium.common.exceptions import (
    ElementClickInterceptedException, ElementNotInteractableException, StaleElementReferenceException)
from selenium.webdriver.common.keys import Keys
from site_under_test import PASSWORD, is_reached, nobody, wait_until

PROGRAM = pathlib.Path(sys.executable).parent / "label-studio"
OWNER = "owner@example.com"
COLLEAGUE = "colleague@example.com"
LOCKED = {"LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK": "true"}
PAGE = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "none", "Accept": "text/html,*/*;q=0.8"}
OURS = {"Sec-Fetch-Site": "same-origin"}
# A slow machine, and pages of several megabytes.
PATIENCE = 90
PROJECT = "Customer letters"
LETTERS = [
    "The parcel came a day early. Thank you!", "I have waited three weeks, and nobody answers.",
    "Is there a larger size of the blue one?", "The lamp is bright and was easy to put up."]
# Label Studio's own pages ask a site on the internet for a tip, by this address. There
# is no internet in its network.
KNOWN = re.compile(r"404 http://127\.0\.0\.1:\d+/heidi-tips")
# What its own scripts write into the console, and what its own policy only reports.
# Requests that failed are counted as requests.
ITS_OWN = re.compile(r"http://\S+ (?:\d+ Executing inline script .* report-only|- Failed to load resource)|\S*/react-app/", re.S)


@pytest.fixture(scope="module")
def server(module_workshop):
    return EnclosedLabelingServer(module_workshop, PROGRAM)


@pytest.fixture(scope="module")
def site(module_workshop, server):
    return start(module_workshop, server)


def start(workshop, server, **options):
    return workshop.start("--upstream", server.url, "--upstream-env-file", server.key_file, **options)


def failures(browser):
    """Requests that failed and errors of pages, but for those that Label Studio has
    wherever it stands."""
    return [found for found in browser.complaints() if not KNOWN.match(found) and not ITS_OWN.match(found)]


def shown(browser, text, kind):
    return [found for found in browser.find_all(kind) if found.is_displayed() and found.text.strip() == text]


def press(browser, text, kind="a, button, li, label"):
    """Clicks on what has this text, as soon as it can be clicked on."""
    def is_pressed():
        try:
            found = shown(browser, text, kind)
            if found:
                found[-1].click()
            return bool(found)
        except (ElementClickInterceptedException, ElementNotInteractableException, StaleElementReferenceException):
            return False

    browser.wait(is_pressed, f"{text} to click on")


def sees(browser, *texts):
    def is_seen():
        try:
            return all(text in browser.text for text in texts)
        except StaleElementReferenceException:
            return False

    browser.wait(is_seen, f"{texts} on the page")


def arrives(browser, address):
    """Waits until the browser is at such an address; which one."""
    browser.wait(lambda: re.search(address, browser.driver.current_url), f"the page {address}")
    return browser.driver.current_url


def write_over(browser, selector, text):
    """Types into a field that scripts fill, too."""
    def is_written():
        field = browser.find(selector)
        if field.get_attribute("value") in ("", text):
            return field.get_attribute("value") == text
        field.send_keys(Keys.CONTROL, "a")
        field.send_keys(text)
        return False

    browser.wait(lambda: browser.has(selector) and browser.find(selector).get_attribute("value"), selector)
    browser.wait(is_written, f"{text} in {selector}")


# The story, one scene after the other.


def give_name(site, browser, first, last):
    browser.open(site.url + "/user/account/")
    browser.fill(first_name=first, last_name=last)
    browser.follow("Save", "Account & Settings")
    browser.open(site.url + "/")


def sign_up_and_make_a_project(site, owner):
    """The first visitor comes to an empty house; in the end there is a project, made in
    Label Studio's own pages."""
    owner.open(site.url + "/")
    assert owner.heading == "Set up your organization"
    owner.fill(email=OWNER, password=PASSWORD)
    press(owner, "Create Account")
    sees(owner, "Create your first project")
    assert owner.driver.current_url == site.url + "/"
    give_name(site, owner, "Grace", "Hopper")
    press(owner, "Create Project", "button")
    write_over(owner, "#project_name", PROJECT)
    press(owner, "Labeling Setup")
    press(owner, "Natural Language Processing")
    press(owner, "Text Classification", "li, h3, h4, span, div")
    sees(owner, "Choose text sentiment")
    press(owner, "Save", "button")
    address = arrives(owner, r"/projects/\d+/data\?tab=\d+$")
    sees(owner, PROJECT, "Import data to get your project started")
    return address


def read_invite_link(site, owner):
    """Label Studio's own dialog, which makes a new link whenever it is opened, shows ours."""
    owner.open(site.url + "/")
    press(owner, "Invite Members", "button")
    before = site.url + "/user/signup/?token="
    link = owner.wait(
        lambda: [value for value in values(owner) if value and value.startswith(before)], "an invite link")[0]
    owner.open(site.url + "/organization/")
    owner.add_people()
    assert owner.find("#invite-link").get_attribute("value") == link
    return link


def values(browser):
    try:
        return [field.get_attribute("value") for field in browser.find_all("input")]
    except StaleElementReferenceException:
        return []


def join_and_import(site, link, colleague, address):
    """Somebody else comes by the link, finds the project and brings tasks."""
    colleague.open(link)
    colleague.fill(email=COLLEAGUE, password=PASSWORD)
    press(colleague, "Create Account")
    sees(colleague, "Recent Projects")
    give_name(site, colleague, "Ada", "Lovelace")
    sees(colleague, "Recent Projects")
    press(colleague, PROJECT, "a, span, div")
    assert arrives(colleague, r"/projects/\d+/data\?tab=\d+$") == address
    sees(colleague, "Import data to get your project started")
    press(colleague, "Import", "button")
    file = pathlib.Path(colleague.profile) / "letters.json"
    file.write_text(json.dumps([{"text": text} for text in LETTERS]))
    colleague.wait(lambda: colleague.has("input[type=file]"), "a field for a file")
    colleague.find("input[type=file]").send_keys(str(file))
    sees(colleague, "1 files uploaded")
    press(colleague, "Import", "button")
    sees(colleague, f"Tasks: {len(LETTERS)} / {len(LETTERS)}", *LETTERS)


def label_and_submit(colleague):
    """One task is labeled in Label Studio's editor, and handed in."""
    press(colleague, "Label All Tasks", "button")
    sees(colleague, LETTERS[0], "Choose text sentiment")
    press(colleague, "Positive[1]", "label")
    press(colleague, "Submit", "button")
    sees(colleague, LETTERS[1], "Choose text sentiment")
    press(colleague, PROJECT, "a")
    sees(colleague, "Submitted annotations: 1")


def open_user_menu(browser):
    press(browser, "GR", ".lsf-menu-header__user")
    browser.wait(lambda: shown(browser, "Log Out", "a"), "the menu")


def shows_work_of(browser, address, initials):
    browser.open(address)
    sees(browser, LETTERS[0], "Submitted annotations: 1")
    return initials in browser.text.split("\n")


def remove(site, owner):
    number = site.person(COLLEAGUE)
    owner.open(f"{site.url}/organization/people/{number}/")
    owner.follow("Remove", f"Remove {COLLEAGUE} from the organization?")
    owner.follow("Remove", "Ada Lovelace removed")


def test_people_label_together_in_a_labeling_server_that_nobody_else_reaches(
        module_workshop, server, site, browsers, keep_picture):
    owner, colleague, visitor = browsers(patience=PATIENCE), browsers(patience=PATIENCE), browsers(patience=PATIENCE)
    address = sign_up_and_make_a_project(site, owner)
    link = read_invite_link(site, owner)
    join_and_import(site, link, colleague, address)
    label_and_submit(colleague)
    assert failures(owner) + failures(colleague) == []

    # Whose work it is, Label Studio knows; soon by the name.
    wait_until(lambda: shows_work_of(owner, address, "AD"), PATIENCE, "Ada Lovelace as who has labeled")
    keep_picture("project", owner)
    annotation, = exported(site, OWNER)
    assert annotation["value"]["choices"] == ["Positive"]

    # Reset: the old link registers nobody from then on.
    owner.open(site.url + "/organization/invite")
    owner.follow("Reset Link", "Reset the invite link?")
    owner.follow("Reset Link", "Add People")
    fresh = owner.find("#invite-link").get_attribute("value")
    visitor.open(link)
    assert visitor.heading == "This invite link does not work"

    # Its menu leads to our pages.
    for item, heading in [("Account & Settings", "Account & Settings"), ("Log Out", "Log out?")]:
        owner.open(site.url + "/projects")
        open_user_menu(owner)
        owner.follow(item, heading)
        assert failures(owner) == []

    # Removed: the next click ends at the log-in page. The colleague is in the middle of
    # Label Studio's own pages, which ask for data only.
    owner.open(site.url + "/organization/")
    remove(site, owner)
    press(colleague, "Projects", "a")
    arrives(colleague, r"/user/login/\?next=/")
    assert colleague.heading == "Log in"
    assert {found.split()[0] for found in failures(colleague)} == {"401"}
    colleague.open(address)
    assert colleague.heading == "Log in"


def exported(site, email):
    """All results in the project, as somebody's program gets them."""
    client = site.client()
    assert client.log_in(email).status_code == 302
    headers = {"Authorization": "Token " + client.api_token()}
    program = site.client()
    project, = program.get("/api/projects/", headers=headers, timeout=PATIENCE).json()["results"]
    tasks = program.get(
        f"/api/projects/{project['id']}/export?exportType=JSON", headers=headers, timeout=PATIENCE).json()
    return [result for task in tasks for annotation in task["annotations"] for result in annotation["result"]]


# The same house, without a browser.


def test_nobody_else_reaches_its_network(server):
    listening = f"0100007F:{server.port:04X} 00000000:0000 0A"
    assert listening in server.of_network("tcp")
    assert not is_reached(server.port)
    interfaces = [line.split(":")[0].strip() for line in server.of_network("dev").splitlines()[2:]]
    assert interfaces == ["lo"], "it reaches the network, too"
    attempt = f"import socket; socket.socket(socket.AF_UNIX).connect({str(server.socket)!r})"
    result = subprocess.run(
        ["/usr/bin/python3", "-c", attempt], user=nobody().pw_uid, group=nobody().pw_gid, extra_groups=[],
        cwd="/", capture_output=True, text=True)
    assert "PermissionError" in result.stderr


@pytest.fixture(scope="module")
def link(site):
    """The invite link of a house that has an owner."""
    client = site.client()
    if client.log_in(OWNER).status_code != 302:
        assert client.sign_up(OWNER).status_code == 302
    return client.get("/api/invite").json()["invite_url"]


def test_lockdown_holds_in_front_of_it(module_workshop, server, site, link):
    query = "?" + link.partition("?")[2]
    site.program.stop()
    locked = start(module_workshop, server, data=site.data, port=site.port, **LOCKED)
    visitor = locked.client()
    page = visitor.page("/user/signup/")
    assert (page.status, page.heading) == (403, "You need an invite link")
    token = visitor.page("/user/login/").form("login-form").fields["csrfmiddlewaretoken"]
    fields = {"csrfmiddlewaretoken": token, "email": "uninvited@example.com", "password": PASSWORD}
    for place in ["", "?token=", "?token=" + "0" * 40]:
        assert visitor.post("/user/signup/" + place, fields).status_code == 403, place
    for path in ["/", "/projects/", "/-/accounts/enter?next=/projects/"]:
        answer = visitor.get(path, headers=PAGE)
        assert answer.headers["Location"].startswith("/user/login/?next="), path
    assert visitor.get("/api/projects/", headers=OURS).status_code == 401
    assert visitor.sign_up("invited@example.com", query=query).status_code == 302
    locked.program.stop()


@pytest.fixture(scope="module")
def files(module_workshop, server, site, link):
    """The files for the nginx of the system, in front of the responder alone."""
    site.program.stop()
    responder = module_workshop.fastcgi(
        "--upstream", server.url, "--upstream-env-file", server.key_file, data=site.data)
    directory = module_workshop.installation / "nginx"
    # What the site tells to write for a Label Studio.
    told = (directory / "label-studio.site").read_text().partition("#   set $label_studio_behind")[2]
    told = "set $label_studio_behind" + told.partition("\n\n")[0].partition("# Another program")[0]
    inside = re.sub(r"^ *#", "", told, flags=re.M).replace("/usr/share/label-studio/nginx", str(directory))
    nginx = module_workshop.nginx(
        f"""server {{
            listen 127.0.0.1:{site.port};
            set $label_studio_responder label_studio; set $label_studio_files {directory};
            set $label_studio_photos {site.data}/avatars; set $label_studio_prefix "/-/accounts";
            set $label_studio_hsts "";
            include {directory}/server.conf; include {directory}/errors.conf; include {directory}/gate-check.conf;
            {inside}
        }}""",
        f"""include {directory}/http.conf;
        upstream label_studio {{ server unix:{responder.socket}; include {directory}/upstream.conf; }}
        upstream labeling_server {{ server {server.url}; keepalive 16; }}""")
    wait_until(lambda: is_reached(site.port) or nginx.process.poll() is not None, PATIENCE, what="nginx")
    assert nginx.process.poll() is None, nginx.errors + nginx.log.read_text()
    return site


def test_the_files_for_the_nginx_of_the_system_lead_to_it(files):
    client = files.client()
    assert client.log_in(OWNER).status_code == 302
    answer = client.get("/projects/", headers=PAGE, timeout=PATIENCE)
    if answer.status_code == 302:
        assert client.get(answer.headers["Location"], headers=PAGE, timeout=PATIENCE).status_code == 302
        answer = client.get("/projects/", headers=PAGE, timeout=PATIENCE)
    assert answer.status_code == 200 and "dynamic-content" in answer.text
    assert client.get("/api/current-user/whoami", headers=OURS, timeout=PATIENCE).json()["email"] == OWNER
    assert client.page("/organization/").status == 200


@pytest.mark.parametrize("forged", [
    {"Remote-User": OWNER}, {"Remote_User": OWNER}, {"Remote-Email": OWNER}, {"X-Forwarded-User": OWNER},
    {"Gate-Authorization": "Bearer e30.e30.AAAA"}, {"Authorization": "Bearer e30.e30.AAAA"},
    {"Authorization": "Basic b3duZXI6b3duZXI="}, {"Cookie": "sessionid=abc; csrftoken=abc"}])
def test_whoever_says_that_he_is_somebody_is_nobody(files, forged):
    stranger = files.client()
    assert stranger.get("/api/current-user/whoami", headers={**OURS, **forged}).status_code == 401
    answer = stranger.get("/projects/", headers={**PAGE, **forged})
    assert answer.headers["Location"] == "/user/login/?next=/projects/"


def test_its_own_log_in_is_not_there(files):
    stranger = files.client()
    page = stranger.page("/user/login/")
    assert page.has_form("login-form") and page.form("login-form").fields["csrfmiddlewaretoken"]
    for path in ["/api-auth/login/", "/admin/login/"]:
        assert stranger.get(path, headers=PAGE).status_code in (302, 403), path
        assert stranger.post(path, {"username": OWNER, "password": PASSWORD}, headers=OURS).status_code in (401, 403)

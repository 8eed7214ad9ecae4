"""A real, unmodified Label Studio behind the gate: people who log in here are in there."""

import contextlib
import http.client
import pathlib
import re
import signal
import sqlite3
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from labeling_server import CHIEF, WITH_CHIEF, LabelingServer
from site_under_test import PASSWORD, Client, Page, log_lines, wait_until

PROGRAM = pathlib.Path(sys.executable).parent / "label-studio"
OWNER = "owner@example.com"
PAGE = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "none", "Accept": "text/html,*/*;q=0.8"}
OURS = {"Sec-Fetch-Site": "same-origin"}
# Several requests to a slow machine.
PATIENCE = 120


class Front:
    """`label-studio start --upstream`, and whoever comes to it."""

    def __init__(self, workshop, server, *flags, address=None, key_file=None, **settings):
        self.workshop = workshop
        self.server = server
        self.site = workshop.start(
            "--upstream", address or server.url, "--upstream-env-file", key_file or server.key_file, *flags, **settings)

    def client(self):
        return self.site.client()

    def member(self, email, password=PASSWORD):
        client = self.client()
        assert client.sign_up(email, password).status_code == 302
        return client

    def token(self, client):
        return client.get("/api/current-user/token").json()["token"]

    def stop(self):
        self.site.program.stop()


def walk(client, path, limit=8):
    """Opens a page and follows where it leads; the addresses on the way, and the last answer."""
    way = []
    while len(way) < limit:
        way.append(path)
        answer = client.get(path, headers=PAGE, timeout=PATIENCE)
        if answer.status_code not in (301, 302):
            return way, answer
        path = answer.headers["Location"].removeprefix(client.url)
    raise AssertionError(f"it leads in circles: {way}")


def call(front, token, method, path, **options):
    headers = {"Authorization": f"Token {token}", **options.pop("headers", {})}
    return requests.request(
        method, front.site.url + path, headers=headers, timeout=PATIENCE, allow_redirects=False, **options)


def me(client):
    """Who the labeling server says this is."""
    answer = client.get("/api/current-user/whoami", headers=OURS, timeout=PATIENCE)
    assert answer.status_code == 200, (answer.status_code, answer.text)
    return answer.json()


def assert_page(answer, status, heading):
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert Page(answer).heading == heading


def assert_refused(answer, status=403, detail=None):
    assert answer.status_code == status, (answer.status_code, answer.text)
    assert answer.headers["Content-Type"] == "application/json"
    if detail:
        assert detail in answer.json()["detail"]


@pytest.fixture(scope="module")
def server(module_workshop):
    """One that began empty."""
    return LabelingServer(module_workshop, PROGRAM)


@pytest.fixture(scope="module")
def front(module_workshop, server):
    return Front(module_workshop, server)


@pytest.fixture(scope="module")
def owner(front):
    """The first visitor: by one command the two belong together."""
    client = front.client()
    way, answer = walk(client, "/")
    assert way == ["/", "/user/signup/"]
    assert answer.status_code == 200
    answer = client.sign_up(OWNER)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    way, answer = walk(client, "/")
    assert way == ["/", "/-/accounts/enter?next=/", "/"]
    assert answer.status_code == 200
    assert "dynamic-content" in answer.text
    return client


def test_the_owner_here_owns_the_organization_there(front, owner):
    found = me(owner)
    assert found["email"] == OWNER
    with contextlib.closing(sqlite3.connect(front.server.data / "label_studio.sqlite3")) as database:
        assert database.execute("SELECT created_by_id FROM organization").fetchall() == [(found["id"],)]


def test_a_colleague_comes_in_by_our_link_and_sees_the_projects(front, owner):
    token = front.token(owner)
    project = call(front, token, "POST", "/api/projects/", json={"title": "Birds"}).json()
    link = owner.get("/api/invite").json()["invite_url"]
    assert link.startswith("/user/signup/?token=") or "/user/signup/?token=" in link
    colleague = front.client()
    query = "?" + link.split("?", 1)[1]
    assert colleague.sign_up("colleague@example.com", query=query).status_code == 302
    way, answer = walk(colleague, f"/projects/{project['id']}/data?tab=1")
    assert way[1] == f"/-/accounts/enter?next=/projects/{project['id']}/data%3Ftab%3D1"
    assert way[2:] == [f"/projects/{project['id']}/data?tab=1"]
    assert answer.status_code == 200
    assert me(colleague)["active_organization"] == me(owner)["active_organization"]
    titles = [found["title"] for found in colleague.get("/api/projects/", headers=OURS).json()["results"]]
    assert titles == ["Birds"]


def test_our_pages_stand_beside_those_of_the_labeling_server(front, owner):
    for path in ["/organization/", "/people/", "/user/account/", "/-/accounts/", "/-/accounts/projects/new", "/logout"]:
        answer = owner.get(path, headers=PAGE)
        assert answer.status_code == 200, path
        assert answer.headers["Content-Security-Policy"], path
        for found in re.findall(r'(?:href|src)="(/-/accounts/static/[^"]+)"', answer.text):
            assert owner.get(found).status_code == 200
        assert 'href="/static/' not in answer.text
    answer = owner.get("/.well-known/change-password", headers=PAGE)
    assert answer.headers["Location"] == "/user/account/password#password-form"
    # What the labeling server brings comes from there.
    page = owner.get("/projects/", headers=PAGE)
    assert "Content-Security-Policy" not in page.headers or "'none'" not in page.headers["Content-Security-Policy"]
    scripts = re.findall(r'src="(/[^"]+\.js[^"]*)"', page.text)
    assert scripts and all(owner.get(script).status_code == 200 for script in scripts)
    # Health, and the JSON of what stays ours.
    assert owner.get("/health").json()["status"] == "UP"
    assert "token" in owner.get("/api/current-user/token").json()


def test_our_projects_keep_their_place(front, owner):
    answer = owner.submit("/-/accounts/projects/new", {"title": "Tools"}, "project-form")
    assert re.fullmatch(r"/-/accounts/projects/\d+/", answer.headers["Location"])
    assert Page(owner.get(answer.headers["Location"])).heading == "Tools"
    stranger = front.client().get(answer.headers["Location"], headers=PAGE)
    assert stranger.headers["Location"] == f"/user/login/?next={answer.headers['Location']}"


def test_a_program_is_in_with_our_token_from_its_first_request(front, owner):
    client = front.member("program@example.com")
    token = front.token(client)
    answer = call(front, token, "GET", "/api/current-user/whoami")
    assert answer.status_code == 200, answer.text
    assert answer.json()["email"] == "program@example.com"
    assert call(front, "no-such-token", "GET", "/api/current-user/whoami").status_code == 401
    # A token of the labeling server is none here.
    own = requests.get(front.server.url + "/api/current-user/token", headers={
        "Authorization": f"Token {token}"}, timeout=PATIENCE)
    assert own.status_code == 401


def test_the_python_client_imports_and_exports_tasks(front, owner):
    from label_studio_sdk import LabelStudio
    client = LabelStudio(base_url=front.site.url, api_key=front.token(owner))
    project = client.projects.create(
        title="Sentences",
        label_config='<View><Text name="text" value="$text"/><Choices name="kind" toName="text">'
                     '<Choice value="good"/><Choice value="bad"/></Choices></View>')
    client.projects.import_tasks(id=project.id, request=[{"text": "one"}, {"text": "two"}])
    tasks = list(client.tasks.list(project=project.id))
    assert sorted(task.data["text"] for task in tasks) == ["one", "two"]
    client.annotations.create(id=tasks[0].id, result=[
        {"from_name": "kind", "to_name": "text", "type": "choices", "value": {"choices": ["good"]}}])
    exported = b"".join(client.projects.exports.download_sync(project.id)) if hasattr(
        client.projects.exports, "download_sync") else requests.get(
        f"{front.site.url}/api/projects/{project.id}/export?exportType=JSON", timeout=PATIENCE,
        headers={"Authorization": f"Token {front.token(owner)}"}).content
    assert b"good" in exported
    assert client.users.whoami().email == OWNER


def test_two_first_requests_at_once_make_one_account(front, owner):
    client = front.member("hasty@example.com")
    token = front.token(client)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: call(front, token, "GET", "/api/current-user/whoami"), range(8)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["id"] for answer in answers}) == 1
    people = call(front, token, "GET", "/api/users/").json()
    assert [person["email"] for person in people].count("hasty@example.com") == 1


def test_whatever_a_client_says_of_itself_does_not_reach_the_labeling_server(front, owner):
    person = me(owner)
    stranger = front.client()
    for forged in [
            {"Remote-User": OWNER}, {"Remote_User": OWNER}, {"X-Forwarded-User": OWNER},
            {"Gate-Authorization": "Bearer x"}, {"Cookie": "sessionid=abc"}, {"Authorization": "Bearer a.b.c"},
            {"X-Api-Key": "wrong-key"}, {"Authorization": "Token wrong-key"}]:
        answer = stranger.get("/api/current-user/whoami", headers=forged)
        assert answer.status_code == 401, forged
    colleague = front.member("forger@example.com")
    assert me(colleague)["email"] == "forger@example.com"
    for forged in [{"Remote-User": OWNER}, {"X-Api-Key": ""}, {"Proxy-Authorization": "Basic eDp5"}]:
        answer = colleague.get("/api/current-user/whoami", headers={**OURS, **forged})
        assert answer.json()["id"] != person["id"], forged


@pytest.mark.parametrize(["method", "path"], [
    ("POST", "/api/users/"), ("PATCH", "/api/users/1/"), ("DELETE", "/api/users/1/"),
    ("PATCH", "/api/organizations/1"), ("DELETE", "/api/organizations/1/memberships/1/"),
    ("POST", "/api/users.json"), ("POST", "/api/users.json/"), ("POST", "/api/users.api"),
    ("PATCH", "/api/users/1.json"), ("POST", "/api/organizations.json"), ("GET", "/api/organizations/1"),
    ("GET", "/api/organizations/1/"), ("GET", "/api/organizations/1.json"), ("HEAD", "/api/organizations/1"),
    ("GET", "/admin/"), ("GET", "/admin/login/"), ("GET", "/django-rq/"), ("GET", "/api-auth/login/")])
def test_it_is_not_asked_to_manage_people(front, owner, method, path):
    before = call(front, front.token(owner), "GET", "/api/users/").json()
    for answer in [owner.request(method, path, headers=OURS), call(front, front.token(owner), method, path)]:
        assert answer.status_code == 403, (answer.status_code, answer.text)
    assert call(front, front.token(owner), "GET", "/api/users/").json() == before


@pytest.mark.parametrize("path", [
    "/projects/../admin/", "/admin/../projects/", "/%61dmin/", "/./admin/", "//admin/", "/admin%2Flogin/",
    "/projects/..%2fadmin/", "/admin#", "/api/users#x", "/api/users/1/../../../admin/"])
def test_no_way_of_writing_an_address_leads_past_that(front, owner, path):
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", front.site.port, timeout=PATIENCE)) as connection:
        cookies = "; ".join(f"{name}={value}" for name, value in owner.cookies.items())
        connection.request("GET", path, headers={"Cookie": cookies, **OURS})
        assert connection.getresponse().status in (400, 403, 404), path


def test_what_members_have_brought_gets_no_scripts_on_our_origin(front, owner):
    for path in ["/tasks/9999/resolve/?fileuri=eA", "/projects/9999/presign/?fileuri=eA", "/data/upload/1/x.html",
                 "/storage-data/uploaded/?filepath=upload/1/x.html"]:
        answer = owner.get(path, headers=PAGE)
        assert "sandbox" in answer.headers["Content-Security-Policy"].split(", "), path
    assert "sandbox" not in owner.get("/projects/", headers=PAGE).headers.get("Content-Security-Policy", "")


def test_its_own_log_in_is_no_way_in(front, owner):
    stranger = front.client()
    page = stranger.get("/user/login/")
    assert page.headers["Content-Security-Policy"], "the page is not ours"
    # Whatever it sets as a cookie, browsers do not see it.
    for path in ["/projects/", "/api/projects/", "/api/version"]:
        assert "Set-Cookie" not in owner.get(path, headers=OURS).headers, path


def test_whoever_is_removed_here_is_out_there_at_once(front, owner):
    client = front.member("leaver@example.com")
    token = front.token(client)
    way, answer = walk(client, "/projects/")
    assert answer.status_code == 200
    number = front.site.person("leaver@example.com")
    assert owner.act_upon(number, "remove").status_code == 302
    assert client.get("/api/projects/", headers=OURS).status_code == 401
    way, answer = walk(client, "/projects/")
    assert way == ["/projects/", "/user/login/?next=/projects/"]
    assert call(front, token, "GET", "/api/projects/").status_code == 401


def test_whom_the_labeling_server_does_not_let_in_is_told_so(front, owner):
    client = front.member("inactive@example.com")
    number = me(client)["id"]
    front.server.execute("UPDATE htx_user SET is_active = 0 WHERE id = ?", number)
    way, answer = walk(client, "/projects/")
    assert way == ["/projects/", "/-/accounts/enter?next=/projects/"]
    assert_page(answer, 403, "The labeling server does not let you in")
    front.server.execute("UPDATE htx_user SET is_active = 1 WHERE id = ?", number)
    way, answer = walk(client, "/projects/")
    assert answer.status_code == 200


def test_whoever_registers_with_an_address_of_there_does_not_become_its_owner(module_workshop):
    server = LabelingServer(module_workshop, PROGRAM, *WITH_CHIEF)
    front = Front(module_workshop, server)
    thief = front.member(CHIEF)
    way, answer = walk(thief, "/projects/")
    assert way == ["/projects/", "/-/accounts/enter?next=/projects/"]
    assert_page(answer, 200, "Is this your account?")
    assert thief.get("/api/current-user/whoami", headers=OURS).status_code >= 400
    assert call(front, front.token(thief), "GET", "/api/projects/").status_code >= 400
    guess = thief.submit(way[-1], {"email": CHIEF, "password": PASSWORD}, "entry-form")
    assert guess.status_code == 422
    assert PASSWORD not in guess.text
    assert Page(guess).value("entry-email") == CHIEF
    # The one whose account it is has its password.
    right = thief.submit(way[-1], {"email": CHIEF, "password": "Chief-Pass-1"}, "entry-form")
    assert (right.status_code, right.headers["Location"]) == (302, "/projects/")
    assert me(thief)["email"] == CHIEF
    # Everybody else comes by the invite link that can be read now.
    colleague = front.member("second@example.com")
    assert walk(colleague, "/projects/")[1].status_code == 200
    front.stop()


def test_passwords_of_there_are_not_found_by_trying(module_workshop, server):
    front = Front(module_workshop, server, limited=True)
    client = front.member("guesser@example.com")
    statuses = []
    while 429 not in statuses and len(statuses) < 40:
        fields = {"email": OWNER, "password": f"guess-{len(statuses)}"}
        statuses.append(client.post("/-/accounts/enter", fields, headers=OURS, timeout=PATIENCE).status_code)
    assert statuses[-1] == 429, statuses
    front.stop()


def test_a_wrong_key_is_named(module_workshop, server):
    key = module_workshop.directory() / "key"
    key.write_text("SECRET_KEY=another-key-that-is-not-its-own\n")
    front = Front(module_workshop, server, key_file=key)
    client = front.member("first@example.com")
    answer = walk(client, "/projects/")[1]
    assert_page(answer, 502, "The labeling server does not know our key")
    assert log_lines(front.site.program, "labeling-server-failed")
    assert "another-key" not in front.site.program.errors
    assert call(front, front.token(client), "GET", "/api/projects/").status_code == 503
    front.stop()


def test_without_the_key_it_does_not_start(workshop):
    program = workshop.start("--upstream", "http://127.0.0.1:9", waits=False).program
    assert program.wait() != 0
    assert "LABEL_STUDIO_UPSTREAM_ENV_FILE" in program.errors


def test_a_sub_path_is_not_for_a_labeling_server(workshop):
    key = workshop.directory() / "key"
    key.write_text("SECRET_KEY=something\n")
    program = workshop.start(
        "--upstream", "http://127.0.0.1:9", "--upstream-env-file", key, "--host", "http://localhost/labels",
        waits=False).program
    assert program.wait() != 0
    assert "sub-path" in program.errors


def test_a_labeling_server_that_is_stopped_has_a_page(front, owner, server):
    server.program.send(signal.SIGSTOP)
    try:
        unknown = front.member("unlucky@example.com")
        assert_page(walk(unknown, "/projects/")[1], 503, "The labeling server is too slow")
    finally:
        server.program.send(signal.SIGCONT)
    server.program.stop()
    answer = owner.get("/projects/", headers=PAGE)
    assert_page(answer, 503, "This site does not answer")
    assert answer.headers["Retry-After"]
    assert "/-/accounts/static/app.css" in answer.text
    assert_refused(call(front, front.token(owner), "GET", "/api/projects/"), 503)
    assert_page(walk(unknown, "/projects/")[1], 503, "The labeling server cannot be reached")
    # Ours go on.
    assert owner.get("/organization/").status_code == 200
    server.start_again()
    wait_until(lambda: owner.get("/projects/", headers=PAGE, timeout=PATIENCE).status_code == 200, 60, "its return")

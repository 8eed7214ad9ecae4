"""Logging in and out, and sessions (issue 2, point 5; WIRE.md, section 4)."""

import re
import statistics
import time
import urllib.parse

import pytest
from site_under_test import PASSWORD, Page, assert_shows_problem, cookie_attributes, decoded_length

REFUSED = "The email and password you entered don't match."
DAY = 86_400 * 1_000_000


@pytest.mark.parametrize("path", ["/user/login/", "/user/login"])
def test_the_form_has_the_fields_that_clients_know(visitor, path):
    page = visitor.page(path)
    form = page.form("login-form")
    assert page.status == 200
    assert (form.method, form.action) == ("post", "/user/login/")
    assert set(form.fields) == {"csrfmiddlewaretoken", "email", "password", "persist_session"}
    assert "checked" in form.inputs["persist_session"]
    assert form.inputs["email"]["autocomplete"] == "username"
    assert form.inputs["password"]["autocomplete"] == "current-password"
    assert form.buttons[-1] == "Log in"
    assert page.link("Sign up") == "/user/signup/"
    signup = visitor.page("/user/signup/").form("signup-form")
    assert signup.inputs["email"]["id"] != form.inputs["email"]["id"]


@pytest.mark.parametrize("path", ["/user/login/", "/user/login"])
def test_both_addresses_accept_the_form(site, path):
    client = site.client()
    form = client.page(path).form("login-form")
    answer = client.post(path, {**form.fields, "email": "owner@example.com", "password": PASSWORD})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert client.is_logged_in()


@pytest.mark.parametrize("email", ["OWNER@Example.COM", "  owner@example.com\t"])
def test_the_address_is_trimmed_and_its_case_does_not_matter(site, email):
    assert site.client().log_in(email).status_code == 302


@pytest.mark.parametrize(
    ["email", "password"],
    [
        ("owner@example.com", "wrong password"),
        ("owner@example.com", ""),
        ("owner@example.com", PASSWORD + " "),
        ("owner@example.com", PASSWORD.upper()),
        ("owner@example.com", "x" * 2000),
        ("owner@example.com", PASSWORD + "\0"),
        ("unknown@example.com", PASSWORD),
        ("no address", PASSWORD),
        ("", ""),
        ("\"><b id=injected>", PASSWORD),
        ("' OR '1'='1", PASSWORD),
        ("a" * 300 + "@example.com", PASSWORD),
    ],
)
def test_every_refusal_is_the_same_form_with_the_address_kept(site, email, password):
    client = site.client()
    answer = client.log_in(email, password)
    page = assert_shows_problem(answer, REFUSED)
    assert page.value("login-email") == email
    assert page.value("login-current-password") == ""
    assert "injected" not in page.ids
    if password.strip("\0 ") and password != PASSWORD:
        assert password not in answer.text
    assert "sessionid" not in client.cookies


def test_an_unknown_address_and_a_wrong_password_look_and_last_the_same(site):
    answers, times = {}, {"owner@example.com": [], "nobody@example.com": []}
    client = site.client()
    for _ in range(15):
        for email, durations in times.items():
            form = client.page("/user/login/").form("login-form")
            began = time.monotonic()
            answer = client.post(form.action, {**form.fields, "email": email, "password": "wrong password"})
            durations.append(time.monotonic() - began)
            assert answer.status_code == 422
            answers[email] = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", answer.text.replace(email, ""))
    known, unknown = map(statistics.median, times.values())
    assert answers["owner@example.com"] == answers["nobody@example.com"]
    assert 0.5 < known / unknown < 2, times


def test_whether_to_keep_the_session_is_remembered_in_the_form(site):
    client = site.client()
    page = client.page("/user/login/")
    form = page.form("login-form")
    fields = {name: value for name, value in form.fields.items() if name != "persist_session"}
    refused = Page(client.post(form.action, {**fields, "email": "owner@example.com", "password": "wrong"}))
    assert "persist_session" not in refused.form("login-form").fields
    refused = Page(client.log_in("owner@example.com", "wrong"))
    assert refused.form("login-form").fields["persist_session"] == "true"


@pytest.mark.parametrize(["value", "lasts"], [
    ("true", True), ("on", True), ("anything", True), ("false", False), ("False", False), ("0", False), (None, False)])
def test_keep_me_logged_in_decides_how_long_the_cookie_lasts(site, value, lasts):
    client = site.client()
    form = client.page("/user/login/").form("login-form")
    fields = {**form.fields, "email": "owner@example.com", "password": PASSWORD}
    fields.pop("persist_session")
    answer = client.post(form.action, fields if value is None else {**fields, "persist_session": value})
    cookie, attributes = cookie_attributes(answer, "sessionid")
    assert decoded_length(cookie) == 32
    expected = {"Path": "/", "HttpOnly": True, "SameSite": "Lax"}
    if lasts:
        expected["Max-Age"] = str(11520 * 60)
    assert attributes == expected


def test_each_log_in_has_a_cookie_of_its_own_and_a_made_up_one_is_never_adopted(site):
    cookies = set()
    for _ in range(3):
        client = site.client()
        client.session.cookies.set("sessionid", "A" * 43)
        assert not client.is_logged_in()
        answer = client.log_in("owner@example.com")
        cookies.add(cookie_attributes(answer, "sessionid")[0])
    assert len(cookies) == 3
    assert "A" * 43 not in cookies


def test_the_database_holds_no_cookie_that_could_be_used(site, owner):
    value = owner.cookies["sessionid"]
    assert value.encode() not in site.database.read_bytes()
    for path in site.data.glob("accounts.sqlite3*"):
        assert value.encode() not in path.read_bytes()


@pytest.mark.parametrize(
    ["column", "age", "survives"],
    [
        ("created_at", 7.9, True),
        ("created_at", 8.1, False),
        ("last_seen_at", 2.9, True),
        ("last_seen_at", 3.1, False),
    ],
)
def test_the_server_ends_sessions_that_are_old_or_idle(site, member, column, age, survives):
    user = site.query("SELECT id FROM user_account WHERE email = ?", member.email)[0][0]
    site.execute(f"UPDATE session SET {column} = {column} - {int(age * DAY)} WHERE user_id = ?", user)
    assert member.is_logged_in() == survives
    assert member.get("/api/current-user/whoami").status_code == (200 if survives else 401)


def test_a_visit_keeps_an_idle_session_alive_and_shows_as_last_activity(site, member):
    user = site.query("SELECT id FROM user_account WHERE email = ?", member.email)[0][0]
    site.execute(f"UPDATE session SET last_seen_at = last_seen_at - {2 * DAY} WHERE user_id = ?", user)
    site.execute(f"UPDATE user_account SET last_active_at = last_active_at - {2 * DAY} WHERE id = ?", user)
    assert member.is_logged_in()
    now = time.time() * 1_000_000
    for table, column, key in [("session", "last_seen_at", "user_id"), ("user_account", "last_active_at", "id")]:
        (seen,), = site.query(f"SELECT {column} FROM {table} WHERE {key} = ?", user)
        assert abs(seen - now) < 60_000_000


@pytest.mark.parametrize(
    ["path", "next"],
    [
        ("/projects/", "/projects/"),
        ("/projects", "/projects"),
        ("/projects/7/edit", "/projects/7/edit"),
        ("/organization/?page=1", "/organization/?page=1"),
        ("/people/", "/people/"),
        ("/organization/invite", "/organization/invite"),
        ("/user/account/", "/user/account/"),
    ],
)
def test_a_protected_page_leads_to_the_log_in_page_and_back(site, path, next):
    client = site.client()
    answer = client.get(path)
    assert answer.status_code == 302
    location = answer.headers["Location"]
    assert location.startswith("/user/login/?next=")
    page = client.page(location)
    assert urllib.parse.parse_qs(page.link("Sign up").partition("?")[2]) == {"next": [next]}
    answer = client.send(page, {"email": "owner@example.com", "password": PASSWORD}, "login-form")
    assert (answer.status_code, answer.headers["Location"]) == (302, next)


@pytest.mark.parametrize(
    ["next", "expected"],
    [
        ("/projects/?a=%2F%26", "/projects/?a=%2F%26"),
        ("/projekte/ä", "/projekte/%C3%A4"),
        ("OWN/organization/", "/organization/"),
        ("OWN", "/"),
        ("", "/"),
        ("//evil.example", "/"),
        ("///evil.example", "/"),
        ("/\\evil.example", "/"),
        ("\\\\evil.example", "/"),
        ("/\t/evil.example", "/"),
        ("/\n/evil.example", "/"),
        (" //evil.example", "/"),
        ("\t//evil.example", "/"),
        ("http://evil.example", "/"),
        ("https://evil.example", "/"),
        ("OWN@evil.example/", "/"),
        ("OWN.evil.example/", "/"),
        ("OWN//evil.example", "/"),
        ("http:evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("data:text/html,x", "/"),
        ("projects", "/"),
        ("projects/x", "/"),
        ("/x\r\nLocation: http://evil.example", "/"),
        ("/\x00", "/"),
        ("/\u2028x", "/%E2%80%A8x"),
    ],
)
def test_next_leads_to_our_own_paths_only(site, next, expected):
    client = site.client()
    form = client.page("/user/login/").form("login-form")
    fields = {**form.fields, "email": "owner@example.com", "password": PASSWORD}
    next = next.replace("OWN", site.url)
    answer = client.request("POST", "/user/login/", params={"next": next}, data=fields)
    assert (answer.status_code, answer.headers["Location"]) == (302, expected)
    answer = client.request("GET", "/user/login/", params={"next": next})
    assert (answer.status_code, answer.headers["Location"]) == (302, expected)


def test_next_in_the_body_is_ignored(site):
    assert site.client().log_in("owner@example.com", next="/organization/").headers["Location"] == "/"


@pytest.mark.parametrize("path", ["/logout", "/logout/"])
def test_logging_out_kills_the_session_and_copies_of_its_cookie(member, path):
    copy = member.copy()
    assert copy.is_logged_in()
    question = member.page(path)
    assert question.heading == "Log out?"
    assert question.form("logout-form").buttons == ["Log Out"]
    assert member.is_logged_in(), "asking for the page changes nothing"
    answer = member.post(path, question.form("logout-form").fields)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    value, attributes = cookie_attributes(answer, "sessionid")
    assert value == "" and attributes["Max-Age"] == "0" and attributes["Path"] == "/"
    assert not copy.is_logged_in()
    assert copy.get("/api/current-user/whoami").status_code == 401
    assert "sessionid" not in member.cookies
    assert member.page(path).heading == "You are logged out"
    answer = member.get("/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/user/login/?next=/")


def test_the_menu_of_every_page_has_a_button_to_log_out(member):
    form = next(form for form in member.page("/").forms if form.action == "/logout")
    assert form.method == "post"
    assert member.post("/logout", form.fields).status_code == 302
    assert not member.is_logged_in()


def test_logging_out_ends_one_session_only(site, member):
    other = site.client()
    assert other.log_in(member.email).status_code == 302
    assert member.log_out().status_code == 302
    assert other.is_logged_in()


@pytest.mark.parametrize(
    "headers", [{}, {"Origin": "http://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"},
                {"Sec-Fetch-Site": "same-site"}])
def test_other_sites_cannot_log_anybody_in_or_out(site, member, headers):
    answer = member.post("/logout", {}, headers=headers)
    assert answer.status_code == 403
    assert member.is_logged_in()
    client = site.client()
    answer = client.post("/user/login/", {"email": "owner@example.com", "password": PASSWORD}, headers=headers)
    assert answer.status_code == 403
    assert "sessionid" not in client.cookies


def test_a_token_of_a_visitor_does_not_work_for_a_session(site):
    client = site.client()
    before = client.page("/user/login/").form("login-form").fields["csrfmiddlewaretoken"]
    cookie = client.cookies["csrftoken"]
    assert client.log_in("owner@example.com").status_code == 302
    assert client.cookies["csrftoken"] != cookie
    answer = client.post("/logout", {"csrfmiddlewaretoken": before})
    assert answer.status_code == 403
    client.session.cookies.set("csrftoken", cookie, domain="127.0.0.1", path="/")
    assert client.post("/logout", {"csrfmiddlewaretoken": before}).status_code == 403
    assert client.is_logged_in()


def test_the_way_of_the_python_client_works(site):
    """GET, POST with the bare cookie as token and a Referer, then the API."""
    client = site.client()
    client.get("/user/login")
    fields = {"email": "owner@example.com", "password": PASSWORD, "csrfmiddlewaretoken": client.cookies["csrftoken"]}
    answer = client.request(
        "POST", "/user/login", data=fields, headers={"Referer": site.url + "/user/login"}, allow_redirects=True)
    assert answer.status_code == 200
    assert client.get("/api/current-user/token").json()["token"]


def test_an_empty_server_shows_the_log_in_page_too(workshop):
    site = workshop.start()
    page = site.client().page("/user/login/")
    assert page.status == 200
    assert page.has_form("login-form")
    assert_shows_problem(site.client().log_in("a@example.com"), REFUSED)


def test_sessions_survive_a_restart(workshop):
    site = workshop.start()
    client = site.client()
    assert client.sign_up("stays@example.com").status_code == 302
    assert site.program.stop() == 0
    site = workshop.start(data=site.data, port=site.port)
    assert client.is_logged_in()


def test_the_log_names_no_password_cookie_or_address_that_was_typed(workshop):
    site = workshop.start(LABEL_STUDIO_LOG_LEVEL="DEBUG")
    client = site.client()
    assert client.sign_up("logged@example.com").status_code == 302
    cookie = client.cookies["sessionid"]
    assert client.log_out().status_code == 302
    assert site.client().log_in("password-in-the-wrong-field", "not this one").status_code == 422
    assert site.client().log_in("logged@example.com").status_code == 302
    log = site.program.errors
    for event in ["signed-up", "logged-out", "log-in-refused", "logged-in"]:
        assert event in log
    written = log + site.program.output + "".join(
        path.read_text() for path in site.data.glob("nginx/*.log"))
    for secret in [PASSWORD, cookie, "password-in-the-wrong-field", "not this one", client.cookies["csrftoken"]]:
        assert secret not in written

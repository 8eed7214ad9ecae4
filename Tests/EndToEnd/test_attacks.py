"""What an attacker tries, and that nothing comes of it (issue 3, points 1, 2 and 9)."""

import concurrent.futures
import itertools
import re

import pytest
from site_under_test import (
    PASSWORD, REPOSITORY, AtOnce, Page, form_request, log_lines, raw_exchange, wait_until)

NEW = "another good password"
ACTS = ["make-owner", "make-member", "log-out", "reset-link", "deactivate", "reactivate", "remove", "restore"]
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
emails = (f"attacked{number}@example.com" for number in itertools.count())

# Every address that accepts a POST, with a form that would do something.
VISITORS = {
    "/user/login/": {"email": "owner@example.com", "password": PASSWORD},
    "/user/signup/": {"email": "forged@example.com", "password": PASSWORD},
    "LINK": {"new_password": NEW},
    "/logout": {},
}
MEMBERS = {
    "/logout": {},
    "/projects/new": {"title": "Forged"},
    "/projects/PROJECT/edit": {"title": "Forged"},
    "/projects/PROJECT/delete": {},
    "/organization/invite/reset": {},
    "/user/account/": {"first_name": "Forged"},
    "/user/account/password": {"current_password": PASSWORD, "new_password": NEW},
    "/user/account/email": {"email": "forged@example.com", "password": PASSWORD},
    "/user/account/photo/remove": {},
    "/user/account/sessions/end": {"session": "SESSION"},
    "/user/account/sessions/end-others": {},
    "/-/accounts/enter": {"email": "owner@example.com", "password": PASSWORD},
    "/user/account/leave": {"password": PASSWORD},
    "/user/account/delete": {"email": "OWN", "password": PASSWORD},
    "/user/account/token/reset": {},
    "/api/current-user/reset-token": {},
    "/api/invite/reset-token": {},
    "/user/account/access-token": {},
    "/user/account/access-token/revoke": {"id": "0" * 32},
    "/api/token/": {},
    "/api/token/rotate/": {"refresh": "x"},
    "/api/projects/": {"title": "Forged"},
    "/api/organizations/": {"title": "Forged"},
}
# Those that take a file, see test_photos.py.
WITH_FILE = {"/user/account/photo", "/api/users/#/avatar"}
OWNERS = {
    **{f"/organization/people/PERSON/{act}": {} for act in ACTS},
    "/organization/people/PERSON/labeling-server": {"account": "1"},
    "/organization/people/PERSON/labeling-server/separate": {},
    "/organization/access": {},
    "/organization/invite/limits": {"until": "", "joins": "5"},
    "/organization/rename": {"title": "Forged"},
    "/organization/sessions/end": {},
    "/api/users/": {"username": "forged", "email": "forged@example.com"},
    "/api/jwt/settings": {"api_tokens_enabled": "false"},
}
# They act by the token in the body alone, and by no cookie.
BY_BODY = {"/api/token/refresh", "/api/token/blacklist"}


def test_the_lists_above_name_every_address_that_accepts_a_form():
    text = (REPOSITORY / "Sources" / "Web" / "Routes.swift").read_text()
    found = re.findall(r'Route\(\s*"([^"]+)"((?:(?!Route\().)*)', text, re.DOTALL)
    patterns = {path for path, rest in found if "(.post" in rest}
    named = {re.sub("PROJECT|PERSON", "#", path.rstrip("/")) for path in [*VISITORS, *MEMBERS, *OWNERS]}
    named -= {f"/organization/people/#/{act}" for act in ACTS} | {"LINK"}
    named |= {"/user/set-password", "/organization/people/#/\\(act.rawValue)"}
    assert patterns - BY_BODY - WITH_FILE == named and BY_BODY | WITH_FILE <= patterns


# Forms that were not sent from our pages.

FOREIGN = [
    {"Origin": "http://evil.example"}, {"Origin": "null"}, {"Origin": "URL.evil.example"}, {"Origin": "https://127.0.0.1"},
    {"Origin": "http://127.0.0.1"}, {"Origin": "URL/"}, {"Origin": "URL, URL"}, {"Origin": "http://evil.example URL"},
    {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Sec-Fetch-Site": "none"},
    {"Sec-Fetch-Site": "Same-Origin"}, {"Sec-Fetch-Site": "cross-site", "Origin": "URL"},
    {"Sec-Fetch-Site": "same-origin, cross-site"},
]


@pytest.fixture
def victim(site):
    """An owner with everything that there is to attack; `places` fills the
    lists above."""
    client = site.client()
    client.email = next(emails)
    assert client.sign_up(client.email).status_code == 302
    number = site.person(client.email)
    site.execute("UPDATE member SET role = 'owner' WHERE user_id = ?", number)
    other = site.client()
    assert other.log_in(client.email).status_code == 302
    person = site.client()
    assert person.sign_up(next(emails)).status_code == 302
    location = client.submit("/projects/new", {"title": "Mine"}, "project-form").headers["Location"]
    forms = client.page("/user/account/sessions").forms
    person.number = site.query("SELECT max(id) FROM user_account")[0][0]
    client.places = {
        "LINK": client.set_password_link(person.number), "PROJECT": location.split("/")[2],
        "PERSON": str(person.number), "OWN": client.email,
        "SESSION": next(form.fields["session"] for form in forms if "session" in form.fields)}
    return client


def filled(text, places):
    for name, value in places.items():
        text = text.replace(name, value)
    return text


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_no_form_is_accepted_from_elsewhere_even_with_a_good_token(site, victim, headers):
    headers = {name: value.replace("URL", site.url) for name, value in headers.items()}
    visitor = site.client()
    tokens = {visitor: visitor.page("/user/login/").form("login-form").fields, victim: victim.page("/").forms[0].fields}
    before = site.content()
    for client, addresses in [(visitor, VISITORS), (victim, {**MEMBERS, **OWNERS})]:
        for path, fields in addresses.items():
            fields = {name: filled(value, victim.places) for name, value in fields.items()}
            path = filled(path, victim.places)
            answer = client.post(path, {**fields, **tokens[client]}, headers=headers)
            assert answer.status_code == 403, path
    assert "sessionid" not in visitor.cookies
    assert site.content() == before


def test_without_origin_no_form_is_accepted_but_with_our_token(site, victim):
    """As old clients send it: neither Origin nor Sec-Fetch-Site."""
    visitor, attacker = site.client(), site.client()
    stolen = attacker.page("/user/login/").form("login-form").fields["csrfmiddlewaretoken"]
    other = site.client()
    other.sign_up(next(emails))
    foreign = other.page("/").forms[0].fields["csrfmiddlewaretoken"]
    visitor.get("/user/login/")
    before = site.content()
    for token in [None, "", stolen, foreign, attacker.cookies["csrftoken"], "A" * 32, "A" * 64]:
        for client, addresses in [(visitor, VISITORS), (victim, {**MEMBERS, **OWNERS})]:
            for path, fields in addresses.items():
                fields = {name: filled(value, victim.places) for name, value in fields.items()}
                if token is not None:
                    fields["csrfmiddlewaretoken"] = token
                assert client.post(filled(path, victim.places), fields).status_code == 403, (path, token)
    assert site.content() == before


def test_the_page_that_refuses_says_what_was_compared_and_which_setting_to_check(site):
    for origin, shown in [("http://evil.example", "http://evil.example"), ("null", "null"),
                          ("\"><b id=injected>", '"><b id=injected>')]:
        page = Page(site.client().post("/user/login/", {}, headers={"Origin": origin}))
        assert page.heading == "This form was not sent from our site"
        assert f"This site is{site.url}The form came from{shown}" in page.text
        assert "LABEL_STUDIO_HOST" in page.text and "LABEL_STUDIO_TRUSTED_PROXIES" in page.text
        assert "injected" not in page.ids
    line = log_lines(site.program, "foreign-request")[0]
    assert line.level == "warning"
    assert (line.fields["expected"], line.fields["received"]) == (site.url, "http://evil.example")


def test_no_page_is_acted_upon_by_opening_it(site, victim):
    """GET and HEAD change nothing, whatever their query."""
    query = "?csrfmiddlewaretoken=x&title=x&first_name=x&session=" + victim.places["SESSION"]
    before = site.content()
    for path in [*MEMBERS, *OWNERS, *VISITORS]:
        path = filled(path, victim.places)
        for method in ["GET", "HEAD"]:
            victim.request(method, path + (query if "?" not in path else query.replace("?", "&")))
    after = site.content()
    # That somebody has looked at the invite link is noted.
    assert {**before, "audit_event": None} == {**after, "audit_event": None}


# Headers and logs.

CRLF = ["\r\nX-Injected: 1", "\nX-Injected: 1", "\r\n\r\n<b>injected", "%0d%0aX-Injected: 1", "\u560a\u560dX-Injected: 1",
        "\u2028X-Injected: 1", "\0X-Injected: 1", "\x1b[31m"]


@pytest.mark.parametrize("text", CRLF, ids=ascii)
def test_nothing_that_is_sent_becomes_a_header_or_a_line_of_the_log(site, text):
    client = site.client()
    login = client.page("/user/login/").form("login-form").fields
    answers = [
        client.request("POST", "/user/login/", params={"next": "/x" + text}, data={
            **login, "email": "owner@example.com", "password": PASSWORD}),
        client.get("/user/login/", params={"next": "/x" + text}),
        client.get("/user/account/", params={"x": text}),
        client.get("/user/signup/", params={"token": text, "next": text}),
        client.get("/organization/audit", params={"person": text, "since": text}),
        client.submit("/user/account/", {"first_name": "A" + text, "last_name": text}, "profile-form"),
        client.submit("/projects/new", {"title": "T" + text}, "project-form"),
        client.get("/"), client.get("/nothing" + text.replace("%", "%25")),
        site.client().log_in("a" + text + "@example.com", text),
        site.client().sign_up("a" + text + "@example.com", text),
        site.client().get("/user/set-password/", params={"token": text}),
        site.client().get("/api/current-user/whoami", headers={"X-Api-Key": re.sub("[\r\n\0]", "", text).encode()}),
    ]
    for answer in answers:
        assert "X-Injected" not in answer.headers
        assert all(value.isprintable() and value.isascii() for value in answer.headers.values()), answer.headers
    log_lines(site.program)
    assert "\nX-Injected" not in site.program.errors and "\x1b" not in site.program.errors


@pytest.mark.parametrize("name", ["User-Agent", "X-Forwarded-For", "Origin", "Cookie", "Authorization", "Host", "Sec-Fetch-Site"])
def test_no_header_becomes_a_line_of_the_log(workshop, name):
    site = workshop.start("--log-level", "DEBUG", LABEL_STUDIO_TRUSTED_PROXIES="127.0.0.1")
    forged = [b'x" level=error user=1', b"x\x1b[2J", b"x\ty", b"\xff\xfe", "\u202e\u2028".encode(), b"a=b c=d", b"x" * 7000]
    for value in forged:
        request = (b"POST /user/login/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 0\r\n"
                   + name.encode() + b": " + value + b"\r\n\r\n")
        raw_exchange(site.port, request)
    site.program.stop()
    for line in log_lines(site.program, "request"):
        fields = [name for name in line.fields if name != "reference"]
        assert fields == ["from", "method", "path", "status", "microseconds"]
    for line in log_lines(site.program):
        assert line.level in ("info", "warning", "notice")


@pytest.mark.parametrize(
    "target", ["//evil.example", "/\\evil.example", "\\/evil.example", "/\t/evil.example", "///evil.example",
               "http:///evil.example", "http://evil.example\\@OWN", "OWN@evil.example", "OWN.evil.example", "OWN\\.evil.example",
               "/%2f/evil.example/..", "/..//evil.example", "/./\\evil.example", "javascript://x%0aalert(1)", " javascript:x",
               "/\u0338/evil.example", "\u2028//evil.example", "／／evil.example", "。evil.example", "https:evil.example",
               "/user/../../evil", "?next=//evil.example", "#@evil.example", "/a\r\nSet-Cookie: x=1"])
@pytest.mark.parametrize("path", ["/user/login/", "/user/signup/"])
def test_no_next_leads_elsewhere(site, path, target):
    client = site.client()
    email = next(emails) if "signup" in path else "owner@example.com"
    fields = {"email": email, "password": PASSWORD}
    answer = client.request(
        "POST", path, params={"next": target.replace("OWN", site.url)}, data=fields, headers={"Origin": site.url})
    assert answer.status_code == 302
    target = answer.headers["Location"]
    assert re.match(r"/(?![/\\])", target) and not re.search(r"[\s\\]", target), target
    assert "Set-Cookie: x" not in str(answer.headers) and "x" not in client.cookies


# Bodies.


def test_a_body_over_64_kib_is_refused_by_every_address(site, victim):
    body = "filler=".ljust(65_537, "x")
    before = site.content()
    for path in [*VISITORS, *MEMBERS, *OWNERS]:
        path = filled(path, victim.places)
        answer = victim.post(path, body, headers={**FORM, "Sec-Fetch-Site": "same-origin"})
        assert answer.status_code == 413, path
    assert site.content() == before


@pytest.mark.parametrize("body", [b"\xff\xfe=1", b"email=%ff%fe", b"&" * 60_000, b"a=1&" * 15_000, b"%", b"=" * 1000, b"[]"])
def test_a_body_that_is_no_form_changes_nothing(site, victim, body):
    before = site.content()
    for path in [path for path in [*VISITORS, *MEMBERS] if path not in (
            "/logout", "/projects/PROJECT/delete", "/organization/invite/reset", "/user/account/sessions/end-others",
            "/user/account/token/reset", "/api/current-user/reset-token", "/api/invite/reset-token", "/user/account/",
            "/user/account/access-token", "/api/token/", "/api/organizations/", "/-/accounts/enter")]:
        client = victim if path in MEMBERS else site.client()
        answer = client.post(filled(path, victim.places), body, headers={**FORM, "Sec-Fetch-Site": "same-origin"})
        assert answer.status_code in (302, 400, 409, 422), path
    changed = {name for name, rows in site.content().items() if rows != before[name]}
    assert changed <= {"audit_event"}


# At the same moment.


def test_nobody_joins_with_the_old_link_once_its_reset_was_answered(site, owner):
    """Whoever sends the form as the link is reset joins before it or not at all."""
    for _ in range(5):
        token = site.invitation(owner)
        joins = AtOnce(site.port, [
            form_request(f"/user/signup/?token={token}", {"email": next(emails), "password": PASSWORD}) for _ in range(40)])
        question = owner.page("/organization/invite/reset")
        before = len(site.audit("signed-up"))
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            answers = pool.submit(lambda: (joins.send(), joins.answers())[1])
            wait_until(lambda: len(site.audit("signed-up")) > before + 3, what="a join")
            assert owner.send(question, {}, "invite-reset-form").status_code == 302
            fields = {"email": next(emails), "password": PASSWORD}
            late = site.client().post(f"/user/signup/?token={token}", fields, headers={"Origin": site.url})
            assert late.status_code == 403
            statuses = [answer.status for answer in answers.result()]
        assert set(statuses) == {302, 403}
        resets = site.query("SELECT max(id) FROM audit_event WHERE action = 'invitation-reset'")[0][0]
        after = site.query("SELECT actor_email FROM audit_event WHERE action = 'signed-up' AND id > ?", resets)
        assert after == []


def test_of_many_who_change_one_password_at_once_one_wins(site):
    client = site.client()
    assert client.sign_up(email := next(emails)).status_code == 302
    copies = [client.copy() for _ in range(8)]

    def change(number):
        fields = {"current_password": PASSWORD, "new_password": f"good password number {number}"}
        answer = copies[number].post("/user/account/password", fields, headers={"Origin": site.url})
        return answer.headers.get("Location", "").startswith("/user/account/?done")

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        won = list(pool.map(change, range(8)))
    assert won.count(True) == 1
    assert site.client().log_in(email, f"good password number {won.index(True)}").status_code == 302
    assert site.query("SELECT count(*) FROM session s JOIN user_account u ON u.id = s.user_id WHERE email = ?", email) == [
        (2,)]


def test_a_log_in_that_waits_while_the_password_changes_gets_no_session(site):
    """A log-in with the old password that began before the change must not
    end in a session after it."""
    for _ in range(5):
        client = site.client()
        assert client.sign_up(email := next(emails)).status_code == 302
        thieves = AtOnce(site.port, [form_request("/user/login/", {"email": email, "password": PASSWORD})] * 10)
        fields = {"current_password": PASSWORD, "new_password": NEW}
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            answers = pool.submit(lambda: (thieves.send(), thieves.answers())[1])
            change = pool.submit(client.post, "/user/account/password", fields, headers={"Origin": site.url})
            assert change.result().status_code == 302
            for answer in answers.result():
                cookie = re.search(r"\bsessionid=([\w-]+)", answer.head.decode())
                if cookie:
                    stolen = site.client().get("/user/account/", headers={"Cookie": f"sessionid={cookie.group(1)}"})
                    assert stolen.status_code == 302


# When something is broken.


def test_a_fault_is_a_page_without_particulars_and_a_reference_that_is_in_the_log(workshop):
    site = workshop.start()
    client = site.client()
    assert client.sign_up("owner@example.com").status_code == 302
    good = client.get("/")
    site.execute("ALTER TABLE project RENAME TO hidden")
    for answer in [client.get("/projects/"), client.post("/projects/new", {"title": "x"}, headers={"Origin": site.url})]:
        assert answer.status_code == 500
        page = Page(answer)
        assert page.heading == "Something went wrong"
        reference = re.search("Reference: ([0-9a-f-]{36})", page.text).group(1)
        line = next(line for line in log_lines(site.program, "failure") if line.fields["reference"] == reference)
        assert line.level == "error" and "project" in line.fields["error"]
        assert "SELECT" not in answer.text and "sqlite" not in answer.text.lower() and "no such table" not in answer.text
        for name in ["Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy", "Cache-Control"]:
            assert answer.headers[name] == good.headers[name]
    assert client.get("/user/account/").status_code == 200


def test_if_nobody_can_be_looked_up_nobody_gets_in(workshop):
    """Fail closed: a page for members is never shown because of a fault."""
    site = workshop.start()
    client = site.client()
    assert client.sign_up("owner@example.com").status_code == 302
    token = client.api_token()
    for table in ["session", "member", "user_account", "api_token"]:
        site.execute(f"ALTER TABLE {table} RENAME TO hidden")
        for path in ["/", "/user/account/", "/organization/audit", "/organization/audit.csv", "/user/login/"]:
            status = client.get(path).status_code
            assert status == 500 or table == "api_token", (table, path)
        answer = site.client().get("/api/current-user/whoami", headers={"X-Api-Key": token})
        assert answer.status_code == (200 if table == "session" else 500)
        if answer.status_code == 500:
            assert re.fullmatch("[0-9a-f-]{36}", answer.json()["id"])
            wait_until(lambda: answer.json()["id"] in site.program.errors, what="the reference in the log")
        site.execute(f"ALTER TABLE hidden RENAME TO {table}")
    assert client.is_logged_in()


def test_an_act_that_cannot_be_noted_in_the_audit_is_not_done(workshop):
    site = workshop.start()
    client, other = site.client(), site.client()
    assert client.sign_up("owner@example.com").status_code == 302
    assert other.sign_up("member@example.com").status_code == 302
    pages = [client.page(f"/organization/people/2/{act}") for act in ["remove", "make-owner", "deactivate", "log-out"]]
    pages.append(client.page("/organization/invite/reset"))
    token = client.api_token()
    site.execute("ALTER TABLE audit_event RENAME TO hidden")
    before = site.content()
    for page in pages:
        assert client.send(page, {}).status_code == 500
    assert client.post("/api/current-user/reset-token", headers={"Origin": site.url}).status_code == 500
    assert client.post("/logout", {}, headers={"Origin": site.url}).status_code == 500
    assert site.content() == before
    assert other.is_logged_in() and client.is_logged_in() and client.api_token() == token

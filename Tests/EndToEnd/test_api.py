"""Tokens, invite link and errors of the API (issue 2, point 8; WIRE.md, section 6)."""

import re

import pytest
from site_under_test import PASSWORD

CALLS = [
    ("GET", "/api/current-user/whoami", 200),
    ("GET", "/api/current-user/token", 200),
    ("POST", "/api/current-user/reset-token", 201),
    ("GET", "/api/invite", 200),
    ("POST", "/api/invite/reset-token", 201),
]
NOT_GIVEN = "Authentication credentials were not provided."


def token(client):
    return client.get("/api/current-user/token").json()["token"]


def by_token(text, scheme="Token"):
    return {"Authorization": f"{scheme} {text}"}


def assert_envelope(answer, status, detail):
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/json"
    body = answer.json()
    assert list(body) == ["id", "status_code", "version", "detail", "exc_info"]
    assert re.fullmatch("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", body["id"])
    assert (body["status_code"], body["exc_info"]) == (status, None)
    assert detail in body["detail"]
    return body


@pytest.mark.parametrize(["method", "path", "status"], CALLS)
@pytest.mark.parametrize("slash", ["", "/"])
def test_every_call_works_with_a_token_and_with_a_session(site, member, method, path, status, slash):
    key = token(member)
    answer = site.client().request(method, path + slash, headers=by_token(key))
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/json"
    headers = {"X-CSRFToken": member.page("/").form().fields["csrfmiddlewaretoken"]}
    assert member.request(method, path + slash, headers=headers).status_code == status


@pytest.mark.parametrize(["method", "path", "status"], CALLS)
def test_no_call_works_for_strangers(visitor, method, path, status):
    answer = visitor.request(method, path)
    assert_envelope(answer, 401, NOT_GIVEN)
    assert answer.headers["WWW-Authenticate"] == "Token"


def test_whoami_tells_everything_that_clients_know(site, owner, member):
    member.submit(
        "/user/account/", {"first_name": "Alice", "last_name": "Ångström", "phone": "+1 555 0100"}, "profile-form")
    body = member.get("/api/current-user/whoami").json()
    assert list(body) == [
        "id", "first_name", "last_name", "username", "email", "last_activity", "custom_hotkeys", "avatar", "initials",
        "phone", "active_organization", "active_organization_meta", "allow_newsletters", "date_joined", "permissions"]
    assert isinstance(body["id"], int)
    assert (body["first_name"], body["last_name"], body["phone"]) == ("Alice", "Ångström", "+1 555 0100")
    assert body["username"] == member.email.partition("@")[0]
    assert body["email"] == member.email
    assert (body["custom_hotkeys"], body["avatar"], body["initials"]) == ({}, None, "AÅ")
    assert body["active_organization"] == 1
    assert body["active_organization_meta"] == {"title": "Label Studio", "email": "owner@example.com"}
    assert body["allow_newsletters"] is False
    for name in ["last_activity", "date_joined"]:
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", body[name])
    assert len(body["permissions"]) == len(set(body["permissions"])) == 44
    assert {"organizations.create", "views.delete"} <= set(body["permissions"])


@pytest.mark.parametrize(
    ["first", "last", "initials"], [("Ada", "Lovelace", "AL"), ("Ada", "", "A"), ("", "lovelace", "l"), ("", "", "me")])
def test_initials(member, first, last, initials):
    member.submit("/user/account/", {"first_name": first, "last_name": last}, "profile-form")
    assert member.get("/api/current-user/whoami").json()["initials"] == initials


@pytest.mark.parametrize("header", ["Token {}", "token {}", "TOKEN {}", "Token   {}", "  Token {}  "])
def test_the_keyword_may_be_written_in_any_case_and_with_spaces(site, member, header):
    value = header.format(token(member))
    body = site.client().get("/api/current-user/whoami", headers={"Authorization": value.strip()}).json()
    assert body["email"] == member.email


def test_the_header_x_api_key_works_and_overrides_authorization(site, owner, member):
    key = token(member)
    headers = {"X-Api-Key": key, "Authorization": f"Token {token(owner)}"}
    assert site.client().get("/api/current-user/whoami", headers=headers).json()["email"] == member.email
    headers = {"X-Api-Key": "wrong", "Authorization": f"Token {key}"}
    assert_envelope(site.client().get("/api/current-user/whoami", headers=headers), 401, "Invalid token.")


@pytest.mark.parametrize(
    ["header", "detail"],
    [
        ("Token", "Invalid token header. No credentials provided."),
        ("Token a b", "Invalid token header. Token string should not contain spaces."),
        ("Token wrong", "Invalid token."),
        ("Token " + "0" * 40, "Invalid token."),
        ("Token " + "x" * 3000, "Invalid token."),
        ("Token ' OR 1=1", "Invalid token header. Token string should not contain spaces."),
        ("Token \u00e4", "Invalid token header. Token string should not contain invalid characters."),
        ("Bearer wrong", NOT_GIVEN),
        ("Basic b3duZXI6eA==", NOT_GIVEN),
        ("KEY", NOT_GIVEN),
        ("Bearer KEY", NOT_GIVEN),
    ],
)
def test_what_is_no_valid_token_is_refused_in_the_words_that_clients_know(site, member, header, detail):
    value = header.replace("KEY", token(member)).encode("latin-1")
    answer = site.client().get("/api/current-user/whoami", headers={"Authorization": value})
    assert_envelope(answer, 401, detail)
    assert answer.headers["WWW-Authenticate"] == "Token"


def test_a_token_in_the_query_is_none(site, member):
    assert site.client().get("/api/current-user/whoami?token=" + token(member)).status_code == 401


def test_a_token_does_not_open_pages(site, member):
    answer = site.client().get("/organization/", headers=by_token(token(member)))
    assert answer.status_code == 302


def test_a_wrong_token_is_refused_even_with_a_session(member):
    assert member.get("/api/current-user/whoami", headers=by_token("wrong")).status_code == 401
    assert member.get("/api/current-user/whoami", headers={"Authorization": "Bearer wrong"}).status_code == 200


def test_a_reset_replaces_the_token_at_once(site, member):
    old = token(member)
    client = site.client()
    answer = client.post("/api/current-user/reset-token/", headers=by_token(old))
    assert answer.status_code == 201
    body = answer.json()
    assert list(body) == ["token"] and re.fullmatch("[0-9a-f]{40}", body["token"]) and body["token"] != old
    assert_envelope(client.get("/api/current-user/whoami", headers=by_token(old)), 401, "Invalid token.")
    assert client.get("/api/current-user/token", headers=by_token(body["token"])).json() == body
    assert member.page("/user/account/").value("api-token") == body["token"]


def test_the_invite_link(site, owner, member):
    first = member.get("/api/invite").json()
    assert list(first) == ["token", "invite_url"]
    assert re.fullmatch("[0-9a-f]{40}", first["token"])
    assert first["invite_url"] == f"/user/signup/?token={first['token']}"
    assert owner.get("/api/invite").json() == first == member.get("/api/invite").json()
    assert owner.page("/organization/invite").value("invite-link") == site.url + first["invite_url"]
    answer = site.client().post("/api/invite/reset-token", headers=by_token(token(member)))
    second = answer.json()
    assert answer.status_code == 201
    assert list(second) == ["token", "invite_url"] and second["token"] != first["token"]
    assert owner.get("/api/invite").json() == second
    assert site.client().get(first["invite_url"]).status_code == 403
    assert site.client().sign_up("by-api@example.com", query=f"?token={second['token']}").status_code == 302


@pytest.mark.parametrize(
    "headers",
    [{}, {"Origin": "http://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"},
     {"Sec-Fetch-Site": "same-site"}, {"X-CSRFToken": "wrong"}])
def test_unsafe_calls_with_a_cookie_need_our_own_origin_or_a_token(member, headers):
    before = token(member), member.get("/api/invite").json()
    for path in ["/api/current-user/reset-token", "/api/invite/reset-token"]:
        assert_envelope(member.post(path, headers=headers), 403, "CSRF Failed")
    assert (token(member), member.get("/api/invite").json()) == before


@pytest.mark.parametrize("name", ["Origin", "Sec-Fetch-Site"])
def test_unsafe_calls_from_our_own_pages_work(site, member, name):
    headers = {name: site.url if name == "Origin" else "same-origin"}
    assert member.post("/api/current-user/reset-token", headers=headers).status_code == 201


def test_a_token_needs_no_origin(site, member):
    for headers in [{"Origin": "http://other.example"}, {"Sec-Fetch-Site": "cross-site"}]:
        answer = site.client().post("/api/invite/reset-token", headers={**headers, **by_token(token(member))})
        assert answer.status_code == 201


def test_there_is_no_cors(member):
    for method in ["GET", "OPTIONS"]:
        answer = member.request(
            method, "/api/current-user/whoami",
            headers={"Origin": "http://other.example", "Access-Control-Request-Method": "GET"})
        assert not [name for name in answer.headers if name.lower().startswith("access-control")]


@pytest.mark.parametrize(["method", "path", "status"], CALLS)
def test_other_methods_are_answered_with_405_and_what_is_allowed(member, method, path, status):
    for other in ({"GET", "POST", "PUT", "PATCH", "DELETE"} - {method}):
        answer = member.request(other, path)
        assert_envelope(answer, 405, f'Method "{other}" not allowed.')
        assert method in answer.headers["Allow"] and other not in answer.headers["Allow"]
    answer = member.request("OPTIONS", path)
    assert answer.status_code == 200
    assert method in answer.headers["Allow"]


@pytest.mark.parametrize(
    "path", ["/api", "/api/", "/api/nothing", "/api/invite/x", "/api/current-user/whoami/x", "/api/%01", "/api/users/0"])
def test_an_address_that_does_not_exist_is_answered_with_json(visitor, path):
    assert_envelope(visitor.get(path), 404, "Not found.")


def test_a_body_that_is_too_long_is_answered_with_json(member):
    answer = member.post("/api/invite/reset-token", b"x" * 70_000, headers=by_token(token(member)))
    assert answer.status_code == 413
    assert answer.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize("path", ["/health", "/health/"])
def test_health(visitor, path):
    answer = visitor.get(path)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")
    assert answer.json() == {"status": "UP"}


def test_tokens_are_not_readable_in_the_database(site, member):
    key = token(member).encode()
    for path in site.data.glob("accounts.sqlite3*"):
        content = path.read_bytes()
        assert key not in content and bytes.fromhex(key.decode()) not in content


def test_a_token_of_one_person_never_opens_for_another(site, owner, member):
    """Swapped by somebody who can write to the database: tied to its owner."""
    keys = token(owner), token(member)
    assert keys[0] != keys[1]
    user = site.query("SELECT id FROM user_account WHERE email = ?", member.email)[0][0]
    site.execute("UPDATE api_token SET box = (SELECT box FROM api_token WHERE user_id = 1) WHERE user_id = ?", user)
    answer = member.get("/api/current-user/token")
    assert_envelope(answer, 500, "")
    assert keys[0] not in answer.text
    assert member.post("/api/current-user/reset-token", headers={"Origin": site.url}).status_code == 201
    assert len(token(member)) == 40


def test_head_is_answered_without_a_body(member):
    answer = member.request("HEAD", "/api/current-user/whoami")
    assert (answer.status_code, answer.content) == (200, b"")


def test_a_log_in_over_the_api_does_not_exist_but_the_password_is_never_echoed(visitor):
    answer = visitor.post("/api/current-user/token", {"email": "owner@example.com", "password": PASSWORD})
    assert answer.status_code in (401, 405)
    assert PASSWORD not in answer.text

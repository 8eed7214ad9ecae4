"""People, organization and projects by the API, through nginx (issue 4)."""

import json

import pytest
from test_api import assert_envelope, by_token, token


def call(client, method, path, body=None, key=None, **headers):
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    if key:
        headers |= by_token(key)
    if body is not None:
        headers.setdefault("Content-Type", "application/json")
        body = body if isinstance(body, (bytes, str)) else json.dumps(body)
    return client.request(method, path, data=body, headers=headers)


@pytest.fixture
def key(owner):
    return token(owner)


def test_an_account_made_by_the_api_gets_its_password_by_the_link(site, visitor, key):
    made = call(visitor, "POST", "/api/users/", {"username": "dora", "email": "dora@example.com"}, key)
    assert made.status_code == 201
    link = made.json()["set_password_url"]
    assert link.startswith(site.url + "/user/set-password/?token=")
    dora = site.client()
    assert dora.submit(link[len(site.url):], {"new_password": "violet kettle 42 lamp"}).status_code == 302
    assert dora.get(link[len(site.url):]).status_code == 410
    assert dora.log_in("dora@example.com", "violet kettle 42 lamp").status_code == 302


@pytest.mark.parametrize("content_type, body", [
    ("application/json", '{"phone": "+49 1"}'),
    ("application/x-www-form-urlencoded", "phone=%2B49+1"),
    ("multipart/form-data; boundary=x",
     '--x\r\nContent-Disposition: form-data; name="phone"\r\n\r\n+49 1\r\n--x--\r\n'),
])
def test_a_call_takes_json_and_both_kinds_of_forms(member, content_type, body):
    me = member.get("/api/current-user/whoami").json()["id"]
    answer = call(member, "PATCH", f"/api/users/{me}/", body, token(member), Content_Type=content_type)
    assert (answer.status_code, answer.json()["phone"]) == (200, "+49 1")


def test_a_change_by_cookie_has_to_come_from_our_pages(site, member):
    me = member.get("/api/current-user/whoami").json()["id"]
    path = f"/api/users/{me}/"
    assert_envelope(call(member, "PATCH", path, {"phone": "1"}), 403, "CSRF Failed")
    assert_envelope(
        call(member, "PATCH", path, {"phone": "1"}, Origin="https://evil.example"), 403, "https://evil.example")
    assert_envelope(call(member, "PATCH", path, {"phone": "1"}, Sec_Fetch_Site="same-site"), 403, "CSRF Failed")
    assert call(member, "PATCH", path, {"phone": "1"}, Origin=site.url).status_code == 200
    assert call(member, "PATCH", path, {"phone": "2"}, X_CSRFToken=member.cookies["csrftoken"]).status_code == 200
    # A token in a header is nothing that a browser sends by itself.
    stranger = site.client()
    answer = call(stranger, "PATCH", path, {"phone": "3"}, token(member), Origin="https://evil.example")
    assert answer.status_code == 200
    assert member.get(path).json()["phone"] == "3"


def test_members_do_not_edit_others_nor_the_organization(member, owner):
    mine = token(member)
    for method, path, body in [
        ("PATCH", "/api/users/1/", {"first_name": "x"}),
        ("DELETE", "/api/users/1/", None),
        ("POST", "/api/users/", {"username": "x", "email": "x@example.com"}),
        ("PATCH", "/api/organizations/1", {"title": "x"}),
        ("PUT", "/api/organizations/1", {"title": "x"}),
        ("PATCH", "/api/session-policy/", {"max_session_age": 1}),
        ("DELETE", "/api/organizations/1/memberships/1/", None),
    ]:
        assert call(member, method, path, body, mine).status_code == 403, (method, path)
    assert owner.get("/api/organizations/1").json()["title"] == "Label Studio"


@pytest.mark.parametrize("way", ["membership", "account", "deactivated"])
def test_who_is_put_out_has_no_access_from_that_moment_on(site, owner, member, key, way):
    theirs = token(member)
    me = member.get("/api/current-user/whoami").json()["id"]
    old_link = owner.get("/api/invite").json()["token"]
    if way == "membership":
        assert call(owner, "DELETE", f"/api/organizations/1/memberships/{me}/", None, key).status_code == 204
    elif way == "account":
        assert call(owner, "DELETE", f"/api/users/{me}/", None, key).status_code == 204
    else:
        assert owner.submit(f"/organization/people/{me}/deactivate", {}).status_code == 302
    assert call(site.client(), "GET", "/api/users/", None, theirs).status_code == 401
    assert member.get("/api/current-user/whoami").status_code == 401
    assert owner.get("/api/invite").json()["token"] != old_link


def test_a_body_that_is_too_long_is_refused_as_json(member):
    body = json.dumps({"custom_hotkeys": {"a:b": {"key": "x" * 70_000}}})
    assert_envelope(call(member, "PATCH", "/api/current-user/hotkeys/", body, token(member)), 413, "")


def test_other_sites_call_it_only_if_they_are_named(workshop):
    site = workshop.start(
        "--username", "owner@example.com", "--password", "four unrelated plain words", "--user-token", "abcde",
        CORS_ALLOWED_ORIGINS="https://tools.example, http://localhost:3000")
    client = site.client()
    asked = call(
        client, "OPTIONS", "/api/projects/", Origin="https://tools.example",
        Access_Control_Request_Method="POST", Access_Control_Request_Headers="authorization,content-type")
    assert asked.status_code == 200
    assert asked.headers["Access-Control-Allow-Origin"] == "https://tools.example"
    assert "authorization" in asked.headers["Access-Control-Allow-Headers"]
    assert "POST" in asked.headers["Access-Control-Allow-Methods"]
    assert "Access-Control-Allow-Credentials" not in asked.headers
    made = call(client, "POST", "/api/projects/", {"title": "Birds"}, "abcde", Origin="https://tools.example")
    assert (made.status_code, made.headers["Access-Control-Allow-Origin"]) == (201, "https://tools.example")
    for origin in ["https://evil.example", "null", "https://tools.example.evil.example", "http://tools.example"]:
        answer = call(client, "GET", "/api/projects/", None, "abcde", Origin=origin)
        assert answer.headers["Vary"] == "Origin"
        assert "Access-Control-Allow-Origin" not in answer.headers
    page = client.get("/user/login/", headers={"Origin": "https://tools.example"})
    assert "Access-Control-Allow-Origin" not in page.headers


def test_without_that_setting_nobody_does(visitor):
    answer = visitor.get("/api/version", headers={"Origin": "https://tools.example"})
    assert not [name for name in answer.headers if name.lower().startswith("access-control")]


@pytest.mark.parametrize("path", ["/api/users/", "/api/projects", "/api/organizations/1/memberships"])
def test_options_say_what_can_be_asked(member, path):
    answer = member.request("OPTIONS", path)
    assert answer.status_code == 200
    assert {"GET", "OPTIONS"} <= set(answer.headers["Allow"].split(", "))
    refused = member.request("PUT", path)
    assert_envelope(refused, 405, 'Method "PUT" not allowed.')
    assert refused.headers["Allow"] == answer.headers["Allow"]


def test_what_owners_change_by_the_api_is_in_the_audit(owner, key):
    assert call(owner, "PATCH", "/api/organizations/1", {"contact_info": "a@example.com"}, key).status_code == 200
    assert call(owner, "PATCH", "/api/session-policy/", {"max_session_age": 11519}, key).status_code == 200
    events = owner.get("/organization/audit.json?action=settings-changed").json()
    assert {"contact-info", "session-policy 11519 4320"} <= {event["detail"] for event in events}


def test_the_api_works_under_a_sub_path(workshop):
    site = workshop.start(
        "--username", "owner@example.com", "--password", "four unrelated plain words", "--user-token", "abcde",
        LABEL_STUDIO_HOST="http://labels.example/labels")
    client = site.client()
    page = call(client, "GET", "/labels/api/organizations/1/memberships?page_size=1&page=2", None, "abcde").json()
    assert page["previous"] == "http://labels.example/labels/api/organizations/1/memberships?page_size=1&page=1"
    document = client.get("/labels/api/docs/openapi.json").json()
    assert document["servers"] == [{"url": "http://labels.example/labels"}]

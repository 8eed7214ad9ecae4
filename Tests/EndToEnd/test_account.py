"""One's own account (issue 2, points 5, 8 and 10; WIRE.md, section 5)."""

import concurrent.futures
import re

import pytest
from pictures import png
from site_under_test import PASSWORD, Page, assert_shows_problem

NASTY = "\"><b id=injected>{{CSRF}}&amp;'"
NEW = "another good password"


def change_password(client, current, new):
    return client.submit("/user/account/", {"current_password": current, "new_password": new}, "password-form")


@pytest.mark.parametrize("path", ["/user/account/", "/user/account"])
def test_the_page_shows_who_one_is(member, path):
    page = member.page(path)
    assert (page.status, page.heading) == (200, "Account & Settings")
    assert member.email in page.text
    assert page.form("profile-form").action == "/user/account/"
    assert page.form("password-form").inputs["username"]["value"] == member.email
    assert "Your password was set by" not in page.text


@pytest.mark.parametrize("path", ["/user/account/personal-info", "/user/account/personal-info/"])
def test_addresses_one_segment_deeper_work_and_deeper_ones_do_not(member, path):
    assert member.get(path).status_code == 200
    assert member.get(path.rstrip("/") + "/deeper").status_code == 404


@pytest.mark.parametrize("path", ["/user/account/", "/user/account"])
def test_the_profile_is_saved(member, path):
    fields = {"first_name": "Zoë", "last_name": "O'Neill", "phone": "+1 555 0100"}
    form = member.page("/user/account/").form("profile-form")
    answer = member.post(path, {**form.fields, **fields})
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/user/account/")
    page = member.page(answer.headers["Location"])
    assert "Your profile was saved." in page.text
    shown = page.form("profile-form").fields
    assert {name: shown[name] for name in fields} == fields
    assert "Zoë O'Neill" in member.page("/organization/").text
    user = member.get("/api/current-user/whoami").json()
    assert (user["first_name"], user["last_name"], user["phone"]) == tuple(fields.values())
    assert user["initials"] == "ZO"


def test_missing_fields_are_cleared_and_others_are_ignored(site, member):
    member.submit("/user/account/", {"first_name": "A", "last_name": "B", "phone": "C"}, "profile-form")
    token = member.page("/user/account/").form("profile-form").fields["csrfmiddlewaretoken"]
    answer = member.post(
        "/user/account/",
        {"csrfmiddlewaretoken": token, "first_name": "A", "email": "other@example.com", "role": "owner", "id": "1"})
    assert answer.status_code == 302
    user = member.get("/api/current-user/whoami").json()
    assert (user["first_name"], user["last_name"], user["phone"], user["email"]) == ("A", "", "", member.email)
    assert site.query("SELECT count(*) FROM member WHERE role = 'owner'") == [(1,)]


@pytest.mark.parametrize(["sent", "shown"], [("true", True), ("false", False), ("", None)])
def test_the_choice_about_newsletters_is_kept(member, sent, shown):
    member.submit("/user/account/", {"allow_newsletters": sent}, "profile-form")
    assert member.get("/api/current-user/whoami").json()["allow_newsletters"] is shown
    member.submit("/user/account/", {"first_name": "Same"}, "profile-form")
    assert member.get("/api/current-user/whoami").json()["allow_newsletters"] is shown
    assert member.page("/user/account/").form("profile-form").fields["allow_newsletters"] == sent


@pytest.mark.browser
def test_what_a_person_does_with_the_account_in_a_browser(workshop, browsers):
    site = workshop.start()
    browser = browsers()
    assert site.client().sign_up("ada@example.com").status_code == 302
    browser.open(site.url + "/user/login/")
    browser.fill(email="ada@example.com", password=PASSWORD)
    browser.follow("css:main button[type=submit]", "Projects")
    browser.driver.execute_cdp_cmd("Browser.grantPermissions", {
        "origin": site.url, "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]})

    def copied(field):
        button = browser.find(f"[data-copy={field}]")
        button.click()
        browser.wait(lambda: button.text == "Copied", "the word on the button")
        return browser.driver.execute_async_script("navigator.clipboard.readText().then(arguments[0])")

    browser.open(site.url + "/user/account/")
    token = browser.find("#api-token").get_attribute("value")
    assert copied("api-token") == token

    browser.follow("Create Token", "Your personal access token")
    access_token = browser.find("#access-token").get_attribute("value")
    assert copied("access-token") == access_token
    browser.follow("Back", "Account & Settings")
    assert access_token not in browser.driver.page_source, "it is shown once"
    assert not browser.has("#access-token-form")
    browser.follow("Revoke Token", "Revoke this personal access token?")
    browser.follow("Revoke Token", "Account & Settings")
    assert "That personal access token was revoked." in browser.text
    assert browser.has("#access-token-form")

    browser.choose("avatar", png())
    browser.follow("Save Photo", "Account & Settings")
    shown = browser.find("#photo-title ~ .photo img")
    browser.wait(lambda: shown.get_property("naturalWidth") == 60, "the photo")
    browser.follow("Remove Photo", "Account & Settings")
    assert not browser.has("#photo-title ~ .photo img")

    choice = browser.find("#account-newsletters")
    assert choice.get_attribute("value") == "false"
    browser.driver.execute_script("arguments[0].value = 'true'", choice)
    browser.follow("css:#profile-form button[type=submit]", "Account & Settings")
    assert browser.find("#account-newsletters").get_attribute("value") == "true"
    assert not browser.complaints()


@pytest.mark.parametrize("field", ["first_name", "last_name", "phone"])
def test_a_field_that_is_too_long_is_refused_and_everything_typed_is_kept(member, field):
    fields = {"first_name": NASTY, "last_name": "Last", "phone": "Phone", field: "x" * 257}
    page = assert_shows_problem(member.submit("/user/account/", fields, "profile-form"), "at most 256 characters")
    shown = page.form("profile-form").fields
    assert {name: shown[name] for name in fields} == fields
    assert "injected" not in page.ids
    assert member.get("/api/current-user/whoami").json()["last_name"] == ""
    assert member.submit("/user/account/", {field: "ü" * 256}, "profile-form").status_code == 302


def test_nasty_names_stay_text_on_every_page(owner, member):
    member.submit("/user/account/", {"first_name": NASTY, "last_name": "<i>", "phone": NASTY}, "profile-form")
    for client, path in [(member, "/"), (member, "/user/account/"), (member, "/organization/"), (owner, "/organization/")]:
        page = client.page(path)
        assert "injected" not in page.ids and "<i>" not in page.response.text
    assert NASTY + " <i>" in owner.page("/organization/").text


def test_a_change_of_password_needs_the_current_one_and_ends_all_other_sessions(site, member):
    other, copy = site.client(), member.copy()
    assert other.log_in(member.email).status_code == 302
    answer = change_password(member, PASSWORD, NEW)
    assert answer.status_code == 302
    assert "Your password was changed." in member.page(answer.headers["Location"]).text
    assert member.is_logged_in()
    # A copy of the old cookie is worth nothing either.
    assert not copy.is_logged_in() and not other.is_logged_in()
    assert site.client().log_in(member.email).status_code == 422
    assert site.client().log_in(member.email, NEW).status_code == 302


@pytest.mark.parametrize("current", ["", "wrong password", PASSWORD + " ", "x" * 1025])
def test_a_wrong_current_password_changes_nothing(site, member, current):
    other = site.client()
    assert other.log_in(member.email).status_code == 302
    answer = change_password(member, current, NEW)
    page = assert_shows_problem(answer, "Enter the password that you use now")
    assert page.ids["account-current-password"]["aria-invalid"] == "true"
    assert NEW not in answer.text
    assert other.is_logged_in()
    assert site.client().log_in(member.email).status_code == 302


@pytest.mark.parametrize(
    ["new", "message"],
    [("", "Enter a password"), ("seven 7", "at least 8 characters"), ("x" * 1025, "at most 1024 bytes"),
     ("with \0 inside", "without the NUL character")])
def test_a_wrong_new_password_changes_nothing(site, member, new, message):
    answer = change_password(member, PASSWORD, new)
    page = assert_shows_problem(answer, message)
    assert page.value("account-new-password") == "" and page.value("account-current-password") == ""
    assert PASSWORD not in answer.text
    assert site.client().log_in(member.email).status_code == 302


def test_password_managers_find_the_form(member, visitor):
    answer = member.get("/.well-known/change-password")
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/user/account/password#password-form"
    assert 'id="password-form"' in member.get(answer.headers["Location"].partition("#")[0]).text
    assert visitor.get("/.well-known/change-password").headers["Location"] == answer.headers["Location"]
    # How they find out whether a site answers everything with 200.
    wrong = "/.well-known/resource-that-should-not-exist-whose-status-code-should-not-be-200"
    assert visitor.get(wrong).status_code == 404


def test_the_new_password_is_kept_exactly_as_typed(site, member):
    new = "  spaces outside  "
    assert change_password(member, PASSWORD, new).status_code == 302
    assert site.client().log_in(member.email, new.strip()).status_code == 422
    assert site.client().log_in(member.email, new).status_code == 302


def test_of_several_changes_of_one_password_at_once_one_wins(site, member):
    clients = [member] + [site.client() for _ in range(7)]
    for client in clients[1:]:
        client.log_in(member.email)
    pages = [client.page("/user/account/") for client in clients]

    def change(number):
        fields = {"current_password": PASSWORD, "new_password": f"chosen by number {number}"}
        answer = clients[number].send(pages[number], fields, "password-form")
        # Too late: told so, or logged out by the winner already.
        lost = answer.status_code == 422 or answer.headers["Location"].startswith("/user/login/")
        assert lost or answer.headers["Location"].startswith("/user/account/")
        return not lost

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        won = list(pool.map(change, range(8)))
    assert won.count(True) == 1, won
    winner = won.index(True)
    assert [client.is_logged_in() for client in clients] == [number == winner for number in range(8)]
    assert site.client().log_in(member.email, f"chosen by number {winner}").status_code == 302


def test_the_token_is_shown_works_and_is_reset_after_a_question(site, member):
    page = member.page("/user/account/")
    token = page.value("api-token")
    assert re.fullmatch("[0-9a-f]{40}", token)
    assert "readonly" in page.ids["api-token"]
    assert f"curl -H 'Authorization: Token {token}' {site.url}/api/current-user/whoami" in page.text
    assert member.page("/user/account/").value("api-token") == token, "shown again and again"

    stranger = site.client()
    headers = {"Authorization": f"Token {token}"}
    assert stranger.get("/api/current-user/whoami", headers=headers).json()["email"] == member.email

    question = member.page(page.link("Reset Token"))
    assert question.heading == "Reset your API token?"
    assert question.link("Cancel") == "/user/account/"
    assert member.page("/user/account/").value("api-token") == token, "asking changes nothing"
    answer = member.send(question, {}, "token-reset-form")
    assert answer.status_code == 302
    page = member.page(answer.headers["Location"])
    assert "Your API token was reset." in page.text
    assert page.value("api-token") != token
    assert stranger.get("/api/current-user/whoami", headers=headers).status_code == 401


def test_both_slash_forms_work(member):
    for path in ["/user/account/token/reset", "/user/account/token/reset/"]:
        assert member.get(path).status_code == 200
    fields = member.page("/user/account/").form("password-form").fields
    for path in ["/user/account/password", "/user/account/password/"]:
        answer = member.post(path, {**fields, "current_password": "wrong", "new_password": NEW})
        assert answer.status_code == 422
        assert member.request("PUT", path).status_code == 405


@pytest.mark.parametrize(
    "headers",
    [{}, {"Origin": "http://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"},
     {"Sec-Fetch-Site": "same-site", "Origin": "http://sub.evil.example"}])
def test_other_sites_cannot_change_the_account(site, member, headers):
    token = member.page("/user/account/").value("api-token")
    fields = {"first_name": "Taken", "current_password": PASSWORD, "new_password": NEW}
    for path in ["/user/account/", "/user/account/password", "/user/account/token/reset"]:
        answer = member.post(path, fields, headers=headers)
        assert answer.status_code == 403, path
    page = member.page("/user/account/")
    assert page.value("api-token") == token and page.value("account-first-name") == ""
    assert site.client().log_in(member.email).status_code == 302


def test_strangers_are_led_to_the_log_in_page(visitor):
    for path in ["/user/account/", "/user/account/token/reset"]:
        assert visitor.get(path).headers["Location"].startswith("/user/login/?next=/user/account/")
    token = visitor.page("/user/login/").form("login-form").fields["csrfmiddlewaretoken"]
    for path in ["/user/account/", "/user/account/password", "/user/account/token/reset"]:
        answer = visitor.post(path, {"csrfmiddlewaretoken": token})
        assert answer.headers["Location"].startswith("/user/login/")


def test_the_owner_of_a_provisioned_account_is_asked_to_change_its_password(workshop):
    site = workshop.start(LABEL_STUDIO_USERNAME="set@example.com", LABEL_STUDIO_PASSWORD=PASSWORD)
    client = site.client()
    client.log_in("set@example.com")
    assert "Your password was set by the person who runs this server" in client.page("/user/account/").text
    assert change_password(client, PASSWORD, NEW).status_code == 302
    assert "Your password was set by" not in client.page("/user/account/").text


def test_the_answer_to_a_refused_form_is_not_the_page_of_somebody_else(site, owner, member):
    answer = change_password(member, "wrong", NEW)
    assert "owner@example.com" not in Page(answer).text

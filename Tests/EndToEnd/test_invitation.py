"""The invite link (issue 2, point 6; DESIGN.md, Secrets at rest)."""

import re

import pytest
from site_under_test import PASSWORD, Page

REFUSED = "This invite link does not work"


def link(client):
    """The link as the page shows it."""
    return client.page("/organization/invite").value("invite-link")


def token(client):
    return link(client).rpartition("token=")[2]


def reset(client):
    return client.submit("/organization/invite/reset", {}, "invite-reset-form")


def test_the_way_from_the_menu_to_the_link(owner):
    page = owner.page("/")
    assert page.link("Organization") == "/organization/"
    page = owner.page(page.link("Organization"))
    assert page.link("Add People") == "/organization/invite"
    page = owner.page(page.link("Add People"))
    assert page.heading == "Add People"
    assert page.link("Reset Link") == "/organization/invite/reset"
    field = page.ids["invite-link"]
    assert "readonly" in field
    copy = next(attributes for tag, attributes in page.tags if attributes.get("data-copy") == "invite-link")
    assert copy["type"] == "button"


def test_the_link_is_whole_and_long_enough_to_be_unguessable(site, owner):
    assert re.fullmatch(re.escape(site.url) + r"/user/signup/\?token=[0-9a-f]{40}", link(owner))


def test_looking_at_the_link_does_not_change_it(site, owner, member):
    first = link(owner)
    for client in [owner, member]:
        client.get("/organization/invite/")
        client.get("/organization/invite/reset")
        client.get("/organization/invite/reset/")
        client.request("HEAD", "/organization/invite/reset")
        client.get("/api/invite")
        assert link(client) == first
    for _ in range(3):
        site.client().get("/user/signup/?token=" + token(owner))
    assert link(owner) == first


@pytest.mark.parametrize("path", ["/user/signup/", "/user/signup"])
def test_a_colleague_registers_with_the_link_and_so_does_another(site, owner, path):
    before = len(site.query("SELECT 1 FROM member"))
    for number in range(2):
        client = site.client()
        page = client.page(f"{path}?token={token(owner)}")
        assert page.heading == "Join Label Studio"
        assert page.form("signup-form").action == f"/user/signup/?token={token(owner)}"
        email = f"invited{number}{len(path)}@example.com"
        assert client.send(page, {"email": email, "password": PASSWORD}, "signup-form").status_code == 302
        assert client.is_logged_in()
        assert email in owner.page("/organization/").text
    assert len(site.query("SELECT 1 FROM member")) == before + 2


def test_the_link_survives_the_detour_over_the_log_in_page(site, owner):
    client = site.client()
    page = client.page(f"/user/signup/?token={token(owner)}&next=/projects/")
    page = client.page(page.link("I already have an account"))
    assert page.has_form("login-form")
    page = client.page(page.link("Sign up"))
    assert page.heading == "Join Label Studio"
    answer = client.send(page, {"email": "detour@example.com", "password": PASSWORD}, "signup-form")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/projects/")


def test_who_has_an_account_already_logs_in_from_the_link_and_goes_where_he_wanted(site, owner, member):
    for query, place in [("", "/"), ("&next=/projects/new", "/projects/new")]:
        client = site.client()
        page = client.page(f"/user/signup/?token={token(owner)}{query}")
        page = client.page(page.link("I already have an account"))
        answer = client.send(page, {"email": member.email, "password": PASSWORD}, "login-form")
        assert (answer.status_code, answer.headers["Location"]) == (302, place)
        assert client.is_logged_in()


def test_the_page_behind_the_link_names_the_organization_and_no_person(site, owner):
    owner.submit("/user/account/", {"first_name": "Ottilie", "last_name": "Ownersson"}, "profile-form")
    answer = site.client().get(f"/user/signup/?token={token(owner)}")
    assert Page(answer).heading == "Join Label Studio"
    for secret in ["Ottilie", "Ownersson", "owner@example.com"]:
        assert secret not in answer.text


def test_opening_the_link_changes_nothing(site, owner):
    tables = ["user_account", "member", "session", "organization", "api_token"]

    def content():
        return [site.query(f"SELECT * FROM {table} ORDER BY 1, 2") for table in tables]

    path = "/user/signup/?token=" + token(owner)
    before = content()
    for method in ["GET", "HEAD", "OPTIONS", "GET"]:
        assert site.client().request(method, path).status_code in (200, 204)
    assert content() == before


def test_the_reset_asks_first_and_replaces_the_link(site, owner):
    old = token(owner)
    question = owner.page("/organization/invite/reset")
    assert question.heading == "Reset the invite link?"
    assert question.link("Cancel") == "/organization/invite"
    assert token(owner) == old
    answer = owner.send(question, {}, "invite-reset-form")
    assert answer.status_code == 302
    page = owner.page(answer.headers["Location"])
    assert "The invite link was reset" in page.text
    new = token(owner)
    assert new != old and len(new) == 40
    assert site.client().page(f"/user/signup/?token={new}").heading == "Join Label Studio"
    assert site.client().page(f"/user/signup/?token={old}").heading == REFUSED


def wrong_tokens(client):
    good = token(client)
    reset(client)
    current = token(client)
    other = "0" if current[-1] != "0" else "1"
    return [good, current[:-1], current[:-1] + other, current + "0", current.upper(), "x", "0" * 40, current + "%00",
            "%20" + current, "<b id=injected>", "' OR 1=1 --", "a" * 5000]


def test_an_old_or_made_up_link_has_a_page_of_its_own_and_registers_nobody(site, owner):
    before = site.query("SELECT count(*) FROM user_account")
    client = site.client()
    form = client.page("/user/signup/").form("signup-form")
    for number, wrong in enumerate(wrong_tokens(owner)):
        path = "/user/signup/?token=" + wrong
        page = client.page(path)
        assert (page.status, page.heading) == (403, REFUSED), wrong
        assert not page.forms and "injected" not in page.ids
        assert "ask the person who sent it for a new one" in page.text
        assert "No account was created" in page.text
        assert page.has_link("Log in")
        answer = client.post(path, {**form.fields, "email": f"wrong{number}@example.com", "password": PASSWORD})
        assert (answer.status_code, Page(answer).heading) == (403, REFUSED)
    assert site.query("SELECT count(*) FROM user_account") == before


def test_a_link_with_broken_characters_registers_nobody(site, owner):
    """An open site; the token cannot be read, so it is not the right one."""
    client = site.client()
    form = client.page("/user/signup/").form("signup-form")
    before = site.query("SELECT count(*) FROM user_account")
    answer = client.post("/user/signup/?token=%FF", {**form.fields, "email": "ff@example.com", "password": PASSWORD})
    assert answer.status_code in (400, 403)
    assert site.query("SELECT count(*) FROM user_account") == before


def test_a_wrong_link_is_refused_even_when_the_form_is_wrong_too(site, owner):
    client = site.client()
    form = client.page("/user/signup/").form("signup-form")
    answer = client.post("/user/signup/?token=wrong", {**form.fields, "email": "", "password": ""})
    assert (answer.status_code, Page(answer).heading) == (403, REFUSED)


def test_a_form_that_was_opened_before_a_reset_is_refused_when_sent(site, owner):
    client = site.client()
    page = client.page("/user/signup/?token=" + token(owner))
    assert page.heading == "Join Label Studio"
    assert reset(owner).status_code == 302
    answer = client.send(page, {"email": "late@example.com", "password": PASSWORD}, "signup-form")
    assert (answer.status_code, Page(answer).heading) == (403, REFUSED)
    assert not client.is_logged_in()
    assert site.query("SELECT 1 FROM user_account WHERE email = 'late@example.com'") == []


def test_an_empty_token_is_no_token_and_one_in_the_body_is_ignored(site):
    client = site.client()
    assert client.page("/user/signup/?token=").heading == "Create an account"
    assert client.sign_up("empty@example.com", query="?token=", token="wrong").status_code == 302


def test_people_who_have_registered_stay_after_a_reset(site, owner):
    client = site.client()
    assert client.sign_up("stayed@example.com", query="?token=" + token(owner)).status_code == 302
    assert reset(owner).status_code == 302
    assert client.is_logged_in()
    assert site.client().log_in("stayed@example.com").status_code == 302


def test_a_signed_in_visitor_is_told_that_he_is_a_member_already(owner, member):
    for path in ["/user/signup/?token=" + token(owner), "/user/signup?token=old-or-made-up"]:
        page = member.page(path)
        assert page.status == 200
        assert page.heading == "You are already a member of Label Studio"
        assert member.email in page.text
        assert not page.has_form("signup-form")


def test_every_member_sees_the_link_and_may_reset_it(owner, member):
    assert link(member) == link(owner)
    old = link(owner)
    assert reset(member).status_code == 302
    assert link(owner) == link(member) != old


def test_the_page_and_the_log_say_who_reset_the_link(workshop):
    site = workshop.start(LABEL_STUDIO_LOG_LEVEL="INFO")
    owner, member = site.client(), site.client()
    assert owner.sign_up("owner@example.com").status_code == 302
    assert member.sign_up("colleague@example.com").status_code == 302
    assert reset(member).status_code == 302
    assert re.search(r" invitation-reset .*\buser=2\b", site.program.errors)
    assert "colleague@example.com" in owner.page("/organization/invite").text


@pytest.mark.parametrize(
    "headers", [{}, {"Origin": "http://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}])
def test_other_sites_cannot_reset_the_link(owner, headers):
    before = link(owner)
    for path in ["/organization/invite/reset", "/organization/invite/reset/", "/api/invite/reset-token"]:
        assert owner.post(path, {}, headers=headers).status_code == 403
    assert link(owner) == before


def test_strangers_neither_see_nor_reset_the_link(visitor, owner):
    before = link(owner)
    for path in ["/organization/invite", "/organization/invite/reset"]:
        answer = visitor.get(path)
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/user/login/?next=")
    form = visitor.page("/user/login/").form("login-form")
    answer = visitor.post("/organization/invite/reset", form.fields)
    assert answer.headers["Location"].startswith("/user/login/")
    assert link(owner) == before


def test_the_token_is_neither_in_the_database_nor_in_a_log(workshop):
    site = workshop.start(LABEL_STUDIO_LOG_LEVEL="DEBUG")
    owner = site.client()
    assert owner.sign_up("owner@example.com").status_code == 302
    tokens = [token(owner)]
    reset(owner)
    tokens.append(token(owner))
    for number, used in enumerate(tokens):
        client = site.client()
        client.get("/user/signup/?token=" + used)
        client.get(f"/user/signup/?token={used}&{'x' * 20_000}")
        client.sign_up(f"somebody{number}@example.com", query="?token=" + tokens[1])
        client.get("/user/signup/?token=" + used)
        client.get("/nowhere?token=" + used)
    site.program.stop()
    for path in [site.program.out, site.program.err, *site.data.rglob("*")]:
        if path.is_file():
            content = path.read_bytes()
            for used in tokens:
                assert used.encode() not in content, path
                assert bytes.fromhex(used) not in content, path


def test_the_page_warns_that_a_link_to_localhost_helps_nobody_else(site, owner, workshop):
    assert "This link works on this computer only" in owner.page("/organization/invite").text
    other = workshop.start(LABEL_STUDIO_HOST="https://labels.example.org")
    client = other.client()
    headers = {"Origin": "https://labels.example.org"}
    fields = {"email": "owner@example.com", "password": PASSWORD}
    answer = client.post("/user/signup/", fields, headers=headers)
    assert answer.status_code == 302
    cookie = re.search(r"(__Host-sessionid=[^;]+)", answer.headers["Set-Cookie"]).group(1)
    page = client.page("/organization/invite", headers={"Cookie": cookie})
    assert "This link works on this computer only" not in page.text
    assert page.value("invite-link").startswith("https://labels.example.org/user/signup/?token=")

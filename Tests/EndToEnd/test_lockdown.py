"""Sign-up for people with a link only (issue 2, point 7; WIRE.md, section 0)."""

import pytest
from site_under_test import PASSWORD, Page

LOCKED = {"LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK": "true"}
ACCOUNT = {"LABEL_STUDIO_USERNAME": "owner@example.com", "LABEL_STUDIO_PASSWORD": PASSWORD}


@pytest.fixture(scope="module")
def site(module_workshop):
    return module_workshop.start(**LOCKED, **ACCOUNT)


def send_without_page(client, query, email):
    """Sends the sign-up form with the token of the log-in form."""
    token = client.page("/user/login/").form("login-form").fields["csrfmiddlewaretoken"]
    fields = {"csrfmiddlewaretoken": token, "email": email, "password": PASSWORD}
    return client.post("/user/signup/" + query, fields)


def people(site):
    return site.query("SELECT email FROM user_account ORDER BY id")


@pytest.mark.parametrize("path", ["/user/signup/", "/user/signup", "/user/signup/?token=", "/user/signup/?next=/"])
def test_without_a_link_there_is_no_form_but_a_page_that_says_what_to_do(visitor, path):
    page = visitor.page(path)
    assert (page.status, page.heading) == (403, "You need an invite link")
    assert not page.forms
    assert "Add People" in page.text
    assert page.link("Log in") == "/user/login/"


def test_without_a_link_nobody_is_registered(site, visitor):
    before = people(site)
    for query in ["", "?token=", "?next=/"]:
        answer = send_without_page(visitor, query, "uninvited@example.com")
        assert (answer.status_code, Page(answer).heading) == (403, "You need an invite link")
    assert people(site) == before
    assert not visitor.is_logged_in()


def test_the_log_in_page_does_not_offer_to_sign_up(visitor):
    page = visitor.page("/user/login/")
    assert not page.has_link("Sign up")
    assert "Don’t have an account" not in page.text


def test_a_wrong_link_is_refused(site, owner, visitor):
    before = people(site)
    for wrong in ["wrong", "0" * 40, site.invitation(owner)[:-1]]:
        page = visitor.page("/user/signup/?token=" + wrong)
        assert (page.status, page.heading) == (403, "This invite link does not work")
        answer = send_without_page(visitor, "?token=" + wrong, "wrong@example.com")
        assert (answer.status_code, Page(answer).heading) == (403, "This invite link does not work")
    assert people(site) == before


def test_the_link_works_until_it_is_reset(site, owner):
    token = site.invitation(owner)
    page = site.client().page("/user/signup/?token=" + token)
    assert (page.status, page.heading) == (200, "Join Label Studio")
    client = site.client()
    assert client.sign_up("invited@example.com", query="?token=" + token).status_code == 302
    assert client.is_logged_in()
    opened = site.client()
    page = opened.page("/user/signup/?token=" + token)
    assert owner.submit("/organization/invite/reset", {}).status_code == 302
    answer = opened.send(page, {"email": "late@example.com", "password": PASSWORD})
    assert (answer.status_code, Page(answer).heading) == (403, "This invite link does not work")
    assert ("late@example.com",) not in people(site)
    assert site.client().sign_up("next@example.com", query="?token=" + site.invitation(owner)).status_code == 302


def test_a_form_with_a_link_that_is_wrong_elsewhere_shows_its_problems(site, owner):
    query = "?token=" + site.invitation(owner)
    client = site.client()
    answer = client.sign_up("word", query=query)
    page = Page(answer)
    assert answer.status_code == 422
    assert page.heading == "Join Label Studio"
    assert client.send(page, {"email": "second@example.com", "password": PASSWORD}).status_code == 302


def test_members_log_in_as_before(site):
    assert site.client().log_in("owner@example.com").status_code == 302


def test_the_start_does_not_say_that_sign_up_is_open(site):
    assert "Sign-up is open" not in site.program.output


def test_no_page_opens_an_empty_locked_server(workshop):
    site = workshop.start(**LOCKED)
    client = site.client()
    answer = client.get("/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/user/signup/")
    for query in ["", "?token=wrong", "?token="]:
        page = client.page("/user/signup/" + query)
        assert (page.status, page.heading) == (403, "Almost ready")
        assert not page.forms
        assert "LABEL_STUDIO_USERNAME" in page.text and "LABEL_STUDIO_PASSWORD" in page.text
        assert "label-studio invite show" in page.text
        answer = send_without_page(client, query, "first@example.com")
        assert (answer.status_code, Page(answer).heading) == (403, "Almost ready")
    assert people(site) == []
    line = next(line for line in site.program.output.splitlines() if "nobody has an account yet" in line)
    assert "LABEL_STUDIO_USERNAME" in line and "LABEL_STUDIO_PASSWORD" in line
    assert "label-studio invite show" in line
    assert "Sign-up is open" not in site.program.output


def test_an_account_from_the_environment_opens_an_empty_locked_server(workshop):
    site = workshop.start(**LOCKED, **ACCOUNT)
    client = site.client()
    assert client.log_in("owner@example.com").status_code == 302
    assert "nobody has an account yet" not in site.program.output
    page = client.page("/organization/")
    assert "Owner" in page.text


@pytest.mark.parametrize(["value", "locked"], [
    ("1", True), ("yes", True), ("ON", True), ("True", True), ("0", False), ("off", False), ("not", False),
    ("No", False), ("", False)])
def test_every_spelling_of_a_boolean_is_understood(workshop, value, locked):
    site = workshop.start(LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK=value)
    assert site.client().get("/user/signup/").status_code == (403 if locked else 200)
    assert ("Sign-up is open" in site.program.output) == (not locked)


@pytest.mark.parametrize("name", ["HEARTEX_DISABLE_SIGNUP_WITHOUT_LINK", "DISABLE_SIGNUP_WITHOUT_LINK"])
def test_the_other_names_of_the_variable_work(workshop, name):
    assert workshop.start(**{name: "true"}).client().get("/user/signup/").status_code == 403


def test_the_prefixed_name_wins_even_when_it_says_no(workshop):
    site = workshop.start(LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK="false", DISABLE_SIGNUP_WITHOUT_LINK="true")
    assert site.client().get("/user/signup/").status_code == 200

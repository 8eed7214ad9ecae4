"""Where people are logged in, and stolen cookies (issue 3, point 6)."""

import itertools

import pytest
from site_under_test import PASSWORD, Page, cookie_attributes

NEW = "another good password"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
SAFARI = ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
          "Version/17.5 Mobile/15E148 Safari/604.1")
HOUR = 3_600_000_000
emails = (f"session{number}@example.com" for number in itertools.count())


@pytest.fixture(scope="module")
def site(module_workshop):
    site = module_workshop.start(LABEL_STUDIO_TRUSTED_PROXIES="127.0.0.1")
    assert site.client().sign_up("owner@example.com").status_code == 302
    return site


@pytest.fixture
def member(site):
    client = site.client(address="203.0.113.5", agent=FIREFOX)
    client.email = next(emails)
    assert client.sign_up(client.email).status_code == 302
    client.number = site.person(client.email)
    return client


@pytest.fixture
def phone(site, member):
    """The same person in another browser elsewhere."""
    client = site.client(address="2001:db8::7", agent=SAFARI)
    assert client.log_in(member.email).status_code == 302
    return client


def sessions(client):
    return client.page("/user/account/sessions")


def end_buttons(page):
    return [form for form in page.forms if form.action == "/user/account/sessions/end"]


def test_one_sees_where_one_is_logged_in(site, member, phone):
    page = sessions(member)
    assert page.heading == "Where you are logged in"
    assert "Firefox, Linux this browser From 203.0.113.5 · since " in page.text
    assert "Safari, iPhone From 2001:db8::7 · since " in page.text
    assert len(end_buttons(page)) == 1
    times = [attributes["datetime"] for tag, attributes in page.tags if tag == "time"]
    assert len(times) == 4 and all(time.endswith("Z") for time in times)


def test_when_and_where_from_a_session_was_seen_last_is_noted(site, member):
    site.execute("UPDATE session SET created_at = created_at - ?, last_seen_at = last_seen_at - ? WHERE user_id = ?",
                 2 * HOUR, HOUR, member.number)
    member.session.headers["X-Forwarded-For"] = "203.0.113.99"
    page = sessions(member)
    assert "From 203.0.113.99" in page.text and "203.0.113.5 " not in page.text
    started, seen = [attributes["datetime"] for tag, attributes in page.tags if tag == "time"]
    assert started < seen


def test_one_ends_one_session(site, member, phone):
    third = site.client()
    assert third.log_in(member.email).status_code == 302
    page = sessions(member)
    form = next(form for form in end_buttons(page) if "Safari" in page.text)
    agents = dict(site.query("SELECT hex(token_hash), user_agent FROM session WHERE user_id = ?", member.number))
    form = next(form for form in end_buttons(page) if agents[form.fields["session"].upper()] == SAFARI)
    answer = member.post(form.action, form.fields)
    assert "That session has ended." in member.page(answer.headers["Location"]).text
    assert not phone.is_logged_in()
    assert member.is_logged_in() and third.is_logged_in()


def test_one_ends_all_others(member, phone):
    other = member.copy()
    form = next(form for form in sessions(member).forms if form.action.endswith("/end-others"))
    answer = member.post(form.action, form.fields)
    assert "You are logged out everywhere else." in member.page(answer.headers["Location"]).text
    assert not phone.is_logged_in()
    assert member.is_logged_in() and other.is_logged_in()
    assert not any(form.action.endswith("/end-others") for form in sessions(member).forms)


def test_nobody_ends_a_session_of_another_person(site, member, phone):
    stranger = site.client()
    assert stranger.sign_up(next(emails)).status_code == 302
    fields = next(form for form in stranger.page("/").forms).fields
    for form in end_buttons(sessions(member)):
        for session in [form.fields["session"], form.fields["session"].upper(), "", "zz", "' OR 1=1 --", "00" * 32]:
            assert stranger.post(form.action, {**fields, "session": session}).status_code == 302
    assert member.is_logged_in() and phone.is_logged_in()


def test_the_number_of_a_session_is_no_cookie(site, member, phone):
    number = end_buttons(sessions(member))[0].fields["session"]
    client = site.client()
    for value in [number, bytes.fromhex(number).hex().upper()]:
        assert client.get("/user/account/", headers={"Cookie": f"sessionid={value}"}).status_code == 302


def test_the_owner_sees_and_ends_the_sessions_of_another(site, owner, member, phone):
    page = owner.page(f"/organization/people/{member.number}/")
    assert "Firefox, Linux from 203.0.113.5" in page.text and "Safari, iPhone from 2001:db8::7" in page.text
    token = member.api_token()
    answer = owner.act_upon(member.number, "log-out")
    assert "All sessions of this person have ended." in owner.page(answer.headers["Location"]).text
    assert not member.is_logged_in() and not phone.is_logged_in()
    assert site.client().get("/api/current-user/whoami", headers={"X-Api-Key": token}).status_code == 200
    assert owner.is_logged_in()


def test_the_owner_logs_everybody_out(site, owner, member, phone):
    other = site.client()
    assert other.log_in("owner@example.com").status_code == 302
    token = member.api_token()
    answer = owner.submit(owner.page("/organization/access").link("Log Everybody Out"), {}, "sessions-end-form")
    assert answer.status_code == 302
    assert not any(client.is_logged_in() for client in [member, phone, other])
    assert owner.is_logged_in()
    assert site.query("SELECT count(*) FROM session") == [(1,)]
    assert site.client().get("/api/current-user/whoami", headers={"X-Api-Key": token}).status_code == 200


def test_a_member_logs_nobody_out(owner, member, phone):
    fields = member.page("/").forms[0].fields
    assert member.get("/organization/sessions/end").status_code == 403
    assert member.post("/organization/sessions/end", fields).status_code == 403
    assert owner.is_logged_in() and phone.is_logged_in()


@pytest.mark.parametrize(
    "agent", ["<script>alert(1)</script>", "\"><b id=injected>", "{{LINK}}", "x" * 8000, "\x7f", "ünïcode".encode()])
def test_what_a_browser_calls_itself_is_shown_as_text_only(site, member, agent):
    other = site.client(agent=agent)
    assert other.log_in(member.email).status_code == 302
    answer = member.get("/user/account/sessions")
    assert "injected" not in Page(answer).ids and "<script>alert" not in answer.text
    assert "Unknown browser" in Page(answer).text
    lengths = site.query("SELECT max(length(user_agent)) FROM session WHERE user_id = ?", member.number)
    assert lengths[0][0] <= 300


# A cookie that was stolen.


def by_log_out(member, **_):
    assert member.log_out().status_code == 302


def by_removal(member, owner, **_):
    assert owner.act_upon(member.number, "remove").status_code == 302


def by_deactivation(member, owner, **_):
    assert owner.act_upon(member.number, "deactivate").status_code == 302


def by_the_owner(member, owner, **_):
    assert owner.act_upon(member.number, "log-out").status_code == 302


def by_a_change_of_the_password(member, **_):
    fields = {"current_password": PASSWORD, "new_password": NEW}
    assert member.submit("/user/account/password", fields, "password-form").status_code == 302


def by_a_set_password_link(member, owner, site):
    assert site.client().set_password(owner.set_password_link(member.number), NEW).status_code == 302


def by_ending_it(member, phone, **_):
    for form in end_buttons(sessions(phone)):
        assert phone.post(form.action, form.fields).status_code == 302


def by_ending_all_others(member, phone, **_):
    form = next(form for form in sessions(phone).forms if form.action.endswith("/end-others"))
    assert phone.post(form.action, form.fields).status_code == 302


def by_leaving(member, **_):
    assert member.submit("/user/account/leave", {"password": PASSWORD}, "leaving-form").status_code == 302


def by_deleting_the_account(member, **_):
    fields = {"email": member.email, "password": PASSWORD}
    assert member.submit("/user/account/delete", fields, "leaving-form").status_code == 302


def by_the_operator(member, site, workshop, **_):
    result = workshop.run(
        "reset_password", "--data-dir", site.data, "--username", member.email, "--password", "-", given=NEW + "\n")
    assert result.returncode == 0


def by_the_passing_of_time(member, site, **_):
    policy = site.query("SELECT max_session_age_minutes FROM organization")[0][0]
    site.execute("UPDATE session SET created_at = created_at - ? WHERE user_id = ?", policy * 60_000_000, member.number)


def by_idleness(member, site, **_):
    policy = site.query("SELECT max_idle_minutes FROM organization")[0][0]
    site.execute(
        "UPDATE session SET last_seen_at = last_seen_at - ? WHERE user_id = ?", policy * 60_000_000, member.number)


ENDS = [by_log_out, by_removal, by_deactivation, by_the_owner, by_a_change_of_the_password, by_a_set_password_link,
        by_ending_it, by_ending_all_others, by_leaving, by_deleting_the_account, by_the_operator,
        by_the_passing_of_time, by_idleness]


@pytest.mark.parametrize("end", ENDS, ids=lambda end: end.__name__)
def test_a_stolen_cookie_is_worth_nothing_after_its_session_has_ended(request, site, owner, member, end):
    stolen = member.copy()
    assert stolen.is_logged_in()
    wanted = end.__code__.co_varnames[:end.__code__.co_argcount]
    end(**{**{"site": site, "owner": owner, "member": member},
           **{name: request.getfixturevalue(name) for name in wanted if name not in ("site", "owner", "member")}})
    fields = {"csrfmiddlewaretoken": stolen.cookies["csrftoken"]}
    before = site.content()
    for path in ["/", "/user/account/", "/user/account/sessions", "/organization/invite", "/projects/"]:
        assert stolen.get(path).headers.get("Location", "").startswith("/user/login/"), path
    for path in ["/api/current-user/whoami", "/api/current-user/token", "/api/invite"]:
        assert stolen.get(path).status_code == 401, path
    for path in ["/user/account/sessions/end-others", "/user/account/token/reset", "/organization/invite/reset"]:
        assert stolen.post(path, fields).headers.get("Location", "").startswith("/user/login/"), path
    assert stolen.post("/api/current-user/reset-token", headers={"Origin": site.url}).status_code == 401
    assert site.content() == before


def test_a_change_of_the_password_keeps_the_browser_that_asked_with_a_new_cookie(member, phone):
    old = member.cookies["sessionid"]
    by_a_change_of_the_password(member)
    assert member.is_logged_in() and member.cookies["sessionid"] != old
    assert not phone.is_logged_in()


# A cookie that somebody else has chosen.


@pytest.mark.parametrize("way", ["log-in", "sign-up"])
def test_a_cookie_that_an_attacker_planted_is_never_adopted(site, member, way):
    planted = "A" * 43
    victim = site.client()
    victim.session.cookies.set("sessionid", planted, domain="127.0.0.1", path="/")
    answer = victim.log_in(member.email) if way == "log-in" else victim.sign_up(next(emails))
    assert answer.status_code == 302
    assert cookie_attributes(answer, "sessionid")[0] != planted
    attacker = site.client()
    assert attacker.get("/user/account/", headers={"Cookie": f"sessionid={planted}"}).status_code == 302
    assert len(site.query("SELECT 1 FROM session WHERE length(token_hash) <> 32")) == 0


def test_a_form_token_that_an_attacker_planted_does_not_survive_the_log_in(site, member):
    attacker = site.client()
    form = attacker.page("/user/login/").form("login-form").fields
    planted = attacker.cookies["csrftoken"]
    victim = site.client()
    victim.session.cookies.set("csrftoken", planted, domain="127.0.0.1", path="/")
    assert victim.log_in(member.email).status_code == 302
    for token in [planted, form["csrfmiddlewaretoken"]]:
        assert victim.post("/user/account/token/reset", {"csrfmiddlewaretoken": token}).status_code == 403
        cookies = f"sessionid={victim.cookies['sessionid']}; csrftoken={planted}"
        answer = site.client().post(
            "/user/account/token/reset", {"csrfmiddlewaretoken": token}, headers={"Cookie": cookies})
        assert answer.status_code == 403

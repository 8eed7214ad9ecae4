"""The invite link with a last day and a number of joins (issue 7, point 4)."""

import datetime

import pytest
from site_under_test import PASSWORD, AtOnce, Page, assert_shows_problem, form_request

REFUSED = "This invite link does not work"
LIMITS = "/organization/invite/limits"
DAY = 86_400_000_000


@pytest.fixture
def site(workshop):
    """A site of its own for each test: the limits are those of the organization."""
    site = workshop.start()
    assert site.client().sign_up("owner@example.com").status_code == 302
    return site


def limit(owner, until="", joins=""):
    return owner.submit(LIMITS, {"until": until, "joins": joins}, "invite-limits-form")


def join(site, email, token):
    return site.client().sign_up(email, query=f"?token={token}")


def is_refused(site, token):
    page = site.client().page(f"/user/signup/?token={token}")
    return (page.status, page.heading) == (403, REFUSED)


def today():
    """Far from midnight it is today, near it the day that comes."""
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=10)).date()


def people(site):
    return site.query("SELECT count(*) FROM member")[0][0]


def test_an_owner_finds_the_form_and_the_page_of_the_link_shows_the_limits(site, owner):
    page = owner.page("/organization/invite")
    assert "It works until you reset it." in page.text and "Nobody has joined by this link since" in page.text
    assert page.link("Limit Link") == LIMITS
    form = owner.page(LIMITS)
    assert form.heading == "Limit the invite link" and form.link("Cancel") == "/organization/invite"
    assert (form.value("limits-until"), form.value("limits-joins")) == ("", "")
    assert "until the end of this day, in UTC" in form.text
    day = str(today())
    answer = limit(owner, day, "3")
    assert answer.status_code == 302
    page = owner.page(answer.headers["Location"])
    for words in ["The limits of the invite link were saved.", f"It works until the end of {day} (UTC).",
                  "3 more people can join by it."]:
        assert words in page.text
    assert "It works until you reset it." not in page.text
    form = owner.page(LIMITS)
    assert (form.value("limits-until"), form.value("limits-joins")) == (day, "3")
    assert limit(owner).status_code == 302
    assert "It works until you reset it." in owner.page("/organization/invite").text
    assert site.query("SELECT invite_until, invite_joins_left FROM organization") == [(None, None)]


@pytest.mark.parametrize("joins", ["-1", "none", "1.5", "1000001", "99999999999999999999", "1e3", "٣"])
def test_a_number_that_is_none_is_refused_and_what_was_typed_stays(site, owner, joins):
    day = str(today())
    answer = limit(owner, day, joins)
    assert_shows_problem(answer, "Enter a number of people from 0 to 1000000, or leave it empty")
    page = Page(answer)
    assert (page.value("limits-until"), page.value("limits-joins")) == (day, joins)
    assert site.query("SELECT invite_until, invite_joins_left FROM organization") == [(None, None)]


@pytest.mark.parametrize("until, problem", [
    ("2001-02-03", "Enter a day that is not over yet"), ("tomorrow", "Enter a date like 2026-01-31"),
    ("2026-02-30", "Enter a date like 2026-01-31"), ("99999-01-01", "Enter a date like 2026-01-31")])
def test_a_day_that_is_over_or_none_is_refused_and_the_number_stays(site, owner, until, problem):
    answer = limit(owner, until, "12")
    assert_shows_problem(answer, problem)
    assert Page(answer).value("limits-joins") == "12"
    assert site.query("SELECT invite_until, invite_joins_left FROM organization") == [(None, None)]


def test_today_is_a_last_day_and_yesterday_is_not(site, owner):
    assert limit(owner, str(today())).status_code == 302
    assert join(site, "on-time@example.com", site.invitation(owner)).status_code == 302
    yesterday = datetime.datetime.now(datetime.timezone.utc).date() - datetime.timedelta(1)
    assert limit(owner, str(yesterday)).status_code == 422


def test_as_many_join_as_an_owner_wanted_and_then_the_link_says_so(site, owner):
    token = site.invitation(owner)
    assert limit(owner, joins="2").status_code == 302
    assert join(site, "one@example.com", token).status_code == 302
    page = owner.page("/organization/invite")
    assert "One more person can join by it." in page.text and "One person has joined by this link since" in page.text
    late = site.client()
    form = late.page(f"/user/signup/?token={token}")
    assert join(site, "two@example.com", token).status_code == 302
    for answer in [late.send(form, {"email": "late@example.com", "password": PASSWORD}, "signup-form"),
                   site.client().get(f"/user/signup/?token={token}")]:
        page = Page(answer)
        assert (page.status, page.heading) == (403, REFUSED)
        for words in ["No more people can join by it. No account was created.",
                      "Ask the person who sent it whether one more may join."]:
            assert words in page.text
        assert page.has_link("Log in") and "token" not in page.link("Log in")
    assert people(site) == 3
    page = owner.page("/organization/invite")
    for words in ["Nobody can join by this link now", "No more people can join by it.",
                  "2 people have joined by this link since"]:
        assert words in page.text


def test_after_the_last_day_the_link_says_so_and_an_owner_can_set_a_later_one(site, owner):
    token = site.invitation(owner)
    assert limit(owner, str(today())).status_code == 302
    late = site.client()
    form = late.page(f"/user/signup/?token={token}")
    # The night passes.
    site.execute("UPDATE organization SET invite_until = invite_until - ?", 2 * DAY)
    for answer in [late.send(form, {"email": "late@example.com", "password": PASSWORD}, "signup-form"),
                   site.client().get(f"/user/signup/?token={token}")]:
        page = Page(answer)
        assert (page.status, page.heading) == (403, REFUSED)
        for words in ["It had a last day, which is over. No account was created.",
                      "Ask the person who sent it whether you may still join."]:
            assert words in page.text
    assert people(site) == 1
    page = owner.page("/organization/invite")
    assert "Nobody can join by this link now" in page.text and "Its last day is over." in page.text
    # The page with the form says why it cannot stay so.
    answer = owner.send(owner.page(LIMITS), {}, "invite-limits-form")
    assert_shows_problem(answer, "Enter a day that is not over yet")
    assert limit(owner, str(today())).status_code == 302
    assert join(site, "late@example.com", token).status_code == 302


def test_the_form_of_a_link_that_is_used_up_can_be_saved_as_it_is(site, owner):
    token = site.invitation(owner)
    assert limit(owner, joins="1").status_code == 302
    assert join(site, "one@example.com", token).status_code == 302
    form = owner.page(LIMITS)
    assert form.value("limits-joins") == "0"
    assert owner.send(form, {"until": str(today())}, "invite-limits-form").status_code == 302
    assert is_refused(site, token)
    assert limit(owner, joins="1").status_code == 302
    assert join(site, "two@example.com", token).status_code == 302


@pytest.mark.parametrize("who", ["owner", "member"])
def test_a_reset_keeps_the_limits_and_counts_from_nobody(site, owner, member, who):
    before = site.invitation(owner)
    day = str(today())
    assert limit(owner, day, "2").status_code == 302
    assert join(site, "one@example.com", before).status_code == 302
    question = (owner if who == "owner" else member).page("/organization/invite/reset")
    assert "One person has joined by this link since" in question.text
    assert (owner if who == "owner" else member).send(question, {}, "invite-reset-form").status_code == 302
    page = owner.page("/organization/invite")
    for words in [f"It works until the end of {day} (UTC).", "One more person can join by it.",
                  "Nobody has joined by this link since"]:
        assert words in page.text
    after = site.invitation(owner)
    assert after != before
    assert join(site, "two@example.com", after).status_code == 302
    assert is_refused(site, after)


def test_only_owners_limit_the_link_and_members_read_of_the_limits(site, owner, member):
    assert limit(owner, joins="7").status_code == 302
    page = member.page("/organization/invite")
    assert "7 more people can join by it." in page.text and not page.has_link("Limit Link")
    assert member.get(LIMITS).status_code == 403
    headers = {"Origin": site.url}
    assert member.post(LIMITS, {"until": "", "joins": ""}, headers=headers).status_code == 403
    assert site.query("SELECT invite_joins_left FROM organization") == [(7,)]


def test_who_signs_up_without_the_link_is_not_counted(site, owner):
    assert limit(owner, joins="1").status_code == 302
    assert site.client().sign_up("open@example.com").status_code == 302
    page = owner.page("/organization/invite")
    assert "One more person can join by it." in page.text and "Nobody has joined by this link" in page.text


def test_an_address_that_is_taken_uses_nothing_up(site, owner):
    token = site.invitation(owner)
    assert limit(owner, joins="1").status_code == 302
    assert join(site, "owner@example.com", token).status_code == 422
    assert join(site, "one@example.com", token).status_code == 302


def test_of_many_at_once_as_many_get_in_as_there_are_places(site, owner):
    token = site.invitation(owner)
    for round, places in enumerate([1, 3]):
        assert limit(owner, joins=str(places)).status_code == 302
        before = people(site)
        crowd = AtOnce(site.port, [
            form_request(f"/user/signup/?token={token}", {"email": f"crowd{round}-{number}@example.com", "password": PASSWORD})
            for number in range(8)])
        crowd.send()
        answers = crowd.answers()
        assert sorted(answer.status for answer in answers) == [302] * places + [403] * (8 - places)
        late = [answer for answer in answers if answer.status == 403]
        assert all(b"No more people can join by it." in answer.body for answer in late)
        assert people(site) == before + places
    assert "4 people have joined by this link since" in owner.page("/organization/invite").text


def test_the_api_tells_of_the_link_what_it_always_told(site, owner):
    before = owner.get("/api/invite").json()
    assert limit(owner, str(today()), "0").status_code == 302
    assert owner.get("/api/invite").json() == before
    assert set(before) == {"token", "invite_url"}


def test_the_command_line_says_how_long_the_link_works(workshop, site, owner):
    def show(act="show"):
        result = workshop.run("invite", act, "--data-dir", site.data, "--host", site.url)
        assert result.returncode == 0
        assert result.stdout.startswith(site.url + "/user/signup/?token=") and result.stdout.count("\n") == 1
        return [line for line in result.stderr.splitlines() if line.endswith(".") or "Link" in line]

    assert show() == []
    day = str(today())
    limit(owner, day, "3")
    assert show() == [f"It works until the end of {day} (UTC).", "3 more people can join by it."]
    limit(owner, joins="1")
    assert show("reset") == ["One more person can join by it."]
    limit(owner, joins="0")
    assert show() == ["No more people can join by it. "
                      "An owner can let in more: Organization, Add People, Limit Link."]
    limit(owner, day)
    site.execute("UPDATE organization SET invite_until = invite_until - ?", 2 * DAY)
    assert show() == ["Nobody can join by it: its last day is over. "
                      "An owner can set a later one: Organization, Add People, Limit Link."]


def test_who_joins_while_the_form_is_open_stays_counted(site, owner):
    assert limit(owner, joins="3").status_code == 302
    form = owner.page(LIMITS)
    assert join(site, "one@example.com", site.invitation(owner)).status_code == 302
    assert owner.send(form, {"until": str(today())}, "invite-limits-form").status_code == 302
    assert site.query("SELECT invite_joins_left FROM organization") == [(2,)]
    # The form that is older still does not know of that one.
    answer = owner.send(form, {"joins": "9"}, "invite-limits-form")
    assert_shows_problem(answer, "Meanwhile this number became 2. Enter how many more people can join from now on")
    page = Page(answer)
    assert page.value("limits-joins") == "9"
    assert site.query("SELECT invite_joins_left FROM organization") == [(2,)]
    assert owner.send(page, {}, "invite-limits-form").status_code == 302
    assert site.query("SELECT invite_joins_left FROM organization") == [(9,)]


@pytest.mark.parametrize("closed", ["true", "false"])
def test_it_is_said_that_limits_do_not_close_an_open_sign_up_page(workshop, closed):
    site = workshop.start(LABEL_STUDIO_USERNAME="owner@example.com", LABEL_STUDIO_PASSWORD=PASSWORD,
                          LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK=closed)
    owner = site.client()
    assert owner.log_in("owner@example.com").status_code == 302
    said = closed == "false"
    assert ("The sign-up page is open" in owner.page(LIMITS).text) == said
    assert "The sign-up page is open" not in owner.page("/organization/invite").text
    assert limit(owner, joins="0").status_code == 302
    assert ("The sign-up page is open" in owner.page("/organization/invite").text) == said
    assert "The new link does not change that" in owner.page("/organization/invite/reset").text
    page = site.client().page(f"/user/signup/?token={site.invitation(owner)}")
    assert (page.status, "Sign up without the link" in page.text) == (403, said)


def test_a_link_that_is_over_is_no_guess(workshop):
    """A class behind one address opens it again and again."""
    site = workshop.start(limited=True)
    owner = site.client()
    assert owner.sign_up("owner@example.com").status_code == 302
    assert limit(owner, joins="0").status_code == 302
    token = site.invitation(owner)
    visitor = site.client()
    assert {visitor.get(f"/user/signup/?token={token}").status_code for _ in range(70)} == {403}
    assert 429 in {visitor.get(f"/user/signup/?token={token[:-1]}").status_code for _ in range(70)}

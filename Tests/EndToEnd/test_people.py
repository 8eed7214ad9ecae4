"""Owners and the people of the organization (issue 3, point 5)."""

import concurrent.futures
import itertools
import threading

import pytest
from site_under_test import PASSWORD, Page, assert_shows_problem, wait_until

names = (f"person{number}@example.com" for number in itertools.count())
REMOVED = "You were removed from the organization. Ask an owner of the organization to let you back in"
DEACTIVATED = "Your account is deactivated. Ask an owner of the organization to reactivate it"
ACTS = ["make-owner", "make-member", "log-out", "reset-link", "deactivate", "reactivate", "remove", "restore"]


@pytest.fixture
def second(site, owner, member):
    """Another owner, logged in."""
    member.number = site.person(member.email)
    assert owner.act_upon(member.number, "make-owner").status_code == 302
    return member


def role(site, number):
    return site.query("SELECT role FROM member WHERE user_id = ? AND removed_at IS NULL", number)


def is_token_good(site, token):
    return site.client().get("/api/current-user/whoami", headers={"X-Api-Key": token}).status_code == 200


# Removing.


def test_removing_ends_sessions_and_token_at_once_and_replaces_the_invite_link(site, owner, member):
    number, token, invite = site.person(member.email), member.api_token(), site.invitation(owner)
    address = member.submit("/projects/new", {"title": "Stays"}, "project-form").headers["Location"]
    question = owner.page(f"/organization/people/{number}/remove")
    assert question.heading == f"Remove {member.email} from the organization?"
    assert "The invite link is reset" in question.text
    assert member.is_logged_in() and site.invitation(owner) == invite, "the question changes nothing"
    answer = owner.send(question, {}, "person-form")
    assert answer.status_code == 302
    page = owner.page(answer.headers["Location"])
    assert "removed, and the invite link was reset: the old one no longer works" in page.text
    assert not member.is_logged_in()
    assert not is_token_good(site, token)
    assert site.invitation(owner) != invite
    assert site.client().get("/user/signup/?token=" + invite).status_code == 403
    assert owner.page(address).heading == "Stays"
    assert member.email not in owner.page("/organization/").text
    assert member.email in owner.page("/organization/removed").text


def test_whoever_was_removed_is_told_so_once_he_has_proved_who_he_is(site, owner, member):
    assert owner.act_upon(site.person(member.email), "remove").status_code == 302
    assert_shows_problem(site.client().log_in(member.email), REMOVED)
    assert_shows_problem(
        site.client().log_in(member.email, "a wrong guess"), "The email and password you entered don't match.")
    answer = site.client().sign_up(member.email, query="?token=" + site.invitation(owner))
    assert_shows_problem(answer, "User with this email already exists")


def test_whoever_is_let_back_in_is_a_member_with_his_password_and_a_new_token(site, owner, second):
    token = second.api_token()
    assert owner.act_upon(second.number, "remove").status_code == 302
    assert owner.act_upon(second.number, "restore").status_code == 302
    assert role(site, second.number) == [("member",)]
    assert not second.is_logged_in() and not is_token_good(site, token)
    assert second.log_in(second.email).status_code == 302
    assert second.api_token() != token


# Roles.


def test_an_owner_makes_another_who_can_do_the_same(site, owner, second):
    number = site.person("owner@example.com")
    assert second.get("/organization/audit").status_code == 200
    assert "Owner" in owner.page(f"/organization/people/{second.number}/").text
    assert second.act_upon(number, "make-member").status_code == 302
    assert owner.get("/organization/audit").status_code == 403
    assert second.act_upon(number, "make-owner").status_code == 302
    assert owner.get("/organization/audit").status_code == 200
    assert owner.act_upon(second.number, "make-member").status_code == 302


def test_a_role_that_was_taken_away_acts_no_more_from_a_page_that_is_open(site, owner, second, visitor):
    victim = site.client()
    victim.sign_up(email := next(names))
    number = site.person(email)
    pages = [second.page(f"/organization/people/{number}/{act}") for act in ACTS]
    assert owner.act_upon(second.number, "make-member").status_code == 302
    before = site.content()
    for page in pages:
        assert second.send(page, {}, "person-form").status_code == 403
    assert site.content() == before
    assert victim.is_logged_in()


@pytest.mark.parametrize("act", ACTS)
def test_nobody_acts_upon_himself_in_this_way(site, owner, act):
    before = site.content()
    number = site.person("owner@example.com")
    assert owner.act_upon(number, act).status_code == 409
    assert site.content() == before
    assert "This is you" in owner.page(f"/organization/people/{number}/").text


@pytest.mark.parametrize("act", ["make-member", "reactivate", "restore"])
def test_what_is_so_already_is_not_done_again(site, owner, member, act):
    before = site.content()
    answer = owner.act_upon(site.person(member.email), act)
    assert (answer.status_code, Page(answer).heading) == (409, "That is not possible any more")
    assert site.content() == before


@pytest.mark.parametrize("act", ACTS)
def test_nobody_who_does_not_exist_is_acted_upon(site, owner, act):
    form = owner.page("/").forms[0].fields
    assert owner.post(f"/organization/people/999999/{act}", form).status_code == 404


# Deactivating.


def test_whoever_is_deactivated_is_out_until_he_is_reactivated(site, owner, member):
    number, token, invite = site.person(member.email), member.api_token(), site.invitation(owner)
    answer = owner.act_upon(number, "deactivate")
    assert "the invite link was reset" in owner.page(answer.headers["Location"]).text
    assert not member.is_logged_in() and not is_token_good(site, token)
    assert_shows_problem(site.client().log_in(member.email), DEACTIVATED)
    assert site.invitation(owner) != invite
    assert "deactivated" in owner.page("/organization/").text
    assert owner.act_upon(number, "reset-link").status_code == 409
    assert owner.act_upon(number, "reactivate").status_code == 302
    assert not member.is_logged_in(), "the old session does not come back"
    assert is_token_good(site, token)
    assert site.client().log_in(member.email).status_code == 302


# Leaving and deleting.


def test_a_member_leaves_with_his_password(site, owner, member):
    number, token = site.person(member.email), member.api_token()
    answer = member.submit("/user/account/leave", {"password": "wrong"}, "leaving-form")
    assert_shows_problem(answer, "Enter the password that you use now")
    assert member.is_logged_in()
    answer = member.submit("/user/account/leave", {"password": PASSWORD}, "leaving-form")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/logout")
    assert not member.is_logged_in() and not is_token_good(site, token)
    assert_shows_problem(site.client().log_in(member.email), REMOVED)
    assert owner.act_upon(number, "restore").status_code == 302
    assert site.client().log_in(member.email).status_code == 302


def test_an_account_is_deleted_after_typing_its_address_and_projects_stay(site, owner, member):
    number, token = site.person(member.email), member.api_token()
    address = member.submit("/projects/new", {"title": "Orphan"}, "project-form").headers["Location"]
    for typed, password, message in [
            ("", PASSWORD, "Type your own e-mail address"), ("owner@example.com", PASSWORD, "Type your own"),
            (member.email, "wrong", "Enter the password that you use now")]:
        fields = {"email": typed, "password": password}
        assert_shows_problem(member.submit("/user/account/delete", fields, "leaving-form"), message)
    assert member.is_logged_in()
    fields = {"email": f" {member.email.upper()} ", "password": PASSWORD}
    assert member.submit("/user/account/delete", fields, "leaving-form").status_code == 302
    assert not member.is_logged_in() and not is_token_good(site, token)
    assert owner.page(address).heading == "Orphan"
    assert site.query("SELECT 1 FROM user_account WHERE id = ?", number) == []
    again = site.client()
    assert again.sign_up(member.email).status_code == 302
    assert site.person(member.email) != number
    assert "Orphan" not in again.page("/user/account/activity").text
    assert site.query("SELECT created_by FROM project WHERE title = 'Orphan'") == [(None,)]


def test_the_only_owner_hands_over_before_he_goes(workshop):
    site = workshop.start()
    owner, heir = site.client(), site.client()
    assert owner.sign_up("owner@example.com").status_code == 302
    assert heir.sign_up("heir@example.com").status_code == 302
    for path in ["/user/account/leave", "/user/account/delete"]:
        answer = owner.submit(path, {"email": "owner@example.com", "password": PASSWORD}, "leaving-form")
        assert_shows_problem(answer, "You are the only owner. Make somebody else an owner first")
    assert owner.is_logged_in()
    assert owner.act_upon(site.person("heir@example.com"), "make-owner").status_code == 302
    assert owner.submit("/user/account/leave", {"password": PASSWORD}, "leaving-form").status_code == 302
    assert heir.get("/organization/audit").status_code == 200


# What no member may do.


def owner_pages(number):
    people = [f"/organization/people/{number}/{act}" for act in ACTS]
    return [f"/organization/people/{number}/", "/organization/removed", "/organization/audit",
            "/organization/audit.csv", "/organization/audit.json", *people]


def test_a_member_can_do_nothing_of_an_owner(site, owner, member):
    """With a good token of his own: only his role is missing."""
    other = site.client()
    other.sign_up(next(names))
    own = site.person(member.email)
    token = member.page("/").forms[0].fields
    before = site.content()
    for number in [own, site.person("owner@example.com"), own + 1, 999_999]:
        for path in owner_pages(number):
            for answer in [member.get(path), member.get(path.rstrip("/")), member.request("HEAD", path)]:
                assert answer.status_code == 403, path
        for act in ACTS:
            answer = member.post(f"/organization/people/{number}/{act}", token)
            assert answer.status_code == 403, (number, act)
    assert site.content() == before
    page = member.page("/organization/")
    assert not any("/organization/people/" in target or "audit" in target for target, _ in page.links)


def test_strangers_are_led_to_the_log_in_page(visitor):
    for path in owner_pages(1):
        assert visitor.get(path).headers["Location"].startswith("/user/login/?next=")
        assert visitor.post(path).status_code in (302, 405)


def test_a_token_of_an_owner_opens_no_page(site, owner):
    headers = {"X-Api-Key": owner.api_token()}
    for path in owner_pages(1):
        assert site.client().get(path, headers=headers).status_code == 302


@pytest.mark.parametrize(
    ["path", "form"],
    [("/user/signup/", "signup-form"), ("/user/account/", "profile-form"), ("/user/account/email", "email-form"),
     ("/projects/new", "project-form")])
def test_no_form_takes_a_role_or_an_organization(site, member, path, form):
    more = {"role": "owner", "organization": "2", "organization_id": "2", "active_organization": "2",
            "is_superuser": "true", "is_staff": "1", "user_id": "1", "id": "1", "created_by": "1", "joined_at": "0",
            "password_hash": "x", "deactivated_at": "0"}
    client = site.client() if "signup" in path else member
    email = next(names)
    fields = {"email": email, "password": PASSWORD, "title": "Massive", "first_name": "Massive", **more}
    assert client.submit(path, fields, form).status_code == 302
    number = client.get("/api/current-user/whoami").json()["id"]
    assert role(site, number) == [("member",)]
    assert site.query("SELECT DISTINCT organization_id FROM member") == [(1,)]
    assert client.get("/organization/audit").status_code == 403
    assert site.query("SELECT count(*) FROM user_account WHERE password_hash = 'x' OR id = 2 AND email = ?", email) == [
        (0,)]
    assert site.query("SELECT created_by FROM project WHERE title = 'Massive' AND created_by <> ?", number) == []


# At the same moment.


def test_two_owners_who_put_each_other_out_at_once_leave_one(workshop):
    for act in ["remove", "make-member", "deactivate"] * 3:
        site = workshop.start("--log-level", "ERROR")
        clients, numbers = [site.client(), site.client()], []
        for client, name in zip(clients, ["one", "two"]):
            assert client.sign_up(f"{name}@example.com").status_code == 302
            numbers.append(site.person(f"{name}@example.com"))
        assert clients[0].act_upon(numbers[1], "make-owner").status_code == 302
        pages = [clients[0].page(f"/organization/people/{numbers[1]}/{act}"),
                 clients[1].page(f"/organization/people/{numbers[0]}/{act}")]
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(lambda pair: pair[0].send(pair[1], {}, "person-form"), zip(clients, pages)))
        done = [answer for answer in answers if "done=" in answer.headers.get("Location", "")]
        assert len(done) == 1, [answer.status_code for answer in answers]
        owners = site.query(
            "SELECT count(*) FROM member WHERE role = 'owner' AND removed_at IS NULL AND deactivated_at IS NULL")
        assert owners == [(1,)]
        site.program.kill()


def test_two_owners_who_leave_at_once_leave_one(workshop):
    for path in ["/user/account/leave", "/user/account/delete"] * 2:
        site = workshop.start("--log-level", "ERROR")
        clients = [site.client(), site.client()]
        for client, name in zip(clients, ["one", "two"]):
            client.email = f"{name}@example.com"
            assert client.sign_up(client.email).status_code == 302
        assert clients[0].act_upon(site.person("two@example.com"), "make-owner").status_code == 302

        def leave(client):
            return client.submit(path, {"email": client.email, "password": PASSWORD}, "leaving-form").status_code

        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(leave, clients)) == [302, 422]
        assert site.query("SELECT count(*) FROM member WHERE role = 'owner' AND removed_at IS NULL") == [(1,)]
        site.program.kill()


def test_a_member_who_resets_the_invite_link_all_the_time_has_none_that_works_after_his_removal(site, owner):
    for _ in range(5):
        member = site.client()
        assert member.sign_up(email := next(names)).status_code == 302
        page = owner.page(f"/organization/people/{site.person(email)}/remove")
        tokens, is_over = [], threading.Event()

        def ask(client):
            while not is_over.is_set():
                answer = client.post("/api/invite/reset-token", headers={"Origin": site.url})
                if answer.status_code == 201:
                    tokens.append(answer.json()["token"])

        with concurrent.futures.ThreadPoolExecutor(12) as pool:
            asking = [pool.submit(ask, member.copy()) for _ in range(12)]
            wait_until(lambda: len(tokens) > 50, what="the member")
            assert owner.send(page, {}, "person-form").status_code == 302
            is_over.set()
            for each in asking:
                each.result()
        assert site.invitation(owner) not in tokens


def test_a_removal_that_races_with_requests_leaves_nothing_behind(site, owner):
    """While he is removed, a person logs in, gets a token and asks for pages."""
    for _ in range(3):
        email = next(names)
        member = site.client()
        assert member.sign_up(email).status_code == 302
        number, tokens, clients = site.person(email), [], []

        def work(_):
            client = site.client()
            clients.append(client)
            client.log_in(email)
            answer = client.post(
                "/api/current-user/reset-token", headers={"Origin": site.url})
            if answer.status_code == 201:
                tokens.append(answer.json()["token"])

        page = owner.page(f"/organization/people/{number}/remove")
        with concurrent.futures.ThreadPoolExecutor(9) as pool:
            working = [pool.submit(work, each) for each in range(8)]
            assert pool.submit(owner.send, page, {}, "person-form").result().status_code == 302
            for each in working:
                each.result()
        assert not any(client.is_logged_in() for client in [member, *clients])
        assert not any(is_token_good(site, token) for token in tokens)
        assert site.query("SELECT count(*) FROM session WHERE user_id = ?", number) == [(0,)]
        assert site.query("SELECT count(*) FROM api_token WHERE user_id = ?", number) == [(0,)]

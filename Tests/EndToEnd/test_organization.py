"""The people of the organization (issue 2, point 10)."""

import datetime

import pytest
from site_under_test import PASSWORD


@pytest.mark.parametrize("path", ["/organization/", "/organization", "/people/", "/people"])
def test_the_page_lists_name_address_role_and_dates(site, owner, member, path):
    member.submit("/user/account/", {"first_name": "Ada", "last_name": "Lovelace"}, "profile-form")
    page = owner.page(path)
    assert (page.status, page.heading) == (200, "Label Studio")
    (count,), = site.query("SELECT count(*) FROM member")
    assert f"{count} people" in page.text
    for text in ["Ada Lovelace", member.email, "owner@example.com", "Owner", "Member", "Joined", "Last active"]:
        assert text in page.text
    today = datetime.datetime.now(datetime.timezone.utc).date()
    days = {str(today), str(today - datetime.timedelta(1))}
    times = [attributes["datetime"] for tag, attributes in page.tags if tag == "time"]
    assert len(times) == 2 * count
    assert {instant[:10] for instant in times} <= days
    assert all(datetime.datetime.fromisoformat(instant.replace("Z", "+00:00")) for instant in times)
    labels = {attributes.get("data-label") for tag, attributes in page.tags if tag == "td"}
    assert {"E-mail", "Role", "Joined", "Last active"} <= labels


def test_one_finds_oneself_in_the_list(member):
    assert f"{member.email} you" in member.page("/organization/").text


def test_a_single_person_is_counted_as_one(workshop):
    client = workshop.start().client()
    client.sign_up("alone@example.com")
    assert "1 person" in client.page("/organization/").text


def test_the_menu_stands_first_on_every_page(member):
    for path in ["/", "/organization/", "/organization/invite", "/user/account/", "/projects/new"]:
        page = member.page(path)
        links = [label for _, label in page.links]
        assert links[:4] == ["Skip to content", "Projects", "Organization", "Account & Settings"], path
        targets = [target for target, _ in page.links][1:4]
        assert targets == ["/", "/organization/", "/user/account/"]


def test_strangers_are_led_to_the_log_in_page(visitor):
    for path in ["/organization/", "/people/"]:
        answer = visitor.get(path)
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/user/login/?next=")


def test_a_long_list_has_pages(workshop):
    site = workshop.start()
    owner = site.client()
    owner.sign_up("owner@example.com")
    # 120 members more, put into the database as sign-ups would.
    (hash,), = site.query("SELECT password_hash FROM user_account")
    for number in range(2, 122):
        site.execute(
            "INSERT INTO user_account (id, email, username, password_hash, created_at, last_active_at)"
            " SELECT ?, ?, 'x', ?, created_at, last_active_at FROM user_account WHERE id = 1",
            number, f"person{number:03}@example.com", hash)
        site.execute(
            "INSERT INTO member (organization_id, user_id, role, joined_at)"
            " SELECT organization_id, ?, 'member', joined_at FROM member WHERE user_id = 1", number)

    def people(page):
        found = [email for email in page.text.split() if email.endswith("@example.com")]
        return sorted(set(found))

    seen = []
    page = owner.page("/organization/")
    assert "121 people" in page.text
    assert not page.has_link("First page")
    while True:
        seen += [email for email in people(page) if email not in seen]
        if not page.has_link("Next page"):
            break
        page = owner.page(page.link("Next page"))
    assert len(seen) == 121
    assert page.link("First page") == "/organization/"


@pytest.mark.parametrize("query", ["after=x", "after=-1", "after=99999999999999999999", "after=", "page=1", "page=x"])
def test_a_strange_query_is_no_fault(owner, query):
    assert owner.get("/organization/?" + query).status_code == 200


def test_a_person_without_membership_is_not_logged_in(site, member):
    user = site.query("SELECT id FROM user_account WHERE email = ?", member.email)[0][0]
    token = member.get("/api/current-user/token").json()["token"]
    site.execute("UPDATE member SET removed_at = joined_at WHERE user_id = ?", user)
    assert member.get("/organization/").status_code == 302
    headers = {"Authorization": f"Token {token}"}
    assert site.client().get("/api/current-user/whoami", headers=headers).status_code == 401
    answer = site.client().log_in(member.email)
    assert answer.status_code == 422
    assert "You were removed from the organization" in answer.text
    # Who does not know the password learns nothing.
    assert "removed" not in site.client().log_in(member.email, "wrong password").text
    owner = site.client()
    owner.log_in("owner@example.com", PASSWORD)
    assert member.email not in owner.page("/organization/").text

"""The people of the organization (issue 2, point 10)."""

import datetime

import pytest
from site_under_test import PASSWORD, Page, assert_shows_problem


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
        links = [label.strip() for _, label in page.links]
        assert links[:4] == ["Skip to content", "Projects", "Organization", "Account & Settings"], path
        targets = [target for target, _ in page.links][1:4]
        assert targets == ["/", "/organization/", "/user/account/"]


def test_an_owner_renames_the_organization_for_everybody(workshop):
    site = workshop.start()
    owner, member = site.client(), site.client()
    assert owner.sign_up("owner@example.com").status_code == 302
    assert owner.page(owner.page("/organization/").link("First Steps")).link("Name the organization") == "/organization/rename"
    page = owner.page("/organization/")
    assert page.link("Rename") == "/organization/rename"
    form = owner.page(page.link("Rename"))
    assert form.heading == "Rename the organization" and form.value("rename-title") == "Label Studio"
    assert form.link("Cancel") == "/organization/"
    name = "Søren's <b>Birds</b> & \"Co\" 鳥"
    answer = owner.send(form, {"title": f"  {name} "}, "rename-form")
    assert answer.status_code == 302
    page = owner.page(answer.headers["Location"])
    assert page.heading == name and "The organization has its new name." in page.text
    assert page.title == f"Organization – {name}"
    # What a stranger reads: behind the link, at the door.
    token = site.invitation(owner)
    assert member.page(f"/user/signup/?token={token}").heading == f"Join {name}"
    assert name in site.client().page("/user/login/").text
    assert member.sign_up("member@example.com", query=f"?token={token}").status_code == 302
    assert f"Welcome to {name}" in member.page("/?welcome=yes").text
    number = owner.get("/api/organizations").json()[0]["id"]
    assert owner.get(f"/api/organizations/{number}").json()["title"] == name


@pytest.mark.parametrize("title, problem", [
    ("", "Enter a name for the organization"), (" \u2003", "Enter a name for the organization"),
    ("x" * 1001, "Enter at most 1000 characters"), ("Birds\0", "Remove the invisible character (NUL)")])
def test_a_name_that_is_none_is_refused_and_stays_in_the_form(site, owner, title, problem):
    answer = owner.submit("/organization/rename", {"title": title}, "rename-form")
    assert_shows_problem(answer, problem)
    assert Page(answer).value("rename-title") == title
    assert owner.page("/organization/").heading == "Label Studio"


def test_a_name_of_a_thousand_characters_is_none_too_long(workshop):
    owner = workshop.start().client()
    assert owner.sign_up("owner@example.com").status_code == 302
    assert owner.submit("/organization/rename", {"title": "🐦" * 1000}, "rename-form").status_code == 302
    assert owner.page("/organization/").heading == "🐦" * 1000


def test_a_member_does_not_rename_the_organization(site, owner, member):
    page = member.page("/organization/")
    assert not page.has_link("Rename") and not page.has_link("Audit") and page.has_link("Add People")
    assert member.get("/organization/rename").status_code == 403
    answer = member.post("/organization/rename", {"title": "Ours"}, headers={"Origin": site.url})
    assert answer.status_code == 403
    assert owner.page("/organization/").heading == "Label Studio"


def test_strangers_are_led_to_the_log_in_page(visitor):
    for path in ["/organization/", "/people/"]:
        answer = visitor.get(path)
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/user/login/?next=")


def crowd(workshop, count):
    """An organization of so many people: its owner, and others as an older version left them."""
    site = workshop.start()
    site.client().sign_up("owner@example.com")
    (hash,), = site.query("SELECT password_hash FROM user_account")
    for number in range(2, count + 1):
        site.execute(
            "INSERT INTO user_account (id, email, username, first_name, password_hash, created_at, last_active_at)"
            " SELECT ?, ?, 'x', ?, ?, created_at, last_active_at - ? * 3600000000 FROM user_account WHERE id = 1",
            number, f"person{number:03}@example.com", "Zoë" if number % 3 == 0 else "", hash, number)
        site.execute(
            "INSERT INTO member (organization_id, user_id, role, joined_at)"
            " SELECT organization_id, ?, 'member', joined_at FROM member WHERE user_id = 1", number)
    assert site.program.stop() == 0
    site = workshop.start(data=site.data)
    owner = site.client()
    owner.log_in("owner@example.com")
    return site, owner


def emails(page):
    found = [email for email in page.text.split() if email.endswith("@example.com")]
    return list(dict.fromkeys(found))


def all_pages(client, path):
    """Those in the list from this page on, in its order."""
    seen = []
    while path:
        page = client.page(path)
        seen += [email for email in emails(page) if email not in seen]
        path = page.link("Next page") if page.has_link("Next page") else None
    return seen, page


def test_a_long_list_has_pages(workshop):
    _, owner = crowd(workshop, 121)
    page = owner.page("/organization/")
    assert "121 people" in page.text
    assert not page.has_link("First page") and not page.has_link("Previous page")
    seen, last = all_pages(owner, "/organization/")
    assert len(seen) == 121
    assert last.link("First page") == "/organization/"
    middle = owner.page(last.link("Previous page"))
    assert len(emails(middle)) == 50
    assert emails(owner.page(middle.link("Previous page"))) == emails(page)


def test_a_list_is_sorted_and_searched_and_stays_so_from_page_to_page(workshop):
    site, owner = crowd(workshop, 181)
    # People of an older version are found, too: their names were folded at the start.
    seen, last = all_pages(owner, "/organization/?q=ZOE&sort=-email")
    assert seen == sorted((email for (email,) in site.query(
        "SELECT email FROM user_account WHERE first_name = 'Zoë'")), reverse=True)
    assert len(seen) == 60 and "More than 50 people found for “ZOE”." in last.text
    assert last.link("First page") == "/organization/?q=ZOE&sort=-email"
    assert last.link("Show everybody") == "/organization/"
    assert last.link("E-mail") == "/organization/?q=ZOE&sort=email"
    assert [attributes["value"] for tag, attributes in last.tags if tag == "input"
            and attributes.get("name") in ("q", "sort")] == ["ZOE", "-email"]
    by_activity, _ = all_pages(owner, "/organization/?sort=-active")
    assert by_activity[:3] == ["owner@example.com", "person002@example.com", "person003@example.com"]
    page = owner.page("/organization/?q=person003@")
    assert "1 person found" in page.text and "3 hours ago" in page.text
    (exactly,), = site.query(
        "SELECT strftime('%Y-%m-%d %H:%M:%S', last_active_at / 1000000, 'unixepoch') || ' UTC' FROM user_account WHERE id = 3")
    assert [attributes["title"] for tag, attributes in page.tags if tag == "time" and "title" in attributes] == [exactly]
    page = owner.page("/organization/?q=nobody+at+all")
    assert "Nobody’s name or e-mail address has “nobody at all” in it." in page.text
    assert page.has_link("Show everybody")


@pytest.mark.parametrize("query, status", [
    ("q=" + "a" * 7_000, 200), ("q=" + "a" * 10_000, 414), ("q=%00", 200), ("q=%25_%21%27%22%3Cb%3E", 200), ("q=%FF", 400),
    ("sort=weight", 200), ("sort=--name", 200), ("sort=", 200), ("q=a&q=b&sort=name&sort=role", 200),
    ("after=5.a%00b", 200), ("after=.", 200), ("before=1.zoe", 200), ("sort=-joined&before=1.x", 200),
    ("sort=joined&after=1.99999999999999999999", 200), ("after=9.a&before=1.b", 200)])
def test_a_search_takes_whatever_comes(owner, query, status):
    assert owner.get("/organization/?" + query).status_code == status
    assert owner.get("/?" + query).status_code == status


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

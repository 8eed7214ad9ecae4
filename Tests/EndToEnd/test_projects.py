"""Projects that every member sees (issue 2, point 10)."""

import pytest
from site_under_test import Page, assert_shows_problem

NASTY = "<script>alert(1)</script>\"'&amp;{{BASE}}<b id=injected>"


def create(client, title, description=""):
    """Makes a project; returns its address."""
    answer = client.submit("/projects/new", {"title": title, "description": description}, "project-form")
    assert answer.status_code == 302, Page(answer).text
    return answer.headers["Location"]


def test_an_empty_list_says_what_to_do_first(workshop):
    site = workshop.start()
    client = site.client()
    client.sign_up("first@example.com")
    page = client.page("/")
    assert page.heading == "Projects"
    assert "There are no projects yet" in page.text
    assert page.link("Create Project") == "/projects/new"
    assert page.link("Add People") == "/organization/invite"


def test_a_project_is_created_opened_edited_and_deleted_after_a_question(owner):
    address = create(owner, "  Birds  ", "Of the north.\r\nAnd the south.")
    page = owner.page(address)
    assert page.heading == "Birds"
    assert "Of the north.<br />\nAnd the south." in page.response.text
    assert "owner@example.com" in page.text

    home = owner.page("/")
    assert home.link("Birds") == address
    assert "There are no projects yet" not in home.text

    form_page = owner.page(page.link("Edit"))
    form = form_page.form("project-form")
    assert form.fields["title"] == "Birds"
    assert form.fields["description"].split() == ["Of", "the", "north.", "And", "the", "south."]
    answer = owner.send(form_page, {"title": "Fish", "description": "Of the sea"}, "project-form")
    assert (answer.status_code, answer.headers["Location"]) == (302, address)
    page = owner.page(address)
    assert page.heading == "Fish" and "Of the sea" in page.text

    question = owner.page(page.link("Delete"))
    assert question.heading == "Delete Fish?"
    assert question.link("Cancel") == address
    assert owner.get(address).status_code == 200, "asking changes nothing"
    answer = owner.send(question, {}, "project-delete-form")
    assert answer.status_code == 302
    page = owner.page(answer.headers["Location"])
    assert "The project was deleted." in page.text
    assert not page.has_link("Fish")
    for path in [address, address + "edit", address + "delete"]:
        assert owner.get(path).status_code == 404


def test_more_than_a_handful_can_be_searched_and_paged(workshop):
    site = workshop.start()
    client = site.client()
    client.sign_up("first@example.com")
    for number in range(6):
        create(client, f"Project {number}")
    assert "project-search" not in client.page("/").ids
    create(client, "Vögel & Bienen", "# Birds\n\n- of *the* **north**\n- [here](https://example.org/)")
    page = client.page("/")
    assert "project-search" in page.ids and "Birds of the north here" in page.text
    page = client.page("/?q=VOGEL+%26")
    assert page.has_link("Vögel & Bienen") and not page.has_link("Project 1")
    assert "1 project found for “VOGEL &”." in page.text and page.link("Show all projects") == "/"
    page = client.page("/?q=fish")
    assert "No project has “fish” in its title." in page.text and page.link("Show all projects") == "/"
    for number in range(200):
        site.execute(
            "INSERT INTO project (organization_id, title, folded_title, description, created_at, updated_at)"
            " VALUES (1, ?, ?, '', 1, 1)", f"Old {number}", f"old {number}")
    for query, count in [("", 207), ("?q=old", 200)]:
        seen, path = [], "/" + query
        while path:
            page = client.page(path)
            seen += [target for target, _ in page.links if target.startswith("/projects/") and target[10:-1].isdigit()]
            path = page.link("Older projects") if page.has_link("Older projects") else None
        assert len(seen) == len(set(seen)) == count
        assert page.link("Newest projects") == "/" + query
    assert "There are no older projects." in client.page("/?before=1").text


def test_every_member_sees_and_changes_every_project(owner, member):
    address = create(owner, "Shared")
    assert member.page("/").link("Shared") == address
    answer = member.submit(address + "edit", {"title": "Changed by a member"}, "project-form")
    assert answer.status_code == 302
    assert owner.page(address).heading == "Changed by a member"
    assert member.submit(address + "delete", {}, "project-delete-form").status_code == 302
    assert owner.get(address).status_code == 404


def test_both_slash_forms_work(owner):
    address = create(owner, "Slashes")
    for path in ["/projects", "/projects/", "/", address, address.rstrip("/"), address + "edit", address + "edit/",
                 address + "delete", address + "delete/", "/projects/new", "/projects/new/"]:
        assert owner.get(path).status_code == 200, path
    assert owner.page("/projects/").heading == owner.page("/").heading


def test_the_newest_project_comes_first(owner):
    create(owner, "Older")
    create(owner, "Newer")
    labels = [label for _, label in owner.page("/").links]
    assert labels.index("Newer") < labels.index("Older")


@pytest.mark.parametrize(
    ["fields", "message"],
    [
        ({"title": "", "description": "kept text"}, "Enter a title"),
        ({"title": " \t\u3000", "description": "kept text"}, "Enter a title"),
        ({"title": "x" * 256, "description": "kept text"}, "at most 255 characters"),
        ({"title": "kept title", "description": "y" * 4001}, "at most 4000 characters"),
        ({"title": NASTY + "z" * 255, "description": NASTY}, "at most 255 characters"),
    ],
)
@pytest.mark.parametrize("new", [True, False])
def test_a_wrong_form_comes_back_with_what_was_typed(owner, fields, message, new):
    path = "/projects/new" if new else create(owner, "Before") + "edit"
    page = assert_shows_problem(owner.submit(path, fields, "project-form"), message)
    form = page.form("project-form")
    assert form.fields["title"] == fields["title"].replace("\t", " ") or form.fields["title"] == fields["title"]
    assert form.fields["description"] == fields["description"]
    assert form.action == path
    assert "injected" not in page.ids
    if not new:
        assert owner.page(path.removesuffix("edit")).heading == "Before"


def test_the_longest_texts_are_accepted_and_kept(owner):
    title, description = "ü" * 255, "𝕩" * 4000
    address = create(owner, title, description)
    page = owner.page(address)
    assert page.heading == title
    assert description in page.text
    assert owner.page(address + "edit").form("project-form").fields["description"] == description
    # The list shows the beginning only.
    home = owner.page("/").text
    assert "𝕩" * 200 + "…" in home and "𝕩" * 201 not in home


def test_a_description_is_shown_as_markdown_and_kept_as_typed(owner):
    text = "Calls of **owls**\n\n![a drawing](https://elsewhere.example/x.png) [here](/tools/) [no](javascript:x)"
    address = create(owner, "Owls", text)
    page = owner.get(address).text
    assert "<strong>owls</strong>" in page and '<a href="/tools/">here</a> no' in page
    assert "a drawing" in page and "elsewhere.example" not in page and "javascript:" not in page
    form = owner.page(address + "edit").form("project-form")
    assert form.fields["description"].replace("\r\n", "\n") == text


def test_nasty_text_stays_text_on_every_page(owner):
    address = create(owner, NASTY, NASTY + "\n</textarea><b id=injected>")
    for path in ["/", address, address + "edit", address + "delete"]:
        page = owner.page(path)
        assert page.status == 200
        assert "injected" not in page.ids, path
        assert "<script>alert" not in page.response.text
    assert owner.page(address).heading == NASTY
    form = owner.page(address + "edit").form("project-form")
    assert form.fields["title"] == NASTY
    assert form.fields["description"] == NASTY + "\n</textarea><b id=injected>"
    owner.submit(address + "delete", {}, "project-delete-form")


def test_a_description_that_begins_with_an_empty_line_is_edited_without_loss(owner):
    address = create(owner, "Lines", "first\n\n  second\n\tthird")
    form = owner.page(address + "edit").form("project-form")
    assert form.fields["description"].replace("\r\n", "\n") == "first\n\n  second\n\tthird"


@pytest.mark.parametrize(
    "number", ["999999", "0", "-1", "01", "+1", "1.0", "9223372036854775808", "x", "%31x", "1%2Fedit", "%01", "٣"])
def test_an_address_that_is_no_project_is_not_found(owner, number):
    token = owner.page("/projects/new").form("project-form").fields["csrfmiddlewaretoken"]
    fields = {"csrfmiddlewaretoken": token, "title": "x", "description": ""}
    for path in [f"/projects/{number}/", f"/projects/{number}/edit", f"/projects/{number}/delete"]:
        page = owner.page(path)
        assert (page.status, page.heading) == (404, "Page not found"), path
        if not path.endswith("/"):
            assert owner.post(path, fields).status_code == 404


def test_a_project_that_was_deleted_meanwhile_is_not_found_when_sent(owner, member):
    address = create(owner, "Gone")
    edit, question = member.page(address + "edit"), member.page(address + "delete")
    owner.submit(address + "delete", {}, "project-delete-form")
    assert member.send(edit, {"title": "Still there?"}, "project-form").status_code == 404
    assert member.send(question, {}, "project-delete-form").status_code == 404


def test_strangers_see_and_change_nothing(site, owner, visitor):
    address = create(owner, "Private")
    token = visitor.page("/user/login/").form("login-form").fields["csrfmiddlewaretoken"]
    for path in ["/projects/", "/projects/new", address, address + "edit", address + "delete"]:
        answer = visitor.get(path)
        assert answer.status_code == 302 and answer.headers["Location"].startswith("/user/login/?next=")
        assert "Private" not in answer.text
        if path.endswith(("new", "edit", "delete")):
            answer = visitor.post(path, {"csrfmiddlewaretoken": token, "title": "Taken"})
            assert (answer.status_code, answer.headers["Location"]) == (302, "/user/login/?next=/")
    assert owner.page(address).heading == "Private"


@pytest.mark.parametrize("headers", [{}, {"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "same-site"}])
def test_other_sites_cannot_change_a_project(owner, headers):
    address = create(owner, "Safe")
    for path in ["/projects/new", address + "edit", address + "delete"]:
        assert owner.post(path, {"title": "Taken"}, headers=headers).status_code == 403
    assert owner.page(address).heading == "Safe"
    assert not owner.page("/").has_link("Taken")


def test_a_project_remembers_who_made_it(owner, member):
    address = create(member, "Made by a member")
    assert member.email in owner.page(address).text


def test_other_methods_are_refused(owner):
    address = create(owner, "Methods")
    for path, allowed in [(address, "GET, HEAD, OPTIONS"), (address + "edit", "GET, POST, HEAD, OPTIONS")]:
        answer = owner.request("PUT", path)
        assert (answer.status_code, answer.headers["Allow"]) == (405, allowed)
        assert Page(answer).heading == "That does not work here"

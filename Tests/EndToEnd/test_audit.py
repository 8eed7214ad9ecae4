"""Who did what, when and from where (issue 3, point 7)."""

import csv
import datetime
import io
import itertools
import re

import pytest
from site_under_test import PASSWORD, Page, assert_shows_problem, until_not_429

NEW = "another good password"
OWNER = "owner@example.com"
DAY = 86_400 * 1_000_000
emails = (f"audited{number}@example.com" for number in itertools.count())
TODAY = datetime.datetime.now(datetime.timezone.utc).date()


@pytest.fixture(scope="module")
def site(module_workshop):
    site = module_workshop.start(LABEL_STUDIO_TRUSTED_PROXIES="127.0.0.1")
    assert site.client(address="203.0.113.1").sign_up(OWNER).status_code == 302
    return site


@pytest.fixture
def owner(site):
    client = site.client(address="203.0.113.1")
    assert client.log_in(OWNER).status_code == 302
    return client


@pytest.fixture
def member(site):
    client = site.client(address="203.0.113.2")
    client.email = next(emails)
    assert client.sign_up(client.email).status_code == 302
    client.number = site.person(client.email)
    return client


def table(page_client, query=""):
    return page_client.page("/organization/audit" + query)


def downloaded(owner, query=""):
    return owner.get("/organization/audit.json" + query).json()


def new_rows(site, act):
    """What an act adds to the audit."""
    before = len(site.audit())
    act()
    return site.audit()[before:]


def submit(client, path, form, **fields):
    assert client.submit(path, fields, form).status_code in (200, 302, 422)


# Each kind of event.


def test_getting_in_and_out(site, owner, member):
    email, here = member.email, "203.0.113.2"
    client = site.client(address=here)
    expected = [
        (lambda: client.sign_up(f"new-{email}"), [("signed-up", f"new-{email}", None, here, "open-page")]),
        (client.log_out, [("logged-out", f"new-{email}", None, here, "")]),
        (lambda: client.sign_up(f"by-link-{email}", query="?token=" + invitation(site)),
         [("signed-up", f"by-link-{email}", None, here, "invite-link")]),
        (client.log_out, [("logged-out", f"by-link-{email}", None, here, "")]),
        (lambda: client.log_in(email), [("logged-in", email, None, here, "")]),
        (client.log_out, [("logged-out", email, None, here, "")]),
        (lambda: client.log_in(email, "wrong guess"), [("log-in-refused", None, email, here, "wrong-password")]),
    ]
    for act, rows in expected:
        assert new_rows(site, act) == rows


def invitation(site):
    """The token of the invite link, without a trace in the audit."""
    client = site.client()
    client.log_in(OWNER)
    token = site.invitation(client)
    client.log_out()
    site.execute("DELETE FROM audit_event WHERE id > (SELECT max(id) - 3 FROM audit_event)")
    return token


def test_an_unknown_address_is_named_by_a_keyed_hash(site):
    typed = f"my secret password {next(emails)}"
    rows = new_rows(site, lambda: [site.client().log_in(typed, "x"), site.client().log_in(typed, "x")])
    assert [row[:3] for row in rows] == [("log-in-refused", None, None)] * 2
    assert re.fullmatch(r"unknown-email [0-9a-f]{16}", rows[0][4]) and rows[0][4] == rows[1][4]
    assert typed not in str(site.content())


def test_what_people_do_with_their_own_account(site, member):
    email, here = member.email, "203.0.113.2"
    other = site.client(address=here)
    other.log_in(email)

    def end_a_session():
        forms = member.page("/user/account/sessions").forms
        form = next(form for form in forms if form.action.endswith("/sessions/end"))
        member.post(form.action, form.fields)

    acts = [
        (lambda: submit(member, "/user/account/token/reset", "token-reset-form"), ("token-reset", "")),
        (lambda: member.post("/api/current-user/reset-token", headers={"Origin": site.url}), ("token-reset", "")),
        (lambda: submit(member, "/user/account/password", "password-form", current_password="x", new_password=NEW),
         ("password-refused", "")),
        (end_a_session, ("session-ended", "")),
        (lambda: submit(member, "/user/account/email", "email-form", email=f"x{email}", password=PASSWORD),
         ("email-changed", f"x{email}")),
    ]
    for act, (action, detail) in acts:
        assert new_rows(site, act) == [(action, email, None, here, detail)]
    fields = {"current_password": PASSWORD, "new_password": NEW}
    rows = new_rows(site, lambda: member.submit("/user/account/password", fields, "password-form"))
    assert rows == [("password-changed", f"x{email}", None, here, "")]
    form = member.page("/").forms[0].fields
    rows = new_rows(site, lambda: member.post("/user/account/sessions/end-others", form))
    assert rows == [("sessions-ended", f"x{email}", None, here, "")]
    rows = new_rows(site, lambda: member.submit("/user/account/leave", {"password": NEW}, "leaving-form"))
    assert rows == [(what, f"x{email}", None, here, "") for what in ["member-left", "invitation-reset"]]


def test_a_deleted_account_stays_in_the_audit(site, member):
    fields = {"email": member.email, "password": PASSWORD}
    rows = new_rows(site, lambda: member.submit("/user/account/delete", fields, "leaving-form"))
    assert rows == [(what, member.email, None, "203.0.113.2", "") for what in ["account-deleted", "invitation-reset"]]
    assert ("signed-up", member.email, None, "203.0.113.2", "open-page") in site.audit()


def test_tokens_and_settings(site, owner, member):
    def act():
        assert member.submit("/user/account/", {}, "access-token-form").status_code == 200
        token = member.get("/api/token/").json()[0]["token"]
        headers = {"X-CSRFToken": member.cookies["csrftoken"]}
        assert member.post("/api/token/blacklist/", {"refresh": token}, headers=headers).status_code == 204
        made = member.post("/api/token/", {}, headers=headers).json()["token"]
        assert member.post("/api/token/rotate/", {"refresh": made}, headers=headers).status_code == 200
        headers = {"X-CSRFToken": owner.cookies["csrftoken"]}
        changed = owner.request(
            "PATCH", f"/api/users/{member.number}/", data={"phone": "1"}, headers=headers)
        assert changed.status_code == 200
        assert owner.submit("/organization/access", {"api_tokens": "true"}, "token-settings-form").status_code == 302

    rows = new_rows(site, act)
    assert [row[0] for row in rows] == [
        "access-token-made", "access-token-revoked", "access-token-made", "access-token-rotated",
        "profile-changed", "settings-changed"]
    assert owner.submit("/organization/access", {"access_tokens": "true"}, "token-settings-form").status_code == 302


def test_what_owners_do_to_others(site, owner, member):
    here = "203.0.113.1"
    reset = ("invitation-reset", OWNER, None, here, "")
    for act, action, detail, more in [
            ("make-owner", "role-changed", "owner", []), ("make-member", "role-changed", "member", []),
            ("log-out", "sessions-ended", "", []), ("reset-link", "password-link-made", "", []),
            ("deactivate", "member-deactivated", "", [reset]), ("reactivate", "member-reactivated", "", []),
            ("remove", "member-removed", "", [reset]), ("restore", "member-restored", "", [])]:
        rows = new_rows(site, lambda: owner.act_upon(member.number, act))
        assert rows == [(action, OWNER, member.email, here, detail), *more]
    link = owner.set_password_link(member.number)
    rows = new_rows(site, lambda: site.client(address="203.0.113.9").set_password(link, NEW))
    assert [row[0] for row in rows] == ["password-set"] and rows[0][3] == "203.0.113.9"
    assert member.email in rows[0][1:3]


def test_the_name_of_the_organization_and_the_limits_of_the_link(site, owner):
    def settings(detail):
        return [("settings-changed", OWNER, None, "203.0.113.1", detail)]

    rows = new_rows(site, lambda: owner.submit("/organization/rename", {"title": "Label Studio"}, "rename-form"))
    assert rows == settings("title")
    for fields, detail in [({"until": "9999-12-30", "joins": ""}, "invite-limits 9999-12-30 -"),
                           ({"until": "", "joins": "0"}, "invite-limits - 0"),
                           ({"until": "", "joins": ""}, "invite-limits - -")]:
        rows = new_rows(site, lambda: owner.submit("/organization/invite/limits", fields, "invite-limits-form"))
        assert rows == settings(detail)
    assert new_rows(site, lambda: owner.submit("/organization/rename", {"title": " "}, "rename-form")) == []


def test_the_invite_link(site, owner, member):
    for client, email, here in [(owner, OWNER, "203.0.113.1"), (member, member.email, "203.0.113.2")]:
        shown, reset = ("invitation-shown", email, None, here, ""), ("invitation-reset", email, None, here, "")
        assert reset in new_rows(site, lambda: client.submit("/organization/invite/reset", {}, "invite-reset-form"))
        assert new_rows(site, lambda: client.get("/organization/invite")) == [shown]
        headers = {"Origin": site.url}
        assert reset in new_rows(site, lambda: client.post("/api/invite/reset-token", headers=headers))
        assert new_rows(site, lambda: client.get("/api/invite")) == [shown]
        assert new_rows(site, lambda: [client.get("/api/invite") for _ in range(20)]) == [], "the same link again"


def test_the_command_line(workshop, site, member):
    reset = ("invitation-reset", None, None, "command line", "")
    for act, action, detail, more in [
            ("make-owner", "role-changed", "owner", []), ("make-member", "role-changed", "member", []),
            ("reset-link", "password-link-made", "", []), ("deactivate", "member-deactivated", "", [reset]),
            ("reactivate", "member-reactivated", "", []), ("remove", "member-removed", "", [reset]),
            ("restore", "member-restored", "", [])]:
        rows = new_rows(site, lambda: workshop.run("user", act, member.email, "--data-dir", site.data))
        assert rows == [(action, None, member.email, "command line", detail), *more]
    rows = new_rows(site, lambda: workshop.run("user", "end-sessions", member.email, "--data-dir", site.data))
    assert rows == [("sessions-ended", None, member.email, "command line", "")]
    rows = new_rows(site, lambda: workshop.run("user", "end-all-sessions", "--data-dir", site.data))
    assert rows == [("sessions-ended", None, None, "command line", "everybody")]
    rows = new_rows(site, lambda: workshop.run("user", "--username", member.email, "--data-dir", site.data))
    assert rows == [("token-shown", None, member.email, "command line", "")]
    rows = new_rows(site, lambda: workshop.run("invite", "show", "--data-dir", site.data))
    assert rows == [("invitation-shown", None, None, "command line", "")]
    rows = new_rows(site, lambda: workshop.run(
        "reset_password", "--data-dir", site.data, "--username", member.email, "--password", "-", given=NEW + "\n"))
    assert rows == [("password-reset", None, member.email, "command line", "")]


def test_an_account_of_the_operator(workshop):
    site = workshop.start(LABEL_STUDIO_USERNAME=OWNER, LABEL_STUDIO_PASSWORD=PASSWORD)
    assert [row[0] for row in site.audit()] == ["account-made"]
    assert OWNER in site.audit()[0][1:3]


def test_the_link_for_the_first_account(workshop):
    site = workshop.start(LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK="true")
    assert workshop.run("invite", "show", "--data-dir", site.data).returncode == 0
    assert site.audit() == [("setup-link-made", None, None, "command line", "")]


def test_a_limit_that_was_reached(workshop):
    site = workshop.start(limited=True)
    site.client().sign_up(OWNER)
    for _ in range(12):
        site.client().log_in(OWNER, "a wrong guess")
    assert [row for row in site.audit() if row[0] == "limit-reached"] == [
        ("limit-reached", None, OWNER, "127.0.0.1", "log-in")]
    typed = "my password in the wrong field"
    for _ in range(12):
        site.client().log_in(typed, "x")
    rows = site.audit("limit-reached")
    assert re.fullmatch("log-in [0-9a-f]{16}", rows[1][4])
    assert typed not in str(site.content())


def test_every_kind_of_event_has_been_seen_here(site):
    """Those of the list in the filter, apart from what needs a site of its own.
    Runs last in this file."""
    actions = re.search(r"(?s)<select id=\"audit-action\".*?</select>", owner_html(site)).group()
    options = re.findall(r'<option value="([a-z-]+)"', actions)
    seen = {row[0] for row in site.audit()} | {
        "limit-reached", "account-made", "setup-link-made", "audit-downloaded", "people-imported",
        "restored", "upstream-added", "upstream-removed", "upstream-paired", "upstream-unpaired",
        "upstream-member-removed"}
    assert len(options) >= 25 and set(options) <= seen, set(options) - seen


def owner_html(site):
    client = site.client()
    client.log_in(OWNER)
    return client.get("/organization/audit").text


# Reading.


def test_the_owner_reads_when_who_what_and_from_where(site, owner, member):
    owner.act_upon(member.number, "make-owner")
    page = table(owner)
    assert page.heading == "Audit"
    assert "in the last 90 days" in page.text and "Times are in UTC" in page.text
    instants = [attributes["datetime"] for tag, attributes in page.tags if tag == "time"]
    assert len(instants) <= 50 and instants == sorted(instants, reverse=True)
    newest = datetime.datetime.fromisoformat(instants[0].replace("Z", "+00:00"))
    assert abs((datetime.datetime.now(datetime.timezone.utc) - newest).total_seconds()) < 60
    assert f"Changed a role {OWNER} {member.email} 203.0.113.1 owner" in page.text


def test_filters_narrow_the_page_and_the_downloads_alike(site, owner, member):
    owner.act_upon(member.number, "make-owner")
    owner.act_upon(member.number, "make-member")
    for query, condition in [
            (f"?person={member.email}", lambda row: member.email in (row["actor"], row["subject"])),
            (f"?person={member.email.split('@')[0].upper()}&action=role-changed",
             lambda row: row["subject"] == member.email and row["action"] == "role-changed"),
            ("?action=logged-in", lambda row: row["action"] == "logged-in"),
            (f"?since={TODAY}&until={TODAY}", lambda row: row["time"].startswith(str(TODAY))),
            (f"?until={TODAY - datetime.timedelta(1)}", lambda row: False),
            (f"?since={TODAY + datetime.timedelta(1)}", lambda row: False),
            ("?person=%25", lambda row: False), ("?person=_", lambda row: False), ("?action=&person=", lambda row: True)]:
        every, found = downloaded(owner), downloaded(owner, query)
        assert [row for row in every if condition(row)] == [row for row in found if row["action"] != "audit-downloaded"
                                                            or row in every], query
        page = table(owner, query)
        shown = [attributes["datetime"] for tag, attributes in page.tags if tag == "time"]
        again = downloaded(owner, query)
        assert shown == [row["time"] for row in again if row in found or row["time"] in shown][:50], query
        rows = list(csv.DictReader(io.StringIO(owner.get("/organization/audit.csv" + query).text)))
        told = [{name: value for name, value in row.items() if name != "id"} for row in again]
        assert [row for row in rows if row["action"] != "audit-downloaded"] == [
            row for row in told if row["action"] != "audit-downloaded"], query


def test_the_page_links_to_downloads_with_its_filter(owner):
    page = table(owner, "?action=logged-in&person=a%26b%3D%22&since=2026-01-31")
    assert page.link("Download CSV") == (
        "/organization/audit.csv?action=logged-in&person=a%26b%3D%22&since=2026-01-31")
    assert owner.get(page.link("Download JSON")).json() == []
    assert page.value("audit-person") == 'a&b="'


@pytest.mark.parametrize("day", ["yesterday", "2026-02-30", "2026-1-1", "99999-01-01", "' OR 1=1", "0000-00-00", "\u0661" * 4])
def test_a_day_that_is_none_is_a_problem_of_the_form(owner, day):
    assert_shows_problem(owner.get("/organization/audit", params={"since": day}), "Enter a date like 2026-01-31")
    for kind in ["csv", "json"]:
        assert owner.get(f"/organization/audit.{kind}", params={"until": day}).status_code == 400


@pytest.mark.parametrize("query", ["?until=9999-12-31", "?since=0000-01-01", "?since=0001-01-01&until=9999-12-31"])
def test_days_far_away_are_days(owner, query):
    assert table(owner, query).status == 200
    assert downloaded(owner, query)


def test_more_than_a_page_is_on_the_next(site, owner, member):
    for _ in range(60):
        member.post("/api/current-user/reset-token", headers={"Origin": site.url})
    query = f"?action=token-reset&person={member.email}"
    first = table(owner, query)
    second = owner.page(first.link("Older"))
    instants = [[a["datetime"] for tag, a in page.tags if tag == "time"] for page in (first, second)]
    assert [len(found) for found in instants] == [50, 10]
    assert sum(instants, []) == sorted(set(sum(instants, [])), reverse=True)
    assert not second.has_link("Older")
    for before in ["0", "-1", "x", "9" * 30, ""]:
        assert table(owner, f"{query}&before={before}").status == 200


def test_downloads_have_a_name_a_type_and_are_noted(site, owner):
    for kind, media in [("csv", "text/csv; charset=utf-8"), ("json", "application/json")]:
        answer = owner.get(f"/organization/audit.{kind}")
        assert answer.headers["Content-Type"] == media
        assert answer.headers["Content-Disposition"] == f'attachment; filename="audit.{kind}"'
        assert answer.headers["Cache-Control"] == "no-store"
        assert site.audit()[-1][:2] == ("audit-downloaded", OWNER)
    header = owner.get("/organization/audit.csv").text.split("\r\n")[0]
    assert header == '"time","action","actor","subject","from","detail"'


@pytest.mark.parametrize("local", ["=cmd|' /c calc'!a1", "+1+1", "-2+3", "=1+1", '"=hyperlink(1)"', '"a,b"'])
def test_no_cell_of_a_download_is_a_formula_or_breaks_its_row(site, owner, local):
    email = f"{local}@example.com"
    client = site.client()
    if client.sign_up(email).status_code != 302:
        # No address, so that it can only be typed: then it is not in the audit at all.
        client.log_in(email, "x")
        assert email not in owner.get("/organization/audit.csv").text
        return
    text = owner.get("/organization/audit.csv").text
    rows = list(csv.reader(io.StringIO(text)))
    assert all(len(row) == 6 for row in rows)
    cells = [cell for row in rows for cell in row]
    assert any(email in cell for cell in cells)
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert email in [row["actor"] for row in downloaded(owner)]


# A member.


def test_a_member_sees_what_he_did_and_what_was_done_to_him_only(site, owner, member):
    other = site.client()
    other.sign_up(other_email := next(emails))
    owner.act_upon(member.number, "make-owner")
    owner.act_upon(member.number, "make-member")
    site.client(address="203.0.113.66").log_in(member.email, "a wrong guess")
    page = member.page("/user/account/activity")
    assert "Signed up" in page.text and f"Changed a role {OWNER} – owner" in page.text
    assert "203.0.113.1" not in page.text, "where others came from is not for him"
    assert "Log-in refused – 203.0.113.66 wrong-password" in page.text
    assert other_email not in page.text and "Looked at the invite link" not in page.text
    for query in ["?before=999999999", f"?person={other_email}", "?user=1", "?id=1"]:
        assert other_email not in member.page("/user/account/activity" + query).text
    assert member.page("/user/account/").link("Your activity") == "/user/account/activity"


# It stays as it is, as long as it is kept.


def test_no_route_changes_the_audit(site, owner):
    fields = owner.page("/").forms[0].fields
    before = site.audit()
    number = site.query("SELECT max(id) FROM audit_event")[0][0]
    for path in ["/organization/audit", "/organization/audit/", "/organization/audit.csv", "/organization/audit.json",
                 "/user/account/activity", f"/organization/audit/{number}", f"/organization/audit/{number}/delete",
                 "/api/audit"]:
        for method in ["POST", "PUT", "PATCH", "DELETE"]:
            answer = owner.request(method, path, data={**fields, "id": number, "action": "x"})
            assert answer.status_code in (404, 405), (method, path)
    assert site.audit() == before


def test_it_is_kept_for_90_days_or_as_the_operator_says(workshop):
    site = workshop.start()
    assert site.client().sign_up(OWNER).status_code == 302
    assert site.client().log_in(OWNER).status_code == 302
    for days, expected in [(None, 2), (91, 2), (89, 1), (1, 1)]:
        site.execute(
            "UPDATE audit_event SET at = (SELECT max(at) FROM audit_event WHERE action = 'logged-in') - ? "
            "WHERE action = 'signed-up'", 90 * DAY - 3_600_000_000)
        site.program.stop()
        settings = {"LABEL_STUDIO_AUDIT_DAYS": days} if days else {}
        site = workshop.start(data=site.data, port=site.port, **settings)
        assert len(site.audit()) == expected, days
        client = site.client()
        client.log_in(OWNER)
        assert f"in the last {days or 90} days" in table(client).text
        site.execute("DELETE FROM audit_event WHERE id > 2")


@pytest.mark.parametrize("days", ["0", "-1", "3651", "9223372036854775807", "9" * 30, "soon", "1.5"])
def test_days_that_make_no_sense_are_refused_at_the_start(workshop, days):
    result = workshop.run(
        "fastcgi", "--socket", workshop.directory() / "s", "--data-dir", workshop.directory() / "d", seconds=5,
        LABEL_STUDIO_AUDIT_DAYS=days)
    assert result.returncode == 2 and "LABEL_STUDIO_AUDIT_DAYS" in result.stderr

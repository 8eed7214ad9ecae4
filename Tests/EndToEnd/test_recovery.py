"""Getting back in, and passwords (issue 3, points 3 and 4)."""

import concurrent.futures
import ctypes
import itertools
import re
import threading

import pytest
from site_under_test import PASSWORD, Page, assert_shows_problem, wait_until

NEW = "another good password"
GONE = "This link does not work any more"
DAY = 86_400 * 1_000_000
WEAK = {
    "password": "among the first that are tried",
    "lkjhgfds": "walk over the keyboard",
    "abcdefgh": "a row like abc or 123",
    "aaaaaaaaaaaa": "repeat",
    "19871103": "a date or a year",
    "Label Studio": "nothing to do with your name, your address or the organization",
}
numbers = itertools.count()


@pytest.fixture
def link(site, owner, member):
    """A set-password link for the member, who is logged in."""
    member.number = site.person(member.email)
    return owner.set_password_link(member.number)


# Links.


def test_the_log_in_page_says_what_to_do_about_a_forgotten_password(visitor):
    assert "Forgot your password? Ask an owner of the organization" in visitor.page("/user/login/").text


def test_the_owner_makes_a_link_that_sets_a_password_once(site, owner, member):
    number, token = site.person(member.email), member.api_token()
    page = Page(owner.act_upon(number, "reset-link"))
    assert "works once and for 24 hours" in page.text
    link = page.value("password-link").removeprefix(site.url)
    assert re.fullmatch(r"/user/set-password/\?token=[\w-]{43}", link)
    visitor = site.client()
    page = visitor.page(link)
    assert (page.status, page.heading) == (200, "Set a new password")
    assert member.email in page.text
    assert member.is_logged_in(), "opening the link changes nothing"
    answer = visitor.send(page, {"new_password": NEW}, "set-password-form")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/user/set-password/done")
    assert visitor.page("/user/set-password/done").heading == "Your password was set"
    assert not visitor.is_logged_in() and "sessionid" not in visitor.cookies
    assert not member.is_logged_in()
    assert site.client().get("/api/current-user/whoami", headers={"X-Api-Key": token}).status_code == 401
    assert site.client().log_in(member.email).status_code == 422
    again = site.client()
    assert again.log_in(member.email, NEW).status_code == 302
    assert again.api_token() != token


def assert_is_gone(site, link, page=None):
    client = site.client()
    found = client.page(link)
    assert (found.status, found.heading) == (410, GONE)
    if page:
        sender, form = page
        assert sender.send(form, {"new_password": "yet another password"}, "set-password-form").status_code == 410


def opened(site, link):
    client = site.client()
    return client, client.page(link)


def test_a_link_is_not_used_twice(site, member, link):
    page = opened(site, link)
    assert site.client().set_password(link, NEW).status_code == 302
    assert_is_gone(site, link, page)
    assert site.client().log_in(member.email, NEW).status_code == 302


def test_a_newer_link_ends_the_one_before(site, owner, member, link):
    page = opened(site, link)
    newer = owner.set_password_link(member.number)
    assert_is_gone(site, link, page)
    assert site.client().set_password(newer, NEW).status_code == 302


def test_a_link_ends_after_24_hours(site, member, link):
    page = opened(site, link)
    made, ends = site.query(
        "SELECT created_at, expires_at FROM set_password_link WHERE user_id = ?", member.number)[0]
    assert ends - made == DAY
    site.execute("UPDATE set_password_link SET created_at = created_at - ?, expires_at = expires_at - ?", DAY, DAY)
    assert_is_gone(site, link, page)
    assert site.client().log_in(member.email).status_code == 302


@pytest.mark.parametrize("act", ["remove", "deactivate"])
def test_a_link_ends_with_the_membership(site, owner, member, link, act):
    page = opened(site, link)
    assert owner.act_upon(member.number, act).status_code == 302
    assert_is_gone(site, link, page)
    assert owner.act_upon(member.number, "restore" if act == "remove" else "reactivate").status_code == 302
    assert_is_gone(site, link)


def test_a_link_ends_when_the_address_changes(site, member, link):
    fields = {"email": f"new-{member.email}", "password": PASSWORD}
    assert member.submit("/user/account/email", fields, "email-form").status_code == 302
    assert_is_gone(site, link)


def test_a_link_that_ten_use_at_once_works_once(site, member, link):
    pages = [opened(site, link) for _ in range(10)]

    def use(number):
        client, page = pages[number]
        return client.send(page, {"new_password": f"good password number {number}"}, "set-password-form").status_code

    with concurrent.futures.ThreadPoolExecutor(10) as pool:
        statuses = list(pool.map(use, range(10)))
    assert sorted(statuses) == [302] + [410] * 9
    winner = statuses.index(302)
    for number in range(10):
        status = site.client().log_in(member.email, f"good password number {number}").status_code
        assert status == (302 if number == winner else 422)


def test_a_thief_who_resets_the_token_all_the_time_has_none_that_works_afterwards(site, owner):
    """What was asked for before the password was set must not be done after it."""
    for _ in range(5):
        member = site.client()
        assert member.sign_up(email := f"robbed{next(numbers)}@example.com").status_code == 302
        client, page = opened(site, owner.set_password_link(site.person(email)))
        tokens, is_over = [], threading.Event()

        def steal(thief):
            while not is_over.is_set():
                answer = thief.post("/api/current-user/reset-token", headers={"Origin": site.url})
                if answer.status_code == 201:
                    tokens.append(answer.json()["token"])

        with concurrent.futures.ThreadPoolExecutor(12) as pool:
            stealing = [pool.submit(steal, member.copy()) for _ in range(12)]
            wait_until(lambda: len(tokens) > 50, what="the thief")
            assert client.send(page, {"new_password": NEW}, "set-password-form").status_code == 302
            is_over.set()
            for each in stealing:
                each.result()
        owned = site.client()
        assert owned.log_in(email, NEW).status_code == 302
        assert owned.api_token() not in tokens


def test_the_database_holds_the_hash_of_a_link_only(site, member, link):
    token = link.partition("token=")[2]
    for path in site.data.glob("accounts.sqlite3*"):
        assert token.encode() not in path.read_bytes()
    assert len(site.query("SELECT token_hash FROM set_password_link WHERE user_id = ?", member.number)[0][0]) == 32


@pytest.mark.parametrize("query", ["", "?token=", "?token=wrong", "?token=" + "A" * 43, "?token=%00", "?token[]=x"])
def test_what_is_no_link_sets_nothing(site, query):
    assert_is_gone(site, "/user/set-password/" + query)


def test_a_link_to_this_machine_says_that_it_helps_nobody_else(owner, site, member):
    page = Page(owner.act_upon(site.person(member.email), "reset-link"))
    assert "This link works on this computer only" in page.text


# A lost owner.


def test_a_lost_owner_comes_back_by_the_command_line(workshop, site):
    link = workshop.run(
        "user", "reset-link", "owner@example.com", "--data-dir", site.data, "--host", site.url).stdout.strip()
    assert link.startswith(site.url + "/user/set-password/?token=")
    assert site.client().set_password(link.removeprefix(site.url), NEW).status_code == 302
    client = site.client()
    assert client.log_in("owner@example.com", NEW).status_code == 302
    fields = {"current_password": NEW, "new_password": PASSWORD}
    assert client.submit("/user/account/password", fields, "password-form").status_code == 302


# One's own address.


def test_one_changes_the_own_address_with_the_current_password(site, member):
    new = f"moved-{member.email}"
    for fields, message in [
            ({"email": new, "password": "wrong"}, "Enter the password that you use now"),
            ({"email": new, "password": ""}, "Enter the password that you use now"),
            ({"email": "word", "password": PASSWORD}, "Enter a valid email address"),
            ({"email": "OWNER@example.com", "password": PASSWORD}, "Another account has this e-mail address")]:
        answer = member.submit("/user/account/email", fields, "email-form")
        page = assert_shows_problem(answer, message)
        assert page.value("account-email") == fields["email"]
    answer = member.submit("/user/account/email", {"email": f" {new.upper()}", "password": PASSWORD}, "email-form")
    assert "Log in with the new one" in member.page(answer.headers["Location"]).text
    assert site.client().log_in(member.email).status_code == 422
    assert site.client().log_in(new).status_code == 302


# Passwords that are easily guessed, on every path.


@pytest.mark.parametrize(["password", "reason"], WEAK.items())
def test_a_weak_password_is_refused_with_its_reason_by_every_form(site, owner, member, password, reason):
    number = site.person(member.email)
    answers = [
        site.client().sign_up(f"weak{next(numbers)}@example.com", password),
        member.submit(
            "/user/account/password", {"current_password": PASSWORD, "new_password": password}, "password-form"),
        site.client().set_password(owner.set_password_link(number), password)]
    for answer in answers:
        assert_shows_problem(answer, reason)
    assert member.is_logged_in() and site.client().log_in(member.email).status_code == 302


def test_one_s_own_address_is_no_password(site, owner, member):
    reason = "nothing to do with your name, your address"
    email = f"someone.peculiar{next(numbers)}@example.com"
    assert_shows_problem(site.client().sign_up(email, email.upper()), reason)
    fields = {"current_password": PASSWORD, "new_password": member.email}
    assert_shows_problem(member.submit("/user/account/password", fields, "password-form"), reason)
    link = owner.set_password_link(site.person(member.email))
    assert_shows_problem(site.client().set_password(link, member.email), reason)


@pytest.mark.parametrize("password", ["password", "owner@example.com", "qwertyuiop"])
@pytest.mark.parametrize("way", ["flag", "environment", "file"])
def test_a_weak_password_is_refused_at_the_start_with_status_2(workshop, way, password):
    directory = workshop.directory()
    arguments, settings = ["--username", "owner@example.com"], {}
    if way == "flag":
        arguments += ["--password", password]
    elif way == "environment":
        settings["LABEL_STUDIO_PASSWORD"] = password
    else:
        file = directory / "config.json"
        file.write_text(f'{{"password": "{password}"}}')
        file.chmod(0o600)
        arguments += ["--config", file]
    result = workshop.run(
        "fastcgi", "--socket", directory / "s", "--data-dir", directory / "data", *arguments, seconds=5, **settings)
    assert result.returncode == 2
    assert "guess" in result.stderr or "tried" in result.stderr, result.stderr
    assert "password=" not in result.stderr and "qwertyuiop" not in result.stderr
    assert not (directory / "data" / "accounts.sqlite3").exists()


@pytest.mark.parametrize("password", ["password", "owner@example.com", "Label Studio"])
def test_reset_password_refuses_a_weak_one_with_status_2(workshop, site, password):
    result = workshop.run(
        "reset_password", "--data-dir", site.data, "--username", "owner@example.com", "--password", "-",
        given=password + "\n")
    assert result.returncode == 2
    assert re.search("guess|tried", result.stderr), result.stderr
    assert site.client().log_in("owner@example.com").status_code == 302


# What is stored.


def stored_by_libsodium(password, operations, memory):
    """A hash with other parameters than ours."""
    sodium = ctypes.CDLL("libsodium.so.23")
    out = ctypes.create_string_buffer(128)
    text = password.encode()
    assert sodium.crypto_pwhash_str_alg(
        out, text, ctypes.c_ulonglong(len(text)), ctypes.c_ulonglong(operations), ctypes.c_size_t(memory), 2) == 0
    return out.value.decode()


def stored(site, email):
    return site.query("SELECT password_hash FROM user_account WHERE email = ?", email)[0][0]


def test_a_hash_with_old_parameters_is_renewed_at_the_next_log_in(site, member):
    old = stored_by_libsodium(PASSWORD, 1, 8 << 20)
    current = stored(site, member.email).split("$")[3]
    assert old.split("$")[3] != current
    site.execute("UPDATE user_account SET password_hash = ? WHERE email = ?", old, member.email)
    assert site.client().log_in(member.email, "a wrong guess").status_code == 422
    assert stored(site, member.email) == old
    assert site.client().log_in(member.email).status_code == 302
    assert stored(site, member.email).split("$")[3] == current
    again = stored(site, member.email)
    assert site.client().log_in(member.email).status_code == 302
    assert stored(site, member.email) == again


def test_a_weak_password_of_old_still_logs_in(site, member):
    """Passwords are judged when they are chosen, never at the log-in."""
    old = stored_by_libsodium("12345", 1, 8 << 20)
    site.execute("UPDATE user_account SET password_hash = ? WHERE email = ?", old, member.email)
    assert site.client().log_in(member.email, "12345").status_code == 302


def test_no_password_field_forbids_pasting_or_cuts_what_is_typed(site, owner, member):
    link = owner.set_password_link(site.person(member.email))
    pages = [site.client().page(path) for path in ["/user/login/", "/user/signup/", link]]
    pages.append(member.page("/user/account/"))
    fields = [attributes for page in pages for tag, attributes in page.tags
              if tag == "input" and attributes.get("type") == "password"]
    assert len(fields) >= 6
    for field in fields:
        assert not {"maxlength", "onpaste", "readonly", "pattern"} & set(field)
        assert field["autocomplete"] in ("current-password", "new-password")


@pytest.mark.parametrize("password", [(PASSWORD + " ") * 37 + "and a few more characters", "üßñøåéçœ🔑 e\u0301"])
def test_a_password_set_by_a_link_is_exactly_what_was_typed(site, owner, member, password):
    link = owner.set_password_link(site.person(member.email))
    assert site.client().set_password(link, password).status_code == 302
    assert site.client().log_in(member.email, password).status_code == 302
    for other in [password[:-1], password + " ", password.replace("e\u0301", "\u00e9") + "x"]:
        assert site.client().log_in(member.email, other).status_code == 422

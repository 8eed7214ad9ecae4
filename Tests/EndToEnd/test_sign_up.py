"""Signing up (issue 2, point 4; WIRE.md, section 3)."""

import concurrent.futures

import pytest
from site_under_test import PASSWORD, Page, assert_shows_problem, cookie_attributes, decoded_length

NASTY = "\"><script>alert('x')</script>&amp;{{CSRF}}<b id=injected>"


def test_an_empty_server_leads_to_the_sign_up_page(workshop):
    site = workshop.start()
    for path in ["/", "/?next=/projects/"]:
        answer = site.client().get(path)
        assert (answer.status_code, answer.headers["Location"]) == (302, "/user/signup/")
    page = site.client().page("/user/signup/")
    assert page.heading == "Set up your organization"
    assert "owns it" in page.text


def test_the_first_account_creates_the_organization_and_the_second_joins_it(workshop):
    site = workshop.start()
    first, second = site.client(), site.client()
    answer = first.sign_up("first@example.com")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/?welcome=yes")
    assert Page(first.get("/")).heading == "Projects"
    assert second.page("/user/signup/").heading == "Create an account"
    assert second.sign_up("second@example.com").status_code == 302
    assert second.is_logged_in()
    people = second.page("/organization/").text
    assert "2 people" in people
    assert site.query("SELECT role FROM member ORDER BY user_id") == [("owner",), ("member",)]
    assert site.query("SELECT count(*) FROM organization") == [(1,)]


@pytest.mark.parametrize("path", ["/user/signup/", "/user/signup"])
def test_the_form_has_the_fields_that_clients_know(visitor, path):
    page = visitor.page(path)
    form = page.form("signup-form")
    assert page.status == 200
    assert (form.method, form.action) == ("post", "/user/signup/")
    assert set(form.fields) == {"csrfmiddlewaretoken", "email", "password"}
    assert form.inputs["email"]["type"] == "email"
    assert form.inputs["email"]["autocomplete"] == "username"
    assert form.inputs["password"]["type"] == "password"
    assert form.inputs["password"]["autocomplete"] == "new-password"
    assert "maxlength" not in form.inputs["password"]
    assert form.buttons[-1] == "Create Account"
    assert page.link("Log in") == "/user/login/"


@pytest.mark.parametrize("path", ["/user/signup/", "/user/signup"])
def test_both_addresses_accept_the_form(site, path):
    client = site.client()
    form = client.page(path).form("signup-form")
    email = f"slash{len(path)}@example.com"
    answer = client.post(path, {**form.fields, "email": email, "password": PASSWORD})
    assert answer.status_code == 302
    assert client.is_logged_in()


def test_the_query_is_kept_in_the_form_and_in_the_link_to_the_log_in_page(visitor):
    page = visitor.page("/user/signup/?next=/projects/%3Fa%3D1%26b&other=x")
    assert page.form("signup-form").action == "/user/signup/?next=%2Fprojects%2F%3Fa%3D1%26b"
    assert page.link("Log in") == "/user/login/?next=%2Fprojects%2F%3Fa%3D1%26b"


@pytest.mark.parametrize(
    ["typed", "stored"],
    [
        ("  Mixed.Case@Example.COM \t", "mixed.case@example.com"),
        ("a@localhost", "a@localhost"),
        ("a@[127.0.0.1]", "a@[127.0.0.1]"),
        ("\"quoted\"@example.com", "\"quoted\"@example.com"),
        ("plus+tag@example.com", "plus+tag@example.com"),
        ("idn@bücher.example", "idn@bücher.example"),
        ("o'hara@example.com", "o'hara@example.com"),
    ],
)
def test_an_address_is_trimmed_put_into_lower_case_and_accepted(site, typed, stored):
    client = site.client()
    assert client.sign_up(typed).status_code == 302
    assert client.get("/api/current-user/whoami").json()["email"] == stored
    again = site.client()
    assert again.log_in(stored).status_code == 302


@pytest.mark.parametrize(
    ["email", "message"],
    [
        ("", "Enter your e-mail address"),
        ("   ", "Enter your e-mail address"),
        ("word", "Enter a valid email address"),
        ("a@b", "Enter a valid email address"),
        ("a@x.c", "Enter a valid email address"),
        ("a@127.0.0.1", "Enter a valid email address"),
        ("a b@example.com", "Enter a valid email address"),
        ("ä@example.com", "Enter a valid email address"),
        ("a@example.com\nb@example.com", "Enter a valid email address"),
        ("a@example..com", "Enter a valid email address"),
        ("a" * 250 + "@example.com", "Email is too long"),
        (NASTY, "Enter a valid email address"),
    ],
)
def test_a_wrong_address_is_refused_with_the_form_and_what_was_typed(site, email, message):
    client = site.client()
    before = site.query("SELECT count(*) FROM user_account")
    answer = client.sign_up(email)
    page = assert_shows_problem(answer, message)
    assert page.value("signup-email") == email.replace("\n", " ") or page.value("signup-email") == email
    assert page.value("signup-new-password") == ""
    assert PASSWORD not in answer.text
    assert page.ids["signup-email"]["aria-invalid"] == "true"
    assert page.link(page.links[1][1]) == "#signup-email"
    assert not client.is_logged_in()
    assert site.query("SELECT count(*) FROM user_account") == before


def test_nasty_input_stays_text(site):
    answer = site.client().sign_up(NASTY)
    page = Page(answer)
    assert page.value("signup-email") == NASTY
    assert "injected" not in page.ids
    assert "<script>alert" not in answer.text
    for path in [f"/user/signup/?next={NASTY}&token=", f"/user/login/?next={NASTY}"]:
        page = site.client().page(path)
        assert page.status == 200
        assert "injected" not in page.ids
        assert "<script>alert" not in page.response.text


@pytest.mark.parametrize(
    ["password", "message"],
    [
        ("", "Enter a password"),
        ("seven 7", "at least 8 characters"),
        ("ü" * 7, "at least 8 characters"),
        ("x" * 1025, "at most 1024 bytes"),
        ("ü" * 513, "at most 1024 bytes"),
        ("with a \0 inside", "without the NUL character"),
    ],
)
def test_a_wrong_password_is_refused_and_the_address_is_kept(site, password, message):
    answer = site.client().sign_up("kept@example.com", password)
    page = assert_shows_problem(answer, message)
    assert page.value("signup-email") == "kept@example.com"
    assert page.value("signup-new-password") == ""
    assert page.ids["signup-new-password"]["aria-invalid"] == "true"
    assert "signup-new-password-problem" in page.ids["signup-new-password"]["aria-describedby"]
    assert site.query("SELECT 1 FROM user_account WHERE email = 'kept@example.com'") == []


@pytest.mark.parametrize(
    ["number", "password"],
    list(enumerate(
        ["eight ch", "üßñøåéçœ", (PASSWORD + " ") * 37 + "and a few more characters", "üßñøåéçœ" * 64, "  spaces outside  ", "𝕦𝕟𝕚𝕔𝕠𝕕𝕖 🔑",
         "a&b=c+d%20;\"'\\<>"])))
def test_a_good_password_works_exactly_as_typed(site, number, password):
    email = f"password{number}@example.com"
    assert site.client().sign_up(email, password).status_code == 302
    assert site.client().log_in(email, password).status_code == 302
    for other in [password + " ", password[:-1], password.strip() if password != password.strip() else "x" + password]:
        assert site.client().log_in(email, other).status_code == 422


def test_all_problems_are_shown_at_once(site):
    page = assert_shows_problem(site.client().sign_up("word", "short"), "Enter a valid email address")
    assert "at least 8 characters" in page.text


def test_an_address_that_has_an_account_is_a_form_error_whatever_its_case(site, member):
    for email in [member.email, member.email.upper(), f" {member.email} "]:
        client = site.client()
        page = assert_shows_problem(client.sign_up(email), "User with this email already exists")
        assert page.value("signup-email") == email
        assert not client.is_logged_in()


def test_one_address_from_fifty_clients_at_once_makes_one_account(workshop):
    site = workshop.start()
    assert site.client().sign_up("owner@example.com").status_code == 302

    clients = [site.client() for _ in range(50)]
    pages = [client.page("/user/signup/") for client in clients]
    fields = {"email": "race@example.com", "password": PASSWORD}

    with concurrent.futures.ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda pair: pair[0].send(pair[1], fields, "signup-form"), zip(clients, pages)))
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [302] + [422] * 49
    for answer in answers:
        if answer.status_code == 422:
            assert_shows_problem(answer, "User with this email already exists")
    assert site.query("SELECT count(*) FROM user_account WHERE email = 'race@example.com'") == [(1,)]
    assert sum(client.is_logged_in() for client in clients) == 1


def test_fifty_people_who_are_first_at_once_make_one_organization(workshop):
    site = workshop.start()
    clients = [site.client() for _ in range(50)]
    with concurrent.futures.ThreadPoolExecutor(50) as pool:
        numbered = enumerate(clients)
        answers = list(pool.map(lambda pair: pair[1].sign_up(f"p{pair[0]}@example.com").status_code, numbered))
    assert answers == [302] * 50
    assert site.query("SELECT count(*) FROM organization") == [(1,)]
    assert site.query("SELECT role, count(*) FROM member GROUP BY role ORDER BY role") == [("member", 49), ("owner", 1)]


def test_sign_up_starts_a_session_that_outlives_the_browser(site):
    client = site.client()
    answer = client.sign_up("cookie@example.com")
    value, attributes = cookie_attributes(answer, "sessionid")
    assert decoded_length(value) == 32
    assert attributes == {"Max-Age": str(11520 * 60), "Path": "/", "HttpOnly": True, "SameSite": "Lax"}
    stored = site.query("SELECT token_hash FROM session")
    assert all(value.encode() not in row[0] and value != row[0].hex() for row in stored)
    _, form = cookie_attributes(answer, "csrftoken")
    assert (form["Path"], form["SameSite"]) == ("/", "Lax")


@pytest.mark.parametrize(["given", "stored"], [("true", 1), ("false", 0), (None, 0), ("other", 1)])
def test_the_choice_about_newsletters_is_kept(site, given, stored):
    email = f"news-{given}@example.com".lower()
    fields = {} if given is None else {"allow_newsletters": given}
    assert site.client().sign_up(email, **fields).status_code == 302
    assert site.query("SELECT allow_newsletters FROM user_account WHERE email = ?", email) == [(stored,)]


def test_fields_of_the_other_product_are_accepted_and_not_shown(site):
    client = site.client()
    answer = client.sign_up("fields@example.com", how_find_us="Github", elaborate="x", role="owner", id="1")
    assert answer.status_code == 302
    assert site.query(
        "SELECT m.role FROM member m JOIN user_account u ON u.id = m.user_id WHERE u.email = 'fields@example.com'"
    ) == [("member",)]
    assert "how_find_us" not in site.client().get("/user/signup/").text


@pytest.mark.parametrize("number", range(13))
def test_next_leads_to_our_own_paths_only(site, number):
    own = site.url
    next, expected = [
        ("/projects/", "/projects/"),
        ("/organization/?a=1&b=2", "/organization/?a=1&b=2"),
        (f"{own}/projects/", "/projects/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("http://evil.example/", "/"),
        (f"{own}.evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        (" //evil.example", "/"),
        ("\t//evil.example", "/"),
        ("http:evil.example", "/"),
        ("projects", "/"),
        ("/projects/\r\nSet-Cookie: a=b", "/"),
    ][number]
    client = site.client()
    form = client.page("/user/signup/").form("signup-form")
    fields = {**form.fields, "email": f"next{number}@example.com", "password": PASSWORD}
    answer = client.request("POST", "/user/signup/", params={"next": next}, data=fields)
    # Whoever wanted nowhere is welcomed at home.
    first = "/?welcome=yes" if expected == "/" else expected
    assert (answer.status_code, answer.headers["Location"]) == (302, first)
    assert "a" not in answer.cookies
    # Logged in already: the page leads there at once.
    answer = client.request("GET", "/user/signup/", params={"next": next})
    assert (answer.status_code, answer.headers["Location"]) == (302, expected)


def test_next_in_the_body_is_ignored(site):
    answer = site.client().sign_up("body@example.com", next="/organization/")
    assert answer.headers["Location"] == "/?welcome=yes"


def test_the_first_account_reads_how_to_close_the_sign_up_page_and_a_member_does_not(workshop):
    line = "LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK=true"
    site = workshop.start()
    for number, is_shown in enumerate([True, False]):
        client = site.client()
        first = client.sign_up(f"welcome{number}@example.com").headers["Location"]
        assert "Welcome to Label Studio" in client.page(first).text
        assert (line in client.get(first).text) is is_shown
        assert "Welcome to Label Studio" not in client.page("/").text
    # As soon as it is closed, nobody needs the line any more.
    site.program.stop()
    site = workshop.start(data=site.data, LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK="true")
    owner = site.client()
    assert owner.log_in("welcome0@example.com").status_code == 302
    page = owner.get("/?welcome=yes").text
    assert "label-studio backup" in page and line not in page


def test_whoever_is_logged_in_is_led_home(member):
    for path in ["/user/signup/", "/user/signup", "/user/login/", "/user/login"]:
        answer = member.get(path)
        assert (answer.status_code, answer.headers["Location"]) == (302, "/")


def test_a_body_that_is_no_form_is_a_form_error(site):
    client = site.client()
    token = client.page("/user/signup/").form("signup-form").fields["csrfmiddlewaretoken"]
    answer = client.request(
        "POST", "/user/signup/", json={"email": "json@example.com", "password": PASSWORD},
        headers={"X-CSRFToken": token})
    assert_shows_problem(answer, "Enter your e-mail address")


@pytest.mark.parametrize("body", [b"email=%ff%fe&password=x", b"email=\xff", b"&".join(b"a=1" for _ in range(300))])
def test_a_form_that_cannot_be_read_is_answered_with_400(site, body):
    answer = site.client().request(
        "POST", "/user/signup/", data=body,
        headers={"Content-Type": "application/x-www-form-urlencoded", "Origin": site.url})
    assert answer.status_code == 400
    assert Page(answer).heading == "We could not read that"


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "https://127.0.0.1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "OWN"},
    ],
)
def test_a_form_from_another_site_is_refused_whatever_token_it_has(site, headers):
    headers = {name: site.url if value == "OWN" else value for name, value in headers.items()}
    client = site.client()
    answer = client.submit(
        "/user/signup/", {"email": "foreign@example.com", "password": PASSWORD}, "signup-form", headers)
    page = Page(answer)
    assert answer.status_code == 403
    assert page.heading == "This form was not sent from our site"
    assert site.url in page.text
    assert site.query("SELECT 1 FROM user_account WHERE email = 'foreign@example.com'") == []


@pytest.mark.parametrize("header", ["Origin", "Sec-Fetch-Site"])
def test_what_a_browser_says_is_enough_without_a_token(site, header):
    headers = {header: site.url if header == "Origin" else "same-origin"}
    fields = {"email": f"{header.lower()}@example.com", "password": PASSWORD}
    assert site.client().post("/user/signup/", fields, headers=headers).status_code == 302


def test_without_origin_the_token_decides(site):
    fields = {"email": "token@example.com", "password": PASSWORD}
    client = site.client()
    assert client.post("/user/signup/", fields).status_code == 403
    token = client.page("/user/signup/").form("signup-form").fields["csrfmiddlewaretoken"]
    assert len(token) == 64
    assert client.page("/user/signup/").form("signup-form").fields["csrfmiddlewaretoken"] != token
    other = site.client()
    assert other.post("/user/signup/", {**fields, "csrfmiddlewaretoken": token}).status_code == 403
    for wrong in ["", "x", token[:-1], "A" * 64, token[:-1] + ("A" if token[-1] != "A" else "B")]:
        assert client.post("/user/signup/", {**fields, "csrfmiddlewaretoken": wrong}).status_code == 403
    # The bare value of the cookie, as the Python client sends it.
    bare = client.cookies["csrftoken"]
    assert len(bare) == 32
    assert client.post("/user/signup/", {**fields, "csrfmiddlewaretoken": bare}).status_code == 302


def test_a_token_of_a_made_up_cookie_is_refused(site):
    client = site.client()
    client.session.cookies.set("csrftoken", "A" * 32)
    fields = {"email": "madeup@example.com", "password": PASSWORD, "csrfmiddlewaretoken": "A" * 32}
    assert client.post("/user/signup/", fields).status_code == 403


def test_other_methods_are_refused(visitor):
    for method in ["PUT", "DELETE", "PATCH"]:
        answer = visitor.request(method, "/user/signup/")
        assert answer.status_code == 405
        assert answer.headers["Allow"] == "GET, POST, HEAD, OPTIONS"
    for method in ["HEAD", "OPTIONS"]:
        answer = visitor.request(method, "/user/signup/")
        assert answer.status_code == 200
        assert answer.content == b""

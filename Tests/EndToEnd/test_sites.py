"""Sites on other host names of ours, and projects that open them (issue 6, point 3)."""

import os
import re
import subprocess
import urllib.parse

import pytest
from browser import PHONE
from guarded_site import GuardedSite, WebSocket
from other_hosts import HOME, PAGE, OtherHosts, resolve_names
from site_under_test import PASSWORD, Client, Page, free_port, log_lines, wait_until
from test_site import alone, gixy

REFUSED = "/-/accounts/site/refused?"


@pytest.fixture(scope="module", autouse=True)
def names():
    with pytest.MonkeyPatch.context() as patch:
        resolve_names(patch)
        yield


@pytest.fixture(scope="module")
def hosts(names, module_workshop):
    hosts = OtherHosts(module_workshop)
    yield hosts
    hosts.close()


@pytest.fixture
def member(hosts):
    member = hosts.member(f"member-{os.urandom(4).hex()}@example.com")
    member.email = member.home.get("/api/current-user/whoami").json()["email"]
    return member


def told(answer):
    """What reached the site, and in which header fields."""
    assert answer.status_code == 200, (answer.status_code, answer.text)
    found = answer.json()
    fields = {}
    for name, value in found["headers"]:
        fields.setdefault(name.lower(), []).append(value)
    return found["path"], fields


# The files are good.


def test_nginx_and_gixy_take_the_example(hosts):
    result = hosts.nginx.check()
    assert result.returncode == 0 and "[" not in result.stderr, result.stderr
    home, away = ((hosts.nginx.directory / "sites-enabled" / name).read_text()
                  for name in ["label-studio", "label-studio-tools.localhost"])
    # Which site is the first on a port is not ours to say.
    for port in [hosts.nginx.plain, hosts.nginx.secure]:
        away = away.replace(f"{port}", f"{free_port()}")
    text = home + away
    result = gixy(alone(hosts, text))
    assert (result.returncode, result.stdout.count("No issues found")) == (0, 1), result.stdout


# The way in.


def test_a_stranger_logs_in_at_home_and_comes_to_where_he_wanted_to_go(hosts, member):
    stranger = hosts.traveller()
    wanted = f"{hosts.tools}/board/deep%20er?a=b&c=d%26e&next=//x"
    page = Page(stranger.open(wanted))
    assert page.status == 200 and "Log in" in page.text
    form = page.form("login-form")
    answer = stranger.home.post(form.action, {**form.fields, "email": member.email, "password": PASSWORD})
    assert answer.status_code == 302
    path, fields = told(stranger.open(stranger.step(answer)))
    assert path == "/board/deep%20er?a=b&c=d%26e&next=//x"
    assert fields["remote-user"] == [member.email]
    assert fields["host"] == fields["x-forwarded-host"] == [f"tools.localhost:{hosts.port}"]
    assert "cookie" not in fields


def test_who_is_logged_in_comes_in_without_a_question(hosts, member):
    assert told(member.open(f"{hosts.tools}/"))[0] == "/"
    assert told(member.open(f"{hosts.reports}/x"))[1]["remote-user"] == [member.email]
    # Now he is there: not even a redirect.
    assert member.get(f"{hosts.tools}/again").status_code == 200


def test_each_host_has_a_cookie_of_its_own_and_none_is_for_all(hosts, member):
    values = set()
    for url in [hosts.tools, hosts.reports]:
        member.open(url + "/")
        found = member.cookies(url)
        assert set(found) == {"__Host-sessionid", "__Host-site-browser"}
        for cookie in found.values():
            assert cookie.secure and not cookie.domain_specified and cookie.path == "/"
            assert "HttpOnly" in cookie._rest and cookie._rest["SameSite"] == "Lax"
            values.add(cookie.value)
    values |= {cookie.value for cookie in member.cookies(hosts.url).values()}
    assert len(values) == 4 + len(member.cookies(hosts.url))
    # Sent to another host, none of them opens anything.
    for url in [hosts.tools, hosts.reports]:
        other = hosts.reports if url == hosts.tools else hosts.tools
        session = member.cookies(url)["__Host-sessionid"].value
        for place in [other + "/", hosts.url + "/tools/", hosts.url + "/projects/"]:
            answer = hosts.traveller().get(place, {**PAGE, "Cookie": f"__Host-sessionid={session}"})
            assert answer.status_code == 302
    home = member.cookies(hosts.url)["__Host-sessionid"].value
    assert hosts.traveller().get(hosts.tools + "/", {**PAGE, "Cookie": f"__Host-sessionid={home}"}).status_code == 302


def test_programs_have_no_way_to_go(hosts, member):
    answer = hosts.traveller().get(f"{hosts.tools}/data", {"Accept": "application/json"})
    assert answer.status_code == 401 and answer.json()["detail"] == "Authentication credentials were not provided."
    token = member.home.api_token()
    for headers in [{"Authorization": f"Token {token}"}, {"X-Api-Key": token}]:
        _, fields = told(hosts.traveller().get(f"{hosts.tools}/data", headers))
        assert fields["remote-user"] == [member.email]
        assert "authorization" not in fields and "x-api-key" not in fields


def test_over_plain_http_it_works_without_the_prefix(workshop):
    port, behind = free_port(), GuardedSite()
    nginx = workshop.installation / "nginx"
    home, away = f"http://{HOME}:{port}", f"http://tools.localhost:{port}"
    responder = workshop.fastcgi(LABEL_STUDIO_HOST=home, LABEL_STUDIO_SITE_HOSTS=f"tools.localhost:{port}")
    workshop.in_front(responder.socket, f"127.0.0.1:{port}", "/-/accounts", f"""
        server_name tools.localhost;
        location /site/ {{ include {nginx}/gate.conf; proxy_pass http://127.0.0.1:{behind.port}; }}""")
    # The same nginx answers for both names: what is at which of them says the responder.
    client = Client(home)
    assert client.sign_up("owner@example.com").status_code == 302
    visitor = client.session

    def step(url):
        answer = visitor.get(url, headers=PAGE, allow_redirects=False, timeout=20)
        leads_to = answer.headers.get("Location") or answer.headers.get("Refresh", "").partition("url=")[2]
        return answer, urllib.parse.urljoin(url, leads_to)

    url = f"{away}/site/"
    for _ in range(4):
        answer, url = step(url)
    assert url == f"{away}/site/"
    cookies = {cookie.name: cookie for cookie in visitor.cookies if cookie.domain == "tools.localhost"}
    assert set(cookies) == {"sessionid", "site-browser"}
    assert not any(cookie.secure or cookie.domain_specified for cookie in cookies.values())
    assert told(step(url)[0])[1]["remote-user"] == ["owner@example.com"]
    behind.close()


# Tickets.


def test_a_ticket_works_once_and_in_its_browser_only(hosts, member):
    ticket = member.ticket(f"{hosts.tools}/board")
    stranger = hosts.traveller()
    # Without a secret, and with one of his own.
    for _ in range(2):
        answer = stranger.get(ticket)
        assert answer.headers["Location"].startswith(hosts.url + REFUSED)
        assert "__Host-sessionid" not in stranger.cookies(hosts.tools)
        stranger.get(f"{hosts.tools}/-/accounts/ticket?next=/")
        assert "__Host-site-browser" in stranger.cookies(hosts.tools)
    assert told(member.open(ticket))[0] == "/board"
    # The same browser again, without what it got the first time.
    member.session.cookies.clear(domain="tools.localhost", path="/", name="__Host-sessionid")
    assert member.get(ticket).headers["Location"].startswith(hosts.url + REFUSED)


def test_a_ticket_is_for_one_host(hosts, member):
    ticket = member.ticket(f"{hosts.tools}/")
    member.get(f"{hosts.reports}/-/accounts/ticket?next=/")
    secret = member.cookies(hosts.tools)["__Host-site-browser"].value
    for url in [hosts.reports, hosts.stray, hosts.url]:
        answer = hosts.traveller().get(
            ticket.replace(hosts.tools, url), {**PAGE, "Cookie": f"__Host-site-browser={secret}"})
        assert "Set-Cookie" not in answer.headers
        assert answer.status_code == 404 or answer.headers["Location"].startswith(hosts.url + REFUSED)
    assert told(member.open(ticket))[0] == "/"


def test_a_host_that_is_not_named_gets_no_ticket(hosts, member):
    stranger = hosts.traveller()
    assert stranger.get(f"{hosts.stray}/").headers["Location"] == "/user/login/?next=/"
    for host in [f"stray.localhost:{hosts.port}", "tools.localhost", "evil.example", f"{HOME}:{hosts.port}", ""]:
        query = urllib.parse.urlencode({"host": host, "browser": "A" * 43, "next": "/"})
        answer = member.get(f"{hosts.url}/-/accounts/site?{query}")
        assert answer.status_code == 400 and "ticket=" not in answer.text
        assert "Refresh" not in answer.headers and "Location" not in answer.headers


def test_a_ticket_is_too_old_after_30_seconds(hosts, member):
    ticket = member.ticket(f"{hosts.tools}/board")
    with hosts.database() as database:
        database.execute("UPDATE site_ticket SET expires_at = expires_at - 30000000")
    page = Page(member.open(ticket))
    assert page.status == 403 and "was interrupted" in page.text
    # Its link begins again.
    link = next(link for link, _ in page.links if link.startswith(hosts.tools))
    assert told(member.open(link))[0] == "/board"


def test_nobody_is_led_from_there_to_a_foreign_host(hosts, member):
    for wanted in ["https://evil.example/", "//evil.example/", "/\\evil.example", hosts.reports + "/", "javascript:alert(1)"]:
        query = urllib.parse.urlencode({"next": wanted})
        path, _ = told(member.open(f"{hosts.tools}/-/accounts/ticket?{query}"))
        assert path == "/"
        other = hosts.traveller()
        other.session.cookies.update(member.session.cookies)
        other.session.cookies.clear(domain="tools.localhost", path="/", name="__Host-sessionid")
        ticket = other.ticket(f"{hosts.tools}/")
        assert other.get(ticket.partition("&next=")[0] + "&" + query).headers["Location"] == "/"


def test_the_database_and_the_logs_hold_no_ticket_and_no_secret(hosts, member):
    ticket = member.ticket(f"{hosts.tools}/board")
    secrets = [urllib.parse.parse_qs(urllib.parse.urlsplit(ticket).query)["ticket"][0]]
    with hosts.database() as database:
        assert database.execute("SELECT count(*) FROM site_ticket").fetchone()[0] > 0
    assert told(member.open(ticket))[0] == "/board"
    hosts.traveller().get(ticket)
    secrets += [cookie.value for cookie in member.cookies(hosts.tools).values()]
    wait_until(lambda: "ticket-refused" in hosts.responder.errors, what="a line of the log")
    logs = hosts.responder.errors + "".join(path.read_text() for path in hosts.nginx.directory.glob("*.log"))
    assert "/-/accounts/ticket" in logs and "/board" in logs
    kept = b"".join(path.read_bytes() for path in hosts.data.glob("accounts.sqlite3*"))
    for secret in secrets:
        assert len(secret) == 43 and secret not in logs and secret.encode() not in kept
    assert log_lines(hosts.responder, "ticket-refused")


# The end.


ENDS = {
    "log-out": lambda hosts, member: member.home.log_out(),
    "a new password": lambda hosts, member: member.home.submit(
        "/user/account/", {"current_password": PASSWORD, "new_password": "another kettle 77"}, "password-form"),
    "end of sessions": lambda hosts, member: hosts.command("sessions", "end", member.email),
    "deactivation": lambda hosts, member: hosts.command("user", "deactivate", member.email),
    "removal": lambda hosts, member: hosts.command("user", "remove", member.email),
}


@pytest.mark.parametrize("end", ENDS)
def test_what_ends_the_session_ends_it_at_every_host_at_once(hosts, member, end):
    member.open(f"{hosts.tools}/")
    member.open(f"{hosts.reports}/")
    assert member.is_in(f"{hosts.tools}/") and member.is_in(f"{hosts.reports}/")
    ENDS[end](hosts, member)
    for url in [hosts.tools, hosts.reports]:
        assert member.get(url + "/").status_code == 302
        assert member.get(url + "/", {"Accept": "application/json"}).status_code == 401


def test_a_link_there_leads_to_the_log_out_page(hosts, member):
    member.open(f"{hosts.tools}/")
    answer = member.get(f"{hosts.tools}/-/accounts/logout")
    assert answer.headers["Location"] == f"{hosts.url}/logout"
    assert member.get(f"{hosts.tools}/-/accounts/").headers["Location"] == f"{hosts.url}/"


# Foreign pages, and the site itself.


def test_a_form_comes_from_the_site_itself(hosts, member):
    member.open(f"{hosts.tools}/")
    cases = [
        ({"Sec-Fetch-Site": "same-origin"}, 200), ({"Origin": hosts.tools}, 200), ({}, 403), ({"Origin": hosts.url}, 403),
        ({"Sec-Fetch-Site": "same-site", "Origin": hosts.url}, 403), ({"Origin": hosts.reports}, 403)]
    for headers, status in cases:
        answer = member.session.post(f"{hosts.tools}/save", headers=headers, data="x", timeout=20)
        assert answer.status_code == status, headers


def test_a_web_socket_comes_from_the_site_itself(hosts, member):
    member.open(f"{hosts.tools}/")
    cookie = f"__Host-sessionid={member.cookies(hosts.tools)['__Host-sessionid'].value}"
    for origin, status in [(hosts.tools, 101), (hosts.url, 403), (None, 403)]:
        headers = {"Host": f"tools.localhost:{hosts.port}", "Cookie": cookie, "Origin": origin}
        connection = WebSocket(hosts.port, "/socket", headers, wrap=hosts.over_tls)
        assert connection.status == status
        if status == 101:
            assert connection.exchange(b"hello") == b"hello"
        connection.close()


def test_the_site_cannot_set_our_cookies_there(hosts, member):
    member.open(f"{hosts.tools}/")
    hosts.behind.fields = [("Set-Cookie", "__Host-sessionid=planted; Path=/; Secure"), ("Set-Cookie", "a=1; Path=/")]
    answer = member.get(f"{hosts.tools}/set")
    cookies = [value for name, value in answer.raw.headers.iteritems() if name.lower() == "set-cookie"]
    # No browser takes a cookie of that name without Secure.
    assert cookies == ["__Host-sessionid=planted; Path=/", "a=1; Path=/"]


def test_a_page_of_nginx_there_has_its_style(hosts, member):
    member.open(f"{hosts.tools}/")
    answer = member.session.post(f"{hosts.tools}/", headers={"Sec-Fetch-Mode": "navigate"}, timeout=20)
    page = Page(answer)
    assert page.status == 403 and 'href="/-/accounts/static/app.css"' in answer.text
    assert hosts.traveller().get(f"{hosts.tools}/-/accounts/static/app.css").status_code == 200


def test_an_error_page_of_ours_there_has_its_style(hosts, member):
    member.open(f"{hosts.tools}/")
    answer = member.session.post(f"{hosts.tools}/-/accounts/ticket", timeout=20)
    assert answer.status_code == 405
    for name in ["app.css", "app.js", "favicon.svg"]:
        path = re.search(f'"(/-/accounts/static/[0-9a-f]{{16}}/{name})"', answer.text).group(1)
        assert hosts.traveller().get(hosts.tools + path).status_code == 200
    assert f'href="{hosts.url}/">Go to the home page</a>' in answer.text


# Settings.


def test_check_wants_the_address_of_our_pages(workshop):
    result = workshop.run("check", "--data-dir", workshop.directory(), LABEL_STUDIO_SITE_HOSTS="tools.localhost")
    assert result.returncode == 1
    assert "LABEL_STUDIO_SITE_HOSTS needs LABEL_STUDIO_HOST" in result.stdout


# Projects.


def test_a_project_opens_its_site(hosts, member):
    for address in [f"{hosts.tools}/board?id=1", "/tools/board"]:
        fields = {"title": "Birds", "description": "", "site_address": address}
        project = member.home.submit("/projects/new", fields, "project-form").headers["Location"]
        for page in [member.home.page("/"), member.home.page(project)]:
            assert address in [link for link, _ in page.links]
        path, told_fields = told(member.open(urllib.parse.urljoin(hosts.url, address)))
        assert path == address.removeprefix(hosts.tools)
        assert told_fields["remote-user"] == [member.email]


@pytest.mark.browser
def test_in_a_real_browser(hosts, browsers):
    first, second = browsers(), browsers()
    site = f"{hosts.tools}/board?id=1"
    first.open(hosts.url + "/")
    first.fill(email="owner@example.com", password=PASSWORD)
    first.follow("css:main button[type=submit]", "Projects")
    first.open(f"{hosts.url}/projects/new")
    first.fill(title="In a real browser", site_address=site)
    first.follow("css:main button[type=submit]", "In a real browser")
    first.open(hosts.url + "/")
    first.find_all("main h2 a")[0].click()
    first.wait(lambda: first.driver.current_url == site, "the site")
    assert "owner@example.com" in first.text
    # A stranger logs in on the way: the policy of that page lets its form lead on.
    second.open(site)
    second.wait(lambda: second.has("#login-form"), "the log-in page")
    assert second.driver.current_url.startswith(hosts.url + "/user/login/?next=")
    second.fill(email="owner@example.com", password=PASSWORD)
    second.find("main button[type=submit]").click()
    second.wait(lambda: second.driver.current_url == site, "the site")
    assert "owner@example.com" in second.text
    cookies = {cookie["name"]: cookie for cookie in second.driver.get_cookies()}
    assert cookies["__Host-sessionid"]["httpOnly"] and cookies["__Host-sessionid"]["secure"]
    # A script of the site acts there, and not on our pages.
    script = "fetch(arguments[0], {method: 'POST', credentials: 'include'}).then(a => a.status, () => 'refused').then(arguments[1])"
    assert second.driver.execute_async_script(script, "/save") == 200
    assert second.driver.execute_async_script(script, f"{hosts.url}/logout") == "refused"
    second.complaints([403])
    # The way back finds what it left, and log-out at home counts here.
    second.open(f"{hosts.tools}/-/accounts/logout")
    second.follow("css:main button[type=submit]")
    second.open(site)
    second.wait(lambda: second.has("#login-form"), "the log-in page")
    assert first.complaints() + second.complaints() == []
    # What a refused ticket says fits on a phone.
    second.resize(*PHONE)
    second.open(f"{hosts.url}{REFUSED}host=tools.localhost:{hosts.port}&next=/board")
    assert second.heading == f"The way to tools.localhost:{hosts.port} was interrupted"
    assert second.overflow() is None
    assert second.complaints([403]) == []

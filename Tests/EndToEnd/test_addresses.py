"""Public addresses: sub-paths, TLS, proxies in front (issue 2, point 9)."""

import re
import socket
import ssl

import pytest
from site_under_test import (
    PASSWORD, Client, Page, cookie_attributes, free_port, is_reached, raw_exchange, wait_until)


def proxy(workshop, site, *lines):
    """A second nginx, by plain HTTP, in front of `label-studio start`."""
    port = free_port()
    headers = "\n".join(f"proxy_set_header {line};" for line in lines)
    workshop.nginx(f"""server {{ listen 127.0.0.1:{port};
        location / {{ proxy_pass http://127.0.0.1:{site.port}; proxy_http_version 1.1;
            proxy_set_header Connection ""; {headers} }} }}""")
    wait_until(lambda: is_reached(port), what="the proxy")
    return port


PUBLIC = ["Host localhost", "X-Forwarded-Proto https", "X-Forwarded-Host labels.example.org",
          "X-Forwarded-For $proxy_add_x_forwarded_for"]


def set_cookies(answer):
    return answer.raw.headers.getlist("Set-Cookie")


# The host that nginx saw.


@pytest.mark.parametrize("host", ["labels.example.org", "labels.example.org:8443", "LABELS.example.org", "[::1]:81"])
def test_without_a_setting_links_name_the_host_that_nginx_saw(workshop, site, host):
    client = site.client()
    headers = {"Host": host, "Origin": f"http://{host.lower()}"}
    fields = {"email": "owner@example.com", "password": PASSWORD}
    answer = client.post("/user/login/", fields, headers=headers)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    cookie, attributes = cookie_attributes(answer, "sessionid")
    assert "Secure" not in attributes
    page = client.page("/organization/invite", headers={"Host": host, "Cookie": f"sessionid={cookie}"})
    assert page.value("invite-link").startswith(f"http://{host.lower()}/user/signup/?token=")


@pytest.mark.parametrize("host", ["evil.example/x", "q z", "evil.example#", "\"><b id=injected>", "a@b", "[::1", "a:b:c", ""])
def test_a_host_that_is_none_is_never_repeated(site, host):
    request = f"GET /user/account/ HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    answer = raw_exchange(site.port, request.encode())
    status = int(answer.split()[1])
    assert status in (302, 400)
    if host:
        assert host.encode() not in answer


def test_two_host_headers_are_refused(site):
    request = b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n"
    assert raw_exchange(site.port, request).startswith(b"HTTP/1.1 400 ")


# LABEL_STUDIO_HOST with a sub-path.


@pytest.fixture(scope="module")
def subpath(module_workshop):
    """A site at /labels/ on its own port; `/labels` itself works too."""
    port = free_port()
    site = module_workshop.start(port=port, LABEL_STUDIO_HOST=f"http://127.0.0.1:{port}/labels/")
    client = site.client(prefix="/labels")
    assert client.sign_up("owner@example.com").status_code == 302
    return site


@pytest.fixture
def below(subpath):
    client = subpath.client(prefix="/labels")
    assert client.log_in("owner@example.com").headers["Location"] == "/labels/"
    return client


def test_at_a_sub_path_every_link_form_redirect_and_asset_has_the_prefix(subpath, below):
    assert f"{subpath.url}/labels" in subpath.program.output
    stranger = subpath.client()
    pages = [stranger.page(f"/labels/user/{name}/") for name in ["signup", "login"]]
    pages += [below.page("/labels" + path) for path in [
        "/", "/projects/new", "/organization/", "/organization/invite", "/organization/invite/reset", "/user/account/",
        "/user/account/token/reset", "/logout", "/nothing", "/user/signup/?token=x"]]
    for page in pages:
        targets = [attributes[name] for _, attributes in page.tags for name in ("href", "src", "action")
                   if name in attributes]
        assert len(targets) > 3
        for target in targets:
            assert target.startswith(("/labels/", "#")), target
    answer = stranger.get("/labels/projects/")
    assert answer.headers["Location"] == "/labels/user/login/?next=/labels/projects/"
    assert stranger.get("/labels/").headers["Location"] == "/labels/user/login/?next=/labels/"
    assert stranger.get("/labels").status_code == 302


def test_at_a_sub_path_static_files_are_there(subpath, below):
    page = below.page("/labels/")
    assets = [attributes.get("href") or attributes.get("src") for tag, attributes in page.tags
              if tag in ("link", "script")]
    assert len(assets) == 3
    for asset in assets:
        assert re.match(r"/labels/static/[0-9a-f]{16}/", asset)
        answer = below.get(asset)
        assert answer.status_code == 200 and "immutable" in answer.headers["Cache-Control"]


def test_at_a_sub_path_cookies_are_for_that_path_only(subpath):
    client = subpath.client(prefix="/labels")
    answer = client.log_in("owner@example.com")
    for name in ["sessionid", "csrftoken"]:
        assert cookie_attributes(answer, name)[1]["Path"] == "/labels/"
    answer = client.log_out()
    assert answer.headers["Location"] == "/labels/"
    assert cookie_attributes(answer, "sessionid")[1]["Path"] == "/labels/"
    assert not client.is_logged_in()


def test_at_a_sub_path_the_whole_main_job_works(subpath, below):
    invite = below.page("/labels/organization/invite")
    link = invite.value("invite-link")
    assert link.startswith(f"{subpath.url}/labels/user/signup/?token=")
    colleague = subpath.client(prefix="/labels")
    page = colleague.page(link.removeprefix(subpath.url))
    answer = colleague.send(page, {"email": "colleague@example.com", "password": PASSWORD}, "signup-form")
    assert answer.headers["Location"] == "/labels/?welcome=yes"
    address = below.submit("/labels/projects/new", {"title": "Below"}, "project-form").headers["Location"]
    assert re.fullmatch(r"/labels/projects/\d+/", address)
    assert colleague.page(address).heading == "Below"
    answer = below.submit("/labels/organization/invite/reset", {}, "invite-reset-form")
    assert answer.headers["Location"].startswith("/labels/organization/invite")
    assert subpath.client().get(link.removeprefix(subpath.url)).status_code == 403
    curl = below.page("/labels/user/account/").text
    assert f"{subpath.url}/labels/api/current-user/whoami" in curl


def test_at_a_sub_path_next_leads_below_it_only(subpath):
    for next, expected in [("/labels/projects/", "/labels/projects/"), ("/projects/", "/labels/"),
                           ("/labelsevil/", "/labels/"), ("/labels", "/labels"), ("/labels/../x", "/labels/"),
                           (f"{subpath.url}/labels/people/", "/labels/people/")]:
        client = subpath.client(prefix="/labels")
        form = client.page("/labels/user/login/").form("login-form")
        fields = {**form.fields, "email": "owner@example.com", "password": PASSWORD}
        answer = client.request("POST", "/labels/user/login/", params={"next": next}, data=fields)
        assert answer.headers["Location"] == expected, next


def test_at_a_sub_path_the_api_leaves_the_prefix_out_of_a_read_link_only(below):
    """WIRE.md, section 6: stripped by GET, not by the reset."""
    read = below.get("/labels/api/invite").json()
    assert read["invite_url"] == f"/user/signup/?token={read['token']}"
    headers = {"Origin": below.url}
    reset = below.post("/labels/api/invite/reset-token", headers=headers).json()
    assert reset["invite_url"] == f"/labels/user/signup/?token={reset['token']}"


def test_a_proxy_that_has_removed_the_prefix_already_works_too(subpath):
    assert Page(subpath.client().get("/user/login/")).form("login-form").action == "/labels/user/login/"


def test_the_setting_decides_whatever_host_was_asked_for(workshop):
    site = workshop.start(LABEL_STUDIO_HOST="http://Labels.Example.org:80")
    client = site.client()
    fields = {"email": "a@example.com", "password": PASSWORD}
    for origin, status in [(site.url, 403), ("http://evil.example", 403), ("http://labels.example.org:8080", 403),
                           ("https://labels.example.org", 403), ("http://labels.example.org", 302)]:
        headers = {"Origin": origin, "Host": "evil.example"}
        assert client.post("/user/signup/", fields, headers=headers).status_code == status, origin
    page = client.page("/organization/invite", headers={"Host": "evil.example"})
    assert page.value("invite-link").startswith("http://labels.example.org/user/signup/?token=")
    answer = client.post("/logout", {}, headers={"Origin": "http://evil.example"})
    assert "http://labels.example.org" in Page(answer).text


@pytest.mark.parametrize(
    "host", ["example.org", "ftp://example.org", "http://", "http://a b", "http://example.org?x", "http://a/b#c",
             "http://user@example.org", "http://example.org:99999", "https://example.org/../x"])
def test_an_address_that_is_none_is_refused_at_the_start(workshop, host):
    result = workshop.run(
        "fastcgi", "--socket", workshop.directory() / "s", "--data-dir", workshop.directory() / "d",
        LABEL_STUDIO_HOST=host, seconds=5)
    assert result.returncode == 2
    assert "LABEL_STUDIO_HOST" in result.stderr and host in result.stderr


# TLS.


@pytest.fixture(scope="module")
def secure(module_workshop):
    responder = module_workshop.fastcgi()
    url, certificate = module_workshop.tls(responder.socket)
    client = Client(url, verify=certificate)
    assert client.sign_up("owner@example.com").status_code == 302
    return lambda: Client(url, verify=certificate)


def test_over_tls_cookies_are_secure_and_the_session_cookie_has_the_host_prefix(secure):
    client = secure()
    answer = client.log_in("owner@example.com")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    _, attributes = cookie_attributes(answer, "__Host-sessionid")
    assert attributes == {
        "Max-Age": "691200", "Path": "/", "Secure": True, "HttpOnly": True, "SameSite": "Lax"}
    _, attributes = cookie_attributes(answer, "csrftoken")
    assert attributes["Secure"] is True and attributes["SameSite"] == "Lax"
    assert not any(field.startswith("sessionid=") for field in set_cookies(answer))
    assert client.is_logged_in()
    answer = client.log_out()
    value, attributes = cookie_attributes(answer, "__Host-sessionid")
    assert value == "" and attributes["Secure"] and attributes["Max-Age"] == "0"


def test_over_tls_a_bare_session_cookie_is_never_accepted(secure):
    client = secure()
    client.log_in("owner@example.com")
    value = client.cookies["__Host-sessionid"]
    stranger = secure()
    for name in ["sessionid", "__Host-sessionid-", "__Secure-sessionid", "__host-sessionid"]:
        assert stranger.get("/user/account/", headers={"Cookie": f"{name}={value}"}).status_code == 302
    assert stranger.get("/user/account/", headers={"Cookie": f"__Host-sessionid={value}"}).status_code == 200


def test_over_tls_links_and_origins_are_https(secure):
    client = secure()
    client.log_in("owner@example.com")
    url = client.url
    assert client.page("/organization/invite").value("invite-link").startswith(url + "/user/signup/?token=")
    assert client.post("/logout", {}, headers={"Origin": url.replace("https", "http")}).status_code == 403
    assert client.post("/logout", {}, headers={"Origin": url}).status_code == 302


def test_over_tls_a_request_by_plain_http_gets_our_own_error_page(secure):
    port = int(secure().url.rpartition(":")[2])
    answer = raw_exchange(port, b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"The plain HTTP" not in answer and b"<center>" not in answer and b"nginx/" not in answer


def test_tls_at_a_sub_path_has_a_cookie_name_of_its_own(workshop):
    port = free_port()
    responder = workshop.fastcgi(LABEL_STUDIO_HOST=f"https://localhost:{port}/labels")
    certificate, key = workshop.certificate()
    workshop.in_front(
        responder.socket, f"127.0.0.1:{port} ssl", "/labels", f"ssl_certificate {certificate}; ssl_certificate_key {key};")
    client = Client(f"https://localhost:{port}", "/labels", certificate)
    answer = client.sign_up("owner@example.com")
    assert answer.headers["Location"] == "/labels/?welcome=yes"
    names = [field.partition("=")[0] for field in set_cookies(answer)]
    name = next(name for name in names if name.startswith("__Host-sessionid-"))
    assert re.fullmatch(r"__Host-sessionid-[0-9a-f]{8,}", name)
    _, attributes = cookie_attributes(answer, name)
    assert attributes["Path"] == "/" and attributes["Secure"] and "Domain" not in attributes
    assert client.is_logged_in()
    value = client.cookies[name]
    stranger = Client(client.url, "/labels", certificate)
    for other in ["sessionid", "__Host-sessionid"]:
        headers = {"Cookie": f"{other}={value}"}
        assert stranger.get("/labels/user/account/", headers=headers).status_code == 302


def test_a_name_for_the_session_cookie_can_be_set(workshop):
    site = workshop.start(LABEL_STUDIO_SESSION_COOKIE_NAME="second-session")
    client = site.client()
    client.sign_up("a@example.com")
    assert "second-session" in client.cookies and "sessionid" not in client.cookies
    assert client.is_logged_in()


def test_a_tls_site_answers_by_tls_1_2_or_later(secure):
    port = int(secure().url.rpartition(":")[2])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection(("127.0.0.1", port)) as raw, context.wrap_socket(raw) as connection:
        assert connection.version() in ("TLSv1.2", "TLSv1.3")


# A proxy or tunnel in front, which changes the host name.


def test_behind_a_trusted_proxy_its_headers_decide(workshop):
    site = workshop.start(LABEL_STUDIO_TRUSTED_PROXIES="127.0.0.1", LABEL_STUDIO_LOG_LEVEL="DEBUG")
    client = Client(f"http://127.0.0.1:{proxy(workshop, site, *PUBLIC)}")
    fields = {"email": "owner@example.com", "password": PASSWORD}
    assert client.post("/user/signup/", fields, headers={"Origin": client.url}).status_code == 403
    answer = client.post("/user/signup/", fields, headers={"Origin": "https://labels.example.org"})
    assert answer.status_code == 302
    value, attributes = cookie_attributes(answer, "__Host-sessionid")
    assert attributes["Secure"] is True
    page = client.page("/organization/invite", headers={"Cookie": f"__Host-sessionid={value}"})
    assert page.value("invite-link").startswith("https://labels.example.org/user/signup/?token=")
    assert "This link works on this computer only" not in page.text
    assert client.get("/user/account/", headers={"Cookie": f"sessionid={value}"}).status_code == 302
    assert "proxy-not-trusted" not in site.program.errors


@pytest.mark.parametrize("trusted", [None, "192.0.2.0/24,2001:db8::/32"])
def test_behind_a_proxy_that_is_not_trusted_its_headers_are_ignored_and_the_log_names_the_setting(workshop, trusted):
    settings = {} if trusted is None else {"LABEL_STUDIO_TRUSTED_PROXIES": trusted}
    site = workshop.start(**settings)
    client = Client(f"http://127.0.0.1:{proxy(workshop, site, *PUBLIC)}")
    fields = {"email": "owner@example.com", "password": PASSWORD}
    answer = client.post("/user/signup/", fields, headers={"Origin": "https://labels.example.org"})
    page = Page(answer)
    assert answer.status_code == 403
    assert "http://localhost" in page.text and "https://labels.example.org" in page.text
    assert "LABEL_STUDIO_TRUSTED_PROXIES" in page.text
    answer = client.post("/user/signup/", fields, headers={"Origin": "http://localhost"})
    assert answer.status_code == 302
    cookie_attributes(answer, "sessionid")
    for _ in range(3):
        client.get("/user/login/")
    lines = [line for line in site.program.errors.splitlines() if "LABEL_STUDIO_TRUSTED_PROXIES" in line]
    assert len(lines) == 1, lines


def test_a_proxy_that_passes_the_host_on_works_without_any_setting(workshop):
    site = workshop.start()
    client = Client(f"http://127.0.0.1:{proxy(workshop, site, 'Host $http_host')}")
    assert client.sign_up("owner@example.com").status_code == 302
    fields = {"current_password": PASSWORD, "new_password": "another good password"}
    headers = {"Origin": client.url}
    assert client.submit("/user/account/", fields, "password-form", headers).status_code == 302
    assert client.page("/organization/invite").value("invite-link").startswith(client.url)


def test_a_browser_behind_tls_that_nobody_trusts_can_still_work_with_the_setting(workshop):
    """A tunnel: https outside, another host name, plain http here."""
    site = workshop.start(LABEL_STUDIO_HOST="https://labels.example.org")
    client = Client(f"http://127.0.0.1:{proxy(workshop, site, 'Host internal')}")
    fields = {"email": "owner@example.com", "password": PASSWORD}
    answer = client.post("/user/signup/", fields, headers={"Origin": "https://labels.example.org"})
    assert answer.status_code == 302
    assert cookie_attributes(answer, "__Host-sessionid")[1]["Secure"] is True


def test_headers_that_a_visitor_writes_himself_are_ignored(site):
    """No proxy is trusted."""
    headers = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.1",
               "Forwarded": "host=evil.example;proto=https", "X-Real-IP": "192.0.2.1", "X-Original-URL": "/logout",
               "X-HTTP-Method-Override": "PUT", "X-Rewrite-URL": "/logout", "X_Forwarded_Host": "evil.example",
               "Remote-User": "owner@example.com"}
    client = site.client()
    client.log_in("owner@example.com")
    page = client.page("/organization/invite", headers=headers)
    assert page.status == 200
    assert page.value("invite-link").startswith(site.url)
    assert "evil.example" not in page.response.text
    assert site.client().get("/user/account/", headers=headers).status_code == 302


def test_behind_a_trusted_proxy_the_value_that_it_added_counts_not_what_the_visitor_wrote(workshop):
    site = workshop.start(LABEL_STUDIO_TRUSTED_PROXIES="127.0.0.0/8 ::1")
    lines = ["Host localhost", 'X-Forwarded-Host "$http_x_forwarded_host, labels.example.org"',
             'X-Forwarded-Proto "$http_x_forwarded_proto, https"']
    client = Client(f"http://127.0.0.1:{proxy(workshop, site, *lines)}")
    headers = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http", "Origin": "https://labels.example.org"}
    fields = {"email": "owner@example.com", "password": PASSWORD}
    answer = client.post("/user/signup/", fields, headers=headers)
    assert answer.status_code == 302
    value, _ = cookie_attributes(answer, "__Host-sessionid")
    page = client.page("/organization/invite", headers={**headers, "Cookie": f"__Host-sessionid={value}"})
    assert page.value("invite-link").startswith("https://labels.example.org/")


@pytest.mark.parametrize("value", ["evil.example/x", "\"><b id=injected>", "a,b c"])
def test_a_trusted_proxy_that_passes_nonsense_on_does_no_harm(workshop, value):
    site = workshop.start(LABEL_STUDIO_TRUSTED_PROXIES="127.0.0.1")
    answer = site.client().get("/user/login/", headers={"X-Forwarded-Host": value, "X-Forwarded-Proto": "gopher"})
    assert answer.status_code == 200
    assert "injected" not in answer.text and "evil" not in answer.text

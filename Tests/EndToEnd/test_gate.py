"""The gate: sites behind nginx that only people who are logged in may enter (issue 6,
points 1, 2 and 6)."""

import contextlib
import hashlib
import http.client
import json
import os
import re
import signal
import sqlite3

import pytest
from guarded_site import CountingGate, GuardedSite, WebSocket
from site_under_test import PASSWORD, REPOSITORY, Client, free_port, is_reached, log_lines, raw_exchange, wait_until

PAGE = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "none", "Accept": "text/html,*/*;q=0.8"}
OURS = {"Sec-Fetch-Site": "same-origin"}
UNKNOWN = {"Cookie": "sessionid=unknown"}


class Guarded:
    """A responder, nginx with guarded locations, and a site behind them."""

    def __init__(self, workshop, prefix="", tls=False, limited=False, extra="", settings=None):
        self.workshop = workshop
        self.port = free_port()
        self.url = f"{'https' if tls else 'http'}://localhost:{self.port}"
        self.prefix = prefix
        self.behind = GuardedSite()
        self.files = workshop.directory()
        self.files.chmod(0o755)
        (self.files / "page.html").write_text("<h1>guarded</h1>")
        self.responder = workshop.fastcgi(
            limited=limited, **{"LABEL_STUDIO_HOST": self.url + prefix, **(settings or {})})
        self.data = self.responder.data
        self.certificate, key = workshop.certificate() if tls else (True, None)
        gate = f"include {workshop.installation}/nginx/gate.conf;"
        certificate = f"ssl_certificate {self.certificate}; ssl_certificate_key {key};" if tls else ""
        self.nginx = workshop.in_front(
            self.responder.socket, f"127.0.0.1:{self.port}{' ssl' if tls else ''}", prefix, f"""
                server_name localhost; {certificate}
                location /tools/ {{ {gate} proxy_pass http://127.0.0.1:{self.behind.port}/; }}
                location {prefix}/files/ {{ {gate} alias {self.files}/; }}
                location /webauth/ {{
                    {gate}
                    proxy_set_header X-WEBAUTH-USER $label_studio_user;
                    proxy_pass http://127.0.0.1:{self.behind.port}/;
                }}
                {extra.format(gate=gate, port=self.behind.port, files=self.files)}""",
            # What others may have set for the whole of nginx.
            http="underscores_in_headers on; ignore_invalid_headers off;")
        self.owner = self.client()
        assert self.owner.sign_up("owner@example.com").status_code == 302

    def client(self, **options):
        return Client(self.url, self.prefix, verify=self.certificate, **options)

    def member(self, email):
        client = self.client()
        assert client.sign_up(email).status_code == 302
        return client

    def command(self, *arguments, **options):
        result = self.workshop.run(*arguments, "--data-dir", self.data, **options)
        assert result.returncode == 0, result.stderr
        return result.stdout

    def cookie(self, client):
        return "; ".join(f"{name}={value}" for name, value in client.cookies.items())

    def socket(self, client, **headers):
        cookie = self.cookie(client) if client else None
        return WebSocket(self.port, "/tools/socket", {"Host": f"localhost:{self.port}", "Cookie": cookie, **headers})

    def token(self, client):
        return client.get(f"{self.prefix}/api/current-user/token").json()["token"]


def told(answer):
    """The header fields that reached the site, in lower case."""
    assert answer.status_code == 200, (answer.status_code, answer.text)
    fields = {}
    for name, value in answer.json()["headers"]:
        fields.setdefault(name.lower(), []).append(value)
    return fields


def assert_page_of_ours(answer, status):
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert f'<p class="status">{status}</p>' in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


def assert_json(answer, status, detail=None):
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/json"
    found = answer.json()
    assert found["status_code"] == status
    assert found["detail"] if detail is None else found["detail"] == detail


@pytest.fixture(scope="module")
def guarded(module_workshop):
    guarded = Guarded(module_workshop)
    yield guarded
    guarded.behind.close()


@pytest.fixture
def member(guarded):
    client = guarded.member(f"member-{os.urandom(4).hex()}@example.com")
    return client


# Who gets in.


def test_a_stranger_is_led_to_the_log_in_page_and_comes_back(guarded):
    stranger = guarded.client()
    answer = stranger.get("/tools/deep/page?a=b&c=d%26e", headers=PAGE)
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/user/login/?next=/tools/deep/page%3Fa%3Db%26c%3Dd%2526e"
    assert answer.headers["Cache-Control"] == "no-store"
    back = stranger.log_in("owner@example.com", query=answer.headers["Location"].removeprefix("/user/login/"))
    assert back.headers["Location"] == "/tools/deep/page?a=b&c=d%26e"
    assert stranger.get(back.headers["Location"], headers=PAGE).json()["path"] == "/deep/page?a=b&c=d%26e"


@pytest.mark.parametrize("headers", [
    {"Accept": "text/html,application/xhtml+xml"}, {"Accept": "application/xhtml+xml, text/html"},
    {"Sec-Fetch-Mode": "navigate", "Accept": "*/*"}])
def test_what_opens_a_page_is_led_to_the_log_in_page(guarded, headers):
    for method in ["GET", "HEAD"]:
        answer = guarded.client().request(method, "/tools/", headers=headers)
        assert (answer.status_code, answer.headers["Location"]) == (302, "/user/login/?next=/tools/")


@pytest.mark.parametrize(["method", "headers"], [
    ("GET", {}), ("GET", {"Accept": "application/json"}), ("GET", {"Accept": "*/*"}), ("POST", {"Accept": "text/html"}),
    ("GET", {"Accept": "text/html", "X-Requested-With": "XMLHttpRequest"}), ("PROPFIND", {}), ("DELETE", {}),
    ("GET", {"Accept": "text/html", "Sec-Fetch-Mode": "cors"}), ("GET", {"Accept": "image/png", "Sec-Fetch-Mode": "no-cors"}),
    ("OPTIONS", {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}),
    ("POST", UNKNOWN), ("GET", {"Authorization": "Basic b3duZXI6cHc="}), ("GET", {"Authorization": "Bearer x.y.z"})])
def test_programs_and_scripts_are_told_in_json(guarded, method, headers):
    before = len(guarded.behind.seen)
    answer = guarded.client().request(method, "/tools/api", headers=headers, data=b"x" if method == "POST" else None)
    assert_json(answer, 401, "Authentication credentials were not provided.")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["WWW-Authenticate"] == "Token"
    assert len(guarded.behind.seen) == before, "it reached the site"


def test_a_wrong_token_is_named(guarded):
    assert_json(guarded.client().get("/tools/", headers={"Authorization": "Token wrong"}), 401, "Invalid token.")


def test_a_static_site_is_for_members_only(guarded, member):
    assert guarded.client().get("/files/page.html", headers=PAGE).status_code == 302
    assert_json(guarded.client().get("/files/page.html"), 401)
    answer = member.get("/files/page.html", headers=PAGE)
    assert (answer.status_code, answer.text) == (200, "<h1>guarded</h1>")
    assert member.get("/files/nothing").status_code == 404
    # That nginx lists no directory is no matter of who asks.
    assert_json(member.get("/files/"), 403, "You do not have permission to perform this action.")
    assert_page_of_ours(member.get("/files/", headers=PAGE), 403)
    assert member.get("/files/page.html", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    assert member.get("/files/page.html", headers={"Range": "bytes=4-10"}).text == "guarded"


def test_the_site_is_told_who_it_is(guarded, member):
    name = "Zoë 李"
    assert member.submit("/user/account/", {"first_name": "Zoë", "last_name": "李"}, "profile-form").status_code == 302
    fields = told(member.get("/tools/"))
    email = member.get("/api/current-user/whoami").json()["email"]
    assert fields["remote-user"] == fields["remote-email"] == [email]
    assert fields["remote-name"] == [name.encode().decode("latin-1")]
    assert fields["remote-groups"] == ["member"]
    assert told(guarded.owner.get("/tools/"))["remote-groups"] == ["owner,member"]
    assert told(member.get("/webauth/"))["x-webauth-user"] == [email]
    assert told(member.get("/webauth/", headers={"X-WEBAUTH-USER": "owner@example.com"}))["x-webauth-user"] == [email]


def test_tokens_open_it_too(guarded):
    token = guarded.token(guarded.owner)
    access = guarded.owner.post("/api/token/", headers=OURS).json()["token"]
    bearer = guarded.client().post("/api/token/refresh/", {"refresh": access}).json()["access"]
    for headers in [{"Authorization": f"Token {token}"}, {"X-Api-Key": token}, {"Authorization": f"Bearer {bearer}"}]:
        for method in ["GET", "POST", "DELETE"]:
            fields = told(guarded.client().request(method, "/tools/", headers=headers))
            assert fields["remote-user"] == ["owner@example.com"]
            assert "authorization" not in fields and "x-api-key" not in fields


# What does not reach the site.


FORGED = {
    "Remote-User": "owner@example.com", "remote-email": "owner@example.com", "REMOTE-NAME": "x", "Remote-Groups": "owner",
    "Remote_User": "owner@example.com", "Remote_Groups": "owner", "Remote.User": "x", "X-Forwarded-For": "198.51.100.1",
    "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "gopher", "X-Forwarded-User": "x", "X-Forwarded-Email": "x",
    "X-Forwarded-Groups": "x", "X-Forwarded-Preferred-Username": "x", "X-Forwarded-Prefix": "/x", "X-Forwarded-Port": "1",
    "X-Forwarded-Server": "x", "X-Forwarded-Uri": "x", "X-Forwarded-Method": "x", "X-Forwarded-Ssl": "on",
    "X-Forwarded-Scheme": "x", "X-Forwarded-Path": "x", "X-Forwarded-Access-Token": "x",
    "Forwarded": "for=198.51.100.1", "X-Real-IP": "198.51.100.1",
    "Proxy-Authorization": "Basic x", "Authorization": "Basic x", "LABEL-STUDIO-GATE": "page",
}


def test_what_a_client_says_of_itself_does_not_reach_the_site(guarded, member):
    fields = told(member.get("/tools/", headers=FORGED))
    email = member.get("/api/current-user/whoami").json()["email"]
    expected = {
        "remote-user": email, "remote-email": email, "remote-name": email, "remote-groups": "member",
        "x-forwarded-for": "127.0.0.1", "x-real-ip": "127.0.0.1", "x-forwarded-proto": "http",
        "x-forwarded-host": f"localhost:{guarded.port}"}
    assert fields["host"] == [f"localhost:{guarded.port}"]
    about_him = ("remote", "x-forwarded", "x-real", "forwarded", "authorization", "proxy", "x-api")
    assert {name: values for name, values in fields.items() if name.startswith(about_him)} == {
        name: [value] for name, value in expected.items()}


def test_a_token_that_comes_twice_is_told_to_nobody(guarded):
    token = guarded.token(guarded.owner)
    lines = [f"Host: localhost:{guarded.port}", f"X-Api-Key: {token}", "Remote-User: a", "Remote-User: b",
             "remote-user: c", "Remote-Groups: owner", "Connection: close"]
    answer = raw_exchange(guarded.port, ("GET /tools/ HTTP/1.1\r\n" + "\r\n".join(lines) + "\r\n\r\n").encode())
    sent = json.loads(answer.partition(b"\r\n\r\n")[2])["headers"]
    assert [value for name, value in sent if name.lower() == "remote-user"] == ["owner@example.com"]
    assert token not in str(sent)


@pytest.mark.parametrize(["sent", "left"], [
    ("{session}", []), ("a=1; {session}; b=2", ["a=1; b=2"]), ("{session}; a=1", ["a=1"]), ("a=1; {session}", ["a=1"]),
    ("{session}; a=1; {session}", ["a=1"]), ("__Host-sessionid=x; {session}; sessionid2=y", ["sessionid2=y"]),
    ("{session}; csrftoken=x; known-browser=y; __Secure-known-browser=z; _xsrf=w", ["_xsrf=w"])])
def test_our_cookies_do_not_reach_the_site_and_others_do(guarded, sent, left):
    session = f"sessionid={guarded.owner.cookies['sessionid']}"
    fields = told(guarded.client().get("/tools/", headers={"Cookie": sent.format(session=session)}))
    assert fields.get("cookie", []) == left


def test_cookies_in_two_fields_are_looked_at_both(guarded):
    session = f"sessionid={guarded.owner.cookies['sessionid']}"
    lines = [f"Host: localhost:{guarded.port}", "Cookie: a=1", f"Cookie: {session}", "Cookie: b=2", "Connection: close"]
    answer = raw_exchange(guarded.port, ("GET /tools/ HTTP/1.1\r\n" + "\r\n".join(lines) + "\r\n\r\n").encode())
    sent = json.loads(answer.partition(b"\r\n\r\n")[2])["headers"]
    assert [value for name, value in sent if name.lower() == "cookie"] == ["a=1; b=2"]


def test_many_cookies_of_the_site_pass(guarded):
    others = "; ".join(f"c{number}={'v' * 200}" for number in range(30))
    session = f"sessionid={guarded.owner.cookies['sessionid']}"
    fields = told(guarded.client().get("/tools/", headers={"Cookie": f"{others}; {session}"}))
    assert fields["cookie"] == [others]


# What does not reach the browser.


def test_the_site_does_not_speak_for_the_host(guarded, member):
    guarded.behind.fields = [
        ("Service-Worker-Allowed", "/"), ("Clear-Site-Data", '"*"'), ("Strict-Transport-Security", "max-age=0"),
        ("X-Of-The-Site", "stays"), ("Content-Security-Policy", "default-src *"), ("Set-Cookie", "a=1; Path=/tools/"),
        ("Set-Cookie", "sessionid=planted; Path=/"), ("Set-Cookie", "_xsrf=2; Path=/tools/; SameSite=Lax")]
    answer = member.get("/tools/set")
    for name in ["Service-Worker-Allowed", "Clear-Site-Data", "Strict-Transport-Security", "Remote-User"]:
        assert name not in answer.headers
    assert answer.headers["X-Of-The-Site"] == "stays"
    assert answer.headers["Content-Security-Policy"] == "default-src *"
    # Over plain http no browser takes a cookie that is Secure.
    cookies = [value for name, value in answer.raw.headers.iteritems() if name.lower() == "set-cookie"]
    assert cookies == ["a=1; Path=/tools/", "sessionid=planted; Path=/; Secure", "_xsrf=2; Path=/tools/; SameSite=Lax"]


# Foreign pages.


@pytest.mark.parametrize("headers", [
    {}, {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"}, {"Sec-Fetch-Site": "none"}, {"Origin": "http://localhost"}])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "PROPFIND"])
def test_a_foreign_page_does_nothing_by_our_cookie(guarded, member, method, headers):
    before = len(guarded.behind.seen)
    answer = member.request(method, "/tools/", headers=headers, data=b"x")
    assert_json(answer, 403, "This request did not come from a page of this site.")
    assert_page_of_ours(member.request(method, "/tools/", headers={"Sec-Fetch-Mode": "navigate", **headers}), 403)
    assert len(guarded.behind.seen) == before, "it reached the site"


def test_at_the_gate_a_form_token_says_nothing(guarded, member):
    token = member.page("/user/account/").form("profile-form").fields["csrfmiddlewaretoken"]
    for headers in [{}, {"X-CSRFToken": token}]:
        assert_json(member.post("/tools/", {"csrfmiddlewaretoken": token}, headers=headers), 403)


@pytest.mark.parametrize("headers", [OURS, {"Origin": "URL"}, {"Origin": "URL", **OURS}])
def test_a_page_of_this_origin_does(guarded, member, headers):
    headers = {name: value.replace("URL", guarded.url) for name, value in headers.items()}
    answer = member.post("/tools/x", b"body", headers=headers)
    told(answer)
    assert (answer.json()["method"], answer.json()["body"]) == ("POST", "body")


@pytest.mark.parametrize("origin", [None, "https://evil.example", "null"])
def test_a_foreign_page_opens_no_web_socket(guarded, member, origin):
    before = len(guarded.behind.seen)
    for headers in [{"Origin": origin}, {"Origin": origin, "Upgrade": "WebSocket"}]:
        socket = guarded.socket(member, **headers)
        assert socket.status == 403
        assert json.loads(socket.body())["status_code"] == 403
    assert len(guarded.behind.seen) == before, "it reached the site"


def test_a_stranger_opens_no_web_socket(guarded):
    socket = guarded.socket(None, Origin=guarded.url)
    assert socket.status == 401
    assert json.loads(socket.body())["detail"] == "Authentication credentials were not provided."


# Long things.


def test_a_web_socket_passes(guarded, member):
    socket = guarded.socket(member, Origin=guarded.url)
    assert socket.status == 101
    for message in [b"", b"hello", os.urandom(60_000)]:
        assert socket.exchange(message) == message
    socket.close()
    token = guarded.token(guarded.owner)
    socket = guarded.socket(None, Authorization=f"Token {token}")
    assert socket.status == 101 and socket.exchange(b"x") == b"x"


@pytest.mark.parametrize("upgrade", ["h2c", "websocket, h2c", "TLS/1.0"])
def test_a_connection_becomes_nothing_else(guarded, member, upgrade):
    fields = told(member.get("/tools/", headers={"Upgrade": upgrade, "Connection": "Upgrade"}))
    assert not {"upgrade", "connection"} & set(fields)


@pytest.mark.parametrize("framing", [{"Transfer-Encoding": "chunked"}, {"Content-Length": str(100 << 20)}])
def test_a_large_upload_passes_as_it_comes(guarded, member, framing):
    piece, digest, waited = os.urandom(1 << 20), hashlib.sha256(), []

    def body():
        for number in range(100):
            digest.update(piece)
            yield piece
            if number == 40:
                # No file on the way holds it back: some has arrived before the rest is sent.
                waited.append(wait_until(lambda: guarded.behind.arrived > 10 << 20, 60, "the first bytes"))

    connection = http.client.HTTPConnection("localhost", guarded.port, timeout=120)
    connection.request(
        "POST", "/tools/upload", body(), {"Cookie": guarded.cookie(member), **OURS, **framing},
        encode_chunked="Transfer-Encoding" in framing)
    answer = json.loads(connection.getresponse().read())
    connection.close()
    assert answer == {"bytes": 100 << 20, "sha256": digest.hexdigest()}
    assert waited == [True]


def test_a_stranger_uploads_nothing(guarded):
    before = len(guarded.behind.seen)
    answer = guarded.client().request("POST", "/tools/upload", data=b"x" * (8 << 20))
    assert_json(answer, 401)
    assert len(guarded.behind.seen) == before


@pytest.mark.parametrize("framing", ["chunked", "close"])
def test_a_stream_passes_as_it_comes(guarded, member, framing):
    guarded.behind.go_on.clear()
    answer = member.get(f"/tools/events?{framing}", stream=True)
    lines = answer.iter_lines()
    assert next(lines) == b"data: first"
    guarded.behind.go_on.set()
    assert [line for line in lines if line] == [b"data: second"]


def test_a_web_socket_that_is_open_ends_when_nginx_is_told_to_reload(workshop):
    """nginx asks before a WebSocket begins and not again: docs/gate.md says so."""
    guarded = Guarded(workshop)
    try:
        member = guarded.member("member@example.com")
        socket = guarded.socket(member, Origin=guarded.url)
        assert socket.exchange(b"x") == b"x"
        guarded.command("user", "remove", "member@example.com")
        assert guarded.socket(member, Origin=guarded.url).status == 401
        assert socket.exchange(b"x") == b"x"
        guarded.nginx.send(signal.SIGHUP)
        socket.socket.settimeout(60)
        # worker_shutdown_timeout
        assert socket.file.read(1) == b""
        assert guarded.owner.get("/tools/").status_code == 200
    finally:
        guarded.behind.close()


# The end of it, for the very next request.


def log_out(guarded, member, email):
    assert member.log_out().status_code == 302


def remove(guarded, member, email):
    guarded.command("user", "remove", email)


def deactivate(guarded, member, email):
    guarded.command("user", "deactivate", email)


def end_sessions(guarded, member, email):
    guarded.command("sessions", "end", email)


def end_all(guarded, member, email):
    guarded.command("sessions", "end", "--all")


def reset_password(guarded, member, email):
    guarded.command("reset_password", "--username", email, given="another good password\n")


@pytest.mark.parametrize("act", [log_out, remove, deactivate, end_sessions, end_all, reset_password])
def test_what_ends_a_session_ends_it_at_the_gate_for_the_next_request(guarded, act):
    email = f"gone-{os.urandom(4).hex()}@example.com"
    member = guarded.member(email)
    copy = guarded.client()
    copy.session.cookies.update(member.cookies)
    # Many before: nothing of what was answered may be remembered.
    for _ in range(20):
        assert copy.get("/tools/").status_code == 200
    act(guarded, member, email)
    assert_json(copy.get("/tools/"), 401)
    assert copy.get("/files/page.html", headers=PAGE).status_code == 302
    if act is end_all:
        assert guarded.owner.log_in("owner@example.com").status_code == 302


@pytest.mark.parametrize("act", ["remove", "deactivate", "reset"])
def test_a_token_that_is_revoked_opens_nothing(guarded, act):
    email = f"token-{os.urandom(4).hex()}@example.com"
    member = guarded.member(email)
    headers = {"Authorization": f"Token {guarded.token(member)}"}
    assert guarded.client().get("/tools/", headers=headers).status_code == 200
    if act == "reset":
        assert member.submit("/user/account/token/reset", {}).status_code == 302
    else:
        guarded.command("user", act, email)
    assert_json(guarded.client().get("/tools/", headers=headers), 401)


# No way around it.


def test_no_browser_reaches_the_question(guarded, member):
    for path in ["/label-studio-gate", "/tools/../label-studio-gate", "/label-studio-gate/"]:
        for client in [guarded.client(), member]:
            answer = client.get(path, headers={"LABEL_STUDIO_GATE": "page", "LABEL-STUDIO-GATE": "page"})
            assert answer.status_code == 404, path
            assert "Remote-User" not in answer.headers
    for path in ["/-/accounts/gate", "/user/login/"]:
        answer = member.get(path, headers={"LABEL-STUDIO-GATE": "page", "Label_Studio_Gate": "page"})
        assert answer.status_code != 204 and "Remote-User" not in answer.headers


@pytest.mark.parametrize("path", [
    "/tools/../tools/", "/TOOLS/", "/tools%2F", "//tools/", "/./tools/", "/x/../tools/", "/tools", "/files/../tools/x"])
def test_no_spelling_of_a_path_leads_around_it(guarded, path):
    before = len(guarded.behind.seen)
    request = f"GET {path} HTTP/1.1\r\nHost: localhost:{guarded.port}\r\nConnection: close\r\n\r\n"
    status = int(raw_exchange(guarded.port, request.encode()).split()[1])
    assert status in (301, 302, 400, 401, 404), status
    assert len(guarded.behind.seen) == before


def test_a_site_of_its_own_pages_is_not_touched_by_a_gate_around_it(workshop):
    """gate.conf in the server: everything is guarded but our own pages."""
    guarded = Guarded(workshop, extra="{gate} location /more/ {{ proxy_pass http://127.0.0.1:{port}/; }}")
    try:
        stranger = guarded.client()
        answer = stranger.get("/more/x", headers=PAGE)
        assert answer.headers["Location"] == "/user/login/?next=/more/x"
        assert stranger.page("/user/login/").form("login-form")
        assert stranger.get("/static/app.css").status_code == 200
        assert stranger.get("/%00").status_code == 400
        assert_json(stranger.get("/more/"), 401)
        fields = told(guarded.owner.get("/more/", headers=FORGED))
        assert fields["remote-user"] == ["owner@example.com"] and "cookie" not in fields
    finally:
        guarded.behind.close()


def test_the_way_in_for_an_ml_backend_is_for_programs_and_their_data_only(workshop, guarded):
    """As docs/gate.md has it."""
    text = (REPOSITORY / "docs/gate.md").read_text().partition("## ML backends")[2]
    block = re.search(r"(?m)^    server \{\n(?:.*\n)*?    \}\n", text).group()
    ports = {}

    def served(backend):
        ports[backend] = free_port()
        return block.replace("10.0.0.5:8082", f"127.0.0.1:{ports[backend]}").replace("10.0.0.9", backend).replace(
            "127.0.0.1:8081", f"127.0.0.1:{guarded.behind.port}")

    workshop.nginx(served("127.0.0.1") + served("192.0.2.1"))
    wait_until(lambda: all(is_reached(port) for port in ports.values()), what="nginx")
    client = Client(f"http://127.0.0.1:{ports['127.0.0.1']}")
    token = {"Authorization": "Token abc", "Cookie": "sessionid=x"}
    for path in ["/api/tasks/1/", "/api/version", "/data/upload/1/a.png", "/storage-data/uploaded/?filepath=a"]:
        fields = told(client.get(path, headers=token))
        assert fields["authorization"] == ["Token abc"] and "cookie" not in fields
        for other in [{}, {"Authorization": "Bearer abc"}, {"Cookie": "sessionid=x"}]:
            assert client.get(path, headers=other).status_code == 401
    for path in ["/", "/projects/", "/user/login/", "/api", "/api/users/1/", "/api/organizations/1/memberships",
                 "/api/token/", "/api/current-user/token", "/data", "/API/tasks/", "/api/../admin/"]:
        assert client.get(path, headers=token).status_code == 403, path
    stranger = Client(f"http://127.0.0.1:{ports['192.0.2.1']}")
    assert stranger.get("/api/tasks/1/", headers=token).status_code == 403


# Faults.


def test_without_the_responder_nobody_gets_in(workshop):
    guarded = Guarded(workshop)
    try:
        assert guarded.owner.get("/tools/").status_code == 200
        guarded.responder.stop(signal.SIGKILL)
        before = len(guarded.behind.seen)
        assert_page_of_ours(guarded.owner.get("/tools/", headers=PAGE), 503)
        answer = guarded.owner.get("/tools/")
        assert_json(answer, 503)
        assert answer.headers["Retry-After"] == "5"
        assert_json(guarded.owner.post("/tools/", b"x", headers=OURS), 503)
        assert guarded.socket(guarded.owner, Origin=guarded.url).status == 503
        assert guarded.owner.get("/files/page.html", headers=PAGE).status_code == 503
        assert len(guarded.behind.seen) == before
    finally:
        guarded.behind.close()


def test_a_database_that_cannot_be_read_lets_nobody_in(workshop):
    guarded = Guarded(workshop)
    try:
        assert guarded.owner.get("/tools/").status_code == 200
        with contextlib.closing(sqlite3.connect(guarded.data / "accounts.sqlite3")) as database:
            database.execute("ALTER TABLE session RENAME TO gone")
        assert_page_of_ours(guarded.owner.get("/tools/", headers=PAGE), 503)
        assert_json(guarded.owner.get("/tools/"), 503)
    finally:
        guarded.behind.close()


def test_who_guesses_tokens_waits(workshop):
    guarded = Guarded(workshop, limited=True)
    try:
        good = {"Authorization": f"Token {guarded.token(guarded.owner)}"}
        assert guarded.client().get("/tools/", headers=good).status_code == 200
        answers = [guarded.client().get("/tools/", headers={"X-Api-Key": f"guess-{number}"}) for number in range(55)]
        assert_json(answers[0], 401)
        assert_json(answers[-1], 429)
        assert answers[-1].headers["Retry-After"]
        assert guarded.client().get("/tools/", headers=good).status_code == 200
    finally:
        guarded.behind.close()


def test_nginx_keeps_its_connections_to_the_gate(workshop):
    directory = workshop.directory()
    gate = CountingGate(directory / "s")
    (directory / "page.html").write_text("<h1>guarded</h1>")
    include = f"include {workshop.installation}/nginx/gate.conf;"
    nginx = workshop.in_front(
        directory / "s", f"127.0.0.1:{free_port()}", extra=f"location /files/ {{ {include} alias {directory}/; }}")
    client = Client(f"http://127.0.0.1:{nginx.port}")
    for _ in range(50):
        assert client.get("/files/page.html").text == "<h1>guarded</h1>"
    assert gate.requests == 50
    # nginx ends one after half a second: there may be some, where all is slow.
    assert gate.connections <= 10


# Over TLS, and at a sub-path.


@pytest.mark.parametrize("settings", [{}, {"LABEL_STUDIO_HOST": ""}])
def test_over_tls_the_cookie_has_its_own_name_and_no_site_sets_it(workshop, settings):
    guarded = Guarded(workshop, tls=True, settings=settings)
    try:
        assert list(guarded.owner.cookies) and "__Host-sessionid" in guarded.owner.cookies
        fields = told(guarded.owner.get("/tools/", headers={"Origin": guarded.url}))
        assert "cookie" not in fields and fields["x-forwarded-proto"] == ["https"]
        session = guarded.owner.cookies["__Host-sessionid"]
        assert_json(guarded.client().get("/tools/", headers={"Cookie": f"sessionid={session}"}), 401)
        guarded.behind.fields = [
            ("Set-Cookie", "__Host-sessionid=planted; Secure; Path=/; HttpOnly"), ("Set-Cookie", "sessionid=its; Secure"),
            ("Set-Cookie", "__Host-other=its; Secure; Path=/")]
        told(guarded.owner.post("/tools/", b"x", headers={"Origin": guarded.url}))
        answer = guarded.owner.get("/tools/set")
        cookies = [value for name, value in answer.raw.headers.iteritems() if name.lower() == "set-cookie"]
        # Browsers refuse the first: a name with that prefix demands Secure.
        assert cookies == ["__Host-sessionid=planted; Path=/; HttpOnly", "sessionid=its; Secure",
                           "__Host-other=its; Secure; Path=/"]
    finally:
        guarded.behind.close()


def test_what_a_proxy_that_is_trusted_has_seen_counts(workshop):
    settings = {"LABEL_STUDIO_HOST": "", "LABEL_STUDIO_TRUSTED_PROXIES": "127.0.0.1"}
    guarded = Guarded(workshop, settings=settings)
    try:
        proxied = {
            "X-Forwarded-Proto": "https", "X-Forwarded-Host": "labels.example", "X-Forwarded-For": "198.51.100.7",
            "Cookie": f"__Host-sessionid={guarded.owner.cookies['sessionid']}"}
        client = guarded.client()
        assert told(client.get("/tools/", headers=proxied))["x-forwarded-proto"] == ["https"]
        assert client.post("/tools/", b"x", headers={**proxied, "Origin": "https://labels.example"}).status_code == 200
        assert_json(client.post("/tools/", b"x", headers={**proxied, "Origin": guarded.url}), 403)
        assert log_lines(guarded.responder, "foreign-request")[-1].fields["from"] == "198.51.100.7"
    finally:
        guarded.behind.close()


@pytest.mark.parametrize("tls", [False, True])
def test_at_a_sub_path(workshop, tls):
    guarded = Guarded(workshop, prefix="/labels", tls=tls)
    try:
        stranger = guarded.client()
        answer = stranger.get("/labels/files/page.html", headers=PAGE)
        assert answer.headers["Location"] == "/labels/user/login/?next=/labels/files/page.html"
        back = stranger.log_in("owner@example.com", query=answer.headers["Location"].partition("/user/login/")[2])
        assert back.headers["Location"] == "/labels/files/page.html"
        assert stranger.get("/labels/files/page.html").text == "<h1>guarded</h1>"
        # Beside it the session is known over TLS only, and nobody goes round in circles.
        beside = stranger.get("/tools/", headers=PAGE)
        assert beside.status_code == (200 if tls else 302)
        away = guarded.client().get("/tools/?x", headers=PAGE).headers["Location"]
        assert away == f"/labels/user/login/?next={'/tools/%3Fx' if tls else '/labels/'}"
    finally:
        guarded.behind.close()


def test_who_does_not_get_in_has_a_line_in_the_log_and_who_does_has_none(guarded, member):
    member.get("/tools/passes?token=secret")
    member.post("/tools/forged?token=secret", b"x", headers={"Origin": "https://evil.example"})
    guarded.client().get("/tools/refused?token=secret")

    def lines():
        found = log_lines(guarded.responder, "request")
        return [(line.fields["method"], line.fields["path"], line.fields["status"])
                for line in found if line.fields["path"].startswith(("/tools/passes", "/tools/forged", "/tools/refused"))]

    wait_until(lambda: len(lines()) == 2, what="two lines")
    assert lines() == [("POST", "/tools/forged", "403"), ("GET", "/tools/refused", "401")]
    foreign = log_lines(guarded.responder, "foreign-request")[-1].fields
    assert (foreign["path"], foreign["received"]) == ("/tools/forged", "https://evil.example")
    assert foreign["from"] == "127.0.0.1"
    assert "secret" not in guarded.responder.errors


# In a real Chromium.


SOCKET = """
    const [address, done] = arguments, socket = new WebSocket(address);
    socket.onopen = () => socket.send("hello");
    socket.onmessage = message => message.data.text().then(done);
    socket.onerror = () => done("refused");"""
POST = """
    const [address, options, done] = arguments;
    fetch(address, {method: "POST", body: "b", credentials: "include", ...options})
        .then(answer => done(answer.type + " " + answer.status), error => done("" + error));"""


@pytest.mark.browser
def test_a_browser_logs_in_on_the_way_and_no_site_takes_its_session(workshop, browsers):
    guarded = Guarded(workshop, tls=True)
    try:
        guarded.behind.fields = [
            ("Set-Cookie", "__Host-sessionid=planted; Secure; Path=/"),
            ("Set-Cookie", "__Host-sessionid=; Secure; Path=/; Max-Age=0"), ("Set-Cookie", "theirs=1; Path=/; Secure")]
        browser = browsers()
        browser.open(f"{guarded.url}/tools/set?a=b&c=d")
        assert browser.heading == "Log in"
        browser.fill(email="owner@example.com", password=PASSWORD)
        browser.follow("Log in")
        assert browser.driver.current_url == f"{guarded.url}/tools/set?a=b&c=d"
        assert guarded.behind.seen == ["/set?a=b&c=d"]
        cookies = {cookie["name"]: cookie["value"] for cookie in browser.driver.get_cookies()}
        assert cookies["theirs"] == "1" and len(cookies["__Host-sessionid"]) == 43
        browser.open(f"{guarded.url}/files/page.html")
        assert browser.heading == "guarded"
        address = f"wss://localhost:{guarded.port}/tools/socket"
        assert browser.driver.execute_async_script(SOCKET, address) == "hello"
        assert browser.driver.execute_async_script(POST, f"{guarded.url}/tools/x", {}) == "basic 200"
    finally:
        guarded.behind.close()


@pytest.mark.browser
def test_a_page_of_another_origin_does_nothing_in_a_browser(workshop, browsers):
    guarded = Guarded(workshop)
    try:
        browser = browsers()
        browser.open(f"{guarded.url}/tools/x")
        browser.fill(email="owner@example.com", password=PASSWORD)
        browser.follow("Log in")
        assert browser.driver.current_url == f"{guarded.url}/tools/x"
        # Another port is another origin, but the same site: the cookie is sent.
        browser.open(f"http://localhost:{guarded.behind.port}/foreign")
        guarded.behind.seen.remove("/x")
        browser.driver.execute_async_script(POST, f"{guarded.url}/tools/x", {"mode": "no-cors"})
        address = f"ws://localhost:{guarded.port}/tools/socket"
        assert browser.driver.execute_async_script(SOCKET, address) == "refused"
        assert not {"/x", "/socket"} & set(guarded.behind.seen)
        refused = [line.fields["path"] for line in log_lines(guarded.responder, "foreign-request")]
        assert refused == ["/tools/x", "/tools/socket"], "no cookie was sent"
    finally:
        guarded.behind.close()


def test_a_site_cannot_have_nginx_answer_from_what_is_for_nginx_alone(guarded, member):
    """The answers to nginx's own questions have who somebody is, and what lets him in elsewhere."""
    for place in ["/label-studio-gate/labeling-server", "/label-studio-gate", "/label-studio-error/403.html",
                  "@label_studio_refused"]:
        guarded.behind.fields = [("X-Accel-Redirect", place), ("X-Accel-Limit-Rate", "1")]
        answer = member.get("/tools/set")
        assert (answer.status_code, answer.text) == (200, "{}"), place
        assert not [name for name in answer.headers if name.lower().startswith(("gate-", "remote-"))], place

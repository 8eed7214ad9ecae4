"""The site for the system's nginx, as it is shipped (issue 5, point 2): TLS, HTTP/2,
HSTS, limits, slow clients, proxies in front, neighbours and guarded sites."""

import concurrent.futures
import json
import os
import pathlib
import re
import signal
import ssl
import subprocess
import sys
import time

import pytest
from pictures import png, size
from site_under_test import (
    PASSWORD, REPOSITORY, Client, Page, cookie_attributes, free_port, is_reached, log_lines, raw_exchange, wait_until)
from system_nginx import SystemNginx, for_nginx

HSTS = "max-age=63072000"
MEBIBYTE = 1 << 20
FORM = ["-H", "Sec-Fetch-Site: same-origin"]


def begin(workshop, *edits, prefix="", sites=(), **settings):
    """The shipped site in front of a responder that was told its address."""
    nginx = SystemNginx(workshop)
    settings = {"LABEL_STUDIO_HOST": nginx.url + prefix, **settings}
    nginx.responder = for_nginx(workshop.fastcgi(**settings))
    return nginx.start(**{"label-studio": nginx.shipped(nginx.responder, *edits), **dict(sites)})


@pytest.fixture(scope="module")
def production(module_workshop):
    nginx = begin(module_workshop)
    assert nginx.client().sign_up("owner@example.com").status_code == 302
    return nginx


@pytest.fixture
def owner(production):
    client = production.client()
    assert client.log_in("owner@example.com").status_code == 302
    return client


# The files are good.


def test_nginx_takes_the_files_without_a_warning(production):
    result = production.check()
    assert result.returncode == 0, result.stderr
    assert "[" not in result.stderr, result.stderr


def gixy(file):
    # It goes through sets: with some seeds it takes no note of what the site includes.
    return subprocess.run(
        [pathlib.Path(sys.executable).parent / "gixy", "--no-default-vars", file],
        env={**os.environ, "PYTHONHASHSEED": "1"}, capture_output=True, text=True, timeout=120, check=False)


def alone(production, text):
    """A configuration that holds nothing but the site: what Debian's own nginx.conf
    allows is not ours to judge."""
    directory = production.workshop.directory()
    (directory / "site").write_text(text)
    (directory / "nginx.conf").write_text(f"events {{}}\nhttp {{\n    include {directory}/site;\n}}\n")
    return directory / "nginx.conf"


def test_gixy_finds_nothing_in_the_site(production):
    text = production.shipped(production.responder)
    result = gixy(alone(production, text))
    assert (result.returncode, result.stdout.count("No issues found")) == (0, 1), result.stdout


def test_gixy_finds_nothing_in_a_guarded_location(production):
    text = production.shipped(production.responder, (
        "    location / {\n        include",
        f"    location /tools/ {{ include {production.nginx_files}/gate.conf; proxy_pass http://127.0.0.1:9; }}\n"
        "    location / {\n        include"))
    assert text.count("proxy_pass http://127.0.0.1:9;") == 1
    result = gixy(alone(production, text))
    assert (result.returncode, result.stdout.count("No issues found")) == (0, 1), result.stdout


def test_gixy_would_find_something(production):
    text = production.shipped(production.responder, ("https://$host$request_uri", "https://$http_host$uri"))
    result = gixy(alone(production, text))
    assert result.returncode != 0 and "http_splitting" in result.stdout, result.stdout


def test_gixy_finds_nothing_in_what_start_writes(workshop):
    site = workshop.start(LABEL_STUDIO_THROTTLE="on")
    text = (site.data / "nginx/nginx.conf").read_text()
    assert "limits.conf" in text
    result = gixy(site.data / "nginx/nginx.conf")
    assert (result.returncode, result.stdout.count("No issues found")) == (0, 1), result.stdout


def test_start_and_the_site_include_the_same_files(workshop, production):
    site = workshop.start(LABEL_STUDIO_THROTTLE="on")

    def included(text):
        return set(re.findall(rf"(?m)^ *include +\"?{production.nginx_files}/([a-z-]+\.conf)", text))

    shipped = included(production.shipped(production.responder))
    # What is guarded says the operator.
    assert shipped == {path.name for path in production.nginx_files.glob("*.conf")} - {
        "gate.conf", "labeling-server.conf", "worker-shutdown.conf"}
    # TLS is for whoever has the certificate.
    assert included((site.data / "nginx/nginx.conf").read_text()) == shipped - {"tls.conf"}


def test_start_and_the_site_leave_the_same_addresses_to_a_labeling_server(workshop):
    key = workshop.directory() / "key"
    key.write_text("SECRET_KEY=of-nobody\n")
    site = workshop.start("--upstream", "http://127.0.0.1:9", "--upstream-env-file", key)

    def ours(text):
        return re.search(r'location ~ "(\^/\(\?:user\|[^"]+)"', text).group(1)

    shipped = (REPOSITORY / "nginx/label-studio.site").read_text()
    assert ours((site.data / "nginx/nginx.conf").read_text()) == ours(shipped)


# Plain http leads to https.


@pytest.mark.parametrize("method", ["GET", "POST", "HEAD"])
@pytest.mark.parametrize("path", ["/", "/user/signup/?token=x&next=/a%20b", "/static/app.css", "/api/invite", "//evil.example/"])
def test_plain_http_leads_to_the_same_address_over_https(production, method, path):
    request = f"{method} {path} HTTP/1.1\r\nHost: labels.example.org\r\nConnection: close\r\n\r\n"
    head = raw_exchange(production.plain, request.encode()).partition(b"\r\n\r\n")[0].decode().split("\r\n")
    assert head[0] == "HTTP/1.1 301 Moved Permanently"
    fields = dict(line.split(": ", 1) for line in head[1:])
    assert fields["Location"] == f"https://labels.example.org{path}"
    assert fields["Server"] == "nginx"
    # RFC 6797, 7.2: not over plain http.
    assert "Strict-Transport-Security" not in fields


def test_what_certbot_leaves_for_the_authority_is_served_by_plain_http(production):
    (production.directory / "html/.well-known/acme-challenge/abc").write_text("proof")
    answer = Client(f"http://localhost:{production.plain}").get("/.well-known/acme-challenge/abc")
    assert (answer.status_code, answer.text) == (200, "proof")
    assert "Strict-Transport-Security" not in answer.headers


def test_plain_http_to_the_port_of_tls_gets_our_page_without_hsts(production):
    answer = raw_exchange(production.secure, b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 400 ") and b"We could not read that" in answer
    assert b"strict-transport" not in answer.lower()


# HTTP/2, IPv6.


@pytest.mark.parametrize(["option", "protocol"], [("--http2", "HTTP/2"), ("--http1.1", "HTTP/1.1")])
def test_both_protocols_are_spoken(production, option, protocol):
    answer = production.curl("/user/login/", option)
    assert (answer.protocol, answer.status_code) == (protocol, 200)
    assert b"</html>" in answer.body


@pytest.mark.parametrize("family", ["-4", "-6"])
def test_a_person_signs_up_over_http_2(production, family):
    jar = production.directory / f"jar{family}"
    options = ["--http2", family, "-b", jar, "-c", jar]
    assert production.curl("/user/signup/", *options).status_code == 200
    email = f"h2{family}@example.com"
    answer = production.curl(
        "/user/signup/", *options, *FORM, "--data-urlencode", f"email={email}", "--data-urlencode",
        f"password={PASSWORD}")
    assert (answer.protocol, answer.status_code, answer.field("location")) == ("HTTP/2", 302, "/?welcome=yes")
    answer = production.curl("/user/account/", *options)
    assert answer.status_code == 200 and email.encode() in answer.body
    line = log_lines(production.responder, "signed-up")[-1]
    assert line.fields["from"] == {"-4": "127.0.0.1", "-6": "::1"}[family]


def test_the_session_cookie_has_the_host_prefix(production):
    answer = production.client().log_in("owner@example.com")
    _, attributes = cookie_attributes(answer, "__Host-sessionid")
    assert attributes["Secure"] and attributes["HttpOnly"] and attributes["Path"] == "/"


def test_photos_come_and_are_served(production, owner):
    headers = {"Sec-Fetch-Site": "same-origin"}
    number = owner.get("/api/current-user/whoami").json()["id"]
    photo = png().ljust(MEBIBYTE, b"\0")
    answer = owner.post(f"/api/users/{number}/avatar/", files={"avatar": ("a.png", photo, "image/png")}, headers=headers)
    assert answer.status_code == 200, answer.text
    address = owner.get("/api/current-user/whoami").json()["avatar"]
    answer = production.client().get(address.removeprefix(production.url))
    assert (answer.status_code, size(answer.content)) == (200, (60, 40))
    assert answer.headers["Strict-Transport-Security"] == HSTS


# TLS.


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
@pytest.mark.parametrize(["version", "is_spoken"], [
    (ssl.TLSVersion.TLSv1, False), (ssl.TLSVersion.TLSv1_1, False), (ssl.TLSVersion.TLSv1_2, True),
    (ssl.TLSVersion.TLSv1_3, True)])
def test_tls_1_2_is_the_oldest(production, version, is_spoken):
    assert (production.handshake(version) is not None) is is_spoken


@pytest.mark.parametrize(["cipher", "is_taken"], [
    ("ECDHE-ECDSA-AES128-GCM-SHA256", True), ("ECDHE-ECDSA-CHACHA20-POLY1305", True),
    ("ECDHE-ECDSA-AES256-GCM-SHA384", True), ("ECDHE-ECDSA-AES128-SHA", False), ("ECDHE-ECDSA-AES256-SHA384", False),
    ("ECDHE-ECDSA-AES128-CCM8", False), ("AECDH-AES128-SHA", False)])
def test_only_modern_ciphers_are_taken(production, cipher, is_taken):
    agreed = production.handshake(ssl.TLSVersion.TLSv1_2, cipher + ":@SECLEVEL=0")
    assert agreed == (cipher if is_taken else None)


def test_no_session_ticket_is_handed_out(production):
    result = subprocess.run(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{production.secure}", "-servername", "localhost", "-tls1_2"],
        input="", capture_output=True, text=True, timeout=20, check=False)
    assert "Protocol  : TLSv1.2" in result.stdout and re.search(r"Session-ID: [0-9A-F]{64}", result.stdout)
    assert "TLS session ticket" not in result.stdout


# HSTS on every answer of ours.


ANSWERS = [
    ("GET", "/user/login/", 200), ("HEAD", "/user/login/", 200), ("GET", "/", 302), ("GET", "/nothing", 404),
    ("DELETE", "/user/login/", 405), ("POST", "/user/login/", 403), ("GET", "/user/signup/?token=x", 403),
    ("GET", "/api/invite", 401), ("GET", "/api/version", 200), ("GET", "/health", 200), ("GET", "/static/app.css", 200),
    ("GET", "/static/0123456789abcdef/app.css", 200), ("GET", "/static/none.css", 404), ("PUT", "/static/app.css", 405),
    ("GET", "/static/0123456789abcdef/none.css", 404), ("GET", "/favicon.ico", 302),
    ("GET", "/data/avatars/00000000-00000000000000000000000000000000.png", 404), ("TRACE", "/", 405),
    ("GET", "/label-studio-error/502.html", 404), ("GET", "/api/static/none.css", 404)]


@pytest.mark.parametrize(["method", "path", "status"], ANSWERS)
def test_every_answer_has_hsts_once(production, method, path, status):
    how = ["-I"] if method == "HEAD" else ["-X", method]
    for protocol in ["--http1.1", "--http2"]:
        answer = production.curl(path, *how, protocol)
        assert answer.status_code == status
        assert answer.all("strict-transport-security") == [HSTS]
        assert answer.all("server") == ["nginx"]
        assert status != 302 or answer.field("location").startswith("/")
        assert len(answer.all("x-content-type-options")) == (0 if path == "/favicon.ico" else 1)


def test_start_never_sends_hsts(workshop):
    site = workshop.start()
    for path in ["/user/login/", "/static/app.css", "/static/none.css", "/nothing", "/favicon.ico"]:
        answer = site.client().get(path, headers={"X-Forwarded-Proto": "https"})
        assert "Strict-Transport-Security" not in answer.headers


# The HTTP Observatory, by its own table (BAR.md).


def observatory(production):
    """The points of the log-in page, and what each test gave; 155 is the most for
    a host that is in no list of preloaded ones and without subresource integrity."""
    answer = production.curl("/user/login/", "--http2")
    policy = dict(part.strip().split(" ", 1) for part in answer.field("content-security-policy").split(";"))
    redirect = production.curl("/", "-X", "GET", origin=f"http://localhost:{production.plain}")
    cookies = [field.lower().split("; ") for field in answer.all("set-cookie")]
    assert cookies
    age = int(re.match(r"max-age=(\d+)", answer.field("strict-transport-security")).group(1))
    scripts = [attributes["src"] for tag, attributes in page(answer).tags if tag == "script"]
    return {
        "csp": 10 if policy["default-src"] == "'none'" and "unsafe" not in str(policy) and "data:" not in str(policy)
        and policy["form-action"] in ("'self'", "'none'") else -25,
        "frames": 5 if policy["frame-ancestors"] == "'none'" else -20,
        "cookies": 5 if all("secure" in cookie and "samesite=lax" in cookie for cookie in cookies) else -40,
        "hsts": 0 if age >= 15_768_000 else -10,
        "redirection": 0 if redirect.field("location").startswith("https://localhost/") else -20,
        "referrer": 5 if answer.field("referrer-policy") in ("no-referrer", "same-origin", "strict-origin") else -5,
        "nosniff": 0 if answer.field("x-content-type-options") == "nosniff" else -5,
        "corp": 10 if answer.field("cross-origin-resource-policy") in ("same-origin", "same-site") else -5,
        "coop": 10 if answer.field("cross-origin-opener-policy") == "same-origin" else -5,
        "coep": 10 if answer.field("cross-origin-embedder-policy") in ("require-corp", "credentialless") else -5,
        "sri": 0 if all(re.match(r"/[^/]", source) for source in scripts) else -50,
        "cors": 0 if not answer.all("access-control-allow-origin") else -50,
    }


class Text:
    def __init__(self, answer):
        self.text, self.status_code = answer.body.decode(), answer.status_code


def page(answer):
    return Page(Text(answer))


def test_the_observatory_gives_the_log_in_page_all_points_that_a_new_host_can_have(production):
    points = observatory(production)
    assert sum(points.values()) + 100 == 155, points


def test_pages_are_not_compressed_and_files_are(production, owner):
    """Debian's nginx.conf says gzip on; a page with a secret must not be (BREACH)."""
    gzip = {"Accept-Encoding": "gzip"}
    for path in ["/user/login/", "/user/account/", "/organization/invite", "/nothing"]:
        assert "Content-Encoding" not in owner.get(path, headers=gzip).headers
    assert owner.get("/static/app.css", headers=gzip).headers["Content-Encoding"] == "gzip"


# Slow and too large.


def answered_at_once(production):
    began = time.monotonic()
    assert production.client().get("/user/login/").status_code == 200
    return time.monotonic() - began


def test_a_client_that_sends_its_request_drop_by_drop_is_cut_and_keeps_nobody_waiting(production):
    head = b"POST /user/login/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n"
    beginnings = {"header": head, "body": head + b"Content-Length: 1000\r\n\r\nabc"}

    def cut(kind):
        """How long a connection lives whose header comes in drops, or whose body stops."""
        with production.connection() as connection:
            connection.sendall(beginnings[kind])
            connection.settimeout(0.5)
            began = time.monotonic()
            while time.monotonic() - began < 90:
                try:
                    if not connection.recv(4096):
                        break
                except TimeoutError:
                    if kind == "header":
                        with_errors_ignored(connection.sendall, b"X-Drop: 1\r\n")
                except OSError:
                    break
            return time.monotonic() - began

    with concurrent.futures.ThreadPoolExecutor(60) as pool:
        waits = [pool.submit(cut, kind) for kind in ["header", "body"] * 30]
        time.sleep(1)
        others = [answered_at_once(production) for _ in range(10)]
        lives = [wait.result() for wait in waits]
    assert max(others) < 5
    assert all(10 < life < 45 for life in lives), sorted(lives)


def with_errors_ignored(act, *arguments):
    try:
        act(*arguments)
    except OSError:
        pass


@pytest.mark.parametrize("path", ["/user/login/", "/api/invite"])
@pytest.mark.parametrize(["fault", "status"], [
    ("GET {path} HTTP/1.1\r\nHost: localhost\r\nX: " + "x" * 9_000 + "\r\n\r\n", 400),
    ("GET {path} HTTP/1.1\r\nHost: localhost\r\n" + ("X: " + "x" * 8_000 + "\r\n") * 5 + "\r\n", 400),
    ("GET {path}?" + "x" * 9_000 + " HTTP/1.1\r\nHost: localhost\r\n\r\n", 414),
    ("GET {path} HTTP/1.1\r\n\r\n", 400),
    ("GET {path} HTTP/7.1\r\nHost: localhost\r\n\r\n", 505),
    ("POST {path} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: strange\r\n\r\n", 501)])
def test_a_request_that_nginx_refuses_gets_our_own_answer(production, path, fault, status):
    answer = production.exchange(fault.replace("{path}", path).encode())
    # Of a line that it cannot read nginx knows no address.
    assert_is_ours(answer, status, is_json=path.startswith("/api") and status not in (414, 505))


# A UUID (RFC 9562, version 4).
REFERENCE = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}"


def assert_is_ours(answer, status, is_json):
    assert answer.status_code == status, answer.body
    assert answer.all("strict-transport-security") == [HSTS]
    assert answer.all("cache-control") == ["no-store"]
    assert answer.all("x-content-type-options") == ["nosniff"]
    assert b"<center>" not in answer.body and b"nginx" not in answer.body
    if is_json:
        assert answer.field("content-type") == "application/json"
        error = json.loads(answer.body)
        assert error["status_code"] == status and error["detail"] and error["exc_info"] is None
        assert re.fullmatch(REFERENCE, error["id"])
    else:
        assert answer.field("content-type") == "text/html; charset=utf-8"
        assert b"<!DOCTYPE html>" in answer.body and b"Go to the home page" in answer.body
        assert f'<p class="status">{status}</p>'.encode() in answer.body
        assert re.search(f"Reference: <code>{REFERENCE}</code>".encode(), answer.body)
        assert b"<!--" not in answer.body and b"error occurred" not in answer.body


@pytest.mark.parametrize("header", ["X: " + "x" * 40_000, "Cookie: a=" + "x" * 40_000])
def test_large_header_fields_do_not_reach_the_responder_by_http_2_either(production, header):
    """nginx 1.22 answers nothing then: it ends the stream."""
    path = f"/nothing/large-{header[0]}"
    result = subprocess.run(
        ["curl", "-q", "-sS", "--http2", "--cacert", production.certificate, "-H", header, production.url + path],
        capture_output=True, timeout=60, check=False)
    assert result.returncode != 0 and not result.stdout
    assert production.curl("/user/login/", "--http2").status_code == 200
    assert path not in production.responder.errors


@pytest.mark.parametrize("protocol", ["--http2", "--http1.1"])
@pytest.mark.parametrize("size", [MEBIBYTE + 1, 8 * MEBIBYTE])
@pytest.mark.parametrize("path", ["/user/login/", "/api/users/", "/user/account/photo/", "/api/users/1/avatar/"])
def test_a_body_over_the_limit_of_nginx_gets_our_own_answer(production, protocol, size, path):
    if "photo" in path or "avatar" in path:
        size += 3 * MEBIBYTE
    body = production.directory / f"body-{size}"
    body.write_bytes(b"x" * size)
    for more in [[], ["-H", "Expect:"], ["-H", "Transfer-Encoding: chunked"] if protocol == "--http1.1" else []]:
        answer = production.curl(path, protocol, "--data-binary", f"@{body}", *FORM, *more)
        assert_is_ours(answer, 413, is_json=path.startswith("/api"))


def test_a_program_that_sends_too_much_reads_the_answer(production):
    """With the client that scripts use, which sends everything before it reads."""
    answer = production.client().post("/api/users/", b"x" * (20 * MEBIBYTE))
    assert answer.status_code == 413
    error = answer.json()
    assert re.fullmatch(REFERENCE, error.pop("id"))
    assert error == {
        "status_code": 413, "detail": "The body of this request is larger than the server accepts.", "exc_info": None}


def test_a_body_below_the_limit_of_nginx_is_refused_by_the_responder(production):
    answer = production.client().post("/api/users/", b"x" * 70_000)
    assert answer.status_code == 413 and "version" in answer.json()


def flood(production, path, count=150):
    """Sends empty forms from ten connections, as fast as they are answered."""
    def send(number):
        client = production.client()
        return [client.post(path, {}) for _ in range(number)]

    with concurrent.futures.ThreadPoolExecutor(10) as pool:
        return [answer for answers in pool.map(send, [count // 10] * 10) for answer in answers]


@pytest.mark.parametrize("path", ["/user/login/", "/api/users/1/avatar/"])
def test_a_flood_of_forms_is_answered_429_by_nginx(workshop, path):
    production = begin(workshop)
    answers = flood(production, path, 240)
    refused = [answer for answer in answers if answer.status_code == 429]
    assert 20 < len(refused) < 181
    answer = refused[0]
    assert (answer.headers["Retry-After"], answer.headers["Strict-Transport-Security"]) == ("5", HSTS)
    if path.startswith("/api"):
        assert answer.json()["status_code"] == 429
    else:
        assert Page(answer).heading == "Too many requests"
    assert production.client().get(path.replace("avatar/", "")).status_code < 429


@pytest.mark.parametrize(["path", "is_json"], [
    ("/user/login/", False), ("/", False), ("/api", True), ("/api/invite", True), ("/api/users/1/avatar/", True),
    ("/health", True), ("/healthy", False), ("/apis", False)])
def test_while_the_responder_is_away_people_get_a_page_and_programs_json(workshop, path, is_json):
    production = begin(workshop)
    production.responder.send(signal.SIGKILL)
    production.responder.wait()
    for protocol in ["--http2", "--http1.1"]:
        answer = production.curl(path, protocol)
        assert_is_ours(answer, 502, is_json)
        assert answer.field("retry-after") == "5"
    assert production.client().get("/static/app.css").status_code == 200
    # nginx says nothing of it where whole requests are written.
    assert production.log("label-studio.error") == ""
    assert f'"GET {path} HTTP/2.0" 502' in production.log("label-studio.access")


@pytest.mark.parametrize("path", ["/nowhere", "/api/nowhere", "/user/signup/?token=wrong", "/static/none.css"])
@pytest.mark.parametrize("is_away", [False, True])
def test_the_reference_of_an_error_is_in_the_logs(workshop, path, is_away):
    production = begin(workshop)
    if is_away:
        production.responder.send(signal.SIGKILL)
        production.responder.wait()
    answer = production.client().get(path)
    assert answer.status_code >= 400
    reference = re.search(REFERENCE, answer.text).group()
    wait_until(lambda: f"{reference}\n" in production.log("label-studio.access"), what="the reference in nginx's log")
    line = next(line for line in production.log("label-studio.access").splitlines() if line.endswith(reference))
    assert f'"GET {path.split("?")[0]} ' in line and f" {answer.status_code} " in line
    if not is_away and "static" not in path:
        wait_until(lambda: f"reference={reference}" in production.responder.errors, what="the reference in the log")


@pytest.mark.parametrize(["cookie", "attribute"], [
    ("light", b' data-appearance="light"'), ("dark", b' data-appearance="dark"'), ('"><b>', b""), (None, b"")])
def test_pages_of_nginx_keep_the_colours_that_somebody_chose(workshop, cookie, attribute):
    production = begin(workshop)
    answer = production.curl("/static/none.css", *(["-H", f"Cookie: label_studio_appearance={cookie}"] if cookie else []))
    assert answer.status_code == 404
    assert b'<html lang="en"' + attribute + b">\n" in answer.body


# Who is asking.


def last_request(production, path):
    """The address that the responder saw, of the last request for a path."""
    def found():
        return [line for line in log_lines(production.responder, "request") if line.fields["path"] == path]

    return wait_until(found, what=f"the request for {path}")[-1].fields["from"]


@pytest.mark.parametrize("field", ["X-Forwarded-For", "X-Real-IP", "Forwarded"])
def test_an_address_that_a_visitor_writes_himself_is_ignored(production, field):
    path = f"/nothing/forged-{field.lower()}"
    value = "for=192.0.2.7" if field == "Forwarded" else "192.0.2.7"
    assert production.curl(path, "--interface", "127.0.0.2", "-H", f"{field}: {value}").status_code == 404
    assert last_request(production, path) == "127.0.0.2"
    lines = [line for line in production.log("label-studio.access").splitlines() if path in line]
    assert [line.split()[0] for line in lines] == ["127.0.0.2"]


NAMED = [("    #   set_real_ip_from 192.0.2.10;", "    set_real_ip_from 127.0.0.3;"),
         ("    #   real_ip_header ", "    real_ip_header "), ("    #   real_ip_recursive ", "    real_ip_recursive ")]


@pytest.fixture(scope="module")
def behind(module_workshop):
    """A proxy at 127.0.0.3 in front of the site, which names it, and the address
    at which the proxy answers by plain http."""
    production = begin(module_workshop, *NAMED)
    port = free_port()
    module_workshop.nginx(f"""server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass https://127.0.0.1:{production.secure};
            proxy_bind 127.0.0.3;
            proxy_ssl_server_name on; proxy_ssl_name localhost;
            proxy_set_header Host localhost:{production.secure};
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_set_header X-Forwarded-Proto https;
        }}
    }}""")
    wait_until(lambda: is_reached(port), what="the proxy")
    production.outside = f"http://127.0.0.1:{port}"
    return production


def test_from_a_named_proxy_the_address_that_it_added_counts(behind):
    path = "/nothing/by-proxy"
    answer = behind.curl(
        path, "--interface", "127.0.0.9", "-H", "X-Forwarded-For: 192.0.2.66", origin=behind.outside)
    assert answer.status_code == 404
    assert last_request(behind, path) == "127.0.0.9"
    line, = [line for line in behind.log("label-studio.access").splitlines() if path in line]
    assert line.split()[0] == "127.0.0.9"
    # Who comes past the proxy has no say.
    path = "/nothing/past-it"
    assert behind.curl(path, "--interface", "127.0.0.4", "-H", "X-Forwarded-For: 192.0.2.66").status_code == 404
    assert last_request(behind, path) == "127.0.0.4"


def test_behind_a_named_proxy_people_sign_up(behind):
    fields = {"email": "a@example.com", "password": PASSWORD}
    answer = Client(behind.outside).post("/user/signup/", fields, headers={"Origin": behind.url})
    assert answer.status_code == 302
    cookie_attributes(answer, "__Host-sessionid")


def test_behind_a_named_proxy_each_visitor_has_the_limit_of_nginx_for_himself(behind):
    def send(address):
        return behind.curl("/user/login/", "--interface", address, "-d", "x=1", origin=behind.outside).status_code

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(send, [f"127.0.1.{number}" for number in range(1, 201)]))
    assert set(statuses) == {403}


def test_a_tunnel_from_this_machine_has_an_entrance_by_plain_http(workshop):
    port = free_port()
    production = begin(
        workshop, ("    #   listen 127.0.0.1:8081;", f"    listen 127.0.0.1:{port};"),
        ("    #   set_real_ip_from 127.0.0.1;", "    set_real_ip_from 127.0.0.1;"), *NAMED[1:],
        LABEL_STUDIO_HOST="https://labels.example.org")
    tunnel = Client(f"http://127.0.0.1:{port}", address="198.51.100.4")
    fields = {"email": "a@example.com", "password": PASSWORD}
    assert tunnel.post("/user/signup/", fields, headers={"Origin": tunnel.url}).status_code == 403
    answer = tunnel.post("/user/signup/", fields, headers={"Origin": "https://labels.example.org"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/?welcome=yes")
    value, attributes = cookie_attributes(answer, "__Host-sessionid")
    assert attributes["Secure"]
    # What is public is the tunnel's TLS: it sends HSTS, or not.
    assert "Strict-Transport-Security" not in answer.headers
    account = tunnel.page("/organization/invite", headers={"Cookie": f"__Host-sessionid={value}"})
    assert account.value("invite-link").startswith("https://labels.example.org/user/signup/?token=")
    assert log_lines(production.responder, "signed-up")[0].fields["from"] == "198.51.100.4"
    assert "proxy-not-trusted" not in production.responder.errors


# The log.


def test_no_token_of_a_link_is_in_the_logs_of_nginx(workshop):
    production = begin(workshop)
    owner = production.client()
    owner.sign_up("owner@example.com")
    link = owner.page("/organization/invite").value("invite-link").removeprefix(production.url)
    path, _, token = link.partition("?token=")
    assert len(token) > 20
    plain = Client(f"http://localhost:{production.plain}")
    visitors = [production.client(), plain]
    before = [[client.get(link).status_code, client.get(f"{path}%3Ftoken={token}").status_code,
               client.get(f"{path}%3ftoken={token}").status_code] for client in visitors]
    assert before == [[200, 404, 404], [301, 301, 301]]
    production.exchange(f"GET {link} HTTP/1.1\r\n\r\n".encode())
    production.exchange(f"GET {link}{'x' * 9_000} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    production.client().post(link, b"x" * (2 * MEBIBYTE))
    flood(production, link, 150)
    production.responder.send(signal.SIGKILL)
    production.responder.wait()
    assert production.client().get(link, headers={"Referer": production.url + link}).status_code == 502
    logs = {path: path.read_text() for path in production.directory.glob("*.log")}
    assert {path.name for path in logs} >= {"access.log", "error.log", "label-studio.access.log", "label-studio.error.log"}
    for name, text in logs.items():
        assert token not in text, name
    lines = logs[production.directory / "label-studio.access.log"].splitlines()
    assert len(lines) > 150
    for status in [200, 301, 404, 413, 429, 502]:
        assert any(f'{path} HTTP/1.1" {status} ' in line for line in lines), status


# A sub-path, neighbours, guarded sites, a second installation.


def test_at_a_sub_path_the_rest_of_the_host_is_free(workshop):
    production = begin(
        workshop, ('set $label_studio_prefix    "";', 'set $label_studio_prefix "/labels";'),
        ("    location / {\n        include", """    location / { return 200 "somebody else's"; }
    location = /labels { return 301 https://$host/labels/; }
    location /labels/ {\n        include"""), prefix="/labels")
    client = production.client(prefix="/labels")
    answer = client.sign_up("owner@example.com")
    assert answer.headers["Location"] == "/labels/?welcome=yes"
    assert any(name.startswith("__Host-sessionid-") for name in client.cookies)
    shown = client.page("/labels/")
    for _, attributes in shown.tags:
        for target in [attributes[name] for name in ("href", "src") if name in attributes]:
            assert target.startswith(("/labels/", "#"))
            assert client.get(target).status_code in (200, 302)
    assert client.get("/labels/static/app.css").headers["Content-Type"].startswith("text/css")
    assert client.get("/labels").headers["Location"] == "https://localhost/labels/"
    for path in ["/", "/user/login/", "/labelsx", "/static/app.css", "/favicon.ico", "/api/invite"]:
        assert client.get(path).text == "somebody else's"
    assert client.post("/labels/api/users/", b"x" * (2 * MEBIBYTE)).json()["status_code"] == 413


class Backend:
    """A site of somebody else, and what it sends."""

    def __init__(self, workshop):
        self.port = free_port()
        workshop.nginx(f"""server {{
            listen 127.0.0.1:{self.port};
            add_header X-Theirs yes always;
            client_max_body_size 0;
            location / {{ add_header X-Theirs yes always; return 200 "theirs $request_uri"; }}
            location /tools/nothing {{ add_header X-Theirs yes always; return 404 "their own page"; }}
        }}""")
        wait_until(lambda: is_reached(self.port), what="the site beside ours")


OURS = ["content-security-policy", "referrer-policy", "cross-origin-opener-policy", "cross-origin-resource-policy",
        "cross-origin-embedder-policy", "permissions-policy", "x-content-type-options", "cache-control", "retry-after"]


def assert_has_nothing_of_ours(answer, hsts):
    assert [name for name in OURS if answer.all(name)] == []
    assert answer.all("strict-transport-security") == hsts


@pytest.fixture(scope="module")
def neighbour(module_workshop):
    """Another server block in the same nginx, before ours and after it."""
    backend = Backend(module_workshop)
    nginx = SystemNginx(module_workshop)
    (nginx.directory / "html/page.html").write_text("<p>their page</p>" * 100)

    def site(name, protocol=""):
        return f"""server {{
            listen {nginx.plain}; listen [::]:{nginx.plain};
            listen {nginx.secure} ssl{protocol}; listen [::]:{nginx.secure} ssl{protocol};
            server_name {name};
            ssl_certificate {nginx.certificate}; ssl_certificate_key {nginx.key};
            root {nginx.directory}/html;
            client_max_body_size 8m;
            location /tools/ {{ proxy_pass http://127.0.0.1:{backend.port}; }}
        }}"""

    nginx.responder = for_nginx(module_workshop.fastcgi(LABEL_STUDIO_HOST=nginx.url))
    return nginx.start(**{"a": site("a.example"), "label-studio": nginx.shipped(nginx.responder), "z": site("z.example", " http2")})


@pytest.mark.parametrize("name", ["a.example", "z.example"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_neighbour_keeps_working_and_gets_nothing_of_ours(neighbour, name, scheme):
    port = neighbour.plain if scheme == "http" else neighbour.secure
    origin = f"{scheme}://{name}:{port}"

    def curl(path, *options):
        return neighbour.curl(path, "--resolve", f"{name}:{port}:127.0.0.1", "-k", *options, origin=origin)

    answer = curl("/page.html", "-H", "Accept-Encoding: gzip")
    assert (answer.status_code, answer.field("content-encoding")) == (200, "gzip")
    assert_has_nothing_of_ours(answer, [])
    assert answer.field("server").startswith("nginx/")
    answer = curl("/static/app.css")
    assert answer.status_code == 404 and b"<center>nginx/" in answer.body
    assert_has_nothing_of_ours(answer, [])
    body = neighbour.directory / "theirs"
    body.write_bytes(b"x" * (7 * MEBIBYTE))
    answer = curl("/tools/api/x?token=theirs", "--data-binary", f"@{body}")
    assert (answer.status_code, answer.body, answer.field("x-theirs")) == (200, b"theirs /tools/api/x?token=theirs", "yes")
    assert_has_nothing_of_ours(answer, [])
    urls = ["-o", "/dev/null", f"{origin}/tools/user/login/"] * 150
    result = subprocess.run(
        ["curl", "-q", "-sS", "-k", "--noproxy", "*", "--resolve", f"{name}:{port}:127.0.0.1", "-d", "x=1", "-w",
         "%{http_code}\n", *urls], capture_output=True, text=True, timeout=60, check=False)
    assert result.stdout.split() == ["200"] * 150
    # In the log of theirs, in the form of theirs.
    assert "/tools/api/x?token=theirs" in neighbour.log("access")
    assert "/tools/" not in neighbour.log("label-studio.access")


def test_beside_neighbours_ours_works(neighbour):
    assert neighbour.client().sign_up("owner@example.com").status_code == 302
    answer = neighbour.curl("/user/login/", "--http2")
    assert answer.all("strict-transport-security") == [HSTS] and answer.field("server") == "nginx"
    assert answer.protocol == "HTTP/2"
    assert "[" not in neighbour.check().stderr


# Beside ours, and one behind the gate.
GUARDED = """
    location /gate/ {{ include {files}/gate.conf; proxy_pass http://127.0.0.1:{port}/tools/; }}
    location /tools/ {{ proxy_pass http://127.0.0.1:{port}; }}
    location /own/ {{ add_header X-Own yes always; proxy_pass http://127.0.0.1:{port}/tools/; }}
    location /away/ {{ proxy_pass http://127.0.0.1:1; }}
    location / {{
        include"""


@pytest.fixture(scope="module")
def guarded(module_workshop):
    """A site that is guarded: locations beside ours in the same server block."""
    backend = Backend(module_workshop)
    return begin(module_workshop, ("    location / {\n        include", GUARDED.format(
        port=backend.port, files=module_workshop.installation / "nginx")))


@pytest.mark.parametrize("path", [
    "/tools/", "/tools/static/app.css", "/tools/static/0123456789abcdef/app.css", "/tools/favicon.ico", "/tools/api/users/",
    "/tools/data/avatars/00000000-00000000000000000000000000000000.png", "/tools/user/account/photo"])
def test_a_guarded_site_gets_its_own_addresses_and_none_of_our_fields(guarded, path):
    answer = guarded.curl(path)
    assert (answer.status_code, answer.body.decode(), answer.field("x-theirs")) == (200, f"theirs {path}", "yes")
    # HSTS binds the host, whoever answers.
    assert_has_nothing_of_ours(answer, [HSTS])


def test_a_guarded_site_with_fields_of_its_own_gets_no_other(guarded):
    answer = guarded.curl("/own/x")
    assert (answer.status_code, answer.field("x-own"), answer.field("x-theirs")) == (200, "yes", "yes")
    assert_has_nothing_of_ours(answer, [])


def test_a_guarded_site_gets_none_of_our_pages_and_limits(guarded):
    answer = guarded.curl("/tools/nothing")
    assert (answer.status_code, answer.body) == (404, b"their own page")
    assert_has_nothing_of_ours(answer, [HSTS])
    answer = guarded.curl("/away/")
    assert answer.status_code == 502 and b"<center>nginx</center>" in answer.body
    assert_has_nothing_of_ours(answer, [HSTS])
    assert {answer.status_code for answer in flood(guarded, "/tools/user/login/")} == {200}


def test_nginx_takes_the_examples_of_the_document(workshop, production):
    text = (REPOSITORY / "docs/gate.md").read_text()
    examples = re.findall(r"(?m)^    location /.*\n(?:     .*\n)*    }\n", text)
    assert [example.split()[1] for example in examples] == [
        "/tools/", "/handbook/", "/jupyter/", "/grafana/", "/git/"]
    examples = "".join(examples).replace("/usr/share/label-studio/nginx", str(production.nginx_files))
    nginx = SystemNginx(workshop)
    ours = "    location / {\n        include"
    nginx.write(site=nginx.shipped(production.responder, (ours, examples + ours)))
    result = nginx.check()
    assert (result.returncode, "[" in result.stderr) == (0, False), result.stderr


def test_at_the_gate_hsts_is_sent_with_every_answer(guarded):
    client = guarded.client()
    assert client.sign_up("gate@example.com").status_code == 302
    session = ["-H", f"Cookie: __Host-sessionid={client.cookies['__Host-sessionid']}"]
    for status, options in [
            (302, ["-H", "Sec-Fetch-Mode: navigate"]), (401, []), (403, [*session, "-X", "POST"]), (200, session)]:
        answer = guarded.curl("/gate/", *options)
        assert (answer.status_code, answer.all("strict-transport-security")) == (status, [HSTS])
    assert answer.body == b"theirs /tools/"


def test_beside_a_guarded_site_ours_works(guarded):
    client = guarded.client()
    assert client.sign_up("owner@example.com").status_code == 302
    assert client.get("/static/app.css").status_code == 200 and client.is_logged_in()


def test_two_installations_share_one_nginx(workshop):
    first = SystemNginx(workshop)
    responders = [for_nginx(workshop.fastcgi()) for _ in range(2)]
    second = first.shipped(
        responders[1], (f"include {first.nginx_files}/http.conf;", ""), ("upstream label_studio ", "upstream second "),
        ("$label_studio_responder label_studio;", "$label_studio_responder second;"), name="second.example")
    first.start(**{"label-studio": first.shipped(responders[0]), "second": second})
    assert first.check().stderr.count("[") == 0
    client = first.client()
    assert client.sign_up("first@example.com").status_code == 302
    headers = {"Host": "second.example", "Origin": "https://second.example"}
    fields = {"email": "second@example.com", "password": PASSWORD}
    assert first.client().post("/user/signup/", fields, headers=headers).status_code == 302
    assert [len(log_lines(responder, "signed-up")) for responder in responders] == [1, 1]

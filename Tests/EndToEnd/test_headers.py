"""Response headers and static files (issue 2, points 11 and 12; BAR.md, Response headers)."""

import gzip
import re
import signal

import pytest
from site_under_test import Client, Page, free_port, raw_exchange, wait_until

ALWAYS = {
    "Content-Security-Policy":
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), camera=(), microphone=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
# What no answer has.
NEVER = ["X-Powered-By", "Access-Control-Allow-Origin", "Strict-Transport-Security", "Clear-Site-Data", "X-Frame-Options",
         "Status", "Content-Security-Policy-Report-Only"]


def fields(answer):
    """The header fields as they were sent: no two of a name are joined."""
    return [(name.lower(), value) for name, value in answer.raw.headers.iteritems()]


def assert_fields(answer, expected):
    sent = fields(answer)
    for name, value in expected.items():
        assert [text for found, text in sent if found == name.lower()] == [value], (name, answer.url, sent)
    for name in NEVER:
        assert name.lower() not in dict(sent), name
    names = [name for name, _ in sent if name != "set-cookie"]
    assert len(names) == len(set(names)), sent
    assert dict(sent)["server"] == "nginx"


def assert_names_no_version(answer):
    text = str(fields(answer)) + answer.text
    assert not re.search(r"nginx/|swift|fcgi|fastcgi|sqlite|ctemplate|python|debian|label-studio/|\b1\.2\d\.\d", text, re.I)


PAGES = [
    ("GET", "/user/login/", 200), ("GET", "/user/signup/", 200), ("GET", "/logout", 200), ("HEAD", "/user/login/", 200),
    ("GET", "/user/signup/?token=wrong", 403), ("GET", "/nothing", 404), ("GET", "/static", 404), ("GET", "/a//b", 404),
    ("PUT", "/user/login/", 405), ("DELETE", "/", 405), ("OPTIONS", "/user/login/", 200), ("GET", "/", 302),
    ("GET", "/projects/", 302), ("POST", "/user/login/", 403), ("GET", "/health", 200), ("GET", "/api/invite", 401),
    ("GET", "/api/nothing", 404), ("DELETE", "/api/invite", 405), ("PROPFIND", "/", 405),
]


@pytest.mark.parametrize(["method", "path", "status"], PAGES)
def test_every_page_has_each_header_exactly_once(visitor, method, path, status):
    answer = visitor.request(method, path)
    assert answer.status_code == status
    assert_fields(answer, ALWAYS)
    assert_names_no_version(answer)
    if method not in ("HEAD", "OPTIONS") and status != 302:
        expected = "application/json" if path.startswith(("/api", "/health")) else "text/html; charset=utf-8"
        assert answer.headers["Content-Type"] == expected


def test_pages_of_a_member_have_them_too(member):
    for path in ["/", "/projects/new", "/organization/", "/organization/invite", "/organization/invite/reset",
                 "/user/account/", "/user/account/token/reset", "/logout", "/api/current-user/whoami", "/projects/99"]:
        answer = member.get(path)
        assert_fields(answer, ALWAYS)
        assert_names_no_version(answer)
    for answer in [member.submit("/projects/new", {"title": ""}), member.submit("/projects/new", {"title": "x"}),
                   member.submit("/organization/invite/reset", {}), member.log_out()]:
        assert_fields(answer, ALWAYS)


def test_pages_are_sent_whole_with_their_length(visitor):
    answer = visitor.get("/user/login/")
    assert answer.text.rstrip().endswith("</html>")
    head = visitor.request("HEAD", "/user/login/")
    assert head.content == b""
    assert answer.text.startswith("<!DOCTYPE html>") or answer.text.lstrip().startswith("<!DOCTYPE html>")


def test_pages_hold_no_inline_script_or_style(member, visitor):
    for client, path in [(visitor, "/user/login/"), (visitor, "/user/signup/"), (member, "/"), (member, "/user/account/"),
                         (member, "/organization/invite"), (member, "/organization/"), (visitor, "/nothing")]:
        page = client.page(path)
        for tag, attributes in page.tags:
            assert tag != "style"
            assert tag != "script" or attributes.get("src")
            assert not [name for name in attributes if name == "style" or name.startswith("on")], (path, attributes)
            for name in ("href", "src", "action"):
                assert not re.match(r"(?i)\s*(javascript|data|https?:|//)", attributes.get(name, "")), attributes


def test_cookies_are_set_only_where_a_form_needs_them(visitor):
    for path in ["/health", "/api/invite", "/static/app.css", "/"]:
        assert "Set-Cookie" not in visitor.get(path).headers, path


# Static files.


@pytest.fixture
def assets(visitor):
    page = visitor.page("/user/login/")
    found = [attributes.get("href") or attributes.get("src") for tag, attributes in page.tags if tag in ("link", "script")]
    # On pages for those who are logged in.
    found.append(found[0].rpartition("/")[0] + "/icons.svg")
    return {path.rpartition("/")[2]: path for path in found}


TYPES = {
    "app.css": "text/css; charset=utf-8",
    "app.js": "text/javascript; charset=utf-8",
    "favicon.svg": "image/svg+xml; charset=utf-8",
    "icons.svg": "image/svg+xml; charset=utf-8",
}


@pytest.mark.parametrize("name", TYPES)
def test_a_static_file_has_its_type_and_is_kept_for_ever_under_its_hashed_address(installation, visitor, assets, name):
    assert re.fullmatch(r"/static/[0-9a-f]{16}/" + re.escape(name), assets[name])
    answer = visitor.get(assets[name], headers={"Accept-Encoding": "identity"})
    assert answer.status_code == 200
    assert answer.content == (installation / "nginx/static" / name).read_bytes()
    assert_fields(answer, {
        "Content-Type": TYPES[name], "Cache-Control": "public, max-age=31536000, immutable",
        "X-Content-Type-Options": "nosniff", "Cross-Origin-Resource-Policy": "same-origin"})
    assert_names_no_version(visitor.request("HEAD", assets[name]))


@pytest.mark.parametrize("name", ["app.css", "app.js"])
def test_a_static_file_is_sent_compressed_to_those_who_can_read_that(installation, visitor, assets, name):
    answer = visitor.get(assets[name], headers={"Accept-Encoding": "gzip"}, stream=True)
    content = answer.raw.read(decode_content=False)
    assert answer.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in answer.headers["Vary"]
    original = (installation / "nginx/static" / name).read_bytes()
    assert gzip.decompress(content) == original
    assert len(content) < len(original) / 2


def test_a_static_file_under_its_plain_name_is_asked_for_anew(visitor):
    for name, kind in TYPES.items():
        answer = visitor.get(f"/static/{name}")
        assert_fields(answer, {
            "Content-Type": kind, "Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff",
            "Cross-Origin-Resource-Policy": "same-origin"})
    answer = visitor.get("/favicon.ico")
    assert (answer.status_code, answer.headers["Location"].removeprefix(visitor.url)) == (302, "/static/favicon.svg")


@pytest.mark.parametrize(
    "path",
    ["/static/nothing.css", "/static/0123456789abcdef/nothing.css", "/static/", "/static/0123456789abcdef/",
     "/static/../nginx.conf", "/static/..%2fnginx.conf", "/static/0123456789abcdef/..%2f..%2ffastcgi.conf",
     "/static/%2e%2e/fastcgi.conf", "/static/.htaccess", "/static/app.css/", "/static/APP.CSS", "/errors/502.html",
     "/label-studio-error/502.html", "/templates/layout.html", "/nginx.conf", "/.git/config", "/accounts.sqlite3",
     "/static//etc/passwd", "/static/app.css%00"])
def test_nothing_else_is_served_as_a_file(site, path):
    request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    answer = raw_exchange(site.port, request.encode())
    head, _, body = answer.partition(b"\r\n\r\n")
    assert int(head.split()[1]) in (400, 404), head
    assert b"upstream" not in body and b"root:" not in body and b"fastcgi_param" not in body
    assert not re.search(rb"nginx/|>nginx<|<center>", answer)
    assert head.lower().count(b"\r\nx-content-type-options: nosniff") == 1, head


@pytest.mark.parametrize("path", ["/static/0123456789abcdef/nothing.css", "/static/nothing.css"])
def test_a_missing_static_file_has_our_own_page_with_all_headers(visitor, path):
    answer = visitor.get(path)
    assert answer.status_code == 404
    assert "immutable" not in answer.headers.get("Cache-Control", "")
    assert_fields(answer, {name: value for name, value in ALWAYS.items() if name != "Content-Security-Policy"})
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'; ")
    assert Page(answer).has_link("Go to the home page")


# Too much, and nginx's own pages.


@pytest.mark.parametrize("size", [65_537, 100_000, 1_000_000])
def test_a_body_over_64_kib_gets_our_own_page(visitor, size):
    visitor.get("/user/login/")
    answer = visitor.post("/user/login/", b"a=" + b"x" * (size - 2), headers={"Origin": visitor.url})
    assert answer.status_code == 413
    assert Page(answer).heading == "That is too much"
    assert_fields(answer, ALWAYS)


def test_a_body_of_64_kib_is_read(visitor):
    fields = b"email=nobody%40example.com&password=x&filler="
    body = fields + b"y" * (65_536 - len(fields))
    headers = {"Origin": visitor.url, "Content-Type": "application/x-www-form-urlencoded"}
    assert visitor.post("/user/login/", body, headers=headers).status_code == 422


OWN = {
    "Content-Security-Policy":
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'",
    **{name: value for name, value in ALWAYS.items() if name != "Content-Security-Policy"},
    "Content-Type": "text/html; charset=utf-8",
}


def test_a_body_over_1_mib_gets_nginx_s_own_page_with_the_same_headers(visitor):
    answer = visitor.post("/user/login/", b"x" * 1_100_000)
    assert answer.status_code == 413
    assert_fields(answer, OWN)
    assert Page(answer).has_link("Go to the home page")
    assert_names_no_version(answer)


def test_a_request_that_nginx_cannot_read_gets_its_own_page_with_the_same_headers(site):
    for request in [b"GET / HTTP/1.1\r\n\r\n", b"GET /%zz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
                    b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 40_000 + b"\r\n\r\n"]:
        answer = raw_exchange(site.port, request)
        head, _, body = answer.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 400 ")
        for name, value in OWN.items():
            assert head.count(f"\r\n{name}: {value}".encode()) == 1, (name, head)
        assert b"<!DOCTYPE html>" in body and not re.search(rb"nginx/|<center>", answer)


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "CONNECT"])
def test_strange_methods_are_refused_without_a_trace(site, method):
    request = f"{method} / HTTP/1.1\r\nHost: localhost\r\nX-Secret: secret\r\nConnection: close\r\n\r\n"
    answer = raw_exchange(site.port, request.encode())
    assert int(answer.split()[1]) in (400, 405)
    assert b"secret" not in answer and not re.search(rb"nginx/|<center>", answer)


@pytest.mark.parametrize("prefix", ["", "/labels"])
def test_while_the_responder_is_down_nginx_shows_its_own_page_and_files(workshop, prefix):
    settings = {"LABEL_STUDIO_HOST": "http://localhost" + prefix} if prefix else {}
    responder = workshop.fastcgi(**settings)
    nginx = workshop.in_front(responder.socket, f"127.0.0.1:{free_port()}", prefix)
    client = Client(f"http://127.0.0.1:{nginx.port}")
    asset = next(attributes["href"] for tag, attributes in client.page(prefix + "/user/login/").tags if tag == "link")
    responder.send(signal.SIGKILL)
    responder.wait()
    answer = wait_until(lambda: [a for a in [client.get(prefix + "/user/login/")] if a.status_code == 502],
                        what="the error page")[0]
    assert_fields(answer, {**OWN, "Retry-After": "5"})
    assert_names_no_version(answer)
    page = Page(answer)
    assert page.heading == "The service is not answering"
    targets = [attributes["href"] for _, attributes in page.tags if "href" in attributes]
    assert targets == [prefix + "/static/favicon.svg", prefix + "/static/app.css", prefix + "/"]
    for target in targets[:2]:
        assert client.get(target).status_code == 200
    assert client.get(asset).status_code == 200
    answer = client.post(prefix + "/user/login/", {"email": "x"})
    assert answer.status_code == 502
    # It comes back without a restart of nginx.
    again = workshop.fastcgi(socket=responder.socket, data=responder.data, **settings)
    assert again.process.poll() is None
    wait_until(lambda: client.get(prefix + "/user/login/").status_code == 200, what="the service")


def test_a_page_asks_for_nothing_from_elsewhere(visitor):
    for path in ["/user/login/", "/user/signup/", "/nothing"]:
        page = visitor.page(path)
        for tag, attributes in page.tags:
            for name in ("href", "src"):
                assert attributes.get(name, "/").startswith(("/", "#"))

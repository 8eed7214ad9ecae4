"""WebSockets through the gate that are open when their people lose their access (issue 6,
point 1): they end within a minute, whatever took it away."""

import os
import pathlib
import select
import signal
import time

import pytest
from guarded_site import GuardedSite, WebSocket
from site_under_test import Client, free_port, log_lines, wait_until

# What the issue allows.
LIMIT = 60


class Started:
    """`label-studio start`, in whose nginx a site with WebSockets is guarded."""

    def __init__(self, workshop):
        self.workshop = workshop
        self.behind = GuardedSite()
        self.site = workshop.start()
        file = self.site.data / "nginx/nginx.conf"
        location = f"""location /tools/ {{
            include {workshop.installation}/nginx/gate.conf; proxy_pass http://127.0.0.1:{self.behind.port}/; }}"""
        file.write_text(file.read_text().replace("location / {", location + "\nlocation / {", 1))
        os.kill(int((self.site.data / "nginx/nginx.pid").read_text()), signal.SIGHUP)
        self.owner = self.client()
        assert self.owner.sign_up("owner@example.com").status_code == 302
        wait_until(lambda: self.owner.get("/tools/").status_code == 200, what="the guarded site")

    def client(self):
        return Client(self.site.url)

    def member(self, name):
        client = self.client()
        assert client.sign_up(f"{name}@example.com").status_code == 302
        return client

    def command(self, *arguments, **options):
        result = self.workshop.run(*arguments, "--data-dir", self.site.data, **options)
        assert result.returncode == 0, result.stderr

    def socket(self, client=None, **headers):
        if client:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
        return WebSocket(self.site.port, "/tools/socket", {"Origin": self.site.url, **headers})

    def ended(self):
        return {(line.fields["user"], line.fields["reason"])
                for line in log_lines(self.site.program, "web-sockets-ended")}


@pytest.fixture(scope="module")
def started(module_workshop):
    started = Started(module_workshop)
    yield started
    started.behind.close()


def has_ended(socket):
    """Whether the other side has closed it; nothing else comes by itself."""
    return bool(select.select([socket.socket], [], [], 0)[0])


def assert_end(sockets):
    end = time.monotonic() + LIMIT
    for socket in sockets:
        wait_until(lambda: has_ended(socket), end - time.monotonic(), "the end of a WebSocket")
        assert socket.file.read(1) == b""


def log_out(started, member, email):
    assert member.log_out().status_code == 302


def remove_in_a_browser(started, member, email):
    answer = started.owner.act_upon(started.site.person(email), "remove")
    assert answer.status_code == 302, answer.text


def remove(started, member, email):
    started.command("user", "remove", email)


def deactivate(started, member, email):
    started.command("user", "deactivate", email)


def end_sessions(started, member, email):
    started.command("sessions", "end", email)


def reset_password(started, member, email):
    started.command("reset_password", "--username", email, given="another good password\n")


def expire(started, member, email):
    """Eight days pass: the session is as old as that."""
    started.site.execute(
        "UPDATE session SET created_at = created_at - 8 * 86400000000 WHERE user_id = ?", started.site.person(email))


def test_what_takes_away_access_ends_open_web_sockets(started):
    """All at once, so that one pause is waited for."""
    acts = {
        log_out: "session-ended", remove_in_a_browser: "removed", remove: "removed", deactivate: "deactivated",
        end_sessions: "session-ended", reset_password: "session-ended", expire: "session-expired"}
    members = {act: started.member(act.__name__.replace("_", "-")) for act in acts}
    sockets = {act: started.socket(member) for act, member in members.items()}
    token = started.socket(Authorization=f"Token {started.member('token').api_token()}")
    stays = started.member("stays")
    other = started.socket(stays)
    assert all(socket.exchange(b"x") == b"x" for socket in [*sockets.values(), token, other])
    numbers_of = {act: started.site.person(f"{act.__name__.replace('_', '-')}@example.com") for act in acts}
    for act, member in members.items():
        act(started, member, f"{act.__name__.replace('_', '-')}@example.com")
    started.command("user", "remove", "token@example.com")
    # Two reloads at most: the first may come between two of these.
    assert_end([*sockets.values(), token])
    expected = {(str(numbers_of[act]), reason) for act, reason in acts.items()}
    assert expected <= started.ended()
    for member in members.values():
        assert started.socket(member).status == 401
    # Those of others end too, and are made anew at once.
    again = started.socket(stays)
    assert again.exchange(b"x") == b"x"
    assert (str(started.site.person("stays@example.com")), "session-ended") not in started.ended()


def test_a_web_socket_stays_open_for_as_long_as_its_session(started):
    socket = started.socket(started.member("long"))
    reloads = len(log_lines(started.site.program, "web-sockets-ended"))
    end = time.monotonic() + 31
    while time.monotonic() < end:
        assert socket.exchange(b"x") == b"x"
        time.sleep(1)
    assert len(log_lines(started.site.program, "web-sockets-ended")) == reloads


class Behind:
    """A responder for an nginx that is not its own, and what a path unit does there."""

    def __init__(self, workshop):
        self.workshop = workshop
        self.behind = GuardedSite()
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        self.responder = workshop.fastcgi(LABEL_STUDIO_HOST=self.url)
        self.request = pathlib.Path(self.responder.data) / "nginx-reload"
        self.nginx = workshop.in_front(
            self.responder.socket, f"127.0.0.1:{self.port}", extra=f"""server_name localhost; location /tools/ {{
                include {workshop.installation}/nginx/gate.conf; proxy_pass http://127.0.0.1:{self.behind.port}/; }}""")

    def member(self, name):
        client = Client(self.url)
        assert client.sign_up(f"{name}@example.com").status_code == 302
        return client

    def socket(self, client):
        cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
        headers = {"Host": f"localhost:{self.port}", "Origin": self.url, "Cookie": cookie}
        return WebSocket(self.port, "/tools/socket", headers)

    def take(self):
        wait_until(self.request.exists, LIMIT, "the request for a reload")
        self.request.unlink()
        self.nginx.send(signal.SIGHUP)


def test_another_nginx_is_asked_by_a_file(workshop):
    site = Behind(workshop)
    try:
        member, other = site.member("member"), site.member("other")
        socket = site.socket(member)
        assert socket.exchange(b"x") == b"x"
        member.log_out()
        site.take()
        assert_end([socket])
        assert site.socket(other).exchange(b"x") == b"x"
        assert not log_lines(site.responder, "nginx-not-reloaded")
    finally:
        site.behind.close()


def test_after_a_restart_those_of_before_are_ended(workshop):
    site = Behind(workshop)
    try:
        socket = site.socket(site.member("member"))
        wait_until((pathlib.Path(site.responder.data) / "web-sockets").exists, what="the mark")
        assert not site.request.exists()
        # However it ends.
        site.responder.stop(signal.SIGKILL)
        pathlib.Path(site.responder.socket).unlink(missing_ok=True)
        again = workshop.fastcgi(data=site.responder.data, socket=site.responder.socket, LABEL_STUDIO_HOST=site.url)
        site.take()
        assert_end([socket])
        assert [line.fields["reason"] for line in log_lines(again, "web-sockets-ended")] == ["restart"]
    finally:
        site.behind.close()

"""What bench/run asks of each site, and how wrk is told."""

import dataclasses
import json
import pathlib
import urllib.parse

from subjects import OWNER, PASSWORD, SESSION_COOKIE, TOKEN, address

HERE = pathlib.Path(__file__).resolve().parent


@dataclasses.dataclass
class Request:
    path: str
    method: str = "GET"
    fields: dict = dataclasses.field(default_factory=dict)
    form: dict | None = None

    @property
    def body(self):
        return None if self.form is None else urllib.parse.urlencode(self.form)


@dataclasses.dataclass
class Case:
    name: str
    title: str
    request: Request
    status: int = 200
    # The least ratio to the bare C responder, or to a bare loop of hashes; None: there is no goal.
    goal: float | None = None
    # The least ratio to PHP.
    php_goal: float = 2
    hashes: bool = False

    def script(self, run):
        """A script for wrk. Each run signs up other people."""
        request = self.request
        lines = [f"wrk.method = {quoted(request.method)}"]
        lines += [f"wrk.headers[{quoted(name)}] = {quoted(value)}" for name, value in request.fields.items()]
        if request.form is not None:
            others = {name: value for name, value in request.form.items() if name != "email"}
            rest = urllib.parse.urlencode(others)
            lines.append("may_redirect = true")
            if self.name == "sign-up":
                lines += [
                    "function next_request()",
                    "   count = (count or 0) + 1",
                    f'   local email = "p-{run}-" .. number .. "-" .. count .. "%40example.com"',
                    f'   return wrk.format(nil, nil, nil, "email=" .. email .. {quoted("&" + rest)})',
                    "end"]
            else:
                lines.append(f"wrk.body = {quoted(request.body)}")
        lines.append(f"dofile({quoted(str(HERE / 'wrk.lua'))})")
        return "\n".join(lines) + "\n"


def quoted(text):
    return json.dumps(text)


FORM = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}


def log_in(email=OWNER):
    return Request("/user/login/", "POST", FORM, {"email": email, "password": PASSWORD})


def sign_up(invitation, email):
    return Request(address("/user/signup/", token=invitation), "POST", FORM, {"email": email, "password": PASSWORD})


def page(path, session):
    return Request(path, fields={"Cookie": f"{SESSION_COOKIE}={session}"})


def whoami():
    return Request("/api/current-user/whoami", fields={"Authorization": f"Token {TOKEN}"})


def cases(site, unknown):
    """All of them; unknown is a session of the right form that nobody has."""
    return [
        Case("login", "log-in page", page("/user/login/", unknown), goal=0.9),
        Case("home", "home page, logged in", page("/", site.session)),
        Case("organization", "organization page, 25 people", page("/organization/", site.session), goal=0.5),
        Case("whoami", "`whoami` by token", whoami(), goal=0.8),
        Case("log-in", "log-in", log_in(), 302, goal=0.9, php_goal=0.95, hashes=True),
        Case("sign-up", "sign-up by invite link", sign_up(site.invitation, "first@example.com"), 302,
             php_goal=0.95, hashes=True),
    ]

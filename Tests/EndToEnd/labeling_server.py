"""A real Label Studio."""

import contextlib

import requests
from site_under_test import free_port, wait_until

CHIEF = "chief@example.com"
CHIEFS_TOKEN = "chiefs-own-token-123"
WITH_CHIEF = [
    "--username", CHIEF, "--password", "Chief-Pass-1", "--user-token", CHIEFS_TOKEN, "--enable-legacy-api-token"]


class LabelingServer:
    """It runs, and asks nobody on the network for anything."""

    def __init__(self, workshop, program, *flags, data=None, **settings):
        self.data = data or workshop.directory()
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.key_file = self.data / ".env"
        self.program = workshop.spawn(
            [program, "start", "--data-dir", self.data, "--internal-host", "127.0.0.1", "--port", self.port,
             "--no-browser", *flags],
            workshop.environment(HOME=self.data, COLLECT_ANALYTICS="false", LATEST_VERSION_CHECK="false",
                                 SENTRY_DSN="", FRONTEND_SENTRY_DSN="", **settings))
        wait_until(self.is_up, 180, "Label Studio")

    def is_up(self):
        assert self.program.process.poll() is None, self.program.errors
        with contextlib.suppress(requests.RequestException):
            return requests.get(self.url + "/health", timeout=2).status_code == 200

    def sign_up(self, email, password, query=""):
        session = requests.Session()
        session.get(self.url + "/user/signup/")
        answer = session.post(
            self.url + "/user/signup/" + query,
            {"csrfmiddlewaretoken": session.cookies["csrftoken"], "email": email, "password": password},
            allow_redirects=False)
        assert answer.status_code == 302, answer.text
        return session

    def people(self, session):
        """Everybody there, by number."""
        return {person["id"]: person for person in session.get(self.url + "/api/users/").json()}

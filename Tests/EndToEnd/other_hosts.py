"""Our pages at labels.localhost and sites behind the gate at other names, with the
files that are shipped; and people who go from one to the other."""

import contextlib
import socket
import sqlite3
import ssl
import urllib.parse

from guarded_site import GuardedSite
from site_under_test import Client
from system_nginx import SystemNginx, for_nginx

PAGE = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "none", "Accept": "text/html,*/*;q=0.8"}
HOME = "labels.localhost"
# The last one is served like the others, and is not in the setting.
NAMES = ["tools.localhost", "reports.localhost", "stray.localhost"]


def resolve_names(monkeypatch):
    """Names below localhost are of this machine, as they are to browsers (RFC 6761, 6.3)."""
    real = socket.getaddrinfo

    def getaddrinfo(host, *rest, **options):
        return real("127.0.0.1" if str(host).endswith(".localhost") else host, *rest, **options)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


class OtherHosts:
    """The nginx of a machine with the site that is shipped, and the example of a
    site on another host name for each name."""

    def __init__(self, workshop):
        self.workshop = workshop
        self.behind = GuardedSite()
        self.nginx = SystemNginx(workshop)
        self.port = self.nginx.secure
        self.url = f"https://{HOME}:{self.port}"
        self.tools, self.reports, self.stray = (f"https://{name}:{self.port}" for name in NAMES)
        self.responder = for_nginx(workshop.fastcgi(
            LABEL_STUDIO_HOST=self.url, LABEL_STUDIO_SITE_HOSTS=",".join(f"{name}:{self.port}" for name in NAMES[:2])))
        self.data = self.responder.data
        upstream = f"http://127.0.0.1:{self.behind.port}"
        self.nginx.start(**{
            "label-studio": self.nginx.shipped(
                self.responder, ("    location / {\n        include", self.tools_at_home(upstream)), name=HOME),
            **{f"label-studio-{name}": self.once(self.nginx.other_host(self.responder, name, upstream), name)
               for name in NAMES}})
        self.owner = self.traveller()
        assert self.owner.home.sign_up("owner@example.com").status_code == 302

    def tools_at_home(self, upstream):
        """A site on the host of our pages."""
        return (f"    location /tools/ {{ include {self.nginx.nginx_files}/gate.conf; proxy_pass {upstream}; }}\n"
                "    location / {\n        include")

    def once(self, text, name):
        return text.replace("label-studio-tools", f"label-studio-{name}")

    def traveller(self):
        return Traveller(self)

    def member(self, email):
        traveller = self.traveller()
        assert traveller.home.sign_up(email).status_code == 302
        return traveller

    def command(self, *arguments, **options):
        result = self.workshop.run(*arguments, "--data-dir", self.data, **options)
        assert result.returncode == 0, result.stderr
        return result.stdout

    @contextlib.contextmanager
    def database(self):
        with contextlib.closing(sqlite3.connect(self.data / "accounts.sqlite3", timeout=10)) as database:
            yield database
            database.commit()

    def over_tls(self, raw):
        context = ssl.create_default_context(cafile=self.nginx.certificate)
        return context.wrap_socket(raw, server_hostname="tools.localhost")

    def close(self):
        self.behind.close()


class Traveller:
    """A browser: one jar of cookies for all hosts."""

    def __init__(self, hosts):
        self.hosts = hosts
        self.home = Client(hosts.url, verify=hosts.nginx.certificate)
        self.session = self.home.session

    def get(self, url, headers=PAGE):
        return self.session.get(url, headers=headers, allow_redirects=False, timeout=20)

    def step(self, answer):
        """Where an answer leads; None if it is the end of the way."""
        leads_to = answer.headers.get("Location") or answer.headers.get("Refresh", "").partition("url=")[2]
        return urllib.parse.urljoin(answer.url, leads_to) if leads_to else None

    def open(self, url):
        """Goes all the way; the last answer."""
        for _ in range(10):
            answer = self.get(url)
            url = self.step(answer)
            if not url:
                return answer
        raise AssertionError(f"a way without an end: {url}")

    def ticket(self, url):
        """Goes until there is a ticket: the address that it is in."""
        for _ in range(10):
            url = self.step(self.get(url))
            if "ticket=" in url:
                return url
        raise AssertionError("there is no ticket")

    def cookies(self, url):
        """Those of the host of an address: name and attributes."""
        host = urllib.parse.urlsplit(url).hostname
        return {cookie.name: cookie for cookie in self.session.cookies if cookie.domain == host}

    def is_in(self, url):
        return self.get(url).status_code == 200

"""The nginx of a Debian machine with the site that is shipped, and clients for it."""

import os
import pathlib
import re
import shutil
import socket
import ssl
import subprocess

from site_under_test import Client, free_port, is_reached, wait_until

DEBIAN = pathlib.Path("/etc/nginx/nginx.conf")
NAME = "labels.example.org"
OTHER_NAME = "tools.example.org"


def executable():
    found = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    assert found, "nginx is not installed"
    return found


class SystemNginx:
    """Debian's own nginx.conf with sites; only paths and ports are those of a test."""

    def __init__(self, workshop):
        self.workshop = workshop
        self.nginx_files = workshop.installation / "nginx"
        self.directory = workshop.directory()
        self.directory.chmod(0o755)
        for part in ["sites-enabled", "html", "html/.well-known", "html/.well-known/acme-challenge"]:
            (self.directory / part).mkdir()
        self.certificate, self.key = workshop.certificate()
        self.plain, self.secure = free_port(), free_port()
        self.url = f"https://localhost:{self.secure}"
        self.program = None

    def shipped(self, responder, *edits, name="localhost"):
        """The text of the site after an operator wrote his own name and
        certificate, and those of his edits: pairs of what was there and is."""
        text = (self.nginx_files / "label-studio.site").read_text()
        return self.adapted(
            text, responder, (NAME, name), ("/run/label-studio/label-studio.sock", responder.socket), *edits)

    def other_host(self, responder, name, upstream):
        """The text of the example of a site on another host name."""
        text = (self.nginx_files / "other-host.site").read_text()
        return self.adapted(text, responder, (OTHER_NAME, name), ("http://127.0.0.1:9000", upstream))

    def adapted(self, text, responder, *edits):
        places = [
            ("/etc/ssl/certs/ssl-cert-snakeoil.pem", self.certificate),
            ("/etc/ssl/private/ssl-cert-snakeoil.key", self.key),
            # Where this machine has what a package would install.
            ("/usr/share/label-studio/nginx", self.nginx_files),
            ("/var/lib/label-studio/avatars", responder.data / "avatars"),
            ("/var/log/nginx", self.directory),
            ("/var/www/html", self.directory / "html"),
            ("listen 80;", f"listen {self.plain};"), ("listen [::]:80;", f"listen [::]:{self.plain};"),
            ("listen 443 ", f"listen {self.secure} "), ("listen [::]:443 ", f"listen [::]:{self.secure} ")]
        for old, new in [*places, *edits]:
            assert old in text, old
            text = text.replace(old, str(new))
        return text

    def write(self, **sites):
        directory = self.directory
        text = DEBIAN.read_text()
        for old, new in [
                (r"(?m)^user .*;", "user www-data;" if os.getuid() == 0 else ""),
                (r"(?m)^include .*modules-enabled.*", "daemon off;"),
                (r"/run/nginx\.pid", f"{directory}/nginx.pid"),
                (r"/var/log/nginx", str(directory)),
                (r"include /etc/nginx/conf\.d/\*\.conf;", "".join(
                    f"{part}_temp_path {directory}/{part};"
                    for part in ["client_body", "proxy", "fastcgi", "scgi", "uwsgi"])),
                (r"/etc/nginx/sites-enabled", f"{directory}/sites-enabled")]:
            text, count = re.subn(old, new, text)
            assert count or old == r"(?m)^user .*;", old
        self.file = directory / "nginx.conf"
        self.file.write_text(text)
        for name, site in sites.items():
            (directory / "sites-enabled" / name).write_text(site)

    def check(self):
        """`nginx -t`."""
        return subprocess.run(
            [executable(), "-t", "-c", self.file], capture_output=True, text=True, timeout=20, check=False)

    def start(self, **sites):
        self.write(**sites)
        self.program = self.workshop.spawn([executable(), "-e", self.directory / "error.log", "-c", self.file])
        wait_until(
            lambda: is_reached(self.secure) or self.program.process.poll() is not None, what="nginx")
        assert self.program.process.poll() is None, self.program.errors + self.log("error")
        return self

    def log(self, name):
        return (self.directory / f"{name}.log").read_text()

    def client(self, **options):
        return Client(self.url, verify=self.certificate, **options)

    def curl(self, path, *options, origin=None):
        """A request by curl: it speaks HTTP/2 and comes from an address of choice."""
        result = subprocess.run(
            ["curl", "-q", "-sS", "-i", "--noproxy", "*", "--max-time", "40", "--cacert", self.certificate, *options,
             (origin or self.url) + path],
            capture_output=True, timeout=60, check=False)
        assert result.returncode == 0, result.stderr
        return CurlAnswer(result.stdout)

    def handshake(self, version, ciphers="DEFAULT@SECLEVEL=0"):
        """The name of the cipher that is agreed upon; None if nginx refuses."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.set_ciphers(ciphers)
        context.minimum_version = context.maximum_version = version
        with socket.create_connection(("127.0.0.1", self.secure), timeout=20) as raw:
            try:
                with context.wrap_socket(raw, server_hostname="localhost") as connection:
                    return connection.cipher()[0]
            except (ssl.SSLError, ConnectionResetError):
                return None

    def connection(self):
        """A connection over TLS, to be written to."""
        context = ssl.create_default_context(cafile=self.certificate)
        raw = socket.create_connection(("127.0.0.1", self.secure), timeout=60)
        return context.wrap_socket(raw, server_hostname="localhost")

    def exchange(self, request):
        """Sends bytes as they are; returns all that comes back."""
        with self.connection() as connection:
            connection.sendall(request)
            received = b""
            while part := connection.recv(65536):
                received += part
        answer = CurlAnswer(received)
        if answer.all("transfer-encoding") == ["chunked"]:
            answer.body = b"".join(chunks(answer.body))
        return answer


def chunks(body):
    """What a chunked body holds (RFC 9112, 7.1)."""
    while body:
        length, _, body = body.partition(b"\r\n")
        yield body[:int(length, 16)]
        body = body[int(length, 16) + 2:]


class CurlAnswer:
    """An answer as it was sent, after those that only say to go on."""

    def __init__(self, received):
        while True:
            head, _, received = received.partition(b"\r\n\r\n")
            lines = head.decode().split("\r\n")
            self.protocol, status = lines[0].split()[:2]
            self.status_code = int(status)
            if self.status_code >= 200:
                break
        self.body = received
        self.fields = [
            (name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines[1:])]

    def all(self, name):
        return [value for found, value in self.fields if found == name.lower()]

    def field(self, name):
        found = self.all(name)
        return found[0] if len(found) == 1 else found


def for_nginx(responder):
    """What systemd and the package do: the group of nginx may use the socket, and
    it may go through the data directory to the photos."""
    # Its socket is there before its directory is.
    wait_until(lambda: "Database:" in responder.errors, what="the database")
    if os.getuid() == 0:
        shutil.chown(responder.socket, group="www-data")
        for part in [responder.data.parent, responder.data]:
            part.chmod(0o711)
    return responder

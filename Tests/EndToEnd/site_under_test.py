"""The program under test, from outside: processes, addresses, clients, forms."""

import base64
import contextlib
import html.parser
import os
import pathlib
import pwd
import re
import select
import shutil
import signal
import socket
import sqlite3
import struct
import subprocess
import tempfile
import time
import urllib.parse

import requests

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
SAMPLE = REPOSITORY / "Tests" / "Samples" / "label_studio.sqlite3"
PASSWORD = "four unrelated plain words"


def executable():
    path = os.environ.get("LABEL_STUDIO_EXECUTABLE") or REPOSITORY / ".build/release/label-studio"
    return pathlib.Path(path).resolve()


def short_directory():
    """A directory of our own with a path short enough for sockets."""
    return pathlib.Path(tempfile.mkdtemp(prefix="ls", dir="/tmp"))


def install(directory):
    """Copies the program and its files to where any user can read them, so
    that nobody changes them while the tests run."""
    directory.chmod(0o755)
    shutil.copy(executable(), directory / "label-studio")
    (directory / "label-studio").chmod(0o755)
    for part in ["templates", "nginx"]:
        shutil.copytree(REPOSITORY / part, directory / part)
    for path in directory.rglob("*"):
        path.chmod(0o755 if path.is_dir() or path.name == "label-studio" else 0o644)
    return directory


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(condition, seconds=10, what="the condition"):
    """Asks again and again; returns what is true at last."""
    end = time.monotonic() + seconds
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > end:
            raise AssertionError(f"{what} did not come true within {seconds} s")
        time.sleep(0.01)


def is_reached(port):
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def is_answered(path):
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(path)) == 0


def is_running(pid):
    try:
        state = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def children(pid):
    """The processes that a process has started, and those that these have."""
    found = []
    for task in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, task.read_text().split()):
            found += [child] + children(child)
    return found


def memory(pid):
    """Resident memory in MB."""
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+) kB", text).group(1)) / 1024


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def sockets(pid):
    """How many sockets a process holds."""
    count = 0
    for name in os.listdir(f"/proc/{pid}/fd"):
        with contextlib.suppress(FileNotFoundError):
            count += os.readlink(f"/proc/{pid}/fd/{name}").startswith("socket:")
    return count


class Program:
    """One run of the program, its output kept."""

    def __init__(self, command, environment, stdin=None, **options):
        self.directory = short_directory()
        self.out = self.directory / "out"
        self.err = self.directory / "err"
        with open(self.out, "wb") as out, open(self.err, "wb") as err:
            self.process = subprocess.Popen(
                [str(word) for word in command], env=environment, cwd=self.directory,
                stdin=stdin if stdin is not None else subprocess.DEVNULL, stdout=out, stderr=err, **options)
        self.pid = self.process.pid
        # Processes that it has started, to end them if it leaves them behind.
        self.started = []

    @property
    def output(self):
        return self.out.read_text()

    @property
    def errors(self):
        return self.err.read_text()

    def send(self, number):
        self.process.send_signal(number)

    def wait(self, seconds=15):
        return self.process.wait(timeout=seconds)

    def stop(self, number=signal.SIGTERM):
        self.send(number)
        return self.wait()

    def kill(self):
        """Ends it and what it has started, if they still run."""
        if self.process.poll() is None:
            self.started = children(self.pid)
            self.process.kill()
            self.process.wait()
        for child in self.started:
            if is_running(child) and pathlib.Path(f"/proc/{child}/comm").read_text() == "nginx\n":
                with contextlib.suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)
        shutil.rmtree(self.directory, ignore_errors=True)


class Workshop:
    """Starts what a test needs, and clears it away."""

    def __init__(self, installation):
        self.installation = installation
        self.label_studio = installation / "label-studio"
        self.programs = []
        self.directories = []

    def directory(self):
        made = short_directory()
        self.directories.append(made)
        return made

    def environment(self, **settings):
        base = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": "/nonexistent", "LC_ALL": "C.UTF-8"}
        # Of a program that was built with the address sanitizer.
        base |= {name: os.environ[name] for name in ["ASAN_OPTIONS"] if name in os.environ}
        return {**base, **{name: str(value) for name, value in settings.items()}}

    def spawn(self, command, environment=None, **options):
        program = Program(command, environment or self.environment(), **options)
        self.programs.append(program)
        return program

    def run(self, *arguments, given=None, seconds=20, prefix=(), **settings):
        """Runs the program to its end."""
        return subprocess.run(
            [*map(str, prefix), str(self.label_studio), *map(str, arguments)],
            env=self.environment(**settings), input=given, stdin=None if given is not None else subprocess.DEVNULL,
            capture_output=True, text=True, timeout=seconds, cwd="/")

    def limits(self, limited):
        """The settings of a program. Tests send more from one address than a
        person would: without limits, unless a test is about them."""
        return {} if limited else {"LABEL_STUDIO_THROTTLE": "off"}

    def start(self, *flags, data=None, port=None, waits=True, prefix=(), limited=False, **settings):
        """`label-studio start`, ready to answer."""
        settings = {**self.limits(limited), **settings}
        data = data or self.directory() / "data"
        port = port or free_port()
        command = [
            *prefix, self.label_studio, "start", "--data-dir", data, "--internal-host", "127.0.0.1", "--port", port,
            "--no-browser", *flags]
        program = self.spawn(command, self.environment(**settings))
        site = Site(program, data, port, f"http://127.0.0.1:{port}", waits)
        return site

    def fastcgi(self, *flags, data=None, socket=None, waits=True, limited=False, **settings):
        """`label-studio fastcgi --socket`: the responder alone."""
        settings = {**self.limits(limited), **settings}
        directory = self.directory()
        directory.chmod(0o755)
        socket = socket or directory / "s"
        data = data or directory / "data"
        command = [self.label_studio, "fastcgi", "--data-dir", data, "--socket", socket, *flags]
        program = self.spawn(command, self.environment(**settings))
        program.socket = socket
        program.data = data
        if waits:
            wait_until(
                lambda: is_answered(socket) or program.process.poll() is not None, what="the responder's socket")
            assert program.process.poll() is None, program.errors
        return program

    def nginx(self, servers, http=""):
        """An nginx of our own with these server blocks."""
        directory = self.directory()
        directory.chmod(0o755)
        for part in ["body", "fastcgi", "proxy"]:
            (directory / part).mkdir()
        user = "user root;" if os.getuid() == 0 else ""
        (directory / "nginx.conf").write_text(f"""
            daemon off; {user} worker_processes 2; worker_shutdown_timeout 1s; pid {directory}/pid; error_log {directory}/error.log notice;
            events {{ worker_connections 4096; }}
            http {{
                client_body_temp_path {directory}/body; fastcgi_temp_path {directory}/fastcgi;
                proxy_temp_path {directory}/proxy; scgi_temp_path {directory}/scgi; uwsgi_temp_path {directory}/uwsgi;
                access_log off; server_tokens off;
                {http}
                {servers}
            }}""")
        nginx = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
        assert nginx, "nginx is not installed"
        program = self.spawn([nginx, "-p", directory, "-e", f"{directory}/error.log", "-c", directory / "nginx.conf"])
        program.log = directory / "error.log"
        return program

    def in_front(self, responder, listen, prefix="", extra="", photos="/nonexistent", inside="", http=""):
        """Our nginx files in front of a responder on a socket."""
        nginx = self.installation / "nginx"
        program = self.nginx(
            f"""server {{
                listen {listen};
                {extra}
                set $label_studio_responder label_studio;
                set $label_studio_files {nginx};
                set $label_studio_photos {photos};
                set $label_studio_prefix "{prefix}";
                set $label_studio_hsts "";
                include {nginx}/errors.conf;
                include {nginx}/gate-check.conf;
                location / {{
                    include {nginx}/fastcgi.conf;
                    {inside}
                    include {nginx}/locations.conf;
                }}
            }}""",
            f"""{http} include {nginx}/http.conf;
            upstream label_studio {{ server unix:{responder}; include {nginx}/upstream.conf; }}""")
        port = int(re.search(r":(\d+)", listen).group(1))
        wait_until(
            lambda: is_reached(port) or program.process.poll() is not None, what="nginx")
        assert program.process.poll() is None, program.errors + program.log.read_text()
        program.port = port
        return program

    def certificate(self):
        """A self-signed certificate for localhost and its key."""
        directory = self.directory()
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
             "-keyout", directory / "key.pem", "-out", directory / "cert.pem", "-days", "2", "-subj", "/CN=localhost",
             "-addext", "subjectAltName=DNS:localhost,DNS:labels.example.org,IP:127.0.0.1,"
             + ",".join(f"DNS:{name}.localhost" for name in ["labels", "tools", "reports", "stray"])],
            check=True, capture_output=True)
        return directory / "cert.pem", directory / "key.pem"

    def tls(self, responder, prefix="", name="localhost"):
        """TLS in front of a responder; returns the address and the certificate."""
        certificate, key = self.certificate()
        port = free_port()
        self.in_front(
            responder, f"127.0.0.1:{port} ssl", prefix,
            f"server_name {name}; ssl_certificate {certificate}; ssl_certificate_key {key};")
        return f"https://localhost:{port}", certificate

    def clear(self):
        for program in reversed(self.programs):
            program.kill()
        for directory in self.directories:
            shutil.rmtree(directory, ignore_errors=True)


class Site:
    """A running `label-studio start`."""

    def __init__(self, program, data, port, url, waits=True):
        self.program = program
        self.data = pathlib.Path(data)
        self.port = port
        self.url = url
        if waits:
            self.wait_until_ready()

    @property
    def database(self):
        return self.data / "accounts.sqlite3"

    def wait_until_ready(self, seconds=15):
        wait_until(
            lambda: "Press Ctrl-C" in self.program.output or self.program.process.poll() is not None, seconds,
            "the start")
        assert self.program.process.poll() is None, self.program.errors
        self.program.started = self.nginx_pids()

    def client(self, **options):
        return Client(self.url, **options)

    def nginx_pids(self):
        return children(self.program.pid)

    def query(self, sql, *values):
        with contextlib.closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=10)) as database:
            return database.execute(sql, values).fetchall()

    def execute(self, sql, *values):
        with contextlib.closing(sqlite3.connect(self.database, timeout=10)) as database:
            database.execute(sql, values)
            database.commit()

    def person(self, email):
        """The number of an account."""
        return self.query("SELECT id FROM user_account WHERE email = ?", email)[0][0]

    def content(self):
        """Everything the database holds, apart from when somebody was seen."""
        with contextlib.closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=10)) as database:
            database.execute("BEGIN")
            tables = [name for name, in database.execute(
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name")]
            found = {}
            for table in tables:
                rows = database.execute(f"SELECT * FROM {table}")
                seen = {"last_seen_at", "last_active_at"}
                names = [description[0] for description in rows.description]
                found[table] = [
                    {name: value for name, value in zip(names, row) if name not in seen} for row in rows.fetchall()]
            return found

    def audit(self, action=None):
        """What the audit holds, oldest first: action, actor, subject, from, detail."""
        return self.query(
            "SELECT action, actor_email, subject_email, client_address, detail FROM audit_event "
            "WHERE ?1 IS NULL OR action = ?1 ORDER BY id", action)

    def invitation(self, owner=None):
        """The token of the invite link, as the API tells it."""
        return owner.get("/api/invite").json()["token"]


class Client:
    """A visitor with a cookie jar who follows no redirect by himself and sends
    the token of a form, as the Python client of the API does."""

    def __init__(self, url, prefix="", verify=True, address=None, agent=None):
        self.url = url
        self.prefix = prefix
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.verify = str(verify) if verify is not True else True
        # Believed where LABEL_STUDIO_TRUSTED_PROXIES names this machine.
        if address:
            self.session.headers["X-Forwarded-For"] = address
        if agent:
            self.session.headers["User-Agent"] = agent

    def request(self, method, path, **options):
        options.setdefault("allow_redirects", False)
        options.setdefault("timeout", 20)
        return self.session.request(method, self.url + path, **options)

    def get(self, path, **options):
        return self.request("GET", path, **options)

    def post(self, path, fields=None, **options):
        return self.request("POST", path, data=fields, **options)

    def page(self, path, **options):
        return Page(self.get(path, **options))

    @property
    def cookies(self):
        return {cookie.name: cookie.value for cookie in self.session.cookies}

    def submit(self, path, fields, form=None, headers=None):
        """Opens a page, fills in its form and sends it."""
        return self.send(self.page(path), fields, form, headers)

    def send(self, page, fields, form=None, headers=None):
        form = page.form(form)
        return self.post(form.action, {**form.fields, **fields}, headers=headers)

    def sign_up(self, email, password=PASSWORD, query="", **fields):
        path = f"{self.prefix}/user/signup/{query}"
        return self.submit(path, {"email": email, "password": password, **fields}, "signup-form")

    def log_in(self, email, password=PASSWORD, query="", **fields):
        path = f"{self.prefix}/user/login/{query}"
        return self.submit(path, {"email": email, "password": password, **fields}, "login-form")

    def log_out(self):
        return self.submit(f"{self.prefix}/logout", {}, "logout-form")

    def act_upon(self, number, act):
        """What an owner does with a person, by way of the question."""
        return self.submit(f"{self.prefix}/organization/people/{number}/{act}", {}, "person-form")

    def set_password_link(self, number):
        """The path of a new set-password link for a person."""
        page = Page(self.act_upon(number, "reset-link"))
        return page.value("password-link").removeprefix(self.url)

    def set_password(self, link, password):
        """Opens a set-password link and sends its form."""
        return self.submit(link, {"new_password": password}, "set-password-form")

    def api_token(self):
        return self.get(f"{self.prefix}/api/current-user/token").json()["token"]

    def is_logged_in(self):
        return self.get(f"{self.prefix}/user/account/").status_code == 200

    def copy(self):
        """Another client with a copy of the cookies."""
        other = Client(self.url, self.prefix, self.session.verify)
        other.session.cookies.update(self.session.cookies)
        other.session.headers.update(self.session.headers)
        return other


class Form:
    def __init__(self, attributes):
        self.id = attributes.get("id")
        self.action = attributes.get("action", "")
        self.method = attributes.get("method", "get")
        self.fields = {}
        self.inputs = {}
        self.buttons = []


class Page(html.parser.HTMLParser):
    """What a page shows: forms, links, text, elements by id."""

    VOID = {"meta", "link", "img", "input", "br", "hr", "path"}

    def __init__(self, response):
        super().__init__()
        self.response = response
        self.status = response.status_code
        self.forms = []
        self.links = []
        self.ids = {}
        self.tags = []
        self.pieces = []
        self.headings = []
        self.title = ""
        self._open = []
        self._textarea = None
        self._select = None
        self.feed(response.text)
        self.close()

    def handle_starttag(self, tag, attributes):
        attributes = {name: value if value is not None else "" for name, value in attributes}
        self.tags.append((tag, attributes))
        if "id" in attributes:
            self.ids[attributes["id"]] = attributes
        if tag == "form":
            self.forms.append(Form(attributes))
        if tag == "a":
            self.links.append([attributes.get("href", ""), ""])
        if tag in ("h1", "h2"):
            self.headings.append([tag, ""])
        if self.forms and "form" in self._open + [tag] and attributes.get("name"):
            form = self.forms[-1]
            form.inputs[attributes["name"]] = attributes
            kind = attributes.get("type", "text")
            if tag == "textarea":
                self._textarea = attributes["name"]
                form.fields[self._textarea] = ""
            elif tag == "input" and (kind not in ("checkbox", "radio") or "checked" in attributes):
                form.fields[attributes["name"]] = attributes.get("value", "")
            elif tag == "select":
                self._select = attributes["name"]
        if tag == "option" and "form" in self._open:
            # Without a choice it is the first one.
            fields = self.forms[-1].fields
            if "selected" in attributes or self._select not in fields:
                fields[self._select] = attributes.get("value", "")
        if tag == "button" and "form" in self._open:
            self.forms[-1].buttons.append("")
        if tag not in self.VOID:
            self._open.append(tag)

    def handle_endtag(self, tag):
        if tag == "textarea":
            # HTML ignores the line break after the start tag.
            fields = self.forms[-1].fields
            fields[self._textarea] = fields[self._textarea].removeprefix("\n")
            self._textarea = None
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data):
        self.pieces.append(data)
        if self._textarea:
            self.forms[-1].fields[self._textarea] += data
        if "a" in self._open and self.links:
            self.links[-1][1] += data
        if self._open and self._open[-1] in ("h1", "h2") and self.headings:
            self.headings[-1][1] += data
        if "title" in self._open:
            self.title += data
        if "button" in self._open and "form" in self._open:
            self.forms[-1].buttons[-1] += data

    @property
    def text(self):
        return " ".join("".join(self.pieces).split())

    @property
    def heading(self):
        return next(" ".join(text.split()) for tag, text in self.headings if tag == "h1")

    def form(self, name=None):
        found = [form for form in self.forms if form.id == name] if name else self.forms
        assert found, f"there is no form {name} in: {self.text}"
        return found[-1]

    def has_form(self, name):
        return any(form.id == name for form in self.forms)

    def link(self, text):
        found = [target for target, label in self.links if " ".join(label.split()) == text]
        assert found, f"there is no link {text} in: {self.links}"
        return found[0]

    def has_link(self, text):
        return any(" ".join(label.split()) == text for _, label in self.links)

    def value(self, name):
        """The value of the input with this id."""
        return self.ids[name].get("value", "")


def assert_shows_problem(response, message, status=422):
    """A form that was refused: the status, the title, a summary, the message."""
    page = Page(response)
    assert response.status_code == status, (response.status_code, page.text)
    assert "There is a problem" in page.text
    assert page.title.startswith("Error: ")
    assert message in page.text, page.text
    return page


def until_not_429(ask):
    """Asks until the delay is over."""
    for _ in range(5):
        answer = ask()
        if answer.status_code != 429:
            return answer
        time.sleep(int(answer.headers["Retry-After"]))
    raise AssertionError("the delay does not end")


# A line of the log; what is quoted holds no control character.
LOG_LINE = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ (?P<level>debug|info|warning|error|notice) (?P<name>[a-z-]+)"
    r'(?P<fields>( [a-z_]+=("([^"\\\x00-\x1f\x7f]|\\.)*"|[^\s"=\\]+))*)')


class LogLine:
    def __init__(self, text):
        found = LOG_LINE.fullmatch(text)
        assert found, f"no line of the log: {text!r}"
        self.level, self.name = found["level"], found["name"]
        pairs = re.findall(r' ([a-z_]+)=("(?:[^"\\]|\\.)*"|[^\s"=]+)', found["fields"])
        self.fields = {name: value.strip('"') for name, value in pairs}


def log_lines(program, name=None):
    """The log of a program that has ended or is quiet, without what it says to
    a person at its start."""
    lines = [LogLine(line) for line in program.errors.split("\n")
             if line and not line.startswith(("label-studio: ", "Database: "))]
    return [line for line in lines if name in (None, line.name)]


class AtOnce:
    """Requests that are sent all at once, each on a connection of its own, by
    one thread."""

    def __init__(self, port, requests):
        self.connections = []
        for request in requests:
            connection = socket.create_connection(("127.0.0.1", port), timeout=20)
            self.connections.append([connection, request, b""])

    def send(self):
        for connection, request, _ in self.connections:
            connection.sendall(request)

    def answers(self, seconds=60):
        """The answers, in the order of the requests; they must say
        `Connection: close`."""
        poll = select.poll()
        waiting = {item[0].fileno(): item for item in self.connections}
        for number in waiting:
            poll.register(number, select.POLLIN)
        end = time.monotonic() + seconds
        while waiting:
            assert time.monotonic() < end, f"{len(waiting)} requests were not answered"
            for number, _ in poll.poll(1000):
                part = waiting[number][0].recv(65536)
                waiting[number][2] += part
                if not part:
                    poll.unregister(number)
                    waiting.pop(number)[0].close()
        return [Answer(received) for _, _, received in self.connections]


class Answer:
    def __init__(self, received):
        self.head, _, self.body = received.partition(b"\r\n\r\n")
        assert self.head.startswith(b"HTTP/1.1 "), received[:100]
        self.status = int(self.head.split()[1])
        fields = [line.partition(":") for line in self.head.decode().split("\r\n")[1:]]
        self.fields = {name.lower(): value.strip() for name, _, value in fields}


def form_request(path, fields, **headers):
    """A form as a page of ours sends it, to be written to a socket."""
    body = urllib.parse.urlencode(fields)
    given = {"Host": "127.0.0.1", "Connection": "close", "Sec-Fetch-Site": "same-origin",
             "Content-Type": "application/x-www-form-urlencoded", "Content-Length": len(body), **headers}
    head = "".join(f"{name}: {value}\r\n" for name, value in given.items())
    return f"POST {path} HTTP/1.1\r\n{head}\r\n{body}".encode()


def cookie_attributes(response, name):
    """The value and the attributes of a cookie that was set; a flag is True."""
    for field in response.raw.headers.getlist("Set-Cookie"):
        parts = [part.strip() for part in field.split(";")]
        found, _, value = parts[0].partition("=")
        if found == name:
            attributes = {}
            for part in parts[1:]:
                key, separator, text = part.partition("=")
                attributes[key] = text if separator else True
            return value, attributes
    raise AssertionError(f"no cookie {name} was set: {response.raw.headers.getlist('Set-Cookie')}")


def raw_exchange(port, request, seconds=10):
    """Sends bytes to nginx as they are; returns all that comes back."""
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as connection:
        connection.sendall(request)
        received = b""
        while True:
            part = connection.recv(65536)
            if not part:
                return received
            received += part


class Records:
    """FastCGI records (FastCGI specification, 3.3) on a unix socket."""

    BEGIN, ABORT, END, PARAMS, STDIN, STDOUT, STDERR, GET_VALUES = 1, 2, 3, 4, 5, 6, 7, 9

    def __init__(self, path, seconds=15):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(seconds)
        self.socket.connect(str(path))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    @staticmethod
    def record(kind, content=b"", request=1, version=1, length=None, padding=0):
        announced = len(content) if length is None else length
        return struct.pack(">BBHHBB", version, kind, request, announced, padding, 0) + content + bytes(padding)

    @staticmethod
    def begin(role=1, keeps=True, **options):
        return Records.record(Records.BEGIN, struct.pack(">HB5x", role, 1 if keeps else 0), **options)

    @staticmethod
    def pair(name, value):
        def size(text):
            return struct.pack(">B", len(text)) if len(text) < 128 else struct.pack(">I", len(text) | 1 << 31)

        return size(name) + size(value) + name + value

    @staticmethod
    def parameters(**values):
        return b"".join(Records.pair(name.encode(), value.encode()) for name, value in values.items())

    @staticmethod
    def get(target="/health", **more):
        """A whole, good request."""
        values = {
            "REQUEST_METHOD": "GET", "REQUEST_URI": target, "REQUEST_SCHEME": "http", "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": "localhost", **more}
        return (
            Records.begin() + Records.record(Records.PARAMS, Records.parameters(**values))
            + Records.record(Records.PARAMS) + Records.record(Records.STDIN))

    def send(self, data):
        self.socket.sendall(data)

    def receive_exactly(self, count):
        data = b""
        while len(data) < count:
            part = self.socket.recv(count - len(data))
            if not part:
                raise EOFError
            data += part
        return data

    def answer(self):
        """The output of one request."""
        output = b""
        while True:
            _, kind, _, length, padding, _ = struct.unpack(">BBHHBB", self.receive_exactly(8))
            content = self.receive_exactly(length)
            self.receive_exactly(padding)
            if kind == self.STDOUT:
                output += content
            if kind == self.END:
                return output

    @staticmethod
    def status(answer):
        """The status of an answer; 200 if it names none (RFC 3875, 6.3.3)."""
        head = answer.partition(b"\r\n\r\n")[0]
        found = re.search(rb"(?im)^Status: (\d{3})", head)
        return int(found.group(1)) if found else 200

    def is_closed(self, seconds):
        """Whether the other side closes the connection within that time."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            ready, _, _ = select.select([self.socket], [], [], max(0, end - time.monotonic()))
            if ready:
                try:
                    if not self.socket.recv(65536):
                        return True
                except ConnectionResetError:
                    return True
        return False


def nobody():
    """A user who may write nowhere."""
    return pwd.getpwnam("nobody")


def decoded_length(value):
    return len(base64.urlsafe_b64decode(value + "=" * (-len(value) % 4)))

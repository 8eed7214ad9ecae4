"""label-studio check: what is well, what is not, and what to do about it."""

import contextlib
import os
import re
import shutil
import socket
import sqlite3
import ssl
import struct
import subprocess
import threading

import pytest
from site_under_test import PASSWORD, SAMPLE, free_port, is_reached, nobody, wait_until
from test_migration import NEWEST, make, small_disk  # noqa: F401

CLOSED = {"LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK": "true"}


def check(workshop, *flags, **settings):
    """The findings by their level, and the whole."""
    result = workshop.run("check", *flags, seconds=60, **settings)
    assert result.stderr == ""
    lines = [re.fullmatch(r"(ok|warning|fault) +(.+)", line) for line in result.stdout.splitlines()[:-1]]
    assert all(lines), result.stdout
    findings = {"ok": [], "warning": [], "fault": []}
    for line in lines:
        findings[line[1]].append(line[2])
    assert result.stdout.splitlines()[-1] == f"Faults: {len(findings['fault'])}. Warnings: {len(findings['warning'])}."
    assert result.returncode == (1 if findings["fault"] else 0)
    return findings


def content(directory):
    """Everything in a directory, with its owner, rights and time."""
    return {
        path: (path.stat().st_uid, path.stat().st_mode, path.stat().st_mtime_ns, path.is_file() and path.read_bytes())
        for path in [directory, *directory.rglob("*")]}


@pytest.fixture
def stopped(workshop):
    """The data of a site with an owner that ran and has ended."""
    data = workshop.directory() / "data"
    program = workshop.fastcgi("--username", "owner@example.com", "--password", PASSWORD, data=data)
    wait_until(lambda: "Database:" in program.errors, what="the responder")
    assert program.stop() == 0
    return data


def test_all_is_well_behind_tls(workshop):
    data = workshop.directory() / "data"
    program = workshop.fastcgi("--username", "owner@example.com", "--password", PASSWORD, data=data)
    url, certificate = workshop.tls(program.socket)
    findings = check(
        workshop, "--data-dir", data, "--socket", program.socket, "--host", url, SSL_CERT_FILE=certificate, **CLOSED)
    # The certificates of the tests end soon.
    assert findings["fault"] == [] and len(findings["warning"]) == 1
    assert findings["warning"][0].startswith("the certificate ends in ")
    told = "\n".join(findings["ok"])
    for part in [
            "the settings are understood", "sign-up is closed", f"people reach the site at {url}",
            f"the key file {data}/accounts.key is for its owner only", f"the responder on {program.socket} answers",
            f"the data directory {data} is its owner's", "MB are free", "the templates in", "the files for nginx in",
            f"the database {data}/accounts.sqlite3 is for its owner only", "the database is whole",
            "the key is the one that the database was made with", "its schema is that of this version",
            "is reached at 127.0.0.1", "/health there answers that all is well"]:
        assert part in told, part


def test_nothing_is_changed_or_made(workshop, stopped):
    before = content(stopped.parent)
    findings = check(workshop, "--data-dir", stopped, **CLOSED)
    assert findings["fault"] == []
    assert content(stopped.parent) == before
    nowhere = stopped.parent / "nowhere"
    findings = check(workshop, "--data-dir", nowhere, **CLOSED)
    assert any("there is no data directory" in text for text in findings["fault"])
    assert any("there is no database" in text for text in findings["fault"])
    assert content(stopped.parent) == before


def test_an_older_schema_is_told_and_not_migrated(workshop, stopped):
    old = stopped.parent / "old"
    make(old)
    before = content(old)
    findings = check(workshop, "--data-dir", old, **CLOSED)
    assert findings["fault"] == []
    assert f"its schema is {NEWEST - 1}, and becomes {NEWEST} at the next start; a copy is kept" in findings["warning"]
    assert content(old) == before


def test_every_fault_of_the_settings_is_told(workshop, stopped):
    findings = check(
        workshop, "--data-dir", stopped, LABEL_STUDIO_PORT="x", LABEL_STUDIO_HOST="nowhere", LABEL_STUDIO_PROT="1",
        LABEL_STUDIO_USERNAME="a@example.com", LABEL_STUDIO_PASSWORD="short")
    assert [text.split(":")[0] for text in findings["fault"]] == [
        "LABEL_STUDIO_PASSWORD", "LABEL_STUDIO_HOST", "LABEL_STUDIO_PORT"]


def test_what_is_not_safe_is_a_warning(workshop, stopped):
    findings = check(workshop, "--data-dir", stopped, LABEL_STUDIO_THROTTLE="off", LABEL_STUDIO_PROT="1")
    assert findings["fault"] == []
    told = "\n".join(findings["warning"])
    for part in ["sign-up is open: anyone who reaches the site can register; to close it, set "
                 "LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK=true", "LABEL_STUDIO_THROTTLE=off",
                 "LABEL_STUDIO_HOST is not set", "LABEL_STUDIO_PROT is not a setting; did you mean LABEL_STUDIO_PORT?"]:
        assert part in told, part


def test_a_password_from_standard_input_is_not_asked_for(workshop, stopped):
    findings = check(
        workshop, "--data-dir", stopped, LABEL_STUDIO_USERNAME="a@example.com", LABEL_STUDIO_PASSWORD="-", **CLOSED)
    assert findings["fault"] == []


def damage(path):
    """Counts free pages that are not there: no query comes upon that."""
    with open(path, "r+b") as file:
        file.seek(36)
        file.write((5).to_bytes(4, "big"))


def orphan(path):
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute("INSERT INTO set_password_link VALUES (99, x'00', NULL, 1, 2)")
        database.commit()


def newer(path):
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute("INSERT INTO schema_migration VALUES (99, '', 1)")
        database.commit()


def altered(path):
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute("UPDATE schema_migration SET digest = '' WHERE number = 1")
        database.commit()


@pytest.mark.parametrize(
    ["harm", "text"],
    [
        (lambda data: (data / "accounts.key").chmod(0o640), "others than its owner can use the key file: chmod 600"),
        (lambda data: (data / "accounts.key").write_bytes(b"x" * 31), "is not a key: it must hold 32 bytes"),
        (lambda data: (data / "accounts.key").write_bytes(b"x" * 32), "is not the one that"),
        (lambda data: (data / "accounts.key").unlink(), "is missing, but the database was made with one; put it back"),
        (lambda data: (data / "accounts.sqlite3").chmod(0o644), "accounts.sqlite3: chmod 600"),
        (lambda data: data.chmod(0o777), "others than its owner can write into"),
        (lambda data: damage(data / "accounts.sqlite3"), "the database is damaged ("),
        (lambda data: orphan(data / "accounts.sqlite3"), "a row of set_password_link refers to one of user_account"),
        (lambda data: newer(data / "accounts.sqlite3"), "was written by a newer version of this program"),
        (lambda data: altered(data / "accounts.sqlite3"), "step 1 of its schema is not the one of this program"),
        (lambda data: (data / "accounts.sqlite3").write_bytes(b"x" * 4096), "is not a database"),
        (lambda data: shutil.copy(SAMPLE, data / "accounts.sqlite3"), "is a database of another program"),
    ],
    ids=["key open", "key short", "key wrong", "no key", "database open", "directory open", "damaged", "orphan", "newer",
         "altered", "no database", "foreign"])
def test_what_is_wrong_with_files_is_a_fault(workshop, stopped, harm, text):
    harm(stopped)
    findings = check(workshop, "--data-dir", stopped, **CLOSED)
    assert [one for one in findings["fault"] if text in one], findings


def test_nobody_with_an_account_is_a_warning(workshop):
    data = workshop.directory() / "data"
    assert workshop.fastcgi(data=data).stop() == 0
    assert any("label-studio user add EMAIL makes the first one" in text
               for text in check(workshop, "--data-dir", data, **CLOSED)["warning"])
    assert any("the first who signs up owns the site" in text
               for text in check(workshop, "--data-dir", data)["warning"])


def test_a_disk_that_is_nearly_full_is_a_fault(workshop, small_disk):  # noqa: F811
    assert workshop.fastcgi(data=small_disk / "data").stop() == 0
    findings = check(workshop, "--data-dir", small_disk / "data", **CLOSED)
    assert any(re.search(r"\d MB are free in .*: make room, or nobody can log in", text) for text in findings["fault"])


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give files away")
def test_files_of_somebody_else_are_a_fault(workshop, stopped):
    os.chown(stopped / "accounts.key", 1, 1)
    for name in ["accounts.sqlite3-wal", "accounts.sqlite3-shm"]:
        (stopped / name).touch(mode=0o600)
    os.chown(stopped / "accounts.sqlite3-wal", 1, 1)
    told = "\n".join(check(workshop, "--data-dir", stopped, **CLOSED)["fault"])
    assert "accounts.key belongs to user 1: chown it to user 0, or to root" in told
    assert "accounts.sqlite3-wal belongs to user 1, and the database to 0: chown 0" in told


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
def test_root_sees_with_the_eyes_of_the_service(workshop, stopped):
    for path in stopped.iterdir():
        os.chown(path, nobody().pw_uid, nobody().pw_gid)
    # The directory is root's: its owner, root, could write, and the service cannot.
    stopped.parent.chmod(0o755)
    stopped.chmod(0o755)
    findings = check(workshop, "--data-dir", stopped, **CLOSED)
    assert any(f"user {nobody().pw_uid} cannot write into {stopped}" in text for text in findings["fault"])


def test_nginx_files_that_nginx_cannot_read_are_a_fault(workshop, stopped):
    resources = workshop.directory()
    for part in ["templates", "nginx"]:
        shutil.copytree(workshop.installation / part, resources / part)
    style = next((resources / "nginx" / "static").iterdir())
    style.chmod(0o600)
    (resources / "templates" / "messages.txt").write_text("")
    findings = check(workshop, "--data-dir", stopped, LABEL_STUDIO_RESOURCES=resources, **CLOSED)
    assert f"nginx cannot read {style}: chmod o+r {style}" in findings["fault"]
    assert any("the templates cannot be used: " in text for text in findings["fault"])


def test_another_program_of_the_name_is_a_warning(workshop, stopped):
    other = workshop.directory()
    (other / "label-studio").write_text("#!/bin/sh\n")
    (other / "label-studio").chmod(0o755)
    link = workshop.directory()
    (link / "label-studio").symlink_to(workshop.label_studio)

    def warnings(path):
        found = check(workshop, "--data-dir", stopped, PATH=path, **CLOSED)["warning"]
        return [text for text in found if "first in PATH" in text]

    assert warnings(f"/nonexistent:{other}:{link}") == [
        f"label-studio is another program where it is first in PATH: {other}/label-studio; call this one as "
        f"{workshop.label_studio}, or give the other one another name"]
    assert warnings(f"{link}:{other}") == [] and warnings("/nonexistent") == []


# The responder


def test_a_responder_that_is_gone_or_silent_is_a_fault(workshop, stopped):
    path = workshop.directory() / "s"
    told = check(workshop, "--data-dir", stopped, "--socket", path, **CLOSED)["fault"]
    assert len(told) == 1 and told[0].startswith("nobody listens on the socket of the responder: ")
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(path))
        silent.listen()
        told = check(workshop, "--data-dir", stopped, "--socket", path, **CLOSED)["fault"]
    assert told == [f"the responder on {path} does not answer within 5 seconds: restart it, and look into its log"]


def test_the_responder_of_start_is_found(workshop):
    site = workshop.start("--username", "owner@example.com", "--password", PASSWORD, **CLOSED)
    findings = check(workshop, "--data-dir", site.data, "--host", site.url, **CLOSED)
    assert findings["fault"] == [] and findings["warning"] == []
    assert any("nginx/" in text and text.startswith("the responder on ") for text in findings["ok"])


# The site as people reach it


def network(findings):
    return [text for text in findings["fault"] + findings["warning"] if "socket of a responder" not in text]


def test_a_name_that_is_not_found_or_not_reached_is_a_fault(workshop, stopped):
    told = network(check(workshop, "--data-dir", stopped, "--host", "https://nowhere.invalid", **CLOSED))
    assert len(told) == 1 and told[0].startswith("nowhere.invalid, port 443, is not reached (the name is not found")
    port = free_port()
    told = network(check(workshop, "--data-dir", stopped, "--host", f"http://127.0.0.1:{port}", **CLOSED))
    assert told == [f"127.0.0.1, port {port}, is not reached (127.0.0.1: Connection refused): "
                    "look at DNS, the firewall and nginx"]


def certificate(workshop, name, *options):
    directory = workshop.directory()
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout",
         directory / "key.pem", "-out", directory / "cert.pem", "-subj", f"/CN={name}", "-addext",
         f"subjectAltName=DNS:{name},DNS:other.example", *options], check=True, capture_output=True)
    return directory / "cert.pem", directory / "key.pem"


def tls(workshop, stopped, certificate, key, trusted=True):
    port = free_port()
    workshop.nginx(f"""server {{
        listen 127.0.0.1:{port} ssl; ssl_certificate {certificate}; ssl_certificate_key {key};
        location / {{ default_type application/json; return 200 '{{"status":"UP"}}'; }} }}""")
    wait_until(lambda: is_reached(port), what="nginx")
    environment = {"SSL_CERT_FILE": certificate} if trusted else {"SSL_CERT_FILE": "/dev/null"}
    findings = check(workshop, "--data-dir", stopped, "--host", f"https://localhost:{port}", **environment, **CLOSED)
    assert "/health there answers that all is well" in findings["ok"], findings
    return findings


def test_a_certificate_that_is_well_is_told(workshop, stopped):
    findings = tls(workshop, stopped, *certificate(workshop, "localhost", "-days", "60"))
    assert network(findings) == []
    assert any(re.fullmatch(r"the certificate is for localhost and valid for (59|60) days", text)
               for text in findings["ok"])


def test_a_certificate_for_another_name_is_a_fault(workshop, stopped):
    findings = tls(workshop, stopped, *certificate(workshop, "labels.example", "-days", "60"))
    assert network(findings) == [
        "the certificate is not for localhost, but for: labels.example other.example; get one for this name, "
        "or mend LABEL_STUDIO_HOST"]


def test_a_certificate_that_ends_soon_is_a_warning(workshop, stopped):
    findings = tls(workshop, stopped, *certificate(workshop, "localhost", "-days", "13"))
    assert findings["fault"] == []
    assert re.fullmatch(r"the certificate ends in 1[23] days: renew it, such as by certbot renew, and reload nginx",
                        network(findings)[0])


def test_a_certificate_that_has_ended_is_a_fault(workshop, stopped):
    request, key = certificate(workshop, "localhost", "-days", "60")
    directory = request.parent
    (directory / "index.txt").touch()
    (directory / "serial").write_text("01\n")
    (directory / "ca.cnf").write_text(f"""[ca]
default_ca = d
[d]
dir = {directory}
new_certs_dir = {directory}
database = {directory}/index.txt
serial = {directory}/serial
default_md = sha256
policy = p
[p]
commonName = supplied
[x]
subjectAltName = DNS:localhost
""")
    subprocess.run(
        ["openssl", "req", "-new", "-key", key, "-subj", "/CN=localhost", "-out", directory / "csr.pem"],
        check=True, capture_output=True)
    subprocess.run(
        ["openssl", "ca", "-batch", "-selfsign", "-config", directory / "ca.cnf", "-extensions", "x", "-keyfile", key,
         "-in", directory / "csr.pem", "-out", directory / "old.pem", "-startdate", "20200101000000Z", "-enddate",
         "20200201000000Z", "-notext"], check=True, capture_output=True)
    findings = tls(workshop, stopped, directory / "old.pem", key)
    assert network(findings) == [
        "the certificate has expired: renew it, such as by certbot renew, and reload nginx"]


def test_a_certificate_that_nobody_signed_is_a_fault(workshop, stopped):
    findings = tls(workshop, stopped, *certificate(workshop, "localhost", "-days", "60"), trusted=False)
    assert network(findings) == [
        "this machine does not trust the certificate (self-signed certificate): is the whole chain in nginx's "
        "ssl_certificate?"]


def test_no_tls_where_there_should_be_some_is_a_fault(workshop, stopped):
    port = free_port()
    workshop.nginx(f"server {{ listen 127.0.0.1:{port}; return 200 x; }}")
    wait_until(lambda: is_reached(port), what="nginx")
    told = network(check(workshop, "--data-dir", stopped, "--host", f"https://localhost:{port}", **CLOSED))
    assert len(told) == 1 and re.match(rf"localhost, port {port}, speaks no TLS \(.+\): look at ssl", told[0])


def test_a_server_that_goes_after_the_handshake_is_a_fault(workshop, stopped):
    file, key = certificate(workshop, "localhost", "-days", "60")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(file, key)
    with socket.create_server(("127.0.0.1", 0)) as server:
        def serve():
            connection = context.wrap_socket(server.accept()[0], server_side=True)
            # An end that is no goodbye.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.close()

        thread = threading.Thread(target=serve)
        thread.start()
        port = server.getsockname()[1]
        told = network(check(
            workshop, "--data-dir", stopped, "--host", f"https://localhost:{port}", SSL_CERT_FILE=file, **CLOSED))
        thread.join()
    assert told in (["localhost takes no request"], ["localhost does not answer /health"])


@pytest.mark.parametrize(
    ["answer", "text"],
    [("return 200 hello", "/sub/health there is not ours (status 200)"), ("return 404", "/sub/health there is not ours (status 404)"),
     ("return 502", "nginx answers 502: the responder does not run"),
     ("return 301 https://elsewhere.example/", "/sub/health there is a redirect: set LABEL_STUDIO_HOST"),
     ("return 444", "127.0.0.1 does not answer /sub/health"),
     ("""default_type application/json; return 503 '{"status":"DOWN"}'""", "accounts cannot be read or written")])
def test_an_answer_that_is_not_ours_is_a_fault(workshop, stopped, answer, text):
    port = free_port()
    workshop.nginx(f"server {{ listen 127.0.0.1:{port}; location / {{ {answer}; }} }}")
    wait_until(lambda: is_reached(port), what="nginx")
    told = network(check(workshop, "--data-dir", stopped, "--host", f"http://127.0.0.1:{port}/sub", **CLOSED))
    assert len(told) == 1 and text in told[0]


def test_a_public_address_without_tls_is_a_warning(workshop, stopped):
    told = check(workshop, "--data-dir", stopped, "--host", "http://nowhere.invalid", **CLOSED)["warning"]
    assert any("http://nowhere.invalid is not encrypted" in text for text in told)


def test_without_a_public_address_nothing_is_looked_up(workshop, stopped):
    if not shutil.which("strace"):
        pytest.skip("strace is not installed")
    result = subprocess.run(
        ["strace", "-f", "-e", "trace=socket,connect", workshop.label_studio, "check", "--data-dir", stopped],
        env=workshop.environment(**CLOSED), capture_output=True, text=True, timeout=60)
    assert "AF_INET" not in result.stderr

"""The package in a Debian that systemd has booted, from its installation to its
removal (issue 5). The tests of this file are one story, in this order."""

import json
import re
import select
import socket
import ssl
import time

import pytest
from guarded_site import GuardedSite, WebSocket
from older_database import older_database
from service import (
    DATABASE, SETTINGS, SITE, Load, configure, install, main_pid, nginx_workers, open_site, people, repack, state,
    version_of, wait_for_site)
from site_under_test import PASSWORD, REPOSITORY, Client

OWNER = "owner@example.com"


class Story:
    certificate = None
    link = None


@pytest.fixture(scope="module")
def story():
    return Story()


@pytest.fixture
def visitor(story):
    return Client(SITE, verify=story.certificate)


THEIRS = "/etc/systemd/system/label-studio.service"


def test_a_service_of_somebody_elses_is_neither_enabled_nor_disabled(machine, package):
    """Before there was anything of ours."""
    machine.write(THEIRS, "[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n")
    machine.run("systemctl daemon-reload")
    for switch in ["disable", "enable"]:
        machine.run(f"systemctl {switch} label-studio.service")
        install(machine, package)
        enabled = machine.output("systemctl is-enabled label-studio.service label-studio.socket || true").split()
        assert enabled == [f"{switch}d", "disabled"]
        machine.run("dpkg --purge label-studio")
        assert machine.output("systemctl is-enabled label-studio.service || true") == f"{switch}d"
    machine.run(f"systemctl disable label-studio.service && rm {THEIRS} && systemctl daemon-reload")


def test_the_installation_starts_a_closed_service(machine, package, measure):
    measure("size of the package", f"{package.stat().st_size / 1e6:.1f} MB")
    said = install(machine, package)
    assert "another label-studio" not in said.stderr
    assert machine.output("label-studio version") == f"label-studio {version_of(package)}"
    measure("size of the program", f"{(machine.root / 'usr/bin/label-studio').stat().st_size / 1e6:.1f} MB")
    assert (machine.root / "usr/bin/label-studio").stat().st_size <= 16_000_000
    assert state(machine) == "active"
    assert machine.output("systemctl is-enabled label-studio.service label-studio.socket").split() == ["enabled"] * 2
    assert machine.output("systemctl is-enabled label-studio-backup.timer || true") == "disabled"
    rights = {
        "/run/label-studio/label-studio.sock": "660 root www-data",
        SETTINGS: "640 root label-studio",
        "/etc/label-studio/credentials": "700 root root",
        "/etc/label-studio/credentials/key": "600 root root",
        "/var/lib/label-studio": "711 label-studio label-studio",
        "/var/lib/label-studio/avatars": "711 label-studio label-studio",
        DATABASE: "600 label-studio label-studio",
    }
    for path, expected in rights.items():
        assert machine.output(f"stat --format='%a %U %G' {path}") == expected, path
    for path in ["man/man1/label-studio.1.gz", "man/man5/label-studio.env.5.gz", "bash-completion/completions/label-studio"]:
        assert (machine.root / "usr/share" / path).is_file(), path
    # Whoever has the network of the machine listens nowhere more than before.
    assert "label-studio" not in machine.output("ls /etc/nginx/sites-enabled")
    machine.run("nginx -t && systemctl is-active nginx")


def test_the_sandbox_is_as_tight_as_it_is_said_to_be(machine, measure):
    found = machine.output("systemd-analyze security label-studio.service")
    exposure = float(re.search(r"Overall exposure level for label-studio.service: ([0-9.]+)", found).group(1))
    measure("exposure by systemd-analyze security", exposure)
    assert exposure <= 0.5, found
    units = machine.output("ls /lib/systemd/system/label-studio*").split()
    assert len(units) == 8
    verified = machine.run(f"systemd-analyze verify --man=no {' '.join(units)}")
    assert "label-studio" not in verified.stdout + verified.stderr
    # The way to a Label Studio has a network: that of this machine.
    for unit, bound in [("label-studio-backup", 0.5), ("label-studio-upstream", 1.5)]:
        shown = machine.output(f"systemd-analyze security {unit}.service")
        assert float(re.search(r"Overall exposure level for .*: ([0-9.]+)", shown).group(1)) <= bound, shown


def test_the_drop_in_for_a_database_over_tcp_opens_the_network_and_nothing_else(machine):
    machine.run(
        "mkdir -p /etc/systemd/system/label-studio.service.d &&"
        " cp /usr/share/label-studio/systemd/postgresql.conf /etc/systemd/system/label-studio.service.d/ &&"
        " systemctl daemon-reload && systemctl restart label-studio")
    shown = machine.output("systemctl show label-studio --property=PrivateNetwork,RestrictAddressFamilies")
    assert "PrivateNetwork=no" in shown
    assert set(re.search("RestrictAddressFamilies=(.*)", shown).group(1).split()) == {"AF_UNIX", "AF_INET", "AF_INET6"}
    verified = machine.run("systemd-analyze verify --man=no label-studio.service")
    assert "label-studio" not in verified.stdout + verified.stderr
    machine.run(
        "rm -r /etc/systemd/system/label-studio.service.d && systemctl daemon-reload && systemctl restart label-studio")
    assert "PrivateNetwork=yes" in machine.output("systemctl show label-studio --property=PrivateNetwork")


def test_the_site_is_open_by_tls_after_two_steps_and_sign_up_is_closed(machine, story):
    story.certificate = open_site(machine)
    client = Client(SITE, verify=story.certificate)
    page = client.page("/user/signup/")
    assert "signup-form" not in page.response.text
    plain = Client("http://localhost").get("/user/login/?next=%2Fprojects%2F")
    assert (plain.status_code, plain.headers["Location"]) == (301, f"{SITE}/user/login/?next=%2Fprojects%2F")
    assert client.get("/user/login/").headers["Strict-Transport-Security"] == "max-age=63072000"


def test_a_link_for_the_first_account_comes_from_the_command_line(machine, visitor):
    link = machine.output("label-studio invite show 2>/dev/null")
    assert "token=" in link
    answer = visitor.submit(
        re.sub("^https?://[^/]+", "", link), {"email": OWNER, "password": PASSWORD}, "signup-form")
    assert answer.status_code == 302
    assert visitor.is_logged_in()
    assert people(machine) == {OWNER}
    # Root's command left nothing behind that the service could not use.
    owners = machine.output("find /var/lib/label-studio -printf '%U\n' | sort -u")
    assert owners == machine.output("id --user label-studio")


def test_people_join_by_the_link_that_the_owner_sends(machine, story, visitor):
    owner = Client(SITE, verify=story.certificate)
    assert owner.log_in(OWNER).status_code == 302
    story.link = SITE + owner.get("/api/invite").json()["invite_url"]
    answer = visitor.submit(
        story.link.removeprefix(SITE), {"email": "bob@example.com", "password": PASSWORD}, "signup-form")
    assert answer.status_code == 302
    assert visitor.is_logged_in()


def test_the_environment_file_makes_an_account_and_its_token(machine, story, visitor):
    configure(
        machine, USERNAME="env@example.com", PASSWORD="'a password of the file'", USER_TOKEN="token-of-the-file",
        HOST=SITE)
    machine.run("systemctl restart label-studio")
    assert visitor.log_in("env@example.com", "a password of the file").status_code == 302
    answer = visitor.get("/api/current-user/whoami", headers={"Authorization": "Token token-of-the-file"})
    assert answer.json()["email"] == "env@example.com"


def test_credentials_make_an_account_and_stand_in_no_environment(machine, story, visitor):
    configure(machine, USERNAME="credential@example.com", PASSWORD=None, USER_TOKEN=None)
    machine.run(
        "umask 077 && echo 'a password of a credential' > /etc/label-studio/credentials/password &&"
        " systemctl restart label-studio")
    assert visitor.log_in("credential@example.com", "a password of a credential").status_code == 302
    environment = machine.output(f"tr '\\0' '\\n' < /proc/{main_pid(machine)}/environ")
    assert "a password of" not in environment
    machine.run("rm /etc/label-studio/credentials/password")
    configure(machine, USERNAME=None)
    machine.run("systemctl restart label-studio")
    assert state(machine) == "active"


def test_a_wrong_setting_is_named_and_the_socket_waits_until_it_is_mended(machine, story, visitor):
    configure(machine, PASSWORD_MIN_LENGTH="many")
    machine.run("systemctl restart label-studio", check=False)
    log = machine.output("journalctl --unit label-studio --since -1min --output cat")
    assert '/etc/label-studio/label-studio.env: LABEL_STUDIO_PASSWORD_MIN_LENGTH: "many" is not a number' in log
    assert machine.output("systemctl is-active label-studio.socket") == "active"
    configure(machine, PASSWORD_MIN_LENGTH=None)
    # By itself: it is tried again.
    machine.until(lambda: visitor.get("/user/login/").status_code == 200, what="the answer")


def test_the_responder_comes_back_by_itself_after_it_was_killed(machine, story, visitor):
    before = people(machine)
    first = main_pid(machine)
    machine.run(f"kill -KILL {first}")
    began = time.monotonic()
    # The request waits in the socket.
    assert visitor.get("/user/login/").status_code == 200
    assert time.monotonic() - began < 10
    assert main_pid(machine) != first
    assert people(machine) == before


def test_one_that_hangs_is_restarted_by_the_watchdog(machine, visitor):
    drop_in = "/run/systemd/system/label-studio.service.d"
    machine.run(f"mkdir -p {drop_in} && printf '[Service]\\nWatchdogSec=3s\\n' > {drop_in}/quick.conf")
    machine.run("systemctl daemon-reload && systemctl restart label-studio")
    first = main_pid(machine)
    time.sleep(5)
    assert main_pid(machine) == first, "one that answers is left alone"
    machine.run(f"kill -STOP {first}")
    assert visitor.get("/user/login/", timeout=30).status_code == 200
    assert main_pid(machine) != first
    assert "watchdog" in machine.output("journalctl --unit label-studio --since -1min --output cat").lower()
    machine.run(f"rm -r {drop_in} && systemctl daemon-reload && systemctl restart label-studio")


def test_a_restart_under_load_loses_no_request(machine, story, measure):
    configure(machine, THROTTLE="off")
    machine.run("systemctl restart label-studio")
    with Load(story.certificate, story.link) as load:
        for _ in range(3):
            time.sleep(2)
            machine.run("systemctl restart label-studio")
        time.sleep(2)
    measure("requests while it was restarted three times", len(load.durations))
    measure("sign-ups among them", len(load.signed_up))
    measure("requests lost by that", len(load.faults))
    measure("longest wait of a request in that", f"{max(load.durations):.2f} s")
    assert load.faults == []
    assert len(load.durations) > 1000
    assert len(load.signed_up) > 50
    assert set(load.signed_up) <= people(machine)


def test_the_journal_knows_how_much_a_line_matters(machine, visitor):
    answer = visitor.post("/logout", headers={"Origin": "https://elsewhere.example"})
    assert answer.status_code == 403
    lines = machine.output(
        "journalctl --unit label-studio --priority warning..warning --since -1min --output json").splitlines()
    messages = [json.loads(line)["MESSAGE"] for line in lines]
    assert any(message.startswith("warning foreign-request from=127.0.0.1 path=/logout") for message in messages)
    # The lines of requests matter less.
    assert not any("method=" in message for message in messages)


def test_a_reload_takes_up_settings_and_names_those_that_need_a_restart(machine, story, visitor):
    before = main_pid(machine)
    configure(machine, PASSWORD_MIN_LENGTH="31", SESSION_COOKIE_NAME="other")
    machine.run("systemctl reload label-studio")
    link = story.link.removeprefix(SITE)
    machine.until(lambda: "31 characters" in visitor.get(link).text, what="the new minimum")
    assert main_pid(machine) == before
    log = machine.output("journalctl --unit label-studio --since -1min --output cat")
    assert "LABEL_STUDIO_SESSION_COOKIE_NAME" in log
    configure(machine, PASSWORD_MIN_LENGTH="many", SESSION_COOKIE_NAME=None)
    machine.run("systemctl reload label-studio")
    machine.until(
        lambda: '"many" is not a number' in machine.output(
            "journalctl --unit label-studio --since -1min --output cat"), what="the fault")
    assert "31 characters" in visitor.get(link).text
    configure(machine, PASSWORD_MIN_LENGTH=None)
    machine.run("systemctl reload label-studio")
    machine.until(lambda: "31 characters" not in visitor.get(link).text, what="the old minimum")
    assert main_pid(machine) == before


def test_numbers_for_prometheus_come_from_a_socket_of_their_own(machine, visitor):
    configure(machine, METRICS="unix:/run/label-studio-metrics/metrics.sock")
    machine.run("systemctl restart label-studio")
    assert visitor.get("/user/login/").status_code == 200
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(f"/proc/{machine.pid}/root/run/label-studio-metrics/metrics.sock")
        client.sendall(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
        answer = b"".join(iter(lambda: client.recv(65536), b"")).decode()
    assert answer.startswith("HTTP/1.1 200")
    assert re.search(r'label_studio_\w*requests_total\{[^}]*route="/user/login/?"[^}]*\} [1-9]', answer), answer
    assert visitor.get("/metrics").status_code == 404


def test_a_label_studio_is_reached_without_a_network(machine, visitor):
    """By a unix socket that systemd opens for the service alone; what stands in for it
    answers everything with the same word."""
    machine.write(
        "/etc/nginx/conf.d/stand-in.conf",
        'server { listen 127.0.0.1:8081; default_type text/plain; return 200 "hello"; }\n')
    machine.write("/etc/label-studio/credentials/upstream-secret-key", "SECRET_KEY=of-nobody\n")
    configure(machine, UPSTREAM="unix:/run/label-studio/upstream.sock")
    machine.run(
        "chmod 600 /etc/label-studio/credentials/upstream-secret-key &&"
        " systemctl enable --now label-studio-upstream.socket && systemctl restart label-studio")
    assert visitor.log_in(OWNER).status_code == 302
    shown = machine.output("stat --format='%a %U' /run/label-studio/upstream.sock")
    assert shown == "600 label-studio"
    answer = visitor.page("/-/accounts/enter")
    assert answer.heading == "The labeling server cannot be reached"
    machine.run("systemctl reload nginx")
    machine.until(
        lambda: visitor.page("/-/accounts/enter").heading == "This is no labeling server that we know",
        what="what answers in its place")
    # Root's commands find address and key where the service has them.
    found = machine.run("label-studio upstream check", check=False)
    assert (found.returncode, "does not answer like a Label Studio" in found.stdout) == (1, True), found
    assert machine.output("systemctl is-active label-studio-upstream.service") == "active"
    assert "PrivateNetwork=yes" in machine.output("systemctl show label-studio --property=PrivateNetwork")
    configure(machine, UPSTREAM=None)
    machine.run(
        "rm /etc/nginx/conf.d/stand-in.conf /etc/label-studio/credentials/upstream-secret-key &&"
        " systemctl disable --now label-studio-upstream.socket && systemctl restart label-studio nginx")
    wait_for_site(machine, visitor.session.verify)


def web_socket(certificate, client):
    context = ssl.create_default_context(cafile=certificate)
    cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    return WebSocket(
        443, "/tools/socket", {"Host": "localhost", "Origin": SITE, "Cookie": cookie},
        wrap=lambda raw: context.wrap_socket(raw, server_hostname="localhost"))


def has_ended(web_socket):
    return bool(select.select([web_socket.socket], [], [], 0)[0])


def test_a_web_socket_ends_with_the_access_of_its_person(machine, story, visitor):
    """After the three lines of docs/gate.md."""
    guide = (REPOSITORY / "docs/gate.md").read_text()
    lines = re.search(r"(?m)^    ln -s .*/worker-shutdown.conf .*\n(?:^    .*\n)+", guide).group()
    machine.run(f"set -e; {lines}")
    behind = GuardedSite()
    site = "/etc/nginx/sites-available/label-studio"
    before = machine.read(site)
    guarded = f"""location /tools/ {{
        include /usr/share/label-studio/nginx/gate.conf; proxy_pass http://127.0.0.1:{behind.port}/; }}"""
    try:
        machine.write(site, re.sub(r"(?m)^    location / \{\n(?=.*fastcgi)", guarded + r"\n\g<0>", before))
        machine.run("nginx -t && systemctl reload nginx")
        for client, email in [(visitor, "socket@example.com"), (other := visitor.copy(), "other@example.com")]:
            assert client.sign_up(email, query=story.link.partition("/user/signup/")[2]).status_code == 302
        machine.until(lambda: visitor.get("/tools/").status_code == 200, what="the guarded location")
        ends, stays = web_socket(story.certificate, visitor), web_socket(story.certificate, other)
        assert ends.exchange(b"x") == stays.exchange(b"x") == b"x"
        machine.run("label-studio user remove socket@example.com")
        machine.until(lambda: has_ended(ends), 60, "the end of the WebSocket")
        assert ends.file.read(1) == b""
        assert web_socket(story.certificate, visitor).status == 401
        stays = web_socket(story.certificate, other)
        assert stays.exchange(b"x") == b"x"
        assert not (machine.root / "var/lib/label-studio/nginx-reload").exists()
        # It exits with 1 where nothing has failed, and says the states either way.
        assert machine.output("systemctl is-failed label-studio-nginx.service label-studio-nginx.path || true") == (
            "inactive\nactive")
        # And after a restart, however it comes.
        machine.run("systemctl kill --signal=KILL label-studio")
        machine.until(lambda: has_ended(stays), 60, "the end of those of before the restart")
    finally:
        behind.close()
        machine.write(site, before)
        machine.run("systemctl reload nginx")
    # With the removal the link is another one.
    owner = Client(SITE, verify=story.certificate)
    assert owner.log_in(OWNER).status_code == 302
    story.link = SITE + owner.get("/api/invite").json()["invite_url"]
    # Nothing is left that could ask for a reload while other tests count requests.
    assert not (machine.root / "var/lib/label-studio/web-sockets").exists()


def test_check_finds_nothing_and_then_what_is_wrong(machine):
    found = machine.run("label-studio check", check=False)
    assert found.returncode == 0, found.stdout + found.stderr
    machine.run("chmod 644 /etc/label-studio/credentials/key")
    found = machine.run("label-studio check", check=False)
    machine.run("chmod 600 /etc/label-studio/credentials/key")
    assert "/etc/label-studio/credentials/key" in found.stdout + found.stderr
    assert found.returncode == 1, found.stdout + found.stderr


def test_a_backup_is_made_by_the_timers_service(machine):
    machine.run("systemctl start label-studio-backup.service")
    files = machine.output("ls /var/lib/label-studio/backups").split()
    assert len(files) == 1
    assert machine.output(f"stat --format='%a %U' /var/lib/label-studio/backups/{files[0]}") == "600 label-studio"
    machine.run("systemctl enable --now label-studio-backup.timer")
    assert "label-studio-backup.timer" in machine.output("systemctl list-timers --all")
    machine.run("systemctl disable --now label-studio-backup.timer")


def test_that_backup_is_of_the_database_that_the_settings_name(machine):
    other = "/var/lib/label-studio/other.sqlite3"
    machine.run(f"systemctl stop label-studio.socket label-studio.service && mv {DATABASE} {other}")
    configure(machine, DATABASE_NAME=other)
    try:
        machine.run(
            "systemctl start label-studio-backup.service ||"
            " { journalctl --unit label-studio-backup --lines 20 --output cat >&2; exit 1; }")
        assert machine.output("ls /var/lib/label-studio/backups | wc -l") == "2"
    finally:
        configure(machine, DATABASE_NAME=None)
        machine.run(f"mv {other} {DATABASE} && systemctl start label-studio.socket label-studio.service")


def test_a_full_disk_is_said_loses_nothing_and_recovers(machine, story, visitor):
    before = people(machine)
    machine.run(
        "systemctl stop label-studio && mkdir /root/aside && cp -a /var/lib/label-studio/. /root/aside/ &&"
        " mount -t tmpfs -o size=16m,mode=711 tmpfs /var/lib/label-studio && cp -a /root/aside/. /var/lib/label-studio/"
        " && chown label-studio: /var/lib/label-studio && systemctl start label-studio")
    try:
        assert visitor.get("/health").status_code == 200
        machine.run("cat /dev/zero > /var/lib/label-studio/filler", check=False)
        page = visitor.page(story.link.removeprefix(SITE))
        answer = visitor.send(page, {"email": "late@example.com", "password": PASSWORD}, "signup-form")
        assert answer.status_code == 503
        assert "again" in answer.text
        assert "full" in machine.output("journalctl --unit label-studio --since -1min --output cat")
        machine.run("rm /var/lib/label-studio/filler")
        page = visitor.page(story.link.removeprefix(SITE))
        answer = visitor.send(page, {"email": "late@example.com", "password": PASSWORD}, "signup-form")
        assert answer.status_code == 302
        machine.run("cp -a /var/lib/label-studio/accounts.sqlite3* /root/aside/")
    finally:
        machine.run(
            "systemctl stop label-studio && umount /var/lib/label-studio &&"
            " cp -a /root/aside/. /var/lib/label-studio/ && systemctl start label-studio")
    assert people(machine) == before | {"late@example.com"}


def test_the_numbers_after_a_boot(machine, story, measure):
    machine.run("systemctl stop label-studio")
    client = Client(SITE, verify=story.certificate)
    began = time.monotonic()
    machine.run("systemctl start label-studio")
    assert client.get("/user/login/").status_code == 200
    measure("from systemctl start to the first answer", f"{(time.monotonic() - began) * 1000:.0f} ms")
    status = machine.output(f"cat /proc/{main_pid(machine)}/status")
    memory = int(re.search(r"VmRSS:\s+(\d+) kB", status).group(1)) / 1024
    measure("resident memory after the start", f"{memory:.1f} MiB")
    assert memory < 40


def test_an_upgrade_under_load_keeps_settings_and_loses_no_request(machine, package, story, measure, tmp_path):
    settings = machine.read(SETTINGS)
    key = (machine.root / "etc/label-studio/credentials/key").read_bytes()
    before = main_pid(machine)
    newer = repack(package, "99.0", tmp_path, "# What is new.\n")
    workers = nginx_workers(machine)
    with Load(story.certificate, story.link) as load:
        time.sleep(2)
        install(machine, newer)
        time.sleep(3)
    measure("requests during an upgrade", len(load.durations))
    measure("requests lost by it", len(load.faults))
    assert load.faults == []
    # A reload would cut connections that clients are about to use again.
    assert nginx_workers(machine) == workers
    assert set(load.signed_up) <= people(machine)
    assert main_pid(machine) != before
    assert machine.output("dpkg-query --show --showformat='${Version}' label-studio") == "99.0"
    assert machine.read(SETTINGS) == settings
    assert machine.read(f"{SETTINGS}.dpkg-dist").endswith("# What is new.\n")
    assert (machine.root / "etc/label-studio/credentials/key").read_bytes() == key


def test_another_label_studio_that_is_first_in_line_is_named_and_left_alone(machine, package, tmp_path):
    machine.write("/usr/local/bin/label-studio", "#!/bin/sh\necho theirs\n")
    machine.run("chmod 755 /usr/local/bin/label-studio")
    machine.write(
        THEIRS,
        "[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n")
    machine.run("systemctl stop label-studio label-studio.socket; systemctl daemon-reload; systemctl start label-studio")
    theirs = main_pid(machine)
    said = install(machine, repack(package, "99.1", tmp_path)).stderr
    assert "another label-studio is first in line" in said
    assert "/usr/local/bin/label-studio" in said
    assert "another label-studio.service is first in line" in said
    assert main_pid(machine) == theirs
    machine.run(
        f"systemctl stop label-studio; rm /usr/local/bin/label-studio {THEIRS};"
        " systemctl daemon-reload; systemctl start label-studio.socket label-studio.service")


def test_a_changed_copy_of_the_unit_is_ours(machine, package, tmp_path):
    """As `systemctl edit --full` makes one."""
    machine.run(f"cp /lib/systemd/system/label-studio.service {THEIRS} && systemctl daemon-reload")
    before = main_pid(machine)
    said = install(machine, repack(package, "99.1.1", tmp_path)).stderr
    assert "another label-studio" not in said
    assert main_pid(machine) != before
    machine.run("dpkg --remove label-studio")
    assert state(machine) == "inactive"
    machine.run(f"rm {THEIRS} && systemctl daemon-reload")
    install(machine, tmp_path / "label-studio_99.1.1.deb")
    machine.run("ln -sf ../sites-available/label-studio /etc/nginx/sites-enabled/ && systemctl reload nginx")
    assert state(machine) == "active"


def test_an_upgrade_keeps_a_copy_of_the_database_before_it_changes_its_tables(machine, package, story, tmp_path):
    machine.run(
        "systemctl stop label-studio.socket label-studio.service && mkdir /root/newest &&"
        " mv /var/lib/label-studio/accounts.sqlite3* /root/newest/")
    older_database(machine.root / DATABASE.lstrip("/"))
    machine.run(f"chown label-studio: {DATABASE}*")
    install(machine, repack(package, "99.2", tmp_path))
    assert "is a copy of the database from before schema" in machine.output(
        "journalctl --unit label-studio --since -1min --output cat")
    copies = machine.output(f"ls {DATABASE}.before-*").split()
    assert machine.output(f"stat --format='%a %U' {copies[0]}") == "600 label-studio"
    assert len(copies) == 1 and people(machine) == set()
    machine.run(
        "systemctl stop label-studio.socket label-studio.service && rm /var/lib/label-studio/accounts.sqlite3* &&"
        " mv /root/newest/* /var/lib/label-studio/ && systemctl start label-studio.socket label-studio.service")
    assert Client(SITE, verify=story.certificate).log_in(OWNER).status_code == 302


def test_an_upgrade_leaves_secrets_and_modes_to_the_operator(machine, package, tmp_path):
    """He may have given the key to systemd in another way."""
    key = "/etc/label-studio/credentials/key"
    machine.run(f"mv {key} /root/key && chmod 600 {SETTINGS}")
    workers = nginx_workers(machine)
    install(machine, repack(package, "99.4", tmp_path, nginx="# What is new.\n"))
    machine.until(lambda: not workers & nginx_workers(machine), what="nginx's reload")
    assert not (machine.root / key.lstrip("/")).exists()
    assert machine.output(f"stat --format=%a {SETTINGS}") == "600"
    machine.run(f"mv /root/key {key} && chmod 640 {SETTINGS} && systemctl restart label-studio")


def test_a_removal_keeps_the_accounts_and_lets_nginx_live(machine, package, story, tmp_path):
    before = people(machine)
    other = "/etc/nginx/snippets/guarded.conf"
    machine.write(other, "include /usr/share/label-studio/nginx/gate.conf;\n")
    said = machine.run("dpkg --remove label-studio").stderr
    assert "taken out of nginx" in said
    assert said.endswith(f"\n{other}\n")
    machine.run(f"rm {other}")
    machine.run("nginx -t && systemctl restart nginx")
    assert machine.output("systemctl is-active label-studio.service label-studio.socket || true").split() == [
        "inactive"] * 2
    assert not (machine.root / "run/label-studio/label-studio.sock").exists()
    assert people(machine) == before
    install(machine, repack(package, "99.5", tmp_path))
    machine.run("ln -s ../sites-available/label-studio /etc/nginx/sites-enabled/ && systemctl reload nginx")
    wait_for_site(machine, story.certificate)
    assert Client(SITE, verify=story.certificate).log_in(OWNER).status_code == 302


def test_a_purge_leaves_nothing(machine):
    machine.run("dpkg --purge label-studio")
    machine.run("nginx -t && systemctl restart nginx")
    left = machine.output(
        "find /etc /usr /lib /var/lib /var/log/nginx /run -xdev -name '*label-studio*' -not -path '*/dpkg/*' -not -path '/run/log/*'")
    assert left == ""
    assert machine.output("dpkg-query --show --showformat='${Status}' label-studio 2>/dev/null || true") == ""

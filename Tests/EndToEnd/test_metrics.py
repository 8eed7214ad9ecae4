"""`GET /metrics`: figures for the operator, on a socket of their own (issue 5, point 5)."""

import re
import socket
import stat
import subprocess
import threading
import time

import pytest
from prometheus_client.parser import text_string_to_metric_families
from site_under_test import REPOSITORY, Records, descriptors, free_port, is_answered, log_lines, wait_until


def exchange(address, request, seconds=15):
    """Sends bytes to a socket; returns all that comes back."""
    family = socket.AF_INET if isinstance(address, tuple) else socket.AF_UNIX
    with socket.socket(family) as connection:
        connection.settimeout(seconds)
        connection.connect(address)
        connection.sendall(request)
        received = b""
        while part := connection.recv(65536):
            received += part
        return received


def scrape(address):
    """The figures: by name and labels, as Prometheus reads them."""
    head, _, body = exchange(address, b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n").partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n" in head
    families = list(text_string_to_metric_families(body.decode()))
    assert len({family.name for family in families}) == len(families)
    figures = {}
    for family in families:
        assert family.name.startswith("label_studio_") and family.documentation and family.type != "unknown"
        for sample in family.samples:
            key = (sample.name, *sorted(sample.labels.items()))
            assert key not in figures
            figures[key] = sample.value
    return figures


@pytest.fixture(scope="module")
def site(module_workshop):
    port = free_port()
    site = module_workshop.start("--metrics", f"127.0.0.1:{port}", limited=True)
    site.metrics = ("127.0.0.1", port)
    assert site.client().sign_up("owner@example.com").status_code == 302
    return site


def requests_of(figures, route):
    return {dict(key[1:])["status"]: value for key, value in figures.items()
            if key[0] == "label_studio_requests_total" and dict(key[1:])["route"] == route}


def test_the_figures_are_those_of_what_was_done(site):
    before = scrape(site.metrics)
    client = site.client()
    assert client.log_in("owner@example.com", "wrong password").status_code == 422
    assert client.log_in("owner@example.com").status_code == 302
    for number in range(5):
        assert client.get(f"/projects/{number + 1}").status_code == 404
    assert client.get("/no/such/page").status_code == 404

    def changed():
        after = scrape(site.metrics)
        change = {key: value - before.get(key, 0) for key, value in after.items()}
        return change if change["label_studio_request_duration_seconds_count", ("lane", "slow")] == 2 else None

    change = wait_until(changed, what="the last request")
    assert requests_of(change, "/projects/#") == {"404": 5}
    assert requests_of(change, "other") == {"404": 1}
    assert requests_of(change, "/user/login")["302"] == 1
    assert change["label_studio_log_ins_total", ("outcome", "succeeded")] == 1
    assert change["label_studio_log_ins_total", ("outcome", "wrong_password")] == 1
    assert change["label_studio_sessions",] == 1
    assert change["label_studio_database_duration_seconds_count", ("act", "read")] >= 8
    assert change["label_studio_database_duration_seconds_count", ("act", "write")] >= 2
    assert 0.001 < change["label_studio_request_duration_seconds_sum", ("lane", "slow")] < 60
    figures = scrape(site.metrics)
    assert figures["label_studio_requests_in_progress",] == 0
    assert figures["label_studio_slow_queue_waiting",] == 0
    assert figures["label_studio_slow_queue_capacity",] >= 64
    assert abs(time.time() - figures["label_studio_start_time_seconds",]) < 600
    assert figures["label_studio_sign_ups_total", ("outcome", "succeeded")] >= 1
    version = subprocess.run([site.program.process.args[0], "version"], capture_output=True, text=True).stdout.split()[-1]
    assert figures["label_studio_build_info", ("version", version)] == 1


def test_what_is_asked_for_makes_no_new_figures(site):
    client = site.client()
    before = len(scrape(site.metrics))
    for number in range(50):
        client.get(f"/projects/{1000 + number}")
        client.get(f"/api/users/{number}?x={number}")
        client.get(f"/x{number}")
    assert len(scrape(site.metrics)) <= before + 4


def test_the_public_site_has_none(site):
    for path in ["/metrics", "/metrics/", "/api/metrics"]:
        answer = site.client().get(path)
        assert answer.status_code == 404 and "label_studio_" not in answer.text


def test_only_that_one_address_is_answered(site):
    head = exchange(site.metrics, b"HEAD /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n") and head.endswith(b"Connection: close\r\n\r\n")
    for request in [b"GET / HTTP/1.1\r\n\r\n", b"GET /user/login/ HTTP/1.1\r\n\r\n", b"POST /metrics HTTP/1.1\r\n\r\n"]:
        assert exchange(site.metrics, request).startswith(b"HTTP/1.1 404 ")
    assert exchange(site.metrics, b"hello\r\n\r\n").startswith(b"HTTP/1.1 400 ")
    assert exchange(site.metrics, b"GET /metrics HTTP/1.1\r\nX: " + b"a" * 20_000).startswith(b"HTTP/1.1 431 ")


def test_who_sends_nothing_or_reads_nothing_holds_nobody_for_long(site):
    idle = [socket.create_connection(site.metrics) for _ in range(3)]
    for connection in idle[1:]:
        connection.sendall(b"GET /metrics HTT")
    began = time.monotonic()
    assert scrape(site.metrics)
    assert time.monotonic() - began < 15
    for connection in idle:
        connection.close()
    before = descriptors(site.program.pid)
    for _ in range(50):
        socket.create_connection(site.metrics).close()
    scrape(site.metrics)
    # Some may be connections to the database.
    assert descriptors(site.program.pid) < before + 20


def test_a_unix_socket_is_for_owner_and_group(workshop):
    path = workshop.directory() / "metrics"
    responder = workshop.fastcgi(LABEL_STUDIO_METRICS=f"unix:{path}", WATCHDOG_USEC=60_000, NOTIFY_SOCKET="@nobody")
    wait_until(path.exists, what="the socket")
    assert stat.S_IMODE(path.stat().st_mode) == 0o660
    with Records(responder.socket) as client:
        client.send(Records.get())
        client.answer()
    wait_until(lambda: requests_of(scrape(str(path)), "/health") == {"200": 1}, what="the request")
    assert requests_of(scrape(str(path)), "/api/version") == {}, "what it asks itself is no visit"
    assert responder.stop() == 0
    assert not path.exists()


def test_a_socket_of_that_name_can_be_inherited(workshop):
    """As systemd passes them: by number from 3, with names."""
    directory = workshop.directory()
    paths = [directory / "metrics", directory / "fastcgi"]
    program = (
        "import os, socket, sys\n"
        "for number, path in enumerate(sys.argv[1:3]):\n"
        "    listener = socket.socket(socket.AF_UNIX)\n"
        "    listener.bind(path)\n"
        "    listener.listen(16)\n"
        "    if listener.fileno() == 3 + number: os.set_inheritable(3 + number, True)\n"
        "    else: os.dup2(listener.fileno(), 3 + number)\n"
        "    listener.detach()\n"
        "os.environ |= {'LISTEN_FDS': '2', 'LISTEN_FDNAMES': 'metrics:label-studio.socket', 'LISTEN_PID': str(os.getpid())}\n"
        "os.execv(sys.argv[3], sys.argv[3:])\n")
    responder = workshop.spawn([
        "python3", "-c", program, *paths, workshop.label_studio, "fastcgi", "--data-dir", directory / "data"])
    wait_until(lambda: all(is_answered(path) for path in paths), what="the sockets")
    with Records(paths[1]) as client:
        client.send(Records.get())
        assert Records.status(client.answer()) == 200
    wait_until(lambda: requests_of(scrape(str(paths[0])), "/health") == {"200": 1}, what="the request")
    assert responder.stop() == 0


@pytest.mark.parametrize("address", ["0.0.0.0:9464", "192.0.2.1:9464", "[::]:9464", "9464", "metrics"])
def test_an_address_that_others_reach_is_refused_with_the_reason(workshop, address):
    result = workshop.run("fastcgi", "--data-dir", workshop.directory(), "--metrics", address)
    assert result.returncode == 2
    assert f'--metrics: "{address}" is not unix:PATH, a path, or a port that only this machine reaches' in result.stderr


def test_a_place_that_is_taken_is_named_and_takes_no_log_in_down(workshop):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        site = workshop.start("--metrics", address)
        assert site.client().sign_up("owner@example.com").status_code == 302
        line, = wait_until(lambda: log_lines(site.program, "no-metrics"), what="the line of the log")
        assert line.level == "error" and f"{address} cannot be listened on: " in line.fields["error"]
    path = workshop.directory() / "file"
    path.write_text("not a socket")
    responder = workshop.fastcgi("--metrics", path)
    with Records(responder.socket) as client:
        client.send(Records.get())
        assert Records.status(client.answer()) == 200
    assert responder.stop() == 0
    assert f"{path} is there already and is no socket" in log_lines(responder, "no-metrics")[0].fields["error"]
    assert path.read_text() == "not a socket"


def test_the_table_of_figures_names_them_all(site):
    names = set(re.findall(r"^\| `(label_studio_\w+)`", (REPOSITORY / "docs/metrics.md").read_text(), re.M))
    shown = {re.sub("_(bucket|sum|count)$", "", key[0]) for key in scrape(site.metrics)}
    # Where no Label Studio is behind the gate, there is nothing to say of it.
    assert names == shown | {"label_studio_labeling_server_up"} and "label_studio_labeling_server_up" not in shown


def test_scraping_while_many_visit_fails_nobody(site):
    ending = threading.Event()
    failed = []

    def visit():
        client = site.client()
        while not ending.is_set():
            if client.get("/user/login/").status_code != 200:
                failed.append("visit")

    threads = [threading.Thread(target=visit) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        last = 0
        for _ in range(30):
            now = requests_of(scrape(site.metrics), "/user/login").get("200", 0)
            assert now >= last
            last = now
    finally:
        ending.set()
        for thread in threads:
            thread.join()
    assert not failed

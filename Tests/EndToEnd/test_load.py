"""Many clients at once (issue 2, point 13; DESIGN.md, The FastCGI loop)."""

import concurrent.futures
import os
import re
import socket
import statistics
import subprocess
import time

import pytest
from site_under_test import PASSWORD, Client, free_port, memory

pytestmark = pytest.mark.slow

SCRIPT = """
done = function(summary, latency, requests)
    io.write(string.format("requests=%d connect=%d read=%d write=%d status=%d timeout=%d p50=%d p99=%d\\n",
        summary.requests, summary.errors.connect, summary.errors.read, summary.errors.write, summary.errors.status,
        summary.errors.timeout, latency:percentile(50), latency:percentile(99)))
end
"""


def wrk(workshop, url, clients, seconds, *headers):
    """Runs wrk; returns its numbers, latencies in seconds."""
    script = workshop.directory() / "report.lua"
    script.write_text(SCRIPT)
    arguments = [word for header in headers for word in ("-H", header)]
    result = subprocess.run(
        ["wrk", "-t", "2", "-c", str(clients), "-d", f"{seconds}s", "--timeout", "8s", "-s", script, *arguments, url],
        capture_output=True, text=True, check=True, timeout=seconds + 30)
    numbers = dict(re.findall(r"(\w+)=(\d+)", result.stdout.splitlines()[-1]))
    numbers = {name: int(value) for name, value in numbers.items()}
    return {**numbers, "p50": numbers["p50"] / 1e6, "p99": numbers["p99"] / 1e6}


@pytest.fixture(scope="module")
def site(module_workshop):
    # With as many open files as a shell of Debian allows at first.
    site = module_workshop.start(prefix=["prlimit", "--nofile=1024:"])
    assert site.client().sign_up("owner@example.com").status_code == 302
    return site


@pytest.mark.parametrize("keeps", [True, False], ids=["with keep-alive", "without keep-alive"])
def test_a_thousand_clients_at_once_get_only_good_answers_and_soon(workshop, site, keeps):
    headers = [] if keeps else ["Connection: close"]
    found = wrk(workshop, site.url + "/user/login/", 1000, 6, *headers)
    print(found)
    assert found["requests"] > 5000
    # Without keep-alive wrk counts the end of each answer as it should; a
    # broken one shows as a read error.
    assert {name: found[name] for name in ["connect", "read", "write", "status", "timeout"]} == dict.fromkeys(
        ["connect", "read", "write", "status", "timeout"], 0)
    assert found["p99"] < 1
    answer = site.client().get("/user/login/")
    assert answer.status_code == 200


def test_the_answers_under_load_are_whole(site):
    """Not only status 200: the length of each is that of a single one."""
    expected = len(site.client().get("/user/login/").content)

    def ask(_):
        client = site.client()
        return {len(client.get("/user/login/").content) for _ in range(20)}

    with concurrent.futures.ThreadPoolExecutor(50) as pool:
        sizes = set().union(*pool.map(ask, range(50)))
    assert sizes == {expected}


def test_while_passwords_are_hashed_other_pages_stay_fast(site):
    clients = [site.client() for _ in range(60)]
    pages = [client.page("/user/login/") for client in clients]
    fields = {"email": "owner@example.com", "password": PASSWORD}
    reader = site.client()
    reader.get("/user/login/")
    times, statuses = [], []
    with concurrent.futures.ThreadPoolExecutor(60) as pool:
        futures = [pool.submit(clients[number].send, pages[number], fields, "login-form") for number in range(60)]
        while not all(future.done() for future in futures):
            began = time.monotonic()
            assert reader.get("/user/login/").status_code == 200
            times.append(time.monotonic() - began)
        statuses = [future.result().status_code for future in futures]
    assert statuses == [302] * 60
    assert len(times) > 10
    print(f"{len(times)} pages, median {statistics.median(times):.3f} s, slowest {max(times):.3f} s")
    assert statistics.median(times) < 0.05
    assert max(times) < 0.5


def test_past_the_bound_log_ins_are_refused_at_once_and_nothing_is_lost(site):
    """300 at once; the queue holds 64 (DESIGN.md: 503 with Retry-After)."""
    clients = [site.client() for _ in range(300)]
    with concurrent.futures.ThreadPoolExecutor(50) as pool:
        pages = list(pool.map(lambda client: client.page("/user/login/"), clients))
    fields = {"email": "owner@example.com", "password": PASSWORD}
    with concurrent.futures.ThreadPoolExecutor(300) as pool:
        answers = list(pool.map(lambda pair: pair[0].send(pair[1], fields, "login-form"), zip(clients, pages)))
    refused = [answer for answer in answers if answer.status_code == 503]
    assert len(answers) - len(refused) >= 64
    assert {answer.status_code for answer in answers} <= {302, 503}
    for answer in refused:
        assert int(answer.headers["Retry-After"]) > 0
        assert "We are very busy" in answer.text
    assert site.client().log_in("owner@example.com").status_code == 302


def test_memory_stays_bounded(workshop, site):
    """Under 40 MB after a load with 32 connections (issue 2, How it is shown)."""
    wrk(workshop, site.url + "/user/login/", 32, 2)
    before = memory(site.program.pid)
    wrk(workshop, site.url + "/user/login/", 32, 3)
    after = memory(site.program.pid)
    print(f"{before:.1f} MB, then {after:.1f} MB")
    assert after - before < 3
    fresh = workshop.start()
    wrk(workshop, fresh.url + "/user/signup/", 32, 2)
    assert memory(fresh.program.pid) < 40


def test_a_restart_under_load_loses_no_request(workshop):
    """The responder is replaced behind its socket while clients send forms."""
    directory = workshop.directory()
    directory.chmod(0o755)
    path = directory / "s"
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    os.chmod(path, 0o666)
    listener.listen(4096)
    data = directory / "data"
    command = [workshop.label_studio, "fastcgi", "--data-dir", data]
    with listener:
        responder = workshop.spawn(command, stdin=listener.fileno())
        nginx = workshop.in_front(path, f"127.0.0.1:{free_port()}")
        url = f"http://127.0.0.1:{nginx.port}"
        ends = time.monotonic() + 5
        statuses = []

        def send(_):
            client, found = Client(url), []
            headers = {"Origin": url}
            while time.monotonic() < ends:
                found.append(client.post("/user/signup/", {"email": "wrong"}, headers=headers).status_code)
                found.append(client.get("/user/login/").status_code)
            return found

        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            futures = [pool.submit(send, number) for number in range(8)]
            for _ in range(2):
                time.sleep(0.8)
                assert responder.stop() == 0
                responder = workshop.spawn(command, stdin=listener.fileno())
            for future in futures:
                statuses += future.result()
        assert set(statuses) == {200, 422}, {status: statuses.count(status) for status in set(statuses)}
        assert len(statuses) > 100

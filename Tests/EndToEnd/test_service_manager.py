"""What a service manager such as systemd is told (issue 5, point 1)."""

import fcntl
import os
import signal
import socket
import subprocess
import threading
import time
import uuid

import pytest
from site_under_test import Records, log_lines, wait_until


class Manager:
    """The service manager's end: a socket for datagrams, sd_notify(3)."""

    def __init__(self, address, name):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(address)
        self.settings = {"NOTIFY_SOCKET": name}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def next(self, seconds=15):
        """The assignments of the next datagram."""
        self.socket.settimeout(seconds)
        return dict(line.split("=", 1) for line in self.socket.recv(4096).decode().split("\n"))

    def silence(self):
        """Forgets what has come."""
        self.socket.setblocking(False)
        while True:
            try:
                self.socket.recv(4096)
            except BlockingIOError:
                return


def at_path(workshop):
    path = str(workshop.directory() / "notify")
    return Manager(path, path)


def abstract(_):
    name = f"label-studio-test-{uuid.uuid4()}"
    return Manager(f"\0{name}", f"@{name}")


@pytest.mark.parametrize("make", [at_path, abstract])
def test_the_manager_is_told_when_requests_are_answered_and_when_it_ends(workshop, make):
    with make(workshop) as manager:
        responder = workshop.fastcgi(waits=False, **manager.settings)
        told = manager.next()
        assert told == {"READY": "1", "STATUS": "Answering requests"}
        assert (responder.data / "accounts.sqlite3").exists()
        with Records(responder.socket, seconds=2) as client:
            client.send(Records.get())
            assert Records.status(client.answer()) == 200
        responder.send(signal.SIGTERM)
        assert manager.next()["STOPPING"] == "1"
        assert responder.wait() == 0
        assert responder.errors.count("label-studio:") == 1, "no word but that the limits are off"


def test_one_that_cannot_start_is_not_ready(workshop):
    with at_path(workshop) as manager:
        data = workshop.directory()
        (data / "accounts.sqlite3").write_bytes(b"something else " * 1000)
        responder = workshop.fastcgi(data=data, waits=False, **manager.settings)
        assert responder.wait() == 2
        with pytest.raises(TimeoutError):
            manager.next(seconds=0.1)


def test_a_manager_that_cannot_be_told_changes_nothing(workshop):
    path = workshop.directory() / "gone"
    responder = workshop.fastcgi(NOTIFY_SOCKET=path)
    wait_until(lambda: "the service manager cannot be told" in responder.errors, what="the word about it")
    assert responder.stop() == 0
    responder = workshop.fastcgi(NOTIFY_SOCKET="vsock:2:1234")
    assert "NOTIFY_SOCKET is ignored: vsock:2:1234 is no path of a unix socket" in responder.errors
    assert responder.stop() == 0


def seconds_between_signs(manager, count):
    """How long it takes until the manager has had so many signs of life."""
    start = time.monotonic()
    for _ in range(count):
        assert manager.next() == {"WATCHDOG": "1"}
    return time.monotonic() - start


@pytest.mark.parametrize("prefix", ["", "/labels"])
def test_signs_of_life_come_at_a_fifth_of_the_time_and_are_no_visits(workshop, prefix):
    with at_path(workshop) as manager:
        host = {"LABEL_STUDIO_HOST": f"https://example.org{prefix}"} if prefix else {}
        responder = workshop.fastcgi(WATCHDOG_USEC=1_000_000, **manager.settings, **host)
        assert manager.next()["READY"] == "1"
        assert 0.8 < seconds_between_signs(manager, 5) < 15
        responder.send(signal.SIGTERM)
        wait_until(lambda: manager.next().get("STOPPING"), what="the end")
        assert responder.wait() == 0
        assert log_lines(responder) == []


def test_none_come_that_nobody_waits_for(workshop):
    with at_path(workshop) as manager:
        settings = {"WATCHDOG_USEC": "30000", "WATCHDOG_PID": "1"}
        responder = workshop.fastcgi(**settings, **manager.settings)
        assert manager.next()["READY"] == "1"
        with pytest.raises(TimeoutError):
            manager.next(seconds=0.3)
        assert responder.stop() == 0


def test_a_responder_whose_workers_hang_gives_no_sign_of_life(workshop):
    """Who reads the log has fallen asleep, and every worker waits for him."""
    directory = workshop.directory()
    with at_path(workshop) as manager:
        reading, writing = os.pipe()
        fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096)
        process = subprocess.Popen(
            [workshop.label_studio, "fastcgi", "--data-dir", directory / "data", "--socket", directory / "s"],
            env=workshop.environment(WATCHDOG_USEC=1_000_000, **manager.settings), stdin=subprocess.DEVNULL, stderr=writing)
        os.close(writing)
        clients = []
        try:
            assert manager.next()["READY"] == "1"
            assert manager.next() == {"WATCHDOG": "1"}

            def is_silent():
                # Requests of which the log says something at once: more than there are workers.
                for _ in range(8):
                    client = Records(directory / "s")
                    client.send(Records.get("/logout", REQUEST_METHOD="POST", HTTP_ORIGIN="https://evil.example"))
                    clients.append(client)
                manager.silence()
                try:
                    manager.next(seconds=3)
                except TimeoutError:
                    return True
                return False

            wait_until(is_silent, 60, "the silence")
            assert process.poll() is None

            # He wakes up.
            received = bytearray()
            reader = threading.Thread(target=lambda: received.extend(open(reading, "rb").read()))
            reader.start()
            assert manager.next() == {"WATCHDOG": "1"}
            for client in clients:
                client.close()
            process.terminate()
            assert process.wait(15) == 0
            reader.join(15)
            assert b" error not-answering milliseconds=200\n" in received
        finally:
            process.kill()
            process.wait()
            for client in clients:
                client.close()


def test_a_reload_is_announced_and_its_end_too(workshop):
    with at_path(workshop) as manager:
        config = workshop.directory() / "config.json"
        config.write_text("{}")
        responder = workshop.fastcgi("--config", config, **manager.settings)
        assert manager.next()["READY"] == "1"
        for text, status in [("{}", "Answering requests"), ("{", "the log says what is wrong")]:
            config.write_text(text)
            before = time.clock_gettime(time.CLOCK_MONOTONIC) * 1_000_000
            responder.send(signal.SIGHUP)
            told = manager.next()
            assert told["RELOADING"] == "1"
            assert before <= int(told["MONOTONIC_USEC"]) <= time.clock_gettime(time.CLOCK_MONOTONIC) * 1_000_000
            told = manager.next()
            assert told["READY"] == "1" and status in told["STATUS"]
        assert responder.stop() == 0

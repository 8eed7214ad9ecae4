"""What a service manager such as systemd is told (issue 5, point 1)."""

import signal
import socket
import uuid

import pytest
from site_under_test import Records, wait_until


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

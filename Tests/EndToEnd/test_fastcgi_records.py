"""Records that are malformed, too long or cut off, straight at the responder's
socket (issue 2, point 13; FastCGI specification, 3.3)."""

import contextlib
import os
import random
import struct
import time

import pytest
from site_under_test import PASSWORD, Client, Records, descriptors, free_port, memory, sockets, wait_until

# The read timeout is 5 s; after it, a worker is free again.
PATIENCE = 6


@pytest.fixture(scope="module")
def running(module_workshop):
    """The responder of this file, in a list of one: a test that ends it gets a new one for the others."""
    return [module_workshop.fastcgi()]


@pytest.fixture
def responder(running, module_workshop):
    if running[0].process.poll() is not None:
        running[0] = module_workshop.fastcgi()
    return running[0]


def assert_answers(responder, seconds=PATIENCE):
    """An ordinary request is answered, and soon enough."""
    assert responder.process.poll() is None, "the process has ended"
    began = time.monotonic()
    with Records(responder.socket, seconds=seconds + 5) as connection:
        connection.send(Records.get())
        answer = connection.answer()
    assert Records.status(answer) == 200 and b'"UP"' in answer
    assert time.monotonic() - began < seconds


def good_parameters(**more):
    return Records.parameters(
        REQUEST_METHOD="GET", REQUEST_URI="/health", REQUEST_SCHEME="http", REMOTE_ADDR="127.0.0.1",
        HTTP_HOST="localhost", **more)


def post(body, length, uri="/user/login/"):
    return (
        Records.begin() + Records.record(Records.PARAMS, Records.parameters(
            REQUEST_METHOD="POST", REQUEST_URI=uri, REQUEST_SCHEME="http", REMOTE_ADDR="127.0.0.1",
            HTTP_HOST="localhost", HTTP_ORIGIN="http://localhost", CONTENT_LENGTH=str(length),
            CONTENT_TYPE="application/x-www-form-urlencoded"))
        + Records.record(Records.PARAMS) + (Records.record(Records.STDIN, body) if body else b"")
        + Records.record(Records.STDIN))


def long_pair(name_length, value_length):
    return struct.pack(">II", name_length | 1 << 31, value_length | 1 << 31)


ATTACKS = {
    "nothing": b"",
    "one byte": b"\x01",
    "half a header": Records.begin()[:5],
    "zeros": bytes(1000),
    "noise": random.Random(1).randbytes(5000),
    "HTTP": b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n" * 10,
    "version 0": Records.begin(version=0),
    "version 2": Records.begin(version=2) + Records.get(),
    "version 255": Records.begin(version=255),
    "unknown role": Records.begin(role=99) + Records.record(Records.PARAMS) + Records.record(Records.STDIN),
    "authorizer": Records.begin(role=2) + Records.record(Records.PARAMS, good_parameters()) + Records.record(Records.PARAMS),
    "request 0": Records.begin(request=0) + Records.get(),
    "begin cut off": Records.record(Records.BEGIN, b"\0", length=8),
    "begin too short": Records.record(Records.BEGIN, b"\0\1"),
    "begin too long": Records.record(Records.BEGIN, bytes(100)),
    "begin twice": Records.begin() + Records.begin() + Records.get(),
    "two requests mixed": Records.begin() + Records.begin(request=2) + Records.get(),
    "parameters before begin": Records.record(Records.PARAMS, good_parameters()) + Records.get(),
    "body before parameters": Records.begin() + Records.record(Records.STDIN, b"x" * 100) + Records.record(Records.STDIN),
    "unknown type": Records.record(200, b"x" * 50) + Records.get(),
    "type 0": Records.record(0) + Records.get(),
    "abort at once": Records.record(Records.ABORT),
    "abort after begin": Records.begin() + Records.record(Records.ABORT),
    "abort in the parameters": Records.begin() + Records.record(Records.PARAMS, good_parameters()) + Records.record(Records.ABORT),
    "abort in the body": post(b"x" * 10, 100)[:-8] + Records.record(Records.ABORT),
    "record that announces more": Records.begin() + Records.record(Records.PARAMS, b"abc", length=65_535),
    "record that announces less": Records.begin() + Records.record(Records.PARAMS, good_parameters(), length=3),
    "padding that never comes": Records.begin() + struct.pack(">BBHHBB", 1, 4, 1, 0, 255, 0),
    "no method": Records.begin() + Records.record(Records.PARAMS, Records.parameters(REQUEST_URI="/")) + Records.record(
        Records.PARAMS) + Records.record(Records.STDIN),
    "no parameters": Records.begin() + Records.record(Records.PARAMS) + Records.record(Records.STDIN),
    "name of 2 GiB": Records.begin() + Records.record(Records.PARAMS, long_pair(0x7FFFFFFF, 0x7FFFFFFF)) + Records.record(
        Records.PARAMS),
    "value of 2 GiB": Records.begin() + Records.record(
        Records.PARAMS, struct.pack(">BI", 4, 0x7FFFFFFF | 1 << 31) + b"NAME") + Records.record(Records.PARAMS),
    "lengths whose sum is negative": Records.begin() + Records.record(
        Records.PARAMS, long_pair(0x55164347, 0x5B39F24C) + b"x" * 60_000) + Records.record(Records.PARAMS),
    "lengths whose sum is nothing": Records.begin() + Records.record(
        Records.PARAMS, long_pair(0x7FFFFFFF, 0x7FFFFFFF) + b"x" * 60_000) + Records.record(Records.PARAMS),
    "management record with lengths whose sum is negative": Records.record(
        Records.GET_VALUES, long_pair(0x55164347, 0x5B39F24C) + bytes(300), request=0),
    "value of 16 MiB": Records.begin() + Records.record(
        Records.PARAMS, struct.pack(">BI", 4, 1 << 24 | 1 << 31) + b"NAME") + Records.record(Records.PARAMS),
    "value longer than its record": Records.begin() + Records.record(
        Records.PARAMS, struct.pack(">BB", 4, 100) + b"NAMEshort") + Records.record(Records.PARAMS),
    "length cut off": Records.begin() + Records.record(Records.PARAMS, b"\x84\x80") + Records.record(Records.PARAMS),
    "empty names": Records.begin() + Records.record(Records.PARAMS, b"\0\0" * 1000) + Records.record(Records.PARAMS),
    "name with =": Records.begin() + Records.record(Records.PARAMS, Records.pair(b"A=B=C", b"x=y")) + Records.record(
        Records.PARAMS),
    "NUL everywhere": Records.begin() + Records.record(
        Records.PARAMS, Records.pair(b"REQUEST_METHOD", b"G\0T") + Records.pair(b"REQUEST_URI", b"\0/\0")) + Records.record(
        Records.PARAMS) + Records.record(Records.STDIN),
    "not UTF-8": Records.begin() + Records.record(
        Records.PARAMS, Records.pair(b"REQUEST_METHOD", b"\xff\xfe") + Records.pair(b"REQUEST_URI", b"/\xff")) + Records.record(
        Records.PARAMS) + Records.record(Records.STDIN),
    "length negative": post(b"x", -1),
    "length no number": post(b"x", "12abc"),
    "length too large for a number": post(b"x", 10 ** 30),
    "length of 4 GiB": post(b"x", 1 << 32),
    "length of 2 GiB": post(b"x", (1 << 31) - 1),
    "body shorter than announced": post(b"email=a", 1000),
    "body longer than announced": post(b"email=a" * 100, 3),
    "body without an end": post(b"x" * 100, 100)[:-8],
    "management record": Records.record(Records.GET_VALUES, Records.pair(b"FCGI_MAX_CONNS", b""), request=0),
    "many parameters": Records.begin() + b"".join(
        Records.record(Records.PARAMS, Records.pair(b"N%d" % number, b"x" * 5000)) for number in range(200)) + Records.record(
        Records.PARAMS) + Records.record(Records.STDIN),
    "very long address": Records.begin() + Records.record(Records.PARAMS, Records.parameters(
        REQUEST_METHOD="GET", REQUEST_URI="/" + "a" * 60_000)) + Records.record(Records.PARAMS) + Records.record(Records.STDIN),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_a_bad_record_ends_neither_the_process_nor_its_service(responder, name):
    with Records(responder.socket) as connection:
        with contextlib.suppress(BrokenPipeError):
            # It may be closed at the first wrong byte.
            connection.send(ATTACKS[name])
        assert_answers(responder, 1)
    assert_answers(responder, 1)
    assert_answers(responder, 1)


def test_a_good_request_is_answered_in_whatever_pieces_it_comes(responder):
    data = Records.get()
    # Not smaller: the pieces stay in the socket until the request is whole, and
    # the system counts each of them for some hundred bytes.
    for size in [3, 8, 9, 100]:
        with Records(responder.socket) as connection:
            for start in range(0, len(data), size):
                connection.send(data[start:start + size])
            assert b'"UP"' in connection.answer()


def test_parameters_may_be_cut_at_any_record_and_have_padding(responder):
    parameters = good_parameters()
    for size in [1, 2, 7, 50]:
        data = Records.begin() + b"".join(
            Records.record(Records.PARAMS, parameters[start:start + size], padding=size % 8)
            for start in range(0, len(parameters), size)) + Records.record(Records.PARAMS) + Records.record(Records.STDIN)
        with Records(responder.socket) as connection:
            connection.send(data)
            assert b'"UP"' in connection.answer()


def test_many_requests_follow_each_other_on_one_connection(responder):
    with Records(responder.socket) as connection:
        for _ in range(500):
            connection.send(Records.get())
            assert b'"UP"' in connection.answer()


@pytest.mark.parametrize(["body", "length", "status"], [
    (b"", "", 422), (b"", 0, 422), (b"x" * 65_536, 65_536, 422)])
def test_a_body_is_answered_by_its_length(responder, body, length, status):
    with Records(responder.socket) as connection:
        connection.send(with_body(body, length))
        assert Records.status(connection.answer()) == status
        # The connection can be used on.
        connection.send(Records.get())
        assert b'"UP"' in connection.answer()


def test_a_body_that_is_announced_too_long_is_answered_and_its_connection_ends(responder):
    with Records(responder.socket) as connection:
        connection.send(with_body(b"x" * 65_535, 65_537))
        assert Records.status(connection.answer()) == 413
        assert connection.is_closed(PATIENCE)


@pytest.mark.parametrize("length", ["", 3, 8, 1000])
def test_a_body_that_is_not_as_long_as_announced_gets_no_answer(responder, length):
    with Records(responder.socket) as connection:
        connection.send(with_body(b"email=a", length))
        assert connection.is_closed(PATIENCE)
    assert_answers(responder, PATIENCE)


def with_body(body, length, uri="/user/login/"):
    data = post(b"", length, uri)[:-8]
    for start in range(0, len(body), 60_000):
        data += Records.record(Records.STDIN, body[start:start + 60_000])
    return data + Records.record(Records.STDIN)


@pytest.mark.parametrize("length", [-1, "1e3", "0x10", " 1", "1 ", "+1", 10 ** 30])
def test_a_length_that_is_none_ends_the_connection_or_gets_400(responder, length):
    with Records(responder.socket) as connection:
        connection.send(post(b"x", length))
        try:
            assert Records.status(connection.answer()) in (400, 413)
        except (EOFError, ConnectionResetError):
            pass
    assert_answers(responder, 1)


@pytest.mark.memory
def test_a_body_of_many_megabytes_is_answered_and_not_kept(responder):
    before = memory(responder.pid)
    size = 64 << 20
    with Records(responder.socket) as connection:
        connection.send(post(b"", size)[:-8])
        part = Records.record(Records.STDIN, b"x" * 65_528)
        for _ in range(size // 65_528):
            connection.send(part)
        connection.send(Records.record(Records.STDIN))
        assert Records.status(connection.answer()) == 413
    assert memory(responder.pid) - before < 16


def test_half_open_connections_more_than_workers_hold_nobody_up_for_longer_than_the_timeout(responder):
    partial = [Records.begin()[:4], Records.begin(), Records.begin() + Records.record(Records.PARAMS, b"abc", length=500)]
    connections = []
    try:
        for number in range(64):
            connection = Records(responder.socket)
            connection.send(partial[number % 3])
            connections.append(connection)
        assert_answers(responder, PATIENCE)
        # They are closed, all of them.
        assert all(connection.is_closed(30) for connection in connections)
        assert_answers(responder, 1)
    finally:
        for connection in connections:
            connection.close()


def test_half_of_a_photo_holds_nobody_up_and_is_given_up(responder):
    """More of them than are held at once."""
    half = post(b"", 1 << 20, "/user/account/photo")[:-8]
    half += b"".join(Records.record(Records.STDIN, b"x" * 60_000) for _ in range(3))
    before = memory(responder.pid)
    connections = [Records(responder.socket) for _ in range(40)]
    try:
        for connection in connections:
            connection.send(half)
        assert_answers(responder, 1)
        assert memory(responder.pid) - before < 32
        assert all(connection.is_closed(30) for connection in connections)
    finally:
        for connection in connections:
            connection.close()
    # The places are free again.
    for _ in range(20):
        with Records(responder.socket) as connection:
            connection.send(with_body(b"x" * 200_000, 200_000, "/user/account/photo"))
            assert Records.status(connection.answer()) == 302
            connection.send(Records.get())
            assert b'"UP"' in connection.answer()


def test_connections_that_are_silent_cost_nobody_anything(responder):
    """Idle, with no byte sent: parked, however many there are."""
    connections = [Records(responder.socket) for _ in range(300)]
    try:
        for _ in range(5):
            assert_answers(responder, 1)
    finally:
        for connection in connections:
            connection.close()
    assert_answers(responder, 1)


def test_a_peer_that_does_not_read_its_answer_is_given_up(responder):
    """Sends many requests and takes nothing: the sending timeout is 5 s too."""
    connections = []
    try:
        for _ in range(20):
            connection = Records(responder.socket)
            connection.socket.setblocking(False)
            connections.append(connection)
            data = Records.get("/user/login/") * 2000
            while data:
                try:
                    data = data[connection.socket.send(data):]
                except OSError:
                    # Full, or given up already.
                    break
        assert_answers(responder, PATIENCE + 1)
    finally:
        for connection in connections:
            connection.close()
    assert_answers(responder, 1)


def attack(responder, chance):
    """One connection with something random: whole, cut off, or changed."""
    kind = chance.randrange(6)
    if kind == 0:
        data = chance.randbytes(chance.randrange(1, 3000))
    elif kind == 1:
        data = b"".join(
            struct.pack(">BBHHBB", 1, chance.randrange(12), chance.randrange(3), length, chance.randrange(256), 0)
            + chance.randbytes(length) for length in [chance.randrange(400) for _ in range(chance.randrange(1, 8))])
    else:
        data = bytearray(chance.choice([Records.get(), Records.get("/user/login/"), post(b"email=a&password=b", 18)]))
        if kind in (2, 3):
            data = data[:chance.randrange(1, len(data))]
        if kind in (3, 4):
            for _ in range(chance.randrange(1, 6)):
                data[chance.randrange(len(data))] = chance.randrange(256)
    connection = Records(responder.socket, seconds=2)
    try:
        connection.send(bytes(data))
        if chance.random() < 0.05:
            connection.socket.settimeout(0.01)
            connection.socket.recv(100)
    except OSError:
        pass
    return connection


@pytest.mark.memory
def test_random_records_leak_neither_descriptors_nor_memory(workshop):
    responder = workshop.fastcgi()
    chance = random.Random(int(os.environ.get("LABEL_STUDIO_TEST_SEED", "20")))

    def storm(count):
        for _ in range(count):
            attack(responder, chance).close()
        assert_answers(responder)

    # Warm: threads, caches and arenas are there.
    for _ in range(3):
        assert_answers(responder)
    quiet = sockets(responder.pid)
    storm(3000)
    wait_until(lambda: sockets(responder.pid) <= quiet, 15, "the closing of the sockets")
    before, opened = memory(responder.pid), descriptors(responder.pid)
    storm(6000)
    wait_until(lambda: sockets(responder.pid) <= quiet, 15, "the closing of the sockets")
    assert memory(responder.pid) - before < 8
    # Each worker may have opened the database for itself; nothing else grows.
    assert descriptors(responder.pid) - opened < 3 * 20
    assert_answers(responder, 1)
    assert responder.stop() == 0


def test_nginx_in_front_works_while_its_neighbours_misbehave(workshop):
    """The pages stay reachable within the timeout while 40 connections hang."""
    responder = workshop.fastcgi()
    nginx = workshop.in_front(responder.socket, f"127.0.0.1:{free_port()}")
    client = Client(f"http://127.0.0.1:{nginx.port}")
    assert client.sign_up("a@example.com").status_code == 302
    connections = [Records(responder.socket) for _ in range(40)]
    for connection in connections:
        connection.send(Records.begin())
    try:
        began = time.monotonic()
        assert client.get("/").status_code == 200
        assert client.log_out().status_code == 302
        assert client.log_in("a@example.com", PASSWORD).status_code == 302
        assert time.monotonic() - began < 4 * PATIENCE
    finally:
        for connection in connections:
            connection.close()


def test_it_stops_although_connections_are_open_that_nobody_closes(workshop):
    responder = workshop.fastcgi()
    connections = [Records(responder.socket) for _ in range(30)]
    for connection in connections[:10]:
        connection.send(Records.begin())
    assert_answers(responder, PATIENCE)
    began = time.monotonic()
    assert responder.stop() == 0
    assert time.monotonic() - began < 15
    for connection in connections:
        connection.close()

"""Another program keeps the lock for writing: a shell of SQLite, a copying tool."""

import concurrent.futures
import contextlib
import signal
import sqlite3
import time

from site_under_test import PASSWORD

HOUR = 3_600_000_000
VISITORS = 8


@contextlib.contextmanager
def locked(path):
    with contextlib.closing(sqlite3.connect(path, timeout=10)) as database:
        database.execute("BEGIN IMMEDIATE")
        yield
        database.rollback()


def seen(site):
    return [instant for instant, in site.query("SELECT last_seen_at FROM session ORDER BY last_seen_at")]


def test_no_visitor_waits_because_his_visit_cannot_be_noted(workshop):
    site = workshop.start()
    clients = [site.client() for _ in range(VISITORS)]
    for number, client in enumerate(clients):
        assert client.sign_up(f"visitor{number}@example.com").status_code == 302
    site.execute("UPDATE session SET last_seen_at = last_seen_at - ?", HOUR)
    before = seen(site)
    with locked(site.database), concurrent.futures.ThreadPoolExecutor(VISITORS) as pool:
        began = time.monotonic()
        answers = list(pool.map(lambda client: client.get("/user/account/"), clients * 3))
        # Each of these would wait for 10 s, one after the other.
        assert time.monotonic() - began < 10
    assert [answer.status_code for answer in answers] == [200] * 3 * VISITORS
    assert seen(site) == before
    assert "visit-not-noted" in site.program.errors
    for client in clients:
        assert client.get("/user/account/").status_code == 200
    assert all(old < new for old, new in zip(before, seen(site)))


def test_it_starts_while_another_program_writes(workshop):
    first = workshop.start(LABEL_STUDIO_USERNAME="owner@example.com", LABEL_STUDIO_PASSWORD=PASSWORD)
    first.program.stop(signal.SIGTERM)
    with locked(first.database):
        site = workshop.start(
            data=first.data, waits=False, LABEL_STUDIO_USERNAME="owner@example.com", LABEL_STUDIO_PASSWORD=PASSWORD)
        # It waits for 10 s before it leaves the tidying to the next time.
        site.wait_until_ready(60)
        assert "tidying-failed" in site.program.errors
        assert site.client().get("/user/login/").status_code == 200
    assert site.client().log_in("owner@example.com").status_code == 302

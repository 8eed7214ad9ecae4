"""SIGKILL at any moment loses no account whose sign-up was answered (issue 2, point 14)."""

import concurrent.futures
import os
import random
import signal
import sqlite3
import threading
import time

import pytest
from site_under_test import PASSWORD, Client, free_port, wait_until

pytestmark = pytest.mark.slow

ROUNDS = 6


def test_no_answered_sign_up_is_lost_when_the_program_is_killed(workshop):
    chance = random.Random(int(os.environ.get("LABEL_STUDIO_TEST_SEED", time.time_ns())))
    data, port = workshop.directory() / "data", free_port()
    answered, numbers, guard = [], iter(range(1_000_000)), threading.Lock()
    counts = []

    for round in range(ROUNDS):
        site = workshop.start(data=data, port=port)
        stop = threading.Event()

        def sign_up():
            while not stop.is_set():
                with guard:
                    email = f"storm{next(numbers)}@example.com"
                client = Client(site.url)
                headers = {"Origin": site.url}
                fields = {"email": email, "password": PASSWORD}
                try:
                    answer = client.post("/user/signup/", fields, headers=headers, timeout=5)
                except OSError:
                    # Killed while we waited: whether it was made, nobody said.
                    continue
                if answer.status_code == 302:
                    with guard:
                        answered.append((email, client.cookies["sessionid"]))

        before = len(answered)
        with concurrent.futures.ThreadPoolExecutor(12) as pool:
            for _ in range(12):
                pool.submit(sign_up)
            # A moment of no meaning, but not before the storm has begun.
            wait_until(lambda: len(answered) > before, what="the first answer")
            time.sleep(chance.uniform(0.05, 1.2))
            os.kill(site.program.pid, signal.SIGKILL)
            site.program.process.wait()
            stop.set()
        counts.append(len(answered) - before)

        with sqlite3.connect(site.database) as database:
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert database.execute("PRAGMA foreign_key_check").fetchall() == []
            # Nobody is half made: each account has a membership and a token.
            assert database.execute(
                "SELECT count(*) FROM user_account u LEFT JOIN member m ON m.user_id = u.id"
                " LEFT JOIN api_token t ON t.user_id = u.id WHERE m.user_id IS NULL OR t.user_id IS NULL"
            ).fetchone() == (0,)
            found = {email for email, in database.execute("SELECT email FROM user_account")}
        database.close()
        lost = [email for email, _ in answered if email not in found]
        assert not lost, f"round {round}: {len(lost)} of {len(answered)} lost: {lost[:5]}"

    print(f"answered in each round: {counts}")
    assert len(answered) > 5 * ROUNDS
    site = workshop.start(data=data, port=port)
    # Of each round some log in anew; the sessions of all still work.
    for email, session in answered:
        answer = Client(site.url).get("/api/current-user/whoami", headers={"Cookie": f"sessionid={session}"})
        assert (answer.status_code, answer.json().get("email")) == (200, email)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        chosen = chance.sample(answered, min(len(answered), 200))
        statuses = list(pool.map(lambda account: Client(site.url).log_in(account[0]).status_code, chosen))
    assert set(statuses) == {302}
    assert site.query("SELECT count(*) FROM organization") == [(1,)]
    assert site.query("SELECT count(*) FROM member WHERE role = 'owner'") == [(1,)]
    assert site.program.stop() == 0

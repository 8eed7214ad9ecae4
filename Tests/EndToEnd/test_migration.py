"""A database of an older version: a copy of it stays beside the new one."""

import contextlib
import os
import re
import shutil
import sqlite3
import stat
import subprocess

import pytest
from older_database import NEWEST, OLDER, bring_back, older_database
from site_under_test import SAMPLE

COPY = f"accounts.sqlite3.before-{OLDER:03}-to-{NEWEST:03}"


def make(data):
    """A data directory of the version before."""
    data.mkdir(mode=0o700, exist_ok=True)
    (data / "accounts.key").write_bytes(bytes(range(32)))
    (data / "accounts.key").chmod(0o600)
    (data / "accounts.sqlite3").touch(mode=0o600)
    older_database(data / "accounts.sqlite3")
    return data / "accounts.sqlite3"


def rows(path, sql):
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        return database.execute(sql).fetchall()


def schema(path):
    return rows(path, "SELECT max(number) FROM schema_migration")[0][0]


def copies(data):
    return sorted(path.name for path in data.glob("accounts.sqlite3.*"))


@pytest.fixture
def data(workshop):
    return workshop.directory() / "data"


def test_a_database_is_copied_before_its_tables_change_and_the_copy_restores(workshop, data):
    database = make(data)
    site = workshop.start(data=data)
    assert schema(database) == NEWEST
    assert copies(data) == [COPY]
    assert f"{data}/{COPY} is a copy of the database from before schema {NEWEST}." in site.program.errors
    assert schema(data / COPY) == OLDER and rows(data / COPY, "PRAGMA integrity_check") == [("ok",)]
    assert stat.S_IMODE((data / COPY).stat().st_mode) == 0o600
    assert site.client().sign_up("late@example.com").status_code == 302
    assert site.program.stop() == 0

    result = workshop.run("restore", data / COPY, "--data-dir", data)
    assert result.returncode == 0, result.stderr
    assert schema(database) == NEWEST and rows(database, "SELECT count(*) FROM user_account") == [(0,)]
    # What was restored is the copy already.
    assert schema(data / COPY) == OLDER


def test_people_and_their_invite_link_come_along_from_before_the_limits_of_the_link(workshop, data):
    site = workshop.start(data=data)
    owner = site.client()
    assert owner.sign_up("owner@example.com").status_code == 302
    assert site.client().sign_up("old@example.com", query="?token=" + site.invitation(owner)).status_code == 302
    assert owner.submit("/organization/invite/reset", {}, "invite-reset-form").status_code == 302
    token = site.invitation(owner)
    for email in ["one@example.com", "two@example.com"]:
        assert site.client().sign_up(email, query="?token=" + token).status_code == 302
    assert site.client().sign_up("open@example.com").status_code == 302
    assert site.program.stop() == 0
    database = data / "accounts.sqlite3"
    bring_back(database, 8)
    assert schema(database) == 8
    assert "invite_until" not in str(rows(database, "SELECT sql FROM sqlite_schema WHERE name = 'organization'"))

    site = workshop.start(data=data)
    assert schema(database) == NEWEST
    owner = site.client()
    assert owner.log_in("owner@example.com").status_code == 302
    assert site.invitation(owner) == token
    page = owner.page("/organization/invite")
    # As far as the audit tells of it.
    assert "2 people have joined by this link since" in page.text and "It works until you reset it." in page.text
    for email in ["old@example.com", "one@example.com", "two@example.com", "open@example.com"]:
        assert site.client().log_in(email).status_code == 302
    assert owner.submit(
        "/organization/invite/limits", {"until": "", "joins": "1"}, "invite-limits-form").status_code == 302
    assert site.client().sign_up("three@example.com", query="?token=" + token).status_code == 302
    assert site.client().get("/user/signup/?token=" + token).status_code == 403
    assert "3 people have joined by this link since" in owner.page("/organization/invite").text


def test_an_administration_command_makes_a_copy_too(workshop, data):
    database = make(data)
    assert workshop.run("user", "list", "--data-dir", data).returncode == 0
    assert schema(database) == NEWEST and copies(data) == [COPY]


def test_a_new_database_and_one_of_this_version_are_not_copied(workshop, data):
    for _ in range(2):
        program = workshop.start(data=data).program
        assert program.stop() == 0
        assert copies(data) == []


def test_what_is_only_tried_out_is_not_copied(workshop, data):
    database = make(data)
    assert workshop.run("import", SAMPLE, "--dry-run", "--data-dir", data).returncode == 0
    assert schema(database) == OLDER and copies(data) == []


def test_the_newest_three_copies_stay(workshop, data):
    make(data)
    old = [f"accounts.sqlite3.before-{number:03}-to-{number + 1:03}" for number in range(1, 4)]
    others = ["accounts.sqlite3.before-2026-01-01-000000", "accounts.sqlite3.before-001-to-002.gz",
              "accounts.sqlite3.before-x-to-002"]
    for name in old + others:
        (data / name).write_text("x")
    assert workshop.run("user", "list", "--data-dir", data).returncode == 0
    assert copies(data) == sorted([*old[1:], COPY, *others])


def test_a_copy_of_an_attempt_that_failed_is_replaced(workshop, data):
    make(data)
    (data / COPY).write_text("x")
    assert workshop.run("user", "list", "--data-dir", data).returncode == 0
    assert copies(data) == [COPY] and schema(data / COPY) == OLDER


def test_two_that_start_at_once_leave_a_copy_of_the_older_schema(workshop, data):
    for _ in range(5):
        shutil.rmtree(data, ignore_errors=True)
        database = make(data)
        commands = [workshop.spawn(
            [workshop.label_studio, "user", "list", "--data-dir", data], workshop.environment()) for _ in range(4)]
        assert [command.wait(60) for command in commands] == [0] * 4
        assert schema(database) == NEWEST and copies(data) == [COPY]
        assert schema(data / COPY) == OLDER


@pytest.fixture
def small_disk(workshop):
    """A directory on a file system of its own, of 4 MB."""
    directory = workshop.directory() / "disk"
    directory.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", directory], capture_output=True).returncode == 0
    if not mounted:
        pytest.skip("only root can make a file system, where that is allowed")
    yield directory
    subprocess.run(["umount", "-l", directory], check=True)


def test_on_a_full_disk_nothing_is_changed(workshop, small_disk):
    data = small_disk / "data"
    database = make(data)
    with contextlib.closing(sqlite3.connect(database)) as connection:
        connection.execute(
            "INSERT INTO audit_event (at, action, client_address, detail) VALUES (1, 'restored', '', ?)", ("x" * 700_000,))
        connection.commit()
    (small_disk / "filler").write_bytes(b"x" * (os.statvfs(small_disk).f_bavail * 4096 - 500_000))
    before = rows(database, "SELECT name, sql FROM sqlite_schema")
    result = workshop.run("user", "list", "--data-dir", data)
    assert result.returncode == 2, result.stdout
    assert re.search(rf"accounts\.sqlite3 has to be brought from schema {OLDER} to {NEWEST}, and it was left as it is, "
                     r"because no copy of it could be made first: .*full.*\. Make room in \S+ for twice its size",
                     result.stderr), result.stderr
    assert rows(database, "SELECT name, sql FROM sqlite_schema") == before and copies(data) == []
    # With room, it goes on.
    (small_disk / "filler").unlink()
    (small_disk / "filler").write_bytes(b"")
    assert workshop.run("user", "list", "--data-dir", data).returncode == 0
    assert schema(database) == NEWEST and copies(data) == [COPY]

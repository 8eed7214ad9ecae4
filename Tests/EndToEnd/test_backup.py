"""Moving out (issue 4, point 7): export, backup, restore; from outside."""

import contextlib
import csv
import io
import json
import os
import re
import shutil
import sqlite3
import subprocess
import stat
import threading
import time

import pytest



@pytest.fixture
def data(workshop):
    return workshop.directory() / "data"


@pytest.fixture
def running(workshop, data):
    """A site with an owner, a member and a project."""
    site = workshop.start(data=data)
    site.owner = site.client()
    assert site.owner.sign_up("owner@example.com").status_code == 302
    assert site.client().sign_up("member@example.com").status_code == 302
    return site


@pytest.fixture
def directory(workshop):
    return workshop.directory()


def rows(path, sql):
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        return database.execute(sql).fetchall()


def names(directory):
    return sorted(path.name for path in directory.iterdir() if path.is_file())


# backup


def test_a_backup_is_a_whole_database_for_its_owner_only(workshop, running, data):
    target = workshop.directory() / "copy.sqlite3"
    result = workshop.run("backup", target, "--data-dir", data)
    assert result.returncode == 0, result.stderr
    assert "The key is not in it" in result.stdout and str(data / "accounts.key") in result.stdout
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert names(target.parent) == ["copy.sqlite3"]
    assert rows(target, "PRAGMA integrity_check") == [("ok",)]
    assert rows(target, "SELECT email FROM user_account ORDER BY id") == [("owner@example.com",), ("member@example.com",)]
    assert (data / "accounts.key").read_bytes() not in target.read_bytes()
    assert running.owner.is_logged_in()


def test_a_backup_of_a_busy_site_is_consistent(workshop, running, data):
    stop = threading.Event()
    faults = []

    def sign_up(number):
        count = 0
        while not stop.is_set():
            count += 1
            answer = running.client().sign_up(f"p{number}x{count}@example.com")
            if answer.status_code not in (302, 429, 503):
                faults.append(answer.status_code)

    threads = [threading.Thread(target=sign_up, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    directory = workshop.directory()
    try:
        for number in range(5):
            assert workshop.run("backup", directory / str(number), "--data-dir", data).returncode == 0
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert not faults
    for number in range(5):
        path = directory / str(number)
        assert rows(path, "PRAGMA integrity_check") == [("ok",)]
        # One act is whole: everybody has a membership and a token.
        people = rows(path, "SELECT count(*) FROM user_account")
        assert people == rows(path, "SELECT count(*) FROM member") == rows(path, "SELECT count(*) FROM api_token")


def test_a_backup_does_not_overwrite(workshop, running, data):
    target = workshop.directory() / "there"
    target.write_text("a letter")
    result = workshop.run("backup", target, "--data-dir", data)
    assert result.returncode == 2 and "is there already" in result.stderr
    assert target.read_text() == "a letter" and names(target.parent) == ["there"]


@pytest.mark.parametrize("arguments", [[], ["a", "b"]])
def test_a_backup_needs_a_place(workshop, data, arguments):
    result = workshop.run("backup", *arguments, "--data-dir", data)
    assert result.returncode == 2 and "say where to" in result.stderr


def test_without_a_database_there_is_nothing_to_back_up(workshop, data):
    result = workshop.run("backup", workshop.directory() / "x", "--data-dir", data)
    assert result.returncode == 2 and "there is no database" in result.stderr
    assert not data.exists()


def test_a_directory_that_is_not_there_is_named(workshop, running, data):
    result = workshop.run("backup", "/nonexistent/copy", "--data-dir", data)
    assert result.returncode == 2 and "/nonexistent/copy" in result.stderr


# restore


@pytest.fixture
def backup(workshop, running, data):
    """A backup; after it, the member was removed and the site stopped."""
    running.link = running.owner.get("/api/invite").json()["token"]
    path = workshop.directory() / "backup"
    assert workshop.run("backup", path, "--data-dir", data).returncode == 0
    assert running.client().sign_up("late@example.com").status_code == 302
    return path


def restore(workshop, data, backup, *flags):
    return workshop.run("restore", backup, "--data-dir", data, *flags)


def test_a_restore_brings_back_what_was(workshop, running, data, backup):
    assert running.program.stop() == 0
    content = backup.read_bytes()
    result = restore(workshop, data, backup)
    assert result.returncode == 0, result.stderr
    assert "All sessions have ended, and the invite link was replaced." in result.stdout
    assert backup.read_bytes() == content and names(backup.parent) == ["backup"]
    assert [name for name in names(data) if name.endswith(("-wal", "-shm", ".new"))] == []
    [old] = data.glob("accounts.sqlite3.before-*")
    assert str(old) in result.stdout
    assert rows(old, "SELECT count(*) FROM user_account") == [(3,)]
    assert stat.S_IMODE(old.stat().st_mode) == stat.S_IMODE((data / "accounts.sqlite3").stat().st_mode) == 0o600

    site = workshop.start(data=data, port=running.port)
    assert not running.owner.is_logged_in()
    assert site.client().log_in("late@example.com").status_code == 422
    again = site.client()
    assert again.log_in("owner@example.com").status_code == 302
    assert again.get("/api/invite").json()["token"] != running.link
    assert site.client().get(f"/user/signup/?token={running.link}").status_code == 403
    actions = [action for action, in site.query("SELECT action FROM audit_event ORDER BY id")]
    assert "restored" in actions and "invitation-reset" in actions


def test_a_restore_may_keep_sessions_and_link(workshop, running, data, backup):
    assert running.program.stop() == 0
    result = restore(workshop, data, backup, "--keep-sessions-and-link")
    assert result.returncode == 0 and "are those of the backup" in result.stdout
    workshop.start(data=data, port=running.port)
    assert running.owner.is_logged_in()
    assert running.owner.get("/api/invite").json()["token"] == running.link


def test_a_restore_is_refused_while_the_site_runs(workshop, running, data, backup):
    before = names(data)
    result = restore(workshop, data, backup)
    assert result.returncode == 2 and "is in use: stop label-studio first" in result.stderr
    # What did not happen is not in the log.
    assert len(result.stderr.splitlines()) == 1, result.stderr
    assert names(data) == before
    assert running.owner.is_logged_in()
    assert running.client().sign_up("later@example.com").status_code == 302
    assert rows(data / "accounts.sqlite3", "SELECT count(*) FROM user_account") == [(4,)]


def test_a_restore_after_a_crash_loses_nothing_of_the_old(workshop, running, data, backup):
    running.program.kill()
    assert (data / "accounts.sqlite3-wal").exists()
    assert restore(workshop, data, backup).returncode == 0
    [old] = data.glob("accounts.sqlite3.before-*")
    assert rows(old, "SELECT count(*) FROM user_account") == [(3,)]
    assert rows(data / "accounts.sqlite3", "SELECT count(*) FROM user_account") == [(2,)]


def test_a_restore_on_a_new_machine_needs_the_key(workshop, running, data, backup):
    new = workshop.directory() / "data"
    result = restore(workshop, new, backup)
    assert result.returncode == 2 and "the key file" in result.stderr and "is missing" in result.stderr
    assert not (new / "accounts.sqlite3").exists() and not (new / "accounts.key").exists()
    new.mkdir(exist_ok=True)
    (new / "accounts.key").write_bytes(os.urandom(32))
    result = restore(workshop, new, backup)
    assert result.returncode == 2 and "is not the one that" in result.stderr
    assert names(new) == ["accounts.key"]
    shutil.copy(data / "accounts.key", new / "accounts.key")
    assert restore(workshop, new, backup).returncode == 0
    site = workshop.start(data=new)
    assert site.client().log_in("member@example.com").status_code == 302


def damaged(path):
    content = bytearray(path.read_bytes())
    content[8192:12288] = os.urandom(4096)
    path.write_bytes(content)


def altered(path, sql):
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute(sql)
        database.commit()


@pytest.mark.parametrize(
    ["spoil", "reason"],
    [
        (lambda path: path.unlink(), "there is no backup"),
        (lambda path: path.write_bytes(b""), "there is no backup"),
        (lambda path: path.write_bytes(b"a letter" * 100), "is not a backup of this program"),
        (lambda path: altered(path, "PRAGMA application_id = 5"), "is not a backup of this program"),
        (lambda path: path.write_bytes(path.read_bytes()[:-4096]), "cannot be used"),
        (damaged, "cannot be used"),
        (lambda path: altered(path, "INSERT INTO schema_migration VALUES (99, 'x', 0)"), "newer version"),
        (lambda path: altered(path, "UPDATE schema_migration SET digest = 'x' WHERE number = 1"), "step 1 of its schema"),
        (lambda path: altered(path, "UPDATE installation SET key_check = x'00'"), "is not the one that"),
    ],
)
def test_what_is_no_good_backup_changes_nothing(workshop, running, data, backup, spoil, reason):
    assert running.program.stop() == 0
    before = {name: (data / name).read_bytes() for name in names(data)}
    spoil(backup)
    result = restore(workshop, data, backup)
    assert result.returncode == 2
    assert reason in result.stderr and str(backup) in result.stderr, result.stderr
    assert {name: (data / name).read_bytes() for name in names(data)} == before


def test_a_damaged_database_is_not_thrown_away(workshop, running, data, backup):
    assert running.program.stop() == 0
    database = data / "accounts.sqlite3"
    database.write_bytes(b"x" * 8192)
    result = restore(workshop, data, backup)
    assert result.returncode == 2 and str(database) in result.stderr
    assert database.read_bytes() == b"x" * 8192
    database.rename(data / "damaged")
    assert restore(workshop, data, backup).returncode == 0


def test_a_log_without_its_database_is_not_taken_for_the_new_one(workshop, running, data, backup):
    running.program.kill()
    (data / "accounts.sqlite3").rename(data / "elsewhere")
    result = restore(workshop, data, backup)
    assert result.returncode == 2 and "accounts.sqlite3-wal" in result.stderr
    assert not (data / "accounts.sqlite3").exists()


# export


def test_people_are_exported(workshop, running, data):
    client = running.client()
    assert client.log_in("member@example.com").status_code == 302
    client.submit(
        "/user/account/", {"first_name": "=1+1", "last_name": 'A "b", c', "phone": "+1"}, "profile-form")
    running.execute(
        "INSERT INTO project (organization_id, title, description, created_by, created_at, updated_at)"
        " VALUES (1, '@SUM(A1)', 'Über', 2, 0, 0)")
    assert workshop.run("user", "deactivate", "member@example.com", "--data-dir", data).returncode == 0

    result = workshop.run("export", "people", "--data-dir", data)
    assert result.returncode == 0, result.stderr
    told = json.loads(result.stdout)
    assert told["organization"] == {"id": 1, "title": "Label Studio"}
    assert [(person["email"], person["role"], person["state"]) for person in told["people"]] == [
        ("owner@example.com", "owner", "active"), ("member@example.com", "member", "deactivated")]
    assert told["people"][1]["first_name"] == "=1+1" and told["people"][1]["deactivated_at"]
    [project] = told["projects"]
    assert (project["title"], project["description"], project["created_by"]) == ("@SUM(A1)", "Über", "member@example.com")

    table = workshop.run("export", "people", "--format", "csv", "--data-dir", data).stdout
    head, owner, member = csv.reader(io.StringIO(table, newline=""))
    person = dict(zip(head, member))
    # A spreadsheet takes these for texts.
    assert person["first_name"] == "'=1+1" and person["phone"] == "'+1" and person["last_name"] == 'A "b", c'
    assert person["projects"] == "1 @SUM(A1)"
    token = running.owner.get("/api/current-user/token").json()["token"]
    for text in [result.stdout, table]:
        assert "argon2" not in text and token not in text and running.owner.get("/api/invite").json()["token"] not in text


@pytest.mark.parametrize("format", ["json", "csv"])
def test_an_export_to_a_full_disk_fails(workshop, running, data, format):
    with open("/dev/full", "wb") as full:
        result = subprocess.run(
            [workshop.label_studio, "export", "people", "--format", format, "--data-dir", data],
            env=workshop.environment(), stdout=full, stderr=subprocess.PIPE, text=True, timeout=20)
    assert result.returncode == 2
    assert "No space left on device; the export is not complete" in result.stderr


def test_an_export_from_nowhere_makes_no_database(workshop, data):
    result = workshop.run("export", "people", "--data-dir", data)
    assert result.returncode == 2 and not result.stdout
    assert "there is no database at" in result.stderr
    assert not (data / "accounts.sqlite3").exists()


@pytest.mark.parametrize("arguments", [[], ["1"], ["1", "JSON"], ["people", "more"]])
def test_labels_are_exported_elsewhere(workshop, data, arguments):
    result = workshop.run("export", *arguments, "--data-dir", data)
    assert result.returncode == 2
    assert "labels are exported by the labeling server" in result.stderr and not result.stdout


def test_an_unknown_format_is_refused(workshop, data):
    result = workshop.run("export", "people", "--format", "xml", "--data-dir", data)
    assert result.returncode == 2 and '--format: "xml" is not json or csv' in result.stderr


# backup - and backup --keep


def test_a_backup_to_standard_output_is_the_same(workshop, running, data, directory):
    with open(directory / "piped.sqlite3", "wb") as file:
        result = subprocess.run(
            [workshop.label_studio, "backup", "-", "--data-dir", data], env=workshop.environment(), stdout=file,
            stderr=subprocess.PIPE, timeout=60)
    assert result.returncode == 0 and not result.stderr
    assert rows(directory / "piped.sqlite3", "PRAGMA integrity_check") == [("ok",)]
    assert len(rows(directory / "piped.sqlite3", "SELECT email FROM user_account")) == 2
    assert [name for name in names(data) if "new" in name] == []


def test_a_backup_to_a_full_disk_behind_standard_output_fails(workshop, running, data):
    with open("/dev/full", "wb") as full:
        result = subprocess.run(
            [workshop.label_studio, "backup", "-", "--data-dir", data], env=workshop.environment(), stdout=full,
            stderr=subprocess.PIPE, text=True, timeout=60)
    assert result.returncode == 2
    assert "No space left on device; the copy is not complete" in result.stderr


def test_of_backups_in_a_directory_the_newest_stay(workshop, running, data, directory):
    backups = directory / "backups"
    backups.mkdir()
    old = [f"accounts-2020010{day}T000000Z.sqlite3" for day in range(1, 6)]
    others = ["accounts-20200101T000000Z.sqlite3.gz", "accounts-2020010xT000000Z.sqlite3", "accounts.sqlite3", "note",
              "accounts-20200101T000000Z.sqlite3-wal", "xaccounts-20200101T000000Z.sqlite3"]
    for name in old + others:
        (backups / name).write_text("x")
    result = workshop.run("backup", "--keep", 3, backups, "--data-dir", data)
    assert result.returncode == 0, result.stderr
    [new] = set(names(backups)) - set(old + others)
    assert re.fullmatch(r"accounts-\d{8}T\d{6}Z\.sqlite3", new)
    assert abs(time.mktime(time.strptime(new[9:24], "%Y%m%dT%H%M%S")) - time.mktime(time.gmtime())) < 120
    assert set(names(backups)) == {new, *old[-2:], *others}
    assert rows(backups / new, "PRAGMA integrity_check") == [("ok",)]
    assert result.stdout.splitlines() == [
        f"{backups}/{new} is a copy of {data}/accounts.sqlite3, and was checked.",
        *[f"{backups}/{name} was removed." for name in old[:3]],
        f"The key is not in it: keep {data}/accounts.key too, at another place. Without the key the copy cannot be used."]


def test_the_directory_of_backups_is_made_and_the_first_backup_stays(workshop, running, data, directory):
    result = workshop.run("backup", "--keep=14", directory / "new" / "backups", "--data-dir", data)
    assert result.returncode == 0, result.stderr
    assert len(names(directory / "new" / "backups")) == 1
    assert stat.S_IMODE((directory / "new" / "backups").stat().st_mode) == 0o700


def test_a_backup_that_fails_removes_no_older_one(workshop, data, directory):
    (directory / "accounts-20200101T000000Z.sqlite3").write_text("x")
    result = workshop.run("backup", "--keep", 1, directory, "--data-dir", data)
    assert result.returncode == 2 and "there is no database" in result.stderr
    assert names(directory) == ["accounts-20200101T000000Z.sqlite3"]


def test_two_backups_of_one_second_are_two(workshop, running, data, directory):
    for _ in range(3):
        result = workshop.run("backup", "--keep", 5, directory / "series", "--data-dir", data)
        assert result.returncode == 0, result.stderr
    assert len(os.listdir(directory / "series")) == 3


@pytest.mark.parametrize("count", ["0", "-1", "x", ""])
def test_a_number_of_backups_to_keep_is_checked(workshop, data, directory, count):
    result = workshop.run("backup", f"--keep={count}", directory, "--data-dir", data)
    assert result.returncode == 2 and "is not a number from 1 to 10000" in result.stderr

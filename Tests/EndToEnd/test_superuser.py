"""Administration by root: whatever it makes, the service can go on writing."""

import contextlib
import os
import pwd
import re
import shutil
import signal
import sqlite3
import stat
import subprocess

import pytest
from pictures import png
from site_under_test import PASSWORD, SAMPLE, nobody, wait_until

pytestmark = pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
KEY = bytes(range(32))


@pytest.fixture
def data(workshop):
    """A data directory that belongs to another user, with a site that he runs."""
    directory = workshop.directory()
    directory.chmod(0o755)
    data = directory / "data"
    data.mkdir(mode=0o700)
    os.chown(data, nobody().pw_uid, nobody().pw_gid)
    return data


def nobodys(workshop, data, *flags, **settings):
    """The same, which may not come to run."""
    return workshop.spawn(
        ["setpriv", f"--reuid={nobody().pw_uid}", f"--regid={nobody().pw_gid}", "--clear-groups", "--no-new-privs",
         workshop.label_studio, "fastcgi", "--data-dir", data, "--socket", data / "socket",
         "--username", "owner@example.com", "--password", PASSWORD, *flags], workshop.environment(**settings))


def as_nobody(workshop, data, *flags, **settings):
    """The responder as a service of that user; ended by the workshop."""
    socket = data / "socket"
    program = nobodys(workshop, data, *flags, **settings)
    wait_until(lambda: socket.exists() or program.process.poll() is not None, what="the responder's socket")
    wait_until(lambda: "Database:" in program.errors or program.process.poll() is not None, what="the responder")
    assert program.process.poll() is None, program.errors
    return program


@pytest.fixture
def stopped(workshop, data):
    """The same, stopped: files of the database are made anew by the next one."""
    program = as_nobody(workshop, data)
    assert program.stop() == 0
    return data


def owners(directory):
    """The user ids of everything in a directory, and of the directory."""
    return {path.stat().st_uid for path in [directory, *directory.rglob("*")]}


THEIRS = {nobody().pw_uid}


@pytest.mark.parametrize(
    "words",
    [["user", "--username", "owner@example.com"], ["user", "reset-link", "owner@example.com"], ["invite", "show"],
     ["invite", "reset"], ["reset_password", "--username", "owner@example.com", "--password", "another good password"],
     ["export", "people"], ["user", "end-all-sessions"], ["import", SAMPLE, "--dry-run"]],
    ids=lambda words: " ".join(map(str, words[:2])))
def test_no_file_becomes_roots(workshop, stopped, words):
    result = workshop.run(*words, "--data-dir", stopped)
    assert result.returncode == 0, result.stderr
    assert f"Database: {stopped}/accounts.sqlite3" in result.stderr
    assert owners(stopped) == THEIRS
    program = as_nobody(workshop, stopped)
    assert program.stop() == 0


def test_nothing_of_root_is_left_once_the_database_is_open(workshop, stopped):
    program = workshop.spawn(
        [workshop.label_studio, "reset_password", "--data-dir", stopped], workshop.environment(),
        stdin=subprocess.PIPE)
    wait_until(lambda: "Username:" in program.errors or program.process.poll() is not None, what="the question")
    status = open(f"/proc/{program.pid}/status").read()
    user, group = nobody().pw_uid, nobody().pw_gid
    assert re.search(r"^Uid:\s+(.*)$", status, re.M).group(1).split() == [str(user)] * 4
    assert re.search(r"^Gid:\s+(.*)$", status, re.M).group(1).split() == [str(group)] * 4
    assert set(re.search(r"^Groups:(.*)$", status, re.M).group(1).split()) <= {str(group)}
    assert re.search(r"^CapEff:\s+(.*)$", status, re.M).group(1).strip("0") == ""


def test_files_that_stay_open_are_the_owners_too(workshop, data):
    """While the service runs, the write-ahead log and its index are there."""
    program = as_nobody(workshop, data)
    assert workshop.run("user", "reset-link", "owner@example.com", "--data-dir", data).returncode == 0
    assert (data / "accounts.sqlite3-wal").exists() and owners(data) == THEIRS
    assert program.process.poll() is None


def test_a_first_import_makes_the_database_of_the_directorys_owner(workshop, data):
    home = workshop.directory()
    home.chmod(0o700)
    shutil.copy(SAMPLE, home / "label_studio.sqlite3")
    result = workshop.run("import", home / "label_studio.sqlite3", "--data-dir", data)
    assert result.returncode == 0, result.stderr
    assert (data / "accounts.sqlite3").exists() and owners(data) == THEIRS


def test_an_import_takes_photos_from_where_only_root_can_read(workshop, data):
    home = workshop.directory()
    home.chmod(0o700)
    shutil.copy(SAMPLE, home / "label_studio.sqlite3")
    with contextlib.closing(sqlite3.connect(home / "label_studio.sqlite3")) as database:
        database.execute("UPDATE htx_user SET avatar = 'avatars/me.png' WHERE id = (SELECT min(id) FROM htx_user)")
        database.execute("UPDATE htx_user SET avatar = 'avatars/none.png' WHERE id <> (SELECT min(id) FROM htx_user)")
        database.commit()
    (home / "media" / "avatars").mkdir(parents=True)
    (home / "media" / "avatars" / "me.png").write_bytes(png(40, 40))
    result = workshop.run("import", home / "label_studio.sqlite3", "--data-dir", data)
    assert result.returncode == 0, result.stderr
    assert len(list((data / "avatars").iterdir())) == 1 and owners(data) == THEIRS


def test_a_key_that_only_root_can_read_is_read_before(workshop, data):
    """As the one that systemd hands to a service."""
    secrets, credentials = workshop.directory(), workshop.directory()
    for file, owner in [(secrets / "key", 0), (credentials / "label-studio_key", nobody().pw_uid)]:
        file.write_bytes(KEY)
        file.chmod(0o600)
        for path in [file.parent, file]:
            os.chown(path, owner, owner)
    environment = {"LABEL_STUDIO_KEY_FILE": secrets / "key"}
    program = as_nobody(workshop, data, CREDENTIALS_DIRECTORY=credentials, **environment)
    for words in [["user", "--username", "owner@example.com"], ["import", SAMPLE, "--dry-run"]]:
        result = workshop.run(*words, "--data-dir", data, **environment)
        assert result.returncode == 0, result.stderr
    assert not (data / "accounts.key").exists()
    assert program.stop() == 0
    copy = data.parent / "copy.sqlite3"
    assert workshop.run("backup", copy, "--data-dir", data, **environment).returncode == 0
    assert workshop.run("restore", copy, "--data-dir", data, **environment).returncode == 0
    (secrets / "key").write_bytes(KEY[::-1])
    result = workshop.run("user", "--data-dir", data, **environment)
    assert result.returncode == 2 and "is not the one that" in result.stderr


def test_a_key_that_may_not_be_seen_is_not_missing(workshop, stopped):
    secrets = workshop.directory()
    shutil.move(stopped / "accounts.key", secrets / "key")
    as_owner = ["setpriv", f"--reuid={nobody().pw_uid}", f"--regid={nobody().pw_gid}", "--clear-groups"]
    environment = {"LABEL_STUDIO_KEY_FILE": secrets / "key", "LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK": "true"}
    result = workshop.run("user", "list", "--data-dir", stopped, prefix=as_owner, **environment)
    assert result.returncode == 2
    assert f"the key file cannot be read: {secrets}/key: Permission denied; run this as root" in result.stderr
    result = workshop.run("check", "--data-dir", stopped, prefix=as_owner, **environment)
    assert f"{secrets}/key: Permission denied: run this as root to look at the key file" in result.stdout
    assert "missing" not in result.stdout


def test_a_backup_for_root_is_roots(workshop, stopped):
    directory = workshop.directory()
    directory.chmod(0o700)
    result = workshop.run("backup", directory / "x.sqlite3", "--data-dir", stopped)
    assert result.returncode == 0, result.stderr
    assert [path.name for path in directory.iterdir()] == ["x.sqlite3"]
    status = (directory / "x.sqlite3").stat()
    assert (status.st_uid, stat.S_IMODE(status.st_mode)) == (0, 0o600)
    with contextlib.closing(sqlite3.connect(directory / "x.sqlite3")) as copy:
        assert copy.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert copy.execute("SELECT email FROM user_account").fetchall() == [("owner@example.com",)]
    assert owners(stopped) == THEIRS
    # Back again, although its owner cannot read it.
    result = workshop.run("restore", directory / "x.sqlite3", "--data-dir", stopped)
    assert result.returncode == 0, result.stderr
    assert owners(stopped) == THEIRS
    (directory / "x.sqlite3-wal").write_bytes(b"more")
    result = workshop.run("restore", directory / "x.sqlite3", "--data-dir", stopped)
    assert result.returncode == 2 and "x.sqlite3-wal: copy both" in result.stderr


def test_a_full_disk_is_saved_elsewhere(workshop, data):
    """On a file system of its own, which is full while the service runs."""
    outside, roots = workshop.directory(), workshop.directory()
    outside.chmod(0o777)
    roots.chmod(0o700)
    user = f"setpriv --reuid={nobody().pw_uid} --regid={nobody().pw_gid} --clear-groups --no-new-privs"
    script = f"""
        mount -t tmpfs -o size=4m,mode=700,uid={nobody().pw_uid},gid={nobody().pw_gid} tmpfs {data} || exit 77
        {user} {workshop.label_studio} fastcgi --data-dir {data} --socket {outside}/s \\
            --username owner@example.com --password '{PASSWORD}' &
        responder=$!
        until grep -q Database {outside}/log; do sleep 0.1; kill -0 $responder || exit 1; done
        {user} dd if=/dev/zero of={data}/filler bs=4096 2>/dev/null
        {workshop.label_studio} backup {roots}/x.sqlite3 --data-dir {data}
        status=$?
        ls {data} >&2
        kill $responder
        wait $responder
        exit $status"""
    result = subprocess.run(
        ["unshare", "--mount", "sh", "-c", f"exec 2>{outside}/log; {script}"], env=workshop.environment(),
        capture_output=True, text=True, timeout=120)
    errors = (outside / "log").read_text()
    if result.returncode == 77 or "unshare failed" in result.stderr:
        pytest.skip("this machine mounts no file system")
    assert result.returncode == 0, errors
    assert "filler" in errors and ".new" not in errors
    with contextlib.closing(sqlite3.connect(roots / "x.sqlite3")) as copy:
        assert copy.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert copy.execute("SELECT email FROM user_account").fetchall() == [("owner@example.com",)]


def test_a_backup_in_the_owners_directory_is_his(workshop, stopped):
    backups = stopped / "backups"
    backups.mkdir(mode=0o700)
    os.chown(backups, nobody().pw_uid, nobody().pw_gid)
    assert workshop.run("backup", backups / "x.sqlite3", "--data-dir", stopped).returncode == 0
    assert owners(stopped) == THEIRS


def test_a_backup_that_fails_leaves_nothing(workshop, stopped):
    directory = workshop.directory()
    (stopped / "accounts.sqlite3").write_bytes(b"no database, whatever it is called" * 9)
    result = workshop.run("backup", directory / "x.sqlite3", "--data-dir", stopped)
    assert result.returncode == 2 and "is not a database" in result.stderr and "was not made" in result.stderr
    assert list(directory.iterdir()) == []


def test_a_database_of_roots_stays_roots(workshop):
    data = workshop.directory() / "data"
    program = workshop.fastcgi("--username", "owner@example.com", "--password", PASSWORD, data=data)
    wait_until(lambda: "Database:" in program.errors, what="the responder")
    assert workshop.run("user", "reset-link", "owner@example.com", "--data-dir", data).returncode == 0
    assert owners(data) == {0}
    assert program.stop() == 0


def test_a_link_to_a_database_of_roots_lets_root_do_nothing(workshop, stopped):
    """The owner of the directory can put one there, and must not gain root's rights by it."""
    roots = workshop.directory()
    roots.chmod(0o700)
    assert workshop.run("backup", roots / "x.sqlite3", "--data-dir", stopped).returncode == 0
    before = (roots / "x.sqlite3").read_bytes()
    database = stopped / "accounts.sqlite3"
    database.unlink()
    database.symlink_to(roots / "x.sqlite3")
    shutil.rmtree(stopped / "avatars")
    for owner in [nobody(), pwd.getpwuid(0)]:
        os.chown(database, owner.pw_uid, owner.pw_gid, follow_symlinks=False)
        for words in [["user", "add", "new@example.com"], ["restore", roots / "x.sqlite3"]]:
            result = workshop.run(*words, "--data-dir", stopped)
            assert result.returncode == 2 and "Permission denied" in result.stderr
    assert (roots / "x.sqlite3").read_bytes() == before
    assert [path.name for path in roots.iterdir()] == ["x.sqlite3"]
    assert not (stopped / "avatars").exists()


def test_a_link_of_the_owners_does_not_lead_roots_backup_elsewhere(workshop, stopped):
    roots = workshop.directory()
    roots.chmod(0o700)
    (stopped / "backups").symlink_to(roots)
    os.chown(stopped / "backups", nobody().pw_uid, nobody().pw_gid, follow_symlinks=False)
    for words in [[stopped / "backups" / "x.sqlite3"], ["--keep", 1, stopped / "backups"]]:
        result = workshop.run("backup", *words, "--data-dir", stopped)
        assert result.returncode == 2 and "Permission denied" in result.stderr
    assert list(roots.iterdir()) == []


def with_files_in_etc(workshop, files, script):
    """Runs a script in a file system and a network of its own, where /etc has
    some files more."""
    etc = workshop.directory()
    (etc / "work").mkdir()
    for name, content in files.items():
        path = etc / "upper" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        path.chmod(0o600)
    mount = f"mount -t overlay overlay -o lowerdir=/etc,upperdir={etc}/upper,workdir={etc}/work /etc || exit 77; "
    result = subprocess.run(
        ["unshare", "--mount", "--net", "sh", "-c", mount + script], env=workshop.environment(HOME="/root"),
        capture_output=True, text=True, timeout=60)
    if result.returncode == 77 or "unshare failed" in result.stderr:
        pytest.skip("this machine mounts no overlay")
    return result


def test_the_service_of_the_package_is_found(workshop, stopped):
    settings = f"LABEL_STUDIO_BASE_DATA_DIR={stopped}\nLABEL_STUDIO_HOST=https://labels.example\n"
    result = with_files_in_etc(
        workshop, {"label-studio/label-studio.env": settings}, f"{workshop.label_studio} invite show")
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith("https://labels.example/user/signup/?token=")
    assert f"Database: {stopped}/accounts.sqlite3" in result.stderr
    assert owners(stopped) == THEIRS


@pytest.mark.parametrize("credentials, fault", [
    ({"username": "owner@example.com\n", "password": PASSWORD + "\n"}, None),
    ({"username": "owner@example.com", "password": "short"}, "password: the password is too short"),
    ({"username": "owner", "password": PASSWORD}, "username: \"owner\" is not an e-mail address"),
    ({"password": PASSWORD}, "password needs a user name"),
    ({"username": "owner@example.com", "password": PASSWORD, "user-token": "1"}, "user-token: the token has"),
    ({"username": "owner@example.com", "password": b"\xff"}, "password is not text in UTF-8"),
    ({"key": b"no key"}, "key is not a key"),
], ids=["well", "password", "username", "no username", "token", "no text", "key"])
def test_a_check_looks_at_the_credentials_of_the_service(workshop, stopped, credentials, fault):
    """Those which systemd will hand to it, and which only root can read."""
    files = {f"label-studio/credentials/{name}": content for name, content in credentials.items()}
    settings = {"label-studio/label-studio.env": f"LABEL_STUDIO_BASE_DATA_DIR={stopped}\n"}
    result = with_files_in_etc(workshop, settings | files, f"{workshop.label_studio} check")
    faults = re.findall("^fault +(.*)$", result.stdout, re.M)
    if fault is None:
        assert faults == [] and result.returncode == 0, result.stdout
    else:
        assert faults[0].startswith(f"/etc/label-studio/credentials/{fault}"), result.stdout
        assert result.returncode == 1
    other = with_files_in_etc(workshop, settings | files, f"{workshop.label_studio} user list")
    assert other.returncode == 0, "they are no matter of other commands: " + other.stderr


def test_a_file_of_settings_for_root_alone_stops_no_service(workshop, data):
    """systemd has read it, as root, and put into the environment what it says."""
    file = workshop.directory() / "label-studio.env"
    file.write_text("LABEL_STUDIO_PASSWORD_MIN_LENGTH=9\n")
    file.chmod(0o600)
    file.parent.chmod(0o755)
    named = {"LABEL_STUDIO_ENV_FILE": file, "LABEL_STUDIO_PASSWORD_MIN_LENGTH": 9}
    started = {"INVOCATION_ID": "0123456789abcdef0123456789abcdef"}
    program = as_nobody(workshop, data, **named, **started)
    advice = f"user {nobody().pw_uid} may not read {file}: what systemd read there is in force, but a reload"
    assert advice in program.errors

    def after_reload(event):
        count = program.errors.count(event)
        program.send(signal.SIGHUP)
        wait_until(lambda: program.errors.count(event) > count, 30, "the reload")
        return program.errors.partition(event)[2]

    assert after_reload(" not-reloaded ").startswith(f"error=\"{file}: Permission denied\"\n")
    file.write_text("LABEL_STUDIO_PASSWORD_MIN_LENGTH=20\n")
    file.chmod(0o644)
    assert after_reload(" reloaded ").startswith("changed=LABEL_STUDIO_PASSWORD_MIN_LENGTH\n")
    assert program.stop() == 0

    file.chmod(0o600)
    missing = {"LABEL_STUDIO_ENV_FILE": f"{file}x"}
    for flags, settings in [([], named), (["--env-file", file], started | named), ([], started | missing)]:
        program = nobodys(workshop, data, *flags, **settings)
        assert program.wait() == 2 and f"label-studio: {file}" in program.errors, program.errors


SITE = """daemon on; pid {0}/pid; error_log {0}/error.log; events {{}}
http {{ access_log off; server {{ listen 127.0.0.1:{1}; return {2}; }} }}"""


@pytest.mark.parametrize("listen, answer", [
    ("80", "200"), ("80", "444"),
    ("443 ssl; ssl_certificate {0}/cert.pem; ssl_certificate_key {0}/key.pem", "200")], ids=["http", "silent", "tls"])
def test_a_check_tries_nginx_before_the_site_has_a_name(workshop, stopped, listen, answer):
    directory = workshop.directory()
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/",
         "-keyout", directory / "key.pem", "-out", directory / "cert.pem"], check=True, capture_output=True)
    (directory / "nginx.conf").write_text(SITE.format(directory, listen.format(directory), answer))
    files = {"label-studio/label-studio.env": f"LABEL_STUDIO_BASE_DATA_DIR={stopped}\n"}
    nginx = f"nginx -p {directory} -e {directory}/error.log -c {directory}/nginx.conf"
    script = (f"ip link set lo up || exit 77; {workshop.label_studio} check; {nginx} || exit 1; "
              f"{workshop.label_studio} check; status=$?; {nginx} -s stop; exit $status")
    result = with_files_in_etc(workshop, files, script)
    assert result.returncode == 0, result.stdout + result.stderr
    before, after, _ = result.stdout.split("Faults: 0.")
    assert "\nwarning  nobody answers on 127.0.0.1, port 443 or 80: install nginx" in before
    assert f"\nok       nginx answers on port {listen[:3].strip()} of this machine\n" in after
    missing = "\nwarning  there is no /etc/nginx/sites-enabled/label-studio: "
    assert missing in before and missing in after
    files["nginx/sites-enabled/label-studio"] = ""
    result = with_files_in_etc(workshop, files, f"{workshop.label_studio} check")
    assert "\nok       the site of nginx is enabled: /etc/nginx/sites-enabled/label-studio\n" in result.stdout
    assert result.returncode == 0, result.stdout
    named = with_files_in_etc(
        workshop, files, f"LABEL_STUDIO_HOST=http://127.0.0.1:9 {workshop.label_studio} check")
    assert "nginx answers" not in named.stdout and "port 443 or 80" not in named.stdout


def test_a_series_of_backups_belongs_to_whom_its_directory_belongs(workshop, stopped):
    roots = workshop.directory() / "backups"
    for directory, owner in [(roots, 0), (stopped / "backups", nobody().pw_uid)]:
        result = workshop.run("backup", "--keep", 1, directory, "--data-dir", stopped)
        assert result.returncode == 0, result.stderr
        assert len(list(directory.iterdir())) == 1 and owners(directory) == {owner}
    assert owners(stopped) == THEIRS


def test_a_series_may_be_asked_for_by_a_variable(workshop, stopped):
    roots = workshop.directory() / "backups"
    result = workshop.run("backup", roots, "--data-dir", stopped, LABEL_STUDIO_KEEP=1)
    assert result.returncode == 0, result.stderr
    assert len(list(roots.iterdir())) == 1 and owners(roots) == {0}


def test_of_roots_backups_the_oldest_goes(workshop, stopped):
    directory = workshop.directory()
    for name in ["accounts-20200101T000000Z.sqlite3", "other"]:
        (directory / name).write_text("x")
    assert workshop.run("backup", "--keep", 1, directory, "--data-dir", stopped).returncode == 0
    assert len(list(directory.glob("accounts-2*Z.sqlite3"))) == 1 and (directory / "other").exists()
    assert not (directory / "accounts-20200101T000000Z.sqlite3").exists()

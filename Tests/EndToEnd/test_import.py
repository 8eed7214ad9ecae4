"""Moving in from Label Studio (issue 4, point 6): the program, from outside."""

import base64
import contextlib
import hashlib
import hmac
import json
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys

import pytest
import requests
from labeling_server import WITH_CHIEF, LabelingServer
from pictures import chunk, png, size
from postgresql import PostgreSQL
from site_under_test import REPOSITORY, SAMPLE, free_port

PEOPLE = [
    ("admin@example.com", "AdminPass-123", "sample-admin-token-0123456789"),
    ("alice@example.com", "AlicePass-123", "f205d1a88d4d8b86a83aa7ec903088dcf62cebb6"),
    ("Bob.Builder@Example.com", "bob-Pässwörd-9", "5831738041cd987a75ff8ffe666a5c83c88b7a0b"),
]
LINK = "WcQ4e7kam6SeCQnQWmz8O380LW2VDYgD5N4GXmOb"


def state(directory):
    """What lies in a directory, to the byte."""
    return {path.name: (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mode, path.stat().st_mtime_ns)
            for path in pathlib.Path(directory).iterdir() if path.is_file()}


@pytest.fixture
def old(workshop):
    """The data directory of the other product."""
    directory = workshop.directory()
    shutil.copy(SAMPLE, directory / "label_studio.sqlite3")
    (directory / ".env").write_text("SECRET_KEY='a key of the other product'\n")
    return directory


@pytest.fixture
def data(workshop):
    return workshop.directory() / "data"


def test_people_move_in(workshop, old, data):
    before = state(old)
    result = workshop.run("import", old / "label_studio.sqlite3", "--data-dir", data)
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines() == [
        "Imported: 3 people, 1 project, 3 API tokens, 1 personal access token",
        "The organization's title and session policy were taken over; its invite link works until it is reset",
    ]
    assert state(old) == before
    site = workshop.start(data=data, LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK="true")
    for email, password, token in PEOPLE:
        client = site.client()
        assert client.log_in(email, password + "!").status_code == 422
        assert client.log_in(email, password).status_code == 302
        assert site.client().log_in(email, password).status_code == 302
        whoami = requests.get(site.url + "/api/current-user/whoami", headers={"Authorization": f"Token {token}"})
        assert whoami.json()["email"] == email.lower()
    assert "Sample project" in client.page("/projects/").text
    newcomer = site.client()
    assert newcomer.get(f"/user/signup/?token={LINK}").status_code == 200
    assert site.client().get("/user/signup/?token=" + LINK.swapcase()).status_code == 403
    assert client.get("/api/invite").json()["token"] == LINK
    assert workshop.run("invite", "show", "--data-dir", data).stdout.strip().endswith(f"?token={LINK}")
    assert workshop.run("invite", "reset", "--data-dir", data).returncode == 0
    assert site.client().get(f"/user/signup/?token={LINK}").status_code == 403
    # Nothing that was imported is legible in the database.
    for file in data.glob("accounts.sqlite3*"):
        content = file.read_bytes()
        assert b"a key of the other product" not in content and b"sample-admin-token" not in content


def test_a_dry_run_leaves_nothing_behind(workshop, old, data):
    before = state(old)
    result = workshop.run("import", old / "label_studio.sqlite3", "--dry-run", "--data-dir", data)
    assert result.returncode == 0
    lines = result.stdout.splitlines()
    assert lines[0] == "Imported: 3 people, 1 project, 3 API tokens, 1 personal access token"
    assert lines[-1] == "This was a dry run: nothing was changed."
    assert not data.exists() and state(old) == before


def test_a_dry_run_tells_what_would_come_to_those_who_are_here(workshop, old, data):
    site = workshop.start(data=data)
    assert site.client().sign_up("alice@example.com").status_code == 302
    assert site.program.stop() == 0
    before = state(data)
    result = workshop.run("import", old / "label_studio.sqlite3", "--dry-run", "--data-dir", data)
    assert result.stdout.startswith("Imported: 2 people,")
    assert "Not imported: alice@example.com has an account here, which was left as it is" in result.stdout
    assert state(data) == before


@pytest.fixture
def photos(old):
    """The media folder of the other product; returns who has what there."""
    files = {
        1: ("avatars/11111111-me.png", png(600, 300, (1, 2, 3), chunk(b"tEXt", b"Comment\0a secret place"))),
        2: ("avatars/22222222-me.jpg", b"no picture"),
        3: ("avatars/../../.env", None),
    }
    (old / "media" / "avatars").mkdir(parents=True)
    for number, (name, content) in files.items():
        change(old / "label_studio.sqlite3", f"UPDATE htx_user SET avatar = '{name}' WHERE id = {number}")
        if content:
            (old / "media" / name).write_bytes(content)
    return files


NOT_IMPORTED = [
    "Not imported: the photo of alice@example.com, avatars/22222222-me.jpg in the media folder: "
    "it is not PNG, JPEG, GIF or WebP",
    "Not imported: the photo of bob.builder@example.com, avatars/../../.env in the media folder: "
    "there is no such file, or it cannot be read",
]


def test_photos_move_in(workshop, old, data, photos):
    before = state(old), state(old / "media" / "avatars")
    result = workshop.run("import", old / "label_studio.sqlite3", "--data-dir", data)
    assert result.returncode == 0, result.stderr
    assert [line for line in result.stdout.splitlines() if "photo" in line] == NOT_IMPORTED
    assert (state(old), state(old / "media" / "avatars")) == before
    (stored,) = (data / "avatars").iterdir()
    assert size(stored.read_bytes()) == (512, 256)
    assert b"a secret place" not in stored.read_bytes()
    site = workshop.start(data=data)
    client = site.client()
    assert client.log_in("admin@example.com", "AdminPass-123").status_code == 302
    assert client.get("/api/current-user/whoami").json()["avatar"] == f"/data/avatars/{stored.name}"
    assert site.client().get(f"/data/avatars/{stored.name}").content == stored.read_bytes()

    result = workshop.run("import", old / "label_studio.sqlite3", "--data-dir", data)
    assert result.returncode == 0 and "photo" not in result.stdout
    assert [path.name for path in (data / "avatars").iterdir()] == [stored.name]


def test_a_dry_run_stores_no_photo(workshop, old, data, photos):
    result = workshop.run("import", "--dry-run", old / "label_studio.sqlite3", "--data-dir", data)
    assert result.returncode == 0, result.stderr
    assert [line for line in result.stdout.splitlines() if "photo" in line] == NOT_IMPORTED
    assert not data.exists()


@pytest.mark.parametrize("name", ["/etc/hostname", "..", "avatars/../../x.png", "avatars//x.png", "avatars", "pipe", "link.png", "./x.png"])
def test_photos_come_from_the_media_folder_only(workshop, old, data, name):
    media = old / "media"
    media.mkdir()
    (media / "avatars").mkdir()
    os.mkfifo(media / "pipe")
    for path in [old / "x.png", media / "x.png", media / "avatars" / "x.png"]:
        path.write_bytes(png())
    (media / "link.png").symlink_to(old / "x.png")
    change(old / "label_studio.sqlite3", f"UPDATE htx_user SET avatar = '{name}' WHERE id = 1")
    result = workshop.run("import", old / "label_studio.sqlite3", "--data-dir", data)
    assert result.returncode == 0, result.stderr
    assert f"{name} in the media folder: there is no such file, or it cannot be read" in result.stdout
    assert list((data / "avatars").iterdir()) == []


def test_a_second_run_changes_nothing_while_the_site_runs(workshop, old, data):
    site = workshop.start(data=data)
    # An empty site that is up takes people in.
    assert workshop.run("import", old / "label_studio.sqlite3", "--data-dir", data).returncode == 0
    client = site.client()
    assert client.log_in("alice@example.com", "AlicePass-123").status_code == 302
    before = site.query("SELECT * FROM user_account"), site.query("SELECT count(*) FROM audit_event")
    result = workshop.run("import", old / "label_studio.sqlite3", "--data-dir", data)
    assert result.stdout.splitlines()[:2] == [
        "Imported: 0 people, 0 projects, 0 API tokens, 0 personal access tokens",
        "Imported before and left as they are: 3 people, 1 project",
    ]
    assert (site.query("SELECT * FROM user_account"), site.query("SELECT count(*) FROM audit_event")) == before
    assert client.is_logged_in()


def signed(text, key):
    """A token of the other product: what its database holds, and the signature."""
    code = hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()
    return text + "." + base64.urlsafe_b64encode(code).decode().rstrip("=")


def test_a_personal_access_token_goes_on_working(workshop, old, data):
    with contextlib.closing(sqlite3.connect(old / "label_studio.sqlite3")) as database:
        (text,) = database.execute("SELECT token FROM token_blacklist_outstandingtoken").fetchone()
    assert workshop.run("import", old / "label_studio.sqlite3", "--data-dir", data).returncode == 0
    site = workshop.start(data=data)
    token = signed(text, "a key of the other product")

    def refresh(token):
        return requests.post(site.url + "/api/token/refresh/", json={"refresh": token})

    access = refresh(token).json()["access"]
    bearer = {"Authorization": f"Bearer {access}"}
    whoami = requests.get(site.url + "/api/current-user/whoami", headers=bearer)
    assert whoami.json()["email"] == "bob.builder@example.com"
    assert requests.get(site.url + "/api/token/", headers=bearer).json() == [{"token": text}]
    # That key verifies this token and no other, and never an access token.
    header, payload = text.split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    for change in [{"jti": "0" * 32}, {"user_id": "1"}, {"token_type": "access"}, {"exp": claims["exp"] + 1}]:
        changed = base64.urlsafe_b64encode(json.dumps({**claims, **change}).encode()).decode().rstrip("=")
        forged = signed(f"{header}.{changed}", "a key of the other product")
        assert refresh(forged).status_code == 401
        answer = requests.get(
            site.url + "/api/current-user/whoami", headers={"Authorization": f"Bearer {forged}"})
        assert answer.status_code == 401
    assert refresh(signed(text, "another key")).status_code == 401
    rotated = requests.post(site.url + "/api/token/rotate/", json={"refresh": token}, headers=bearer).json()["refresh"]
    assert refresh(token).status_code == 401 and refresh(rotated).status_code == 200


@pytest.mark.parametrize("content", ["a key of the other product\n", "export SECRET_KEY=\"a key\"\n", "\nX=1\nSECRET_KEY = k \n"])
def test_the_secret_key_may_lie_elsewhere(workshop, old, data, content):
    (old / ".env").unlink()
    key = old / "key"
    key.write_text(content)
    result = workshop.run("import", old / "label_studio.sqlite3", "--data-dir", data)
    assert "Not imported: 1 personal access tokens; they need the SECRET_KEY" in result.stdout
    result = workshop.run("import", old / "label_studio.sqlite3", "--secret-key-file", key, "--data-dir", data)
    assert result.stdout.startswith("Imported: 0 people, 0 projects, 0 API tokens, 1 personal access token\n")


@pytest.mark.parametrize(
    ["make", "reason"],
    [
        (lambda path: path.unlink(), "No such file"),
        (lambda path: path.write_bytes(b""), "is not a database"),
        (lambda path: path.write_bytes(b"a letter"), "is not a database"),
        (lambda path: path.write_bytes(path.read_bytes()[:900_000]), "is damaged"),
        (lambda path: sqlite3.connect(path).execute("DROP TABLE htx_user"), "htx_user is missing"),
        (lambda path: change(path, "INSERT INTO django_migrations (app, name, applied) VALUES ('users', '0012_x', '')"),
         "was written by a newer version of Label Studio than 1.23.2"),
        (lambda path: change(path, "DELETE FROM organization"), "nobody has an account there"),
    ],
)
def test_a_file_that_cannot_be_imported_is_named_and_nothing_is_made(workshop, old, data, make, reason):
    path = old / "label_studio.sqlite3"
    make(path)
    result = workshop.run("import", path, "--data-dir", data)
    assert result.returncode == 2
    lines = result.stderr.splitlines()
    assert len(lines) == 1 and str(path) in lines[0] and reason in lines[0], lines
    assert not data.exists()


def change(path, sql):
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute(sql)
        database.commit()


def test_a_file_that_stays_locked_is_named(workshop, old, data):
    path = old / "label_studio.sqlite3"
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute("BEGIN EXCLUSIVE")
        result = workshop.run("import", path, "--data-dir", data)
    assert result.returncode == 2 and "is locked by another program" in result.stderr
    assert not data.exists()


@pytest.mark.parametrize(
    ["arguments", "reason"],
    [
        ([], "say from where"), (["a", "b"], "say from where"),
        (["postgresql://user:%secret@host/db"], "is not understood"),
        (["postgres://user:the@secret@host/db"], "@ is written %40"),
        (["postgresql://user:the/secret@host/db"], "/ is %2F"),
        (["postgresql://user:secret"], "is not understood"),
        (["postgresql://user:secret@host/db?secret=1"], "is not understood"),
    ],
)
def test_what_is_no_file_and_no_address_is_refused(workshop, data, arguments, reason):
    result = workshop.run("import", *arguments, "--data-dir", data)
    assert result.returncode == 2 and reason in result.stderr and "secret" not in result.stderr


def test_our_own_database_is_not_imported(workshop, old, data):
    assert workshop.run("import", old / "label_studio.sqlite3", "--data-dir", data).returncode == 0
    result = workshop.run("import", data / "accounts.sqlite3", "--data-dir", data)
    assert result.returncode == 2 and "is a database of this program" in result.stderr


def test_a_start_on_the_other_database_names_the_import(workshop, old):
    path = old / "label_studio.sqlite3"
    result = workshop.run("user", "--data-dir", old, "--database", path)
    assert result.returncode == 2 and f"label-studio import {path}" in result.stderr


# From PostgreSQL.


@pytest.fixture(scope="module")
def postgresql(module_workshop):
    server = PostgreSQL(*module_workshop.certificate())
    yield server
    server.stop()


@pytest.fixture
def key(old):
    return old / ".env"


def test_people_move_in_from_postgresql(workshop, postgresql, key, data):
    database = postgresql.sample()
    result = workshop.run("import", postgresql.by_socket(database), "--secret-key-file", key, "--data-dir", data)
    assert result.returncode == 0, result.stderr
    # What an import of the file says.
    assert result.stdout.splitlines() == [
        "Imported: 3 people, 1 project, 3 API tokens, 1 personal access token",
        "The organization's title and session policy were taken over; its invite link works until it is reset",
    ]
    site = workshop.start(data=data)
    for email, password, token in PEOPLE:
        client = site.client()
        assert client.log_in(email, password).status_code == 302
        whoami = requests.get(site.url + "/api/current-user/whoami", headers={"Authorization": f"Token {token}"})
        assert whoami.json()["email"] == email.lower()
    assert "Sample project" in client.page("/projects/").text
    assert client.get("/api/invite").json()["token"] == LINK
    result = workshop.run("import", postgresql.by_socket(database), "--data-dir", data)
    assert "Imported before and left as they are: 3 people, 1 project" in result.stdout


def test_a_dry_run_from_postgresql_leaves_nothing_behind(workshop, postgresql, data):
    database = postgresql.sample()
    count = "SELECT n_tup_ins, n_tup_upd, n_tup_del FROM pg_stat_user_tables WHERE relname = 'htx_user'"
    before = postgresql.run(count, database)
    result = workshop.run("import", "--dry-run", postgresql.by_socket(database), "--data-dir", data)
    assert result.returncode == 0
    lines = result.stdout.splitlines()
    assert lines[0] == "Imported: 3 people, 1 project, 3 API tokens, 0 personal access tokens"
    assert any("1 personal access tokens; they need the SECRET_KEY" in line for line in lines)
    assert lines[-1] == "This was a dry run: nothing was changed."
    assert not data.exists() and postgresql.run(count, database) == before


def test_a_server_is_reached_in_every_way_that_libpq_knows(workshop, postgresql, data):
    database = postgresql.sample()
    # Who may read, may do that; where the tables are is a setting.
    postgresql.run(
        "ALTER SCHEMA public RENAME TO labels; GRANT USAGE ON SCHEMA labels TO stranger; "
        "GRANT SELECT ON ALL TABLES IN SCHEMA labels TO stranger; "
        f"ALTER ROLE guarded IN DATABASE {database} SET search_path = labels; "
        f"ALTER ROLE tester IN DATABASE {database} SET search_path = labels", database)
    directory = workshop.directory()
    passwords = directory / "passwords"
    escaped = PostgreSQL.PASSWORD.replace(":", "\\:")
    passwords.write_text(f"127.0.0.1:{postgresql.port}:*:guarded:{escaped}\n")
    passwords.chmod(0o600)
    without = postgresql.by_network(database).replace(f":{PostgreSQL.IN_ADDRESS}@", "@")
    strict = f"?sslmode=verify-full&sslrootcert={postgresql.certificate}"
    for address, settings in [
        (postgresql.by_network(database), {}),
        (postgresql.by_socket(database, "stranger") + "&options=-csearch_path%3Dlabels", {}),
        (postgresql.by_network(database, settings=strict).replace("127.0.0.1", "localhost"), {}),
        (without.replace("postgresql://", "postgres://"), {"PGPASSWORD": PostgreSQL.PASSWORD}),
        (without, {"PGPASSFILE": passwords}),
        (postgresql.by_network(database, settings="?connect_timeout=3"), {"PGCONNECT_TIMEOUT": 5}),
        (f"postgresql:///{database}", {"PGHOST": postgresql.directory, "PGPORT": postgresql.port, "PGUSER": "tester"}),
    ]:
        result = workshop.run("import", address, "--dry-run", "--data-dir", data, **settings)
        assert result.returncode == 0, (address, result.stderr)
        assert result.stdout.startswith("Imported: 3 people, 1 project,")
        assert "s3cret" not in result.stdout + result.stderr


@pytest.mark.parametrize(
    ["reason", "address", "change"],
    [
        ("Connection refused", lambda server, name: f"postgresql://me:s3cret@127.0.0.1:{free_port()}/{name}", ""),
        ("password authentication failed", lambda server, name: server.by_network(name, "s3cret"), ""),
        ("no password supplied", lambda server, name: server.by_network(name, ""), ""),
        ('"absent" does not exist', lambda server, name: server.by_network("absent"), ""),
        ("certificate", lambda server, name: server.by_network(
            name, settings="?sslmode=verify-full&sslrootcert=/dev/null"), ""),
        ("permission denied", lambda server, name: server.by_socket(name, "stranger"), ""),
        ("htx_user is missing", None, "DROP TABLE htx_user"),
        ("was written by a newer version of Label Studio than 1.23.2", None,
         "INSERT INTO django_migrations VALUES (9999, 'users', '0012_x', now())"),
        ("nobody has an account there", None, "DELETE FROM organization"),
    ],
)
def test_a_server_that_cannot_be_imported_from_is_named_and_nothing_is_made(
        workshop, postgresql, data, reason, address, change):
    database = postgresql.sample()
    postgresql.run(change, database)
    address = (address or PostgreSQL.by_network)(postgresql, database)
    result = workshop.run("import", address, "--data-dir", data)
    assert result.returncode == 2 and result.stdout == ""
    lines = result.stderr.splitlines()
    assert len(lines) == 1 and "the PostgreSQL database" in lines[0] and reason in lines[0], lines
    assert lines[0].endswith("; nothing was imported")
    assert "s3cret" not in lines[0] and not data.exists()


def test_a_table_that_stays_locked_is_named(workshop, postgresql, data):
    database = postgresql.sample()
    with subprocess.Popen(
            ["psql", "-X", "-q", "-h", postgresql.directory, "-p", str(postgresql.port), "-U", "tester", database],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        other.stdin.write("BEGIN; LOCK TABLE htx_user IN ACCESS EXCLUSIVE MODE;\n\\echo locked\n")
        other.stdin.flush()
        assert other.stdout.readline() == "locked\n"
        result = workshop.run("import", postgresql.by_socket(database), "--data-dir", data)
        other.stdin.close()
    assert result.returncode == 2 and "is locked by another program" in result.stderr
    assert not data.exists()


def test_what_a_server_says_by_the_way_is_not_shown(workshop, postgresql, data):
    database = postgresql.sample()
    postgresql.run(
        """
        ALTER TABLE organization RENAME TO kept;
        CREATE FUNCTION loud() RETURNS integer LANGUAGE plpgsql AS $$ BEGIN RAISE WARNING 'noise'; RETURN 1; END $$;
        CREATE VIEW organization AS SELECT kept.* FROM kept, loud() one WHERE one = 1
        """, database)
    result = workshop.run("import", postgresql.by_socket(database), "--dry-run", "--data-dir", data)
    assert result.returncode == 0 and result.stdout.startswith("Imported: 3 people,")
    assert "noise" not in result.stderr and len(result.stderr.splitlines()) == 1, result.stderr


# The real product.


@pytest.fixture(scope="session")
def other_product():
    """Label Studio 1.23.2, installed where build products lie."""
    directory = REPOSITORY / ".build" / "python-labelstudio"
    program = directory / "bin" / "label-studio"
    if not program.exists():
        try:
            subprocess.run([sys.executable, "-m", "venv", directory], check=True, capture_output=True)
            subprocess.run(
                [directory / "bin" / "pip", "install", "--quiet", "label-studio==1.23.2"], check=True,
                capture_output=True, timeout=600)
        except (subprocess.SubprocessError, OSError) as error:
            shutil.rmtree(directory, ignore_errors=True)
            pytest.skip(f"Label Studio cannot be installed here: {error}")
    return program


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["SQLite", "PostgreSQL"])
def test_people_of_a_running_label_studio_move_in(workshop, other_product, data, kind, request):
    if kind == "SQLite":
        other = LabelingServer(workshop, other_product, *WITH_CHIEF)
        arguments = ["import", other.data / "label_studio.sqlite3", "--data-dir", data]

        def write(sql):
            change(other.data / "label_studio.sqlite3", sql.replace("false", "0"))
    else:
        server = request.getfixturevalue("postgresql")
        database = server.database()
        other = LabelingServer(
            workshop, other_product, *WITH_CHIEF, DJANGO_DB="default", POSTGRE_HOST="127.0.0.1", POSTGRE_PORT=server.port,
            POSTGRE_NAME=database, POSTGRE_USER="guarded", POSTGRE_PASSWORD=PostgreSQL.PASSWORD)
        arguments = [
            "import", server.by_network(database), "--secret-key-file", other.data / ".env", "--data-dir", data]

        def write(sql):
            server.run(sql, database)
    dora = other.sign_up(" Dora@Example.com", "  dora's spaces  ")
    token = dora.get(other.url + "/api/current-user/token").json()["token"]
    refresh = dora.post(other.url + "/api/token/").json()["token"]
    assert refresh.count(".") == 2
    chief = {"Authorization": "Token chiefs-own-token-123"}
    made = requests.post(
        other.url + "/api/projects/", headers=chief, json={"title": "Über cats", "description": "Two of them"})
    assert made.status_code == 201, made.text
    requests.post(other.url + "/api/users/", headers=chief, json={"username": "x", "email": "DORA@example.com"})
    link = requests.get(other.url + "/api/invite", headers=chief).json()["token"]
    # One who was removed, one who is inactive, one without a password, and one
    # whose hash an older version has made.
    for name in ["gone", "idle", "older"]:
        other.sign_up(f"{name}@example.com", f"{name}-Password-1")
    requests.post(other.url + "/api/users/", headers=chief, json={"username": "y", "email": "silent@example.com"})
    numbers = {user["email"]: user["id"] for user in requests.get(other.url + "/api/users/", headers=chief).json()}
    gone = requests.delete(
        f"{other.url}/api/organizations/1/memberships/{numbers['gone@example.com']}/", headers=chief)
    assert gone.status_code == 204
    digest = base64.b64encode(hashlib.pbkdf2_hmac("sha256", b"older-Password-1", b"twelve-chars", 260_000)).decode()
    write(f"UPDATE htx_user SET password = 'pbkdf2_sha256$260000$twelve-chars${digest}' WHERE email = 'older@example.com'")
    write("UPDATE htx_user SET is_active = false WHERE email = 'idle@example.com'")

    result = workshop.run(*arguments)
    assert result.returncode == 0, result.stderr
    lines = result.stdout.splitlines()
    assert lines[0] == "Imported: 6 people, 1 project, 5 API tokens, 1 personal access token", lines
    assert any('"DORA@example.com" is that of user 2' in line for line in lines), lines
    for named in ["silent@example.com", "gone@example.com", "idle@example.com"]:
        assert any(named in line for line in lines), lines
    # It goes on working.
    other.sign_up("late@example.com", "late-Password-1")

    site = workshop.start(data=data)
    client = site.client()
    assert client.log_in("dora@example.com", "  dora's spaces  ").status_code == 302
    # From now on the spaces count.
    assert site.client().log_in("dora@example.com", "dora's spaces").status_code == 422
    assert site.client().log_in("chief@example.com", "Chief-Pass-1").status_code == 302
    assert site.client().log_in("older@example.com", "older-Password-1").status_code == 302
    for name, words in [("gone", "removed"), ("idle", "deactivated")]:
        refused = site.client().log_in(f"{name}@example.com", f"{name}-Password-1")
        assert refused.status_code == 422 and words in refused.text, name
    page = client.page("/projects/").text
    assert "Über cats" in page
    for key, email in [(token, "dora@example.com"), ("chiefs-own-token-123", "chief@example.com")]:
        whoami = requests.get(site.url + "/api/current-user/whoami", headers={"Authorization": f"Token {key}"})
        assert whoami.json()["email"] == email
    assert client.get("/api/invite").json()["token"] == link

    result = workshop.run(*arguments)
    assert result.stdout.startswith("Imported: 1 person, 0 projects, 1 API token, 0 personal access tokens\n")
    assert site.client().log_in("late@example.com", "late-Password-1").status_code == 302

"""A database as the version before made it."""

import contextlib
import hashlib
import sqlite3

from site_under_test import REPOSITORY

MIGRATIONS = REPOSITORY / "Sources/Accounts/Migrations"
NEWEST = len(list(MIGRATIONS.glob("schema-*.sqlite.sql")))
OLDER = NEWEST - 1
APPLICATION_ID = 0x4C536163


def older_database(path, schema=OLDER):
    """Without its last steps, and empty: it fits every key."""
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        database.execute("PRAGMA journal_mode = WAL")
        database.execute(
            "CREATE TABLE schema_migration "
            "(number BIGINT NOT NULL PRIMARY KEY, digest TEXT NOT NULL, applied_at BIGINT NOT NULL)")
        for number in range(1, schema + 1):
            step = (MIGRATIONS / f"schema-{number:03}.sqlite.sql").read_bytes()
            database.executescript(step.decode())
            digest = hashlib.blake2b(step, digest_size=32).hexdigest()
            database.execute("INSERT INTO schema_migration VALUES (?, ?, 1)", (number, digest))
        database.commit()


def bring_back(path, schema):
    """Makes of a database what it was before later steps: the rows that had a place
    there already."""
    newer = path.with_name("newer.sqlite3")
    path.rename(newer)
    path.touch(mode=0o600)
    older_database(path, schema)
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute("ATTACH ? AS newer", (str(newer),))

        def columns(of, table):
            return [row[1] for row in database.execute(f"PRAGMA {of}.table_info({table})")]

        for (table,) in database.execute("SELECT name FROM main.sqlite_schema WHERE type = 'table'").fetchall():
            if table != "schema_migration" and not table.startswith("sqlite_"):
                names = ", ".join(name for name in columns("main", table) if name in columns("newer", table))
                database.execute(f"DELETE FROM main.{table}")
                database.execute(f"INSERT INTO main.{table} ({names}) SELECT {names} FROM newer.{table}")
        database.commit()
    newer.unlink()

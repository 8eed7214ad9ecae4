"""A database as the version before made it."""

import contextlib
import hashlib
import sqlite3

from site_under_test import REPOSITORY

MIGRATIONS = REPOSITORY / "Sources/Accounts/Migrations"
NEWEST = len(list(MIGRATIONS.glob("schema-*.sqlite.sql")))
OLDER = NEWEST - 1
APPLICATION_ID = 0x4C536163


def older_database(path):
    """Without its last step, and empty: it fits every key."""
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        database.execute("PRAGMA journal_mode = WAL")
        database.execute(
            "CREATE TABLE schema_migration "
            "(number BIGINT NOT NULL PRIMARY KEY, digest TEXT NOT NULL, applied_at BIGINT NOT NULL)")
        for number in range(1, OLDER + 1):
            step = (MIGRATIONS / f"schema-{number:03}.sqlite.sql").read_bytes()
            database.executescript(step.decode())
            digest = hashlib.blake2b(step, digest_size=32).hexdigest()
            database.execute("INSERT INTO schema_migration VALUES (?, ?, 1)", (number, digest))
        database.commit()

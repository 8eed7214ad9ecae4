-- The first schema. Instants are microseconds since 1970-01-01 00:00 UTC.

CREATE TABLE installation (
    id               INTEGER PRIMARY KEY CHECK (id = 1),
    key_check        BLOB    NOT NULL,
    setup_token_hash BLOB,
    setup_used_at    INTEGER,
    created_at       INTEGER NOT NULL
) STRICT;

CREATE TABLE user_account (
    id                      INTEGER PRIMARY KEY AUTOINCREMENT,
    email                   TEXT    NOT NULL UNIQUE,
    username                TEXT    NOT NULL,
    first_name              TEXT    NOT NULL DEFAULT '',
    last_name               TEXT    NOT NULL DEFAULT '',
    phone                   TEXT    NOT NULL DEFAULT '',
    allow_newsletters       INTEGER CHECK (allow_newsletters IN (0, 1)),
    password_hash           TEXT    NOT NULL,
    password_provisioned_at INTEGER,
    created_at              INTEGER NOT NULL,
    last_active_at          INTEGER NOT NULL
) STRICT;

CREATE TABLE organization (
    id                      INTEGER PRIMARY KEY,
    title                   TEXT    NOT NULL CHECK (title <> ''),
    invite_nonce            BLOB    NOT NULL,
    invite_reset_at         INTEGER,
    invite_reset_by         INTEGER REFERENCES user_account (id) ON DELETE SET NULL,
    max_session_age_minutes INTEGER NOT NULL CHECK (max_session_age_minutes > 0),
    max_idle_minutes        INTEGER NOT NULL CHECK (max_idle_minutes > 0),
    created_at              INTEGER NOT NULL,
    updated_at              INTEGER NOT NULL
) STRICT;

CREATE TABLE member (
    organization_id INTEGER NOT NULL REFERENCES organization (id) ON DELETE CASCADE,
    user_id         INTEGER NOT NULL REFERENCES user_account (id) ON DELETE CASCADE,
    role            TEXT    NOT NULL CHECK (role IN ('owner', 'member')),
    joined_at       INTEGER NOT NULL,
    removed_at      INTEGER,
    PRIMARY KEY (organization_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX member_of_user ON member (user_id);

CREATE TABLE session (
    token_hash    BLOB    PRIMARY KEY,
    user_id       INTEGER NOT NULL REFERENCES user_account (id) ON DELETE CASCADE,
    is_persistent INTEGER NOT NULL CHECK (is_persistent IN (0, 1)),
    created_at    INTEGER NOT NULL,
    last_seen_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX session_of_user ON session (user_id);

CREATE TABLE api_token (
    user_id     INTEGER PRIMARY KEY REFERENCES user_account (id) ON DELETE CASCADE,
    lookup_hash BLOB    NOT NULL UNIQUE,
    box         BLOB    NOT NULL,
    created_at  INTEGER NOT NULL
) STRICT;

CREATE TABLE project (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    organization_id INTEGER NOT NULL REFERENCES organization (id) ON DELETE CASCADE,
    title           TEXT    NOT NULL CHECK (title <> ''),
    description     TEXT    NOT NULL,
    created_by      INTEGER REFERENCES user_account (id) ON DELETE SET NULL,
    created_at      INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL
) STRICT;
CREATE INDEX project_of_organization ON project (organization_id, id);
CREATE INDEX project_of_author ON project (created_by);

-- What was brought here from another program. An imported invite link stands in
-- organization.invite_nonce, in a box, until it is reset.

-- People whose password is still hashed as it was there; what one check of it costs.
CREATE TABLE imported_password (
    user_id    INTEGER PRIMARY KEY REFERENCES user_account (id) ON DELETE CASCADE,
    iterations INTEGER NOT NULL CHECK (iterations > 0)
) STRICT;

-- Personal access tokens that were made there. The key they are signed with
-- verifies these and no others.
CREATE TABLE imported_refresh_token (
    jti        TEXT    PRIMARY KEY,
    user_id    INTEGER NOT NULL REFERENCES user_account (id) ON DELETE CASCADE,
    token      TEXT    NOT NULL,
    key_box    BLOB    NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX imported_refresh_token_of_user ON imported_refresh_token (user_id);

-- What has come, so that it does not come again: not even after it was deleted
-- here. Therefore without foreign keys.
CREATE TABLE imported_record (
    source     INTEGER NOT NULL,
    kind       TEXT    NOT NULL CHECK (kind IN ('person', 'project', 'token')),
    foreign_id INTEGER NOT NULL,
    local_id   INTEGER NOT NULL,
    PRIMARY KEY (source, kind, foreign_id)
) STRICT, WITHOUT ROWID;

-- Personal access tokens, and which kinds of API tokens are accepted.

ALTER TABLE organization ADD COLUMN api_tokens_enabled INTEGER NOT NULL DEFAULT 1
    CHECK (api_tokens_enabled IN (0, 1));
ALTER TABLE organization ADD COLUMN legacy_api_tokens_enabled INTEGER NOT NULL DEFAULT 1
    CHECK (legacy_api_tokens_enabled IN (0, 1));

-- A token that was made here can be written again from its row. Of one that was
-- made elsewhere, the text and the key that it is signed with are kept.
CREATE TABLE refresh_token (
    jti        TEXT PRIMARY KEY,
    user_id    INTEGER NOT NULL REFERENCES user_account (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    -- Another one has taken its place; what was made by it goes on working.
    rotated_at INTEGER,
    revoked_at INTEGER,
    token      TEXT,
    key_box    BLOB,
    CHECK ((token IS NULL) = (key_box IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX refresh_token_of_user ON refresh_token (user_id);
-- Nobody makes a second one while the first is valid.
CREATE UNIQUE INDEX refresh_token_in_use ON refresh_token (user_id)
    WHERE rotated_at IS NULL AND revoked_at IS NULL AND key_box IS NULL;

INSERT INTO refresh_token (jti, user_id, created_at, expires_at, token, key_box)
SELECT jti, user_id, created_at, expires_at, token, key_box FROM imported_refresh_token;
DROP TABLE imported_refresh_token;

-- What was brought here from another program. An imported invite link stands in
-- organization.invite_nonce, in a box, until it is reset.

-- People whose password is still hashed as it was there; what one check of it costs.
CREATE TABLE imported_password (
    user_id    BIGINT PRIMARY KEY REFERENCES user_account (id) ON DELETE CASCADE,
    iterations BIGINT NOT NULL CHECK (iterations > 0)
);

-- Personal access tokens that were made there. The key they are signed with
-- verifies these and no others.
CREATE TABLE imported_refresh_token (
    jti        TEXT   PRIMARY KEY,
    user_id    BIGINT NOT NULL REFERENCES user_account (id) ON DELETE CASCADE,
    token      TEXT   NOT NULL,
    key_box    BYTEA  NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX imported_refresh_token_of_user ON imported_refresh_token (user_id);

-- What has come, so that it does not come again: not even after it was deleted
-- here. Therefore without foreign keys.
CREATE TABLE imported_record (
    source     BIGINT NOT NULL,
    kind       TEXT   NOT NULL CHECK (kind IN ('person', 'project', 'token')),
    foreign_id BIGINT NOT NULL,
    local_id   BIGINT NOT NULL,
    PRIMARY KEY (source, kind, foreign_id)
);

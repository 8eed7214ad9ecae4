-- Deactivated members, where sessions come from, set-password links, the audit.

ALTER TABLE user_account ADD COLUMN password_set_at INTEGER NOT NULL DEFAULT 0;

ALTER TABLE member ADD COLUMN deactivated_at INTEGER;

ALTER TABLE session ADD COLUMN client_address TEXT NOT NULL DEFAULT '';
ALTER TABLE session ADD COLUMN user_agent TEXT NOT NULL DEFAULT '';

CREATE TABLE set_password_link (
    user_id    INTEGER PRIMARY KEY REFERENCES user_account (id) ON DELETE CASCADE,
    token_hash BLOB    NOT NULL UNIQUE,
    made_by    INTEGER REFERENCES user_account (id) ON DELETE SET NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

-- Without foreign keys: what happened stays when an account is deleted.
CREATE TABLE audit_event (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    at             INTEGER NOT NULL,
    action         TEXT    NOT NULL,
    actor_id       INTEGER,
    actor_email    TEXT,
    subject_id     INTEGER,
    subject_email  TEXT,
    client_address TEXT    NOT NULL,
    detail         TEXT    NOT NULL
) STRICT;
CREATE INDEX audit_event_by_time ON audit_event (at);
CREATE INDEX audit_event_of_actor ON audit_event (actor_id, id);
CREATE INDEX audit_event_of_subject ON audit_event (subject_id, id);

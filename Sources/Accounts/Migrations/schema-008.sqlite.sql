-- Sites: what a project opens, and other hosts of ours.

-- A path on our host, or an address on another host of ours; NULL: none.
ALTER TABLE project ADD COLUMN site_address TEXT;

-- What somebody who is logged in takes to another host of ours, once: it belongs to
-- that host and to one browser.
CREATE TABLE site_ticket (
    token_hash   BLOB    PRIMARY KEY,
    session_hash BLOB    NOT NULL REFERENCES session (token_hash) ON DELETE CASCADE,
    host         TEXT    NOT NULL,
    browser_hash BLOB    NOT NULL,
    expires_at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX site_ticket_of_session ON site_ticket (session_hash);

-- What a session is known by on another host of ours. It ends with the session.
CREATE TABLE site_session (
    token_hash   BLOB    PRIMARY KEY,
    session_hash BLOB    NOT NULL REFERENCES session (token_hash) ON DELETE CASCADE,
    host         TEXT    NOT NULL,
    created_at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX site_session_of_session ON site_session (session_hash, host);

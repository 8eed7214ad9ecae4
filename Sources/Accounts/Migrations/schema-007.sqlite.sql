-- The Label Studio behind the gate, and who is who there.

CREATE TABLE upstream (
    id              INTEGER PRIMARY KEY CHECK (id = 1),
    address         TEXT    NOT NULL,
    -- Names its database, as in imported_record: its organization was made then.
    source          INTEGER NOT NULL,
    -- The number of its organization there.
    organization_id INTEGER NOT NULL,
    -- The number of the account there by which invite links are read.
    service_user    INTEGER NOT NULL,
    added_at        INTEGER NOT NULL
) STRICT;

-- Of one database, so that they are there again when it is added again.
CREATE TABLE upstream_pair (
    source        INTEGER NOT NULL,
    user_id       INTEGER NOT NULL REFERENCES user_account (id) ON DELETE CASCADE,
    upstream_user INTEGER NOT NULL,
    origin        TEXT    NOT NULL CHECK (origin IN ('imported', 'provisioned', 'confirmed', 'password')),
    paired_at     INTEGER NOT NULL,
    -- The names that the account got there last.
    first_name    TEXT    NOT NULL DEFAULT '',
    last_name     TEXT    NOT NULL DEFAULT '',
    PRIMARY KEY (source, user_id),
    UNIQUE (source, upstream_user)
) STRICT, WITHOUT ROWID;
CREATE INDEX upstream_pair_of_user ON upstream_pair (user_id);

-- Who is being given an account there. The password that it gets follows from the
-- nonce: whoever takes over an unfinished claim knows the account as one of ours.
CREATE TABLE upstream_claim (
    user_id    INTEGER PRIMARY KEY REFERENCES user_account (id) ON DELETE CASCADE,
    email      TEXT    NOT NULL,
    nonce      BLOB    NOT NULL,
    claimed_at INTEGER NOT NULL,
    -- The address has an account there that is not ours; somebody has to confirm it.
    taken_at   INTEGER
) STRICT;

INSERT INTO upstream_pair (source, user_id, upstream_user, origin, paired_at)
SELECT r.source, r.local_id, r.foreign_id, 'imported', CAST(strftime('%s', 'now') AS INTEGER) * 1000000
FROM imported_record r JOIN user_account u ON u.id = r.local_id WHERE r.kind = 'person';

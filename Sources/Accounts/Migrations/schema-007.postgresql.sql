-- The Label Studio behind the gate, and who is who there.

CREATE TABLE upstream (
    id              BIGINT  PRIMARY KEY CHECK (id = 1),
    address         TEXT    NOT NULL,
    -- Names its database, as in imported_record: its organization was made then.
    source          BIGINT  NOT NULL,
    -- The number of its organization there.
    organization_id BIGINT  NOT NULL,
    -- The number of the account there by which invite links are read.
    service_user    BIGINT  NOT NULL,
    added_at        BIGINT  NOT NULL
);

-- Of one database, so that they are there again when it is added again.
CREATE TABLE upstream_pair (
    source        BIGINT  NOT NULL,
    user_id       BIGINT  NOT NULL REFERENCES user_account (id) ON DELETE CASCADE,
    upstream_user BIGINT  NOT NULL,
    origin        TEXT    NOT NULL CHECK (origin IN ('imported', 'provisioned', 'confirmed', 'password')),
    paired_at     BIGINT  NOT NULL,
    -- The names that the account got there last.
    first_name    TEXT    NOT NULL DEFAULT '',
    last_name     TEXT    NOT NULL DEFAULT '',
    PRIMARY KEY (source, user_id),
    UNIQUE (source, upstream_user)
);
CREATE INDEX upstream_pair_of_user ON upstream_pair (user_id);

-- Who is being given an account there. The password that it gets follows from the
-- nonce: whoever takes over an unfinished claim knows the account as one of ours.
CREATE TABLE upstream_claim (
    user_id    BIGINT  PRIMARY KEY REFERENCES user_account (id) ON DELETE CASCADE,
    email      TEXT    NOT NULL,
    nonce      BYTEA   NOT NULL,
    claimed_at BIGINT  NOT NULL,
    -- The address has an account there that is not ours; somebody has to confirm it.
    taken_at   BIGINT
);

INSERT INTO upstream_pair (source, user_id, upstream_user, origin, paired_at)
SELECT r.source, r.local_id, r.foreign_id, 'imported', CAST(extract(epoch FROM now()) AS BIGINT) * 1000000
FROM imported_record r JOIN user_account u ON u.id = r.local_id WHERE r.kind = 'person';

-- The invite link: who has joined by it, and how long and how often it works.

-- After this instant nobody joins by a link; NULL: it has no last day.
ALTER TABLE organization ADD COLUMN invite_until INTEGER;
-- How many more people may join by links; NULL: as many as come. A reset leaves
-- this as it is: members reset links, only owners say how many may join.
ALTER TABLE organization ADD COLUMN invite_joins_left INTEGER CHECK (invite_joins_left >= 0);
-- How many have joined by the link that there is.
ALTER TABLE organization ADD COLUMN invite_joins INTEGER NOT NULL DEFAULT 0 CHECK (invite_joins >= 0);
-- Since when they are counted; NULL: since the organization was made.
ALTER TABLE organization ADD COLUMN invite_counted_since INTEGER;

-- As far back as the audit goes.
UPDATE organization SET invite_counted_since = MAX(
    COALESCE(invite_reset_at, created_at), COALESCE((SELECT min(at) FROM audit_event), CAST(strftime('%s', 'now') AS INTEGER) * 1000000)
), invite_joins = (
    SELECT count(*) FROM audit_event
    WHERE action = 'signed-up' AND detail = 'invite-link' AND at >= COALESCE(invite_reset_at, 0)
);

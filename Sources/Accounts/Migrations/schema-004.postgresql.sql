-- What the API keeps, and no page shows.

-- Keyboard shortcuts: a JSON object.
ALTER TABLE user_account ADD COLUMN custom_hotkeys TEXT NOT NULL DEFAULT '{}';

-- An e-mail address.
ALTER TABLE organization ADD COLUMN contact_info TEXT;
-- NULL: the policy is the one that the organization was made with.
ALTER TABLE organization ADD COLUMN session_policy_updated_at BIGINT;

-- What clients keep of a project besides its title and description: a JSON object.
ALTER TABLE project ADD COLUMN extra_fields TEXT NOT NULL DEFAULT '{}';

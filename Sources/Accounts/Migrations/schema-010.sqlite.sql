-- Lists that are searched and sorted: people and projects.

-- The name that is shown, or the address, without regard to capitals and accents;
-- '': not written yet, which is made up for when the database is opened.
ALTER TABLE user_account ADD COLUMN folded_name TEXT NOT NULL DEFAULT '';
ALTER TABLE project ADD COLUMN folded_title TEXT NOT NULL DEFAULT '';

-- One for each order. A search reads one of these from end to end, and no table:
-- therefore they hold both what is sorted and what is searched.
CREATE INDEX user_account_by_name ON user_account (folded_name, id, email);
CREATE INDEX user_account_by_email ON user_account (email, id, folded_name);
CREATE INDEX user_account_by_activity ON user_account (last_active_at, id, folded_name, email);
CREATE INDEX member_by_role ON member (organization_id, role, user_id, removed_at);
CREATE INDEX member_by_joining ON member (organization_id, joined_at, user_id, removed_at);
CREATE INDEX project_by_title ON project (organization_id, id, folded_title);

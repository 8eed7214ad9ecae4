-- The file of a photo, in the directory beside the database; NULL: none.
ALTER TABLE user_account ADD COLUMN photo TEXT;

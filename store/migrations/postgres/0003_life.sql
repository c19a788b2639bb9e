-- Another link that stands in for this one: the page of a link that was replaced leads on to it.
ALTER TABLE links ADD COLUMN replaced_by TEXT COLLATE "C";
-- When the merchant is told that the link expires soon, in the time of its world; none once that is told.
ALTER TABLE links ADD COLUMN announce_at BIGINT;

-- Another link that stands in for this one: the page of a link that was replaced leads on to it.
ALTER TABLE links ADD COLUMN replaced_by TEXT COLLATE "C";

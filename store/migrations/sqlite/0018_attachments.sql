-- Files that links hand over on their pages. The name and the parts are sealed by the key ring; uses counts
-- the links that were made with the file.
CREATE TABLE attachments (
	merchant_id TEXT NOT NULL REFERENCES merchants (id),
	id TEXT NOT NULL,
	livemode INTEGER NOT NULL,
	name BLOB NOT NULL,
	content_type TEXT NOT NULL,
	size INTEGER NOT NULL,
	parts INTEGER NOT NULL,
	digest BLOB NOT NULL,
	uses INTEGER NOT NULL,
	created_at INTEGER NOT NULL,
	created_by TEXT NOT NULL,
	PRIMARY KEY (merchant_id, id)
) STRICT;
-- The same file is kept once.
CREATE UNIQUE INDEX attachments_by_digest ON attachments (merchant_id, livemode, digest);

CREATE TABLE attachment_parts (
	merchant_id TEXT NOT NULL,
	attachment_id TEXT NOT NULL,
	number INTEGER NOT NULL,
	body BLOB NOT NULL,
	PRIMARY KEY (merchant_id, attachment_id, number)
) STRICT;

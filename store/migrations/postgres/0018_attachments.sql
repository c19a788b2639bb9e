-- Files that links hand over on their pages. The name and the parts are sealed by the key ring; uses counts
-- the links that were made with the file.
CREATE TABLE attachments (
	merchant_id TEXT COLLATE "C" NOT NULL REFERENCES merchants (id),
	id TEXT COLLATE "C" NOT NULL,
	livemode BIGINT NOT NULL,
	name BYTEA NOT NULL,
	content_type TEXT COLLATE "C" NOT NULL,
	size BIGINT NOT NULL,
	parts BIGINT NOT NULL,
	digest BYTEA NOT NULL,
	uses BIGINT NOT NULL,
	created_at BIGINT NOT NULL,
	created_by TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (merchant_id, id)
);
-- The same file is kept once.
CREATE UNIQUE INDEX attachments_by_digest ON attachments (merchant_id, livemode, digest);

CREATE TABLE attachment_parts (
	merchant_id TEXT COLLATE "C" NOT NULL,
	attachment_id TEXT COLLATE "C" NOT NULL,
	number BIGINT NOT NULL,
	body BYTEA NOT NULL,
	PRIMARY KEY (merchant_id, attachment_id, number)
);

-- What a merchant has saved about links under a name. Settings are a JSON object with fields of a new link.
CREATE TABLE templates (
	merchant_id TEXT NOT NULL REFERENCES merchants (id),
	id TEXT NOT NULL,
	livemode INTEGER NOT NULL,
	name TEXT NOT NULL,
	settings TEXT NOT NULL,
	created_at INTEGER NOT NULL,
	updated_at INTEGER NOT NULL,
	PRIMARY KEY (merchant_id, id)
) STRICT;
CREATE UNIQUE INDEX templates_name ON templates (merchant_id, livemode, name);

-- What a merchant has saved about links under a name. Settings are a JSON object with fields of a new link.
CREATE TABLE templates (
	merchant_id TEXT COLLATE "C" NOT NULL REFERENCES merchants (id),
	id TEXT COLLATE "C" NOT NULL,
	livemode BIGINT NOT NULL,
	name TEXT COLLATE "C" NOT NULL,
	settings TEXT COLLATE "C" NOT NULL,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	PRIMARY KEY (merchant_id, id)
);
CREATE UNIQUE INDEX templates_name ON templates (merchant_id, livemode, name);

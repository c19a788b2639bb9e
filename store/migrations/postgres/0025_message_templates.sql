-- How merchants word their messages. A version never changes; one of each channel, kind and language is in
-- use. registered_as says under which names operators and providers know the same text.
CREATE TABLE message_templates (
	merchant_id TEXT COLLATE "C" NOT NULL REFERENCES merchants (id),
	id TEXT COLLATE "C" NOT NULL,
	livemode BIGINT NOT NULL,
	channel TEXT COLLATE "C" NOT NULL,
	kind TEXT COLLATE "C" NOT NULL,
	language TEXT COLLATE "C" NOT NULL,
	version BIGINT NOT NULL,
	subject TEXT COLLATE "C" NOT NULL,
	text TEXT COLLATE "C" NOT NULL,
	registered_as TEXT COLLATE "C" NOT NULL,
	state TEXT COLLATE "C" NOT NULL,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	PRIMARY KEY (merchant_id, id)
);
CREATE UNIQUE INDEX message_templates_version ON message_templates (merchant_id, livemode, channel, kind, language, version);
CREATE UNIQUE INDEX message_templates_active ON message_templates (merchant_id, livemode, channel, kind, language) WHERE state = 'active';

-- When customers were written to unasked, by channel and a digest of the address, where a cap counts it:
-- the times of the last weeks as JSON, each with its message. version guards against two at once.
CREATE TABLE contact_times (
	merchant_id TEXT COLLATE "C" NOT NULL,
	livemode BIGINT NOT NULL,
	channel TEXT COLLATE "C" NOT NULL,
	address BYTEA NOT NULL,
	times TEXT COLLATE "C" NOT NULL,
	version BIGINT NOT NULL,
	PRIMARY KEY (merchant_id, livemode, channel, address)
);

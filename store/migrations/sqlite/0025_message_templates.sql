-- How merchants word their messages. A version never changes; one of each channel, kind and language is in
-- use. registered_as says under which names operators and providers know the same text.
CREATE TABLE message_templates (
	merchant_id TEXT NOT NULL REFERENCES merchants (id),
	id TEXT NOT NULL,
	livemode INTEGER NOT NULL,
	channel TEXT NOT NULL,
	kind TEXT NOT NULL,
	language TEXT NOT NULL,
	version INTEGER NOT NULL,
	subject TEXT NOT NULL,
	text TEXT NOT NULL,
	registered_as TEXT NOT NULL,
	state TEXT NOT NULL,
	created_at INTEGER NOT NULL,
	updated_at INTEGER NOT NULL,
	PRIMARY KEY (merchant_id, id)
) STRICT;
CREATE UNIQUE INDEX message_templates_version ON message_templates (merchant_id, livemode, channel, kind, language, version);
CREATE UNIQUE INDEX message_templates_active ON message_templates (merchant_id, livemode, channel, kind, language) WHERE state = 'active';

-- When customers were written to unasked, by channel and a digest of the address, where a cap counts it:
-- the times of the last weeks as JSON, each with its message. version guards against two at once.
CREATE TABLE contact_times (
	merchant_id TEXT NOT NULL,
	livemode INTEGER NOT NULL,
	channel TEXT NOT NULL,
	address BLOB NOT NULL,
	times TEXT NOT NULL,
	version INTEGER NOT NULL,
	PRIMARY KEY (merchant_id, livemode, channel, address)
) STRICT;

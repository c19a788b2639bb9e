-- What a message tells of beside its link, where it is no request: kind is in which words it is, about the
-- payment or the refund, tells the facts as JSON. A customer is told of one thing once on each channel.
ALTER TABLE messages ADD COLUMN kind TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE messages ADD COLUMN about TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE messages ADD COLUMN tells TEXT COLLATE "C" NOT NULL DEFAULT '';
CREATE UNIQUE INDEX messages_about ON messages (merchant_id, about, kind, channel) WHERE about <> '';

-- The parts of a message that its provider takes one by one and reports one by one: by which reference each
-- is known there, and what became of it. status is empty until something is told.
CREATE TABLE message_parts (
	merchant_id TEXT COLLATE "C" NOT NULL,
	message_id TEXT COLLATE "C" NOT NULL,
	account_id TEXT COLLATE "C" NOT NULL,
	number BIGINT NOT NULL,
	reference TEXT COLLATE "C" NOT NULL,
	status TEXT COLLATE "C" NOT NULL,
	error_code TEXT COLLATE "C" NOT NULL,
	reason TEXT COLLATE "C" NOT NULL,
	updated_at BIGINT NOT NULL,
	PRIMARY KEY (merchant_id, message_id, account_id, number)
);
CREATE INDEX message_parts_reference ON message_parts (account_id, reference);
CREATE INDEX message_parts_updated ON message_parts (updated_at);

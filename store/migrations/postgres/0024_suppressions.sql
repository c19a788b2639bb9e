-- Addresses that get no more messages on one channel: what bounced for good, complained, unsubscribed or
-- said STOP. address is a keyed digest, by which dispatch finds them; sealed is the address itself, for the
-- merchant's list.
CREATE TABLE suppressions (
	merchant_id TEXT COLLATE "C" NOT NULL REFERENCES merchants (id),
	id TEXT COLLATE "C" NOT NULL,
	livemode BIGINT NOT NULL,
	channel TEXT COLLATE "C" NOT NULL,
	address BYTEA NOT NULL,
	sealed BYTEA NOT NULL,
	reason TEXT COLLATE "C" NOT NULL,
	message_id TEXT COLLATE "C",
	since BIGINT NOT NULL,
	PRIMARY KEY (merchant_id, id)
);
CREATE UNIQUE INDEX suppressions_by_address ON suppressions (merchant_id, livemode, channel, address);

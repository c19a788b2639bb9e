-- Addresses that get no more messages on one channel: what bounced for good, complained, unsubscribed or
-- said STOP. address is a keyed digest, by which dispatch finds them; sealed is the address itself, for the
-- merchant's list.
CREATE TABLE suppressions (
	merchant_id TEXT NOT NULL REFERENCES merchants (id),
	id TEXT NOT NULL,
	livemode INTEGER NOT NULL,
	channel TEXT NOT NULL,
	address BLOB NOT NULL,
	sealed BLOB NOT NULL,
	reason TEXT NOT NULL,
	message_id TEXT,
	since INTEGER NOT NULL,
	PRIMARY KEY (merchant_id, id)
) STRICT;
CREATE UNIQUE INDEX suppressions_by_address ON suppressions (merchant_id, livemode, channel, address);

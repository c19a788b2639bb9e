-- Every call that handed a message to a provider, or tried to. The index is how a receipt finds the message
-- when it names only what the provider answered. cost and reserved are hundredths of a minor unit.
CREATE TABLE attempts (
	merchant_id TEXT NOT NULL,
	link_id TEXT NOT NULL,
	message_id TEXT NOT NULL,
	number INTEGER NOT NULL,
	livemode INTEGER NOT NULL,
	account_id TEXT NOT NULL,
	provider TEXT NOT NULL,
	state TEXT NOT NULL,
	provider_reference TEXT NOT NULL,
	reason TEXT NOT NULL,
	code TEXT NOT NULL,
	words TEXT NOT NULL,
	segments INTEGER NOT NULL,
	cost INTEGER NOT NULL,
	currency TEXT NOT NULL,
	price TEXT NOT NULL,
	priced INTEGER NOT NULL,
	reserved INTEGER NOT NULL,
	began_at INTEGER NOT NULL,
	ended_at INTEGER,
	again_at INTEGER,
	PRIMARY KEY (merchant_id, link_id, message_id, number)
) STRICT;
CREATE INDEX attempts_by_reference ON attempts (account_id, provider_reference) WHERE provider_reference <> '';

-- How many attempts a message has, and why it is where it is, in our words.
ALTER TABLE messages ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN reason TEXT NOT NULL DEFAULT '';

-- What a merchant's messages cost in a day, in a month and for a link ("day:2026-11-23", "month:2026-11",
-- "link:plink_…"), reserved before each call, in hundredths of a minor unit. Only what has a cap is counted.
CREATE TABLE message_spend (
	merchant_id TEXT NOT NULL,
	livemode INTEGER NOT NULL,
	scope TEXT NOT NULL,
	spent INTEGER NOT NULL,
	PRIMARY KEY (merchant_id, livemode, scope)
) STRICT;

-- To how many different numbers of one range a merchant sent text messages within an hour, and to which, as
-- digests. hour counts hours since 1970.
CREATE TABLE number_ranges (
	merchant_id TEXT NOT NULL,
	livemode INTEGER NOT NULL,
	hour INTEGER NOT NULL,
	number_range TEXT NOT NULL,
	numbers INTEGER NOT NULL,
	PRIMARY KEY (merchant_id, livemode, hour, number_range)
) STRICT;
CREATE TABLE numbers_sent (
	merchant_id TEXT NOT NULL,
	livemode INTEGER NOT NULL,
	hour INTEGER NOT NULL,
	number TEXT NOT NULL,
	PRIMARY KEY (merchant_id, livemode, hour, number)
) STRICT;
CREATE INDEX number_ranges_by_hour ON number_ranges (hour);
CREATE INDEX numbers_sent_by_hour ON numbers_sent (hour);

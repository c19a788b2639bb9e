-- Every call that handed a message to a provider, or tried to. The index is how a receipt finds the message
-- when it names only what the provider answered. cost and reserved are hundredths of a minor unit.
CREATE TABLE attempts (
	merchant_id TEXT COLLATE "C" NOT NULL,
	link_id TEXT COLLATE "C" NOT NULL,
	message_id TEXT COLLATE "C" NOT NULL,
	number BIGINT NOT NULL,
	livemode BIGINT NOT NULL,
	account_id TEXT COLLATE "C" NOT NULL,
	provider TEXT COLLATE "C" NOT NULL,
	state TEXT COLLATE "C" NOT NULL,
	provider_reference TEXT COLLATE "C" NOT NULL,
	reason TEXT COLLATE "C" NOT NULL,
	code TEXT COLLATE "C" NOT NULL,
	words TEXT COLLATE "C" NOT NULL,
	segments BIGINT NOT NULL,
	cost BIGINT NOT NULL,
	currency TEXT COLLATE "C" NOT NULL,
	price TEXT COLLATE "C" NOT NULL,
	priced BIGINT NOT NULL,
	reserved BIGINT NOT NULL,
	began_at BIGINT NOT NULL,
	ended_at BIGINT,
	again_at BIGINT,
	PRIMARY KEY (merchant_id, link_id, message_id, number)
);
CREATE INDEX attempts_by_reference ON attempts (account_id, provider_reference) WHERE provider_reference <> '';

-- How many attempts a message has, and why it is where it is, in our words.
ALTER TABLE messages ADD COLUMN attempts BIGINT NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN reason TEXT COLLATE "C" NOT NULL DEFAULT '';

-- What a merchant's messages cost in a day, in a month and for a link ("day:2026-11-23", "month:2026-11",
-- "link:plink_…"), reserved before each call, in hundredths of a minor unit. Only what has a cap is counted.
CREATE TABLE message_spend (
	merchant_id TEXT COLLATE "C" NOT NULL,
	livemode BIGINT NOT NULL,
	scope TEXT COLLATE "C" NOT NULL,
	spent BIGINT NOT NULL,
	PRIMARY KEY (merchant_id, livemode, scope)
);

-- To how many different numbers of one range a merchant sent text messages within an hour, and to which, as
-- digests. hour counts hours since 1970.
CREATE TABLE number_ranges (
	merchant_id TEXT COLLATE "C" NOT NULL,
	livemode BIGINT NOT NULL,
	hour BIGINT NOT NULL,
	number_range TEXT COLLATE "C" NOT NULL,
	numbers BIGINT NOT NULL,
	PRIMARY KEY (merchant_id, livemode, hour, number_range)
);
CREATE TABLE numbers_sent (
	merchant_id TEXT COLLATE "C" NOT NULL,
	livemode BIGINT NOT NULL,
	hour BIGINT NOT NULL,
	number TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (merchant_id, livemode, hour, number)
);
CREATE INDEX number_ranges_by_hour ON number_ranges (hour);
CREATE INDEX numbers_sent_by_hour ON numbers_sent (hour);

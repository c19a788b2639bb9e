-- Codes that lower what is asked. uses is moved by payments only, under a guard.
CREATE TABLE discount_codes (
	merchant_id TEXT NOT NULL REFERENCES merchants (id),
	id TEXT NOT NULL,
	livemode INTEGER NOT NULL,
	code TEXT NOT NULL,
	percent TEXT NOT NULL,
	amount INTEGER NOT NULL,
	currency TEXT NOT NULL,
	maximum_discount INTEGER NOT NULL,
	minimum_amount INTEGER NOT NULL,
	max_uses INTEGER NOT NULL,
	uses INTEGER NOT NULL,
	starts_at INTEGER,
	ends_at INTEGER,
	active INTEGER NOT NULL,
	created_at INTEGER NOT NULL,
	updated_at INTEGER NOT NULL,
	PRIMARY KEY (merchant_id, id)
) STRICT;
CREATE UNIQUE INDEX discount_codes_by_code ON discount_codes (merchant_id, livemode, code);
-- What discount codes settled of a link without money.
ALTER TABLE links ADD COLUMN amount_discounted INTEGER NOT NULL DEFAULT 0;

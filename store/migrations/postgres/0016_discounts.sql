-- Codes that lower what is asked. uses is moved by payments only, under a guard.
CREATE TABLE discount_codes (
	merchant_id TEXT COLLATE "C" NOT NULL REFERENCES merchants (id),
	id TEXT COLLATE "C" NOT NULL,
	livemode BIGINT NOT NULL,
	code TEXT COLLATE "C" NOT NULL,
	percent TEXT COLLATE "C" NOT NULL,
	amount BIGINT NOT NULL,
	currency TEXT COLLATE "C" NOT NULL,
	maximum_discount BIGINT NOT NULL,
	minimum_amount BIGINT NOT NULL,
	max_uses BIGINT NOT NULL,
	uses BIGINT NOT NULL,
	starts_at BIGINT,
	ends_at BIGINT,
	active BIGINT NOT NULL,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	PRIMARY KEY (merchant_id, id)
);
CREATE UNIQUE INDEX discount_codes_by_code ON discount_codes (merchant_id, livemode, code);
-- What discount codes settled of a link without money.
ALTER TABLE links ADD COLUMN amount_discounted BIGINT NOT NULL DEFAULT 0;

-- What signs the parameters that a customer takes back to the merchant's site, sealed by the key ring; the
-- one before it signs as well for a day.
CREATE TABLE return_secrets (
	merchant_id TEXT COLLATE "C" NOT NULL REFERENCES merchants (id),
	livemode BIGINT NOT NULL,
	secret BYTEA NOT NULL,
	previous BYTEA,
	previous_until BIGINT,
	created_at BIGINT NOT NULL,
	PRIMARY KEY (merchant_id, livemode)
);

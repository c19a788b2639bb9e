-- What signs the parameters that a customer takes back to the merchant's site, sealed by the key ring; the
-- one before it signs as well for a day.
CREATE TABLE return_secrets (
	merchant_id TEXT NOT NULL REFERENCES merchants (id),
	livemode INTEGER NOT NULL,
	secret BLOB NOT NULL,
	previous BLOB,
	previous_until INTEGER,
	created_at INTEGER NOT NULL,
	PRIMARY KEY (merchant_id, livemode)
) STRICT;

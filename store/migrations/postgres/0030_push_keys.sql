-- The key by which a merchant's notifications to its own people are signed: one for each merchant, made when the
-- first of them asks to be told. Browsers subscribe with its public half.
CREATE TABLE push_keys (
	merchant_id TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES merchants (id),
	sealed BYTEA NOT NULL,
	created_at BIGINT NOT NULL
);

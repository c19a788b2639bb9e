-- The key by which a merchant's notifications to its own people are signed: one for each merchant, made when the
-- first of them asks to be told. Browsers subscribe with its public half.
CREATE TABLE push_keys (
	merchant_id TEXT NOT NULL PRIMARY KEY REFERENCES merchants (id),
	sealed BLOB NOT NULL,
	created_at INTEGER NOT NULL
) STRICT;

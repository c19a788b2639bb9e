-- How payments through each account with a gateway ended, by method, bank or app, and minute. Nodes gather them
-- and add them every few seconds; a row is of use for a quarter of an hour.
CREATE TABLE gateway_outcomes (
	merchant_id TEXT NOT NULL,
	account_id TEXT NOT NULL,
	method TEXT NOT NULL,
	through TEXT NOT NULL,
	minute INTEGER NOT NULL,
	taken INTEGER NOT NULL,
	declined INTEGER NOT NULL,
	down INTEGER NOT NULL,
	calls INTEGER NOT NULL,
	took INTEGER NOT NULL,
	updated_at INTEGER NOT NULL,
	PRIMARY KEY (merchant_id, account_id, method, through, minute)
) STRICT, WITHOUT ROWID;
CREATE INDEX gateway_outcomes_by_update ON gateway_outcomes (updated_at);
-- The accounts whose gateways could not be reached lately, and until when they are left alone.
CREATE TABLE gateway_breakers (
	merchant_id TEXT NOT NULL,
	account_id TEXT NOT NULL,
	failures INTEGER NOT NULL,
	rests INTEGER NOT NULL,
	rests_until INTEGER NOT NULL,
	probe_until INTEGER NOT NULL,
	updated_at INTEGER NOT NULL,
	PRIMARY KEY (merchant_id, account_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX gateway_breakers_by_update ON gateway_breakers (updated_at);

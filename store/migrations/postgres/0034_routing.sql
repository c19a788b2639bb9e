-- How payments through each account with a gateway ended, by method, bank or app, and minute. Nodes gather them
-- and add them every few seconds; a row is of use for a quarter of an hour.
CREATE TABLE gateway_outcomes (
	merchant_id TEXT COLLATE "C" NOT NULL,
	account_id TEXT COLLATE "C" NOT NULL,
	method TEXT COLLATE "C" NOT NULL,
	through TEXT COLLATE "C" NOT NULL,
	minute BIGINT NOT NULL,
	taken BIGINT NOT NULL,
	declined BIGINT NOT NULL,
	down BIGINT NOT NULL,
	calls BIGINT NOT NULL,
	took BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	PRIMARY KEY (merchant_id, account_id, method, through, minute)
);
CREATE INDEX gateway_outcomes_by_update ON gateway_outcomes (updated_at);
-- The accounts whose gateways could not be reached lately, and until when they are left alone.
CREATE TABLE gateway_breakers (
	merchant_id TEXT COLLATE "C" NOT NULL,
	account_id TEXT COLLATE "C" NOT NULL,
	failures BIGINT NOT NULL,
	rests BIGINT NOT NULL,
	rests_until BIGINT NOT NULL,
	probe_until BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	PRIMARY KEY (merchant_id, account_id)
);
CREATE INDEX gateway_breakers_by_update ON gateway_breakers (updated_at);

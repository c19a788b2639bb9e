-- A merchant's accounts with real providers: several with one provider, told apart by name; the fields
-- that are no secret as JSON; which is chosen first; and whether it is used at all.
ALTER TABLE accounts ADD COLUMN name TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE accounts ADD COLUMN fields TEXT COLLATE "C" NOT NULL DEFAULT '{}';
ALTER TABLE accounts ADD COLUMN rank BIGINT NOT NULL DEFAULT 0;
ALTER TABLE accounts ADD COLUMN switched_off BIGINT NOT NULL DEFAULT 0;
DROP INDEX accounts_by_use;
CREATE UNIQUE INDEX accounts_by_use ON accounts (merchant_id, livemode, kind, provider, channel, name);

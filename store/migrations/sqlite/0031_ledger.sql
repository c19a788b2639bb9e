-- The merchants' books. An entry is one fact, its postings are the lines of it; both are written once and never
-- changed. account_id is the merchant's account at the gateway, empty for money that came without one. amount is
-- in minor units: a debit is above zero, a credit below. cause and kind name the fact within its payment, so that
-- nothing is posted twice.
CREATE TABLE ledger_entries (
	merchant_id TEXT NOT NULL REFERENCES merchants (id),
	id TEXT NOT NULL,
	livemode INTEGER NOT NULL,
	account_id TEXT NOT NULL,
	currency TEXT NOT NULL,
	kind TEXT NOT NULL,
	payment_id TEXT NOT NULL,
	cause TEXT NOT NULL,
	link_id TEXT NOT NULL,
	at INTEGER NOT NULL,
	PRIMARY KEY (merchant_id, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX ledger_entries_by_fact ON ledger_entries (merchant_id, payment_id, cause, kind);

CREATE TABLE ledger_postings (
	merchant_id TEXT NOT NULL REFERENCES merchants (id),
	entry_id TEXT NOT NULL,
	line INTEGER NOT NULL,
	livemode INTEGER NOT NULL,
	account_id TEXT NOT NULL,
	currency TEXT NOT NULL,
	account TEXT NOT NULL,
	amount INTEGER NOT NULL,
	PRIMARY KEY (merchant_id, entry_id, line)
) STRICT, WITHOUT ROWID;
CREATE INDEX ledger_postings_by_account ON ledger_postings (merchant_id, livemode, account_id, currency, account, entry_id, line, amount);

-- Running totals: what was posted to an account on a day, counted from 1970 in UTC. Where payments are confirmed
-- side by side a day has several rows, so that they do not wait for each other: past days are gathered into one
-- row of stripe 0, and old days, 32 at a time, into the first of them. An account's balance is the sum of its rows.
CREATE TABLE ledger_totals (
	merchant_id TEXT NOT NULL REFERENCES merchants (id),
	livemode INTEGER NOT NULL,
	account_id TEXT NOT NULL,
	currency TEXT NOT NULL,
	account TEXT NOT NULL,
	day INTEGER NOT NULL,
	stripe INTEGER NOT NULL,
	debits INTEGER NOT NULL,
	credits INTEGER NOT NULL,
	postings INTEGER NOT NULL,
	PRIMARY KEY (merchant_id, livemode, account_id, currency, account, day, stripe)
) STRICT, WITHOUT ROWID;

CREATE INDEX ledger_totals_striped ON ledger_totals (day) WHERE stripe > 0;
CREATE INDEX ledger_totals_daily ON ledger_totals (day) WHERE day % 32 > 0;

-- Merchants whose payments may be from before there were books: they are entered in the background. after_id is the last
-- one that was entered; passed_at is when all had been once.
CREATE TABLE ledger_backlog (
	merchant_id TEXT NOT NULL PRIMARY KEY REFERENCES merchants (id),
	after_id TEXT NOT NULL,
	passed_at INTEGER
) STRICT;
INSERT INTO ledger_backlog (merchant_id, after_id) SELECT id, '' FROM merchants;

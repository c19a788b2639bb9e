-- Money that goes back to customers. What refunds that have not ended are to give back is reserved on the
-- payment, by the statement that decides whether there is so much.
ALTER TABLE payments ADD COLUMN amount_refunding INTEGER NOT NULL DEFAULT 0;
ALTER TABLE links ADD COLUMN amount_refunded INTEGER NOT NULL DEFAULT 0;

CREATE TABLE refunds (
	merchant_id TEXT NOT NULL REFERENCES merchants (id),
	id TEXT NOT NULL,
	livemode INTEGER NOT NULL,
	link_id TEXT NOT NULL,
	payment_id TEXT NOT NULL,
	account_id TEXT NOT NULL,
	batch_id TEXT,
	place INTEGER NOT NULL,
	status TEXT NOT NULL,
	amount INTEGER NOT NULL,
	currency TEXT NOT NULL,
	reason TEXT NOT NULL,
	origin TEXT NOT NULL,
	instant INTEGER NOT NULL,
	held INTEGER NOT NULL,
	reference TEXT,
	gateway_reference TEXT,
	bank_reference TEXT NOT NULL,
	code TEXT NOT NULL,
	message TEXT NOT NULL,
	fee INTEGER NOT NULL,
	tax INTEGER NOT NULL,
	requested_by TEXT NOT NULL,
	approved_by TEXT NOT NULL,
	send_after INTEGER NOT NULL,
	sent_at INTEGER,
	created_at INTEGER NOT NULL,
	updated_at INTEGER NOT NULL,
	ended_at INTEGER,
	PRIMARY KEY (merchant_id, id)
) STRICT;
CREATE INDEX refunds_by_payment ON refunds (merchant_id, payment_id, id);
CREATE UNIQUE INDEX refunds_by_reference ON refunds (merchant_id, reference) WHERE reference IS NOT NULL;
-- One refund at the gateway is one refund here, however often it is told.
CREATE UNIQUE INDEX refunds_by_gateway_reference ON refunds (merchant_id, account_id, gateway_reference)
	WHERE gateway_reference IS NOT NULL;
-- Money that came otherwise than asked goes back by itself once.
CREATE UNIQUE INDEX refunds_by_policy ON refunds (merchant_id, payment_id) WHERE origin = 'policy';
-- A list that is sent again makes each of its refunds once.
CREATE UNIQUE INDEX refunds_by_batch ON refunds (merchant_id, batch_id, place) WHERE batch_id IS NOT NULL;
-- What needs a person.
CREATE INDEX refunds_waiting ON refunds (merchant_id, livemode, id) WHERE status IN ('awaiting_approval', 'failed');
CREATE INDEX payments_held ON payments (merchant_id, livemode, id) WHERE disposition = 'hold';

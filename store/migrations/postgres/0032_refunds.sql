-- Money that goes back to customers. What refunds that have not ended are to give back is reserved on the
-- payment, by the statement that decides whether there is so much.
ALTER TABLE payments ADD COLUMN amount_refunding BIGINT NOT NULL DEFAULT 0;
ALTER TABLE links ADD COLUMN amount_refunded BIGINT NOT NULL DEFAULT 0;

CREATE TABLE refunds (
	merchant_id TEXT COLLATE "C" NOT NULL REFERENCES merchants (id),
	id TEXT COLLATE "C" NOT NULL,
	livemode BIGINT NOT NULL,
	link_id TEXT COLLATE "C" NOT NULL,
	payment_id TEXT COLLATE "C" NOT NULL,
	account_id TEXT COLLATE "C" NOT NULL,
	batch_id TEXT COLLATE "C",
	place BIGINT NOT NULL,
	status TEXT COLLATE "C" NOT NULL,
	amount BIGINT NOT NULL,
	currency TEXT COLLATE "C" NOT NULL,
	reason TEXT COLLATE "C" NOT NULL,
	origin TEXT COLLATE "C" NOT NULL,
	instant BIGINT NOT NULL,
	held BIGINT NOT NULL,
	reference TEXT COLLATE "C",
	gateway_reference TEXT COLLATE "C",
	bank_reference TEXT COLLATE "C" NOT NULL,
	code TEXT COLLATE "C" NOT NULL,
	message TEXT COLLATE "C" NOT NULL,
	fee BIGINT NOT NULL,
	tax BIGINT NOT NULL,
	requested_by TEXT COLLATE "C" NOT NULL,
	approved_by TEXT COLLATE "C" NOT NULL,
	send_after BIGINT NOT NULL,
	sent_at BIGINT,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	ended_at BIGINT,
	PRIMARY KEY (merchant_id, id)
);
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

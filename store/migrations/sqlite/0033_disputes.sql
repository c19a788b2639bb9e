-- Reserved money: whether a payment only reserves it, until when it is reserved, and what was asked to become of
-- it: of a capture and a void that come together the row takes one. A dispute stands on its payment too, so that
-- the statement which begins a refund sees it.
ALTER TABLE payments ADD COLUMN manual INTEGER NOT NULL DEFAULT 0;
ALTER TABLE payments ADD COLUMN capture_before INTEGER;
ALTER TABLE payments ADD COLUMN intent TEXT NOT NULL DEFAULT '';
ALTER TABLE payments ADD COLUMN intent_amount INTEGER NOT NULL DEFAULT 0;
ALTER TABLE payments ADD COLUMN dispute TEXT NOT NULL DEFAULT '';
ALTER TABLE payments ADD COLUMN amount_disputed INTEGER NOT NULL DEFAULT 0;

-- What is reserved now, by when it must be captured: for the attention list.
CREATE INDEX payments_reserved ON payments (merchant_id, livemode, capture_before) WHERE status = 'authorised' AND capture_before IS NOT NULL;

-- A customer's objection to a payment, as the gateway tells it, and what the merchant answered. The answer is sealed.
CREATE TABLE disputes (
	merchant_id TEXT NOT NULL REFERENCES merchants (id),
	id TEXT NOT NULL,
	livemode INTEGER NOT NULL,
	link_id TEXT NOT NULL,
	payment_id TEXT NOT NULL,
	account_id TEXT NOT NULL,
	gateway TEXT NOT NULL,
	gateway_reference TEXT NOT NULL,
	amount INTEGER NOT NULL,
	currency TEXT NOT NULL,
	status TEXT NOT NULL,
	reason TEXT NOT NULL,
	code TEXT NOT NULL,
	withdrawn INTEGER NOT NULL,
	fee INTEGER NOT NULL,
	due_at INTEGER,
	told_at INTEGER NOT NULL, -- the gateway's time of its latest word
	answer TEXT NOT NULL, -- '', 'contest' or 'accept': what is being told to the gateway, or was
	evidence BLOB, -- sealed
	attachment_id TEXT NOT NULL,
	refusal TEXT NOT NULL, -- the gateway's code, when it did not take the latest answer
	answered_by TEXT NOT NULL,
	answered_at INTEGER,
	created_at INTEGER NOT NULL,
	updated_at INTEGER NOT NULL,
	closed_at INTEGER,
	turn INTEGER NOT NULL, -- how often its money began to move
	PRIMARY KEY (merchant_id, id)
) STRICT;
CREATE UNIQUE INDEX disputes_told ON disputes (merchant_id, account_id, gateway_reference);
CREATE INDEX disputes_listed ON disputes (merchant_id, livemode, id);
CREATE INDEX disputes_of_payment ON disputes (merchant_id, payment_id);
CREATE INDEX disputes_due ON disputes (merchant_id, livemode, due_at) WHERE status = 'needs_response';

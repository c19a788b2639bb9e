-- Reserved money: whether a payment only reserves it, until when it is reserved, and what was asked to become of
-- it: of a capture and a void that come together the row takes one. A dispute stands on its payment too, so that
-- the statement which begins a refund sees it.
ALTER TABLE payments ADD COLUMN manual BIGINT NOT NULL DEFAULT 0;
ALTER TABLE payments ADD COLUMN capture_before BIGINT;
ALTER TABLE payments ADD COLUMN intent TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE payments ADD COLUMN intent_amount BIGINT NOT NULL DEFAULT 0;
ALTER TABLE payments ADD COLUMN dispute TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE payments ADD COLUMN amount_disputed BIGINT NOT NULL DEFAULT 0;

-- What is reserved now, by when it must be captured: for the attention list.
CREATE INDEX payments_reserved ON payments (merchant_id, livemode, capture_before) WHERE status = 'authorised' AND capture_before IS NOT NULL;

-- A customer's objection to a payment, as the gateway tells it, and what the merchant answered. The answer is sealed.
CREATE TABLE disputes (
	merchant_id TEXT COLLATE "C" NOT NULL REFERENCES merchants (id),
	id TEXT COLLATE "C" NOT NULL,
	livemode BIGINT NOT NULL,
	link_id TEXT COLLATE "C" NOT NULL,
	payment_id TEXT COLLATE "C" NOT NULL,
	account_id TEXT COLLATE "C" NOT NULL,
	gateway TEXT COLLATE "C" NOT NULL,
	gateway_reference TEXT COLLATE "C" NOT NULL,
	amount BIGINT NOT NULL,
	currency TEXT COLLATE "C" NOT NULL,
	status TEXT COLLATE "C" NOT NULL,
	reason TEXT COLLATE "C" NOT NULL,
	code TEXT COLLATE "C" NOT NULL,
	withdrawn BIGINT NOT NULL,
	fee BIGINT NOT NULL,
	due_at BIGINT,
	told_at BIGINT NOT NULL, -- the gateway's time of its latest word
	answer TEXT COLLATE "C" NOT NULL, -- '', 'contest' or 'accept': what is being told to the gateway, or was
	evidence BYTEA, -- sealed
	attachment_id TEXT COLLATE "C" NOT NULL,
	refusal TEXT COLLATE "C" NOT NULL, -- the gateway's code, when it did not take the latest answer
	answered_by TEXT COLLATE "C" NOT NULL,
	answered_at BIGINT,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	closed_at BIGINT,
	turn BIGINT NOT NULL, -- how often its money began to move
	PRIMARY KEY (merchant_id, id)
);
CREATE UNIQUE INDEX disputes_told ON disputes (merchant_id, account_id, gateway_reference);
CREATE INDEX disputes_listed ON disputes (merchant_id, livemode, id);
CREATE INDEX disputes_of_payment ON disputes (merchant_id, payment_id);
CREATE INDEX disputes_due ON disputes (merchant_id, livemode, due_at) WHERE status = 'needs_response';

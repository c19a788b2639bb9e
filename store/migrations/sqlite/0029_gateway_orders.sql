-- How a gateway names the order of a payment, by which it is looked up: what it answered when the payment
-- was started. Empty: not told.
ALTER TABLE payments ADD COLUMN gateway_order TEXT NOT NULL DEFAULT '';

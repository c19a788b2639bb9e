-- What may be paid on a link beyond one fixed amount: part payments, an amount that the customer chooses,
-- line items, and what becomes of money that is more or less than was asked. Nothing of it is searched.
ALTER TABLE links ADD COLUMN terms TEXT;
-- The caps of a link of many uses, 0 for none, and what its payments under way come to. Payments that
-- began before this step are not in it; only links with a cap on their total go by it, which are younger.
ALTER TABLE links ADD COLUMN max_total INTEGER NOT NULL DEFAULT 0;
ALTER TABLE links ADD COLUMN max_per_customer INTEGER NOT NULL DEFAULT 0;
ALTER TABLE links ADD COLUMN amount_in_flight INTEGER NOT NULL DEFAULT 0;
-- The lines that a customer chose.
ALTER TABLE payments ADD COLUMN items TEXT;
-- When the customer accepted the terms that the link asks for.
ALTER TABLE payments ADD COLUMN terms_accepted_at INTEGER;
-- The part of what was captured that does not count towards the link, although the rest does.
ALTER TABLE payments ADD COLUMN amount_excess INTEGER NOT NULL DEFAULT 0;
-- One browser's payments on a link of many uses: for its page, and for a cap on each customer's.
CREATE INDEX payments_by_device ON payments (merchant_id, link_id, device, id);

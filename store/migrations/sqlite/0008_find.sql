-- Finding a link among millions. Every list walks an index that has its links in the order of the list,
-- newest first. What is partial costs a link nothing until it is in that state.
CREATE INDEX links_by_mode ON links (merchant_id, livemode, id);
DROP INDEX links_open;
CREATE INDEX links_open ON links (merchant_id, livemode, status, id)
	WHERE status IN ('pending', 'failed', 'partially_paid');
CREATE INDEX links_closed ON links (merchant_id, livemode, status, id)
	WHERE status IN ('paid', 'cancelled', 'expired');
CREATE INDEX links_archived ON links (merchant_id, livemode, id)
	WHERE archived_at IS NOT NULL;
CREATE INDEX links_by_customer ON links (merchant_id, livemode, customer_id, id)
	WHERE customer_id IS NOT NULL;
CREATE INDEX links_by_amount ON links (merchant_id, livemode, amount, id);
-- References that are free again. Those in use stand in links_by_reference.
CREATE INDEX links_by_past_reference ON links (merchant_id, livemode, reference)
	WHERE reference IS NOT NULL AND status IN ('expired', 'cancelled');
CREATE INDEX customers_by_phone ON customers (merchant_id, livemode, phone)
	WHERE phone <> '';
-- People write an address in any case.
CREATE INDEX customers_by_email ON customers (merchant_id, livemode, LOWER(email))
	WHERE email <> '';

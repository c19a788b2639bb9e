-- What time and the customer's word have brought to a link: how far it was told of its plan, and its latest
-- promise. Nothing of it is searched.
ALTER TABLE links ADD COLUMN course TEXT COLLATE "C";
-- Until when an open promise to pay holds, in the time of the link's world; none when none is open.
ALTER TABLE links ADD COLUMN promised_for BIGINT;
-- Which links somebody has promised to pay.
CREATE INDEX links_promised ON links (merchant_id, livemode, id)
	WHERE promised_for IS NOT NULL;

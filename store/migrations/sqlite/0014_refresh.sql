-- How often the link was given new time because its customer asked, or by itself.
ALTER TABLE links ADD COLUMN refreshes INTEGER NOT NULL DEFAULT 0;
-- Since when the customer waits for the merchant's answer, and when the merchant last said no.
ALTER TABLE links ADD COLUMN refresh_asked_at INTEGER;
ALTER TABLE links ADD COLUMN refresh_declined_at INTEGER;
-- The links that wait for an answer, for the merchant's list of what needs attention.
CREATE INDEX links_refresh_asked ON links (merchant_id, livemode, refresh_asked_at) WHERE refresh_asked_at IS NOT NULL;

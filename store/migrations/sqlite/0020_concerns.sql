-- Since when the link needs a person; none when it does not. It repeats what the row says, so that the
-- merchant's list of what needs attention finds it. Links that were made before get a time that is early
-- enough; whether there is a concern is judged when they are read.
ALTER TABLE links ADD COLUMN concerned_at INTEGER;
UPDATE links SET concerned_at = updated_at
	WHERE refresh_asked_at IS NOT NULL OR hold = 'tampered' OR course LIKE '%"state":"broken"%' OR course LIKE '%"missed":%';
CREATE INDEX links_concerned ON links (merchant_id, livemode, concerned_at) WHERE concerned_at IS NOT NULL;
-- What could not be delivered, for the same list.
CREATE INDEX messages_undelivered ON messages (merchant_id, livemode, updated_at) WHERE status IN ('failed', 'blocked');

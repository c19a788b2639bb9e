-- When money of the link is due next, in the time of its world; none when no day is named or nothing is to
-- come. It repeats what the terms and the money say, for lists that ask for it.
ALTER TABLE links ADD COLUMN next_due_at BIGINT;
-- Which links have such a day, by it and in the order of lists.
CREATE INDEX links_by_due ON links (merchant_id, livemode, next_due_at) WHERE next_due_at IS NOT NULL;
CREATE INDEX links_due ON links (merchant_id, livemode, id) WHERE next_due_at IS NOT NULL;
-- The links whose customer waits for an answer, in the order of lists.
CREATE INDEX links_asking ON links (merchant_id, livemode, id) WHERE refresh_asked_at IS NOT NULL;

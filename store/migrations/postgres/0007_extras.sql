-- What a payment has beside what its link asks for: a tip, shipping. Nothing of it is searched.
ALTER TABLE payments ADD COLUMN extras TEXT COLLATE "C";
-- The part of amount_paid that such extras are, and that settles nothing.
ALTER TABLE links ADD COLUMN amount_added BIGINT NOT NULL DEFAULT 0;

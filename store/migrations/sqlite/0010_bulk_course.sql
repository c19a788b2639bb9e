-- The good rows of a piece, sealed, apart from how far the piece is: that changes with every few rows, and
-- would write all of them again. They stay until the upload is forgotten. Pieces of before hold their own.
CREATE TABLE bulk_bodies (
	merchant_id TEXT NOT NULL,
	bulk_id TEXT NOT NULL,
	number INTEGER NOT NULL,
	body BLOB NOT NULL,
	PRIMARY KEY (merchant_id, bulk_id, number)
) STRICT;

-- Which links came of which rows: one line for each transaction that made
-- some of a piece, from which of its rows on, with a list of a row's number, a colon and what follows the
-- tag in the link's id.
CREATE TABLE bulk_made (
	merchant_id TEXT NOT NULL,
	bulk_id TEXT NOT NULL,
	number INTEGER NOT NULL,
	first INTEGER NOT NULL,
	links TEXT NOT NULL,
	PRIMARY KEY (merchant_id, bulk_id, number, first)
) STRICT;

-- How many of a piece's links send messages.
ALTER TABLE bulk_pieces ADD COLUMN told INTEGER NOT NULL DEFAULT 0;

-- When the making begins, how many messages the good rows ask for by channel, and how far the links and
-- their messages have come.
ALTER TABLE bulks ADD COLUMN schedule TEXT NOT NULL DEFAULT '{}';
ALTER TABLE bulks ADD COLUMN messages TEXT NOT NULL DEFAULT '{}';
ALTER TABLE bulks ADD COLUMN course TEXT NOT NULL DEFAULT '{}';

-- What is remembered of wrong proofs of links that open only for whom they are meant: one row for a link
-- as a whole, whose device is empty, and one for each device that tried. A link whose proof nobody got
-- wrong, and nobody asked a code for, has none.
CREATE TABLE proofs (
	merchant_id TEXT NOT NULL,
	link_id TEXT NOT NULL,
	device TEXT NOT NULL,
	wrong INTEGER NOT NULL,
	locks INTEGER NOT NULL,
	locked_until INTEGER,
	-- The message whose code the device may give. The code itself is derived and kept nowhere.
	code_message TEXT,
	code_at INTEGER,
	-- How many codes were asked for on the link since then.
	codes INTEGER NOT NULL,
	codes_since INTEGER,
	PRIMARY KEY (merchant_id, link_id, device)
) STRICT, WITHOUT ROWID;

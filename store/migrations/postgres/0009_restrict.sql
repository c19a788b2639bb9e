-- What is remembered of wrong proofs of links that open only for whom they are meant: one row for a link
-- as a whole, whose device is empty, and one for each device that tried. A link whose proof nobody got
-- wrong, and nobody asked a code for, has none.
CREATE TABLE proofs (
	merchant_id TEXT COLLATE "C" NOT NULL,
	link_id TEXT COLLATE "C" NOT NULL,
	device TEXT COLLATE "C" NOT NULL,
	wrong BIGINT NOT NULL,
	locks BIGINT NOT NULL,
	locked_until BIGINT,
	-- The message whose code the device may give. The code itself is derived and kept nowhere.
	code_message TEXT COLLATE "C",
	code_at BIGINT,
	-- How many codes were asked for on the link since then.
	codes BIGINT NOT NULL,
	codes_since BIGINT,
	PRIMARY KEY (merchant_id, link_id, device)
);

-- Which messages stand in the inbox of a customer, in the merchant's own app. An item has ids and times only:
-- its words are written when it is shown.
CREATE TABLE inbox_items (
	merchant_id TEXT COLLATE "C" NOT NULL REFERENCES merchants (id),
	id TEXT COLLATE "C" NOT NULL,
	livemode BIGINT NOT NULL,
	customer_id TEXT COLLATE "C" NOT NULL,
	link_id TEXT COLLATE "C" NOT NULL,
	message_id TEXT COLLATE "C" NOT NULL,
	created_at BIGINT NOT NULL,
	read_at BIGINT,
	PRIMARY KEY (merchant_id, id)
);
CREATE UNIQUE INDEX inbox_items_by_message ON inbox_items (merchant_id, message_id);
CREATE INDEX inbox_items_by_customer ON inbox_items (merchant_id, livemode, customer_id, id);

-- Browsers and apps that notifications are pushed to. owner is the person whose it is. address is a keyed digest
-- of what tells the device from others; sealed is where its push service reaches it.
CREATE TABLE devices (
	merchant_id TEXT COLLATE "C" NOT NULL REFERENCES merchants (id),
	id TEXT COLLATE "C" NOT NULL,
	livemode BIGINT NOT NULL,
	owner TEXT COLLATE "C" NOT NULL,
	kind TEXT COLLATE "C" NOT NULL,
	address BYTEA NOT NULL,
	sealed BYTEA NOT NULL,
	created_at BIGINT NOT NULL,
	seen_at BIGINT NOT NULL,
	PRIMARY KEY (merchant_id, id)
);
CREATE UNIQUE INDEX devices_by_address ON devices (merchant_id, livemode, address);
CREATE INDEX devices_by_owner ON devices (merchant_id, livemode, owner, id);

-- Tokens for a customer's inbox carry the generation in which they were made; raising it ends them all.
ALTER TABLE customers ADD COLUMN inbox_generation BIGINT NOT NULL DEFAULT 0;

-- Which device a call told of a message that had been sent; empty: the call carried the message itself.
ALTER TABLE attempts ADD COLUMN device_id TEXT COLLATE "C" NOT NULL DEFAULT '';

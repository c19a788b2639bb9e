-- One person behind many contacts. A link keeps the contact that it was made with, a row of customers of its
-- own; person names the row by which the same person was known before, and is empty in that first row, which
-- stands for the person. Links, consents and devices of a person are found by it.
ALTER TABLE customers ADD COLUMN person TEXT COLLATE "C" NOT NULL DEFAULT '';
-- What a merchant keeps of the person, in the first row only.
ALTER TABLE customers ADD COLUMN tax_id TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE customers ADD COLUMN notes TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE customers ADD COLUMN metadata TEXT COLLATE "C" NOT NULL DEFAULT '{}';
ALTER TABLE customers ADD COLUMN revision BIGINT NOT NULL DEFAULT 1;
-- 0: not since it was made.
ALTER TABLE customers ADD COLUMN updated_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE customers ADD COLUMN erased_at BIGINT;

-- Whoever was written to before is one person for each pair of number and mailbox.
UPDATE customers SET person = known.oldest
FROM (
	SELECT merchant_id AS m, id AS i, MIN(id) OVER (PARTITION BY merchant_id, livemode, phone, LOWER(email)) AS oldest
	FROM customers WHERE phone <> '' OR email <> ''
) AS known
WHERE known.m = customers.merchant_id AND known.i = customers.id AND known.oldest <> customers.id;

-- By number or mailbox, and with both the person: the empty person comes first.
DROP INDEX customers_by_phone;
CREATE INDEX customers_by_phone ON customers (merchant_id, livemode, phone, LOWER(email), person)
	WHERE phone <> '';
DROP INDEX customers_by_email;
CREATE INDEX customers_by_email ON customers (merchant_id, livemode, LOWER(email), phone, person)
	WHERE email <> '';
-- The contacts of a person, and with the empty person the people in the order of lists.
CREATE INDEX customers_by_person ON customers (merchant_id, livemode, person, id);

-- What a person allowed and took back, never changed: the latest line about a channel and a purpose holds.
-- customer_id is the person; when two people turn out to be one, their lines become that one's.
CREATE TABLE consents (
	merchant_id TEXT COLLATE "C" NOT NULL REFERENCES merchants (id),
	customer_id TEXT COLLATE "C" NOT NULL,
	id TEXT COLLATE "C" NOT NULL,
	livemode BIGINT NOT NULL,
	channel TEXT COLLATE "C" NOT NULL,
	purpose TEXT COLLATE "C" NOT NULL,
	state TEXT COLLATE "C" NOT NULL,
	source TEXT COLLATE "C" NOT NULL,
	actor TEXT COLLATE "C" NOT NULL,
	at BIGINT NOT NULL,
	PRIMARY KEY (merchant_id, customer_id, id)
);

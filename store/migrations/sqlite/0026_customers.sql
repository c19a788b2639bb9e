-- One person behind many contacts. A link keeps the contact that it was made with, a row of customers of its
-- own; person names the row by which the same person was known before, and is empty in that first row, which
-- stands for the person. Links, consents and devices of a person are found by it.
ALTER TABLE customers ADD COLUMN person TEXT NOT NULL DEFAULT '';
-- What a merchant keeps of the person, in the first row only.
ALTER TABLE customers ADD COLUMN tax_id TEXT NOT NULL DEFAULT '';
ALTER TABLE customers ADD COLUMN notes TEXT NOT NULL DEFAULT '';
ALTER TABLE customers ADD COLUMN metadata TEXT NOT NULL DEFAULT '{}';
ALTER TABLE customers ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;
-- 0: not since it was made.
ALTER TABLE customers ADD COLUMN updated_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE customers ADD COLUMN erased_at INTEGER;

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
	merchant_id TEXT NOT NULL REFERENCES merchants (id),
	customer_id TEXT NOT NULL,
	id TEXT NOT NULL,
	livemode INTEGER NOT NULL,
	channel TEXT NOT NULL,
	purpose TEXT NOT NULL,
	state TEXT NOT NULL,
	source TEXT NOT NULL,
	actor TEXT NOT NULL,
	at INTEGER NOT NULL,
	PRIMARY KEY (merchant_id, customer_id, id)
) STRICT, WITHOUT ROWID;

-- Uploaded files of links. What a file holds of customers stands sealed in bulk_parts, bulk_pieces and
-- bulk_rows, and goes at forget_at; what is left here are counts.
CREATE TABLE bulks (
	merchant_id TEXT NOT NULL REFERENCES merchants (id),
	id TEXT NOT NULL,
	livemode INTEGER NOT NULL,
	status TEXT NOT NULL,
	format TEXT NOT NULL,
	dry_run INTEGER NOT NULL,
	review INTEGER NOT NULL,
	per_second INTEGER NOT NULL,
	run INTEGER NOT NULL,
	size INTEGER NOT NULL,
	digest BLOB NOT NULL,
	head BLOB NOT NULL,
	total_rows INTEGER NOT NULL,
	good INTEGER NOT NULL,
	bad INTEGER NOT NULL,
	made INTEGER NOT NULL,
	failed INTEGER NOT NULL,
	skipped INTEGER NOT NULL,
	totals TEXT NOT NULL,
	problem TEXT NOT NULL,
	problem_row INTEGER NOT NULL,
	created_by TEXT NOT NULL,
	approved_by TEXT NOT NULL,
	created_at INTEGER NOT NULL,
	updated_at INTEGER NOT NULL,
	finished_at INTEGER,
	forget_at INTEGER,
	PRIMARY KEY (merchant_id, id)
) STRICT;
-- What is due to be deleted.
CREATE INDEX bulks_to_forget ON bulks (forget_at) WHERE forget_at IS NOT NULL;

-- Which file was made links of already, by its hash: the same file makes none twice.
CREATE TABLE bulk_files (
	merchant_id TEXT NOT NULL,
	livemode INTEGER NOT NULL,
	digest BLOB NOT NULL,
	bulk_id TEXT NOT NULL,
	PRIMARY KEY (merchant_id, livemode, digest)
) STRICT;

-- The file as it came, cut into parts of one size, sealed. Gone when it has been validated.
CREATE TABLE bulk_parts (
	merchant_id TEXT NOT NULL,
	bulk_id TEXT NOT NULL,
	number INTEGER NOT NULL,
	body BLOB NOT NULL,
	PRIMARY KEY (merchant_id, bulk_id, number)
) STRICT;

-- The good rows, some hundred in a piece, sealed. done tells how many of them have come to an end; it
-- moves in the transaction that makes their links, which is why none is made twice.
CREATE TABLE bulk_pieces (
	merchant_id TEXT NOT NULL,
	bulk_id TEXT NOT NULL,
	number INTEGER NOT NULL,
	size INTEGER NOT NULL,
	done INTEGER NOT NULL,
	made INTEGER NOT NULL,
	failed INTEGER NOT NULL,
	skipped INTEGER NOT NULL,
	closed INTEGER NOT NULL,
	body BLOB NOT NULL,
	PRIMARY KEY (merchant_id, bulk_id, number)
) STRICT;
CREATE INDEX bulk_pieces_open ON bulk_pieces (merchant_id, bulk_id, number) WHERE closed = 0;

-- The rows of which no link was made, and why; their cells as they came, sealed.
CREATE TABLE bulk_rows (
	merchant_id TEXT NOT NULL,
	bulk_id TEXT NOT NULL,
	number INTEGER NOT NULL,
	skipped INTEGER NOT NULL,
	faults TEXT NOT NULL,
	cells BLOB NOT NULL,
	PRIMARY KEY (merchant_id, bulk_id, number)
) STRICT;

-- What a merchant's columns meant the last time, by the hash of their names; sealed, since a file without
-- a heading has a customer in its first row.
CREATE TABLE bulk_mappings (
	merchant_id TEXT NOT NULL,
	heading BLOB NOT NULL,
	mapping BLOB NOT NULL,
	updated_at INTEGER NOT NULL,
	PRIMARY KEY (merchant_id, heading)
) STRICT;

-- Above how many good rows a second person starts a file; no row: nobody has to.
CREATE TABLE bulk_rules (
	merchant_id TEXT PRIMARY KEY,
	approve_above INTEGER NOT NULL,
	updated_by TEXT NOT NULL,
	updated_at INTEGER NOT NULL
) STRICT;

-- Uploaded files of links. What a file holds of customers stands sealed in bulk_parts, bulk_pieces and
-- bulk_rows, and goes at forget_at; what is left here are counts.
CREATE TABLE bulks (
	merchant_id TEXT COLLATE "C" NOT NULL REFERENCES merchants (id),
	id TEXT COLLATE "C" NOT NULL,
	livemode BIGINT NOT NULL,
	status TEXT COLLATE "C" NOT NULL,
	format TEXT COLLATE "C" NOT NULL,
	dry_run BIGINT NOT NULL,
	review BIGINT NOT NULL,
	per_second BIGINT NOT NULL,
	run BIGINT NOT NULL,
	size BIGINT NOT NULL,
	digest BYTEA NOT NULL,
	head BYTEA NOT NULL,
	total_rows BIGINT NOT NULL,
	good BIGINT NOT NULL,
	bad BIGINT NOT NULL,
	made BIGINT NOT NULL,
	failed BIGINT NOT NULL,
	skipped BIGINT NOT NULL,
	totals TEXT COLLATE "C" NOT NULL,
	problem TEXT COLLATE "C" NOT NULL,
	problem_row BIGINT NOT NULL,
	created_by TEXT COLLATE "C" NOT NULL,
	approved_by TEXT COLLATE "C" NOT NULL,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	finished_at BIGINT,
	forget_at BIGINT,
	PRIMARY KEY (merchant_id, id)
);
-- What is due to be deleted.
CREATE INDEX bulks_to_forget ON bulks (forget_at) WHERE forget_at IS NOT NULL;

-- Which file was made links of already, by its hash: the same file makes none twice.
CREATE TABLE bulk_files (
	merchant_id TEXT COLLATE "C" NOT NULL,
	livemode BIGINT NOT NULL,
	digest BYTEA NOT NULL,
	bulk_id TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (merchant_id, livemode, digest)
);

-- The file as it came, cut into parts of one size, sealed. Gone when it has been validated.
CREATE TABLE bulk_parts (
	merchant_id TEXT COLLATE "C" NOT NULL,
	bulk_id TEXT COLLATE "C" NOT NULL,
	number BIGINT NOT NULL,
	body BYTEA NOT NULL,
	PRIMARY KEY (merchant_id, bulk_id, number)
);

-- The good rows, some hundred in a piece, sealed. done tells how many of them have come to an end; it
-- moves in the transaction that makes their links, which is why none is made twice.
CREATE TABLE bulk_pieces (
	merchant_id TEXT COLLATE "C" NOT NULL,
	bulk_id TEXT COLLATE "C" NOT NULL,
	number BIGINT NOT NULL,
	size BIGINT NOT NULL,
	done BIGINT NOT NULL,
	made BIGINT NOT NULL,
	failed BIGINT NOT NULL,
	skipped BIGINT NOT NULL,
	closed BIGINT NOT NULL,
	body BYTEA NOT NULL,
	PRIMARY KEY (merchant_id, bulk_id, number)
);
CREATE INDEX bulk_pieces_open ON bulk_pieces (merchant_id, bulk_id, number) WHERE closed = 0;

-- The rows of which no link was made, and why; their cells as they came, sealed.
CREATE TABLE bulk_rows (
	merchant_id TEXT COLLATE "C" NOT NULL,
	bulk_id TEXT COLLATE "C" NOT NULL,
	number BIGINT NOT NULL,
	skipped BIGINT NOT NULL,
	faults TEXT COLLATE "C" NOT NULL,
	cells BYTEA NOT NULL,
	PRIMARY KEY (merchant_id, bulk_id, number)
);

-- What a merchant's columns meant the last time, by the hash of their names; sealed, since a file without
-- a heading has a customer in its first row.
CREATE TABLE bulk_mappings (
	merchant_id TEXT COLLATE "C" NOT NULL,
	heading BYTEA NOT NULL,
	mapping BYTEA NOT NULL,
	updated_at BIGINT NOT NULL,
	PRIMARY KEY (merchant_id, heading)
);

-- Above how many good rows a second person starts a file; no row: nobody has to.
CREATE TABLE bulk_rules (
	merchant_id TEXT COLLATE "C" PRIMARY KEY,
	approve_above BIGINT NOT NULL,
	updated_by TEXT COLLATE "C" NOT NULL,
	updated_at BIGINT NOT NULL
);

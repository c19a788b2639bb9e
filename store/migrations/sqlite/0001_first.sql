-- Times are microseconds since 1970 UTC, money is minor units, booleans are 0 and 1, JSON is text.
-- Tables that belong to a merchant lead their keys with merchant_id, so that they can be
-- partitioned by it.

CREATE TABLE merchants (
	id TEXT PRIMARY KEY,
	name TEXT NOT NULL,
	legal_name TEXT NOT NULL,
	country TEXT NOT NULL,
	currency TEXT NOT NULL,
	locale TEXT NOT NULL,
	time_zone TEXT NOT NULL,
	header TEXT NOT NULL,
	colour TEXT NOT NULL,
	website TEXT NOT NULL,
	support_phone TEXT NOT NULL,
	support_email TEXT NOT NULL,
	default_expiry INTEGER NOT NULL,
	clock_offset INTEGER NOT NULL,
	created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE accounts (
	merchant_id TEXT NOT NULL REFERENCES merchants (id),
	id TEXT NOT NULL,
	livemode INTEGER NOT NULL,
	kind TEXT NOT NULL,
	provider TEXT NOT NULL,
	channel TEXT NOT NULL,
	base_url TEXT NOT NULL,
	secret BLOB NOT NULL,
	created_at INTEGER NOT NULL,
	PRIMARY KEY (merchant_id, id)
) STRICT;
-- A notice names the account in its URL before the merchant is known.
CREATE UNIQUE INDEX accounts_by_id ON accounts (id);
CREATE UNIQUE INDEX accounts_by_use ON accounts (merchant_id, livemode, kind, provider, channel);

CREATE TABLE api_keys (
	merchant_id TEXT NOT NULL REFERENCES merchants (id),
	id TEXT NOT NULL,
	livemode INTEGER NOT NULL,
	name TEXT NOT NULL,
	prefix TEXT NOT NULL,
	hash BLOB NOT NULL,
	created_at INTEGER NOT NULL,
	last_used_at INTEGER,
	revoked_at INTEGER,
	PRIMARY KEY (merchant_id, id)
) STRICT;
CREATE UNIQUE INDEX api_keys_by_hash ON api_keys (hash);

CREATE TABLE staff (
	merchant_id TEXT NOT NULL REFERENCES merchants (id),
	id TEXT NOT NULL,
	email TEXT NOT NULL,
	password TEXT NOT NULL,
	created_at INTEGER NOT NULL,
	PRIMARY KEY (merchant_id, id)
) STRICT;
CREATE UNIQUE INDEX staff_by_email ON staff (email);

CREATE TABLE sessions (
	hash BLOB PRIMARY KEY,
	staff_id TEXT NOT NULL,
	merchant_id TEXT NOT NULL,
	created_at INTEGER NOT NULL,
	seen_at INTEGER NOT NULL,
	expires_at INTEGER NOT NULL
) STRICT;

-- One row for each identity under attack: how often signing in failed of late.
CREATE TABLE sign_in_failures (
	subject BLOB PRIMARY KEY,
	failures INTEGER NOT NULL,
	locked_until INTEGER NOT NULL,
	updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE customers (
	merchant_id TEXT NOT NULL REFERENCES merchants (id),
	id TEXT NOT NULL,
	livemode INTEGER NOT NULL,
	name TEXT NOT NULL,
	phone TEXT NOT NULL,
	email TEXT NOT NULL,
	locale TEXT NOT NULL,
	created_at INTEGER NOT NULL,
	PRIMARY KEY (merchant_id, id)
) STRICT;

CREATE TABLE links (
	merchant_id TEXT NOT NULL REFERENCES merchants (id),
	id TEXT NOT NULL,
	livemode INTEGER NOT NULL,
	status TEXT NOT NULL,
	revision INTEGER NOT NULL,
	amount INTEGER NOT NULL,
	currency TEXT NOT NULL,
	description TEXT NOT NULL,
	reference TEXT,
	customer_id TEXT,
	usage_mode TEXT NOT NULL,
	max_payments INTEGER NOT NULL,
	expires_at INTEGER,
	channels TEXT NOT NULL,
	methods TEXT NOT NULL,
	return_url TEXT NOT NULL,
	metadata TEXT NOT NULL,
	notes TEXT NOT NULL,
	on_late TEXT NOT NULL,
	on_duplicate TEXT NOT NULL,
	amount_paid INTEGER NOT NULL,
	payments_count INTEGER NOT NULL,
	in_flight INTEGER NOT NULL,
	attempts INTEGER NOT NULL,
	latest_declined INTEGER NOT NULL,
	cancelled_at INTEGER,
	sent_at INTEGER,
	opened_at INTEGER,
	paid_at INTEGER,
	archived_at INTEGER,
	hold TEXT NOT NULL,
	hold_since INTEGER,
	code_key INTEGER NOT NULL,
	code_slot INTEGER NOT NULL,
	token TEXT NOT NULL,
	created_at INTEGER NOT NULL,
	updated_at INTEGER NOT NULL,
	created_by TEXT NOT NULL,
	PRIMARY KEY (merchant_id, id)
) STRICT;
-- A reference is unique among the merchant's links that are neither cancelled nor expired.
CREATE UNIQUE INDEX links_by_reference ON links (merchant_id, livemode, reference)
	WHERE reference IS NOT NULL AND status IN ('pending', 'failed', 'partially_paid', 'paid');
-- Retiring a code key asks which slots any payable link still uses.
CREATE INDEX links_by_code_slot ON links (code_slot)
	WHERE status IN ('pending', 'failed', 'partially_paid');
-- What waits and what has lapsed is counted for the merchant's day. Both are partial: a link that ends
-- in another way leaves them.
CREATE INDEX links_open ON links (merchant_id, livemode, status)
	WHERE status IN ('pending', 'failed', 'partially_paid');
CREATE INDEX links_expired ON links (merchant_id, livemode, expires_at)
	WHERE status = 'expired';

-- The only way in from the outside: a table of its own, since a code comes without its merchant.
CREATE TABLE codes (
	key INTEGER PRIMARY KEY,
	slot INTEGER NOT NULL,
	merchant_id TEXT NOT NULL,
	link_id TEXT NOT NULL
) STRICT;

CREATE TABLE messages (
	merchant_id TEXT NOT NULL REFERENCES merchants (id),
	link_id TEXT NOT NULL,
	id TEXT NOT NULL,
	livemode INTEGER NOT NULL,
	channel TEXT NOT NULL,
	provider TEXT NOT NULL,
	account_id TEXT NOT NULL,
	address TEXT NOT NULL,
	status TEXT NOT NULL,
	provider_reference TEXT NOT NULL,
	error_code TEXT NOT NULL,
	created_at INTEGER NOT NULL,
	updated_at INTEGER NOT NULL,
	sent_at INTEGER,
	delivered_at INTEGER,
	read_at INTEGER,
	failed_at INTEGER,
	PRIMARY KEY (merchant_id, link_id, id)
) STRICT;
CREATE UNIQUE INDEX messages_by_id ON messages (merchant_id, id);

CREATE TABLE payments (
	merchant_id TEXT NOT NULL REFERENCES merchants (id),
	link_id TEXT NOT NULL,
	id TEXT NOT NULL,
	livemode INTEGER NOT NULL,
	status TEXT NOT NULL,
	amount INTEGER NOT NULL,
	currency TEXT NOT NULL,
	amount_captured INTEGER NOT NULL,
	amount_refunded INTEGER NOT NULL,
	amount_reversed INTEGER NOT NULL,
	fee INTEGER NOT NULL,
	tax INTEGER NOT NULL,
	method TEXT NOT NULL,
	method_details TEXT NOT NULL,
	gateway TEXT NOT NULL,
	account_id TEXT NOT NULL,
	reference TEXT NOT NULL,
	gateway_reference TEXT,
	bank_reference TEXT NOT NULL,
	decline TEXT NOT NULL,
	action TEXT NOT NULL,
	abnormal TEXT NOT NULL,
	disposition TEXT NOT NULL,
	device TEXT NOT NULL,
	created_at INTEGER NOT NULL,
	updated_at INTEGER NOT NULL,
	expires_at INTEGER,
	captured_at INTEGER,
	PRIMARY KEY (merchant_id, link_id, id)
) STRICT;
CREATE UNIQUE INDEX payments_by_id ON payments (merchant_id, id);
CREATE UNIQUE INDEX payments_by_reference ON payments (merchant_id, reference);
-- One payment at the gateway is one payment here, however often it is told.
CREATE UNIQUE INDEX payments_by_gateway_reference ON payments (merchant_id, account_id, gateway_reference)
	WHERE gateway_reference IS NOT NULL;
-- The takings of a day are summed by when they were captured.
CREATE INDEX payments_by_capture ON payments (merchant_id, livemode, captured_at)
	WHERE captured_at IS NOT NULL;

CREATE TABLE visits (
	merchant_id TEXT NOT NULL,
	link_id TEXT NOT NULL,
	device TEXT NOT NULL,
	kind TEXT NOT NULL,
	first_at INTEGER NOT NULL,
	last_at INTEGER NOT NULL,
	count INTEGER NOT NULL,
	PRIMARY KEY (merchant_id, link_id, device, kind)
) STRICT;

-- A one-time token is spent by inserting its nonce; a second spending finds it here.
CREATE TABLE nonces (
	nonce BLOB PRIMARY KEY,
	expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX nonces_by_expiry ON nonces (expires_at);

CREATE TABLE notices (
	merchant_id TEXT NOT NULL,
	id TEXT NOT NULL,
	livemode INTEGER NOT NULL,
	kind TEXT NOT NULL,
	provider TEXT NOT NULL,
	account_id TEXT NOT NULL,
	digest BLOB NOT NULL,
	body BLOB NOT NULL,
	verdict TEXT NOT NULL,
	reason TEXT NOT NULL,
	payment_id TEXT NOT NULL,
	message_id TEXT NOT NULL,
	received_at INTEGER NOT NULL,
	judged_at INTEGER,
	PRIMARY KEY (merchant_id, id)
) STRICT;
-- Notices hold personal data and are forgotten after ninety days.
CREATE INDEX notices_by_time ON notices (received_at);
-- Gateways' notices are few among carriers' receipts; their list begins at its cursor all the same.
CREATE INDEX notices_by_kind ON notices (merchant_id, livemode, kind, id);
-- The first genuine arrival of a notice is the one that is understood.
CREATE UNIQUE INDEX notices_by_digest ON notices (account_id, digest)
	WHERE verdict NOT IN ('replayed', 'refused');

CREATE TABLE events (
	merchant_id TEXT NOT NULL,
	id TEXT NOT NULL,
	livemode INTEGER NOT NULL,
	seq INTEGER,
	at INTEGER NOT NULL,
	type TEXT NOT NULL,
	link_id TEXT NOT NULL,
	payment_id TEXT NOT NULL,
	message_id TEXT NOT NULL,
	actor TEXT NOT NULL,
	data TEXT NOT NULL,
	PRIMARY KEY (merchant_id, id)
) STRICT;
CREATE INDEX events_unsealed ON events (at, id) WHERE seq IS NULL;
CREATE UNIQUE INDEX events_by_sequence ON events (merchant_id, livemode, seq) WHERE seq IS NOT NULL;
CREATE INDEX events_by_link ON events (merchant_id, link_id, at, id);

-- The head of each merchant's sequence, one for each mode.
CREATE TABLE chains (
	merchant_id TEXT NOT NULL,
	livemode INTEGER NOT NULL,
	seq INTEGER NOT NULL,
	PRIMARY KEY (merchant_id, livemode)
) STRICT;

-- One row, locked while a worker seals: no lease to run out, and a crash frees it.
CREATE TABLE sealer (
	shard INTEGER PRIMARY KEY
) STRICT;
INSERT INTO sealer (shard) VALUES (0);

CREATE TABLE jobs (
	id TEXT PRIMARY KEY,
	kind TEXT NOT NULL,
	key TEXT,
	merchant_id TEXT NOT NULL,
	livemode INTEGER NOT NULL,
	world INTEGER NOT NULL,
	world_offset INTEGER NOT NULL,
	payload TEXT NOT NULL,
	state TEXT NOT NULL,
	run_at INTEGER NOT NULL,
	attempts INTEGER NOT NULL,
	fence INTEGER NOT NULL,
	lease_until INTEGER,
	worker TEXT NOT NULL,
	last_error TEXT NOT NULL,
	created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX jobs_due ON jobs (run_at, id) WHERE state = 'waiting';
CREATE INDEX jobs_leased ON jobs (lease_until) WHERE state = 'running';
CREATE UNIQUE INDEX jobs_by_key ON jobs (kind, key) WHERE key IS NOT NULL;
-- The sandbox clock moves what waits in one merchant's test world.
CREATE INDEX jobs_by_world ON jobs (merchant_id, world_offset) WHERE world = 1 AND state = 'waiting';

-- Finished jobs leave the hot table.
CREATE TABLE jobs_done (
	id TEXT PRIMARY KEY,
	kind TEXT NOT NULL,
	merchant_id TEXT NOT NULL,
	payload TEXT NOT NULL,
	outcome TEXT NOT NULL,
	attempts INTEGER NOT NULL,
	last_error TEXT NOT NULL,
	created_at INTEGER NOT NULL,
	finished_at INTEGER NOT NULL
) STRICT;
CREATE INDEX jobs_done_by_time ON jobs_done (finished_at);

CREATE TABLE endpoints (
	merchant_id TEXT NOT NULL REFERENCES merchants (id),
	id TEXT NOT NULL,
	livemode INTEGER NOT NULL,
	url TEXT NOT NULL,
	events TEXT NOT NULL,
	description TEXT NOT NULL,
	status TEXT NOT NULL,
	secret BLOB NOT NULL,
	signing_key BLOB NOT NULL,
	public_key BLOB NOT NULL,
	api_version TEXT NOT NULL,
	failing_since INTEGER,
	created_at INTEGER NOT NULL,
	updated_at INTEGER NOT NULL,
	PRIMARY KEY (merchant_id, id)
) STRICT;

CREATE TABLE deliveries (
	merchant_id TEXT NOT NULL,
	id TEXT NOT NULL,
	livemode INTEGER NOT NULL,
	endpoint_id TEXT NOT NULL,
	event_id TEXT NOT NULL,
	event_type TEXT NOT NULL,
	seq INTEGER NOT NULL,
	status TEXT NOT NULL,
	attempts INTEGER NOT NULL,
	next_at INTEGER,
	last_status INTEGER NOT NULL,
	last_error TEXT NOT NULL,
	last_took INTEGER NOT NULL,
	created_at INTEGER NOT NULL,
	updated_at INTEGER NOT NULL,
	PRIMARY KEY (merchant_id, id)
) STRICT;
-- One event reaches one endpoint under exactly one id.
CREATE UNIQUE INDEX deliveries_by_event ON deliveries (merchant_id, endpoint_id, event_id);
CREATE INDEX deliveries_waiting ON deliveries (merchant_id, endpoint_id, seq) WHERE status = 'pending';

-- What a POST with an Idempotency-Key came to; the answer itself is rendered again.
CREATE TABLE idempotency (
	merchant_id TEXT NOT NULL,
	livemode INTEGER NOT NULL,
	route TEXT NOT NULL,
	key TEXT NOT NULL,
	request BLOB NOT NULL,
	status INTEGER NOT NULL,
	object_id TEXT NOT NULL,
	event_id TEXT NOT NULL,
	problem TEXT NOT NULL,
	created_at INTEGER NOT NULL,
	PRIMARY KEY (merchant_id, livemode, route, key)
) STRICT;
CREATE INDEX idempotency_by_age ON idempotency (created_at);

-- What each slot of the key ring held when it was first used with this database.
CREATE TABLE key_slots (
	slot INTEGER PRIMARY KEY,
	fingerprint TEXT NOT NULL
) STRICT;

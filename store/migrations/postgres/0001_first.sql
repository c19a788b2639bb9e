-- Times are microseconds since 1970 UTC, money is minor units, booleans are 0 and 1, JSON is text.
-- Tables that belong to a merchant lead their keys with merchant_id, so that they can be
-- partitioned by it.

CREATE TABLE merchants (
	id TEXT COLLATE "C" PRIMARY KEY,
	name TEXT COLLATE "C" NOT NULL,
	legal_name TEXT COLLATE "C" NOT NULL,
	country TEXT COLLATE "C" NOT NULL,
	currency TEXT COLLATE "C" NOT NULL,
	locale TEXT COLLATE "C" NOT NULL,
	time_zone TEXT COLLATE "C" NOT NULL,
	header TEXT COLLATE "C" NOT NULL,
	colour TEXT COLLATE "C" NOT NULL,
	website TEXT COLLATE "C" NOT NULL,
	support_phone TEXT COLLATE "C" NOT NULL,
	support_email TEXT COLLATE "C" NOT NULL,
	default_expiry BIGINT NOT NULL,
	clock_offset BIGINT NOT NULL,
	created_at BIGINT NOT NULL
);

CREATE TABLE accounts (
	merchant_id TEXT COLLATE "C" NOT NULL REFERENCES merchants (id),
	id TEXT COLLATE "C" NOT NULL,
	livemode BIGINT NOT NULL,
	kind TEXT COLLATE "C" NOT NULL,
	provider TEXT COLLATE "C" NOT NULL,
	channel TEXT COLLATE "C" NOT NULL,
	base_url TEXT COLLATE "C" NOT NULL,
	secret BYTEA NOT NULL,
	created_at BIGINT NOT NULL,
	PRIMARY KEY (merchant_id, id)
);
-- A notice names the account in its URL before the merchant is known.
CREATE UNIQUE INDEX accounts_by_id ON accounts (id);
CREATE UNIQUE INDEX accounts_by_use ON accounts (merchant_id, livemode, kind, provider, channel);

CREATE TABLE api_keys (
	merchant_id TEXT COLLATE "C" NOT NULL REFERENCES merchants (id),
	id TEXT COLLATE "C" NOT NULL,
	livemode BIGINT NOT NULL,
	name TEXT COLLATE "C" NOT NULL,
	prefix TEXT COLLATE "C" NOT NULL,
	hash BYTEA NOT NULL,
	created_at BIGINT NOT NULL,
	last_used_at BIGINT,
	revoked_at BIGINT,
	PRIMARY KEY (merchant_id, id)
);
CREATE UNIQUE INDEX api_keys_by_hash ON api_keys (hash);

CREATE TABLE staff (
	merchant_id TEXT COLLATE "C" NOT NULL REFERENCES merchants (id),
	id TEXT COLLATE "C" NOT NULL,
	email TEXT COLLATE "C" NOT NULL,
	password TEXT COLLATE "C" NOT NULL,
	created_at BIGINT NOT NULL,
	PRIMARY KEY (merchant_id, id)
);
CREATE UNIQUE INDEX staff_by_email ON staff (email);

CREATE TABLE sessions (
	hash BYTEA PRIMARY KEY,
	staff_id TEXT COLLATE "C" NOT NULL,
	merchant_id TEXT COLLATE "C" NOT NULL,
	created_at BIGINT NOT NULL,
	seen_at BIGINT NOT NULL,
	expires_at BIGINT NOT NULL
);

-- One row for each identity under attack: how often signing in failed of late.
CREATE TABLE sign_in_failures (
	subject BYTEA PRIMARY KEY,
	failures BIGINT NOT NULL,
	locked_until BIGINT NOT NULL,
	updated_at BIGINT NOT NULL
);

CREATE TABLE customers (
	merchant_id TEXT COLLATE "C" NOT NULL REFERENCES merchants (id),
	id TEXT COLLATE "C" NOT NULL,
	livemode BIGINT NOT NULL,
	name TEXT COLLATE "C" NOT NULL,
	phone TEXT COLLATE "C" NOT NULL,
	email TEXT COLLATE "C" NOT NULL,
	locale TEXT COLLATE "C" NOT NULL,
	created_at BIGINT NOT NULL,
	PRIMARY KEY (merchant_id, id)
);

CREATE TABLE links (
	merchant_id TEXT COLLATE "C" NOT NULL REFERENCES merchants (id),
	id TEXT COLLATE "C" NOT NULL,
	livemode BIGINT NOT NULL,
	status TEXT COLLATE "C" NOT NULL,
	revision BIGINT NOT NULL,
	amount BIGINT NOT NULL,
	currency TEXT COLLATE "C" NOT NULL,
	description TEXT COLLATE "C" NOT NULL,
	reference TEXT COLLATE "C",
	customer_id TEXT COLLATE "C",
	usage_mode TEXT COLLATE "C" NOT NULL,
	max_payments BIGINT NOT NULL,
	expires_at BIGINT,
	channels TEXT COLLATE "C" NOT NULL,
	methods TEXT COLLATE "C" NOT NULL,
	return_url TEXT COLLATE "C" NOT NULL,
	metadata TEXT COLLATE "C" NOT NULL,
	notes TEXT COLLATE "C" NOT NULL,
	on_late TEXT COLLATE "C" NOT NULL,
	on_duplicate TEXT COLLATE "C" NOT NULL,
	amount_paid BIGINT NOT NULL,
	payments_count BIGINT NOT NULL,
	in_flight BIGINT NOT NULL,
	attempts BIGINT NOT NULL,
	latest_declined BIGINT NOT NULL,
	cancelled_at BIGINT,
	sent_at BIGINT,
	opened_at BIGINT,
	paid_at BIGINT,
	archived_at BIGINT,
	hold TEXT COLLATE "C" NOT NULL,
	hold_since BIGINT,
	code_key BIGINT NOT NULL,
	code_slot BIGINT NOT NULL,
	token TEXT COLLATE "C" NOT NULL,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	created_by TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (merchant_id, id)
);
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
	key BIGINT PRIMARY KEY,
	slot BIGINT NOT NULL,
	merchant_id TEXT COLLATE "C" NOT NULL,
	link_id TEXT COLLATE "C" NOT NULL
);

CREATE TABLE messages (
	merchant_id TEXT COLLATE "C" NOT NULL REFERENCES merchants (id),
	link_id TEXT COLLATE "C" NOT NULL,
	id TEXT COLLATE "C" NOT NULL,
	livemode BIGINT NOT NULL,
	channel TEXT COLLATE "C" NOT NULL,
	provider TEXT COLLATE "C" NOT NULL,
	account_id TEXT COLLATE "C" NOT NULL,
	address TEXT COLLATE "C" NOT NULL,
	status TEXT COLLATE "C" NOT NULL,
	provider_reference TEXT COLLATE "C" NOT NULL,
	error_code TEXT COLLATE "C" NOT NULL,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	sent_at BIGINT,
	delivered_at BIGINT,
	read_at BIGINT,
	failed_at BIGINT,
	PRIMARY KEY (merchant_id, link_id, id)
);
CREATE UNIQUE INDEX messages_by_id ON messages (merchant_id, id);

CREATE TABLE payments (
	merchant_id TEXT COLLATE "C" NOT NULL REFERENCES merchants (id),
	link_id TEXT COLLATE "C" NOT NULL,
	id TEXT COLLATE "C" NOT NULL,
	livemode BIGINT NOT NULL,
	status TEXT COLLATE "C" NOT NULL,
	amount BIGINT NOT NULL,
	currency TEXT COLLATE "C" NOT NULL,
	amount_captured BIGINT NOT NULL,
	amount_refunded BIGINT NOT NULL,
	amount_reversed BIGINT NOT NULL,
	fee BIGINT NOT NULL,
	tax BIGINT NOT NULL,
	method TEXT COLLATE "C" NOT NULL,
	method_details TEXT COLLATE "C" NOT NULL,
	gateway TEXT COLLATE "C" NOT NULL,
	account_id TEXT COLLATE "C" NOT NULL,
	reference TEXT COLLATE "C" NOT NULL,
	gateway_reference TEXT COLLATE "C",
	bank_reference TEXT COLLATE "C" NOT NULL,
	decline TEXT COLLATE "C" NOT NULL,
	action TEXT COLLATE "C" NOT NULL,
	abnormal TEXT COLLATE "C" NOT NULL,
	disposition TEXT COLLATE "C" NOT NULL,
	device TEXT COLLATE "C" NOT NULL,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	expires_at BIGINT,
	captured_at BIGINT,
	PRIMARY KEY (merchant_id, link_id, id)
);
CREATE UNIQUE INDEX payments_by_id ON payments (merchant_id, id);
CREATE UNIQUE INDEX payments_by_reference ON payments (merchant_id, reference);
-- One payment at the gateway is one payment here, however often it is told.
CREATE UNIQUE INDEX payments_by_gateway_reference ON payments (merchant_id, account_id, gateway_reference)
	WHERE gateway_reference IS NOT NULL;
-- The takings of a day are summed by when they were captured.
CREATE INDEX payments_by_capture ON payments (merchant_id, livemode, captured_at)
	WHERE captured_at IS NOT NULL;

CREATE TABLE visits (
	merchant_id TEXT COLLATE "C" NOT NULL,
	link_id TEXT COLLATE "C" NOT NULL,
	device TEXT COLLATE "C" NOT NULL,
	kind TEXT COLLATE "C" NOT NULL,
	first_at BIGINT NOT NULL,
	last_at BIGINT NOT NULL,
	count BIGINT NOT NULL,
	PRIMARY KEY (merchant_id, link_id, device, kind)
);

-- A one-time token is spent by inserting its nonce; a second spending finds it here.
CREATE TABLE nonces (
	nonce BYTEA PRIMARY KEY,
	expires_at BIGINT NOT NULL
);
CREATE INDEX nonces_by_expiry ON nonces (expires_at);

CREATE TABLE notices (
	merchant_id TEXT COLLATE "C" NOT NULL,
	id TEXT COLLATE "C" NOT NULL,
	livemode BIGINT NOT NULL,
	kind TEXT COLLATE "C" NOT NULL,
	provider TEXT COLLATE "C" NOT NULL,
	account_id TEXT COLLATE "C" NOT NULL,
	digest BYTEA NOT NULL,
	body BYTEA NOT NULL,
	verdict TEXT COLLATE "C" NOT NULL,
	reason TEXT COLLATE "C" NOT NULL,
	payment_id TEXT COLLATE "C" NOT NULL,
	message_id TEXT COLLATE "C" NOT NULL,
	received_at BIGINT NOT NULL,
	judged_at BIGINT,
	PRIMARY KEY (merchant_id, id)
);
-- Notices hold personal data and are forgotten after ninety days.
CREATE INDEX notices_by_time ON notices (received_at);
-- Gateways' notices are few among carriers' receipts; their list begins at its cursor all the same.
CREATE INDEX notices_by_kind ON notices (merchant_id, livemode, kind, id);
-- The first genuine arrival of a notice is the one that is understood.
CREATE UNIQUE INDEX notices_by_digest ON notices (account_id, digest)
	WHERE verdict NOT IN ('replayed', 'refused');

CREATE TABLE events (
	merchant_id TEXT COLLATE "C" NOT NULL,
	id TEXT COLLATE "C" NOT NULL,
	livemode BIGINT NOT NULL,
	seq BIGINT,
	at BIGINT NOT NULL,
	type TEXT COLLATE "C" NOT NULL,
	link_id TEXT COLLATE "C" NOT NULL,
	payment_id TEXT COLLATE "C" NOT NULL,
	message_id TEXT COLLATE "C" NOT NULL,
	actor TEXT COLLATE "C" NOT NULL,
	data TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (merchant_id, id)
);
CREATE INDEX events_unsealed ON events (at, id) WHERE seq IS NULL;
CREATE UNIQUE INDEX events_by_sequence ON events (merchant_id, livemode, seq) WHERE seq IS NOT NULL;
CREATE INDEX events_by_link ON events (merchant_id, link_id, at, id);

-- The head of each merchant's sequence, one for each mode.
CREATE TABLE chains (
	merchant_id TEXT COLLATE "C" NOT NULL,
	livemode BIGINT NOT NULL,
	seq BIGINT NOT NULL,
	PRIMARY KEY (merchant_id, livemode)
);

-- One row, locked while a worker seals: no lease to run out, and a crash frees it.
CREATE TABLE sealer (
	shard BIGINT PRIMARY KEY
);
INSERT INTO sealer (shard) VALUES (0);

CREATE TABLE jobs (
	id TEXT COLLATE "C" PRIMARY KEY,
	kind TEXT COLLATE "C" NOT NULL,
	key TEXT COLLATE "C",
	merchant_id TEXT COLLATE "C" NOT NULL,
	livemode BIGINT NOT NULL,
	world BIGINT NOT NULL,
	world_offset BIGINT NOT NULL,
	payload TEXT COLLATE "C" NOT NULL,
	state TEXT COLLATE "C" NOT NULL,
	run_at BIGINT NOT NULL,
	attempts BIGINT NOT NULL,
	fence BIGINT NOT NULL,
	lease_until BIGINT,
	worker TEXT COLLATE "C" NOT NULL,
	last_error TEXT COLLATE "C" NOT NULL,
	created_at BIGINT NOT NULL
);
CREATE INDEX jobs_due ON jobs (run_at, id) WHERE state = 'waiting';
CREATE INDEX jobs_leased ON jobs (lease_until) WHERE state = 'running';
CREATE UNIQUE INDEX jobs_by_key ON jobs (kind, key) WHERE key IS NOT NULL;
-- The sandbox clock moves what waits in one merchant's test world.
CREATE INDEX jobs_by_world ON jobs (merchant_id, world_offset) WHERE world = 1 AND state = 'waiting';

-- Finished jobs leave the hot table.
CREATE TABLE jobs_done (
	id TEXT COLLATE "C" PRIMARY KEY,
	kind TEXT COLLATE "C" NOT NULL,
	merchant_id TEXT COLLATE "C" NOT NULL,
	payload TEXT COLLATE "C" NOT NULL,
	outcome TEXT COLLATE "C" NOT NULL,
	attempts BIGINT NOT NULL,
	last_error TEXT COLLATE "C" NOT NULL,
	created_at BIGINT NOT NULL,
	finished_at BIGINT NOT NULL
);
CREATE INDEX jobs_done_by_time ON jobs_done (finished_at);

CREATE TABLE endpoints (
	merchant_id TEXT COLLATE "C" NOT NULL REFERENCES merchants (id),
	id TEXT COLLATE "C" NOT NULL,
	livemode BIGINT NOT NULL,
	url TEXT COLLATE "C" NOT NULL,
	events TEXT COLLATE "C" NOT NULL,
	description TEXT COLLATE "C" NOT NULL,
	status TEXT COLLATE "C" NOT NULL,
	secret BYTEA NOT NULL,
	signing_key BYTEA NOT NULL,
	public_key BYTEA NOT NULL,
	api_version TEXT COLLATE "C" NOT NULL,
	failing_since BIGINT,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	PRIMARY KEY (merchant_id, id)
);

CREATE TABLE deliveries (
	merchant_id TEXT COLLATE "C" NOT NULL,
	id TEXT COLLATE "C" NOT NULL,
	livemode BIGINT NOT NULL,
	endpoint_id TEXT COLLATE "C" NOT NULL,
	event_id TEXT COLLATE "C" NOT NULL,
	event_type TEXT COLLATE "C" NOT NULL,
	seq BIGINT NOT NULL,
	status TEXT COLLATE "C" NOT NULL,
	attempts BIGINT NOT NULL,
	next_at BIGINT,
	last_status BIGINT NOT NULL,
	last_error TEXT COLLATE "C" NOT NULL,
	last_took BIGINT NOT NULL,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	PRIMARY KEY (merchant_id, id)
);
-- One event reaches one endpoint under exactly one id.
CREATE UNIQUE INDEX deliveries_by_event ON deliveries (merchant_id, endpoint_id, event_id);
CREATE INDEX deliveries_waiting ON deliveries (merchant_id, endpoint_id, seq) WHERE status = 'pending';

-- What a POST with an Idempotency-Key came to; the answer itself is rendered again.
CREATE TABLE idempotency (
	merchant_id TEXT COLLATE "C" NOT NULL,
	livemode BIGINT NOT NULL,
	route TEXT COLLATE "C" NOT NULL,
	key TEXT COLLATE "C" NOT NULL,
	request BYTEA NOT NULL,
	status BIGINT NOT NULL,
	object_id TEXT COLLATE "C" NOT NULL,
	event_id TEXT COLLATE "C" NOT NULL,
	problem TEXT COLLATE "C" NOT NULL,
	created_at BIGINT NOT NULL,
	PRIMARY KEY (merchant_id, livemode, route, key)
);
CREATE INDEX idempotency_by_age ON idempotency (created_at);

-- What each slot of the key ring held when it was first used with this database.
CREATE TABLE key_slots (
	slot BIGINT PRIMARY KEY,
	fingerprint TEXT COLLATE "C" NOT NULL
);

-- The hash chain: an event's hash covers what it says and the hash before it. hashed_seq tells how far
-- a chain is hashed; what an older build sealed, or seals beside us, is hashed after it.
ALTER TABLE events ADD COLUMN hash BYTEA;
ALTER TABLE chains ADD COLUMN hash BYTEA;
ALTER TABLE chains ADD COLUMN hashed_seq BIGINT NOT NULL DEFAULT 0;

-- Signed heads of the chains, as they stood; the same lines are kept outside the database too.
CREATE TABLE checkpoints (
	at BIGINT PRIMARY KEY,
	slot BIGINT NOT NULL,
	heads TEXT COLLATE "C" NOT NULL,
	signature BYTEA NOT NULL
);

-- A job's turn is its place among the due ones of its kind: its due time, or later for bulk work and for
-- a merchant who queues much at once. An older build leaves 0.
ALTER TABLE jobs ADD COLUMN priority BIGINT NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN turn BIGINT NOT NULL DEFAULT 0;
UPDATE jobs SET turn = run_at;
DROP INDEX jobs_due;
CREATE INDEX jobs_by_turn ON jobs (kind, turn, id) WHERE state = 'waiting';
-- Those whose turn was put off. They are due, although their turn may still be to come.
CREATE INDEX jobs_put_off ON jobs (kind, turn, id) WHERE state = 'waiting' AND turn > run_at;
-- Those of an older build that runs beside this one: they wait for later and have no turn for it.
CREATE INDEX jobs_turnless ON jobs (run_at) WHERE state = 'waiting' AND turn < run_at;
-- Those that have failed and will be tried again, for their merchant to see.
CREATE INDEX jobs_tried ON jobs (merchant_id, livemode, run_at) WHERE state = 'waiting' AND attempts > 0;

-- Jobs that nobody tries any more until a person says so.
CREATE TABLE jobs_parked (
	merchant_id TEXT COLLATE "C" NOT NULL,
	id TEXT COLLATE "C" NOT NULL,
	livemode BIGINT NOT NULL,
	kind TEXT COLLATE "C" NOT NULL,
	key TEXT COLLATE "C",
	world BIGINT NOT NULL,
	priority BIGINT NOT NULL,
	payload TEXT COLLATE "C" NOT NULL,
	attempts BIGINT NOT NULL,
	reason TEXT COLLATE "C" NOT NULL,
	last_error TEXT COLLATE "C" NOT NULL,
	created_at BIGINT NOT NULL,
	parked_at BIGINT NOT NULL,
	PRIMARY KEY (merchant_id, id)
);
CREATE INDEX jobs_parked_by_mode ON jobs_parked (merchant_id, livemode, parked_at);

-- The history: which jobs took more than one try, and how they ended.
ALTER TABLE jobs_done ADD COLUMN livemode BIGINT NOT NULL DEFAULT 0;
CREATE INDEX jobs_done_by_merchant ON jobs_done (merchant_id, livemode, finished_at);

-- The hot table's rows live for seconds: it is cleaned often and early, and an updated row finds room on
-- its own page.
ALTER TABLE jobs SET (
	fillfactor = 70,
	autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0,
	autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 5000);

-- When something was last done that leaves no other trace here, such as a backup. (On SQLite a backup is
-- noted in a file beside the database, because only the server writes to that.)
CREATE TABLE markers (
	name TEXT COLLATE "C" PRIMARY KEY,
	at BIGINT NOT NULL
);

-- Under which trace a link was made, so that whatever happens to it later is seen beside it.
ALTER TABLE links ADD COLUMN trace TEXT COLLATE "C";
-- How many payments nobody knows the end of is asked every few seconds, and hopefully there are none.
CREATE INDEX payments_unknown ON payments (merchant_id, id) WHERE status = 'unknown';

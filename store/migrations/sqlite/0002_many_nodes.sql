-- The hash chain: an event's hash covers what it says and the hash before it. hashed_seq tells how far
-- a chain is hashed; what an older build sealed, or seals beside us, is hashed after it.
ALTER TABLE events ADD COLUMN hash BLOB;
ALTER TABLE chains ADD COLUMN hash BLOB;
ALTER TABLE chains ADD COLUMN hashed_seq INTEGER NOT NULL DEFAULT 0;

-- Signed heads of the chains, as they stood; the same lines are kept outside the database too.
CREATE TABLE checkpoints (
	at INTEGER PRIMARY KEY,
	slot INTEGER NOT NULL,
	heads TEXT NOT NULL,
	signature BLOB NOT NULL
) STRICT;

-- A job's turn is its place among the due ones of its kind: its due time, or later for bulk work and for
-- a merchant who queues much at once. An older build leaves 0.
ALTER TABLE jobs ADD COLUMN priority INTEGER NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN turn INTEGER NOT NULL DEFAULT 0;
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
	merchant_id TEXT NOT NULL,
	id TEXT NOT NULL,
	livemode INTEGER NOT NULL,
	kind TEXT NOT NULL,
	key TEXT,
	world INTEGER NOT NULL,
	priority INTEGER NOT NULL,
	payload TEXT NOT NULL,
	attempts INTEGER NOT NULL,
	reason TEXT NOT NULL,
	last_error TEXT NOT NULL,
	created_at INTEGER NOT NULL,
	parked_at INTEGER NOT NULL,
	PRIMARY KEY (merchant_id, id)
) STRICT;
CREATE INDEX jobs_parked_by_mode ON jobs_parked (merchant_id, livemode, parked_at);

-- The history: which jobs took more than one try, and how they ended.
ALTER TABLE jobs_done ADD COLUMN livemode INTEGER NOT NULL DEFAULT 0;
CREATE INDEX jobs_done_by_merchant ON jobs_done (merchant_id, livemode, finished_at);

-- When something was last done that leaves no other trace here, such as a backup. (On SQLite a backup is
-- noted in a file beside the database, because only the server writes to that.)
CREATE TABLE markers (
	name TEXT PRIMARY KEY,
	at INTEGER NOT NULL
) STRICT;

-- Under which trace a link was made, so that whatever happens to it later is seen beside it.
ALTER TABLE links ADD COLUMN trace TEXT;
-- How many payments nobody knows the end of is asked every few seconds, and hopefully there are none.
CREATE INDEX payments_unknown ON payments (merchant_id, id) WHERE status = 'unknown';

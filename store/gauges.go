package store

import (
	"context"
	"time"

	"paylink"
)

// CountedMost is how far the gauges count. Whoever has more of a thing knows enough, and a look every
// few seconds must not walk through a backlog.
const CountedMost = 10_000

// JobsByState counts jobs of the kinds by where they are: "waiting" is due, "scheduled" is for later,
// "running" is leased to a worker, "parked" is left to a person. What there is none of is left out.
func (r Reader) JobsByState(kinds []string, now time.Time) (map[string]map[string]int64, error) {
	all := map[string]map[string]int64{}
	add := func(kind, state string, n int64) {
		if n == 0 {
			return
		}
		if all[kind] == nil {
			all[kind] = map[string]int64{}
		}
		all[kind][state] += n
	}
	for _, kind := range kinds {
		// By turn, because the index is. A job whose turn was put off is due although its turn is still to come.
		for _, q := range []struct{ state, text string }{
			{"waiting", `SELECT COUNT(*) FROM (SELECT 1 FROM jobs WHERE kind = $1 AND state = 'waiting' AND turn <= $2 AND run_at <= $2 LIMIT $3) AS counted`},
			{"waiting", `SELECT COUNT(*) FROM (SELECT 1 FROM jobs WHERE kind = $1 AND state = 'waiting' AND turn > run_at AND turn > $2 AND run_at <= $2 LIMIT $3) AS counted`},
			{"scheduled", `SELECT COUNT(*) FROM (SELECT 1 FROM jobs WHERE kind = $1 AND state = 'waiting' AND turn > $2 AND run_at > $2 LIMIT $3) AS counted`},
		} {
			n, err := r.count(q.text, kind, micros(now), int64(CountedMost))
			if err != nil {
				return nil, err
			}
			add(kind, q.state, n)
		}
	}
	for _, q := range []struct{ state, text string }{
		{"running", `SELECT kind FROM jobs WHERE state = 'running' AND lease_until > 0 LIMIT $1`},
		{"parked", `SELECT kind FROM jobs_parked LIMIT $1`},
	} {
		err := r.rows(q.text, []any{int64(CountedMost)}, func(scan func(...any) error) error {
			var kind string
			err := scan(&kind)
			add(kind, q.state, 1)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

// FirstInLine tells since when the job of a kind that comes next has been due; ok is false when none
// waits.
func (r Reader) FirstInLine(kind string) (since time.Time, ok bool, err error) {
	const q = `SELECT run_at FROM jobs WHERE kind = $1 AND state = 'waiting' ORDER BY turn, id LIMIT 1`
	return r.moment(q, kind)
}

// UnsealedEvents counts the events that wait for their place, and tells when the oldest happened; the
// zero time when none waits.
func (r Reader) UnsealedEvents() (n int64, oldest time.Time, err error) {
	const count = `SELECT COUNT(*) FROM (SELECT 1 FROM events WHERE seq IS NULL ORDER BY at, id LIMIT $1) AS counted`
	if n, err = r.count(count, int64(CountedMost)); err != nil {
		return 0, oldest, err
	}
	oldest, _, err = r.moment(`SELECT at FROM events WHERE seq IS NULL ORDER BY at, id LIMIT 1`)
	return n, oldest, err
}

// UnknownPayments counts the payments of which nobody knows the end.
func (r Reader) UnknownPayments() (int64, error) {
	return r.count(`SELECT COUNT(*) FROM (SELECT 1 FROM payments WHERE status = 'unknown' LIMIT $1) AS counted`, int64(CountedMost))
}

// ParkedEndpoints counts the webhook endpoints that are not called any more until they answer again.
func (r Reader) ParkedEndpoints() (int64, error) {
	return r.count(`SELECT COUNT(*) FROM (SELECT 1 FROM endpoints WHERE status = $1 LIMIT $2) AS counted`,
		string(paylink.EndpointParked), int64(CountedMost))
}

func (r Reader) moment(q string, args ...any) (at time.Time, ok bool, err error) {
	var us int64
	err = r.row(q, args, &us)
	if err == errNoRow {
		return time.Time{}, false, nil
	}
	return fromMicros(us), err == nil, err
}

// sizes are the databases' words for how large they are.
var sizes = map[string]string{
	"sqlite":   `SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()`,
	"postgres": `SELECT pg_database_size(current_database())`,
}

// Size is how many bytes the database takes, on SQLite without its log.
func (s *Store) Size(ctx context.Context) (int64, error) {
	return s.Read(ctx).count(sizes[s.Kind()])
}

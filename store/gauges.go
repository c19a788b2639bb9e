package store

import (
	"context"
	"time"

	"paylink"
)

// CountedMost is how far the gauges count. Whoever has more of a thing knows enough, and a look every
// few seconds must not walk through a backlog.
const CountedMost = 10_000

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

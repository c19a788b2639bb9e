package store

import (
	"context"
	"errors"
	"time"
)

// Server is what a PostgreSQL server says of itself, for the operator's doctor.
type Server struct {
	Settings    map[string]string // by name, as pg_settings has them
	Standby     bool              // it takes no writes
	MayWrite    bool              // our account may add links
	Connections int64             // open now, of everybody
	Clock       time.Time
}

// AskServer asks a PostgreSQL server how it is set up. The clock of the database is the subject here,
// and nowhere else.
func (r Reader) AskServer() (Server, error) {
	s := Server{Settings: map[string]string{}}
	const settings = `
		SELECT name, setting FROM pg_settings
		WHERE name IN ('autovacuum', 'fsync', 'full_page_writes', 'max_connections', 'server_version', 'server_version_num',
			'superuser_reserved_connections', 'synchronous_commit', 'synchronous_standby_names')`
	err := r.rows(settings, nil, func(scan func(...any) error) error {
		var name, value string
		err := scan(&name, &value)
		s.Settings[name] = value
		return err
	})
	if err != nil {
		return s, err
	}
	const state = `
		SELECT CASE WHEN pg_is_in_recovery() THEN 1 ELSE 0 END,
			CASE WHEN has_table_privilege('links', 'INSERT') THEN 1 ELSE 0 END,
			(SELECT COUNT(*) FROM pg_stat_activity),
			CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)`
	var standby, mayWrite, clock int64
	err = r.row(state, nil, &standby, &mayWrite, &s.Connections, &clock)
	s.Standby, s.MayWrite, s.Clock = standby == 1, mayWrite == 1, fromMicros(clock)
	return s, err
}

// CheckFile lets SQLite look through its file for damage until ctx is done. It gives the first damage
// found, or nothing, and whether it came to the end.
func (r Reader) CheckFile() (damage string, whole bool, err error) {
	err = r.row(`PRAGMA quick_check(1)`, nil, &damage)
	if r.ctx.Err() != nil || errors.Is(err, context.DeadlineExceeded) {
		return "", false, nil
	}
	if damage == "ok" {
		damage = ""
	}
	return damage, err == nil, err
}

// KeySlots gives the fingerprint that each slot of the key ring had when it was first used with this
// database.
func (r Reader) KeySlots() (map[int]string, error) {
	slots := map[int]string{}
	err := r.rows(`SELECT slot, fingerprint FROM key_slots`, nil, func(scan func(...any) error) error {
		var slot int64
		var print string
		err := scan(&slot, &print)
		slots[int(slot)] = print
		return err
	})
	return slots, err
}

// LiveAccounts tells whether some merchant is connected to a real gateway or carrier.
func (r Reader) LiveAccounts() (bool, error) {
	n, err := r.count(`SELECT COUNT(*) FROM (SELECT 1 FROM accounts WHERE livemode = 1 LIMIT 1) AS counted`)
	return n > 0, err
}

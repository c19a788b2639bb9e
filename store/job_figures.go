package store

import (
	"fmt"
	"strings"
	"time"

	"paylink"
)

// JobFigure is how the jobs of one kind stand, for the operator's metrics. Waiting, PutOff, Later and
// Parked are counted up to a bound: a figure at the bound means that there are at least so many.
type JobFigure struct {
	Kind    string
	Waiting int64     // due, and their turn has come
	PutOff  int64     // due, and their turn was put off
	Later   int64     // not due yet
	Running int64     // on any node
	Parked  int64     // until a person says so
	Oldest  time.Time // the due time of the first whose turn has come; zero: none has
}

// JobFigures counts the jobs of all merchants by kind and state. Each count looks at no more than most
// entries of an index, so asking costs the same whatever waits.
func (r Reader) JobFigures(kinds []string, now time.Time, most int) ([]JobFigure, error) {
	figures, at := make([]JobFigure, len(kinds)), map[string]*JobFigure{}
	args, into := []any{micros(now), int64(most)}, []any{}
	var columns []string
	oldest := make([]*int64, len(kinds))
	for i, kind := range kinds {
		figures[i].Kind = kind
		at[kind] = &figures[i]
		args = append(args, kind)
		for _, where := range []string{`turn <= $1`, `turn > run_at AND turn > $1`, `turn > $1`} {
			columns = append(columns, fmt.Sprintf(
				`(SELECT COUNT(*) FROM (SELECT id FROM jobs WHERE state = 'waiting' AND kind = $%d AND %s LIMIT $2) AS counted)`, i+3, where))
		}
		columns = append(columns, fmt.Sprintf(
			`(SELECT run_at FROM jobs WHERE state = 'waiting' AND kind = $%d AND turn <= $1 ORDER BY turn, id LIMIT 1)`, i+3))
		into = append(into, &figures[i].Waiting, &figures[i].PutOff, &figures[i].Later, &oldest[i])
	}
	if len(kinds) == 0 {
		return nil, nil
	}
	if err := r.row(`SELECT `+strings.Join(columns, `, `), args, into...); err != nil {
		return nil, err
	}
	for i := range figures {
		figures[i].Later = max(0, figures[i].Later-figures[i].PutOff)
		figures[i].Oldest = fromNullMicros(oldest[i])
	}
	return figures, r.countElsewhere(at, most)
}

// countElsewhere adds the running and the parked jobs of the known kinds: few rows in both places.
func (r Reader) countElsewhere(at map[string]*JobFigure, most int) error {
	count := func(q string, add func(*JobFigure)) error {
		return r.rows(q, []any{int64(most)}, func(scan func(...any) error) error {
			var kind string
			err := scan(&kind)
			if f := at[kind]; f != nil {
				add(f)
			}
			return err
		})
	}
	err := count(`SELECT kind FROM jobs WHERE state = 'running' AND lease_until > 0 LIMIT $1`, func(f *JobFigure) { f.Running++ })
	if err != nil {
		return err
	}
	return count(`SELECT kind FROM jobs_parked LIMIT $1`, func(f *JobFigure) { f.Parked++ })
}

// JobStand is how the jobs of one kind stand for one merchant and mode.
type JobStand struct {
	Kind    string
	Waiting int64 // due, and their turn has come
	PutOff  int64 // due, and their turn was put off behind others'
	Running int64
	Again   int64 // failed, and will be tried again
	Parked  int64
	More    bool // so much waits, of all merchants, that not everything was counted
}

// How much of what waits is looked at for a page of one merchant.
const (
	standLook = 2_000
	standMost = 500
)

// JobStands counts a merchant's jobs of one mode by kind and state. There is no index of a merchant's
// waiting jobs, which every job would pay for: the first two thousand of each kind are looked at, which
// is all of them unless the kind is far behind.
func (r Reader) JobStands(merchant paylink.MerchantID, live bool, kinds []string, now time.Time) ([]JobStand, error) {
	stands, at := make([]JobStand, len(kinds)), map[string]*JobStand{}
	args := []any{string(merchant), bit(live), micros(now), int64(standLook)}
	var looks []string
	for i, kind := range kinds {
		stands[i].Kind = kind
		at[kind] = &stands[i]
		args = append(args, kind)
		for state, where := range []string{`turn <= $3`, `turn > run_at AND turn > $3`} {
			looks = append(looks, fmt.Sprintf(`
				SELECT %d AS kind, %d AS state, COUNT(*),
					CAST(COALESCE(SUM(CASE WHEN merchant_id = $1 AND livemode = $2 THEN 1 ELSE 0 END), 0) AS BIGINT)
				FROM (SELECT merchant_id, livemode FROM jobs WHERE state = 'waiting' AND kind = $%d AND %s LIMIT $4) AS looked`,
				i, state, i+5, where))
		}
	}
	if len(kinds) == 0 {
		return nil, nil
	}
	err := r.rows(strings.Join(looks, ` UNION ALL `), args, func(scan func(...any) error) error {
		var kind, state, looked, mine int64
		if err := scan(&kind, &state, &looked, &mine); err != nil {
			return err
		}
		s := &stands[kind]
		s.More = s.More || looked == standLook
		if state == 0 {
			s.Waiting = mine
		} else {
			s.PutOff = mine
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return stands, r.standElsewhere(merchant, live, now, at)
}

func (r Reader) standElsewhere(merchant paylink.MerchantID, live bool, now time.Time, at map[string]*JobStand) error {
	args := []any{string(merchant), bit(live), int64(standMost)}
	for _, look := range []struct {
		q    string
		args []any
		add  func(*JobStand)
	}{
		{`SELECT kind FROM jobs WHERE state = 'running' AND lease_until > 0 AND merchant_id = $1 AND livemode = $2 LIMIT $3`, args, func(s *JobStand) { s.Running++ }},
		{`SELECT kind FROM jobs WHERE state = 'waiting' AND attempts > 0 AND merchant_id = $1 AND livemode = $2 AND run_at > $4 LIMIT $3`, append(args, micros(now)), func(s *JobStand) { s.Again++ }},
		{`SELECT kind FROM jobs_parked WHERE merchant_id = $1 AND livemode = $2 LIMIT $3`, args, func(s *JobStand) { s.Parked++ }},
	} {
		err := r.rows(look.q, look.args, func(scan func(...any) error) error {
			var kind string
			err := scan(&kind)
			if s := at[kind]; s != nil {
				look.add(s)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// RetriedJob is a job that failed and will be tried again.
type RetriedJob struct {
	ID        paylink.JobID
	Kind      string
	Attempts  int64
	LastError string
	RunAt     time.Time
}

// RetriedJobs lists a merchant's jobs that will be tried again, the next first.
func (r Reader) RetriedJobs(merchant paylink.MerchantID, live bool, now time.Time, limit int) (list []RetriedJob, err error) {
	const q = `
		SELECT id, kind, attempts, last_error, run_at FROM jobs
		WHERE merchant_id = $1 AND livemode = $2 AND state = 'waiting' AND attempts > 0 AND run_at > $3
		ORDER BY run_at LIMIT $4`
	err = r.rows(q, []any{string(merchant), bit(live), micros(now), int64(limit)}, func(scan func(...any) error) error {
		var j RetriedJob
		var runAt int64
		err := scan((*string)(&j.ID), &j.Kind, &j.Attempts, &j.LastError, &runAt)
		j.RunAt = fromMicros(runAt)
		list = append(list, j)
		return err
	})
	return list, err
}

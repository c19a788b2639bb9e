package node

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"paylink"
	"paylink/store"
)

// The ages past which work is judged to have stopped.
const (
	dueWarn      = time.Minute
	dueFail      = 10 * time.Minute
	unsealedWarn = 10 * time.Second
	unsealedFail = 5 * time.Minute
	backupWarn   = 26 * time.Hour   // a daily one, and some
	markOld      = 10 * time.Minute // a checkpoint is written each minute in which something happens
)

// work is what waits in the database.
type work struct {
	parked, unsealed, unknown, endpoints int64
	due, oldestUnsealed                  time.Duration
	dueKind                              string
	backup                               time.Duration // since the last one; negative: never
	err                                  error
}

func lookAtWork(ctx context.Context, db *store.Store, now time.Time) (w work) {
	read := db.Read(ctx)
	note := func(err error) {
		if w.err == nil {
			w.err = err
		}
	}
	figures, err := read.JobFigures(paylink.JobKinds, now, store.CountedMost)
	note(err)
	for _, f := range figures {
		w.parked += f.Parked
		if !f.Oldest.IsZero() && now.Sub(f.Oldest) > w.due {
			w.due, w.dueKind = now.Sub(f.Oldest), f.Kind
		}
	}
	var oldest, backup time.Time
	w.unsealed, oldest, err = read.UnsealedEvents()
	note(err)
	if !oldest.IsZero() {
		w.oldestUnsealed = now.Sub(oldest)
	}
	w.unknown, err = read.UnknownPayments()
	note(err)
	w.endpoints, err = read.ParkedEndpoints()
	note(err)
	backup, err = db.LastBackup(ctx)
	note(err)
	if w.backup = -1; !backup.IsZero() {
		w.backup = max(0, now.Sub(backup))
	}
	return w
}

// judgeWork says what has stopped. In an installation that is stopped, waiting is no news.
func judgeWork(w work, runs bool) []Finding {
	if w.err != nil {
		return []Finding{bad(LevelFail, "work", "The database does not say what waits: "+w.err.Error(), "Look into the database's log.")}
	}
	all := []Finding{
		few("work.parked", w.parked, "jobs are parked: nobody tries them any more.", "Look at them in the dashboard under Jobs, mend the reason, and retry them."),
		few("work.endpoints", w.endpoints, "webhook endpoints do not answer and are parked.", "Tell their merchants; they are called again as soon as they answer."),
		few("work.unknown", w.unknown, "payments have an end that nobody knows; their gateways are being asked.", "If the number stays, look at the gateway's own dashboard."),
	}
	all = append(all, wait{
		about: "work.due", age: w.due, warn: dueWarn, fail: dueFail, well: "No job has been due for long.",
		found: fmt.Sprintf("A job of kind %s has been due for %s.", w.dueKind, w.due.Round(time.Second)),
		do:    "See that a node with the role worker runs, and look into its log for job.run and queue.claim.",
	}.judge(runs))
	all = append(all, wait{
		about: "work.unsealed", age: w.oldestUnsealed, warn: unsealedWarn, fail: unsealedFail, well: "Events are sealed as they come.",
		found: fmt.Sprintf("%d events wait for their place, the oldest for %s.", w.unsealed, w.oldestUnsealed.Round(time.Second)),
		do:    "See that a node with the role worker runs, and look into its log for events.seal; until then no webhook leaves.",
	}.judge(runs))
	return append(all, judgeBackup(w.backup))
}

// wait is something that should be done soon, with how long it has not been.
type wait struct {
	about, found, do, well string
	age, warn, fail        time.Duration
}

// judge says how bad the wait is. Nobody is meant to do the work of an installation that is stopped.
func (w wait) judge(runs bool) Finding {
	switch {
	case w.age >= w.fail && runs:
		return bad(LevelFail, w.about, w.found, w.do)
	case w.age >= w.warn:
		return bad(LevelWarn, w.about, w.found, w.do)
	}
	return ok(w.about, w.well)
}

func few(about string, n int64, what, do string) Finding {
	switch {
	case n >= store.CountedMost:
		return bad(LevelWarn, about, fmt.Sprintf("%d or more %s", n, what), do)
	case n > 0:
		return bad(LevelWarn, about, fmt.Sprintf("%d %s", n, what), do)
	}
	return ok(about, "None.")
}

func judgeBackup(age time.Duration) Finding {
	const about, do = "backup", "Run paylink backup every day, keep the file on another machine, and try restore now and then: docs/backup.md."
	switch {
	case age < 0:
		return bad(LevelWarn, about, "paylink backup never ran on this database.", do)
	case age >= backupWarn:
		return bad(LevelWarn, about, fmt.Sprintf("The last backup is %d hours old.", int(age.Hours())), do)
	}
	return okf(about, "The last one is %d hours old.", int(age.Hours()))
}

// judgeCheckpoints looks at the file of signed heads, which proves what the events were even to whoever
// could have rewritten the database.
func (p Patient) judgeCheckpoints(now time.Time) []Finding {
	const about = "checkpoints"
	if p.Checkpoints == "" {
		return nil
	}
	var all []Finding
	if file, isFile := strings.CutPrefix(p.DatabaseURL, "sqlite://"); isFile && filepath.Dir(file) == filepath.Dir(p.Checkpoints) {
		all = append(all, bad(LevelWarn, about+".folder", "The checkpoints lie beside the database: whoever can change the one can change the other.", "Copy the file to another machine now and then: docs/audit.md."))
	}
	info, err := os.Stat(p.Checkpoints)
	switch {
	case os.IsNotExist(err):
		return append(all, bad(LevelWarn, about, "There is no file "+p.Checkpoints+" yet.", "It is written within a minute after the first event; see that PAYLINK_CHECKPOINT_FILE names a folder that can be written."))
	case err != nil:
		return append(all, bad(LevelFail, about, err.Error(), "Let the account that runs paylink write it."))
	}
	if age := now.Sub(info.ModTime()); age > markOld {
		return append(all, okf(about, "The last one is %d minutes old; none is written while nothing happens.", int(age.Minutes())))
	}
	return append(all, ok(about, "They are being written."))
}

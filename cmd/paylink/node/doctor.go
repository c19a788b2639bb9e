package node

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"syscall"
	"time"

	"paylink/store"
)

// Level is how bad a finding is.
type Level string

// The levels of a finding.
const (
	LevelOK   Level = "ok"
	LevelWarn Level = "warn" // it works, and may not for long
	LevelFail Level = "fail" // it does not work, or may lose something
)

// Finding is one thing that the doctor looked at.
type Finding struct {
	Level Level  `json:"level"`
	About string `json:"about"`        // a stable word for programs: "database.fsync"
	Found string `json:"found"`        // a sentence
	Do    string `json:"do,omitempty"` // what to do about it; empty when all is well
}

func ok(about, found string) Finding { return Finding{LevelOK, about, found, ""} }

func okf(about, found string, args ...any) Finding { return ok(about, fmt.Sprintf(found, args...)) }

func bad(level Level, about, found, do string) Finding { return Finding{level, about, found, do} }

// Patient is the installation that is looked at: its settings, as a server would get them.
type Patient struct {
	Settings
	Listen, AdminListen string
}

// Doctor looks at an installation from outside, whether it runs or not, and changes nothing.
func Doctor(ctx context.Context, p Patient, now func() time.Time) []Finding {
	running, process := p.running(ctx)
	all := append(p.judgeAddresses(), running)
	all = append(all, p.judgeLimits(), p.judgeSandbox(ctx))
	file, isFile := strings.CutPrefix(p.DatabaseURL, "sqlite://")
	if isFile {
		all = append(all, judgeFiles(lookAtFiles(file))...)
	}
	db, err := store.OpenReader(ctx, p.DatabaseURL, store.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		do := "Start it, and see that PAYLINK_DATABASE_URL names it and that this account may use it."
		if isFile {
			do = "See that PAYLINK_DATABASE_URL names the file; a new installation makes it at the first start. What the sentence asks for comes first."
		}
		return append(all, bad(LevelFail, "database", err.Error(), do), p.judgeKeyFile())
	}
	defer func() { _ = db.Close() }() // it was only looked at
	all = append(all, ok("database", "It is reachable and has the tables of this version."))
	read := db.Read(ctx)
	if isFile {
		all = append(all, checkFile(ctx, db))
	} else {
		all = append(all, p.askServer(read, now)...)
	}
	all = append(all, p.judgeKeys(read)...)
	all = append(all, p.judgeLive(read))
	all = append(all, judgeWork(lookAtWork(ctx, db, now()), process)...)
	return append(all, p.judgeCheckpoints(now())...)
}

// running asks whoever answers at the admin address how he is.
func (p Patient) running(ctx context.Context) (f Finding, runs bool) {
	const about = "process"
	ctx, stop := context.WithTimeout(ctx, 5*time.Second)
	defer stop()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+p.AdminListen+"/readyz", nil)
	if err != nil {
		return bad(LevelFail, about, "The admin address cannot be called.", "Set PAYLINK_ADMIN_LISTEN to host:port."), false
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		if holder := p.holder(); holder != 0 {
			return bad(LevelWarn, about, fmt.Sprintf("Process %d holds the database, but nobody answers at %s.", holder, p.AdminListen),
				"Give the doctor the same PAYLINK_ADMIN_LISTEN as the server, or look into its log."), true
		}
		return ok(about, "Nobody serves at "+p.AdminListen+"; what is looked at is a stopped installation."), false
	}
	defer func() { _ = answer.Body.Close() }()
	text, _ := io.ReadAll(io.LimitReader(answer.Body, 300)) // what is missing of a sentence is seen
	said := strings.TrimSpace(string(text))
	if answer.StatusCode != http.StatusOK {
		return bad(LevelFail, about, "It runs and says that it is not ready: "+said, "Wait if it is starting or stopping; otherwise the sentence names what to mend."), true
	}
	return ok(about, "It runs and says: "+said), true
}

// holder is the process that the lock file of a SQLite database names, if it lives.
func (p Patient) holder() int {
	file, isFile := strings.CutPrefix(p.DatabaseURL, "sqlite://")
	if !isFile {
		return 0
	}
	text, err := os.ReadFile(file + ".lock")
	var pid int
	if err != nil {
		return 0
	}
	if _, err := fmt.Sscan(string(text), &pid); err != nil || pid <= 0 || syscall.Kill(pid, 0) == syscall.ESRCH {
		return 0
	}
	return pid
}

package node

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"paylink/keyring"
	"paylink/store"
	"paylink/web/respond"
)

// expect holds that a finding about a thing has a level, says something, and says what to do when all is
// not well.
func expect(t *testing.T, findings []Finding, about string, level Level) {
	t.Helper()
	for _, f := range findings {
		if f.About != about {
			continue
		}
		if f.Level != level || f.Found == "" || (f.Do == "") != (level == LevelOK) {
			t.Errorf("about %s: %+v, want %s", about, f, level)
		}
		return
	}
	t.Errorf("nothing about %s among %+v", about, findings)
}

// A setting that lets a crash take what was acknowledged, or a server on which a second node will not
// fit, goes unnoticed until the day on which it matters.
func TestDoctorJudgesAPostgresServer(t *testing.T) {
	sound := func() store.Server {
		return store.Server{MayWrite: true, Connections: 10, Settings: map[string]string{
			"autovacuum": "on", "fsync": "on", "full_page_writes": "on", "synchronous_commit": "on", "max_connections": "200",
			"superuser_reserved_connections": "3", "server_version": "15.4", "server_version_num": "150004",
		}}
	}
	for _, c := range []struct {
		name   string
		change func(*store.Server)
		skew   time.Duration
		about  string
		level  Level
	}{
		{"sound", func(*store.Server) {}, 0, "database.fsync", LevelOK},
		{"sound connections", func(*store.Server) {}, 0, "database.connections", LevelOK},
		{"sound clock", func(*store.Server) {}, time.Second, "clock", LevelOK},
		{"no fsync", func(s *store.Server) { s.Settings["fsync"] = "off" }, 0, "database.fsync", LevelFail},
		{"torn pages", func(s *store.Server) { s.Settings["full_page_writes"] = "off" }, 0, "database.full_page_writes", LevelFail},
		{"hasty commits", func(s *store.Server) { s.Settings["synchronous_commit"] = "off" }, 0, "database.synchronous_commit", LevelFail},
		{"no vacuum", func(s *store.Server) { s.Settings["autovacuum"] = "off" }, 0, "database.autovacuum", LevelFail},
		{"standby not waited for", func(s *store.Server) {
			s.Settings["synchronous_commit"], s.Settings["synchronous_standby_names"] = "local", "b"
		}, 0, "database.standby", LevelWarn},
		{"standby", func(s *store.Server) { s.Standby = true }, 0, "database.primary", LevelFail},
		{"no rights", func(s *store.Server) { s.MayWrite = false }, 0, "database.rights", LevelFail},
		{"old", func(s *store.Server) { s.Settings["server_version_num"] = "140011" }, 0, "database.version", LevelWarn},
		{"no room for one node", func(s *store.Server) { s.Settings["max_connections"] = "30" }, 0, "database.connections", LevelFail},
		{"no room for a second node", func(s *store.Server) { s.Settings["max_connections"] = "60" }, 0, "database.connections", LevelWarn},
		{"nearly full", func(s *store.Server) { s.Connections = 190 }, 0, "database.connections", LevelWarn},
		{"clock off", func(*store.Server) {}, 3 * time.Second, "clock", LevelWarn},
		{"clock off by more than half a lease", func(*store.Server) {}, 8 * time.Second, "clock", LevelFail},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := sound()
			c.change(&s)
			expect(t, judgeServer(s, c.skew), c.about, c.level)
		})
	}
}

// A database that others can read, on a disk that is nearly full or not a local one, works until it does
// not.
func TestDoctorJudgesTheFilesOfSQLite(t *testing.T) {
	sound := func() files {
		return files{path: "/d/p.db", free: 100 << 30, size: 1 << 30, writable: true,
			modes: map[string]fs.FileMode{"d": fs.ModeDir | 0o700, "p.db": 0o600, "p.db-wal": 0o600}}
	}
	for _, c := range []struct {
		name   string
		change func(*files)
		about  string
		level  Level
	}{
		{"sound modes", func(*files) {}, "files.modes", LevelOK},
		{"sound place", func(*files) {}, "files.place", LevelOK},
		{"sound disk", func(*files) {}, "disk", LevelOK},
		{"sound log", func(*files) {}, "log", LevelOK},
		{"open file", func(f *files) { f.modes["p.db-wal"] = 0o644 }, "files.modes", LevelFail},
		{"open folder", func(f *files) { f.modes["d"] = fs.ModeDir | 0o777 }, "files.modes", LevelFail},
		{"folder that can be listed", func(f *files) { f.modes["d"] = fs.ModeDir | 0o755 }, "files.modes", LevelOK},
		{"on NFS", func(f *files) { f.kind = 0x6969 }, "files.place", LevelFail},
		{"not ours", func(f *files) { f.writable = false }, "files.writable", LevelFail},
		{"little room", func(f *files) { f.free = 1 << 30 }, "disk", LevelWarn},
		{"less than a snapshot", func(f *files) { f.size = 60 << 30 }, "disk", LevelWarn},
		{"no room", func(f *files) { f.free = 1 << 20 }, "disk", LevelFail},
		{"a log that grows", func(f *files) { f.log = 1 << 30 }, "log", LevelWarn},
		{"no folder", func(f *files) { f.err = errors.New("gone") }, "files", LevelFail},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := sound()
			c.change(&f)
			expect(t, judgeFiles(f), c.about, c.level)
		})
	}
	expect(t, []Finding{judgeDamage("", true, nil)}, "integrity", LevelOK)
	expect(t, []Finding{judgeDamage("", false, nil)}, "integrity", LevelOK)
	expect(t, []Finding{judgeDamage("wrong # of entries in index", true, nil)}, "integrity", LevelFail)
	expect(t, []Finding{judgeDamage("", false, errors.New("malformed"))}, "integrity", LevelFail)
}

// Work that has stopped is silent: nobody complains before a merchant does.
func TestDoctorJudgesWhatWaits(t *testing.T) {
	for _, c := range []struct {
		name  string
		work  work
		about string
		level Level
	}{
		{"parked jobs", work{parked: 3}, "work.parked", LevelWarn},
		{"more than are counted", work{parked: store.CountedMost}, "work.parked", LevelWarn},
		{"no parked jobs", work{}, "work.parked", LevelOK},
		{"parked endpoints", work{endpoints: 1}, "work.endpoints", LevelWarn},
		{"unknown payments", work{unknown: 1}, "work.unknown", LevelWarn},
		{"a late job", work{due: 2 * time.Minute, dueKind: "dispatch.send"}, "work.due", LevelWarn},
		{"a job that nobody does", work{due: time.Hour, dueKind: "dispatch.send"}, "work.due", LevelFail},
		{"nothing late", work{due: time.Second}, "work.due", LevelOK},
		{"late sealing", work{unsealed: 5, oldestUnsealed: time.Minute}, "work.unsealed", LevelWarn},
		{"no sealing", work{unsealed: 5, oldestUnsealed: time.Hour}, "work.unsealed", LevelFail},
		{"sealed", work{}, "work.unsealed", LevelOK},
		{"no backup", work{backup: -1}, "backup", LevelWarn},
		{"old backup", work{backup: 48 * time.Hour}, "backup", LevelWarn},
		{"fresh backup", work{backup: time.Hour}, "backup", LevelOK},
		{"no answer", work{err: errors.New("away")}, "work", LevelFail},
	} {
		t.Run(c.name, func(t *testing.T) { expect(t, judgeWork(c.work, true), c.about, c.level) })
	}
	expect(t, judgeWork(work{due: time.Hour}, false), "work.due", LevelWarn) // nobody is meant to do it
}

// An admin address that is open to the world, or a proxy that is taken for every client, is found by a
// stranger first.
func TestDoctorJudgesTheSettings(t *testing.T) {
	proxies := respond.Proxies{netip.MustParsePrefix("10.0.0.0/8")}
	for _, c := range []struct {
		name  string
		p     Patient
		about string
		level Level
	}{
		{"inside", Patient{AdminListen: "127.0.0.1:8081"}, "settings.admin_listen", LevelOK},
		{"private", Patient{AdminListen: "10.0.0.7:8081"}, "settings.admin_listen", LevelOK},
		{"everywhere", Patient{AdminListen: ":8081"}, "settings.admin_listen", LevelWarn},
		{"outside", Patient{AdminListen: "203.0.113.7:8081"}, "settings.admin_listen", LevelFail},
		{"no address", Patient{AdminListen: "8081"}, "settings.admin_listen", LevelFail},
		{"behind a proxy", Patient{Listen: "127.0.0.1:8080", Settings: Settings{PublicURL: "https://pay.example"}}, "settings.trusted_proxies", LevelWarn},
		{"a known proxy", Patient{Listen: "127.0.0.1:8080", Settings: Settings{PublicURL: "https://pay.example", Proxies: proxies}}, "settings.trusted_proxies", LevelOK},
		{"no proxy", Patient{Listen: ":443", Settings: Settings{PublicURL: "https://pay.example"}}, "settings.trusted_proxies", LevelOK},
	} {
		t.Run(c.name, func(t *testing.T) { expect(t, c.p.judgeAddresses(), c.about, c.level) })
	}
	for url, levels := range map[string][2]Level{ // in test use, in live use
		"https://pay.example": {LevelOK, LevelOK}, "http://pay.example": {LevelWarn, LevelFail}, "http://127.0.0.1:8080": {LevelOK, LevelFail},
		"": {LevelOK, LevelFail}, "pay.example": {LevelFail, LevelFail},
	} {
		p := Patient{Settings: Settings{PublicURL: url}}
		expect(t, []Finding{p.judgePublicURL(false)}, "settings.public_url", levels[0])
		expect(t, []Finding{p.judgePublicURL(true)}, "settings.public_url", levels[1])
	}
	for most, level := range map[uint64]Level{512: LevelFail, 4096: LevelWarn, 65536: LevelOK} {
		expect(t, []Finding{judgeFilesLimit(most)}, "limits.files", level)
	}
	expect(t, []Finding{Patient{Settings: Settings{SandboxURL: "http://127.0.0.1:1/sandbox"}}.judgeSandbox(t.Context())}, "sandbox", LevelFail)
}

// A key ring that others can read, that is gone, or that is another installation's, costs every link.
func TestDoctorJudgesTheKeys(t *testing.T) {
	now := time.Date(2026, 11, 22, 14, 0, 0, 0, time.UTC)
	dir := t.TempDir()
	p := Patient{Settings: Settings{KeyFile: filepath.Join(dir, "keys"), DatabaseURL: "sqlite://" + filepath.Join(dir, "p.db")}}
	expect(t, []Finding{p.judgeKeyFile()}, "keys.file", LevelWarn)
	if _, err := os.Stat(p.KeyFile); !os.IsNotExist(err) {
		t.Fatal("the doctor made a key ring")
	}
	ring, err := keyring.Open(p.KeyFile, now)
	if err != nil {
		t.Fatal(err)
	}
	expect(t, []Finding{p.judgeKeyFile()}, "keys.file", LevelOK)
	expect(t, []Finding{p.judgeKeyFolder()}, "keys.folder", LevelWarn)
	expect(t, []Finding{Patient{Settings: Settings{KeyFile: "/etc/keys", DatabaseURL: p.DatabaseURL}}.judgeKeyFolder()}, "keys.folder", LevelOK)
	if err := os.Chmod(p.KeyFile, 0o644); err != nil {
		t.Fatal(err)
	}
	expect(t, []Finding{p.judgeKeyFile()}, "keys.file", LevelFail)
	slot := ring.Active()
	print, err := ring.Fingerprint(slot)
	if err != nil {
		t.Fatal(err)
	}
	expect(t, []Finding{judgeRing(ring, map[int]string{slot: print}, []int{slot})}, "keys", LevelOK)
	expect(t, []Finding{judgeRing(ring, map[int]string{slot: "of another"}, nil)}, "keys", LevelFail)
	expect(t, []Finding{judgeRing(ring, nil, []int{(slot + 1) % 16})}, "keys", LevelFail)
}

// Checkpoints that are not written prove nothing later.
func TestDoctorJudgesTheCheckpoints(t *testing.T) {
	dir := t.TempDir()
	p := Patient{Settings: Settings{DatabaseURL: "sqlite://" + filepath.Join(dir, "p.db"), Checkpoints: filepath.Join(dir, "checkpoints.ndjson")}}
	now := time.Now()
	expect(t, p.judgeCheckpoints(now), "checkpoints", LevelWarn)
	if err := os.WriteFile(p.Checkpoints, []byte("{}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	expect(t, p.judgeCheckpoints(now), "checkpoints", LevelOK)
	expect(t, p.judgeCheckpoints(now), "checkpoints.folder", LevelWarn)
}

// The doctor is asked beside a running server, and in the middle of the night when it does not run: he
// must answer both times, change nothing, and never need the lock.
func TestDoctorLooksAtRunningAndStoppedInstallations(t *testing.T) {
	dir := t.TempDir()
	s := Settings{DatabaseURL: "sqlite://" + filepath.Join(dir, "paylink.db"), KeyFile: filepath.Join(dir, "keys")}
	var log bytes.Buffer
	p := Patient{Settings: s, Listen: "127.0.0.1:8080", AdminListen: "127.0.0.1:1"}
	expect(t, Doctor(t.Context(), p, time.Now), "database", LevelFail) // not made yet
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Fatalf("the doctor left %v, %v", left, err)
	}
	n, err := Open(t.Context(), s, World{Now: time.Now, Log: slog.New(slog.NewJSONHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	if err := n.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	beside := Doctor(t.Context(), p, time.Now)
	expect(t, beside, "process", LevelWarn) // it holds the database, and answers nowhere
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	for _, about := range []string{"database", "files.modes", "files.place", "integrity", "keys", "work.due", "work.unsealed"} {
		expect(t, beside, about, LevelOK)
		expect(t, Doctor(t.Context(), p, time.Now), about, LevelOK)
	}
	expect(t, Doctor(t.Context(), p, time.Now), "backup", LevelWarn)
	if slices.ContainsFunc(beside, func(f Finding) bool { return strings.Contains(f.Found+f.Do, "%!") }) {
		t.Errorf("a sentence is broken: %+v", beside)
	}
}

// A doctor who hangs on a database that does not answer is asked once.
func TestDoctorNamesADatabaseThatIsAway(t *testing.T) {
	ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
	defer stop()
	p := Patient{AdminListen: "127.0.0.1:1", Settings: Settings{DatabaseURL: "postgres://paylink:hush@127.0.0.1:1/paylink"}}
	all := Doctor(ctx, p, time.Now)
	expect(t, all, "database", LevelFail)
	for _, f := range all {
		if strings.Contains(f.Found+f.Do, "hush") {
			t.Errorf("a password: %+v", f)
		}
	}
}

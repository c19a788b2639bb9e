package audit_test

import (
	"context"
	"encoding/base64"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"paylink/audit"
	"paylink/store"
	"paylink/store/storetest"
)

// checkpoints reads those in the database.
func (b *books) checkpoints() []store.Checkpoint {
	b.t.Helper()
	all, err := b.Read(b.t.Context()).Checkpoints(-1, 100)
	if err != nil {
		b.t.Fatal(err)
	}
	return all
}

// A checkpoint names the heads that moved and no other, the database and the file hold the same, and of
// two nodes one writes a minute: else the file grows by every chain there is, every minute.
func TestEachMinuteSignsTheHeadsThatMoved(t *testing.T) {
	eachBooks(t, func(t *testing.T, b *books) {
		b.exec("DELETE FROM checkpoints")
		file := filepath.Join(t.TempDir(), "checkpoints.ndjson")
		now := noon
		one, two := b.notary(file), b.notary("")
		one.Now, two.Now = func() time.Time { return now }, func() time.Time { return now }
		sign := func(n *audit.Notary, want int) {
			t.Helper()
			if got, err := n.Sign(t.Context()); got != want || err != nil {
				t.Errorf("at %v signed %d, want %d, %v", now, got, want, err)
			}
		}
		sign(one, 2)
		sign(two, 0) // the minute is taken
		sign(one, 0) // nothing moved
		now = now.Add(time.Minute)
		sign(one, 0)
		b.fill("mer_b", 3, 4)
		sealAll(t, b.Store)
		sign(one, 1)
		now = now.Add(time.Minute)
		sign(two, 2) // it has signed neither yet
		kept, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all := b.checkpoints()
		lines := strings.Split(strings.TrimSpace(string(kept)), "\n")
		if len(all) != 3 || len(lines) != 2 || strings.Contains(all[1].Heads, "mer_a") || !strings.Contains(all[1].Heads, `"seq":36`) {
			t.Fatalf("%d in the database: %+v\nin the file: %s", len(all), all, kept)
		}
		for i, line := range lines {
			if !strings.Contains(line, all[i].Heads) || !strings.Contains(line, base64.StdEncoding.EncodeToString(all[i].Signature)) {
				t.Errorf("the file says %s, the database %+v", line, all[i])
			}
		}
		if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("the file is open to others: %v, %v", info.Mode(), err)
		}
		if r := b.verify(readFile(t, file)); r.Broken != nil || r.Checkpoints != 5 || r.Heads != 8 {
			t.Errorf("%+v", r)
		}
	})
}

// A signature is of the installation's key, over time and heads: a list that somebody else made, or
// moved to another time, proves nothing and is named.
func TestForgedCheckpointsAreFound(t *testing.T) {
	eachBooks(t, func(t *testing.T, b *books) {
		restore := b.keep("checkpoints")
		for name, change := range map[string]string{
			"another time":      "at = at + 60000000",
			"another head":      `heads = replace(heads, '"seq":27', '"seq":26')`,
			"another text":      `heads = replace(heads, ',"', ', "')`,
			"another signature": "signature = (SELECT hash FROM events WHERE merchant_id = 'mer_a' AND seq = 1)",
		} {
			b.exec("UPDATE checkpoints SET " + change)
			if f := b.wantBroken(name, audit.RuleSignature, 0); f.Checkpoint == "" {
				t.Errorf("%s: named %+v", name, f)
			}
			restore()
		}
		b.exec("UPDATE checkpoints SET slot = 9")
		if r := b.verify(); r.Broken != nil || r.Unverifiable != 1 || r.Checkpoints != 0 {
			t.Errorf("a slot that is not in the ring: %+v", r)
		}
		restore()
		b.ring = newRing(t)
		b.wantBroken("another installation's ring", audit.RuleSignature, 0)
	})
}

// The power goes while a line is written. The next one stands on a line of its own, and what was cut is
// counted and believed in nothing.
func TestACutLineSpoilsNoOther(t *testing.T) {
	b := openBooks(t, "sqlite")
	file := filepath.Join(t.TempDir(), "checkpoints.ndjson")
	if err := os.WriteFile(file, []byte(`{"format":"paylink-checkp`), 0o600); err != nil {
		t.Fatal(err)
	}
	b.fill("mer_a", 0, 1)
	sealAll(t, b.Store)
	if n, err := b.notary(file).Sign(t.Context()); n != 1 || err != nil {
		t.Fatalf("signed %d, %v", n, err)
	}
	if r := b.verify(readFile(t, file)); r.Unreadable != 1 || r.Checkpoints != 2 || r.Broken != nil {
		t.Errorf("%+v", r)
	}
}

// The disk of the file is full or gone. What it could not take is signed again in the next minute, and
// not counted as kept.
func TestAFileThatCannotBeWrittenIsTriedAgain(t *testing.T) {
	b := openBooks(t, "sqlite")
	folder := filepath.Join(t.TempDir(), "elsewhere")
	if err := os.WriteFile(folder, nil, 0o600); err != nil { // a file stands where the folder should be
		t.Fatal(err)
	}
	b.fill("mer_a", 0, 1)
	sealAll(t, b.Store)
	now := noon
	n := b.notary(filepath.Join(folder, "checkpoints.ndjson"))
	n.Now = func() time.Time { return now }
	if signed, err := n.Sign(t.Context()); signed != 0 || err == nil {
		t.Errorf("signed %d, %v", signed, err)
	}
	if err := os.Remove(folder); err != nil {
		t.Fatal(err)
	}
	now = now.Add(time.Minute)
	if signed, err := n.Sign(t.Context()); signed != 1 || err != nil {
		t.Errorf("then signed %d, %v", signed, err)
	}
}

// Signing happens by itself, every minute, and ends with its context; what an older build sealed beside
// us is hashed first.
func TestWorkSignsEveryMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := storetest.Open(t, "sqlite")
		sealer := audit.New(audit.Deps{Store: s, Now: time.Now, Log: slog.New(slog.DiscardHandler)})
		n := audit.NewNotary(audit.NotaryDeps{
			Store: s, Ring: newRing(t), Sealer: sealer, Now: time.Now, Log: slog.New(slog.DiscardHandler),
		})
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- n.Work(ctx) }()
		w := world{merchant: "mer_a"}
		appendAll(t, s, w.event("evt_1", noon))
		write(t, s, func(tx *store.Tx) {
			tx.SealEvents(store.Entry{Merchant: "mer_a", ID: "evt_1", Sequence: 1})
			tx.MoveHead(store.Chain{}, store.Chain{Merchant: "mer_a", Sequence: 1})
		})
		time.Sleep(10 * time.Minute)
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		all, err := s.Read(t.Context()).Checkpoints(-1, 9)
		if err != nil || len(all) != 1 || all[0].At%time.Minute.Microseconds() != 0 || !strings.Contains(all[0].Heads, `"seq":1,`) {
			t.Errorf("%+v, %v", all, err)
		}
	})
}

package audit_test

import (
	"database/sql"
	"log/slog"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"

	"paylink"
	"paylink/audit"
	"paylink/audit/audittest"
	"paylink/keyring"
	"paylink/store"
	"paylink/store/storetest"
)

// books is a database with some links of two merchants, sealed and signed, and a way around the store
// for whoever would change it behind our back.
type books struct {
	*store.Store
	t    *testing.T
	url  string
	ring *keyring.Ring
	raw  *sql.DB
}

// eachBooks runs fn once for each kind of database. A world is mer_a's three links of nine events.
func eachBooks(t *testing.T, fn func(t *testing.T, b *books)) {
	t.Helper()
	for _, kind := range storetest.Kinds {
		t.Run(kind, func(t *testing.T) {
			b := openBooks(t, kind)
			for _, m := range []paylink.MerchantID{"mer_a", "mer_b"} {
				b.fill(m, 0, 3)
			}
			sealAll(t, b.Store)
			b.sign()
			fn(t, b)
		})
	}
}

func openBooks(t *testing.T, kind string) *books {
	t.Helper()
	b := &books{t: t, url: storetest.URL(t, kind), ring: newRing(t)}
	b.Store = storetest.OpenURL(t, b.url)
	if err := b.Migrate(t.Context(), noon); err != nil {
		t.Fatal(err)
	}
	driver, source := "pgx", b.url
	if kind == "sqlite" {
		driver, source = "sqlite", strings.TrimPrefix(b.url, "sqlite://")+"?_pragma=busy_timeout(10000)"
	}
	var err error
	if b.raw, err = sql.Open(driver, source); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.raw.Close() })
	addMerchants(t, b.Store, "mer_a", "mer_b")
	return b
}

func (b *books) fill(merchant paylink.MerchantID, from, to int) {
	b.t.Helper()
	if err := audittest.Fill(b.t.Context(), b.Store, merchant, from, to, noon); err != nil {
		b.t.Fatal(err)
	}
}

// exec changes the database as nothing of ours would.
func (b *books) exec(statements ...string) {
	b.t.Helper()
	for _, q := range statements {
		if _, err := b.raw.ExecContext(b.t.Context(), q); err != nil {
			b.t.Fatalf("%s: %v", q, err)
		}
	}
}

// sign signs all heads, as a notary does that has just started.
func (b *books) sign() {
	b.t.Helper()
	if n, err := b.notary("").Sign(b.t.Context()); err != nil || n == 0 {
		b.t.Fatalf("signed %d, %v", n, err)
	}
}

// notary signs for the books, also into a file.
func (b *books) notary(file string) *audit.Notary {
	return audit.NewNotary(audit.NotaryDeps{
		Store: b.Store, Ring: b.ring, Sealer: newSealer(b.Store), File: file,
		Now: func() time.Time { return noon.Add(time.Hour) }, Log: slog.New(slog.DiscardHandler),
	})
}

func (b *books) verify(kept ...audit.CheckpointFile) audit.Report {
	b.t.Helper()
	v := verifier(b.t, b.Store)
	v.Ring = b.ring
	r, err := v.Verify(b.t.Context(), kept...)
	if err != nil {
		b.t.Fatal(err)
	}
	return r
}

// wantBroken holds the first finding to a rule and a place; a place of zero is none.
func (b *books) wantBroken(what string, rule audit.Rule, sequence int64, kept ...audit.CheckpointFile) *audit.Finding {
	b.t.Helper()
	f := b.verify(kept...).Broken
	if f == nil || f.Rule != rule || f.Sequence != sequence {
		b.t.Errorf("%s: found %v, want %s at %d", what, f, rule, sequence)
		return &audit.Finding{}
	}
	return f
}

// keep copies tables aside, and gives what puts them back.
func (b *books) keep(tables ...string) (restore func()) {
	b.t.Helper()
	for _, table := range tables {
		b.exec("CREATE TABLE kept_" + table + " AS SELECT * FROM " + table)
	}
	return func() {
		b.t.Helper()
		for _, table := range tables {
			b.exec("DELETE FROM "+table, "INSERT INTO "+table+" SELECT * FROM kept_"+table)
		}
	}
}

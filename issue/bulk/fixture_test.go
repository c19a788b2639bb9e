package bulk_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"paylink"
	"paylink/issue"
	"paylink/issue/bulk"
	"paylink/keyring"
	"paylink/queue"
	"paylink/queue/queuetest"
	"paylink/sheet"
	"paylink/store"
	"paylink/store/storetest"
)

var start = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// world is a merchant who uploads files, on one database, under a clock that the test moves.
type world struct {
	testing.TB
	store    *store.Store
	issuer   *issue.Issuer
	uploads  *bulk.Uploads
	merchant paylink.MerchantID
	log      *bytes.Buffer

	mu  sync.Mutex
	now time.Time
}

func each(t *testing.T, fn func(w *world)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, s *store.Store) { fn(newWorld(t, s)) })
}

func newWorld(t testing.TB, s *store.Store) *world {
	t.Helper()
	text, err := keyring.Generate(rand.Reader, start)
	if err != nil {
		t.Fatal(err)
	}
	ring, err := keyring.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{TB: t, store: s, now: start, merchant: paylink.NewMerchantID(start), log: &bytes.Buffer{}}
	w.issuer = issue.New(issue.Deps{Store: s, Ring: ring, Now: w.clock})
	w.uploads = bulk.New(bulk.Deps{Store: s, Ring: ring, Issuer: w.issuer, Now: w.clock, Log: slog.New(slog.NewTextHandler(w.log, nil))})
	m := paylink.Merchant{
		ID: w.merchant, Name: "Acme", Country: "IN", Currency: "INR", Locale: "en", TimeZone: "Asia/Kolkata",
		DefaultExpiry: 24 * time.Hour, CreatedAt: start,
	}
	if err := s.Write(t.Context(), func(tx *store.Tx) error { tx.InsertMerchant(m); return nil }); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// as is the merchant, through somebody.
func (w *world) as(id string) issue.Actor {
	w.Helper()
	m, err := w.store.Read(w.Context()).Merchant(w.merchant)
	if err != nil {
		w.Fatal(err)
	}
	return issue.Actor{Merchant: m, ID: id}
}

// send uploads a CSV as the key key_a.
func (w *world) send(file string, change func(*bulk.Upload)) bulk.Received {
	w.Helper()
	got, err := w.try(file, change)
	if err != nil {
		w.Fatal(err)
	}
	return got
}

func (w *world) try(file string, change func(*bulk.Upload)) (bulk.Received, error) {
	w.Helper()
	up := bulk.Upload{Name: "links.csv", Format: sheet.CSV}
	if change != nil {
		change(&up)
	}
	return w.uploads.Receive(w.Context(), w.as("key_a"), up, strings.NewReader(file), nil)
}

// work does the jobs that are due. Sending is another step's work, and expiring another room's.
func (w *world) work() {
	w.Helper()
	queuetest.Drain(w, w.store, w.clock, func(q *queue.Queue) {
		w.uploads.Register(q)
		q.Handle(paylink.JobSend, w.hand)
	})
}

// hand does what sending leaves behind: the provider takes a message, unless its number ends in 45613.
func (w *world) hand(ctx context.Context, r *queue.Run) error {
	now := w.clock()
	return w.store.Write(ctx, func(tx *store.Tx) error {
		m, err := tx.Message(r.Job.Merchant, r.Job.Live, r.Job.Payload.Message)
		if err != nil {
			return err
		}
		read, at := m.Status, m.UpdatedAt
		if m.Touch(now); strings.HasSuffix(m.To, "45613") {
			m.Status, m.FailedAt = paylink.MessageFailed, now
			tx.UpdateMessage(m, read, at)
			return nil
		}
		m.Status, m.SentAt = paylink.MessageSent, now
		tx.UpdateMessage(m, read, at)
		l, err := tx.Link(m.Merchant, m.Live, m.Link)
		if err != nil {
			return err
		}
		before := l.UpdatedAt
		l.SentAt = now
		l.Touch(now)
		tx.UpdateLink(l, before)
		return nil
	})
}

func (w *world) bulk(id paylink.BulkID) paylink.Bulk {
	w.Helper()
	b, err := w.store.Read(w.Context()).Bulk(w.merchant, false, id)
	if err == nil {
		b, err = w.uploads.Progress(w.Context(), b)
	}
	if err != nil {
		w.Fatal(err)
	}
	return b
}

// ends does the work and holds an upload to its summary.
func (w *world) ends(id paylink.BulkID, summary string) paylink.Bulk {
	w.Helper()
	w.work()
	if w.bulk(id).Status == paylink.BulkSending {
		w.pass(time.Second)
		w.work()
	}
	b := w.bulk(id)
	if got := b.Summary(); got != summary {
		w.Errorf("%s, want %s; problem %q", got, summary, b.Problem)
	}
	return b
}

// links lists the merchant's links by their references; those without one under "".
func (w *world) links() map[string][]paylink.Link {
	w.Helper()
	all := map[string][]paylink.Link{}
	for from := ""; ; {
		page, err := w.store.Read(w.Context()).FindLinks(store.LinkFilter{Merchant: w.merchant, From: from, Limit: 100})
		if err != nil {
			w.Fatal(err)
		}
		for _, l := range page.Links {
			all[l.Reference] = append(all[l.Reference], l)
		}
		if from = page.Next; from == "" {
			return all
		}
	}
}

func (w *world) errorsOf(b paylink.Bulk) string {
	w.Helper()
	var out bytes.Buffer
	if err := w.uploads.WriteErrors(w.Context(), b, &out); err != nil {
		w.Fatal(err)
	}
	return out.String()
}

// many is a file of n rows with references.
func many(n int) string {
	var b strings.Builder
	b.WriteString("amount,reference,phone\n")
	for i := range n {
		fmt.Fprintf(&b, "%d,order-%d,+9198123%05d\n", 1000+i, i, 10000+i)
	}
	return b.String()
}

// codes are those of an error that callers can act on.
func codes(err error) string {
	var bad *paylink.Invalid
	var stop *paylink.Conflict
	var no *paylink.Refused
	switch {
	case errors.As(err, &bad):
		var all []string
		for _, f := range bad.Fields {
			all = append(all, f.Pointer+" "+f.Code)
		}
		return strings.Join(all, ", ")
	case errors.As(err, &stop):
		return stop.Code
	case errors.As(err, &no):
		return no.Code
	}
	return fmt.Sprint(err)
}

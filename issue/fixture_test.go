package issue_test

import (
	"context"
	"crypto/rand"
	"errors"
	"sync"
	"testing"
	"time"

	"paylink"
	"paylink/issue"
	"paylink/keyring"
	"paylink/queue"
	"paylink/queue/queuetest"
	"paylink/store"
)

// start is when every test begins.
var start = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// world is a merchant with an Issuer, on one database, under a clock that the test moves.
type world struct {
	t        *testing.T
	store    *store.Store
	ring     *keyring.Ring
	issuer   *issue.Issuer
	merchant paylink.Merchant

	mu  sync.Mutex
	now time.Time
}

func newWorld(t *testing.T, s *store.Store) *world {
	t.Helper()
	text, err := keyring.Generate(rand.Reader, start)
	if err != nil {
		t.Fatal(err)
	}
	ring, err := keyring.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, store: s, ring: ring, now: start}
	w.issuer = issue.New(issue.Deps{Store: s, Ring: ring, Now: w.clock})
	w.merchant = w.addMerchant("Acme")
	return w
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) setClock(now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = now
}

func (w *world) addMerchant(name string) paylink.Merchant {
	w.t.Helper()
	m := paylink.Merchant{
		ID: paylink.NewMerchantID(start), Name: name, LegalName: name + " Ltd", Country: "IN", Currency: "INR", Locale: "en",
		TimeZone: "Asia/Kolkata", DefaultExpiry: 24 * time.Hour, CreatedAt: start,
	}
	w.write(func(tx *store.Tx) error { tx.InsertMerchant(m); return nil })
	return m
}

func (w *world) write(fn func(*store.Tx) error) {
	w.t.Helper()
	if err := w.store.Write(w.t.Context(), fn); err != nil {
		w.t.Fatal(err)
	}
}

// actor is the merchant, as read now, in test mode.
func (w *world) actor() issue.Actor {
	w.t.Helper()
	m, err := w.store.Read(w.t.Context()).Merchant(w.merchant.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	return issue.Actor{Merchant: m, ID: "key_test"}
}

func (w *world) create(d issue.Draft) issue.Created {
	w.t.Helper()
	c, err := w.issuer.Create(w.t.Context(), w.actor(), d, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

func (w *world) link(id paylink.LinkID) paylink.Link {
	w.t.Helper()
	l, err := w.store.Read(w.t.Context()).Link(w.merchant.ID, false, id)
	if err != nil {
		w.t.Fatal(err)
	}
	return l
}

// alter changes the facts of a link as another step would.
func (w *world) alter(id paylink.LinkID, change func(*paylink.Link)) {
	w.t.Helper()
	w.write(func(tx *store.Tx) error {
		l, err := tx.Link(w.merchant.ID, false, id)
		if err != nil {
			return err
		}
		read := l.UpdatedAt
		change(&l)
		l.Touch(w.clock())
		tx.UpdateLink(l, read)
		return nil
	})
}

// told lists the types of a link's events, in order.
func (w *world) told(id paylink.LinkID) []paylink.EventType {
	w.t.Helper()
	events, err := w.store.Read(w.t.Context()).Timeline(w.merchant.ID, id, 100)
	if err != nil {
		w.t.Fatal(err)
	}
	var types []paylink.EventType
	for _, e := range events {
		types = append(types, e.Type)
	}
	return types
}

// work does the jobs that are due now, and those that they make due. Sending is another step's work,
// which is not looked at here.
func (w *world) work() {
	w.t.Helper()
	queuetest.Drain(w.t, w.store, w.clock, func(q *queue.Queue) {
		w.issuer.Register(q)
		q.Handle(paylink.JobSend, func(context.Context, *queue.Run) error { return nil })
	})
}

// draft is a good one, to be made bad or better.
func draft() issue.Draft {
	return issue.Draft{
		Amount: 245000, HasAmount: true, Currency: "INR", Description: "Order 1042", Reference: "order-1042",
		Customer: issue.Contact{Name: "Asha", Phone: "98123 45642", Email: "asha@Example.com", Locale: "hi"},
		Channels: []paylink.Channel{paylink.ChannelSMS, paylink.ChannelWhatsApp, paylink.ChannelEmail, paylink.ChannelInApp},
		Metadata: map[string]string{"order": "1042"},
	}
}

func ptr[T any](v T) *T { return &v }

// codeOf gives the code of a conflict and what is in the way; "" when err is none.
func codeOf(err error) (code, other string) {
	var c *paylink.Conflict
	if errors.As(err, &c) {
		return c.Code, c.Other
	}
	return "", ""
}

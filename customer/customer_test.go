package customer_test

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"paylink"
	"paylink/customer"
	"paylink/issue"
	"paylink/keyring"
	"paylink/queue"
	"paylink/queue/queuetest"
	"paylink/store"
	"paylink/store/storetest"
)

var start = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// world is a merchant with its people, on one database, under a clock that the test moves.
type world struct {
	*testing.T
	store    *store.Store
	ring     *keyring.Ring
	issuer   *issue.Issuer
	people   *customer.People
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
	w := &world{T: t, store: s, now: start, merchant: paylink.Merchant{
		ID: paylink.NewMerchantID(start), Name: "Acme", Country: "IN", Currency: "INR", Locale: "en", TimeZone: "Asia/Kolkata", DefaultExpiry: 24 * time.Hour, CreatedAt: start,
	}}
	if w.ring, err = keyring.Parse(text); err != nil {
		t.Fatal(err)
	}
	w.issuer = issue.New(issue.Deps{Store: s, Ring: w.ring, Now: w.clock})
	w.people = customer.New(customer.Deps{Store: s, Ring: w.ring, Issuer: w.issuer, Now: w.clock})
	if err := s.Write(t.Context(), func(tx *store.Tx) error { tx.InsertMerchant(w.merchant); return nil }); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(time.Millisecond) // everything has a moment of its own
	return w.now
}

func (w *world) by() issue.Actor { return issue.Actor{Merchant: w.merchant, ID: "key_test"} }

// ask makes a link for a contact.
func (w *world) ask(c issue.Contact, channels ...paylink.Channel) (issue.Created, error) {
	if channels == nil {
		channels = []paylink.Channel{}
	}
	return w.issuer.Create(w.Context(), w.by(), issue.Draft{Amount: 1000, HasAmount: true, Currency: "INR", Customer: c, Channels: channels}, nil)
}

func (w *world) asked(c issue.Contact, channels ...paylink.Channel) issue.Created {
	w.Helper()
	made, err := w.ask(c, channels...)
	if err != nil {
		w.Fatal(err)
	}
	return made
}

func (w *world) person(id paylink.CustomerID) paylink.Customer {
	w.Helper()
	p, err := w.store.Read(w.Context()).Person(w.merchant.ID, false, id)
	if err != nil {
		w.Fatal(err)
	}
	return p
}

// sweep does the jobs of this room, the second look among them.
func (w *world) sweep() {
	w.Helper()
	for range 2 {
		queuetest.Drain(w, w.store, w.clock, func(q *queue.Queue) { w.people.Register(q) })
		w.mu.Lock()
		w.now = w.now.Add(10 * time.Minute)
		w.mu.Unlock()
	}
}

func code(err error) string {
	var conflict *paylink.Conflict
	var invalid *paylink.Invalid
	switch {
	case errors.As(err, &conflict):
		return conflict.Code
	case errors.As(err, &invalid):
		return "invalid " + invalid.Fields[0].Pointer
	case err != nil:
		return err.Error()
	}
	return ""
}

var asha = issue.Contact{Name: "Asha", Phone: "+919812345642", Email: "asha@example.com"}

// A link is made for somebody at the moment at which he is forgotten: either he is not, because the link can be
// paid, or the link's contact is a new person's, or there is no link. Nobody erased is asked for money by name.
func TestNobodyIsForgottenWhileALinkIsMadeForHim(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		for round := range 12 {
			w := newWorld(t, s)
			known := w.asked(asha)
			if _, err := w.issuer.Cancel(t.Context(), w.by(), known.Link.ID, nil); err != nil {
				t.Fatal(err)
			}
			id := known.Customer.ID
			contacts := []issue.Contact{asha, {ID: id}}
			var wait sync.WaitGroup
			made, failed := make([]issue.Created, len(contacts)), make([]error, len(contacts))
			var erased error
			for i := range contacts {
				wait.Go(func() { made[i], failed[i] = w.ask(contacts[i]) })
			}
			wait.Go(func() { _, erased = w.people.Erase(t.Context(), w.by(), id, false, nil) })
			wait.Wait()
			if got := code(erased); got != "" && got != "customer_in_use" {
				t.Fatalf("round %d: erasing says %s", round, got)
			}
			w.sweep()
			gone := !w.person(id).ErasedAt.IsZero()
			if gone != (erased == nil) {
				t.Fatalf("round %d: he is erased: %t, and was told %v", round, gone, erased)
			}
			for i, err := range failed {
				if err != nil {
					if !gone || code(err) != "invalid /customer/id" {
						t.Errorf("round %d: link %d says %s", round, i, code(err))
					}
					continue
				}
				c := w.contact(made[i].Customer.ID)
				if c.Phone != asha.Phone {
					t.Errorf("round %d: link %d has lost its contact", round, i)
				}
				if gone && c.PersonID() == id {
					t.Errorf("round %d: link %d asks somebody who was erased", round, i)
				}
			}
		}
	})
}

func (w *world) contact(id paylink.CustomerID) paylink.Customer {
	w.Helper()
	c, err := w.store.Read(w.Context()).Customer(w.merchant.ID, false, id)
	if err != nil {
		w.Fatal(err)
	}
	return c
}

// Something of an erased person is left in one of many links, or the export forgets half of them.
func TestEverythingOfAPersonIsFoundAndForgotten(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		var links []paylink.LinkID
		for range 60 {
			links = append(links, w.asked(asha, paylink.ChannelSMS, paylink.ChannelEmail).Link.ID)
		}
		id := w.person(w.contactOf(links[7])).ID
		if _, err := w.people.Consent(t.Context(), w.by(), id, customer.Said{Channel: paylink.ChannelSMS, Purpose: paylink.ConsentToAll, State: paylink.ConsentWithdrawn, Source: "a call"}, nil); err != nil {
			t.Fatal(err)
		}
		export := func() string {
			var b bytes.Buffer
			if err := w.people.Export(t.Context(), w.person(id), &b); err != nil || !json.Valid(b.Bytes()) {
				t.Fatalf("%v: %.300s", err, b.String())
			}
			return b.String()
		}
		if got := export(); strings.Count(got, asha.Phone) != 1+2*60 || strings.Count(got, `"object":"payment_link"`) != 60 || !strings.Contains(got, "a call") {
			t.Errorf("the export holds the number %d times", strings.Count(got, asha.Phone))
		}
		if _, err := w.people.Erase(t.Context(), w.by(), id, false, nil); code(err) != "customer_in_use" {
			t.Errorf("with links that can be paid: %v", err)
		}
		if _, err := w.people.Erase(t.Context(), w.by(), id, true, nil); err != nil {
			t.Fatal(err)
		}
		w.sweep()
		if got := export(); strings.Contains(got, "98123") || strings.Contains(got, "asha") || strings.Contains(got, "Asha") || strings.Count(got, `"object":"payment_link"`) != 60 {
			t.Errorf("after the erasure the export holds %.600s", got)
		}
		all, err := w.issuer.Suppressions(t.Context(), w.by(), "", 10)
		if err != nil || len(all) != 1 || all[0].To != "" {
			t.Errorf("the list has %v, %v", all, err)
		}
		again := w.asked(asha)
		if p := w.person(again.Customer.ID); p.ID == id || p.Phone != asha.Phone {
			t.Errorf("who comes back is %s", p.ID)
		}
	})
}

func (w *world) contactOf(link paylink.LinkID) paylink.CustomerID {
	w.Helper()
	l, err := w.store.Read(w.Context()).Link(w.merchant.ID, false, link)
	if err != nil {
		w.Fatal(err)
	}
	return l.Customer
}

// Two clerks merge the same two people at once, each the other way round, while links are made for both: both
// vanish, or a contact belongs to nobody.
func TestTwoPeopleBecomeOneWhateverElseHappens(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		other := issue.Contact{Name: "A. Rao", Phone: "+919812345643"}
		var ids []paylink.CustomerID
		for range 45 { // more than one transaction moves
			ids = append(ids, w.asked(asha).Customer.ID, w.asked(other).Customer.ID)
		}
		a, b := w.person(ids[0]).ID, w.person(ids[1]).ID
		for _, id := range []paylink.CustomerID{a, b} {
			said := customer.Said{Channel: paylink.ChannelEmail, Purpose: paylink.PurposePromotional, State: paylink.ConsentGranted, Source: "of " + string(id)}
			if _, err := w.people.Consent(t.Context(), w.by(), id, said, nil); err != nil {
				t.Fatal(err)
			}
		}
		var wait sync.WaitGroup
		errs, late := make([]error, 2), make([]issue.Created, 4)
		wait.Go(func() { _, errs[0] = w.people.Merge(t.Context(), w.by(), a, ids[3], nil) })
		wait.Go(func() { _, errs[1] = w.people.Merge(t.Context(), w.by(), ids[5], a, nil) })
		for i := range late {
			wait.Go(func() { late[i] = w.asked([]issue.Contact{asha, other}[i%2]) })
		}
		wait.Wait()
		if errs[0] != nil && errs[1] != nil {
			t.Fatalf("nobody merged them: %v", errs)
		}
		one := w.person(a)
		if w.person(b).ID != one.ID || one.ID != a && one.ID != b {
			t.Fatalf("%s and %s are %s and %s", a, b, one.ID, w.person(b).ID)
		}
		for _, id := range ids {
			if got := w.person(id).ID; got != one.ID {
				t.Errorf("the contact %s is %s", id, got)
			}
		}
		log, err := s.Read(t.Context()).Consents(w.merchant.ID, one.ID, "", 10)
		if err != nil || len(log) != 2 {
			t.Errorf("the log has %d lines, %v", len(log), err)
		}
		if f, err := w.people.Standing(t.Context(), one, w.now); err != nil || f.Links < 90 || fmt.Sprint(f.Open) == "[]" {
			t.Errorf("stands with %+v, %v", f, err)
		}
	})
}

// The same change by two clerks is both counted, or one of them overwrites what the other wrote unseen.
func TestOfTwoChangesOfOneRevisionOneIsMade(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		id, revision := w.asked(asha).Customer.ID, int64(1)
		var wait sync.WaitGroup
		errs := make([]error, 8)
		for i := range errs {
			wait.Go(func() {
				name := fmt.Sprint("Asha ", i)
				_, errs[i] = w.people.Change(t.Context(), w.by(), id, customer.Change{Name: &name, IfRevision: &revision})
			})
		}
		wait.Wait()
		made := 0
		for _, err := range errs {
			switch code(err) {
			case "":
				made++
			case "wrong_revision", "changed":
			default:
				t.Error(err)
			}
		}
		if p := w.person(id); made != 1 || p.Revision != 2 {
			t.Errorf("%d changes were made, and it is revision %d", made, p.Revision)
		}
	})
}

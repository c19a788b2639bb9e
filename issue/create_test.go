package issue_test

import (
	"context"
	"errors"
	"reflect"
	"sync"
	"testing"
	"time"

	"paylink"
	"paylink/issue"
	"paylink/store"
	"paylink/store/storetest"
	"paylink/token"
)

// Something is answered to the merchant that was not written, or written without its event, its
// messages or their jobs: a link that nobody is ever told about.
func TestCreateWritesWhatItAnswers(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		c := w.create(draft())
		read := s.Read(t.Context())

		wantLink := paylink.Link{
			ID: c.Link.ID, Merchant: w.merchant.ID, Status: paylink.LinkPending, Revision: 1,
			Amount: paylink.Money{Minor: 245000, Currency: "INR"}, Description: "Order 1042", Reference: "order-1042",
			Customer: c.Customer.ID, Usage: paylink.Usage{Mode: paylink.UsageSingle}, ExpiresAt: start.Add(24 * time.Hour), AnnounceAt: start.Add(22 * time.Hour),
			Channels: paylink.Channels, Methods: []paylink.Method{}, Metadata: map[string]string{"order": "1042"},
			OnLate: paylink.PolicyAccept, OnDuplicate: paylink.PolicyRefund,
			CodeKey: c.Link.CodeKey, CodeSlot: c.Link.CodeSlot, Token: c.Link.Token,
			CreatedAt: start, UpdatedAt: start, CreatedBy: "key_test",
		}
		if got := w.link(c.Link.ID); !reflect.DeepEqual(got, wantLink) || !reflect.DeepEqual(c.Link, wantLink) {
			t.Errorf("stored %+v\nanswered %+v\nwant %+v", got, c.Link, wantLink)
		}
		wantCustomer := paylink.Customer{
			ID: c.Customer.ID, Merchant: w.merchant.ID, Name: "Asha", Phone: "+919812345642", Email: "asha@example.com",
			Locale: "hi", CreatedAt: start,
		}
		if got, err := read.Customer(w.merchant.ID, false, c.Customer.ID); err != nil || !reflect.DeepEqual(got, wantCustomer) || !reflect.DeepEqual(*c.Customer, wantCustomer) {
			t.Errorf("stored %+v, %v\nanswered %+v\nwant %+v", got, err, *c.Customer, wantCustomer)
		}

		var wantMessages []paylink.Message
		for i, to := range []string{"+919812345642", "+919812345642", "asha@example.com", string(c.Customer.ID)} {
			at := start.Add(time.Duration(i) * time.Microsecond)
			wantMessages = append(wantMessages, paylink.Message{
				ID: c.Messages[i].ID, Merchant: w.merchant.ID, Link: c.Link.ID, Channel: paylink.Channels[i], To: to,
				Status: paylink.MessageQueued, CreatedAt: at, UpdatedAt: at,
			})
		}
		messages, err := read.MessagesOf(w.merchant.ID, c.Link.ID, 10)
		if err != nil || !reflect.DeepEqual(messages, wantMessages) || !reflect.DeepEqual(c.Messages, wantMessages) {
			t.Errorf("stored %+v, %v\nanswered %+v\nwant %+v", messages, err, c.Messages, wantMessages)
		}
		page, err := read.MessagesOfLinks(w.merchant.ID, []paylink.LinkID{"plink_other", c.Link.ID})
		if want := map[paylink.LinkID][]paylink.Message{c.Link.ID: wantMessages}; err != nil || !reflect.DeepEqual(page, want) {
			t.Errorf("a page's messages: %+v, %v", page, err)
		}

		wantEvent := paylink.Event{
			ID: c.Event, Merchant: w.merchant.ID, At: start, Type: paylink.EventLinkCreated, Link: c.Link.ID, Actor: "key_test",
			Data: paylink.EventData{Link: c.Link.Snapshot(c.Customer)},
		}
		if got, err := read.Event(w.merchant.ID, false, c.Event); err != nil || string(got.Data.JSON()) != string(wantEvent.Data.JSON()) {
			t.Errorf("event data %s, %v\nwant %s", got.Data.JSON(), err, wantEvent.Data.JSON())
		} else if got.Data, wantEvent.Data = (paylink.EventData{}), (paylink.EventData{}); !reflect.DeepEqual(got, wantEvent) {
			t.Errorf("event %+v\nwant %+v", got, wantEvent)
		}
		if jobs, err := read.Jobs(); err != nil || jobs["waiting"] != 5 {
			t.Errorf("jobs %v, %v, want four to send and one to expire", jobs, err)
		}

		code, err := token.CodeFor(w.ring, c.Link.CodeKey, c.Link.CodeSlot)
		if err != nil {
			t.Fatal(err)
		}
		key, slot, ok := token.ReadCode(w.ring, code)
		if found, _, err := read.LinkByCode(key, slot); !ok || err != nil || found.ID != c.Link.ID {
			t.Errorf("the code leads to %q, %v", found.ID, err)
		}
		if claims, err := token.ReadLink(w.ring, c.Link.Token); err != nil || claims != token.Claims(w.link(c.Link.ID)) {
			t.Errorf("the token says %+v, %v", claims, err)
		}
	})
}

// Somebody leaves out everything that can be left out, and null says "never".
func TestCreateFillsInTheDefaults(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		c := w.create(issue.Draft{Amount: 1, HasAmount: true, Currency: "JPY"})
		if c.Customer != nil || len(c.Messages) != 0 || !c.Link.ExpiresAt.Equal(start.Add(24*time.Hour)) {
			t.Errorf("got %+v", c)
		}
		c = w.create(issue.Draft{Amount: 1, HasAmount: true, Currency: "JPY", NoExpiry: true})
		if got := w.link(c.Link.ID); !got.ExpiresAt.IsZero() || got.Channels == nil || got.Methods == nil || got.Metadata == nil {
			t.Errorf("got %+v", got)
		}
	})
}

// A reference is used twice, and the merchant cannot tell which order was paid; or it is never free
// again.
func TestReferenceInUseNamesTheLink(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		first := w.create(draft())
		for range 2 {
			claim := &store.Claim{Merchant: w.merchant.ID, Route: "POST /v1/payment_links", Key: "k"}
			for _, c := range []*store.Claim{nil, claim} {
				_, err := w.issuer.Create(t.Context(), w.actor(), draft(), c)
				if code, other := codeOf(err); code != "reference_in_use" || other != string(first.Link.ID) {
					t.Errorf("got %v", err)
				}
			}
		}
		if all, err := s.Read(t.Context()).FindLinks(store.LinkFilter{Merchant: w.merchant.ID, Limit: 10}); err != nil || len(all.Links) != 1 {
			t.Errorf("%d links, %v", len(all.Links), err)
		}
		if _, err := w.issuer.Create(t.Context(), issue.Actor{Merchant: w.addMerchant("Other")}, draft(), nil); err != nil {
			t.Errorf("another merchant's reference: %v", err)
		}
		live := w.actor()
		live.Live = true
		if _, err := w.issuer.Create(t.Context(), live, draft(), nil); err != nil {
			t.Errorf("the same reference in live mode: %v", err)
		}
		if _, err := w.issuer.Cancel(t.Context(), w.actor(), first.Link.ID, nil); err != nil {
			t.Fatal(err)
		}
		w.create(draft())
	})
}

// Many ask for one reference in the same instant, and more than one gets it.
func TestReferenceRaceHasOneWinner(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		by := w.actor()
		const racers = 20
		made, errs := make([]issue.Created, racers), make([]error, racers)
		var wait sync.WaitGroup
		for i := range racers {
			wait.Go(func() { made[i], errs[i] = w.issuer.Create(t.Context(), by, draft(), nil) })
		}
		wait.Wait()
		var winner paylink.LinkID
		for i := range racers {
			if errs[i] == nil {
				if winner != "" {
					t.Fatal("two winners")
				}
				winner = made[i].Link.ID
			}
		}
		for _, err := range errs {
			if code, other := codeOf(err); err != nil && (code != "reference_in_use" || other != string(winner)) {
				t.Errorf("got %v, want the conflict that names %s", err, winner)
			}
		}
	})
}

// A merchant's program repeats a request after a lost answer and gets a second link, or another
// answer than the first, although the link has moved on.
func TestReplayIsTheFirstAnswer(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		claim := &store.Claim{Merchant: w.merchant.ID, Route: "POST /v1/payment_links", Key: "k", Request: [32]byte{1}}
		d := draft()
		d.ExpiresAt = ptr(start.Add(time.Hour))
		first, err := w.issuer.Create(t.Context(), w.actor(), d, claim)
		if err != nil || first.Replayed {
			t.Fatalf("got %+v, %v", first, err)
		}
		w.alter(first.Link.ID, func(l *paylink.Link) { l.SentAt, l.OpenedAt = start, start })
		w.setClock(start.Add(2 * time.Hour))
		w.work()
		if _, err := w.issuer.Refresh(t.Context(), w.actor(), first.Link.ID, nil, nil); err != nil {
			t.Fatal(err)
		}
		if _, err := w.issuer.Send(t.Context(), w.actor(), first.Link.ID, []paylink.Channel{"sms"}, nil, nil); err != nil {
			t.Fatal(err)
		}
		if _, err := w.issuer.Cancel(t.Context(), w.actor(), first.Link.ID, nil); err != nil {
			t.Fatal(err)
		}
		// By now the draft's expiry lies in the past; it was right when it was asked for.
		again, err := w.issuer.Create(t.Context(), w.actor(), d, claim)
		if err != nil || !again.Replayed {
			t.Fatalf("got %+v, %v", again, err)
		}
		again.Replayed = false
		// Facts that no answer shows are today's.
		again.Link.SentAt, again.Link.CancelledAt, again.Link.AnnounceAt = time.Time{}, time.Time{}, first.Link.AnnounceAt
		if !reflect.DeepEqual(again, first) {
			t.Errorf("again %+v\nfirst %+v", again, first)
		}
		claim.Request = [32]byte{2}
		var invalid *paylink.Invalid
		if _, err := w.issuer.Create(t.Context(), w.actor(), d, claim); !errors.As(err, &invalid) || invalid.Fields[0].Code != "idempotency_key_reused" {
			t.Errorf("the key with another request: %v", err)
		}
	})
}

// A request that was refused for its values is put right and sent under the same key.
func TestInvalidRequestKeepsNoKey(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		claim := &store.Claim{Merchant: w.merchant.ID, Route: "POST /v1/payment_links", Key: "k", Request: [32]byte{1}}
		d := draft()
		d.Amount = 0
		if _, err := w.issuer.Create(t.Context(), w.actor(), d, claim); wrong(err) != "/amount too_small" {
			t.Fatalf("got %v", err)
		}
		claim.Request = [32]byte{2}
		if _, err := w.issuer.Create(t.Context(), w.actor(), draft(), claim); err != nil {
			t.Errorf("put right: %v", err)
		}
	})
}

// A caller hangs up while a link is made: either all of it stands or nothing.
func TestCreateSurvivesACallerWhoLeaves(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		ctx, leave := context.WithCancel(t.Context())
		leave()
		if _, err := w.issuer.Create(ctx, w.actor(), draft(), nil); !errors.Is(err, context.Canceled) {
			t.Fatalf("got %v", err)
		}
		w.create(draft())
	})
}

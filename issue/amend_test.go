package issue_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"paylink"
	"paylink/issue"
	"paylink/store"
	"paylink/store/storetest"
	"paylink/token"
)

func (w *world) amend(id paylink.LinkID, a issue.Amendment) (issue.Changed, error) {
	return w.issuer.Amend(w.t.Context(), w.actor(), id, a)
}

// What the customer pays by is what is signed: new terms without a new signature would look forged, and
// an expiry that moved nearer without a new look at it would not come.
func TestAmendedTermsAreSignedAndHold(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		made := w.create(draft()).Link
		done, err := w.amend(made.ID, issue.Amendment{
			Amount: ptr(int64(198000)), Description: ptr("Order 1042, less the tea"), ExpiresIn: ptr(int64(3600)),
		})
		if err != nil {
			t.Fatal(err)
		}
		l := w.link(made.ID)
		claims, err := token.ReadLink(w.ring, l.Token)
		if err != nil || claims != token.Claims(l) || claims.Amount != 198000 || claims.Revision != 2 {
			t.Errorf("the token says %+v, %v", claims, err)
		}
		if l.CodeKey != made.CodeKey || l.Description != "Order 1042, less the tea" || l.Revision != 2 || done.Link.Revision != 2 {
			t.Errorf("the link is %+v", l)
		}
		w.setClock(start.Add(time.Hour))
		w.work()
		if got := w.link(made.ID).Status; got != paylink.LinkExpired {
			t.Errorf("an hour later it is %s", got)
		}
		if got, want := w.told(made.ID), []paylink.EventType{"payment_link.created", "payment_link.amended", "payment_link.expired"}; !slices.Equal(got, want) {
			t.Errorf("told %v", got)
		}
	})
}

// Notes and metadata are the merchant's own: a note must not send a customer, whose page is open, back
// to its beginning. What is so already is no change at all.
func TestOnlyTermsAreARevision(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		made := w.create(draft()).Link
		for i, row := range []struct {
			a        issue.Amendment
			revision int64
			told     int
		}{
			{issue.Amendment{}, 1, 1},
			{issue.Amendment{Amount: &made.Amount.Minor, Description: &made.Description, ExpiresAt: &made.ExpiresAt, Metadata: made.Metadata}, 1, 1},
			{issue.Amendment{Notes: ptr("called twice")}, 1, 2},
			{issue.Amendment{Metadata: map[string]string{}}, 1, 3},
			{issue.Amendment{NoExpiry: true}, 2, 4},
			{issue.Amendment{NoExpiry: true, Notes: ptr("called twice")}, 2, 4},
		} {
			before := w.link(made.ID)
			done, err := w.amend(made.ID, row.a)
			after := w.link(made.ID)
			if told := len(w.told(made.ID)); err != nil || after.Revision != row.revision || told != row.told || done.Link.Revision != row.revision {
				t.Errorf("%d: revision %d, told %d, %v", i, after.Revision, told, err)
			}
			if same := after.UpdatedAt.Equal(before.UpdatedAt); same != (done.Event == "") {
				t.Errorf("%d: the event is %q, and the time of change stayed: %t", i, done.Event, same)
			}
		}
		if l := w.link(made.ID); l.Notes != "called twice" || len(l.Metadata) != 0 || !l.ExpiresAt.IsZero() {
			t.Errorf("the link is %+v", l)
		}
	})
}

// An amount that falls below what is paid owes the customer money that nobody sends; one that changes
// under a payment is paid by the old one.
func TestAmendmentNamesWhatStandsInItsWay(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		for name, row := range map[string]struct {
			facts func(*paylink.Link)
			a     issue.Amendment
			want  string
		}{
			"below what is paid":  {func(l *paylink.Link) { l.AmountPaid = 50000 }, issue.Amendment{Amount: ptr(int64(49999))}, "/amount too_small"},
			"nothing":             {nil, issue.Amendment{Amount: ptr(int64(0))}, "/amount too_small"},
			"too much":            {nil, issue.Amendment{Amount: ptr(paylink.MaxMinor + 1)}, "/amount too_large"},
			"in the past":         {nil, issue.Amendment{ExpiresAt: ptr(start)}, "/expires_at in_the_past"},
			"two times":           {nil, issue.Amendment{ExpiresIn: ptr(int64(9)), NoExpiry: true}, "/expires_in conflicting"},
			"a line too many":     {nil, issue.Amendment{Description: ptr("a\nb")}, "/description bad_characters"},
			"under way":           {func(l *paylink.Link) { l.InFlight = 1 }, issue.Amendment{Amount: ptr(int64(9))}, "payment_in_flight"},
			"under way, the text": {func(l *paylink.Link) { l.InFlight = 1 }, issue.Amendment{Description: ptr("Tea")}, ""},
			"another revision":    {nil, issue.Amendment{Notes: ptr("n"), IfRevision: ptr(int64(2))}, "wrong_revision"},
			"tampered":            {func(l *paylink.Link) { l.Amount.Minor = 1 }, issue.Amendment{Amount: ptr(int64(9))}, "tampered"},
			"archived":            {func(l *paylink.Link) { l.ArchivedAt = start }, issue.Amendment{Amount: ptr(int64(9))}, "archived"},
		} {
			w := newWorld(t, s)
			id := w.create(draft()).Link.ID
			if row.facts != nil {
				w.alter(id, row.facts)
			}
			_, err := w.amend(id, row.a)
			got, _ := codeOf(err)
			if got == "" {
				got = wrong(err)
			}
			if got != row.want {
				t.Errorf("%s: %q, want %q", name, got, row.want)
			}
		}
	})
}

// A link of many uses whose amount grows beyond what its cap leaves would be closed by a word about its
// price.
func TestAmendedAmountFitsUnderTheCap(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		d := draft()
		d.Amount, d.Usage = 100000, issue.Usage{Mode: "multi", MaxTotal: ptr(int64(300000))}
		id := w.create(d).Link.ID
		w.alter(id, func(l *paylink.Link) { l.AmountPaid, l.PaymentsCount = 100000, 1 })
		if _, err := w.amend(id, issue.Amendment{Amount: ptr(int64(200001))}); wrong(err) != "/amount too_large" {
			t.Errorf("above the cap: %q", wrong(err))
		}
		if _, err := w.amend(id, issue.Amendment{Amount: ptr(int64(200000))}); err != nil {
			t.Error(err)
		}
		if l := w.link(id); l.StatusAt(start) != paylink.LinkPending || l.Refusal(start) != "" {
			t.Errorf("it is %s, %s", l.StatusAt(start), l.Refusal(start))
		}
	})
}

// A merchant lowers the amount to what has been paid: the link is paid, and says so.
func TestAmountThatIsPaidAlreadyPaysTheLink(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		id := w.create(draft()).Link.ID
		w.alter(id, func(l *paylink.Link) { l.AmountPaid, l.Status = 50000, paylink.LinkPartiallyPaid })
		if _, err := w.amend(id, issue.Amendment{Amount: ptr(int64(50000))}); err != nil {
			t.Fatal(err)
		}
		if l := w.link(id); l.Status != paylink.LinkPaid || l.PaidAt.IsZero() {
			t.Errorf("it is %s since %s", l.Status, l.PaidAt)
		}
		if got := w.told(id); !slices.Equal(got, []paylink.EventType{"payment_link.created", "payment_link.amended", "payment_link.paid"}) {
			t.Errorf("told %v", got)
		}
	})
}

// Two people amend what they both read as revision 1: the second must not overwrite what he never saw.
func TestAmendmentRaceHasOneWinner(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		id, by := w.create(draft()).Link.ID, w.actor()
		errs := make([]error, 8)
		var wait sync.WaitGroup
		for i := range errs {
			wait.Go(func() {
				_, errs[i] = w.issuer.Amend(t.Context(), by, id, issue.Amendment{Amount: ptr(int64(1000 + i)), IfRevision: ptr(int64(1))})
			})
		}
		wait.Wait()
		winners := 0
		for _, err := range errs {
			if code, _ := codeOf(err); err == nil {
				winners++
			} else if code != "wrong_revision" {
				t.Errorf("got %v", err)
			}
		}
		if l := w.link(id); winners != 1 || l.Revision != 2 {
			t.Errorf("%d winners, revision %d", winners, l.Revision)
		}
	})
}

// A pause that does not stop payments is none, and one that nobody can end is a loss.
func TestPauseIsEndedByItsMerchant(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		id := w.create(draft()).Link.ID
		var seen []string
		step := func(do func() (issue.Changed, error)) {
			_, err := do()
			code, _ := codeOf(err)
			seen = append(seen, fmt.Sprint(code, "/", w.link(id).Refusal(start)))
		}
		pause := func() (issue.Changed, error) { return w.issuer.Pause(t.Context(), w.actor(), id, nil) }
		resume := func() (issue.Changed, error) { return w.issuer.Resume(t.Context(), w.actor(), id, nil) }
		step(pause)
		step(pause)
		step(resume)
		w.alter(id, func(l *paylink.Link) { l.Hold, l.HoldSince = paylink.HoldTampered, start })
		step(resume)
		if want := []string{"/on_hold", "on_hold/on_hold", "/", "not_paused/on_hold"}; !slices.Equal(seen, want) {
			t.Errorf("%q, want %q", seen, want)
		}
		if got := w.told(id); !slices.Equal(got, []paylink.EventType{"payment_link.created", "payment_link.held", "payment_link.released"}) {
			t.Errorf("told %v", got)
		}
	})
}

// What is archived leaves the lists and takes no payment, and a link that can be paid is not hidden.
func TestArchivedLinksLeaveTheLists(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		id := w.create(draft()).Link.ID
		states[paylink.LinkCancelled](w, id)
		if _, err := w.issuer.Archive(t.Context(), w.actor(), id, nil); err != nil {
			t.Fatal(err)
		}
		_, err := w.issuer.Archive(t.Context(), w.actor(), id, nil)
		if code, _ := codeOf(err); code != "archived" {
			t.Errorf("archived twice: %v", err)
		}
		for archived, want := range map[bool]int{false: 0, true: 1} {
			list, err := s.Read(t.Context()).FindLinks(store.LinkFilter{Merchant: w.merchant.ID, Archived: archived, Limit: 9})
			if err != nil || len(list.Links) != want {
				t.Errorf("archived %t lists %d, %v", archived, len(list.Links), err)
			}
		}
	})
}

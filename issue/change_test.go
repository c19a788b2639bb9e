package issue_test

import (
	"context"
	"reflect"
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

// verbs are the changes of a link's life.
var verbs = map[string]func(*world, context.Context, paylink.LinkID, *store.Claim) (issue.Changed, error){
	"cancel": func(w *world, ctx context.Context, id paylink.LinkID, c *store.Claim) (issue.Changed, error) {
		return w.issuer.Cancel(ctx, w.actor(), id, c)
	},
	"refresh": func(w *world, ctx context.Context, id paylink.LinkID, c *store.Claim) (issue.Changed, error) {
		return w.issuer.Refresh(ctx, w.actor(), id, ptr(int64(3600)), c)
	},
	"extend": func(w *world, ctx context.Context, id paylink.LinkID, c *store.Claim) (issue.Changed, error) {
		return w.issuer.Extend(ctx, w.actor(), id, ptr(int64(3*86400)), c)
	},
	"reactivate": func(w *world, ctx context.Context, id paylink.LinkID, c *store.Claim) (issue.Changed, error) {
		return w.issuer.Reactivate(ctx, w.actor(), id, c)
	},
	"pause": func(w *world, ctx context.Context, id paylink.LinkID, c *store.Claim) (issue.Changed, error) {
		return w.issuer.Pause(ctx, w.actor(), id, c)
	},
	"resume": func(w *world, ctx context.Context, id paylink.LinkID, c *store.Claim) (issue.Changed, error) {
		return w.issuer.Resume(ctx, w.actor(), id, c)
	},
	"archive": func(w *world, ctx context.Context, id paylink.LinkID, c *store.Claim) (issue.Changed, error) {
		return w.issuer.Archive(ctx, w.actor(), id, c)
	},
	"amend": func(w *world, ctx context.Context, id paylink.LinkID, _ *store.Claim) (issue.Changed, error) {
		return w.issuer.Amend(ctx, w.actor(), id, issue.Amendment{Amount: ptr(int64(300000))})
	},
	"record": func(w *world, ctx context.Context, id paylink.LinkID, c *store.Claim) (issue.Changed, error) {
		return w.issuer.Record(ctx, w.actor(), id, issue.Recording{Method: paylink.MethodCash}, c)
	},
	"send": func(w *world, ctx context.Context, id paylink.LinkID, c *store.Claim) (issue.Changed, error) {
		_, err := w.issuer.Send(ctx, w.actor(), id, []paylink.Channel{"email"}, nil, c)
		return issue.Changed{}, err
	},
}

// states bring a link into each of its states.
var states = map[paylink.LinkStatus]func(*world, paylink.LinkID){
	paylink.LinkPending: func(*world, paylink.LinkID) {},
	paylink.LinkFailed: func(w *world, id paylink.LinkID) {
		w.alter(id, func(l *paylink.Link) { l.LatestDeclined, l.Status = true, paylink.LinkFailed })
	},
	paylink.LinkPartiallyPaid: func(w *world, id paylink.LinkID) {
		w.alter(id, func(l *paylink.Link) { l.AmountPaid, l.Status = 1, paylink.LinkPartiallyPaid })
	},
	paylink.LinkPaid: func(w *world, id paylink.LinkID) {
		w.alter(id, func(l *paylink.Link) { l.AmountPaid, l.Status = 245000, paylink.LinkPaid })
	},
	paylink.LinkExpired: func(w *world, id paylink.LinkID) { w.setClock(start.Add(25 * time.Hour)); w.work() },
	paylink.LinkCancelled: func(w *world, id paylink.LinkID) {
		w.alter(id, func(l *paylink.Link) { l.CancelledAt, l.Status = start, paylink.LinkCancelled })
	},
}

// A paid link is cancelled, or a cancelled one is sent: each verb works in the states that it is for
// and says in the others which one the link is in.
func TestVerbsKnowTheirStates(t *testing.T) {
	want := map[string]map[paylink.LinkStatus]string{
		"cancel":     {"pending": "cancelled", "failed": "cancelled", "partially_paid": "cancelled", "paid": "not_cancellable", "expired": "cancelled", "cancelled": "not_cancellable"},
		"refresh":    {"pending": "not_refreshable", "failed": "not_refreshable", "partially_paid": "not_refreshable", "paid": "not_refreshable", "expired": "pending", "cancelled": "not_refreshable"},
		"extend":     {"pending": "pending", "failed": "failed", "partially_paid": "partially_paid", "paid": "not_extendable", "expired": "not_extendable", "cancelled": "not_extendable"},
		"reactivate": {"pending": "not_reactivatable", "failed": "not_reactivatable", "partially_paid": "not_reactivatable", "paid": "not_reactivatable", "expired": "not_reactivatable", "cancelled": "pending"},
		"pause":      {"pending": "pending", "failed": "failed", "partially_paid": "partially_paid", "paid": "not_pausable", "expired": "expired", "cancelled": "not_pausable"},
		"resume":     {"pending": "not_paused", "failed": "not_paused", "partially_paid": "not_paused", "paid": "not_paused", "expired": "not_paused", "cancelled": "not_paused"},
		"archive":    {"pending": "not_archivable", "failed": "not_archivable", "partially_paid": "not_archivable", "paid": "paid", "expired": "expired", "cancelled": "cancelled"},
		"amend":      {"pending": "pending", "failed": "failed", "partially_paid": "partially_paid", "paid": "not_amendable", "expired": "not_amendable", "cancelled": "not_amendable"},
		"record":     {"pending": "paid", "failed": "paid", "partially_paid": "paid", "paid": "nothing_due", "expired": "paid", "cancelled": "paid"},
		"send":       {"pending": "pending", "failed": "failed", "partially_paid": "partially_paid", "paid": "not_sendable", "expired": "not_sendable", "cancelled": "not_sendable"},
	}
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		for verb, do := range verbs {
			for state, bring := range states {
				w := newWorld(t, s)
				id := w.create(draft()).Link.ID
				bring(w, id)
				before := w.link(id)
				changed, err := do(w, t.Context(), id, nil)
				after := w.link(id)
				got, other := codeOf(err)
				switch {
				case err == nil:
					got = string(after.Status)
					if verb != "send" && !reflect.DeepEqual(changed.Link, after) {
						t.Errorf("%s when %s: answered %+v, stored %+v", verb, state, changed.Link, after)
					}
				case other != string(id) || !reflect.DeepEqual(before, after):
					t.Errorf("%s when %s: %v, and the link went from %+v to %+v", verb, state, err, before, after)
				}
				if got != want[verb][state] {
					t.Errorf("%s when %s: %q, want %q (%v)", verb, state, got, want[verb][state], err)
				}
			}
		}
	})
}

// The customer keeps the message with the URL: a refresh must make that one work again, with a token
// for the new terms and a new time to expire.
func TestRefreshRevivesTheSameURL(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		first := w.create(draft()).Link
		w.setClock(start.Add(25 * time.Hour))
		w.work()
		if _, err := w.issuer.Refresh(t.Context(), w.actor(), first.ID, ptr(int64(3600)), nil); err != nil {
			t.Fatal(err)
		}
		got := w.link(first.ID)
		want := first
		want.Revision, want.ExpiresAt, want.AnnounceAt, want.Token = 2, start.Add(26*time.Hour), time.Time{}, got.Token
		want.UpdatedAt = got.UpdatedAt
		if !reflect.DeepEqual(got, want) || got.Token == first.Token {
			t.Errorf("got %+v, want %+v", got, want)
		}
		if claims, err := token.ReadLink(w.ring, got.Token); err != nil || claims != token.Claims(got) {
			t.Errorf("the token says %+v, %v", claims, err)
		}
		w.setClock(start.Add(26 * time.Hour))
		w.work()
		told := []paylink.EventType{"payment_link.created", "payment_link.expired", "payment_link.refreshed", "payment_link.expired"}
		if got := w.told(first.ID); !slices.Equal(got, told) {
			t.Errorf("told %v, want %v", got, told)
		}
	})
}

// The time is up and the job is late; whoever refreshes in that moment must not skip the expiry in
// the link's history.
func TestRefreshBeforeTheJobTellsTheExpiryFirst(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		id := w.create(draft()).Link.ID
		w.setClock(start.Add(24 * time.Hour))
		if _, err := w.issuer.Refresh(t.Context(), w.actor(), id, nil, nil); err != nil {
			t.Fatal(err)
		}
		w.work()
		told := []paylink.EventType{"payment_link.created", "payment_link.expired", "payment_link.refreshed"}
		if got := w.told(id); !slices.Equal(got, told) {
			t.Errorf("told %v, want %v", got, told)
		}
		if got := w.link(id); got.Status != paylink.LinkPending || !got.ExpiresAt.Equal(start.Add(48*time.Hour)) {
			t.Errorf("got %+v", got)
		}
	})
}

// Values of the verbs that cannot be.
func TestVerbsNameWrongTimes(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		id := w.create(draft()).Link.ID
		for _, row := range []struct {
			in   *int64
			want string
		}{
			{nil, "/expires_in required"}, {ptr(int64(0)), "/expires_in too_small"}, {ptr(int64(86400)), "/expires_in too_small"},
			{ptr(int64(365*86400 + 1)), "/expires_in too_far"}, {ptr(int64(86401)), ""},
		} {
			if _, err := w.issuer.Extend(t.Context(), w.actor(), id, row.in, nil); wrong(err) != row.want {
				t.Errorf("extend: %v, want %q", err, row.want)
			}
		}
		w.setClock(start.Add(48 * time.Hour))
		if _, err := w.issuer.Refresh(t.Context(), w.actor(), id, ptr(int64(-1)), nil); wrong(err) != "/expires_in too_small" {
			t.Errorf("refresh: %v", err)
		}
		d := draft()
		d.Reference, d.NoExpiry = "", true
		never := w.create(d).Link.ID
		if _, err := w.issuer.Extend(t.Context(), w.actor(), never, ptr(int64(60)), nil); err == nil {
			t.Error("a link that never expires was given an end")
		}
	})
}

// Forty cancel at once: one cancellation is told.
func TestCancelRaceTellsOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		id := w.create(draft()).Link.ID
		by := w.actor()
		var wait sync.WaitGroup
		for range 40 {
			wait.Go(func() {
				_, err := w.issuer.Cancel(t.Context(), by, id, nil)
				if code, _ := codeOf(err); err != nil && code != "not_cancellable" {
					t.Errorf("got %v", err)
				}
			})
		}
		wait.Wait()
		if got := w.told(id); !slices.Equal(got, []paylink.EventType{"payment_link.created", "payment_link.cancelled"}) {
			t.Errorf("told %v", got)
		}
	})
}

// A repeated cancellation under one key is answered as the first was, although the link is cancelled
// and could not be cancelled again.
func TestChangeReplayIsTheFirstAnswer(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		id := w.create(draft()).Link.ID
		claim := &store.Claim{Merchant: w.merchant.ID, Route: "POST /v1/payment_links/{id}/cancel", Key: "k"}
		first, err := verbs["cancel"](w, t.Context(), id, claim)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := verbs["reactivate"](w, t.Context(), id, nil); err != nil {
			t.Fatal(err)
		}
		again, err := verbs["cancel"](w, t.Context(), id, claim)
		if err != nil || !again.Replayed || again.Event != first.Event || again.Link.Status != paylink.LinkCancelled {
			t.Errorf("got %+v, %v", again, err)
		}
		if got, want := again.Link.Snapshot(again.Customer), first.Link.Snapshot(first.Customer); !reflect.DeepEqual(got, want) {
			t.Errorf("again %+v\nfirst %+v", got, want)
		}
		if got := w.link(id).Status; got != paylink.LinkPending {
			t.Errorf("the link is %s", got)
		}
	})
}

// One merchant's key reaches another merchant's link, or a test key a live one.
func TestStrangersFindNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		id := w.create(draft()).Link.ID
		live := w.actor()
		live.Live = true
		for name, by := range map[string]issue.Actor{"another merchant": {Merchant: w.addMerchant("Other")}, "the other mode": live} {
			if _, err := w.issuer.Cancel(t.Context(), by, id, nil); !paylink.IsNotFound(err) {
				t.Errorf("%s: %v", name, err)
			}
			if _, err := w.issuer.Send(t.Context(), by, id, []paylink.Channel{"sms"}, nil, nil); !paylink.IsNotFound(err) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

package store_test

import (
	"errors"
	"math"
	"slices"
	"sync"
	"testing"
	"time"

	"paylink"
	"paylink/store"
	"paylink/store/storetest"
)

// link makes a pending link with its own code; change makes it another.
func link(merchant paylink.MerchantID, id paylink.LinkID, change func(*paylink.Link)) paylink.Link {
	l := paylink.Link{
		ID: id, Merchant: merchant, Status: paylink.LinkPending, Revision: 1, Amount: paylink.Money{Minor: 245000, Currency: "INR"},
		Usage: paylink.Usage{Mode: paylink.UsageSingle}, CreatedAt: noon, UpdatedAt: noon,
	}
	for _, letter := range string(merchant) + string(id) {
		l.CodeKey = l.CodeKey*131 + uint64(letter)
	}
	if change != nil {
		change(&l)
	}
	return l
}

func addLinks(t *testing.T, s *store.Store, all ...paylink.Link) {
	t.Helper()
	write(t, s, func(tx *store.Tx) {
		for _, l := range all {
			tx.InsertLink(l)
		}
	})
}

// full is a link that says something in every field.
func full() paylink.Link {
	at := func(n int) time.Time { return noon.Add(time.Duration(n) * time.Microsecond) }
	return paylink.Link{
		ID: "plink_full", Merchant: "mer_a", Live: true, Status: paylink.LinkPaid, Revision: math.MaxInt64,
		Amount: paylink.Money{Minor: paylink.MaxMinor, Currency: "KWD"}, Description: odd, Reference: odd, Customer: "cust_1",
		Usage: paylink.Usage{Mode: paylink.UsageMulti, MaxPayments: math.MaxInt64, MaxTotal: math.MaxInt64 - 1, MaxPerCustomer: 7}, ExpiresAt: at(1),
		Terms: fullTerms(), AmountInFlight: 8,
		Channels: []paylink.Channel{paylink.ChannelSMS, paylink.ChannelInApp}, Methods: []paylink.Method{paylink.MethodCard},
		ReturnURL: "https://acme.example/?a=1&b=2", Metadata: map[string]string{"key": odd, odd: ""}, Notes: odd,
		OnLate: paylink.PolicyAccept, OnDuplicate: paylink.PolicyRefund,
		AmountPaid: math.MaxInt64, PaymentsCount: 3, InFlight: 4, LatestDeclined: true,
		CancelledAt: at(2), SentAt: at(3), OpenedAt: at(4), PaidAt: at(5), ArchivedAt: at(6), Hold: paylink.HoldRisk, HoldSince: at(7),
		Refreshes: 3, RefreshAskedAt: at(8), RefreshDeclinedAt: at(9),
		CodeKey: math.MaxUint64 - 1, CodeSlot: 15, Token: "v1.token", CreatedAt: at(8), UpdatedAt: at(9), CreatedBy: "key_1",
	}
}

// A field that is lost or swapped on the way to the database asks a customer for the wrong money.
func TestLinkComesBackWhole(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		addMerchants(t, s, "mer_a")
		empty := link("mer_a", "plink_empty", func(l *paylink.Link) {
			l.Channels, l.Methods, l.Metadata = []paylink.Channel{}, []paylink.Method{}, map[string]string{}
			l.CodeKey = math.MaxInt64 + 1 // below zero in the database
		})
		all := []paylink.Link{full(), empty, link("mer_a", "plink_nil", func(l *paylink.Link) { l.CodeKey = 0 })}
		addLinks(t, s, all...)
		read := s.Read(t.Context())
		for _, l := range all {
			got, err := read.Link("mer_a", l.Live, l.ID)
			same(t, string(l.ID), l, got, err)
			got, _, err = read.LinkByCode(l.CodeKey, l.CodeSlot)
			same(t, string(l.ID)+" by its code", l, got, err)
		}
	})
}

// Whoever guesses an id, or has a key of the other mode, must find nothing.
func TestLinkIsSeenByItsOwnMerchantAndModeOnly(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		addMerchants(t, s, "mer_a", "mer_b")
		addLinks(t, s, link("mer_a", "plink_1", func(l *paylink.Link) { l.Reference = "R" }))
		read := s.Read(t.Context())
		for _, w := range []struct {
			merchant paylink.MerchantID
			live     bool
		}{{"mer_b", false}, {"mer_a", true}} {
			_, err := read.Link(w.merchant, w.live, "plink_1")
			missing(t, "payment_link", "plink_1", err)
			_, err = read.LinkByReference(w.merchant, w.live, "R")
			missing(t, "payment_link", "", err)
			list, err := read.FindLinks(store.LinkFilter{Merchant: w.merchant, Live: w.live, Limit: 9})
			same(t, "list", store.LinkPage{}, list, err)
		}
		err := s.Write(t.Context(), func(tx *store.Tx) error {
			stolen := link("mer_b", "plink_1", nil)
			tx.UpdateLink(stolen, noon)
			return nil
		})
		if code, _ := conflict(err); code != "changed" {
			t.Errorf("another merchant's link: %v", err)
		}
	})
}

// A code is a key and the slot of the key ring that signed it. The right key under another slot was
// not signed by us.
func TestCodeWithTheWrongSlotFindsNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		addMerchants(t, s, "mer_a")
		addLinks(t, s, link("mer_a", "plink_1", func(l *paylink.Link) { l.CodeKey, l.CodeSlot = 77, 3 }))
		for _, code := range []struct {
			key  uint64
			slot int
		}{{77, 2}, {77, 0}, {78, 3}, {math.MaxUint64 - 76, 3}} {
			_, _, err := s.Read(t.Context()).LinkByCode(code.key, code.slot)
			missing(t, "payment_link", "", err)
		}
		twin := link("mer_a", "plink_2", func(l *paylink.Link) { l.CodeKey, l.CodeSlot = 77, 3 })
		if err := s.Write(t.Context(), func(tx *store.Tx) error { tx.InsertLink(twin); return nil }); err == nil {
			t.Error("two links share one code")
		}
		_, err := s.Read(t.Context()).Link("mer_a", false, "plink_2")
		missing(t, "payment_link", "plink_2", err)
	})
}

// A shop that repeats its order number would be paid twice for it; once the first link is cancelled or
// expired, the number is free for another.
func TestReferenceIsUniqueWhileItsLinkIsOpen(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		addMerchants(t, s, "mer_a", "mer_b")
		n := 0
		try := func(merchant paylink.MerchantID, live bool, reference string, status paylink.LinkStatus) (paylink.Link, error) {
			n++
			l := link(merchant, paylink.LinkID(string(rune('a'+n))), func(l *paylink.Link) { l.Live, l.Reference, l.Status = live, reference, status })
			return l, s.Write(t.Context(), func(tx *store.Tx) error { tx.InsertLink(l); return nil })
		}
		for status, freed := range map[paylink.LinkStatus]bool{
			paylink.LinkPending: false, paylink.LinkFailed: false, paylink.LinkPartiallyPaid: false, paylink.LinkPaid: false,
			paylink.LinkExpired: true, paylink.LinkCancelled: true,
		} {
			reference := string(status)
			first, err := try("mer_a", false, reference, status)
			if err != nil {
				t.Fatal(err)
			}
			for _, other := range []struct {
				merchant paylink.MerchantID
				live     bool
			}{{"mer_a", true}, {"mer_b", false}} {
				if _, err := try(other.merchant, other.live, reference, status); err != nil {
					t.Errorf("%s: %s, live %t: %v", status, other.merchant, other.live, err)
				}
			}
			holder := first
			second, err := try("mer_a", false, reference, paylink.LinkPending)
			if code, _ := conflict(err); freed && err != nil || !freed && code != "reference_in_use" {
				t.Errorf("%s: the second link: %v", status, err)
			}
			if freed {
				holder = second
			}
			got, err := s.Read(t.Context()).LinkByReference("mer_a", false, reference)
			same(t, reference, holder, got, err)
		}
		for range 2 {
			if _, err := try("mer_a", false, "", paylink.LinkPending); err != nil {
				t.Errorf("two links without a reference: %v", err)
			}
		}
	})
}

// A link that comes back to life while another uses its reference must not: the change fails whole, on
// both databases, so that the caller can look up who is in the way.
func TestRevivedLinkCannotTakeAReferenceBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		addMerchants(t, s, "mer_a")
		old := link("mer_a", "plink_1", func(l *paylink.Link) { l.Reference, l.Status, l.CancelledAt = "R", paylink.LinkCancelled, noon })
		holder := link("mer_a", "plink_2", func(l *paylink.Link) { l.Reference = "R" })
		addLinks(t, s, old, holder)
		revived := old
		revived.Status, revived.CancelledAt = paylink.LinkPending, time.Time{}
		revived.Touch(noon)
		err := s.Write(t.Context(), func(tx *store.Tx) error {
			tx.AdvanceClock("mer_a", time.Hour)
			tx.UpdateLink(revived, noon)
			return nil
		})
		if err == nil {
			t.Error("two open links have one reference")
		}
		got, err := s.Read(t.Context()).Link("mer_a", false, "plink_1")
		same(t, "the old link", old, got, err)
		m, err := s.Read(t.Context()).Merchant("mer_a")
		same(t, "what travelled along", 0, m.ClockOffset, err)
	})
}

// What a change may not touch, the code above all, stays; what it may is written, back to nothing too.
func TestUpdateLinkWritesWhatMayChange(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		addMerchants(t, s, "mer_a")
		before := link("mer_a", "plink_full", func(l *paylink.Link) { l.Live = true })
		addLinks(t, s, before)
		to := full()
		write(t, s, func(tx *store.Tx) { tx.UpdateLink(to, before.UpdatedAt) })
		want := to
		want.Amount.Currency, want.Customer, want.Usage = before.Amount.Currency, before.Customer, before.Usage
		want.Channels, want.Methods = before.Channels, before.Methods
		want.OnLate, want.OnDuplicate = before.OnLate, before.OnDuplicate
		want.CodeKey, want.CodeSlot = before.CodeKey, before.CodeSlot
		want.CreatedAt, want.CreatedBy = before.CreatedAt, before.CreatedBy
		got, err := s.Read(t.Context()).Link("mer_a", true, "plink_full")
		same(t, "changed", want, got, err)

		back := before
		back.UpdatedAt = to.UpdatedAt.Add(time.Microsecond)
		write(t, s, func(tx *store.Tx) { tx.UpdateLink(back, to.UpdatedAt) })
		got, err = s.Read(t.Context()).Link("mer_a", true, "plink_full")
		same(t, "changed back", back, got, err)
	})
}

// Somebody changed the link between our read and our write: writing over it would lose a payment.
func TestStaleReadCannotWriteALink(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		addMerchants(t, s, "mer_a")
		first := link("mer_a", "plink_1", nil)
		addLinks(t, s, first)
		second := first
		second.AmountPaid = 1
		second.Touch(noon)
		write(t, s, func(tx *store.Tx) { tx.UpdateLink(second, first.UpdatedAt) })
		third := first
		third.AmountPaid = 2
		third.Touch(noon.Add(time.Second))
		err := s.Write(t.Context(), func(tx *store.Tx) error { tx.UpdateLink(third, first.UpdatedAt); return nil })
		var c *paylink.Conflict
		if !errors.As(err, &c) || c.Code != "changed" || c.Other != "plink_1" {
			t.Errorf("the stale write: %v", err)
		}
		got, err := s.Read(t.Context()).Link("mer_a", false, "plink_1")
		same(t, "the link", second, got, err)
	})
}

// Forty payments of one link arrive together. Each reads the link locked and counts itself; none may
// count over another, and none may be sent away.
func TestFortyWritersOfOneLinkAllCount(t *testing.T) {
	const writers = 40
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		addMerchants(t, s, "mer_a")
		addLinks(t, s, link("mer_a", "plink_1", nil))
		var all sync.WaitGroup
		for range writers {
			all.Go(func() {
				err := s.Write(t.Context(), func(tx *store.Tx) error {
					l, err := tx.Link("mer_a", false, "plink_1")
					if err != nil {
						return err
					}
					read := l.UpdatedAt
					l.PaymentsCount++
					l.Touch(noon)
					tx.UpdateLink(l, read)
					return nil
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		want := link("mer_a", "plink_1", func(l *paylink.Link) {
			l.PaymentsCount, l.UpdatedAt = writers, noon.Add(writers*time.Microsecond)
		})
		got, err := s.Read(t.Context()).Link("mer_a", false, "plink_1")
		same(t, "the link", want, got, err)
	})
}

// A code key that is thrown away while a payable link needs it makes that link's URL a dead end.
func TestSlotsInUseAreThoseOfPayableLinks(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		addMerchants(t, s, "mer_a", "mer_b")
		for slot, status := range []paylink.LinkStatus{"pending", "failed", "partially_paid", "paid", "expired", "cancelled"} {
			for _, m := range []paylink.MerchantID{"mer_a", "mer_b"} {
				addLinks(t, s, link(m, paylink.LinkID(status), func(l *paylink.Link) { l.Status, l.CodeSlot = status, 9-slot }))
			}
		}
		got, err := s.Read(t.Context()).CodeSlotsInUse()
		if err != nil || !slices.Equal(got, []int{7, 8, 9}) {
			t.Errorf("slots %v, %v", got, err)
		}
	})
}

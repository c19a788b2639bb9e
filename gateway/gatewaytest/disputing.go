package gatewaytest

import (
	"context"
	"slices"
	"testing"
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/provider"
	"paylink/provider/providertest"
)

// mostDisputes is how many a page may have by the port.
const mostDisputes = 100

// disputer gives the gateway's list of disputes; ok is false for one that is no Disputer.
func (s suite) disputer(t *testing.T) (gateway.Disputer, bool) {
	t.Helper()
	d, ok := gateway.As[gateway.Disputer](s.Gateway)
	if _, contests := gateway.As[gateway.Contester](s.Gateway); contests && !ok {
		t.Fatal("a gateway that takes evidence lists the disputes that it is for")
	}
	if ok && (s.world.Dispute == nil || s.world.DisputesListed <= 0) {
		t.Fatal("the world of a Disputer has no Dispute, or does not say how many are listed")
	}
	return d, ok
}

// pay brings a payment to its end: captured.
func (s suite) pay(t *testing.T) gateway.Known {
	t.Helper()
	o := s.order(s.Capabilities().Methods[0])
	started := s.start(t, o)
	s.world.Pay(t, started, true)
	_, told := s.notice(t, o.Reference, paylink.PaymentCaptured)
	k := known(o, started)
	k.Payment = told.GatewayReference
	return k
}

// about tells whether a word is about our payment, by the name that it uses.
func about(w gateway.DisputeWord, k gateway.Known) bool {
	return w.Of == k.Reference || w.Of == "" && w.Payment == k.Payment && k.Payment != ""
}

// disputeNotice waits for a notice about a dispute with the status.
func (s suite) disputeNotice(t *testing.T, dispute string, status paylink.DisputeStatus) gateway.DisputeWord {
	t.Helper()
	var word gateway.DisputeWord
	s.world.Far.Next(t, func(p providertest.Post) bool {
		if err := s.Verify(s.account, gateway.Post(p), s.world.Now()); err != nil {
			t.Errorf("a notice from the gateway itself: %v", err)
		}
		kept, err := provider.ParseKept(gateway.Post(p).Kept())
		if err != nil {
			t.Fatal(err)
		}
		news, err := s.Read(s.account, kept)
		if err != nil {
			t.Errorf("a notice from the gateway itself: %v", err)
		}
		i := slices.IndexFunc(news.Disputes, func(w gateway.DisputeWord) bool { return w.GatewayReference == dispute && w.Status == status })
		if i >= 0 {
			word = news.Disputes[i]
		}
		return i >= 0
	})
	return word
}

// listed walks all pages of an account's disputes since a time.
func (s suite) listed(t *testing.T, a gateway.Account, since time.Time) (all []gateway.DisputeWord, pages int) {
	t.Helper()
	d, _ := gateway.As[gateway.Disputer](s.Gateway)
	for cursor := ""; ; pages++ {
		page, next, err := d.Disputes(t.Context(), a, since, cursor)
		if err != nil {
			t.Fatalf("list disputes: %v", err)
		}
		if len(page) > mostDisputes {
			t.Fatalf("%d disputes on a page", len(page))
		}
		all = append(all, page...)
		if next == "" {
			return all, pages + 1
		}
		if next == cursor || pages > 1000 {
			t.Fatal("the list does not end")
		}
		cursor = next
	}
}

// stands holds a dispute to a status, in the list and, where the gateway posts any, in a notice.
func (s suite) stands(t *testing.T, dispute string, k gateway.Known, status paylink.DisputeStatus) gateway.DisputeWord {
	t.Helper()
	all, _ := s.listed(t, s.account, s.world.Now().Add(-time.Hour))
	i := slices.IndexFunc(all, func(w gateway.DisputeWord) bool { return w.GatewayReference == dispute })
	if i < 0 {
		t.Fatalf("dispute %s is not listed", dispute)
	}
	w := all[i]
	if !about(w, k) || w.Status != status || w.Amount != k.Amount || w.At.IsZero() || w.Fee < 0 || !slices.Contains(paylink.DisputeReasons, w.Reason) {
		t.Errorf("the list says %+v, want %s of %+v", w, status, k)
	}
	if s.world.UntoldDisputes {
		return w
	}
	told := s.disputeNotice(t, dispute, status)
	if told.Account != s.account.Name() {
		t.Errorf("the notice names the account %q", told.Account)
	}
	told.Account = w.Account
	if told != w {
		t.Errorf("the list says %+v, the notice said %+v", w, told)
	}
	return w
}

// A customer's bank takes money back and the merchant hears of it from the bank's statement, too late to answer.
func disputed(t *testing.T, s suite) {
	if _, ok := s.disputer(t); !ok {
		return
	}
	k := s.pay(t)
	before := s.world.Now().Add(-time.Minute)
	dispute := s.world.Dispute(t, k)
	w := s.stands(t, dispute, k, paylink.DisputeNeedsResponse)
	if !w.DueAt.IsZero() && !w.DueAt.After(s.world.Now()) {
		t.Errorf("evidence is due at %v, before now", w.DueAt)
	}
	if later, _ := s.listed(t, s.account, s.world.Now().Add(time.Hour)); len(later) > 0 && !s.world.Unchanged {
		t.Errorf("since an hour from now %d disputes changed", len(later))
	}
	if since, _ := s.listed(t, s.account, before); len(since) != 1 {
		t.Errorf("since before it was opened %d disputes changed, want 1", len(since))
	}
}

// With the hundred and first dispute of a day one is left out, or one is told on every page.
func disputePages(t *testing.T, s suite) {
	if _, ok := s.disputer(t); !ok {
		return
	}
	before := s.world.Now().Add(-time.Minute)
	want := map[string]int{}
	for range s.world.DisputesListed + 1 {
		want[s.world.Dispute(t, s.pay(t))]++
	}
	all, pages := s.listed(t, s.account, before)
	for i, w := range all {
		want[w.GatewayReference]--
		if i > 0 && w.At.Before(all[i-1].At) {
			t.Errorf("dispute %d changed before the one that is listed before it", i)
		}
	}
	for dispute, n := range want {
		if n != 0 {
			t.Errorf("dispute %s is missing, or listed %d times too often", dispute, -n)
		}
	}
	if pages < 2 {
		t.Errorf("%d disputes on %d page; the world says %d", len(all), pages, s.world.DisputesListed)
	}
}

// Evidence is written and never arrives, or the bank's decision is not understood.
func contested(t *testing.T, s suite) {
	contester, ok := gateway.As[gateway.Contester](s.Gateway)
	if !ok {
		return
	}
	if s.world.Decide == nil {
		t.Fatal("the world of a Contester has no Decide")
	}
	for _, won := range []bool{true, false} {
		k := s.pay(t)
		dispute := s.world.Dispute(t, k)
		s.stands(t, dispute, k, paylink.DisputeNeedsResponse)
		w, err := contester.Contest(t.Context(), s.account, dispute, s.evidence())
		if err != nil {
			t.Fatalf("contest: %v", err)
		}
		if w.GatewayReference != dispute || w.Status != paylink.DisputeUnderReview {
			t.Errorf("contested, the answer says %+v", w)
		}
		s.world.Decide(t, dispute, won)
		if won {
			if w := s.stands(t, dispute, k, paylink.DisputeWon); w.Withdrawn {
				t.Error("a dispute that is won keeps the merchant's money")
			}
		} else if w := s.stands(t, dispute, k, paylink.DisputeLost); !w.Withdrawn {
			t.Error("a dispute that is lost leaves the money with the merchant")
		}
		if w, err := contester.Contest(t.Context(), s.account, dispute, s.evidence()); providertest.Ending(err) != "rejected" {
			t.Errorf("evidence after the decision ended %q with %+v, want rejected", providertest.Ending(err), w)
		}
	}
	if w, err := contester.Contest(t.Context(), s.account, "no_such_dispute", s.evidence()); providertest.Ending(err) != "rejected" {
		t.Errorf("evidence in no dispute ended %q with %+v, want rejected", providertest.Ending(err), w)
	}
}

// evidence is what a merchant says, with everything in it that gateways take.
func (s suite) evidence() gateway.Evidence {
	return gateway.Evidence{
		Summary: "Paid on 22 Nov 2026 from the customer's own phone; delivered on 23 Nov 2026.\nSigned for at the door.", Description: "Order 1042 – “tea” & <cups>",
		CustomerName: "Asha Rao", CustomerEmail: "asha@example.com", CustomerIP: "127.0.0.1",
		DeliveredAt: s.world.Now().Add(-24 * time.Hour).UTC(), Receipt: []byte("%PDF-1.4\n%%EOF\n"), ReceiptType: "application/pdf",
	}
}

// A merchant lets the customer have the money, and it is fought over all the same.
func accepted(t *testing.T, s suite) {
	contester, ok := gateway.As[gateway.Contester](s.Gateway)
	if !ok {
		return
	}
	k := s.pay(t)
	dispute := s.world.Dispute(t, k)
	s.stands(t, dispute, k, paylink.DisputeNeedsResponse)
	w, err := contester.Accept(t.Context(), s.account, dispute)
	if err != nil {
		t.Fatalf("accept: %v", err)
	}
	if w.GatewayReference != dispute || (w.Status != paylink.DisputeAccepted && w.Status != paylink.DisputeLost) || !w.Withdrawn {
		t.Errorf("accepted, the answer says %+v", w)
	}
	s.stands(t, dispute, k, w.Status)
	if w, err := contester.Contest(t.Context(), s.account, dispute, s.evidence()); providertest.Ending(err) != "rejected" {
		t.Errorf("evidence after accepting ended %q with %+v, want rejected", providertest.Ending(err), w)
	}
}

// One merchant reads another's disputes, or gives its money away.
func strangersDispute(t *testing.T, s suite) {
	if _, ok := s.disputer(t); !ok {
		return
	}
	dispute := s.world.Dispute(t, s.pay(t))
	if all, _ := s.listed(t, s.world.Stranger, s.world.Now().Add(-time.Hour)); len(all) > 0 {
		t.Errorf("another account is told %+v", all)
	}
	if contester, ok := gateway.As[gateway.Contester](s.Gateway); ok {
		if w, err := contester.Accept(t.Context(), s.world.Stranger, dispute); err == nil {
			t.Errorf("another account accepted it: %+v", w)
		}
	}
}

// Evidence whose answer was lost counts as refused, or is never sent again.
func disputeEndings(t *testing.T, s suite) {
	d, ok := s.disputer(t)
	if !ok {
		return
	}
	providertest.Calling(t, s.world.Far, s.account, func(ctx context.Context, a gateway.Account) error {
		_, _, err := d.Disputes(ctx, a, s.world.Now().Add(-time.Hour), "")
		return err
	})
	contester, ok := gateway.As[gateway.Contester](s.Gateway)
	if !ok {
		return
	}
	dispute := s.world.Dispute(t, s.pay(t))
	providertest.Calling(t, s.world.Far, s.account, func(ctx context.Context, a gateway.Account) error {
		_, err := contester.Contest(ctx, a, dispute, s.evidence())
		return err
	})
	dispute = s.world.Dispute(t, s.pay(t))
	providertest.Calling(t, s.world.Far, s.account, func(ctx context.Context, a gateway.Account) error {
		_, err := contester.Accept(ctx, a, dispute)
		return err
	})
}

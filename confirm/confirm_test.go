package confirm_test

import (
	"net/http"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/provider"
	"paylink/provider/sandboxtest"
	"paylink/sandbox"
	"paylink/store"
	"paylink/store/storetest"
)

// The bank says yes, and the link is paid with everything that the gateway told about the money.
func TestCapturedNoticePaysTheLink(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		sh := openShop(t, s)
		l, p := sh.link(paylink.PaymentActionRequired, nil)
		sh.post(sh.body(p, "captured", nil))

		link, payments := sh.state(l)
		if link.Status != paylink.LinkPaid || link.AmountPaid != 245000 || link.InFlight != 0 || link.PaymentsCount != 1 || link.PaidAt.IsZero() {
			t.Errorf("the link is %s with %d paid, %d in flight, %d payments, paid at %v",
				link.Status, link.AmountPaid, link.InFlight, link.PaymentsCount, link.PaidAt)
		}
		got := payments[0]
		if got.Status != paylink.PaymentCaptured || got.AmountCaptured != 245000 || got.Fee != 4900 || got.Tax != 882 ||
			got.BankReference != "412345678901" || got.GatewayReference != "sbx_pay_"+p.Reference || got.MethodDetails.App != "test_success" {
			t.Errorf("the payment is %+v", got)
		}
		want := []paylink.EventType{paylink.EventPaymentCaptured, paylink.EventLinkPaid}
		if got := sh.told(l); !slices.Equal(got, want) {
			t.Errorf("told %v, want %v", got, want)
		}
		if got := sh.verdicts(); !slices.Equal(got, []string{"applied "}) {
			t.Errorf("notices: %q", got)
		}
	})
}

// Two notices for one payment arrive together, forty times over; money is counted once.
func TestNoticeTwiceCountsOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		sh := openShop(t, s)
		l, p := sh.link(paylink.PaymentActionRequired, nil)
		one, other := sh.body(p, "captured", nil), sh.body(p, "captured", nil) // two notice ids, one payment
		var wait sync.WaitGroup
		for i := range 40 {
			body := one
			if i%2 == 1 {
				body = other
			}
			wait.Go(func() {
				if _, err := sh.confirm.Receive(t.Context(), "sandbox", sh.account, gateway.Post{URL: &url.URL{}, Header: sandboxtest.Sign(sh.secret, body, sh.now), Body: body}); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		sh.work()
		link, payments := sh.state(l)
		if link.AmountPaid != 245000 || len(payments) != 1 {
			t.Errorf("counted %d in %d payments", link.AmountPaid, len(payments))
		}
		counts := map[string]int{}
		for _, v := range sh.verdicts() {
			counts[v]++
		}
		if counts["applied "] != 1 || counts["stale known_already"] != 1 || counts["replayed known_already"] != 38 {
			t.Errorf("notices: %v", counts)
		}
	})
}

// A notice that nobody signed, that somebody else signed, that is old, or whose facts are not ours,
// changes no payment and is kept with its reason.
func TestNoticeThatIsNotOursChangesNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		sh := openShop(t, s)
		l, p := sh.link(paylink.PaymentActionRequired, nil)
		other, _ := sh.link(paylink.PaymentActionRequired, nil)
		before, _ := sh.state(l)
		signed := func(body []byte) http.Header { return sandboxtest.Sign(sh.secret, body, sh.now) }

		good := sh.body(p, "captured", nil)
		for _, c := range []struct {
			name   string
			header http.Header
			body   []byte
			want   string
		}{
			{"unsigned", http.Header{}, good, "refused missing_signature"},
			{"signed by another", sandboxtest.Sign("another secret", good, sh.now), good, "refused bad_signature"},
			{"signature of another body", signed(sh.body(p, "pending", nil)), good, "refused bad_signature"},
			{"five minutes old", sandboxtest.Sign(sh.secret, good, sh.now.Add(-301*time.Second)), good, "refused stale_timestamp"},
			{"wrong amount", nil, sh.body(p, "captured", map[string]any{"amount": 100, "fee": 0, "tax": 0}), "quarantined wrong_amount"},
			{"wrong currency", nil, sh.body(p, "captured", map[string]any{"currency": "USD"}), "quarantined wrong_currency"},
			{"unknown order", nil, sh.body(p, "captured", map[string]any{"reference": paylink.NewPaymentReference()}), "quarantined unknown_reference"},
			{"another account", nil, sh.body(p, "captured", map[string]any{"account": "mer_x.acct_y"}), "quarantined wrong_account"},
			{"not understood", nil, []byte(`{"surprise":true}`), "quarantined unreadable"},
		} {
			if c.header == nil {
				c.header = signed(c.body)
			}
			sh.receive(c.header, c.body)
			sh.work()
			if got := sh.verdicts(); got[len(got)-1] != c.want {
				t.Errorf("%s: %q, want %q", c.name, got[len(got)-1], c.want)
			}
		}
		if after, payments := sh.state(l); after.Status != before.Status || after.AmountPaid != 0 || after.InFlight != 1 || payments[0].Status != paylink.PaymentActionRequired {
			t.Errorf("the link changed to %s, the payment to %s", after.Status, payments[0].Status)
		}
		// Other money for an order of ours is told, each time that it comes; nothing else is.
		want := []paylink.EventType{paylink.EventPaymentQuarantined, paylink.EventPaymentQuarantined}
		if told := append(sh.told(l), sh.told(other)...); !slices.Equal(told, want) {
			t.Errorf("told %v", told)
		}
		// The same order, told truly, still counts.
		sh.post(sh.body(p, "captured", nil))
		if after, _ := sh.state(l); after.Status != paylink.LinkPaid {
			t.Errorf("then the true notice left the link %s", after.Status)
		}
	})
}

// Notices overtake each other: whatever the order, a payment that was captured is captured.
func TestNoticesInAnyOrderEndTheSame(t *testing.T) {
	orders := [][]string{
		{"pending", "failed", "captured"}, {"pending", "captured", "failed"}, {"failed", "pending", "captured"},
		{"failed", "captured", "pending"}, {"captured", "pending", "failed"}, {"captured", "failed", "pending"},
	}
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		sh := openShop(t, s)
		for _, order := range orders {
			l, p := sh.link(paylink.PaymentActionRequired, nil)
			for _, status := range order {
				sh.post(sh.body(p, status, nil))
			}
			link, payments := sh.state(l)
			if link.Status != paylink.LinkPaid || link.AmountPaid != 245000 || payments[0].Status != paylink.PaymentCaptured || link.InFlight != 0 {
				t.Errorf("%v: link %s, paid %d, in flight %d, payment %s", order, link.Status, link.AmountPaid, link.InFlight, payments[0].Status)
			}
		}
	})
}

// A decline frees the link for another try, and says why.
func TestDeclineLetsTheCustomerTryAgain(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		sh := openShop(t, s)
		l, p := sh.link(paylink.PaymentActionRequired, nil)
		sh.post(sh.body(p, "failed", nil))
		link, payments := sh.state(l)
		if link.Status != paylink.LinkFailed || link.Refusal(sh.now) != "" || payments[0].Decline.Group != "insufficient_funds" {
			t.Errorf("link %s, refusal %q, decline %+v", link.Status, link.Refusal(sh.now), payments[0].Decline)
		}
		want := []paylink.EventType{paylink.EventPaymentFailed, paylink.EventLinkFailed}
		if got := sh.told(l); !slices.Equal(got, want) {
			t.Errorf("told %v, want %v", got, want)
		}
	})
}

// Money arrives after its time or a second time. It is never silence: each case has its outcome.
func TestAbnormalMoneyHasItsOutcome(t *testing.T) {
	type result struct {
		status   paylink.LinkStatus
		paid     int64
		abnormal paylink.Abnormal
		outcome  paylink.Policy
	}
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		sh := openShop(t, s)
		for _, c := range []struct {
			name   string
			change func(*paylink.Link)
			want   result
		}{
			{"late after expiry, accepted", func(l *paylink.Link) {
				l.ExpiresAt, l.Status, l.InFlight = sh.now.Add(-time.Hour), paylink.LinkExpired, 0
			}, result{paylink.LinkPaid, 245000, paylink.AbnormalLate, paylink.PolicyAccept}},
			{"late after expiry, held", func(l *paylink.Link) {
				l.ExpiresAt, l.Status, l.InFlight, l.OnLate = sh.now.Add(-time.Hour), paylink.LinkExpired, 0, paylink.PolicyHold
			}, result{paylink.LinkExpired, 0, paylink.AbnormalLate, paylink.PolicyHold}},
			{"late after cancelling", func(l *paylink.Link) {
				l.CancelledAt, l.Status, l.InFlight = sh.now.Add(-time.Minute), paylink.LinkCancelled, 0
			}, result{paylink.LinkPaid, 245000, paylink.AbnormalLate, paylink.PolicyAccept}},
			{"paid already by another attempt", func(l *paylink.Link) {
				l.AmountPaid, l.Status, l.InFlight = 245000, paylink.LinkPaid, 0
			}, result{paylink.LinkPaid, 245000, paylink.AbnormalDuplicate, paylink.PolicyRefund}},
			{"past the expiry but within the grace of a live payment", func(l *paylink.Link) {
				l.ExpiresAt = sh.now.Add(-paylink.ExpiryGrace + time.Second)
			}, result{paylink.LinkPaid, 245000, "", ""}},
		} {
			status := paylink.PaymentAbandoned
			probe := paylink.Link{InFlight: 1}
			c.change(&probe)
			if probe.InFlight == 1 {
				status = paylink.PaymentPending
			}
			l, p := sh.link(status, c.change)
			sh.post(sh.body(p, "captured", nil))
			link, payments := sh.state(l)
			got := result{link.Status, link.AmountPaid, payments[0].Abnormal, payments[0].Disposition}
			if got != c.want {
				t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
			}
			if told := sh.told(l); c.want.abnormal != "" && !slices.Contains(told, "payment."+paylink.EventType(c.want.abnormal)) {
				t.Errorf("%s: told only %v", c.name, told)
			}
		}
	})
}

// The customer's bank debits twice for one order: the second money is a payment of its own, recorded
// once, and does not count.
func TestSecondCaptureOfOneOrderIsRecordedOnceAsDuplicate(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		sh := openShop(t, s)
		l, p := sh.link(paylink.PaymentActionRequired, nil)
		sh.post(sh.body(p, "captured", nil))
		second := map[string]any{"id": "sbx_pay_second", "bank_reference": "499999999999"}
		sh.post(sh.body(p, "captured", second))
		sh.post(sh.body(p, "captured", second))
		link, payments := sh.state(l)
		if len(payments) != 2 || link.AmountPaid != 245000 || link.PaymentsCount != 1 {
			t.Fatalf("%d payments, %d paid, %d counted", len(payments), link.AmountPaid, link.PaymentsCount)
		}
		dup := payments[1]
		if dup.Abnormal != paylink.AbnormalDuplicate || dup.Disposition != paylink.PolicyRefund || dup.AmountCaptured != 245000 || dup.Reference == p.Reference {
			t.Errorf("the second is %+v", dup)
		}
		want := []paylink.EventType{paylink.EventPaymentCaptured, paylink.EventLinkPaid, paylink.EventPaymentCaptured, paylink.EventPaymentDuplicate, paylink.EventRefundCreated}
		if got := sh.told(l); !slices.Equal(got, want) {
			t.Errorf("told %v, want %v", got, want)
		}
	})
}

// The notice never comes. Asking finds out: nothing yet, no answer, given up in time.
func TestAskingFindsOutWhatNoNoticeTold(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		sh := openShop(t, s)
		far := sandboxtest.Serve(t, sandbox.Config{Now: time.Now})
		sh.secret = sandboxtest.Account(far, sh.merchant, sh.account).Secret
		sh.connect(far.Origin + "/sandbox")
		ask := func(p paylink.Payment, once bool) {
			sh.write(func(tx *store.Tx) error {
				tx.Enqueue(paylink.Job{
					ID: paylink.NewJobID(sh.now), Kind: paylink.JobAsk, Key: string(p.ID), Merchant: sh.merchant,
					Payload: paylink.JobPayload{Payment: p.ID, Once: once}, RunAt: sh.now,
				}, sh.now)
				return nil
			})
			sh.work()
		}
		status := func(l paylink.Link) paylink.PaymentStatus {
			_, payments := sh.state(l)
			return payments[0].Status
		}

		// The gateway never heard of it: nothing is known, until the attempt's time is up.
		l, p := sh.link(paylink.PaymentActionRequired, nil)
		ask(p, true)
		if got := status(l); got != paylink.PaymentActionRequired {
			t.Errorf("a payment that nobody began is %s", got)
		}
		// The gateway cannot say, and somebody waits: do not pay again.
		far.Break(http.StatusGatewayTimeout)
		ask(p, true)
		if got := status(l); got != paylink.PaymentUnknown {
			t.Errorf("a payment whose gateway does not answer is %s", got)
		}
		// It can again; the half hour is over.
		far.Break(0)
		sh.now = sh.now.Add(paylink.AttemptLife)
		ask(p, true)
		if got := status(l); got != paylink.PaymentAbandoned {
			t.Errorf("a payment that nobody finished in time is %s", got)
		}
		if link, _ := sh.state(l); link.InFlight != 0 {
			t.Errorf("%d payments in flight", link.InFlight)
		}
	})
}

// connect points the shop's account at a sandbox.
func (sh *shop) connect(base string) {
	sh.write(func(tx *store.Tx) error {
		tx.SetAccountURL(sh.merchant, sh.account, base)
		tx.SetAccountSecret(sh.merchant, sh.account, provider.SealSecret(sh.ring, sh.account, sh.secret))
		return nil
	})
}

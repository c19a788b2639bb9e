package refund_test

import (
	"crypto/rand"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"paylink"
	"paylink/confirm"
	"paylink/gateway"
	"paylink/queue"
	"paylink/queue/queuetest"
	"paylink/refund"
	pretend "paylink/sandbox"
	"paylink/store"
	"paylink/store/storetest"
)

func (sh *shop) hearing() *confirm.Confirm {
	return confirm.New(confirm.Deps{Store: sh.store, Ring: sh.refunds.Ring, Gateways: sh.refunds.Gateways, Now: sh.refunds.Now, Log: sh.refunds.Log})
}

// workAll does the jobs of this step and of confirm that are due.
func (sh *shop) workAll() {
	sh.Helper()
	hearing := sh.hearing()
	queuetest.Drain(sh, sh.store, func() time.Time { return sh.now }, func(q *queue.Queue) {
		sh.refunds.Register(q)
		hearing.Register(q)
	})
}

// reserved is a payment of ₹2,450.00 whose money the customer's bank reserves, here and at the sandbox.
func (sh *shop) reserved(change func(*paylink.Link)) paylink.Payment {
	sh.Helper()
	p := sh.begun(change)
	sh.workAll()
	if p = sh.payment(p); p.Status != paylink.PaymentAuthorised || !p.CaptureBefore.After(sh.now) {
		sh.Fatalf("the payment is %+v", p)
	}
	return p
}

// begun is such a payment of whose reservation only the sandbox knows so far.
func (sh *shop) begun(change func(*paylink.Link)) paylink.Payment {
	sh.Helper()
	l := paylink.Link{
		ID: paylink.NewLinkID(sh.now), Merchant: sh.merchant.ID, Status: paylink.LinkPending, Revision: 1, Amount: paylink.Money{Minor: 245000, Currency: "INR"},
		Terms: paylink.Terms{CaptureMethod: paylink.CaptureManual}, Usage: paylink.Usage{Mode: paylink.UsageSingle},
		OnLate: paylink.PolicyHold, OnDuplicate: paylink.PolicyRefund, InFlight: 1, AmountInFlight: 245000, Attempts: 1, CreatedAt: sh.now, UpdatedAt: sh.now,
	}
	if change != nil {
		change(&l)
	}
	var key [8]byte
	rand.Read(key[:])
	for _, b := range key {
		l.CodeKey = l.CodeKey<<8 | uint64(b)
	}
	p := paylink.Payment{
		ID: paylink.NewPaymentID(sh.now), Merchant: sh.merchant.ID, Link: l.ID, Status: paylink.PaymentActionRequired, Amount: l.Amount, Manual: true,
		Method: paylink.MethodUPI, Gateway: "sandbox", Account: sh.account.ID, Reference: paylink.NewPaymentReference(), CreatedAt: sh.now, UpdatedAt: sh.now,
	}
	started, err := sh.gateway.Start(sh.Context(), sh.account, gateway.Order{
		Reference: p.Reference, Amount: p.Amount, Method: p.Method, ReturnURL: sh.far.Inbox, NotifyURL: sh.far.Inbox, ExpiresAt: time.Now().Add(time.Hour), Manual: true,
	})
	if err != nil {
		sh.Fatal(err)
	}
	browser := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := browser.PostForm(started.Action.URL, url.Values{"app": {"test_success"}})
	if err != nil {
		sh.Fatal(err)
	}
	_ = res.Body.Close()
	sh.write(func(tx *store.Tx) error {
		tx.InsertLink(l)
		tx.InsertPayment(p)
		tx.Enqueue(paylink.Job{
			ID: paylink.NewJobID(sh.now), Kind: paylink.JobAsk, Key: string(p.ID), Merchant: p.Merchant, Payload: paylink.JobPayload{Payment: p.ID}, RunAt: sh.now,
		}, sh.now)
		return nil
	})
	return p
}

func (sh *shop) payment(p paylink.Payment) paylink.Payment {
	sh.Helper()
	p, err := sh.store.Read(sh.Context()).Payment(p.Merchant, p.Live, p.ID)
	if err != nil {
		sh.Fatal(err)
	}
	return p
}

func (sh *shop) link(p paylink.Payment) paylink.Link {
	sh.Helper()
	l, err := sh.store.Read(sh.Context()).Link(p.Merchant, p.Live, p.Link)
	if err != nil {
		sh.Fatal(err)
	}
	return l
}

func (sh *shop) decide(p paylink.Payment, intent paylink.Intent, amount int64) error {
	_, err := sh.refunds.Decide(sh.Context(), refund.Decision{Merchant: p.Merchant, Live: p.Live, Payment: p.ID, Intent: intent, Amount: amount, Actor: "key_a"}, nil)
	return err
}

// A part was delivered: the customer pays that part, the rest is not asked for again, and the merchant is told who
// asked and what came of it.
func TestCaptureOfAPartSettlesTheLink(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		sh := openShop(t, s)
		p := sh.reserved(nil)
		if l := sh.link(p); l.Status != paylink.LinkPending || l.Refusal(sh.now) != "payment_in_flight" {
			t.Errorf("while money is reserved the link is %s and refuses with %q", l.Status, l.Refusal(sh.now))
		}
		if err := sh.decide(p, paylink.IntentCapture, 200000); err != nil {
			t.Fatal(err)
		}
		sh.workAll()
		p, l := sh.payment(p), sh.link(p)
		if p.Status != paylink.PaymentCaptured || p.AmountCaptured != 200000 || p.Abnormal != "" {
			t.Errorf("the payment is %+v", p)
		}
		if l.Status != paylink.LinkPaid || l.AmountPaid != 200000 || l.AmountDiscounted != 45000 || l.InFlight != 0 {
			t.Errorf("the link is %s, %d paid, %d released, %d in flight", l.Status, l.AmountPaid, l.AmountDiscounted, l.InFlight)
		}
		want := []paylink.EventType{paylink.EventPaymentAuthorised, paylink.EventCaptureAsked, paylink.EventPaymentCaptured, paylink.EventLinkPaid}
		if got := sh.told(l.ID); !slices.Equal(got, want) {
			t.Errorf("told %v, want %v", got, want)
		}
		if err := sh.decide(p, paylink.IntentVoid, 0); code(err) != "not_reserved" {
			t.Errorf("a void after the capture: %v", err)
		}
	})
}

// The link expired while the goods were on their way: the money was promised in time and is not late.
func TestCaptureAfterExpiryIsNotLate(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		sh := openShop(t, s)
		p := sh.reserved(func(l *paylink.Link) { l.ExpiresAt = sh.now.Add(time.Hour) })
		sh.now = sh.now.Add(26 * time.Hour)
		if err := sh.decide(p, paylink.IntentCapture, 0); err != nil {
			t.Fatal(err)
		}
		sh.workAll()
		if p, l := sh.payment(p), sh.link(p); p.Abnormal != "" || l.Status != paylink.LinkPaid || l.AmountPaid != 245000 {
			t.Errorf("the payment is %q, the link %s with %d paid", p.Abnormal, l.Status, l.AmountPaid)
		}
	})
}

// Nobody delivers, and the customer's money stays blocked: it is given back when its time is over, or with the link
// where the link says so.
func TestReservedMoneyIsGivenBackWhenItsTimeIsOver(t *testing.T) {
	for name, c := range map[string]struct {
		with  bool
		after time.Duration
	}{"with the bank's own time": {false, 7*24*time.Hour + time.Second}, "with the link": {true, time.Hour + time.Second}} {
		t.Run(name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, s *store.Store) {
				sh := openShop(t, s)
				p := sh.reserved(func(l *paylink.Link) { l.Terms.VoidOnExpiry, l.ExpiresAt = c.with, sh.now.Add(time.Hour) })
				sh.now = sh.now.Add(c.after - time.Minute)
				sh.workAll()
				if got := sh.payment(p).Status; got != paylink.PaymentAuthorised {
					t.Fatalf("before its time it is %s", got)
				}
				sh.now = sh.now.Add(time.Minute)
				sh.workAll()
				if p, l := sh.payment(p), sh.link(p); p.Status != paylink.PaymentVoided || l.InFlight != 0 || l.AmountPaid != 0 {
					t.Errorf("the payment is %s, %d in flight, %d paid", p.Status, l.InFlight, l.AmountPaid)
				}
			})
		})
	}
}

// A capture and a void come together, twenty of each: the gateway does one of them, and everybody else is told so.
func TestCaptureAgainstVoid(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		sh := openShop(t, s)
		p := sh.reserved(nil)
		var wait sync.WaitGroup
		var taken atomic.Int64
		for i := range 40 {
			wait.Go(func() {
				intent := paylink.IntentCapture
				if i%2 == 0 {
					intent = paylink.IntentVoid
				}
				switch err := sh.decide(p, intent, 0); {
				case err == nil:
					taken.Add(1)
				case code(err) != "reservation_decided":
					t.Errorf("refused with %v", err)
				}
			})
		}
		wait.Wait()
		asked := sh.payment(p).Intent
		sh.workAll()
		want := map[paylink.Intent]paylink.PaymentStatus{paylink.IntentCapture: paylink.PaymentCaptured, paylink.IntentVoid: paylink.PaymentVoided}[asked]
		if got := sh.payment(p).Status; taken.Load() != 1 || got != want {
			t.Errorf("%d were taken; %s was, and the payment is %s", taken.Load(), asked, got)
		}
	})
}

// The answer to a capture was lost, or the worker died: nothing is captured twice, and the truth is found.
func TestCaptureWithoutAnAnswerIsLookedUp(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		sh := openShop(t, s)
		p := sh.reserved(nil)
		if err := sh.decide(p, paylink.IntentCapture, 0); err != nil {
			t.Fatal(err)
		}
		sh.far.Break(http.StatusBadGateway)
		sh.workAll()
		if got := sh.payment(p); got.Status != paylink.PaymentAuthorised || got.Intent != paylink.IntentCapture {
			t.Fatalf("without an answer it is %s and %q", got.Status, got.Intent)
		}
		sh.far.Break(0)
		sh.now = sh.now.Add(time.Minute)
		sh.workAll()
		if got := sh.payment(p); got.Status != paylink.PaymentCaptured || got.AmountCaptured != 245000 {
			t.Errorf("then it is %s with %d captured", got.Status, got.AmountCaptured)
		}
	})
}

// The gateway will not: the merchant hears it, and may decide anew.
func TestRefusedCaptureMayBeDecidedAnew(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		sh := openShop(t, s)
		p := sh.reserved(nil)
		if err := sh.decide(p, paylink.IntentCapture, pretend.CaptureRefused); err != nil {
			t.Fatal(err)
		}
		sh.workAll()
		got := sh.payment(p)
		if got.Status != paylink.PaymentAuthorised || got.Intent != "" || got.Decline.Code != "capture_refused" {
			t.Fatalf("after the refusal it is %s, %q, %+v", got.Status, got.Intent, got.Decline)
		}
		if told := sh.told(p.Link); told[len(told)-1] != paylink.EventCaptureFailed {
			t.Errorf("told %v", told)
		}
		if err := sh.decide(p, paylink.IntentVoid, 0); err != nil {
			t.Fatal(err)
		}
		sh.workAll()
		if got := sh.payment(p).Status; got != paylink.PaymentVoided {
			t.Errorf("then it is %s", got)
		}
	})
}

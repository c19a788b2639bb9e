package refund_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"paylink"
	"paylink/confirm"
	"paylink/refund"
	"paylink/store"
	"paylink/store/storetest"
)

// press uses a switch of the sandbox and gives the id of what it moved.
func (sh *shop) press(path string, form url.Values) string {
	sh.Helper()
	res, err := http.PostForm(sh.far.Origin+"/sandbox"+path, form)
	if err != nil {
		sh.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	var moved struct{ ID string }
	if err := json.NewDecoder(res.Body).Decode(&moved); err != nil || res.StatusCode != http.StatusOK {
		sh.Fatalf("press %s: %d (%v)", path, res.StatusCode, err)
	}
	return moved.ID
}

// look has the gateway's list looked through, as happens every hour, and does what follows.
func (sh *shop) look() {
	sh.Helper()
	sh.now = sh.now.Add(time.Second)
	hearing := confirm.New(confirm.Deps{Store: sh.store, Ring: sh.refunds.Ring, Gateways: sh.refunds.Gateways, Now: sh.refunds.Now, Log: sh.refunds.Log})
	if err := hearing.LookAtDisputes(sh.Context()); err != nil {
		sh.Fatal(err)
	}
	sh.workAll()
}

// disputed is a payment to which its customer objects, as the gateway's list tells.
func (sh *shop) disputed() (paylink.Dispute, string) {
	sh.Helper()
	p := sh.paid()
	at := sh.press("/orders/"+p.Reference+"/dispute", url.Values{"reason": {"not_received"}})
	sh.look()
	all, err := sh.store.Read(sh.Context()).Disputes(p.Merchant, p.Live, store.DisputeFilter{Payment: p.ID}, "", 10)
	if err != nil || len(all) != 1 {
		sh.Fatalf("%d disputes (%v)", len(all), err)
	}
	return all[0], at
}

func (sh *shop) dispute(d paylink.Dispute) paylink.Dispute {
	sh.Helper()
	d, err := sh.store.Read(sh.Context()).Dispute(d.Merchant, d.Live, d.ID)
	if err != nil {
		sh.Fatal(err)
	}
	return d
}

func (sh *shop) answer(d paylink.Dispute, kind paylink.DisputeAnswer, text string) error {
	_, err := sh.refunds.AnswerDispute(sh.Context(), refund.Answer{
		Merchant: d.Merchant, Live: d.Live, Dispute: d.ID, Kind: kind, Text: text, DeliveredAt: sh.now.Add(-time.Hour), Actor: "key_a",
	}, nil)
	return err
}

// book sums an account of the merchant's books.
func (sh *shop) book(account paylink.LedgerAccount) (sum int64) {
	sh.Helper()
	balances, err := sh.store.Read(sh.Context()).LedgerBalances(store.LedgerFilter{Merchant: sh.merchant.ID, Account: account})
	if err != nil {
		sh.Fatal(err)
	}
	for _, b := range balances {
		sum += b.Debits - b.Credits
	}
	return sum
}

// A dispute is fought and won, and the money that the bank had taken is the merchant's again: in the payment, in the
// books, and told.
func TestDisputeThatIsWonBringsTheMoneyBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		sh := openShop(t, s)
		d, at := sh.disputed()
		if p := sh.payment(paylink.Payment{ID: d.Payment, Merchant: d.Merchant}); p.Dispute != paylink.DisputeNeedsResponse || p.AmountDisputed != 245000 || p.Refundable() != 0 {
			t.Errorf("the payment is disputed as %q, %d withdrawn, %d refundable", p.Dispute, p.AmountDisputed, p.Refundable())
		}
		if got := sh.book(paylink.LedgerDisputeReceivable); got != 245000 {
			t.Errorf("the books hold %d in dispute", got)
		}
		if err := sh.answer(d, paylink.AnswerContest, "Signed for at the door – “Asha”."); err != nil {
			t.Fatal(err)
		}
		sh.workAll()
		if d = sh.dispute(d); d.Status != paylink.DisputeUnderReview || d.Answer != paylink.AnswerContest || bytes.Contains(d.Evidence, []byte("Signed")) {
			t.Fatalf("after the answer it is %+v", d)
		}
		page := sh.phone()
		for _, part := range []string{"Signed for at the door", "INR 2450.00 paid by upi", "Delivered on"} {
			if !strings.Contains(page, part) {
				t.Errorf("the bank was not told %q", part)
			}
		}
		sh.press("/disputes/"+at+"/outcome", url.Values{"outcome": {"won"}})
		sh.look()
		d = sh.dispute(d)
		p := sh.payment(paylink.Payment{ID: d.Payment, Merchant: d.Merchant})
		if d.Status != paylink.DisputeWon || d.Withdrawn || p.AmountDisputed != 0 || p.Refundable() != 245000 {
			t.Errorf("won, it is %+v of %+v", d, p)
		}
		if held, lost := sh.book(paylink.LedgerDisputeReceivable), sh.book(paylink.LedgerChargebackLoss); held != 0 || lost != 0 {
			t.Errorf("the books hold %d in dispute, %d lost", held, lost)
		}
		want := []paylink.EventType{paylink.EventDisputeOpened, paylink.EventDisputeUpdated, paylink.EventDisputeUpdated, paylink.EventDisputeClosed}
		if got := sh.told(d.Link); !slices.Equal(got, want) {
			t.Errorf("told %v, want %v", got, want)
		}
	})
}

// phone is the sandbox's page, on which its bank shows what it was told.
func (sh *shop) phone() string {
	sh.Helper()
	res, err := http.Get(sh.far.Origin + "/sandbox/")
	if err != nil {
		sh.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	var page bytes.Buffer
	if _, err := page.ReadFrom(res.Body); err != nil {
		sh.Fatal(err)
	}
	return page.String()
}

// The bank decides for the customer, changes its mind, and the books follow it each time.
func TestDisputeThatIsLostAndThenWonIsBookedEachTime(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		sh := openShop(t, s)
		d, at := sh.disputed()
		sh.press("/disputes/"+at+"/outcome", url.Values{"outcome": {"lost"}})
		sh.look()
		if got := sh.book(paylink.LedgerChargebackLoss); got != 245000 || sh.dispute(d).Status != paylink.DisputeLost {
			t.Errorf("lost, the books say %d lost", got)
		}
		sh.press("/disputes/"+at+"/outcome", url.Values{"outcome": {"won"}})
		sh.look()
		if held, lost := sh.book(paylink.LedgerDisputeReceivable), sh.book(paylink.LedgerChargebackLoss); held != 0 || lost != 0 {
			t.Errorf("won after all, the books hold %d in dispute, %d lost", held, lost)
		}
		sh.press("/disputes/"+at+"/outcome", url.Values{"outcome": {"lost"}})
		sh.look()
		if got := sh.book(paylink.LedgerChargebackLoss); got != 245000 {
			t.Errorf("lost once more, the books say %d lost", got)
		}
		sh.look() // and nothing new
		if got := len(sh.told(d.Link)); got != 4 {
			t.Errorf("%d events, want 4: %v", got, sh.told(d.Link))
		}
	})
}

// Two people answer one dispute, one with evidence and one giving in: the bank hears one of them.
func TestDisputeIsAnsweredOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		sh := openShop(t, s)
		d, _ := sh.disputed()
		var wait sync.WaitGroup
		var taken atomic.Int64
		for i := range 20 {
			wait.Go(func() {
				kind := paylink.AnswerContest
				if i%2 == 0 {
					kind = paylink.AnswerAccept
				}
				switch err := sh.answer(d, kind, "ours"); {
				case err == nil:
					taken.Add(1)
				case code(err) != "dispute_answered":
					t.Errorf("refused with %v", err)
				}
			})
		}
		wait.Wait()
		sh.workAll()
		d = sh.dispute(d)
		want := map[paylink.DisputeAnswer]paylink.DisputeStatus{paylink.AnswerContest: paylink.DisputeUnderReview, paylink.AnswerAccept: paylink.DisputeAccepted}[d.Answer]
		if taken.Load() != 1 || d.Status != want {
			t.Errorf("%d were taken; %s is answered and the dispute %s", taken.Load(), d.Answer, d.Status)
		}
	})
}

// The answer's end is lost: it is not given twice, and what the gateway made of it is found.
func TestAnswerWithoutAnEndIsLookedUp(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		sh := openShop(t, s)
		d, _ := sh.disputed()
		if err := sh.answer(d, paylink.AnswerContest, "ours"); err != nil {
			t.Fatal(err)
		}
		sh.far.Break(http.StatusGatewayTimeout)
		sh.workAll()
		sh.far.Break(0)
		sh.now = sh.now.Add(time.Minute)
		sh.workAll()
		if got := sh.dispute(d).Status; got != paylink.DisputeUnderReview {
			t.Errorf("it is %s", got)
		}
	})
}

// The time to answer runs out while nobody looks: the merchant is told once more before.
func TestDisputeIsToldOnceMoreBeforeItIsDue(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		sh := openShop(t, s)
		d, _ := sh.disputed()
		sh.now = d.DueAt.Add(-paylink.DueSoon).Add(-time.Minute)
		sh.workAll()
		if told := sh.told(d.Link); slices.Contains(told, paylink.EventDisputeDueSoon) {
			t.Errorf("too early: %v", told)
		}
		sh.now = sh.now.Add(2 * time.Minute)
		sh.workAll()
		if told := sh.told(d.Link); told[len(told)-1] != paylink.EventDisputeDueSoon {
			t.Errorf("told %v", told)
		}
	})
}

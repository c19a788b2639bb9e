package ledger_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"paylink"
	"paylink/ledger"
	"paylink/store"
	"paylink/store/storetest"
)

// life is a payment on its random way, and what the world outside says of it.
type life struct {
	paylink.Payment
	refunds []paylink.RefundPart // open
	done    []paylink.RefundPart // succeeded
	dispute paylink.DisputePart  // of withdrawn money; no amount: none
	lost    bool
	turns   int
}

// world is what really moved, summed up beside the books.
type world struct {
	r    *rand.Rand
	s    *store.Store
	at   time.Time
	all  []*life
	owes int64 // what the gateway owes the merchant, by the invariant
	n    int
}

func (w *world) id(tag string) string { w.n++; return fmt.Sprint(tag, w.n) }

// step lets one thing happen and gives its entries.
func (w *world) step() []paylink.LedgerEntry {
	if len(w.all) == 0 || w.r.IntN(4) == 0 {
		p := payment(w.n, paylink.PaymentCaptured, w.at)
		p.ID = paylink.PaymentID(w.id("pay_"))
		p.AmountCaptured = 1 + w.r.Int64N(100_000)
		p.Amount.Minor = p.AmountCaptured
		p.Fee, p.Tax = p.AmountCaptured/50, p.AmountCaptured/300
		if w.r.IntN(3) == 0 {
			p.Abnormal, p.Disposition = paylink.AbnormalLate, []paylink.Policy{paylink.PolicyHold, paylink.PolicyCredit, paylink.PolicyRefund, paylink.PolicyAccept}[w.r.IntN(4)]
		}
		w.all, w.owes = append(w.all, &life{Payment: p}), w.owes+p.AmountCaptured-p.Fee-p.Tax
		return paylink.PaymentEntries(p)
	}
	l := w.all[w.r.IntN(len(w.all))]
	switch w.r.IntN(6) {
	case 0, 1:
		return w.refund(l)
	case 2:
		return w.disputed(l)
	case 3:
		amount := w.r.Int64N(50_000) - 5_000
		w.owes -= amount
		name := w.id("po_")
		return []paylink.LedgerEntry{paylink.PayoutEntry(paylink.BookOf(l.Payment), name, amount), paylink.PayoutCreditedEntry(paylink.BookOf(l.Payment), name, amount)}
	case 4:
		amount := 1 + w.r.Int64N(500)
		w.owes -= amount
		return []paylink.LedgerEntry{paylink.AdjustmentEntry(paylink.BookOf(l.Payment), w.id("adj_"), paylink.LedgerReserve, amount)}
	}
	if l.Disposition == paylink.PolicyHold && l.AmountRefunded+l.AmountRefunding == 0 {
		l.Disposition = paylink.PolicyAccept
		return []paylink.LedgerEntry{paylink.AcceptedEntry(l.Payment, l.AmountCaptured, 0)}
	}
	return nil
}

// refund begins a refund of what is left, or brings one on.
func (w *world) refund(l *life) []paylink.LedgerEntry {
	left := l.AmountCaptured - l.AmountRefunded - l.AmountRefunding - l.AmountDisputed
	switch {
	case len(l.refunds) > 0:
		r := l.refunds[0]
		l.refunds, l.AmountRefunding = l.refunds[1:], l.AmountRefunding-r.Amount
		if w.r.IntN(3) == 0 {
			return []paylink.LedgerEntry{paylink.RefundFailedEntry(l.Payment, r)}
		}
		l.done, l.AmountRefunded, w.owes = append(l.done, r), l.AmountRefunded+r.Amount, w.owes-r.Amount-3
		return []paylink.LedgerEntry{paylink.RefundSucceededEntry(l.Payment, r), paylink.FeeEntry(l.Payment, r.ID, 2, 1)}
	case len(l.done) > 0 && w.r.IntN(3) == 0:
		r := l.done[0]
		l.done, l.AmountRefunded, w.owes = l.done[1:], l.AmountRefunded-r.Amount, w.owes+r.Amount
		return []paylink.LedgerEntry{paylink.RefundReturnedEntry(l.Payment, r)}
	case left > 0 && l.Disposition != paylink.PolicyCredit:
		r := paylink.RefundPart{ID: w.id("rfnd_"), Amount: 1 + w.r.Int64N(left), Held: l.Disposition == paylink.PolicyHold || l.Disposition == paylink.PolicyRefund}
		l.refunds, l.AmountRefunding = append(l.refunds, r), l.AmountRefunding+r.Amount
		return []paylink.LedgerEntry{paylink.RefundEntry(l.Payment, r)}
	}
	return nil
}

// disputed withdraws, decides or gives back.
func (w *world) disputed(l *life) []paylink.LedgerEntry {
	d := l.dispute
	switch {
	case d.Amount == 0 && l.AmountCaptured > l.AmountRefunded+l.AmountRefunding:
		l.turns++
		d = paylink.DisputePart{ID: "dspt_" + string(l.ID), Turn: l.turns, Amount: l.AmountCaptured - l.AmountRefunded - l.AmountRefunding}
		l.dispute, l.AmountDisputed, w.owes = d, d.Amount, w.owes-d.Amount
		return []paylink.LedgerEntry{paylink.DisputeWithdrawnEntry(l.Payment, d)}
	case d.Amount == 0 || l.lost:
		return nil
	case w.r.IntN(2) == 0:
		l.lost = true
		return []paylink.LedgerEntry{paylink.DisputeLostEntry(l.Payment, d)}
	}
	l.dispute, l.AmountDisputed, w.owes = paylink.DisputePart{}, 0, w.owes+d.Amount
	return []paylink.LedgerEntry{paylink.DisputeReinstatedEntry(l.Payment, d)}
}

// Whatever order payments, refunds, disputes and payouts come in: after every step the gateway owes exactly what
// the invariant says, both sides of the books are the same, and no account stands where it never may.
func TestBooksConserveMoneyAtEveryStep(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		addMerchant(t, s)
		for seed := range uint64(3) {
			t.Run(fmt.Sprint(seed), func(t *testing.T) {
				w := &world{r: rand.New(rand.NewPCG(seed, 31)), s: s, at: noon, n: int(seed) * 1_000_000}
				before := receivable(t, s)
				for range 150 {
					w.at = w.at.Add(time.Duration(w.r.IntN(48)) * time.Hour)
					entries := w.step()
					write(t, s, func(tx *store.Tx) error { return ledger.Post(tx, w.at, entries...) })
					trials, err := ledger.TrialBalance(s.Read(t.Context()), store.LedgerFilter{Merchant: "mer_a"}, time.Time{}, w.at)
					if err != nil {
						t.Fatal(err)
					}
					for _, trial := range trials {
						if trial.Debit != trial.Credit {
							t.Fatalf("after %+v: %d and %d", entries, trial.Debit, trial.Credit)
						}
						for _, b := range trial.Accounts {
							if line, _ := b.Account.Line(); !line.Either && b.Amount()*int64(line.Side) < 0 {
								t.Fatalf("after %+v: %s is %d", entries, b.Account, b.Amount())
							}
						}
					}
					if got := receivable(t, s) - before; got != w.owes {
						t.Fatalf("after %+v: the gateway owes %d, want %d", entries, got, w.owes)
					}
				}
			})
		}
	})
}

func receivable(t *testing.T, s *store.Store) (sum int64) {
	t.Helper()
	all, err := s.Read(t.Context()).LedgerBalances(store.LedgerFilter{Merchant: "mer_a", Account: paylink.LedgerGatewayReceivable})
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range all {
		sum += b.Amount()
	}
	return sum
}

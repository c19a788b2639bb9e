package audit

import (
	"fmt"
	"slices"
	"sync/atomic"

	"paylink"
	"paylink/store"
)

// judgePayments holds payments to the books.
func (b *ledgerBooks) judgePayments(after, upTo paylink.PaymentID) (*Finding, error) {
	payments, err := b.read.BookedPayments(b.merchant, after, upTo)
	if err != nil {
		return nil, err
	}
	for _, p := range payments {
		if b.old && p.Status == paylink.PaymentCaptured && !slices.ContainsFunc(p.Entries, isCapture) {
			atomic.AddInt64(&b.report.Unposted, 1)
			continue
		}
		if f := judgeBooked(p); f != nil {
			f.Merchant, f.Mode, f.Link, f.Payment = b.merchant, mode(p.Live), p.Link, p.ID
			return f, nil
		}
	}
	return nil, nil
}

func isCapture(e paylink.LedgerEntry) bool {
	return e.Kind == paylink.EntryCapture || e.Kind == paylink.EntryRecorded
}

// judgeBooked holds one payment to its entries. What is in the books has to be what the payment says that was
// captured, charged, given back and taken back, and nothing else; and no account may be overdrawn for it.
func judgeBooked(p store.BookedPayment) *Finding {
	place := paylink.LedgerGatewayReceivable
	if p.Account == "" {
		place = paylink.LedgerOutside
	}
	net := map[paylink.LedgerAccount]int64{}
	for _, e := range p.Entries {
		if e.Book != paylink.BookOf(p.Payment) || e.Link != p.Link {
			return &Finding{Rule: RulePosted, Entry: e.ID, Detail: "the entry stands in another book, or for another link, than its payment"}
		}
		for _, l := range e.Postings {
			net[l.Account] += l.Amount
		}
	}
	captured := p.AmountCaptured
	if p.Status != paylink.PaymentCaptured {
		captured = 0
	}
	for _, c := range []struct {
		what    string
		want    int64
		account paylink.LedgerAccount
		side    paylink.LedgerSide
		of      func(paylink.LedgerEntry) bool
	}{
		{"captured", captured, place, paylink.Debit, isCapture},
		{"counted", p.Counted(), paylink.LedgerReceipts, paylink.Credit, func(e paylink.LedgerEntry) bool { return isCapture(e) || e.Kind == paylink.EntryAccepted }},
		{"the fee", p.Fee, paylink.LedgerFees, paylink.Debit, isOwnFee},
		{"the tax on it", p.Tax, paylink.LedgerInputTax, paylink.Debit, isOwnFee},
		{"refunded", p.AmountRefunded, place, paylink.Credit, func(e paylink.LedgerEntry) bool {
			return e.Kind == paylink.EntryRefundSucceeded || e.Kind == paylink.EntryRefundReturned
		}},
		{"on its way back", p.AmountRefunding, paylink.LedgerRefundsPending, paylink.Credit, anyKind},
		{"disputed and withdrawn", p.AmountDisputed, place, paylink.Credit, func(e paylink.LedgerEntry) bool {
			return e.Kind == paylink.EntryDisputeWithdrawn || e.Kind == paylink.EntryDisputeReinstated
		}},
		{"reversed", p.AmountReversed, place, paylink.Credit, func(e paylink.LedgerEntry) bool { return e.Kind == paylink.EntryReversed }},
	} {
		posted, first := sum(p, c.account, c.of)
		if posted *= int64(c.side); posted != c.want {
			return &Finding{Rule: RulePosted, Entry: first, Detail: fmt.Sprintf("%s is %d, and the books have %d in %s", c.what, c.want, posted, c.account)}
		}
	}
	for _, line := range paylink.Chart {
		if !line.Either && net[line.Account]*int64(line.Side) < 0 {
			_, first := sum(p, line.Account, anyKind)
			return &Finding{Rule: RuleNegative, Entry: first, Detail: fmt.Sprintf("%s of this payment is %d, on the wrong side", line.Account, net[line.Account])}
		}
	}
	return nil
}

func anyKind(paylink.LedgerEntry) bool { return true }

func isOwnFee(e paylink.LedgerEntry) bool { return e.Kind == paylink.EntryFee && e.Cause == "" }

// sum adds up what some of a payment's entries post to an account, and names the first of them. An entry that was
// taken back counts together with the correction that did so.
func sum(p store.BookedPayment, account paylink.LedgerAccount, of func(paylink.LedgerEntry) bool) (total int64, first paylink.EntryID) {
	for _, e := range p.Entries {
		is := e
		if e.Kind == paylink.EntryCorrection {
			i := slices.IndexFunc(p.Entries, func(o paylink.LedgerEntry) bool { return string(o.ID) == e.Cause })
			if i < 0 {
				continue
			}
			is = p.Entries[i]
		}
		if !of(is) {
			continue
		}
		if first == "" {
			first = e.ID
		}
		for _, l := range e.Postings {
			if l.Account == account {
				total += l.Amount
			}
		}
	}
	return total, first
}

package paylink_test

import (
	"slices"
	"testing"

	"paylink"
)

var shop = paylink.Payment{
	ID: "pay_1", Merchant: "mer_a", Link: "plink_1", Account: "acct_1", Status: paylink.PaymentCaptured,
	Amount: paylink.Money{Minor: 10_000, Currency: "INR"}, AmountCaptured: 10_000, Fee: 200, Tax: 36,
}

func with(change func(*paylink.Payment)) paylink.Payment {
	p := shop
	change(&p)
	return p
}

// lines makes postings of an account and an amount in turn.
func lines(of ...any) (all []paylink.Posting) {
	for i := 0; i < len(of); i += 2 {
		all = append(all, paylink.Posting{Account: of[i].(paylink.LedgerAccount), Amount: int64(of[i+1].(int))})
	}
	return all
}

// What a fact means for the books is laid down once; a changed account would move money in reports that nobody
// compares with the bank's.
func TestEveryFactHasItsPostings(t *testing.T) {
	refund, held := paylink.RefundPart{ID: "rfnd_1", Amount: 700}, paylink.RefundPart{ID: "rfnd_1", Amount: 700, Held: true}
	dispute := paylink.DisputePart{ID: "dspt_1", Turn: 2, Amount: 900}
	cash := with(func(p *paylink.Payment) { p.Account, p.Fee, p.Tax = "", 0, 0 })
	captured := func(change func(*paylink.Payment)) paylink.LedgerEntry {
		return paylink.PaymentEntries(with(change))[0]
	}
	for _, c := range []struct {
		name     string
		is       paylink.LedgerEntry
		kind     paylink.EntryKind
		cause    string
		postings []paylink.Posting
	}{
		{"a payment", captured(func(*paylink.Payment) {}), paylink.EntryCapture, "", lines(paylink.LedgerGatewayReceivable, 10_000, paylink.LedgerReceipts, -10_000)},
		{"one on hold", captured(func(p *paylink.Payment) { p.Abnormal, p.Disposition = paylink.AbnormalLate, paylink.PolicyHold }), paylink.EntryCapture, "",
			lines(paylink.LedgerGatewayReceivable, 10_000, paylink.LedgerSuspense, -10_000)},
		{"one that will be refunded", captured(func(p *paylink.Payment) { p.Abnormal, p.Disposition = paylink.AbnormalDuplicate, paylink.PolicyRefund }), paylink.EntryCapture, "",
			lines(paylink.LedgerGatewayReceivable, 10_000, paylink.LedgerSuspense, -10_000)},
		{"one that is the customer's credit", captured(func(p *paylink.Payment) { p.Abnormal, p.Disposition = paylink.AbnormalDuplicate, paylink.PolicyCredit }), paylink.EntryCapture, "",
			lines(paylink.LedgerGatewayReceivable, 10_000, paylink.LedgerCustomerCredit, -10_000)},
		{"a late one that is accepted", captured(func(p *paylink.Payment) { p.Abnormal, p.Disposition = paylink.AbnormalLate, paylink.PolicyAccept }), paylink.EntryCapture, "",
			lines(paylink.LedgerGatewayReceivable, 10_000, paylink.LedgerReceipts, -10_000)},
		{"too much", captured(func(p *paylink.Payment) {
			p.Abnormal, p.Disposition, p.AmountExcess = paylink.AbnormalOverpaid, paylink.PolicyHold, 1_000
		}), paylink.EntryCapture, "",
			lines(paylink.LedgerGatewayReceivable, 10_000, paylink.LedgerReceipts, -9_000, paylink.LedgerSuspense, -1_000)},
		{"too much, as a credit", captured(func(p *paylink.Payment) {
			p.Abnormal, p.Disposition, p.AmountExcess = paylink.AbnormalOverpaid, paylink.PolicyCredit, 1_000
		}), paylink.EntryCapture, "",
			lines(paylink.LedgerGatewayReceivable, 10_000, paylink.LedgerReceipts, -9_000, paylink.LedgerCustomerCredit, -1_000)},
		{"its fee", paylink.PaymentEntries(shop)[1], paylink.EntryFee, "", lines(paylink.LedgerFees, 200, paylink.LedgerInputTax, 36, paylink.LedgerGatewayReceivable, -236)},
		{"cash", paylink.PaymentEntries(cash)[0], paylink.EntryRecorded, "", lines(paylink.LedgerOutside, 10_000, paylink.LedgerReceipts, -10_000)},
		{"no fee", paylink.PaymentEntries(cash)[1], paylink.EntryFee, "", nil},
		{"a cheque that bounced", paylink.ReversedEntry(cash, 1, 10_000), paylink.EntryReversed, "1", lines(paylink.LedgerReceipts, 10_000, paylink.LedgerOutside, -10_000)},
		{"taken back by the bank", paylink.ReversedEntry(shop, 2, 50), paylink.EntryReversed, "2", lines(paylink.LedgerReceipts, 50, paylink.LedgerGatewayReceivable, -50)},
		{"accepted after a part went back", paylink.AcceptedEntry(shop, 700, 200), paylink.EntryAccepted, "", lines(paylink.LedgerSuspense, 500, paylink.LedgerRefunds, 200, paylink.LedgerReceipts, -700)},
		{"accepted", paylink.AcceptedEntry(shop, 700, 0), paylink.EntryAccepted, "", lines(paylink.LedgerSuspense, 700, paylink.LedgerReceipts, -700)},
		{"credited", paylink.CreditedEntry(shop, 700), paylink.EntryCredited, "", lines(paylink.LedgerSuspense, 700, paylink.LedgerCustomerCredit, -700)},
		{"a refund", paylink.RefundEntry(shop, refund), paylink.EntryRefund, "rfnd_1", lines(paylink.LedgerRefunds, 700, paylink.LedgerRefundsPending, -700)},
		{"of held money", paylink.RefundEntry(shop, held), paylink.EntryRefund, "rfnd_1", lines(paylink.LedgerSuspense, 700, paylink.LedgerRefundsPending, -700)},
		{"that succeeded", paylink.RefundSucceededEntry(shop, refund), paylink.EntryRefundSucceeded, "rfnd_1", lines(paylink.LedgerRefundsPending, 700, paylink.LedgerGatewayReceivable, -700)},
		{"in cash", paylink.RefundSucceededEntry(cash, refund), paylink.EntryRefundSucceeded, "rfnd_1", lines(paylink.LedgerRefundsPending, 700, paylink.LedgerOutside, -700)},
		{"that failed", paylink.RefundFailedEntry(shop, held), paylink.EntryRefundFailed, "rfnd_1", lines(paylink.LedgerRefundsPending, 700, paylink.LedgerSuspense, -700)},
		{"that came back", paylink.RefundReturnedEntry(shop, refund), paylink.EntryRefundReturned, "rfnd_1", lines(paylink.LedgerGatewayReceivable, 700, paylink.LedgerRefunds, -700)},
		{"its fee", paylink.FeeEntry(shop, "rfnd_1", 5, 0), paylink.EntryFee, "rfnd_1", lines(paylink.LedgerFees, 5, paylink.LedgerGatewayReceivable, -5)},
		{"a dispute", paylink.DisputeWithdrawnEntry(shop, dispute), paylink.EntryDisputeWithdrawn, "dspt_1/2", lines(paylink.LedgerDisputeReceivable, 900, paylink.LedgerGatewayReceivable, -900)},
		{"won", paylink.DisputeReinstatedEntry(shop, dispute), paylink.EntryDisputeReinstated, "dspt_1/2", lines(paylink.LedgerGatewayReceivable, 900, paylink.LedgerDisputeReceivable, -900)},
		{"lost", paylink.DisputeLostEntry(shop, dispute), paylink.EntryDisputeLost, "dspt_1/2", lines(paylink.LedgerChargebackLoss, 900, paylink.LedgerDisputeReceivable, -900)},
		{"opened again", paylink.DisputeReopenedEntry(shop, dispute), paylink.EntryDisputeReopened, "dspt_1/2", lines(paylink.LedgerDisputeReceivable, 900, paylink.LedgerChargebackLoss, -900)},
		{"a payout", paylink.PayoutEntry(paylink.BookOf(shop), "po_1", 5_000), paylink.EntryPayout, "po_1", lines(paylink.LedgerInTransit, 5_000, paylink.LedgerGatewayReceivable, -5_000)},
		{"one that draws", paylink.PayoutEntry(paylink.BookOf(shop), "po_1", -50), paylink.EntryPayout, "po_1", lines(paylink.LedgerInTransit, -50, paylink.LedgerGatewayReceivable, 50)},
		{"at the bank", paylink.PayoutCreditedEntry(paylink.BookOf(shop), "po_1", 5_000), paylink.EntryPayoutCredited, "po_1", lines(paylink.LedgerBank, 5_000, paylink.LedgerInTransit, -5_000)},
		{"sent back on its way", paylink.PayoutReturnedEntry(paylink.BookOf(shop), "po_1", 5_000, false), paylink.EntryPayoutReturned, "po_1", lines(paylink.LedgerGatewayReceivable, 5_000, paylink.LedgerInTransit, -5_000)},
		{"sent back by the bank", paylink.PayoutReturnedEntry(paylink.BookOf(shop), "po_1", 5_000, true), paylink.EntryPayoutReturned, "po_1", lines(paylink.LedgerGatewayReceivable, 5_000, paylink.LedgerBank, -5_000)},
		{"a reserve", paylink.AdjustmentEntry(paylink.BookOf(shop), "adj_1", paylink.LedgerReserve, 300), paylink.EntryAdjustment, "adj_1", lines(paylink.LedgerReserve, 300, paylink.LedgerGatewayReceivable, -300)},
		{"a correction", paylink.CorrectionEntry(paylink.FeeEntry(shop, "", 5, 0)), paylink.EntryCorrection, "", lines(paylink.LedgerFees, -5, paylink.LedgerGatewayReceivable, 5)},
	} {
		if c.is.Kind != c.kind || c.is.Cause != c.cause || !slices.Equal(c.is.Postings, c.postings) {
			t.Errorf("%s: %+v, want %s %q %+v", c.name, c.is, c.kind, c.cause, c.postings)
		}
		if c.postings != nil && (c.is.Balanced() != nil || c.is.Book.Currency != "INR" || c.is.Book.Merchant != "mer_a") {
			t.Errorf("%s: %v in %+v", c.name, c.is.Balanced(), c.is.Book)
		}
	}
}

// An entry that does not come out even would make every sum after it wrong.
func TestUnevenEntriesAreRefused(t *testing.T) {
	for name, postings := range map[string][]paylink.Posting{
		"nothing":           nil,
		"one line":          lines(paylink.LedgerFees, 1),
		"uneven":            lines(paylink.LedgerFees, 1, paylink.LedgerGatewayReceivable, -2),
		"an empty line":     lines(paylink.LedgerFees, 0, paylink.LedgerGatewayReceivable, 0),
		"no such account":   lines(paylink.LedgerAccount("petty_cash"), 1, paylink.LedgerGatewayReceivable, -1),
		"another's account": lines(paylink.LedgerFees, 1, paylink.LedgerBank, -1),
		"too large":         lines(paylink.LedgerFees, 1<<60, paylink.LedgerGatewayReceivable, -1<<60),
	} {
		if err := (paylink.LedgerEntry{Kind: paylink.EntryFee, Postings: postings}).Balanced(); err == nil {
			t.Errorf("%s: balanced", name)
		}
	}
}

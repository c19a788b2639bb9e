package paylink

import "fmt"

// The functions of this file say what a fact means for the books. They are pure: ids and times come when the
// entry is written. Amounts are minor units above zero unless a function says otherwise; an entry without
// amounts has no postings and is not written.

// PaymentEntries says what it means that a payment was captured, or recorded as taken outside. What does not
// count towards its link, because it is on hold or will be given back, waits in suspense; what the customer may
// keep as a credit is owed to the customer. The gateway's fee and its tax are an entry of their own.
func PaymentEntries(p Payment) []LedgerEntry {
	e := about(p, EntryCapture, "")
	if p.Account == "" {
		e.Kind = EntryRecorded
	}
	rest := LedgerSuspense
	if p.Disposition == PolicyCredit {
		rest = LedgerCustomerCredit
	}
	e.post(place(p), p.AmountCaptured)
	e.post(LedgerReceipts, -p.Counted())
	e.post(rest, p.Counted()-p.AmountCaptured)
	return []LedgerEntry{e, FeeEntry(p, "", p.Fee, p.Tax)}
}

// place is the account in which a payment's money stands.
func place(p Payment) LedgerAccount {
	if p.Account == "" {
		return LedgerOutside
	}
	return LedgerGatewayReceivable
}

// FeeEntry says what the gateway charges: for a payment, or for the refund or dispute that cause names. Below
// zero it gives some back.
func FeeEntry(p Payment, cause string, fee, tax int64) LedgerEntry {
	e := about(p, EntryFee, cause)
	e.post(LedgerFees, fee)
	e.post(LedgerInputTax, tax)
	e.post(LedgerGatewayReceivable, -fee-tax)
	return e
}

// AcceptedEntry says that held money of a payment counts after all. What of it went back meanwhile, or is on its way,
// was taken from where it waited, and is a refund like others now.
func AcceptedEntry(p Payment, amount, gone int64) LedgerEntry {
	e := about(p, EntryAccepted, "")
	e.post(LedgerSuspense, amount-gone)
	e.post(LedgerRefunds, gone)
	e.post(LedgerReceipts, -amount)
	return e
}

// CreditedEntry says that held money of a payment is the customer's to use later.
func CreditedEntry(p Payment, amount int64) LedgerEntry {
	return move(about(p, EntryCredited, ""), LedgerSuspense, LedgerCustomerCredit, amount)
}

// ReversedEntry says that the bank took a payment back, or that a recorded cheque bounced. turn numbers the
// reversals of one payment, from 1.
func ReversedEntry(p Payment, turn int, amount int64) LedgerEntry {
	return move(about(p, EntryReversed, fmt.Sprint(turn)), LedgerReceipts, place(p), amount)
}

// RefundPart is a refund as the books see it.
type RefundPart struct {
	ID     string // "rfnd_…"
	Amount int64
	Held   bool // it gives back money that did not count when it began
}

// source is where the refund's money is taken from, and returns to: money that does not count waits in suspense, or is
// the customer's credit; what was accepted meanwhile counts.
func (r RefundPart) source(p Payment) LedgerAccount {
	switch {
	case !r.Held || p.Disposition == PolicyAccept:
		return LedgerRefunds
	case p.Disposition == PolicyCredit:
		return LedgerCustomerCredit
	}
	return LedgerSuspense
}

// RefundEntry says that a refund was decided, and from then on owed.
func RefundEntry(p Payment, r RefundPart) LedgerEntry {
	return move(about(p, EntryRefund, r.ID), r.source(p), LedgerRefundsPending, r.Amount)
}

// RefundSucceededEntry says that the gateway gave the money back.
func RefundSucceededEntry(p Payment, r RefundPart) LedgerEntry {
	return move(about(p, EntryRefundSucceeded, r.ID), LedgerRefundsPending, place(p), r.Amount)
}

// RefundFailedEntry says that a refund failed, or was called off, before it had succeeded.
func RefundFailedEntry(p Payment, r RefundPart) LedgerEntry {
	return move(about(p, EntryRefundFailed, r.ID), LedgerRefundsPending, r.source(p), r.Amount)
}

// RefundReturnedEntry says that the money of a refund that had succeeded came back: the merchant has it again.
func RefundReturnedEntry(p Payment, r RefundPart) LedgerEntry {
	return move(about(p, EntryRefundReturned, r.ID), place(p), r.source(p), r.Amount)
}

// DisputePart is one movement of a dispute's money. Turn numbers how often the same has happened to the
// dispute, from 1: a scheme may open it again.
type DisputePart struct {
	ID     string // "dspt_…"
	Turn   int
	Amount int64
}

func (d DisputePart) cause() string { return fmt.Sprintf("%s/%d", d.ID, d.Turn) }

// DisputeWithdrawnEntry says that the gateway took disputed money.
func DisputeWithdrawnEntry(p Payment, d DisputePart) LedgerEntry {
	return move(about(p, EntryDisputeWithdrawn, d.cause()), LedgerDisputeReceivable, LedgerGatewayReceivable, d.Amount)
}

// DisputeReinstatedEntry says that it gave withdrawn money back.
func DisputeReinstatedEntry(p Payment, d DisputePart) LedgerEntry {
	return move(about(p, EntryDisputeReinstated, d.cause()), LedgerGatewayReceivable, LedgerDisputeReceivable, d.Amount)
}

// DisputeLostEntry says that withdrawn money is gone.
func DisputeLostEntry(p Payment, d DisputePart) LedgerEntry {
	return move(about(p, EntryDisputeLost, d.cause()), LedgerChargebackLoss, LedgerDisputeReceivable, d.Amount)
}

// DisputeReopenedEntry says that money which was gone is in question again; reinstating it comes after.
func DisputeReopenedEntry(p Payment, d DisputePart) LedgerEntry {
	return move(about(p, EntryDisputeReopened, d.cause()), LedgerDisputeReceivable, LedgerChargebackLoss, d.Amount)
}

// PayoutEntry says that the gateway paid out, or below zero, that it drew from the merchant's bank. cause names
// the payout.
func PayoutEntry(b Book, cause string, amount int64) LedgerEntry {
	return move(LedgerEntry{Book: b, Kind: EntryPayout, Cause: cause}, LedgerInTransit, LedgerGatewayReceivable, amount)
}

// PayoutCreditedEntry says that a payout, or a part of it, stands on the bank's statement.
func PayoutCreditedEntry(b Book, cause string, amount int64) LedgerEntry {
	return move(LedgerEntry{Book: b, Kind: EntryPayoutCredited, Cause: cause}, LedgerBank, LedgerInTransit, amount)
}

// PayoutReturnedEntry says that a payout came back to the gateway: from its way to the bank, or from the bank
// where it had been credited.
func PayoutReturnedEntry(b Book, cause string, amount int64, credited bool) LedgerEntry {
	from := LedgerInTransit
	if credited {
		from = LedgerBank
	}
	return move(LedgerEntry{Book: b, Kind: EntryPayoutReturned, Cause: cause}, LedgerGatewayReceivable, from, amount)
}

// AdjustmentEntry says that the gateway moved money to an account, such as reserve or tds_receivable, for a
// reason that is no payment; below zero it moved some back.
func AdjustmentEntry(b Book, cause string, to LedgerAccount, amount int64) LedgerEntry {
	return move(LedgerEntry{Book: b, Kind: EntryAdjustment, Cause: cause}, to, LedgerGatewayReceivable, amount)
}

// CorrectionEntry takes another entry back.
func CorrectionEntry(e LedgerEntry) LedgerEntry {
	c := LedgerEntry{Book: e.Book, Kind: EntryCorrection, Payment: e.Payment, Link: e.Link, Cause: string(e.ID)}
	for _, p := range e.Postings {
		c.post(p.Account, -p.Amount)
	}
	return c
}

func about(p Payment, kind EntryKind, cause string) LedgerEntry {
	return LedgerEntry{Book: BookOf(p), Kind: kind, Payment: p.ID, Link: p.Link, Cause: cause}
}

// move debits one account and credits another.
func move(e LedgerEntry, debit, credit LedgerAccount, amount int64) LedgerEntry {
	e.post(debit, amount)
	e.post(credit, -amount)
	return e
}

func (e *LedgerEntry) post(a LedgerAccount, amount int64) {
	if amount != 0 {
		e.Postings = append(e.Postings, Posting{a, amount})
	}
}

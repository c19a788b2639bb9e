package paylink

// EntryKind is what an entry of the books says has happened.
type EntryKind string

const (
	EntryCapture           EntryKind = "capture"
	EntryRecorded          EntryKind = "recorded"
	EntryFee               EntryKind = "fee"
	EntryAccepted          EntryKind = "accepted"
	EntryCredited          EntryKind = "credited"
	EntryReversed          EntryKind = "reversed"
	EntryRefund            EntryKind = "refund"
	EntryRefundSucceeded   EntryKind = "refund_succeeded"
	EntryRefundFailed      EntryKind = "refund_failed"
	EntryRefundReturned    EntryKind = "refund_returned"
	EntryDisputeWithdrawn  EntryKind = "dispute_withdrawn"
	EntryDisputeReinstated EntryKind = "dispute_reinstated"
	EntryDisputeLost       EntryKind = "dispute_lost"
	EntryDisputeReopened   EntryKind = "dispute_reopened"
	EntryPayout            EntryKind = "payout"
	EntryPayoutCredited    EntryKind = "payout_credited"
	EntryPayoutReturned    EntryKind = "payout_returned"
	EntryAdjustment        EntryKind = "adjustment"
	EntryCorrection        EntryKind = "correction"
)

// KindLine is what there is to say of one kind of entry.
type KindLine struct {
	Kind     EntryKind
	Says     string
	Accounts []LedgerAccount // that it may touch; nil: any
}

// EntryKinds lists the kinds in the order of a payment's life. What the gateway owes the merchant is therefore
// captures less refunds, fees, tax and chargebacks, and what was reinstated, adjusted and paid out, exactly: no
// kind touches gateway_receivable for another reason.
var EntryKinds = []KindLine{
	{EntryCapture, "a customer paid through a gateway", []LedgerAccount{LedgerGatewayReceivable, LedgerReceipts, LedgerSuspense, LedgerCustomerCredit}},
	{EntryRecorded, "you recorded a payment that came without a gateway", []LedgerAccount{LedgerOutside, LedgerReceipts, LedgerSuspense, LedgerCustomerCredit}},
	{EntryFee, "the gateway charged its fee", []LedgerAccount{LedgerFees, LedgerInputTax, LedgerGatewayReceivable}},
	{EntryAccepted, "money on hold was accepted", []LedgerAccount{LedgerSuspense, LedgerReceipts, LedgerRefunds}},
	{EntryCredited, "money on hold became the customer's credit", []LedgerAccount{LedgerSuspense, LedgerCustomerCredit}},
	{EntryReversed, "the bank took a payment back, or a cheque bounced", []LedgerAccount{LedgerReceipts, LedgerGatewayReceivable, LedgerOutside}},
	{EntryRefund, "a refund was set apart", []LedgerAccount{LedgerRefunds, LedgerSuspense, LedgerCustomerCredit, LedgerRefundsPending}},
	{EntryRefundSucceeded, "the refund went to the customer", []LedgerAccount{LedgerRefundsPending, LedgerGatewayReceivable, LedgerOutside}},
	{EntryRefundFailed, "the refund came to nothing", []LedgerAccount{LedgerRefunds, LedgerSuspense, LedgerCustomerCredit, LedgerRefundsPending}},
	{EntryRefundReturned, "the refund came back", []LedgerAccount{LedgerRefunds, LedgerSuspense, LedgerCustomerCredit, LedgerGatewayReceivable, LedgerOutside}},
	{EntryDisputeWithdrawn, "the gateway withdrew disputed money", []LedgerAccount{LedgerDisputeReceivable, LedgerGatewayReceivable}},
	{EntryDisputeReinstated, "the gateway gave disputed money back", []LedgerAccount{LedgerDisputeReceivable, LedgerGatewayReceivable}},
	{EntryDisputeLost, "disputed money is gone", []LedgerAccount{LedgerChargebackLoss, LedgerDisputeReceivable}},
	{EntryDisputeReopened, "a lost dispute was opened again", []LedgerAccount{LedgerChargebackLoss, LedgerDisputeReceivable}},
	{EntryPayout, "the gateway paid out", []LedgerAccount{LedgerInTransit, LedgerGatewayReceivable}},
	{EntryPayoutCredited, "the payout arrived at your bank", []LedgerAccount{LedgerBank, LedgerInTransit}},
	{EntryPayoutReturned, "the payout came back to the gateway", []LedgerAccount{LedgerBank, LedgerInTransit, LedgerGatewayReceivable}},
	{EntryAdjustment, "the gateway held back, released or corrected something", nil},
	{EntryCorrection, "another entry was taken back", nil},
}

// Line gives what there is to say of the kind; false for one that the books do not know.
func (k EntryKind) Line() (KindLine, bool) {
	for _, line := range EntryKinds {
		if line.Kind == k {
			return line, true
		}
	}
	return KindLine{}, false
}

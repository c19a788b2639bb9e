package paylink

import "time"

// CaptureMethod says when the money of a payment is taken.
type CaptureMethod string

const (
	CaptureAutomatic CaptureMethod = "automatic" // as soon as the customer's bank agrees
	CaptureManual    CaptureMethod = "manual"    // the bank reserves it; the merchant takes it later
)

// Intent is what was asked to become of reserved money. A payment takes one at a time.
type Intent string

const (
	IntentCapture Intent = "capture"
	IntentVoid    Intent = "void"
)

// ManualCapture tells whether payments of the link only reserve the money.
func (t Terms) ManualCapture() bool { return t.CaptureMethod == CaptureManual }

// ReservedUntil is until when reserved money of the payment waits for its capture: as long as the bank holds
// it, or until the link ends, where the link says so. Zero: nobody said. Times are of the payment's world.
func (p Payment) ReservedUntil(l Link) time.Time {
	until := p.CaptureBefore
	if l.Terms.VoidOnExpiry && !l.ExpiresAt.IsZero() && (until.IsZero() || l.ExpiresAt.Before(until)) {
		until = l.ExpiresAt
	}
	return until
}

// Lapse gives the job that gives reserved money back when its time is over; false when nobody knows when.
func (p Payment) Lapse(id JobID, l Link) (Job, bool) {
	until := p.ReservedUntil(l)
	if p.Status != PaymentAuthorised || until.IsZero() {
		return Job{}, false
	}
	return Job{
		ID: id, Kind: JobLapse, Key: string(p.ID), Merchant: p.Merchant, Live: p.Live, World: true,
		Payload: JobPayload{Payment: p.ID}, RunAt: until,
	}, true
}

// Instructed tells whether something was asked to become of reserved money that the gateway has not done yet.
func (p Payment) Instructed() bool {
	return p.Intent != "" && (p.Status == PaymentAuthorised || p.Ended())
}

// Ended tells whether the attempt came to nothing. Money that the bank reserves for it all the same is given back.
func (p Payment) Ended() bool { return p.Status == PaymentAbandoned || p.Status == PaymentFailed }

// released is the part of the link that a capture of less than was reserved leaves unasked for: what was not
// delivered is not owed.
func (p Payment) released(added int64) int64 {
	if !p.Manual || p.AmountCaptured >= p.Amount.Minor || p.Abnormal == AbnormalUnderpaid {
		return 0
	}
	return p.Towards().Minor - (p.Counted() - added) - p.Extras.Off()
}

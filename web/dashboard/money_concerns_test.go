package dashboard

import (
	"strings"
	"testing"
	"time"

	"paylink"
	"paylink/store"
	"paylink/store/storetest"
)

// A gateway tells of dollars where rupees were asked for: somebody has to look, until the right money is told or a
// month is over, and once for each payment however often it is told.
func TestMoneyThatIsNotCountedNeedsAPerson(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		o := newOffice(t, s)
		l := o.link(nil)
		p := paylink.Payment{
			ID: paylink.NewPaymentID(o.clock()), Merchant: o.merchant.ID, Link: l.ID, Status: paylink.PaymentActionRequired, Amount: l.Amount,
			Method: paylink.MethodCard, Gateway: "sandbox", Reference: paylink.NewPaymentReference(), CreatedAt: o.clock(), UpdatedAt: o.clock(),
		}
		o.write(func(tx *store.Tx) { tx.InsertPayment(p) })
		for i, reason := range []string{"wrong_currency", "wrong_currency", "unknown_reference"} {
			n := paylink.Notice{
				ID: paylink.NewNoticeID(o.clock()), Merchant: o.merchant.ID, Kind: paylink.AccountGateway, Provider: "sandbox", Account: "acct_1",
				Digest: []byte{byte(i)}, Body: []byte{1}, Verdict: paylink.NoticeReceived, ReceivedAt: o.clock(),
			}
			_, err := s.KeepNotice(t.Context(), n, paylink.Job{ID: paylink.NewJobID(o.clock()), Kind: "test", Key: string(n.ID), Merchant: n.Merchant})
			must(t, err)
			n.Verdict, n.Reason, n.JudgedAt = paylink.NoticeQuarantined, reason, o.clock()
			if reason == "wrong_currency" {
				n.Payment = p.ID
			}
			o.write(func(tx *store.Tx) { tx.JudgeNotice(n) })
		}
		const says = "money in another currency than was asked"
		shown := func() int { return strings.Count(o.get("/dashboard/test/attention").Body.String(), says) }
		if n := shown(); n != 1 {
			t.Errorf("it is shown %d times", n)
		}
		o.pass(31 * 24 * time.Hour)
		if n := shown(); n != 0 {
			t.Errorf("a month later it is shown %d times", n)
		}
		o.pass(-31 * 24 * time.Hour)
		is := p
		is.Status, is.AmountCaptured, is.CapturedAt = paylink.PaymentCaptured, p.Amount.Minor, o.clock()
		o.write(func(tx *store.Tx) { tx.UpdatePayment(is, p.Status) })
		if n := shown(); n != 0 {
			t.Errorf("when the right money came it is shown %d times", n)
		}
	})
}

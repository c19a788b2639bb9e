package dashboard

import (
	"context"
	"time"

	"paylink"
	"paylink/store"
)

// moneyConcerns are payments on hold, and refunds that wait for a second person or did not reach the customer.
func (d *Dashboard) moneyConcerns(ctx context.Context, s scene, limit int) (all []concern, err error) {
	read := d.Store.Read(ctx)
	held, err := read.PaymentsHeld(s.Merchant.ID, s.Live, limit)
	if err != nil {
		return nil, err
	}
	for _, p := range held {
		row := s.paid(p)
		all = append(all, concern{
			Name: "A payment on hold", Amount: s.money(p.Held(), p.Amount.Currency), Text: row.Detail + ".", Href: s.path("payments", string(p.ID)),
			Label: label{"Decide", "half", "note"}, When: s.when(p.UpdatedAt, s.Now), since: p.UpdatedAt,
		})
	}
	refunds, err := read.RefundsWaiting(s.Merchant.ID, s.Live, limit)
	if err != nil {
		return nil, err
	}
	for _, f := range refunds {
		row := s.refundRow(f)
		c := concern{Name: "A refund", Amount: row.Amount, Text: "It waits for a second person to approve it.", Href: s.path("payments", string(f.Payment)), Label: label{"Approve", "clock", "note"}, When: row.When, since: f.UpdatedAt}
		if f.Status == paylink.RefundFailed {
			c.Text, c.Label = row.Detail+".", row.Label
		}
		all = append(all, c)
	}
	aside, err := d.setAside(read, s, limit)
	return append(all, aside...), err
}

// setAsideFor is how long a notice that was set aside is worth a look.
const setAsideFor = 30 * 24 * time.Hour

// setAside are payments of which a gateway told other money than was asked, each once, until the true word comes.
func (d *Dashboard) setAside(read store.Reader, s scene, limit int) (all []concern, err error) {
	notices, err := read.NoticesAside(s.Merchant.ID, s.Live, limit)
	if err != nil {
		return nil, err
	}
	seen := map[paylink.PaymentID]bool{}
	for _, n := range notices {
		says := asideSays[n.Reason]
		if says == "" || seen[n.Payment] || s.Now.Sub(n.ReceivedAt) >= setAsideFor {
			continue
		}
		seen[n.Payment] = true
		p, err := read.Payment(s.Merchant.ID, s.Live, n.Payment)
		if err != nil {
			return nil, err
		}
		if p.Status == paylink.PaymentCaptured {
			continue
		}
		all = append(all, concern{
			Name: "A payment", Amount: s.money(p.Amount.Minor, p.Amount.Currency), Text: says, Href: s.path("payments", string(p.ID)),
			Label: label{"Set aside", "cross", "bad"}, When: s.when(n.ReceivedAt, s.Now), since: n.ReceivedAt,
		})
	}
	return all, nil
}

// asideSays is why a notice about a payment was set aside.
var asideSays = map[string]string{
	"wrong_currency": "The gateway tells of money in another currency than was asked. Nothing was counted: see at the gateway what it is.",
	"wrong_amount":   "The gateway tells of another amount than was asked. Nothing was counted: see at the gateway what it is.",
}

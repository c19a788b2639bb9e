package paylink

import "fmt"

// Tip lets the customer add a tip to what the link asks for.
type Tip struct {
	PresetsPercent []int64 `json:"presets_percent,omitempty" maxItems:"4" doc:"tips that the page suggests, as whole percents of what is asked, 1 to 100"`
	Presets        []int64 `json:"presets,omitempty" maxItems:"4" doc:"tips that the page suggests, in minor units"`
	Maximum        int64   `json:"maximum,omitempty" minimum:"0" maximum:"1000000000000" doc:"minor units; absent: as much as what is asked"`
}

// ShippingOption is a way to deliver what is paid for, and what it costs in minor units.
type ShippingOption struct {
	Name   string `json:"name" maxLength:"60" example:"Courier"`
	Amount int64  `json:"amount" minimum:"0" maximum:"1000000000000" doc:"minor units; 0: free" example:"5000"`
}

// Extras is what a payment has beside what its link asks for. Amounts are minor units; the zero value
// is nothing.
type Extras struct {
	Tip      int64           `json:"tip,omitempty" doc:"minor units"`
	Shipping *ShippingOption `json:"shipping,omitempty" doc:"as the customer chose it"`

	Surcharge int64     `json:"surcharge,omitempty" doc:"of the method, in minor units"`
	Discount  *Discount `json:"discount,omitempty" doc:"what a discount code took off what was asked"`
}

// Discount is what a discount code took off.
type Discount struct {
	ID     DiscountCodeID `json:"discount_code_id" maxLength:"64" doc:"disc_…"`
	Code   string         `json:"code"`
	Amount int64          `json:"amount" doc:"minor units"`
}

// IsZero tells that the payment is only what its link asks for.
func (e Extras) IsZero() bool { return e == Extras{} }

// Added is what comes on top of what the link asks for.
func (e Extras) Added() int64 {
	added := e.Tip + e.Surcharge
	if e.Shipping != nil {
		added += e.Shipping.Amount
	}
	return added
}

// Off is what a discount took off what the link asks for.
func (e Extras) Off() int64 {
	if e.Discount == nil {
		return 0
	}
	return e.Discount.Amount
}

// Extra tells that a payment can have more in it than what the link asks for, or less.
func (t Terms) Extra() bool {
	return t.Tip != nil || len(t.Shipping) > 0 || t.Surcharge != nil || len(t.DiscountCodes) > 0
}

// TipMost is the largest tip on what is asked.
func (t Terms) TipMost(asked int64) int64 {
	switch {
	case t.Tip == nil:
		return 0
	case t.Tip.Maximum > 0:
		return t.Tip.Maximum
	}
	return asked
}

// PartOf is so many percent of an amount, rounded to a whole minor unit, half away from zero.
func PartOf(amount, percent int64) int64 { return roundedQuotient(amount*percent, 100) }

// Towards is what of the link a payment of what was asked settles: the rest is extras, and a discount
// settles its part without money.
func (p Payment) Towards() Money {
	return Money{p.Amount.Minor - p.Extras.Added() + p.Extras.Off(), p.Amount.Currency}
}

// Beside is the part of the counted money that does not settle the link, because it is a tip or the
// like, and the part of the link that is settled without any: a discount, or what was reserved and not
// captured. Of too little money, the link comes first.
func (p Payment) Beside() (added, discounted int64) {
	counted := p.Counted()
	if counted == 0 {
		return 0, 0
	}
	if p.Abnormal == AbnormalUnderpaid || p.Manual {
		counted = min(counted, max(0, counted-(p.Amount.Minor-p.Extras.Added())))
	}
	added = min(p.Extras.Added(), counted)
	return added, p.Extras.Off() + p.released(added)
}

// count takes the counted money of a payment into the link.
func (l *Link) count(p Payment) {
	added, discounted := p.Beside()
	l.AmountPaid += p.Counted()
	l.AmountAdded += added
	l.AmountDiscounted += discounted
	l.PaymentsCount++
}

// Settled is what of the link is settled, in minor units.
func (l Link) Settled() int64 { return l.AmountPaid - l.AmountAdded + l.AmountDiscounted }

// addExtras judges the wishes beside what the link asks for, which is q.Amount, and makes of both what
// is to be paid.
func (l Link) addExtras(q Quote, w Wish) (Quote, error) {
	asked := q.Amount
	tip := w.Tip
	if w.TipPercent > 0 && w.TipPercent <= 100 {
		tip = PartOf(asked.Minor, w.TipPercent)
	}
	switch {
	case w.TipPercent < 0 || w.TipPercent > 100 || tip < 0:
		return Quote{}, wrongWish("/tip", "out_of_range", "The tip is outside of what is offered.")
	case tip > l.Terms.TipMost(asked.Minor):
		return Quote{}, wrongWish("/tip", "too_large", fmt.Sprintf("The tip must be at most %d minor units.", l.Terms.TipMost(asked.Minor)))
	case len(l.Terms.Shipping) > 0 && w.Shipping == 0:
		return Quote{}, wrongWish("/shipping", "required", "The way to deliver is missing.")
	case w.Shipping < 0 || w.Shipping > len(l.Terms.Shipping):
		return Quote{}, wrongWish("/shipping", "unknown_value", "This way to deliver is not offered.")
	}
	q.Extras.Tip = tip
	if w.Shipping > 0 {
		chosen := l.Terms.Shipping[w.Shipping-1]
		q.Extras.Shipping = &chosen
	}
	if d := w.Discount; d != nil {
		off, ok := d.Off(asked, w.Now)
		if !ok || !l.Terms.TakesCode(d.Code) {
			return Quote{}, NotApplicable()
		}
		q.Extras.Discount = &Discount{d.ID, d.Code, off}
	}
	q.Amount.Minor += q.Extras.Added() - q.Extras.Off()
	q.Extras.Surcharge = l.Terms.SurchargeOn(q.Amount.Minor, w.Method)
	if q.Amount.Minor += q.Extras.Surcharge; q.Amount.Minor > MaxMinor {
		return Quote{}, wrongWish("/amount", "too_large", "All together comes to more than can be paid.")
	}
	return q, nil
}

// NotApplicable refuses a discount code. It is one sentence whatever the reason, so that nobody learns
// from it which codes there are.
func NotApplicable() error {
	return wrongWish("/discount_code", "not_applicable", "This code does not apply.")
}

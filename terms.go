package paylink

import (
	"fmt"
	"reflect"
	"time"
)

// Terms is what a link says about its amount beyond the amount itself. The zero value asks for the
// whole amount at once. As JSON it is a part of the link's public shape, and of what its token signs.
type Terms struct {
	Partial        *Partial        `json:"partial,omitempty" doc:"the amount may be paid in parts; absent: at once"`
	Plan           *Plan           `json:"plan,omitempty" doc:"the amount is paid in instalments with dates"`
	Promises       *PromiseTerms   `json:"promises,omitempty" doc:"the customer may promise on the page to pay on a later day"`
	CustomerAmount *CustomerAmount `json:"customer_amount,omitempty" doc:"the customer chooses the amount; amount is 0 then"`
	Items          []LineItem      `json:"line_items,omitempty" doc:"what the amount is made of"`
	OnOver         Policy          `json:"on_overpayment,omitempty" enum:"accept,hold,refund,credit" doc:"what becomes of money above what was asked; absent: a gateway's word about it is set aside for a person"`
	OnUnder        Policy          `json:"on_underpayment,omitempty" enum:"accept,hold,refund,credit" doc:"what becomes of less money than was asked; absent: a gateway's word about it is set aside for a person"`
	SuccessText    string          `json:"success_text,omitempty" maxLength:"500" doc:"what the receipt says to the one who has paid"`
	ClosedText     string          `json:"closed_text,omitempty" maxLength:"500" doc:"what the page says when the link can no longer be paid"`
	TermsURL       string          `json:"terms_url,omitempty" maxLength:"2048" doc:"https; the customer must accept what stands there before a payment starts"`
	Template       string          `json:"template,omitempty" maxLength:"100" doc:"the name of the template that it was made of"`
	Refresh        *Refresh        `json:"refresh,omitempty" doc:"how it may be given new time when it expires; absent: by your settings"`
	Questions      []Question      `json:"questions,omitempty" maxItems:"3" doc:"what the page asks besides the money"`
	Restrict       *Restriction    `json:"restrict,omitempty" doc:"for whom the link opens; absent: for whoever has it"`
	Purpose        Purpose         `json:"purpose,omitempty" enum:"requested,transactional,recovery,promotional" doc:"why the customer is asked: requested (just now, by the customer), transactional, recovery of a debt, or promotional; laws on when to write hold for the last two; absent: transactional"`
	DueAt          *time.Time      `json:"due_at,omitempty" doc:"when the money is due; the link can be paid after that too, until it expires"`
	Reminders      []Reminder      `json:"reminders,omitempty" maxItems:"10" doc:"further messages, each sent once, until the link is paid or closed"`

	CaptureMethod CaptureMethod `json:"capture_method,omitempty" enum:"automatic,manual" doc:"when money is taken: automatic, as soon as the customer's bank agrees; manual, reserved first and captured by you, as when it is delivered. A manual one offers only the methods that can reserve; absent: automatic"`
	VoidOnExpiry  bool          `json:"void_on_expiry,omitempty" doc:"money that is reserved when the link expires is given back then; absent: when its bank no longer reserves it"`

	Receipts *Receipts     `json:"receipts,omitempty" doc:"on which channels its customer gets a receipt; absent: as your settings say"`
	Delivery *DeliveryPlan `json:"delivery,omitempty" doc:"the steps in which it is sent; absent: on all of its channels at once"`

	Tip      *Tip             `json:"tip,omitempty" doc:"the customer may add a tip; absent: none is asked"`
	Shipping []ShippingOption `json:"shipping_options,omitempty" maxItems:"5" doc:"ways to deliver, of which the customer chooses one"`

	Surcharge     *Surcharge `json:"surcharge,omitempty" doc:"what some methods cost more"`
	DiscountCodes []string   `json:"allow_discount_codes,omitempty" maxItems:"20" doc:"the codes that a payment may use, or * for all of them; absent: none"`

	Attachments []AttachmentID `json:"attachments,omitempty" maxItems:"3" doc:"files that the page hands over, att_…"`
}

// Partial lets a single-use link be paid in parts: the first at least MinimumFirst, each later one at
// least Minimum, unless it is all that is left. Minor units.
type Partial struct {
	MinimumFirst int64 `json:"minimum_first" minimum:"0" maximum:"1000000000000" doc:"least first part, in minor units; 0: as minimum"`
	Minimum      int64 `json:"minimum" minimum:"0" maximum:"1000000000000" doc:"least later part, unless it is all that is left; 0: 1 minor unit"`
}

// CustomerAmount bounds the amount that a customer may choose, both ends included. Minor units.
type CustomerAmount struct {
	Minimum int64   `json:"minimum" minimum:"0" maximum:"1000000000000" doc:"minor units; 0: 1 minor unit"`
	Maximum int64   `json:"maximum" minimum:"0" maximum:"1000000000000" doc:"minor units; 0: the largest amount there is"`
	Presets []int64 `json:"presets,omitempty" maxItems:"6" doc:"amounts that the page suggests"`
}

// IsZero tells that the link has nothing but its amount.
func (t Terms) IsZero() bool { return reflect.ValueOf(t).IsZero() }

// Adjustable tells that the customer may change a quantity.
func (t Terms) Adjustable() bool {
	for _, i := range t.Items {
		if i.Adjustable != nil {
			return true
		}
	}
	return false
}

// Wish is what a customer chose on the page, where a link leaves a choice. The zero value asks for all
// that is due.
type Wish struct {
	Amount     int64   // minor units; 0: nothing was said
	Quantities []int64 // one for each line item; nil: as they stand
	Tip        int64   // minor units
	TipPercent int64   // of what is asked, instead of Tip; 0: none
	Shipping   int     // which of the ways to deliver, from 1; 0: nothing was said
	Method     Method  // for its surcharge
	Discount   *DiscountCode
	Now        time.Time // in the merchant's world, for the discount
}

// Quote is what a wish comes to: the payment that may start now.
type Quote struct {
	Amount Money
	Items  []LineItem // as chosen; nil where the payment is not one of lines
	Extras Extras     // what of the amount does not settle the link
}

// Quote judges a wish. It gives *Invalid with the code required, too_small, too_large or fixed: a page
// that was made by hand gets no other payment than one that the merchant offers. Whether a payment may
// start at all is for [Link.Refusal] to say.
func (l Link) Quote(w Wish) (Quote, error) {
	q, err := l.quoteAsked(w)
	if err != nil {
		return q, err
	}
	return l.addExtras(q, w)
}

// quoteAsked is the quote of what the link asks for, without extras.
func (l Link) quoteAsked(w Wish) (Quote, error) {
	switch {
	case l.Terms.CustomerAmount != nil:
		return l.quoteAmount(w.Amount, l.AmountDue(), l.Terms.CustomerAmount.Maximum)
	case l.Terms.Adjustable():
		return l.quoteItems(w)
	case (l.Terms.Partial != nil || l.Terms.Plan != nil) && w.Amount != 0:
		return l.quoteAmount(w.Amount, l.LeastPart(), l.AmountDue())
	case w.Amount != 0 && w.Amount != l.AmountDue():
		return Quote{}, wrongWish("/amount", "fixed", "The amount of this link is fixed.")
	}
	q := Quote{Amount: Money{l.AmountDue(), l.Amount.Currency}}
	if l.Terms.Partial == nil && l.Terms.Plan == nil {
		q.Items = l.Terms.Items
	}
	return q, nil
}

// LeastPart is the smallest part that may be paid now, in minor units: of a plan, what is left of the next
// instalment.
func (l Link) LeastPart() int64 {
	if s, ok := l.toldInstalment(); ok {
		return min(s.Amount, l.AmountDue())
	}
	p := l.Terms.Partial
	if p == nil {
		return l.AmountDue()
	}
	if l.AmountPaid == 0 {
		return min(p.MinimumFirst, l.AmountDue())
	}
	return min(p.Minimum, l.AmountDue())
}

func (l Link) quoteAmount(amount, least, most int64) (Quote, error) {
	if room, capped := l.Room(); capped {
		most = min(most, room)
	}
	switch {
	case amount == 0:
		return Quote{}, wrongWish("/amount", "required", "The amount is missing.")
	case amount < least:
		return Quote{}, wrongWish("/amount", "too_small", fmt.Sprintf("The amount must be at least %d minor units.", least))
	case amount > most:
		return Quote{}, wrongWish("/amount", "too_large", fmt.Sprintf("The amount must be at most %d minor units.", most))
	}
	return Quote{Amount: Money{amount, l.Amount.Currency}}, nil
}

func (l Link) quoteItems(w Wish) (Quote, error) {
	items := append([]LineItem(nil), l.Terms.Items...)
	if w.Quantities != nil && len(w.Quantities) != len(items) {
		return Quote{}, wrongWish("/quantities", "required", "Each line needs its quantity.")
	}
	for n, quantity := range w.Quantities {
		var ok bool
		if items[n], ok = items[n].Choose(quantity); !ok {
			return Quote{}, wrongWish(fmt.Sprintf("/quantities/%d", n), "out_of_range", "The quantity is outside of what is offered.")
		}
	}
	t, err := TotalOf(items)
	if err != nil {
		return Quote{}, wrongWish("/quantities", "too_large", "The lines come to more than can be paid.")
	}
	if room, capped := l.Room(); capped && t.Total > room {
		return Quote{}, wrongWish("/quantities", "too_large", "The lines come to more than this link still takes.")
	}
	if t.Total < 1 {
		return Quote{}, wrongWish("/quantities", "too_small", "Nothing is chosen.")
	}
	if w.Amount != 0 && w.Amount != t.Total {
		return Quote{}, wrongWish("/amount", "fixed", "The amount follows from the quantities.")
	}
	return Quote{Amount: Money{t.Total, l.Amount.Currency}, Items: items}, nil
}

func wrongWish(pointer, code, detail string) error {
	return &Invalid{Fields: []Field{{pointer, code, detail}}}
}

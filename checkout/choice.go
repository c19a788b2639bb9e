package checkout

import (
	"errors"
	"fmt"
	"strconv"

	"paylink"
	"paylink/store"
)

// Choice is what a customer chose to pay, as the form says it. The zero value asks for all that is due.
type Choice struct {
	Amount     string   // in major units, as typed; empty: nothing was typed
	Quantities []string // one for each line item, as typed; nil: as they stand
	Tip        string   // in major units, or as "10%" of what is asked; empty: none
	Shipping   string   // which of the ways to deliver, from 1; empty: nothing was said
	Code       string   // a discount code; empty: none
	Accepted   bool     // the link's terms, where it has any
	Shown      int64    // what the page said is asked, in minor units; 0: it did not say

	Answers map[string]string // as typed, by the keys of the link's questions
}

// wish reads the choice exactly. What cannot be read gives *paylink.Invalid with the fault as its code.
func (c Choice) wish(currency paylink.Currency) (paylink.Wish, error) {
	var w paylink.Wish
	wrong := &paylink.Invalid{}
	if c.Amount != "" {
		minor, fault := paylink.ReadAmount(c.Amount, currency)
		switch {
		case fault != "":
			wrong.Add("/amount", string(fault), "This is not an amount of the currency.")
		case minor == 0:
			wrong.Add("/amount", "too_small", "The amount is nothing.")
		}
		w.Amount = minor
	}
	for i, text := range c.Quantities {
		n, err := strconv.ParseInt(text, 10, 32)
		if err != nil {
			wrong.Add(fmt.Sprintf("/quantities/%d", i), "unreadable", "This is not a whole number.")
		}
		w.Quantities = append(w.Quantities, n)
	}
	c.wishExtras(&w, currency, wrong)
	return w, wrong.OrNil()
}

// seen makes sure that nobody pays what the page did not show: a part was paid meanwhile, or the
// quantities were changed and not added up.
func (c Choice) seen(l paylink.Link, q paylink.Quote) error {
	switch {
	case l.Terms.Extra():
		wrong := &paylink.Invalid{}
		if c.Shown != q.Amount.Minor-q.Extras.Surcharge { // which the page says beside each method
			wrong.Add("/amount", "total_changed", "The choices come to another total than the page showed.")
		}
		return wrong.OrNil()
	case c.Shown == 0:
	case l.Terms.Adjustable() && c.Shown != q.Amount.Minor:
		wrong := &paylink.Invalid{}
		wrong.Add("/quantities", "total_changed", "The quantities come to another total than the page showed.")
		return wrong
	case !l.Terms.Adjustable() && c.Shown != l.AmountDue():
		return &paylink.Expired{Code: "terms_changed", Detail: "A part was paid since this page was opened."}
	}
	return nil
}

// asked judges what the link asks besides the money: nobody pays without having accepted its terms, or
// with an answer that cannot be. All that is wrong is told at once.
func (c Choice) asked(l paylink.Link) ([]paylink.Reply, error) {
	replies, err := l.Terms.Replies(c.Answers)
	if l.Terms.TermsURL == "" || c.Accepted {
		return replies, err
	}
	wrong := &paylink.Invalid{}
	wrong.Add("/terms", "required", "The terms are not accepted.")
	if answers := (*paylink.Invalid)(nil); errors.As(err, &answers) {
		wrong.Fields = append(wrong.Fields, answers.Fields...)
	}
	return nil, wrong
}

// CustomerLimit is the refusal of a browser that has paid as often as each may.
const CustomerLimit = "customer_limit"

// ownCap refuses a browser that has paid as often as each may: *paylink.Conflict. In a transaction that
// holds the link the count is exact, so that forty presses at once are no way around it.
func ownCap(read store.Reader, l paylink.Link, d Device) error {
	if l.Usage.MaxPerCustomer == 0 {
		return nil
	}
	n, err := read.PaymentsTaken(l.Merchant, l.ID, d.String())
	if err == nil && n >= l.Usage.MaxPerCustomer {
		err = &paylink.Conflict{Code: CustomerLimit, Detail: "This browser has paid as often as each may.", Other: string(l.ID)}
	}
	return err
}

// refusalOf is the code of a refusal, for a page that says it instead of failing.
func refusalOf(err error) (string, error) {
	var refused *paylink.Conflict
	if errors.As(err, &refused) {
		return refused.Code, nil
	}
	return "", err
}

package issue

import (
	"fmt"
	"slices"

	"paylink"
)

// The limits of what a link says about its amount.
const (
	maxItems    = 50
	maxItemName = 100
	maxQuantity = 9999
	maxPresets  = 6
)

// amounts judges how the amount is found: exactly one of amount, customer_amount and line_items says
// it. It gives the amount with which the page begins, zero where the customer chooses, and the terms.
func (j *judgement) amounts(d Draft, usage paylink.Usage) (paylink.Money, paylink.Terms) {
	t := d.Terms
	amount := paylink.Money{Minor: d.Amount, Currency: d.Currency}
	chosen, lines := t.CustomerAmount != nil, t.Items != nil
	if d.HasAmount || !chosen && !lines {
		j.amount(d)
	}
	j.currency(d.Currency)
	const one = "Say only one of amount, customer_amount and line_items."
	if chosen && d.HasAmount {
		j.bad.Add("/customer_amount", "conflicting", one)
	}
	if lines && (d.HasAmount || chosen) {
		j.bad.Add("/line_items", "conflicting", one)
	}
	if chosen {
		t.CustomerAmount = j.customerAmount(*t.CustomerAmount)
	}
	if lines {
		amount.Minor = j.items(t.Items)
	}
	if t.Partial != nil {
		t.Partial = j.partial(*t.Partial, usage, t, amount.Minor)
	}
	if t.Plan != nil {
		t.Plan = j.plan("/plan", *t.Plan, amount.Minor)
		j.plannable(usage, t)
	}
	j.promises(t.Promises, usage)
	j.extras(&t)
	t.OnOver = j.policy("/on_overpayment", t.OnOver, "")
	t.OnUnder = j.policy("/on_underpayment", t.OnUnder, "")
	j.text("/success_text", t.SuccessText, maxDescription, manyLines)
	j.text("/closed_text", t.ClosedText, maxDescription, manyLines)
	j.url("/terms_url", t.TermsURL)
	t.Refresh = j.refresh("/refresh", t.Refresh)
	j.questions(t.Questions)
	j.attachments(t.Attachments)
	t.DueAt = j.dueDate(t.DueAt)
	j.purpose(t.Purpose)
	j.receipts("/receipts", t.Receipts)
	j.capture(t)
	return amount, t
}

func (j *judgement) amount(d Draft) paylink.Money {
	switch {
	case !d.HasAmount:
		j.bad.Add("/amount", "required", "The amount is missing.")
	case d.Amount < 1:
		j.bad.Add("/amount", "too_small", "The amount must be at least 1 minor unit.")
	case d.Amount > paylink.MaxMinor:
		j.bad.Add("/amount", "too_large", fmt.Sprintf("The amount must be at most %d minor units.", paylink.MaxMinor))
	}
	return paylink.Money{Minor: d.Amount, Currency: d.Currency}
}

func (j *judgement) currency(c paylink.Currency) {
	if c == "" {
		j.bad.Add("/currency", "required", "The currency is missing.")
	} else if _, ok := c.Exponent(); !ok {
		j.bad.Add("/currency", "unknown_currency", "The currency must be an ISO 4217 code in capitals, such as INR.")
	}
}

// customerAmount fills in the bounds that were left out.
func (j *judgement) customerAmount(c paylink.CustomerAmount) *paylink.CustomerAmount {
	const at = "/customer_amount"
	if c.Minimum == 0 {
		c.Minimum = 1
	}
	if c.Maximum == 0 {
		c.Maximum = paylink.MaxMinor
	}
	j.within(at+"/minimum", c.Minimum, 1, paylink.MaxMinor)
	j.within(at+"/maximum", c.Maximum, max(1, c.Minimum), paylink.MaxMinor)
	if len(c.Presets) > maxPresets {
		j.bad.Add(at+"/presets", "too_many", fmt.Sprintf("The list must have at most %d members.", maxPresets))
		return &c
	}
	for i, preset := range c.Presets {
		pointer := fmt.Sprintf("%s/presets/%d", at, i)
		if j.within(pointer, preset, c.Minimum, c.Maximum); slices.Contains(c.Presets[:i], preset) {
			j.bad.Add(pointer, "duplicate_value", "This is in the list already.")
		}
	}
	return &c
}

// partial fills in the minima that were left out. Parts are for a link that is paid once, of an amount
// that stands.
func (j *judgement) partial(p paylink.Partial, usage paylink.Usage, t paylink.Terms, amount int64) *paylink.Partial {
	const at = "/partial"
	switch {
	case usage.Mode == paylink.UsageMulti:
		j.bad.Add(at, "conflicting", "Only a link of the mode single can be paid in parts.")
	case t.CustomerAmount != nil:
		j.bad.Add(at, "conflicting", "A customer who chooses the amount cannot also pay it in parts.")
	case t.Adjustable():
		j.bad.Add(at, "conflicting", "Lines whose quantity the customer chooses cannot be paid in parts.")
	}
	if p.Minimum == 0 {
		p.Minimum = 1
	}
	if p.MinimumFirst == 0 {
		p.MinimumFirst = p.Minimum
	}
	most := paylink.MaxMinor
	if amount > 0 && amount < most {
		most = amount
	}
	j.within(at+"/minimum_first", p.MinimumFirst, 1, most)
	j.within(at+"/minimum", p.Minimum, 1, most)
	return &p
}

// items judges the lines, and gives what they come to as they stand.
func (j *judgement) items(items []paylink.LineItem) int64 {
	const at = "/line_items"
	switch {
	case len(items) == 0:
		j.bad.Add(at, "required", "There must be at least one line.")
		return 0
	case len(items) > maxItems:
		j.bad.Add(at, "too_many", fmt.Sprintf("There must be at most %d lines.", maxItems))
		return 0
	}
	before := len(j.bad.Fields)
	for i, item := range items {
		j.item(fmt.Sprintf("%s/%d", at, i), item)
	}
	if len(j.bad.Fields) > before {
		return 0
	}
	greatest := slices.Clone(items)
	for i, item := range greatest {
		if item.Adjustable != nil {
			greatest[i].Quantity = item.Adjustable.Maximum
		}
	}
	if _, err := paylink.TotalOf(greatest); err != nil {
		j.bad.Add(at, "too_large", fmt.Sprintf("All that can be chosen must come to at most %d minor units.", paylink.MaxMinor))
		return 0
	}
	t, err := paylink.TotalOf(items)
	if err != nil {
		panic("lines of less than the greatest do not add up: " + err.Error())
	}
	if t.Total < 1 {
		j.bad.Add(at, "too_small", "The lines come to nothing. Let the page begin with a quantity.")
	}
	return t.Total
}

func (j *judgement) item(at string, i paylink.LineItem) {
	if i.Name == "" {
		j.bad.Add(at+"/name", "required", "The line has no name.")
	}
	j.text(at+"/name", i.Name, maxItemName, oneLine)
	j.within(at+"/unit_amount", i.UnitAmount, 1, paylink.MaxMinor)
	if _, ok := i.Rate(); !ok {
		j.bad.Add(at+"/tax_rate", "bad_rate", "The rate must be a percentage of at most 100 with at most 4 decimals, such as 18 or 12.5.")
	}
	a := i.Adjustable
	if a == nil {
		j.within(at+"/quantity", i.Quantity, 1, maxQuantity)
		return
	}
	j.within(at+"/adjustable/minimum", a.Minimum, 0, maxQuantity)
	j.within(at+"/adjustable/maximum", a.Maximum, max(1, a.Minimum), maxQuantity)
	if a.Minimum >= 0 && a.Maximum <= maxQuantity {
		j.within(at+"/quantity", i.Quantity, a.Minimum, a.Maximum)
	}
}

// within notes a number outside its bounds, both of which are allowed.
func (j *judgement) within(pointer string, n, least, most int64) {
	switch {
	case n < least:
		j.bad.Add(pointer, "too_small", fmt.Sprintf("The number must be at least %d.", least))
	case n > most:
		j.bad.Add(pointer, "too_large", fmt.Sprintf("The number must be at most %d.", most))
	}
}

// caps judges the caps of a link against its amount: one that not even one payment fits under would
// make a link that nobody can pay.
func (j *judgement) caps(u Usage, usage *paylink.Usage, l paylink.Link) {
	for _, c := range []struct {
		pointer string
		said    *int64
		into    *int64
		most    int64
	}{
		{"/usage/max_total", u.MaxTotal, &usage.MaxTotal, paylink.MaxMinor},
		{"/usage/max_per_customer", u.MaxPerCustomer, &usage.MaxPerCustomer, maxPayments},
	} {
		switch {
		case c.said == nil:
		case usage.Mode != paylink.UsageMulti:
			j.bad.Add(c.pointer, "conflicting", "Only a link of the mode multi has this cap.")
		default:
			*c.into = *c.said
			j.within(c.pointer, *c.said, 1, c.most)
		}
	}
	chosen := l.Terms.CustomerAmount != nil
	if l.Usage = *usage; usage.MaxTotal > 0 && (chosen || l.Amount.Minor > 0) && l.AmountDue() == 0 {
		j.bad.Add("/usage/max_total", "too_small", "Not even one payment fits under this cap.")
	}
}

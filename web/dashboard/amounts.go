package dashboard

import (
	"fmt"
	"slices"
	"strings"

	"paylink"
	"paylink/locale"
)

// asked is the amount of a link, for a list or a heading.
func (s scene) asked(l paylink.Link) string {
	if l.Terms.CustomerAmount != nil {
		return "any amount"
	}
	return s.Lang.Money(l.Amount)
}

// amountFacts are what a link says about its amount beyond the amount, and what is left of its caps.
func (s scene) amountFacts(l paylink.Link) []fact {
	money := func(minor int64) string { return s.money(minor, l.Amount.Currency) }
	var all []fact
	if c := l.Terms.CustomerAmount; c != nil {
		text := "The customer chooses, at least " + money(c.Minimum)
		if c.Maximum < paylink.MaxMinor {
			text += " and at most " + money(c.Maximum)
		}
		all = append(all, fact{"Amount", text})
	}
	for _, i := range l.Terms.Items {
		text := fmt.Sprintf("%d at %s", i.Quantity, money(i.UnitAmount))
		if i.TaxRate != "" {
			text += ", tax " + i.TaxRate + " % " + map[bool]string{true: "in it", false: "on top"}[i.TaxInclusive]
		}
		if a := i.Adjustable; a != nil {
			text += fmt.Sprintf(", the customer chooses %d to %d", a.Minimum, a.Maximum)
		}
		all = append(all, fact{locale.Plain(i.Name, 100), text})
	}
	if p := l.Terms.Partial; p != nil {
		all = append(all, fact{"Parts", "The first at least " + money(p.MinimumFirst) + ", later ones at least " + money(p.Minimum)})
	}
	all = append(all, s.extraFacts(l)...)
	if room, capped := l.Room(); capped {
		all = append(all, fact{"Cap on the total", money(room) + " of " + money(l.Usage.MaxTotal) + " left"})
	}
	if l.Usage.MaxPerCustomer > 0 {
		all = append(all, fact{"Each customer", "At most " + count(int(l.Usage.MaxPerCustomer), "payment")})
	}
	if due := l.Terms.DueAt; due != nil {
		all = append(all, fact{"Due by", s.Lang.Moment(*due, s.Merchant.TimeZone)})
		if l.Overdue(s.World) {
			all[len(all)-1].Value += " (overdue)"
		}
	}
	if p := l.Terms.OnOver; p != "" {
		all = append(all, fact{"Too much paid", upperFirst(word(dispositionWords, p))})
	}
	if p := l.Terms.OnUnder; p != "" {
		all = append(all, fact{"Too little paid", upperFirst(word(dispositionWords, p))})
	}
	for _, f := range []fact{{"Words when paid", l.Terms.SuccessText}, {"Words when closed", l.Terms.ClosedText}, {"Terms to accept", l.Terms.TermsURL}, {"Leads back to", l.ReturnURL}, {"Made of the template", l.Terms.Template}} {
		if f.Value != "" {
			all = append(all, f)
		}
	}
	return append(all, questionFacts(l.Terms.Questions)...)
}

// named writes a list of keys by their words.
func named[K ~string](words map[K]string, keys []K) string {
	names := make([]string, len(keys))
	for i, key := range keys {
		names[i] = word(words, key)
	}
	return strings.Join(names, ", ")
}

// linesOf writes what a payment was for.
func linesOf(p paylink.Payment) string {
	var texts []string
	for _, i := range p.Items {
		if i.Quantity > 0 {
			texts = append(texts, fmt.Sprintf("%d × %s", i.Quantity, locale.Plain(i.Name, 60)))
		}
	}
	return strings.Join(texts, ", ")
}

// extraFacts are what a link lets a customer add to its amount, and what has come in so.
func (s scene) extraFacts(l paylink.Link) []fact {
	money := func(minor int64) string { return s.money(minor, l.Amount.Currency) }
	var all []fact
	if t := l.Terms.Tip; t != nil {
		text := "The customer may add one"
		for _, percent := range t.PresetsPercent {
			text += fmt.Sprintf(", %d %%", percent)
		}
		for _, preset := range t.Presets {
			text += ", " + money(preset)
		}
		if t.Maximum > 0 {
			text += ", at most " + money(t.Maximum)
		}
		all = append(all, fact{"Tip", text})
	}
	for _, way := range l.Terms.Shipping {
		all = append(all, fact{"Delivery", locale.Plain(way.Name, 60) + ", " + money(way.Amount)})
	}
	if sur := l.Terms.Surcharge; sur != nil {
		all = append(all, fact{"Surcharge", sur.Rate + " % for " + named(methodWords, sur.Methods)})
	}
	if codes := l.Terms.DiscountCodes; slices.Contains(codes, paylink.AllCodes) {
		all = append(all, fact{"Discount codes", "All of yours"})
	} else if len(codes) > 0 {
		all = append(all, fact{"Discount codes", strings.Join(codes, ", ")})
	}
	if l.AmountAdded > 0 {
		all = append(all, fact{"Tips and delivery paid", money(l.AmountAdded)})
	}
	return all
}

// extrasOf writes what a payment has in it beside what its link asked for.
func (s scene) extrasOf(p paylink.Payment) string {
	var texts []string
	if way := p.Extras.Shipping; way != nil {
		texts = append(texts, locale.Plain(way.Name, 60)+" "+s.money(way.Amount, p.Amount.Currency))
	}
	if p.Extras.Tip > 0 {
		texts = append(texts, "tip "+s.money(p.Extras.Tip, p.Amount.Currency))
	}
	return strings.Join(texts, ", ")
}

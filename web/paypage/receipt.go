package paypage

import (
	"strings"

	"paylink"
	"paylink/checkout"
	"paylink/locale"
)

// request is what the merchant asks for, as facts. Contacts are masked: the page may be seen by
// whoever got the link forwarded.
func (v *view) request(page checkout.Page) []fact {
	var facts []fact
	add := func(label, value string) {
		if value != "" {
			facts = append(facts, fact{v.Lang.T(label), value})
		}
	}
	add("fact.for", locale.Plain(page.Link.Description, longestSubject))
	add("fact.reference", locale.Plain(page.Link.Reference, longestSubject))
	if v.Standing.waits() && v.Standing != standBusy {
		return facts // what the customer has to do now must be near the top
	}
	add("fact.requested", v.masked(page.Customer))
	if due := page.Link.Terms.DueAt; due != nil && !v.Standing.final() {
		add("fact.due_by", v.Lang.Day(*due, page.Merchant.TimeZone))
	}
	switch {
	case page.Link.ExpiresAt.IsZero():
	case v.Standing == standExpired:
		add("fact.expired", v.Lang.Moment(page.Link.ExpiresAt, page.Merchant.TimeZone))
	case !v.Standing.final():
		add("fact.until", v.Lang.Moment(page.Link.ExpiresAt, page.Merchant.TimeZone))
	}
	return facts
}

func (v *view) masked(c *paylink.Customer) string {
	if c == nil {
		return ""
	}
	address := paylink.MaskAddress(c.Phone)
	if address == "" {
		address = paylink.MaskAddress(c.Email)
	}
	name := locale.Plain(paylink.MaskName(c.Name), 4)
	if name == "" || address == "" {
		return name + address
	}
	return v.Lang.T("fact.sent", "name", name, "address", address)
}

// receipt fills in the page of money that has come. A device that did not pay sees date and amount
// only.
func (v *view) receipt(page checkout.Page, p *paylink.Payment) {
	zone, name := page.Merchant.TimeZone, v.Merchant.Name
	v.Heading, v.Lead = v.Lang.T("paid.heading"), v.Lang.T("paid.text", "merchant", name)
	if v.Standing == standStranger {
		v.Lead = v.Lang.T("paid.stranger")
		v.Facts = []fact{{v.Lang.T("fact.date"), v.Lang.Moment(page.Link.PaidAt, zone)}}
		return
	}
	switch {
	case v.Standing == standLate && p.Abnormal == paylink.AbnormalUnderpaid:
		v.Heading = v.Lang.T("short.heading")
		v.Lead = v.Lang.T("short."+string(p.Disposition), "amount", v.Amount, "asked", v.money(p.Amount.Minor, page.Link), "merchant", name)
	case v.Standing == standLate:
		v.Heading = v.Lang.T("late.heading")
		v.Lead = v.Lang.T("late."+string(p.Disposition), "amount", v.Amount, "merchant", name)
	case p.Abnormal == paylink.AbnormalLate:
		v.Notice = v.Lang.T("paid.late")
	case p.Abnormal == paylink.AbnormalDuplicate:
		v.Notice = v.Lang.T("duplicate."+string(p.Disposition), "amount", v.Amount, "merchant", name)
	case p.AmountExcess > 0:
		v.Notice = v.Lang.T("over."+string(p.Disposition), "amount", v.money(p.AmountExcess, page.Link), "merchant", name)
	}
	due := page.Link.AmountDue()
	if page.Link.Status == paylink.LinkPartiallyPaid && v.Standing == standPaid {
		v.Heading, v.Lead = v.Lang.T("part.heading"), v.Lang.T("part.text", "merchant", name, "due", v.money(due, page.Link))
	}
	legal := locale.Plain(page.Merchant.LegalName, longestName)
	if legal == "" {
		legal = name
	}
	for _, f := range []fact{
		{"fact.merchant", legal},
		{"fact.date", v.Lang.Moment(p.CapturedAt, zone)},
		{"fact.method", v.paidWith(*p)},
		{"fact.for", locale.Plain(page.Link.Description, longestSubject)},
		{"fact.reference", locale.Plain(page.Link.Reference, longestSubject)},
		{"fact.receipt", p.Reference},
		{"fact.bank", locale.Plain(p.BankReference, 40)},
	} {
		if f.Value != "" {
			v.Facts = append(v.Facts, fact{v.Lang.T(f.Label), f.Value})
		}
	}
	for _, r := range page.Replies {
		v.Facts = append(v.Facts, fact{locale.Plain(r.Label, longestSubject), locale.Plain(r.Value, longestAnswer)})
	}
	v.Facts = append(append(v.Facts, append(v.lines(p.Items, p.Amount.Currency), v.extras(p.Towards().Minor, p.Extras, p.Amount.Currency)...)...), v.owed(page.Link)...)
	if page.Refusal == "" {
		v.Again, v.AgainLabel = v.Self+"?again=1", v.Lang.T("paid.again")
		if page.Link.Usage.Mode == paylink.UsageSingle {
			v.AgainLabel = v.Lang.T("part.rest", "due", v.money(due, page.Link))
		}
	}
}

// networks are the card schemes as they write themselves.
var networks = map[string]string{
	"visa": "Visa", "mastercard": "Mastercard", "rupay": "RuPay", "amex": "American Express", "diners": "Diners Club",
}

// paidWith names the method and its mask: "Card · Visa •••• 4242".
func (v *view) paidWith(p paylink.Payment) string {
	d := p.MethodDetails
	var masks []string
	network, known := networks[strings.ToLower(d.Network)]
	if !known {
		network = d.Network
	}
	if d.Last4 != "" {
		network += " •••• " + d.Last4
	}
	for _, mask := range []string{v.Lang.T("method." + string(p.Method)), network, d.App, d.Bank} {
		if mask = locale.Plain(mask, 40); mask != "" {
			masks = append(masks, mask)
		}
	}
	return strings.Join(masks, " · ")
}

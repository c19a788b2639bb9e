package wording

import (
	"time"

	"paylink"
	"paylink/gsm"
	"paylink/locale"
)

// Preview is how a template reads with the facts of a link, and what it takes.
type Preview struct {
	locale.Text
	URL      string
	Segments int    // of a text message; else 0
	Units    int    // characters as operators count them; else 0
	Encoding string // "gsm7" or "ucs2"; empty for other channels
	Lacks    string // the first variable without a value: then the words of this house are sent; empty: none
	Flaws    []Flaw
}

// Show fills a template with facts.
func Show(l locale.Language, t paylink.MessageTemplate, f locale.MessageFacts) Preview {
	f.Kind = Kind(t.Kind)
	values := l.Values(t.Channel, f)
	if t.Kind == paylink.TemplateCode {
		f.URL, values = "", l.ProofValues(t.Channel, f.Merchant, usual["code"])
	}
	p := Preview{Text: l.Own(t.Channel, f, Fill(t.Subject, values), Fill(t.Text, values)), URL: f.URL, Lacks: Lacks(t, values), Flaws: Check(t)}
	if t.Kind == paylink.TemplateCode {
		p.Text = l.OwnProof(t.Channel, f.Merchant, Fill(t.Subject, values), Fill(t.Text, values))
	}
	if t.Channel == paylink.ChannelSMS {
		size := gsm.Count(p.Text.Text)
		p.Segments, p.Units, p.Encoding = size.Segments, size.Units, "gsm7"
		if size.Encoding == gsm.UCS2 {
			p.Encoding = "ucs2"
		}
	}
	return p
}

// Example fills a template with facts that are usual, for a merchant and a sender header.
func Example(l locale.Language, t paylink.MessageTemplate, m paylink.Merchant, header string) Preview {
	domain := "pay.example"
	if d := m.Settings.DLT; d != nil && len(d.Domains) > 0 {
		domain = d.Domains[0]
	}
	address := "https://" + domain + "/"
	if header != "" && t.Channel == paylink.ChannelSMS {
		address += header + "/"
	}
	at := time.Date(2026, time.November, 24, 12, 30, 0, 0, time.UTC)
	return Show(l, t, locale.MessageFacts{
		Merchant: m.Name, Amount: paylink.Money{Minor: 245000, Currency: m.Currency}, Description: "order 1042", Reference: "order-1042",
		CustomerName: "Asha", URL: address + "k7Qp2xW9dTz4LmVb8RsY1c", ExpiresAt: at, DueAt: at, Zone: m.TimeZone,
		Number: usual["payment"], At: at,
	})
}

// Facts are what a message says of a link, under an address that stands for the link's own: whoever looks at
// a preview does not see the secret.
func Facts(l paylink.Link, customer *paylink.Customer, m paylink.Merchant, address string) locale.MessageFacts {
	f := locale.MessageFacts{
		Merchant: m.Name, Amount: paylink.Money{Minor: l.AmountDue(), Currency: l.Amount.Currency}, Open: l.Terms.CustomerAmount != nil,
		Description: l.Description, Reference: l.Reference, URL: address, ExpiresAt: l.ExpiresAt, Zone: m.TimeZone,
	}
	if customer != nil {
		f.CustomerName = customer.Name
	}
	if l.Terms.DueAt != nil {
		f.DueAt = *l.Terms.DueAt
	}
	return f
}

// Kind is in which words of this house a message of a kind asks.
func Kind(k paylink.TemplateKind) locale.MessageKind {
	return map[paylink.TemplateKind]locale.MessageKind{
		paylink.TemplateReminder: locale.KindReminder, paylink.TemplateExpiring: locale.KindExpiring, paylink.TemplateOverdue: locale.KindOverdue,
		paylink.TemplateReceipt: locale.KindReceipt, paylink.TemplateRefund: locale.KindRefund,
	}[k]
}

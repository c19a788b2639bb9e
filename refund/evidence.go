package refund

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"paylink"
	"paylink/gateway"
	"paylink/store"
)

// Point is one line of the evidence: whether something is known that speaks for the merchant, and what.
type Point struct {
	Kind  string     `json:"kind" enum:"payment,goods,customer,request,opened,device,proof,terms,answers,receipt,delivery,file,refunded" doc:"what it is about"`
	Known bool       `json:"known" doc:"there is something to say; what is not known can be added in your own words"`
	Says  string     `json:"says" doc:"as the bank reads it; empty: nothing is known"`
	At    *time.Time `json:"at,omitempty"`
}

// Evidence is what is known of a disputed payment, and what the merchant added.
type Evidence struct {
	Points      []Point
	Text        string
	DeliveredAt time.Time
	Summary     string // of all of it, as it goes to the bank
}

// mostSummary is what gateways take, in characters.
const mostSummary = 20_000

// file is all that was read of a disputed payment.
type file struct {
	payment  paylink.Payment
	link     paylink.Link
	customer *paylink.Customer
	messages []paylink.Message
	visits   map[paylink.VisitKind]int64
	said     said
	attached bool
}

// Evidence fills the checklist from what is known of the payment: it changes nothing.
func (x *Refunds) Evidence(ctx context.Context, d paylink.Dispute) (Evidence, error) {
	f, err := x.file(x.Store.Read(ctx), d)
	if err != nil {
		return Evidence{}, about(err, "read what is known in dispute", d.ID)
	}
	e := Evidence{Points: f.points(), Text: f.said.Text, DeliveredAt: f.said.DeliveredAt}
	e.Summary = e.summary(d)
	return e, nil
}

func (x *Refunds) file(read store.Reader, d paylink.Dispute) (f file, err error) {
	if f.payment, err = read.Payment(d.Merchant, d.Live, d.Payment); err != nil {
		return f, err
	}
	if f.link, err = read.Link(d.Merchant, d.Live, d.Link); err != nil {
		return f, err
	}
	if f.customer, err = read.CustomerOf(f.link); err != nil {
		return f, err
	}
	if f.messages, err = read.MessagesOf(d.Merchant, d.Link, 100); err != nil {
		return f, err
	}
	if f.visits, err = read.VisitCounts(d.Merchant, d.Link); err != nil {
		return f, err
	}
	f.attached = d.Attachment != ""
	f.said, err = x.saidIn(d)
	return f, err
}

// points is the checklist, in the order in which a bank reads it.
func (f file) points() []Point {
	return []Point{
		f.paid(), f.goods(), f.who(), f.request(), f.opened(), f.device(), f.proof(), f.terms(), f.answers(), f.receipt(), f.delivery(),
		point("file", f.attached, "A file from the merchant is attached.", time.Time{}),
		point("refunded", f.payment.AmountRefunded > 0, fmt.Sprintf("Given back already: %s.", f.money(f.payment.AmountRefunded)), time.Time{}),
	}
}

// point is one line; without anything to say it is not known.
func point(kind string, known bool, says string, at time.Time) Point {
	p := Point{Kind: kind, Known: known}
	if known {
		p.Says = says
		if !at.IsZero() {
			p.At = &at
		}
	}
	return p
}

func (f file) money(minor int64) string {
	return string(f.payment.Amount.Currency) + " " + paylink.Money{Minor: minor, Currency: f.payment.Amount.Currency}.Decimal()
}

func stamp(t time.Time) string { return t.UTC().Format("2 Jan 2006 15:04 MST") }

func (f file) paid() Point {
	p := f.payment
	how := strings.TrimSpace(strings.Join([]string{string(p.Method), p.MethodDetails.Network, p.MethodDetails.Bank, p.MethodDetails.App}, " "))
	if p.MethodDetails.Last4 != "" {
		how += " ending in " + p.MethodDetails.Last4
	}
	return point("payment", !p.CapturedAt.IsZero(), fmt.Sprintf("%s paid by %s on %s. Payment %s, at the gateway %s, at the bank %s.",
		f.money(p.AmountCaptured), how, stamp(p.CapturedAt), p.Reference, cmp.Or(p.GatewayReference, "not told"), cmp.Or(p.BankReference, "not told")), p.CapturedAt)
}

func (f file) goods() Point {
	items := f.payment.Items
	if items == nil {
		items = f.link.Terms.Items
	}
	says := f.link.Description
	for _, i := range items {
		says += fmt.Sprintf("\n  %d × %s at %s", i.Quantity, i.Name, f.money(i.UnitAmount))
	}
	return point("goods", says != "", says, f.link.CreatedAt)
}

func (f file) who() Point {
	if f.customer == nil {
		return point("customer", false, "", time.Time{})
	}
	c := f.customer
	says := strings.Join(strings.Fields(strings.Join([]string{c.Name, c.Phone, c.Email}, " ")), " ")
	return point("customer", says != "", says, time.Time{})
}

// request is the message that came to the customer, the latest of each channel.
func (f file) request() Point {
	return f.message("request", func(m paylink.Message) bool { return m.Asks() })
}

func (f file) receipt() Point {
	return f.message("receipt", func(m paylink.Message) bool {
		return m.Kind == paylink.TemplateReceipt && m.About == string(f.payment.ID)
	})
}

func (f file) message(kind string, of func(paylink.Message) bool) Point {
	var says []string
	var at time.Time
	for _, m := range f.messages {
		if !of(m) || m.DeliveredAt.IsZero() {
			continue
		}
		line := fmt.Sprintf("Delivered by %s to %s on %s", m.Channel, m.To, stamp(m.DeliveredAt))
		if !m.ReadAt.IsZero() {
			line += ", read on " + stamp(m.ReadAt)
		}
		says, at = append(says, line+"."), m.DeliveredAt
	}
	return point(kind, len(says) > 0, strings.Join(says, "\n  "), at)
}

func (f file) opened() Point {
	return point("opened", !f.link.OpenedAt.IsZero(), fmt.Sprintf("A person opened the payment page first on %s; it was opened %d times and a payment was started %d times.",
		stamp(f.link.OpenedAt), f.visits[paylink.VisitOpened], f.visits[paylink.VisitStarted]), f.link.OpenedAt)
}

// device names the browser by a mark that says nothing about its owner.
func (f file) device() Point {
	return point("device", f.payment.Device != "", fmt.Sprintf("Started by the browser %.8s on %s, on the page that only the link leads to.", f.payment.Device, stamp(f.payment.CreatedAt)), f.payment.CreatedAt)
}

func (f file) proof() Point {
	proofs := map[paylink.Proof]string{
		paylink.ProofPhoneDigits: "digits of the customer's own phone number", paylink.ProofCode: "a one-time code that was sent to the customer",
		paylink.ProofPIN: "a PIN that the merchant had told the customer",
	}
	says, asked := proofs[f.link.Terms.Restrict.Needs()]
	return point("proof", asked, "The page opened only to whoever gave "+says+".", time.Time{})
}

func (f file) terms() Point {
	return point("terms", !f.payment.TermsAccepted.IsZero(), fmt.Sprintf("The customer accepted %s on %s.", f.link.Terms.TermsURL, stamp(f.payment.TermsAccepted)), f.payment.TermsAccepted)
}

func (f file) answers() Point {
	var labels []string
	for _, a := range f.payment.Answers {
		labels = append(labels, a.Label)
	}
	return point("answers", len(labels) > 0, "The customer answered before paying: "+strings.Join(labels, "; ")+".", f.payment.CreatedAt)
}

func (f file) delivery() Point {
	return point("delivery", !f.said.DeliveredAt.IsZero(), "Delivered on "+stamp(f.said.DeliveredAt)+", as the merchant says.", f.said.DeliveredAt)
}

// summary is the text that the bank reads: the merchant's words first.
func (e Evidence) summary(d paylink.Dispute) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Dispute %s: %s %s\n", d.GatewayReference, d.Amount.Currency, d.Amount.Decimal())
	if e.Text != "" {
		fmt.Fprintf(&b, "\n%s\n", e.Text)
	}
	b.WriteString("\n")
	for _, p := range e.Points {
		if p.Known {
			fmt.Fprintf(&b, "- %s: %s\n", p.Kind, p.Says)
		}
	}
	text := b.String()
	for utf8.RuneCountInString(text) > mostSummary {
		text = string([]rune(text)[:mostSummary])
	}
	return text
}

// evidence is what the gateway is handed.
func (x *Refunds) evidence(ctx context.Context, d paylink.Dispute) (gateway.Evidence, error) {
	read := x.Store.Read(ctx)
	f, err := x.file(read, d)
	if err != nil {
		return gateway.Evidence{}, about(err, "read what is known in dispute", d.ID)
	}
	known := Evidence{Points: f.points(), Text: f.said.Text}
	e := gateway.Evidence{Summary: known.summary(d), Description: f.link.Description, DeliveredAt: f.said.DeliveredAt}
	if f.customer != nil {
		e.CustomerName, e.CustomerEmail = f.customer.Name, f.customer.Email
	}
	if d.Attachment == "" {
		e.Receipt, e.ReceiptType = page(strings.Split(e.Summary, "\n")), "application/pdf"
		return e, nil
	}
	e.Receipt, e.ReceiptType, err = x.paper(read, d)
	return e, about(err, "read the file of dispute", d.ID)
}

package dashboard

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"paylink"
	"paylink/locale"
	"paylink/token"
)

const (
	shownMessages = 100
	shownPayments = 50
)

// detail is one link: how it stands, what can be done about it, and everything that happened.
type detail struct {
	frame
	Link      paylink.Link
	Status    label
	Sentence  string
	Name      string // what the link is called
	Amount    string
	Due       string // "₹500.00 still due", for a link that is partly paid
	Late      string // what should have been paid by now; empty: nothing
	URL       string
	QR        string // address of the picture
	Note      *remark
	Actions   actions
	Ticks     []tick // the latest message of each channel
	Older     int    // messages before those
	Days      []day
	More      bool // the timeline has events that are not shown
	Customer  *paylink.Customer
	Payments  []paid
	Plan      []fact // its instalments, and its promise
	Facts     []fact
	Metadata  []fact
	Reminders []fact // what becomes of each
	Delivery  []fact // what becomes of the steps of its delivery plan
	MadeAlike string // address of a new form
}

// fact is one line of a side card.
type fact struct{ Name, Value string }

// Link shows one link: GET /dashboard/{mode}/links/{id}.
func (d *Dashboard) Link(w http.ResponseWriter, r *http.Request) { d.enter(w, r, d.showLink) }

func (d *Dashboard) showLink(w http.ResponseWriter, r *http.Request, s scene) error {
	after, err := d.newest(r, s) // before the rest: what comes in between is then told twice, not lost
	if err != nil {
		return err
	}
	l, err := d.link(r, s)
	if err != nil {
		return err
	}
	v, err := d.detail(r.Context(), s, l)
	if err != nil {
		return err
	}
	v.After, v.Note = after, remarks[r.URL.Query().Get("note")]
	return d.render(w, r, http.StatusOK, detailPage(v))
}

func (d *Dashboard) detail(ctx context.Context, s scene, l paylink.Link) (v detail, err error) {
	read := d.Store.Read(ctx)
	v = detail{frame: d.frame(s, called(l.Description, l.Reference, l.ID), "link"), Link: l}
	v.About, v.Name = l.ID, v.Title
	v.Status, v.Amount, v.QR = statusLabel(l, s.World), upperFirst(s.asked(l)), s.path("links", string(l.ID), "qr.svg")
	if l.AmountPaid > 0 && l.AmountDue() > 0 && l.Usage.Mode == paylink.UsageSingle {
		v.Due = s.money(l.AmountDue(), l.Amount.Currency) + " still due"
	}
	v.Late, v.Due = s.late(l), joined(" · ", v.Due, s.promised(l))
	if v.URL, err = d.address(l); err != nil {
		return v, err
	}
	if v.Customer, err = read.CustomerOf(l); err != nil {
		return v, err
	}
	messages, err := read.MessagesOf(l.Merchant, l.ID, shownMessages)
	if err != nil {
		return v, err
	}
	v.Ticks = ticks(messages)
	requests := len(v.Ticks)
	v.Ticks = append(v.Ticks, tidings(messages)...)
	v.Older = len(messages) - len(v.Ticks)
	if err := d.attemptsOf(ctx, s, l.ID, v.Ticks); err != nil {
		return v, err
	}
	payments, err := read.PaymentsOf(l.Merchant, l.ID, shownPayments)
	if err != nil {
		return v, err
	}
	for _, p := range payments {
		row := s.paid(p)
		if row.Answers, err = d.answers(p); err != nil {
			return v, err
		}
		v.Payments = append(v.Payments, row)
	}
	visits, err := read.VisitCounts(l.Merchant, l.ID)
	if err != nil {
		return v, err
	}
	if v.Days, v.More, err = d.timeline(ctx, s, l.ID); err != nil {
		return v, err
	}
	v.Sentence = s.standing(l, payments, visits, v.Ticks[:requests])
	v.Plan, v.Facts = s.planFacts(l), append(s.amountFacts(l), s.facts(l, visits)...)
	v.Reminders, v.Delivery = s.reminders(l), s.deliveryFacts(messages)
	for _, key := range slices.Sorted(maps.Keys(l.Metadata)) {
		v.Metadata = append(v.Metadata, fact{key, l.Metadata[key]})
	}
	locked, err := d.proofLock(ctx, l)
	if err != nil {
		return v, err
	}
	v.Facts = append(v.Facts, s.keptFor(l, locked)...)
	v.Actions, err = d.actions(ctx, s, l, v.Customer, v.Ticks)
	v.Actions.ResetProof = !locked.IsZero()
	return v, err
}

// address is the link's own, in its plain form. It is a secret: pages hold it, logs never.
func (d *Dashboard) address(l paylink.Link) (string, error) {
	code, err := token.CodeFor(d.Ring, l.CodeKey, l.CodeSlot)
	if err != nil {
		return "", fmt.Errorf("address of link %s: %w", l.ID, err)
	}
	return strings.TrimRight(d.PublicURL, "/") + "/" + code, nil
}

// standing says in one sentence how the link stands.
func (s scene) standing(l paylink.Link, payments []paylink.Payment, visits map[paylink.VisitKind]int64, ticks []tick) string {
	if l.Hold == paylink.HoldTampered {
		return "On hold: the terms in the database are not those that were signed. No payment can start."
	}
	if l.Hold != "" {
		return "On hold (" + string(l.Hold) + "). No payment can start."
	}
	for _, p := range payments {
		if text := underWay(p); text != "" {
			return s.opened(l, visits) + text
		}
	}
	switch l.StatusAt(s.World) {
	case paylink.LinkPaid:
		return s.paidSentence(l, payments)
	case paylink.LinkCancelled:
		return "Cancelled on " + s.Lang.Moment(l.CancelledAt, s.Merchant.TimeZone) + "."
	case paylink.LinkExpired:
		return "Expired on " + s.Lang.Moment(l.ExpiresAt, s.Merchant.TimeZone) + ". Refresh it to take payments on the same address."
	case paylink.LinkFailed:
		if len(payments) > 0 && payments[0].Status == paylink.PaymentFailed {
			return "The last try was declined: " + declined(payments[0].Decline) + ". The customer may try again."
		}
		return "The last try was declined. The customer may try again."
	}
	switch {
	case l.Usage.Mode == paylink.UsageMulti && l.PaymentsCount > 0:
		return fmt.Sprintf("Paid %d× so far, and open for more.", l.PaymentsCount)
	case !l.OpenedAt.IsZero():
		return s.opened(l, visits) + "not paid yet."
	case len(ticks) == 0:
		return "Not sent by us. Share the address or the code yourself."
	case unreached(ticks) != "":
		return unreached(ticks)
	case !l.SentAt.IsZero():
		return "Sent, not opened yet."
	}
	return "On its way to the customer."
}

func (s scene) opened(l paylink.Link, visits map[paylink.VisitKind]int64) string {
	switch n := visits[paylink.VisitOpened]; {
	case n > 1:
		return fmt.Sprintf("Opened %d×, ", n)
	case n == 1 || !l.OpenedAt.IsZero():
		return "Opened, "
	}
	return "Now: "
}

func (s scene) paidSentence(l paylink.Link, payments []paylink.Payment) string {
	text := "Paid"
	for _, p := range payments {
		if p.Counts() {
			text += " by " + means(p.Method, p.MethodDetails)
			break
		}
	}
	if !l.PaidAt.IsZero() {
		text += " on " + s.Lang.Moment(l.PaidAt, s.Merchant.TimeZone)
	}
	return text + "."
}

// facts are what stands beside a timeline, ids included, for those who compare with other systems.
func (s scene) facts(l paylink.Link, visits map[paylink.VisitKind]int64) []fact {
	expires := "Never"
	if !l.ExpiresAt.IsZero() {
		expires = s.Lang.Moment(l.ExpiresAt, s.Merchant.TimeZone)
	}
	use := "One payment"
	if l.Usage.Mode == paylink.UsageMulti {
		use = fmt.Sprintf("Many payments, %d so far", l.PaymentsCount)
		if l.Usage.MaxPayments > 0 {
			use = fmt.Sprintf("%d of %d payments", l.PaymentsCount, l.Usage.MaxPayments)
		}
	}
	methods := "All that the gateway offers"
	if len(l.Methods) > 0 {
		methods = upperFirst(named(methodWords, l.Methods))
	}
	purpose := locale.Plain(l.Description, 500)
	if purpose == called(l.Description, l.Reference, l.ID) {
		purpose = "" // the heading says it
	}
	all := []fact{
		{"For", purpose},
		{"Reference", locale.Plain(l.Reference, 100)},
		{"Valid until", expires},
		{"Use", use},
		{"Ways to pay", methods},
		{"Page fetched", fmt.Sprintf("%d× (previews and robots too)", visits[paylink.VisitFetched])},
		{"Made", s.Lang.Moment(l.CreatedAt, s.Merchant.TimeZone) + " " + actorWord(l.CreatedBy)},
		{"Notes", l.Notes},
		{"Revision", fmt.Sprint(l.Revision)},
		{"Link id", string(l.ID)},
		{"Customer id", string(l.Customer)},
	}
	return slices.DeleteFunc(all, func(f fact) bool { return f.Value == "" })
}

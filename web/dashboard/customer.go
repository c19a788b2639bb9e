package dashboard

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"paylink"
	"paylink/customer"
	"paylink/store"
)

// How many of each a person's page shows, the newest.
const (
	shownOfPerson  = 20
	shownConsents  = 30
	shownDoubles   = 5
	shownPaid      = 20
	lastOfEachLink = 3
)

// person is the page of one customer.
type person struct {
	frame
	flaws
	Note     *remark
	Customer paylink.Customer
	Row      customerRow
	Standing customer.Standing
	Best     string
	Erased   bool
	Links    []row
	Payments []personPayment
	Messages []personMessage
	Consents []personConsent
	Doubles  []customerRow // who may be the same
	Form     *personForm   // the details as they are, for whoever asked to see them; nil: masks only
	Channels []choice
}

type personPayment struct {
	Href   string
	Title  string
	Amount string
	Label  label
	At     when
}

type personMessage struct {
	Href    string
	Title   string
	Channel string
	To      string // masked
	Label   label
	At      when
}

type personConsent struct {
	Channel, Purpose, Source, By string
	Label                        label
	At                           when
}

// personForm is what was typed about a person, or stands there.
type personForm struct {
	Name, Phone, Email, Locale, TaxID, Notes string
	Revision                                 string
}

// Customer shows one person, masked: GET /dashboard/{mode}/customers/{id}.
func (d *Dashboard) Customer(w http.ResponseWriter, r *http.Request) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		p, err := d.Store.Read(r.Context()).Person(s.Merchant.ID, s.Live, personID(r))
		if err != nil {
			return err
		}
		if string(p.ID) != r.PathValue("id") { // a contact, or another's name for the same person
			http.Redirect(w, r, s.path("customers", string(p.ID)), http.StatusSeeOther)
			return nil
		}
		return d.showPerson(w, r, s, http.StatusOK, person{Customer: p, Note: customerRemarks[r.URL.Query().Get("note")]})
	})
}

// RevealCustomer shows the details themselves, to be read and changed, and has it written down who asked:
// POST /dashboard/{mode}/customers/{id}/reveal.
func (d *Dashboard) RevealCustomer(w http.ResponseWriter, r *http.Request) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		p, err := d.People.Reveal(r.Context(), s.actor(), personID(r))
		if err != nil {
			return err
		}
		f := personFormOf(p)
		return d.showPerson(w, r, s, http.StatusOK, person{Customer: p, Form: &f})
	})
}

// showPerson gathers what a person's page shows.
func (d *Dashboard) showPerson(w http.ResponseWriter, r *http.Request, s scene, status int, v person) error {
	ctx, p := r.Context(), v.Customer
	v.frame, v.Erased = d.frame(s, personName(p), "customers"), !p.ErasedAt.IsZero()
	var err error
	if v.After, err = d.newest(r, s); err != nil {
		return err
	}
	if v.Standing, err = d.People.Standing(ctx, p, s.World); err != nil {
		return err
	}
	v.Row = s.customerRow(p, v.Standing)
	v.Best = word(channelWords, v.Standing.Best)
	for _, f := range []func(context.Context, scene, *person) error{d.personLinks, d.personConsents, d.personDoubles} {
		if err := f(ctx, s, &v); err != nil {
			return err
		}
	}
	for _, c := range paylink.Channels {
		v.Channels = append(v.Channels, choice{string(c), word(channelWords, c), c == paylink.ChannelSMS})
	}
	return d.render(w, r, status, personPage(v))
}

// personLinks are the newest links, with their latest payments and messages.
func (d *Dashboard) personLinks(ctx context.Context, s scene, v *person) error {
	read := d.Store.Read(ctx)
	links, err := read.LinksOfPerson(v.Customer, shownOfPerson)
	if err != nil {
		return err
	}
	if v.Links, err = d.rows(ctx, s, links); err != nil {
		return err
	}
	ids := make([]paylink.LinkID, len(links))
	for i, l := range links {
		ids[i] = l.ID
	}
	payments, err := read.PaymentsOfLinks(s.Merchant.ID, links, lastOfEachLink)
	if err != nil {
		return err
	}
	messages, err := read.MessagesOfLinks(s.Merchant.ID, ids)
	if err != nil {
		return err
	}
	for _, l := range links {
		href, title := s.path("links", string(l.ID)), called(l.Description, l.Reference, l.ID)
		for _, p := range payments[l.ID] {
			if len(v.Payments) < shownPaid {
				v.Payments = append(v.Payments, personPayment{href, title, s.money(p.Amount.Minor, p.Amount.Currency), labelOf(paymentLabels, p.Status), s.when(p.CreatedAt, s.Now)})
			}
		}
		for i := len(messages[l.ID]) - 1; i >= 0 && len(v.Messages) < shownOfPerson; i-- {
			m := messages[l.ID][i]
			to := paylink.MaskAddress(m.To)
			if m.Channel == paylink.ChannelInApp {
				to = "in your app"
			}
			name := joined(", ", word(channelWords, m.Channel), kindWords[m.Kind])
			v.Messages = append(v.Messages, personMessage{href, title, name, to, labelOf(messageLabels, m.Status), s.when(m.CreatedAt, s.Now)})
		}
	}
	return nil
}

func (d *Dashboard) personConsents(ctx context.Context, s scene, v *person) error {
	log, err := d.Store.Read(ctx).Consents(s.Merchant.ID, v.Customer.ID, "", shownConsents)
	for _, c := range log {
		said := label{"Agreed", "tick", "good"}
		if c.State == paylink.ConsentWithdrawn {
			said = label{"Said no", "stop", "bad"}
		}
		by := "you"
		if c.Actor == "customer" {
			by = "the customer"
		}
		v.Consents = append(v.Consents, personConsent{word(channelWords, c.Channel), word(consentWords, c.Purpose), sourceWord(c), by, said, s.when(c.At, s.Now)})
	}
	return err
}

// consentWords say what a consent is about.
var consentWords = map[paylink.ConsentTo]string{
	paylink.PurposeTransactional: "about payments", paylink.PurposePromotional: "offers", paylink.ConsentToAll: "everything",
}

// sourceWord says how a consent is known.
func sourceWord(c paylink.Consent) string {
	if c.Actor != "customer" {
		return c.Source
	}
	switch c.Source {
	case string(paylink.SuppressedStop):
		return "answered STOP"
	case "start":
		return "answered START"
	case string(paylink.SuppressedUnsubscribe):
		return "one click in a letter"
	case string(paylink.SuppressedComplaint):
		return "called a message spam"
	}
	return c.Source
}

// personDoubles are others with the same number or mailbox, who may be the same person.
func (d *Dashboard) personDoubles(ctx context.Context, s scene, v *person) error {
	p, seen := v.Customer, map[paylink.CustomerID]bool{v.Customer.ID: true}
	var doubles []paylink.Customer
	for _, f := range []store.PersonFilter{{Phone: p.Phone}, {Email: p.Email}} {
		if f.Phone == "" && f.Email == "" {
			continue
		}
		f.Merchant, f.Live, f.Limit = s.Merchant.ID, s.Live, shownDoubles+1
		found, err := d.Store.Read(ctx).People(f)
		if err != nil {
			return err
		}
		for _, other := range found.People {
			if !seen[other.ID] && len(doubles) < shownDoubles {
				seen[other.ID] = true
				doubles = append(doubles, other)
			}
		}
	}
	var err error
	v.Doubles, err = d.customerRows(ctx, s, doubles...)
	for i, other := range doubles {
		v.Doubles[i].Href = s.path("customers", string(p.ID), "merge") + "?from=" + string(other.ID)
	}
	return err
}

func personID(r *http.Request) paylink.CustomerID {
	id := r.PathValue("id")
	if !paylink.HasTag(id, "cust") {
		return ""
	}
	return paylink.CustomerID(id)
}

func personFormOf(p paylink.Customer) personForm {
	return personForm{p.Name, p.Phone, p.Email, p.Locale, p.TaxID, p.Notes, decimal(p.Revision)}
}

// refusedAs is the remark for what a step refused; empty: it did not, or for another reason.
func refusedAs(err error) string {
	var conflict *paylink.Conflict
	var invalid *paylink.Invalid
	switch {
	case errors.As(err, &conflict) && conflict.Code == "erased":
		return "gone"
	case errors.As(err, &conflict) && conflict.Code == "customer_in_use":
		return "customer_in_use"
	case errors.As(err, &conflict):
		return "changed"
	case errors.As(err, &invalid):
		return "invalid"
	}
	return ""
}

// typed reads a field of a form without the blanks around it.
func typed(r *http.Request, name string) string { return strings.TrimSpace(r.PostForm.Get(name)) }

// beforeDot puts a text before the next part of a line; nothing when it is empty.
func beforeDot(text string) string {
	if text == "" {
		return ""
	}
	return text + " · "
}

package customer

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"paylink"
	"paylink/store"
)

// exportedLink is a link as a person may have it: with the contact that it was made with, and without what
// opens it.
type exportedLink struct {
	*paylink.LinkSnapshot
	Customer paylink.CustomerSnapshot  `json:"customer"`
	Payments []paylink.PaymentSnapshot `json:"payments"`
	Messages []paylink.MessageSnapshot `json:"messages"` // with their addresses
}

// exportedPerson is a person as the API answers him.
type exportedPerson struct {
	paylink.CustomerSnapshot
	Object    string            `json:"object"`
	Livemode  bool              `json:"livemode"`
	TaxID     string            `json:"tax_id"`
	Notes     string            `json:"notes"`
	Metadata  map[string]string `json:"metadata"`
	Revision  int64             `json:"revision"`
	CreatedAt time.Time         `json:"created_at"`
	UpdatedAt time.Time         `json:"updated_at"`
	ErasedAt  *time.Time        `json:"erased_at"`
}

func personOf(p paylink.Customer) exportedPerson {
	out := exportedPerson{
		CustomerSnapshot: contactOf(p), Object: "customer", Livemode: p.Live, TaxID: p.TaxID, Notes: p.Notes, Metadata: p.Metadata, Revision: p.Revision,
		CreatedAt: p.CreatedAt, UpdatedAt: p.UpdatedAt, ErasedAt: p.PersonSnapshot().ErasedAt,
	}
	if out.Metadata == nil {
		out.Metadata = map[string]string{}
	}
	return out
}

func contactOf(c paylink.Customer) paylink.CustomerSnapshot {
	return paylink.CustomerSnapshot{ID: c.ID, Name: c.Name, Phone: c.Phone, Email: c.Email, Locale: c.Locale, TaxID: c.TaxID}
}

// exportPage is how many links are read at once, with what belongs to them.
const exportPage = 50

// mostOfLink bounds the payments of one link; a link of many uses may have more of other people.
const mostOfLink = 1000

// Export writes all that is held about a person as one JSON document: the details, the consents, and each link
// with its contact, payments, answers and messages. It is written as it is read, a page at a time.
func (g *People) Export(ctx context.Context, p paylink.Customer, w io.Writer) error {
	e := exporting{g: g, ctx: ctx, w: w, e: json.NewEncoder(w)}
	e.e.SetEscapeHTML(false)
	e.text(`{"object":"customer_export","made_at":`)
	e.value(g.now())
	e.text(`,"customer":`)
	e.value(personOf(p))
	e.text(`,"consents":[`)
	for before := paylink.ConsentID(""); ; {
		log := read(&e, func(r store.Reader) ([]paylink.Consent, error) { return r.Consents(p.Merchant, p.ID, before, 100) })
		if len(log) == 0 {
			break
		}
		for _, c := range log {
			e.item(c.Snapshot())
		}
		before = log[len(log)-1].ID
	}
	e.text(`],"payment_links":[`)
	e.first = false
	e.contacts(p)
	e.text("]}\n")
	if e.err != nil {
		return fmt.Errorf("export customer %s: %w", p.ID, e.err)
	}
	return nil
}

// exporting is one document on its way. After the first error nothing more is written.
type exporting struct {
	g     *People
	ctx   context.Context
	w     io.Writer
	e     *json.Encoder
	first bool // an item of the list was written
	err   error
}

func (e *exporting) text(s string) {
	if e.err == nil {
		_, e.err = io.WriteString(e.w, s)
	}
}

func (e *exporting) value(v any) {
	if e.err == nil {
		e.err = e.e.Encode(v)
	}
}

func (e *exporting) item(v any) {
	if e.first {
		e.text(",")
	}
	e.first = true
	e.value(v)
}

// read asks the store; after an error it gives nothing.
func read[T any](e *exporting, ask func(store.Reader) (T, error)) (v T) {
	if e.err == nil {
		v, e.err = ask(e.g.Store.Read(e.ctx))
	}
	return v
}

func (e *exporting) contacts(p paylink.Customer) {
	for before := paylink.CustomerID(""); e.err == nil; {
		some := read(e, func(r store.Reader) ([]paylink.Customer, error) { return r.Contacts(p, before, 100) })
		if len(some) == 0 {
			return
		}
		for _, c := range some {
			e.links(c)
		}
		if before = some[len(some)-1].ID; before == p.ID {
			return
		}
	}
}

func (e *exporting) links(c paylink.Customer) {
	for before := paylink.LinkID(""); e.err == nil; {
		page := read(e, func(r store.Reader) ([]paylink.Link, error) { return r.LinksOfContact(c, before, exportPage) })
		if len(page) == 0 {
			return
		}
		before = page[len(page)-1].ID
		ids := make([]paylink.LinkID, len(page))
		for i, l := range page {
			ids[i] = l.ID
		}
		messages := read(e, func(r store.Reader) (map[paylink.LinkID][]paylink.Message, error) {
			return r.MessagesOfLinks(c.Merchant, ids)
		})
		payments := read(e, func(r store.Reader) (map[paylink.LinkID][]paylink.Payment, error) {
			return r.PaymentsOfLinks(c.Merchant, page, mostOfLink)
		})
		for _, l := range page {
			e.link(l, c, messages[l.ID], payments[l.ID])
		}
	}
}

func (e *exporting) link(l paylink.Link, c paylink.Customer, messages []paylink.Message, payments []paylink.Payment) {
	out := exportedLink{LinkSnapshot: l.Snapshot(nil), Customer: contactOf(c), Payments: []paylink.PaymentSnapshot{}, Messages: []paylink.MessageSnapshot{}}
	for _, p := range payments {
		replies, err := p.Replies(e.g.Ring.Unseal)
		if err != nil && e.err == nil {
			e.err = err
		}
		out.Payments = append(out.Payments, p.Snapshot().WithReplies(replies))
	}
	for _, m := range messages {
		s := m.Snapshot()
		s.To = m.To
		out.Messages = append(out.Messages, *s)
	}
	e.item(out)
}

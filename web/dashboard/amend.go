package dashboard

import (
	"context"
	"net/http"
	"strconv"

	"paylink"
	"paylink/issue"
	"paylink/store"
)

// amendable is what the form for changing a link begins with.
type amendable struct {
	Revision    string
	Amount      string // in major units, as it is typed
	Fixed       bool   // a payment is under way, so that the amount stays
	Currency    string
	Description string
	DueAt       string // a day
}

func (s scene) amendable(l paylink.Link) *amendable {
	if l.Hold == paylink.HoldTampered || l.Terms.CustomerAmount != nil || len(l.Terms.Items) > 0 {
		return nil
	}
	return &amendable{
		Revision: strconv.FormatInt(l.Revision, 10), Amount: l.Amount.Decimal(), Fixed: l.InFlight > 0,
		Currency: string(l.Amount.Currency), Description: l.Description, DueAt: s.dayField(l),
	}
}

// recordable is what the form for money taken outside begins with.
type recordable struct {
	Amount, Currency string
	Methods          []choice
}

func (s scene) recordable(l paylink.Link) *recordable {
	if l.AmountDue() == 0 || l.InFlight > 0 {
		return nil
	}
	r := &recordable{Amount: paylink.Money{Minor: l.AmountDue(), Currency: l.Amount.Currency}.Decimal(), Currency: string(l.Amount.Currency)}
	for _, m := range paylink.RecordedMethods {
		r.Methods = append(r.Methods, choice{Value: string(m), Word: upperFirst(methodWords[m])})
	}
	return r
}

// Amend changes amount and description: POST /dashboard/{mode}/links/{id}/amend.
func (d *Dashboard) Amend(w http.ResponseWriter, r *http.Request) {
	d.act(w, r, "amend", "amended", func(ctx context.Context, s scene, id paylink.LinkID, _ *store.Claim) error {
		l, err := d.Store.Read(ctx).Link(s.Merchant.ID, s.Live, id)
		if err != nil {
			return err
		}
		description := r.PostForm.Get("description")
		a := issue.Amendment{Description: &description}
		if revision, err := strconv.ParseInt(r.PostForm.Get("revision"), 10, 64); err == nil {
			a.IfRevision = &revision
		}
		if day := r.PostForm.Get("due_at"); r.PostForm.Has("due_at") && day != s.dayField(l) {
			a.DueAt, _ = s.typedDay(day)
			a.NoDueAt = day == ""
		}
		if text := r.PostForm.Get("amount"); text != "" { // absent while a payment is under way
			if a.Amount, err = typedAmount(text, l.Amount.Currency); err != nil {
				return err
			}
		}
		_, err = d.Issuer.Amend(ctx, s.actor(), id, a)
		return err
	})
}

// Record notes money that was taken outside: POST /dashboard/{mode}/links/{id}/record_payment.
func (d *Dashboard) Record(w http.ResponseWriter, r *http.Request) {
	d.act(w, r, "record_payment", "recorded", func(ctx context.Context, s scene, id paylink.LinkID, claim *store.Claim) error {
		l, err := d.Store.Read(ctx).Link(s.Merchant.ID, s.Live, id)
		if err != nil {
			return err
		}
		taken := issue.Recording{Method: paylink.Method(r.PostForm.Get("method")), BankReference: r.PostForm.Get("bank_reference")}
		if taken.Amount, err = typedAmount(r.PostForm.Get("amount"), l.Amount.Currency); err != nil {
			return err
		}
		_, err = d.Issuer.Record(ctx, s.actor(), id, taken, claim)
		return err
	})
}

// typedAmount reads an amount as people type it.
func typedAmount(text string, currency paylink.Currency) (*int64, error) {
	minor, why := parseAmount(text, currency)
	if why != "" {
		bad := &paylink.Invalid{}
		bad.Add("/amount", "unreadable", why)
		return nil, bad
	}
	return &minor, nil
}

// Pause stops payments for now: POST /dashboard/{mode}/links/{id}/pause.
func (d *Dashboard) Pause(w http.ResponseWriter, r *http.Request) {
	d.act(w, r, "pause", "paused", func(ctx context.Context, s scene, id paylink.LinkID, claim *store.Claim) error {
		_, err := d.Issuer.Pause(ctx, s.actor(), id, claim)
		return err
	})
}

// Resume ends a pause: POST /dashboard/{mode}/links/{id}/resume.
func (d *Dashboard) Resume(w http.ResponseWriter, r *http.Request) {
	d.act(w, r, "resume", "resumed", func(ctx context.Context, s scene, id paylink.LinkID, claim *store.Claim) error {
		_, err := d.Issuer.Resume(ctx, s.actor(), id, claim)
		return err
	})
}

// Archive takes a link out of the lists: POST /dashboard/{mode}/links/{id}/archive.
func (d *Dashboard) Archive(w http.ResponseWriter, r *http.Request) {
	d.act(w, r, "archive", "archived_now", func(ctx context.Context, s scene, id paylink.LinkID, claim *store.Claim) error {
		_, err := d.Issuer.Archive(ctx, s.actor(), id, claim)
		return err
	})
}

package dashboard

import (
	"context"
	"net/http"

	"paylink"
	"paylink/issue"
	"paylink/store"
)

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

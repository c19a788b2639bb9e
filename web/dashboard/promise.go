package dashboard

import (
	"context"
	"net/http"
	"strings"
	"time"

	"paylink"
	"paylink/issue"
	"paylink/locale"
	"paylink/store"
)

// promise is the page on which somebody notes when a customer will pay.
type promise struct {
	linkForm
	Form    promiseForm
	Before  string // the promise that this one takes the place of; empty: there is none
	Whole   string // what is promised when no amount is named
	Today   string
	Ends    string // when the link expires; empty: never
	Extends bool   // a promise moves the expiry
}

// promiseForm is what was typed.
type promiseForm struct{ Date, Amount, Note string }

// promisable tells that somebody can promise to pay a link as it stands.
func (s scene) promisable(l paylink.Link) bool {
	return s.changeable(l) && l.Usage.Mode == paylink.UsageSingle && l.AmountDue() > 0
}

// PromiseLink shows the form: GET /dashboard/{mode}/links/{id}/promise.
func (d *Dashboard) PromiseLink(w http.ResponseWriter, r *http.Request) {
	d.withLink(w, r, func(w http.ResponseWriter, r *http.Request, s scene, l paylink.Link) error {
		if !s.promisable(l) {
			d.goToLink(w, r, s, l.ID, "not_promisable")
			return nil
		}
		return d.showPromise(w, r, s, l, http.StatusOK, promiseForm{}, flaws{})
	})
}

func (d *Dashboard) showPromise(w http.ResponseWriter, r *http.Request, s scene, l paylink.Link, status int, f promiseForm, wrong flaws) error {
	v := promise{linkForm: d.linkForm(s, l, "Promise for "+called(l.Description, l.Reference, l.ID)), Form: f, Whole: "all that is due, " + s.money(l.AmountDue(), l.Amount.Currency)}
	v.flaws = wrong
	v.Today = s.World.In(locale.Zone(s.Merchant.TimeZone)).Format(time.DateOnly)
	if step, ok := l.NextInstalment(s.World); ok {
		v.Whole = "the next instalment, " + s.money(step.Amount, l.Amount.Currency)
	}
	if p := l.Course.Promise; p != nil && p.State == paylink.PromiseOpen {
		v.Before = s.money(p.Amount, l.Amount.Currency) + " by " + s.promisedDay(*p)
	}
	if v.Extends = l.Terms.Promises != nil && l.Terms.Promises.Extend; !l.ExpiresAt.IsZero() {
		v.Ends = s.Lang.Moment(l.ExpiresAt, s.Merchant.TimeZone)
	}
	return d.render(w, r, status, promisePage(v))
}

// Promise notes it: POST /dashboard/{mode}/links/{id}/promise.
func (d *Dashboard) Promise(w http.ResponseWriter, r *http.Request) {
	d.withLink(w, r, func(w http.ResponseWriter, r *http.Request, s scene, l paylink.Link) error {
		get := func(name string) string { return strings.TrimSpace(r.PostForm.Get(name)) }
		f := promiseForm{get("date"), get("promise_amount"), get("note")}
		var own []problem
		given := issue.Promise{Date: f.Date, Note: lines(f.Note)}
		if f.Amount != "" {
			minor := moneyReader(l.Amount.Currency, func(field, text string) { own = append(own, problem{field, text}) })("promise_amount", f.Amount)
			given.Amount = &minor
		}
		err := once(r.Context(), func() error {
			_, err := d.Issuer.Promise(r.Context(), s.actor(), l.ID, given, s.claim(r, "POST "+Root+"/links/{id}/promise", string(l.ID)))
			return err
		})
		return d.settled(w, r, s, l.ID, "promised", err, func(invalid *paylink.Invalid) error {
			for i, f := range invalid.Fields {
				if f.Pointer == "/amount" { // the promise's own, not the link's
					invalid.Fields[i].Pointer = "/promise_amount"
					invalid.Fields[i].Detail = "More than nothing, and at most " + s.money(l.AmountDue(), l.Amount.Currency) + "."
				}
			}
			return d.showPromise(w, r, s, l, http.StatusUnprocessableEntity, f, merge(own, invalid))
		})
	})
}

// WithdrawPromise takes the open promise back: POST /dashboard/{mode}/links/{id}/withdraw_promise.
func (d *Dashboard) WithdrawPromise(w http.ResponseWriter, r *http.Request) {
	d.act(w, r, "withdraw_promise", "promise_withdrawn", func(ctx context.Context, s scene, id paylink.LinkID, claim *store.Claim) error {
		_, err := d.Issuer.WithdrawPromise(ctx, s.actor(), id, claim)
		return err
	})
}

// DeclineRefresh says no to a customer's wish for more time: POST /dashboard/{mode}/links/{id}/decline_refresh.
func (d *Dashboard) DeclineRefresh(w http.ResponseWriter, r *http.Request) {
	d.act(w, r, "decline_refresh", "refresh_declined", func(ctx context.Context, s scene, id paylink.LinkID, claim *store.Claim) error {
		_, err := d.Issuer.DeclineRefresh(ctx, s.actor(), id, claim)
		return err
	})
}

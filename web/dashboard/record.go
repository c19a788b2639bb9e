package dashboard

import (
	"net/http"
	"strings"

	"paylink"
	"paylink/issue"
)

// record is the page on which money is noted that was taken outside.
type record struct {
	linkForm
	Form    recordForm
	Methods []choice
}

// recordForm is what was typed.
type recordForm struct{ Amount, Method, BankReference string }

// recordable tells that money for a link can be noted as it stands; one that has expired or was cancelled is
// paid by it all the same.
func recordable(l paylink.Link) bool { return l.AmountDue() > 0 && l.InFlight == 0 }

// RecordLink shows the form: GET /dashboard/{mode}/links/{id}/record_payment.
func (d *Dashboard) RecordLink(w http.ResponseWriter, r *http.Request) {
	d.withLink(w, r, func(w http.ResponseWriter, r *http.Request, s scene, l paylink.Link) error {
		if !recordable(l) {
			d.goToLink(w, r, s, l.ID, "nothing_due")
			return nil
		}
		due := paylink.Money{Minor: l.AmountDue(), Currency: l.Amount.Currency}
		return d.showRecord(w, r, s, l, http.StatusOK, recordForm{Amount: due.Decimal(), Method: string(paylink.MethodCash)}, flaws{})
	})
}

func (d *Dashboard) showRecord(w http.ResponseWriter, r *http.Request, s scene, l paylink.Link, status int, f recordForm, wrong flaws) error {
	v := record{linkForm: d.linkForm(s, l, "Payment for "+called(l.Description, l.Reference, l.ID)), Form: f}
	v.flaws = wrong
	for _, m := range paylink.RecordedMethods {
		v.Methods = append(v.Methods, choice{string(m), upperFirst(methodWords[m]), string(m) == f.Method})
	}
	return d.render(w, r, status, recordPage(v))
}

// Record notes it: POST /dashboard/{mode}/links/{id}/record_payment.
func (d *Dashboard) Record(w http.ResponseWriter, r *http.Request) {
	d.withLink(w, r, func(w http.ResponseWriter, r *http.Request, s scene, l paylink.Link) error {
		get := func(name string) string { return strings.TrimSpace(r.PostForm.Get(name)) }
		f := recordForm{get("amount"), get("method"), get("bank_reference")}
		var own []problem
		amount, why := parseAmount(f.Amount, l.Amount.Currency)
		if why != "" {
			own, amount = []problem{{"amount", why}}, unreadable
		}
		err := once(r.Context(), func() error {
			taken := issue.Recording{Amount: &amount, Method: paylink.Method(f.Method), BankReference: f.BankReference}
			_, err := d.Issuer.Record(r.Context(), s.actor(), l.ID, taken, s.claim(r, "POST "+Root+"/links/{id}/record_payment", string(l.ID)))
			return err
		})
		return d.settled(w, r, s, l.ID, "recorded", err, func(invalid *paylink.Invalid) error {
			for i, wrong := range invalid.Fields {
				if wrong.Pointer == "/amount" && wrong.Code != "too_small" {
					invalid.Fields[i].Detail = "No more than what is due, " + s.money(l.AmountDue(), l.Amount.Currency) + "."
				}
			}
			return d.showRecord(w, r, s, l, http.StatusUnprocessableEntity, f, merge(own, invalid))
		})
	})
}

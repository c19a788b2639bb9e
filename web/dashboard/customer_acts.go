package dashboard

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"paylink"
	"paylink/customer"
	"paylink/web/respond"
)

// goToPerson leads back to a person's page, with a word about what was done.
func (d *Dashboard) goToPerson(w http.ResponseWriter, r *http.Request, s scene, id paylink.CustomerID, note string) {
	http.Redirect(w, r, s.path("customers", string(id))+"?note="+note, http.StatusSeeOther)
}

// ChangeCustomer saves the details: POST /dashboard/{mode}/customers/{id}.
func (d *Dashboard) ChangeCustomer(w http.ResponseWriter, r *http.Request) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		f := personForm{typed(r, "name"), typed(r, "phone"), typed(r, "email"), typed(r, "locale"), typed(r, "tax_id"), typed(r, "notes"), typed(r, "revision")}
		revision, err := strconv.ParseInt(f.Revision, 10, 64)
		if err != nil {
			revision = 0 // nobody has it
		}
		_, err = d.People.Change(r.Context(), s.actor(), personID(r), customer.Change{
			Name: &f.Name, Phone: &f.Phone, Email: &f.Email, Locale: &f.Locale, TaxID: &f.TaxID, Notes: &f.Notes, IfRevision: &revision,
		})
		var invalid *paylink.Invalid
		if errors.As(err, &invalid) {
			p, missing := d.Store.Read(r.Context()).Person(s.Merchant.ID, s.Live, personID(r))
			if missing != nil {
				return missing
			}
			return d.showPerson(w, r, s, http.StatusUnprocessableEntity, person{Customer: p, Form: &f, flaws: flawsOf(nil, invalid, personOrder, personProblem)})
		}
		return d.afterPerson(w, r, s, err, "saved")
	})
}

// personOrder is the order of the form's fields.
var personOrder = []string{"", "name", "phone", "email", "locale", "tax_id", "notes"}

func personProblem(f paylink.Field) problem {
	return problem{Field: strings.TrimPrefix(f.Pointer, "/")}
}

// afterPerson leads back to a person's page after a form, whatever came of it.
func (d *Dashboard) afterPerson(w http.ResponseWriter, r *http.Request, s scene, err error, done string) error {
	if note := refusedAs(err); note != "" {
		done = note
	} else if err != nil {
		return err
	}
	d.goToPerson(w, r, s, personID(r), done)
	return nil
}

// NoteConsent writes down what a person allowed or took back: POST /dashboard/{mode}/customers/{id}/consents.
func (d *Dashboard) NoteConsent(w http.ResponseWriter, r *http.Request) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		said := customer.Said{
			Channel: paylink.Channel(typed(r, "channel")), Purpose: paylink.ConsentTo(typed(r, "purpose")),
			State: paylink.ConsentState(typed(r, "state")), Source: typed(r, "source"),
		}
		_, err := d.People.Consent(r.Context(), s.actor(), personID(r), said, s.claim(r, "POST "+Root+"/customers/consents", r.PathValue("id")))
		var invalid *paylink.Invalid
		if errors.As(err, &invalid) && len(invalid.Fields) == 1 && invalid.Fields[0].Pointer == "/source" {
			d.goToPerson(w, r, s, personID(r), "no_source")
			return nil
		}
		return d.afterPerson(w, r, s, err, "noted")
	})
}

// ExportCustomer hands over everything that is held about a person, and has it written down who asked:
// POST /dashboard/{mode}/customers/{id}/export.
func (d *Dashboard) ExportCustomer(w http.ResponseWriter, r *http.Request) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		p, err := d.People.Reveal(r.Context(), s.actor(), personID(r))
		if err != nil {
			return err
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Disposition", `attachment; filename="`+string(p.ID)+`.json"`)
		if err := d.People.Export(r.Context(), p, respond.Patiently(w)); err != nil {
			d.Log.Warn("customer.export_broken_off", "customer", string(p.ID), "error", err)
			panic(http.ErrAbortHandler) // half a document must not look like a whole one
		}
		return nil
	})
}

// merging asks once more before two people become one.
type merging struct {
	frame
	Into, From customerRow
	ID         paylink.CustomerID
}

// ConfirmMerge asks once more: GET /dashboard/{mode}/customers/{id}/merge?from=cust_….
func (d *Dashboard) ConfirmMerge(w http.ResponseWriter, r *http.Request) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		read, v := d.Store.Read(r.Context()), merging{frame: d.frame(s, "Merge customers", "customers")}
		into, err := read.Person(s.Merchant.ID, s.Live, personID(r))
		if err != nil {
			return err
		}
		from, err := read.Person(s.Merchant.ID, s.Live, paylink.CustomerID(r.URL.Query().Get("from")))
		if paylink.IsNotFound(err) || from.ID == into.ID {
			d.goToPerson(w, r, s, into.ID, "no_such")
			return nil
		}
		if err != nil {
			return err
		}
		v.ID = from.ID
		rows, err := d.customerRows(r.Context(), s, into, from)
		if err != nil {
			return err
		}
		v.Into, v.From = rows[0], rows[1]
		return d.render(w, r, http.StatusOK, mergePage(v))
	})
}

// MergeCustomer makes two people one: POST /dashboard/{mode}/customers/{id}/merge.
func (d *Dashboard) MergeCustomer(w http.ResponseWriter, r *http.Request) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		_, err := d.People.Merge(r.Context(), s.actor(), personID(r), paylink.CustomerID(typed(r, "from")), nil)
		if paylink.IsNotFound(err) {
			d.goToPerson(w, r, s, personID(r), "no_such")
			return nil
		}
		return d.afterPerson(w, r, s, err, "merged")
	})
}

// erasing asks for a word to be typed before a person is forgotten.
type erasing struct {
	frame
	Row  customerRow
	Note *remark
}

// eraseWord is what whoever erases types.
const eraseWord = "ERASE"

// ConfirmErase asks for the word: GET /dashboard/{mode}/customers/{id}/erase.
func (d *Dashboard) ConfirmErase(w http.ResponseWriter, r *http.Request) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		p, err := d.Store.Read(r.Context()).Person(s.Merchant.ID, s.Live, personID(r))
		if err != nil {
			return err
		}
		v := erasing{frame: d.frame(s, "Erase a customer", "customers"), Note: customerRemarks[r.URL.Query().Get("note")]}
		rows, err := d.customerRows(r.Context(), s, p)
		if err != nil {
			return err
		}
		v.Row = rows[0]
		return d.render(w, r, http.StatusOK, erasePage(v))
	})
}

// EraseCustomer forgets a person, for good: POST /dashboard/{mode}/customers/{id}/erase.
func (d *Dashboard) EraseCustomer(w http.ResponseWriter, r *http.Request) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		again := s.path("customers", r.PathValue("id"), "erase") + "?note="
		if !strings.EqualFold(typed(r, "word"), eraseWord) {
			http.Redirect(w, r, again+"not_typed", http.StatusSeeOther)
			return nil
		}
		_, err := d.People.Erase(r.Context(), s.actor(), personID(r), r.PostForm.Get("cancel_links") != "", nil)
		if refusedAs(err) == "customer_in_use" {
			http.Redirect(w, r, again+"customer_in_use", http.StatusSeeOther)
			return nil
		}
		return d.afterPerson(w, r, s, err, "erased")
	})
}

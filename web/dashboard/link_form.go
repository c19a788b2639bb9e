package dashboard

import (
	"errors"
	"net/http"
	"slices"

	"paylink"
)

// linkForm is a page with one form about one link. Such a form has a page of its own, so that what was
// typed stays when something is wrong with it, and the link's page stays short.
type linkForm struct {
	frame
	flaws
	Link paylink.Link
	Name string // what the link is called
	Key  string // names this showing of the form
	Due  string // what is still to be paid
}

func (d *Dashboard) linkForm(s scene, l paylink.Link, title string) linkForm {
	v := linkForm{frame: d.frame(s, title, "link"), Link: l, Name: called(l.Description, l.Reference, l.ID), Key: newFormKey()}
	v.Due = s.money(l.AmountDue(), l.Amount.Currency)
	return v
}

// withLink reads the link that the path names before its form is shown or taken.
func (d *Dashboard) withLink(w http.ResponseWriter, r *http.Request, page func(http.ResponseWriter, *http.Request, scene, paylink.Link) error) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		l, err := d.link(r, s)
		if err != nil {
			return err
		}
		return page(w, r, s, l)
	})
}

// settled answers a form about a link. What was done, and what the link's state does not allow, is told on
// the link's page; what is wrong with the values brings the form back.
func (d *Dashboard) settled(w http.ResponseWriter, r *http.Request, s scene, id paylink.LinkID, done string, err error, again func(*paylink.Invalid) error) error {
	note := done
	var conflict *paylink.Conflict
	var invalid *paylink.Invalid
	switch {
	case errors.As(err, &conflict):
		if note = conflict.Code; remarks[note] == nil {
			note = "conflict"
		}
	case errors.As(err, &invalid):
		if !slices.ContainsFunc(invalid.Fields, func(f paylink.Field) bool { return f.Code == keyReused }) {
			return again(invalid)
		}
		note = keyReused
	case err != nil:
		return err
	}
	d.goToLink(w, r, s, id, note)
	return nil
}

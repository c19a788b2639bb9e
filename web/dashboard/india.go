package dashboard

import (
	"errors"
	"net/http"
	"slices"

	"paylink"
	"paylink/issue"
)

// india is the page of what a merchant has registered with India's operators (DLT).
type india struct {
	frame
	flaws
	Note  *remark
	Form  indiaForm
	State string
	Rows  []paylink.DLTTemplate
	Key   bool // who the merchant is stands there, so that texts can be entered
}

// registeredText is the form for one registered text.
type registeredText struct {
	frame
	flaws
	Form                textForm
	Headers, Categories []choice
}

// India shows the registration: GET /dashboard/{mode}/settings/sending/india.
func (d *Dashboard) India(w http.ResponseWriter, r *http.Request) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		return d.showIndia(w, r, s, http.StatusOK, indiaFormOf(s.Merchant.Settings.DLT), flaws{})
	})
}

// SaveIndia says who the merchant is: POST /dashboard/{mode}/settings/sending/india. The registered texts stay.
func (d *Dashboard) SaveIndia(w http.ResponseWriter, r *http.Request) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		f := readIndia(r)
		wanted := f.into(s.Merchant.Settings.DLT)
		err := d.register(r, s, wanted, f.Seen)
		var invalid *paylink.Invalid
		switch {
		case err == nil && wanted == nil:
			d.goToSettings(w, r, s, "dlt_gone", "sending", "india")
			return nil
		case errors.As(err, &invalid):
			return d.showIndia(w, r, s, http.StatusUnprocessableEntity, f, flawsOf(nil, invalid, indiaOrder, indiaProblem(wanted)))
		}
		return d.registered(w, r, s, err, "dlt_saved")
	})
}

// register decides on a registration, if it is still as the page showed it.
func (d *Dashboard) register(r *http.Request, s scene, wanted *paylink.DLT, seen string) error {
	if seen != dltSeen(s.Merchant.Settings.DLT) {
		return &paylink.Conflict{Code: "settings_changed"}
	}
	settings := s.Merchant.Settings
	settings.DLT = wanted
	_, err := d.Issuer.Decide(r.Context(), s.actor(), issue.Decision{Members: s.Merchant.Settings.Changes(settings), Seen: &s.Merchant})
	return err
}

// registered goes back to the page, or shows it as it stands when somebody else has changed it.
func (d *Dashboard) registered(w http.ResponseWriter, r *http.Request, s scene, err error, note string) error {
	var conflict *paylink.Conflict
	if errors.As(err, &conflict) {
		if s.Merchant, err = d.Store.Read(r.Context()).Merchant(s.Merchant.ID); err != nil {
			return err
		}
		return d.showIndia(w, r, s, http.StatusConflict, indiaFormOf(s.Merchant.Settings.DLT), settingsTaken)
	}
	if err == nil {
		d.goToSettings(w, r, s, note, "sending", "india")
	}
	return err
}

// RegisteredText shows the form for a new text, or for one that there is:
// GET /dashboard/{mode}/settings/sending/india/text?id=….
func (d *Dashboard) RegisteredText(w http.ResponseWriter, r *http.Request) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		if s.Merchant.Settings.DLT == nil {
			return &paylink.NotFound{Kind: "page"}
		}
		f, found := textFormOf(s.Merchant.Settings.DLT, r.URL.Query().Get("id"))
		if !found {
			return &paylink.NotFound{Kind: "page"}
		}
		return d.showText(w, r, s, http.StatusOK, f, flaws{})
	})
}

// KeepRegisteredText enters a text or changes one: POST /dashboard/{mode}/settings/sending/india/text.
func (d *Dashboard) KeepRegisteredText(w http.ResponseWriter, r *http.Request) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		f := readText(r)
		if s.Merchant.Settings.DLT == nil {
			return d.registered(w, r, s, &paylink.Conflict{Code: "settings_changed"}, "")
		}
		wanted, at := f.into(*s.Merchant.Settings.DLT)
		err := d.register(r, s, &wanted, f.Seen)
		var invalid *paylink.Invalid
		if errors.As(err, &invalid) {
			return d.showText(w, r, s, http.StatusUnprocessableEntity, f, flawsOf(nil, invalid, textOrder, textProblem(at)))
		}
		return d.registered(w, r, s, err, "dlt_text_kept")
	})
}

// RemoveRegisteredText takes a text away: POST /dashboard/{mode}/settings/sending/india/remove.
func (d *Dashboard) RemoveRegisteredText(w http.ResponseWriter, r *http.Request) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		id, there := r.PostForm.Get("id"), s.Merchant.Settings.DLT
		if there == nil || !slices.ContainsFunc(there.Templates, func(t paylink.DLTTemplate) bool { return t.ID == id }) {
			d.goToSettings(w, r, s, "dlt_text_gone", "sending", "india") // two presses of the button remove it once
			return nil
		}
		wanted := *there
		wanted.Templates = slices.DeleteFunc(slices.Clone(there.Templates), func(t paylink.DLTTemplate) bool { return t.ID == id })
		return d.registered(w, r, s, d.register(r, s, &wanted, r.PostForm.Get("seen")), "dlt_text_gone")
	})
}

func (d *Dashboard) showIndia(w http.ResponseWriter, r *http.Request, s scene, status int, f indiaForm, wrong flaws) error {
	there := s.Merchant.Settings.DLT
	v := india{flaws: wrong, Form: f, State: indiaState(there, s.Live), Key: there != nil}
	if there != nil {
		v.Rows = there.Templates
	}
	var err error
	if v.frame, v.Note, err = d.settingsFrame(r, s, "Text messages to India", "sending", "india"); err != nil {
		return err
	}
	return d.render(w, r, status, indiaPage(v))
}

func (d *Dashboard) showText(w http.ResponseWriter, r *http.Request, s scene, status int, f textForm, wrong flaws) error {
	v := registeredText{flaws: wrong, Form: f}
	for _, header := range s.Merchant.Settings.DLT.Headers {
		v.Headers = append(v.Headers, choice{header, header, f.Header == header})
	}
	v.Categories = []choice{{"", "As usual: service, implicit", f.Category == ""}}
	for _, c := range []struct{ name, word string }{
		{"transactional", "Transactional"}, {"service_implicit", "Service, implicit"}, {"service_explicit", "Service, explicit"}, {paylink.DLTPromotional, "Promotional"},
	} {
		v.Categories = append(v.Categories, choice{c.name, c.word, f.Category == c.name})
	}
	title := "New registered text"
	if f.Was != "" {
		title = "Text " + f.Was
	}
	var err error
	if v.frame, _, err = d.settingsFrame(r, s, title, "sending", "india"); err != nil {
		return err
	}
	return d.render(w, r, status, textPage(v))
}

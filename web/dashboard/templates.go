package dashboard

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"paylink"
	"paylink/web/api"
)

// templates is the list of what a merchant has saved about links.
type templates struct {
	frame
	Note *remark
	Rows []templateRow
}

// templateRow is one template as it stands.
type templateRow struct {
	ID            paylink.TemplateID
	Name, Summary string
	Use           string // address of the form for a link that is made of it
	Since         when
}

// template is the form for one template: a new one, or one that there is.
type template struct {
	frame
	flaws
	Form      templateForm
	ID        paylink.TemplateID // empty for a new one
	Action    string
	Key       string
	Seen      string // when it was last changed, as the page shows it
	Like      string // the link that it is made of; empty: none
	Rest      []choice
	Channels  []channelChoice
	Methods   []choice
	Reminders []choice
	Money     []choice // currencies
	Placed    bool     // a link can be kept to countries
}

// Templates lists all templates: GET /dashboard/{mode}/settings/templates.
func (d *Dashboard) Templates(w http.ResponseWriter, r *http.Request) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		var v templates
		var err error
		if v.frame, v.Note, err = d.settingsFrame(r, s, "Templates", "templates"); err != nil {
			return err
		}
		all, err := d.Store.Read(r.Context()).Templates(s.Merchant.ID, s.Live)
		if err != nil {
			return err
		}
		for _, t := range all {
			said, err := settingsOf(t)
			if err != nil {
				return err
			}
			use := s.path("links", "new") + "?template=" + url.QueryEscape(t.Name)
			v.Rows = append(v.Rows, templateRow{t.ID, t.Name, s.templateSummary(said), use, s.when(t.UpdatedAt, s.Now)})
		}
		return d.render(w, r, http.StatusOK, templatesPage(v))
	})
}

// NewTemplate shows the form for a new template: GET /dashboard/{mode}/settings/templates/new. With like=plink_…
// it says what that link says.
func (d *Dashboard) NewTemplate(w http.ResponseWriter, r *http.Request) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		like := r.URL.Query().Get("like")
		base, err := d.likeLink(r, s, like)
		if err != nil {
			return err
		}
		v := template{Form: s.templateForm("", base), Like: like}
		if v.Form.Name = v.Form.Description; len([]rune(v.Form.Name)) > 100 {
			v.Form.Name = ""
		}
		return d.showTemplate(w, r, s, http.StatusOK, v, base)
	})
}

// CreateTemplate saves a new template: POST /dashboard/{mode}/settings/templates.
func (d *Dashboard) CreateTemplate(w http.ResponseWriter, r *http.Request) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		like := r.PostForm.Get("like")
		base, err := d.likeLink(r, s, like)
		if err != nil {
			return err
		}
		return d.saveTemplate(w, r, s, template{Like: like}, base)
	})
}

// Template shows one template and lets it be changed: GET /dashboard/{mode}/settings/templates/{id}.
func (d *Dashboard) Template(w http.ResponseWriter, r *http.Request) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		t, said, err := d.template(r, s)
		if err != nil {
			return err
		}
		v := template{ID: t.ID, Form: s.templateForm(t.Name, said), Seen: strconv.FormatInt(t.UpdatedAt.UnixMicro(), 10)}
		return d.showTemplate(w, r, s, http.StatusOK, v, said)
	})
}

// ChangeTemplate saves the changes: POST /dashboard/{mode}/settings/templates/{id}. What the form has no field
// for stays as it is, unless it is taken away.
func (d *Dashboard) ChangeTemplate(w http.ResponseWriter, r *http.Request) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		t, said, err := d.template(r, s)
		if err != nil {
			return err
		}
		return d.saveTemplate(w, r, s, template{ID: t.ID, Seen: r.PostForm.Get("seen")}, said)
	})
}

func (d *Dashboard) saveTemplate(w http.ResponseWriter, r *http.Request, s scene, v template, base saidOfLinks) error {
	v.Form = readTemplateForm(r)
	settings, own := v.Form.settings(s, base)
	saving, err := api.TemplateSaving(&v.Form.Name, settings)
	if micros, bad := strconv.ParseInt(v.Seen, 10, 64); bad == nil && v.ID != "" {
		seen := time.UnixMicro(micros)
		saving.Seen = &seen
	}
	if err == nil {
		err = once(r.Context(), func() error {
			_, err := d.Issuer.SaveTemplate(r.Context(), s.actor(), v.ID, saving, s.claim(r, "POST "+Root+"/settings/templates", string(v.ID)))
			return err
		})
	}
	var invalid *paylink.Invalid
	var conflict *paylink.Conflict
	switch {
	case err == nil:
		d.goToSettings(w, r, s, "template_saved", "templates")
		return nil
	case errors.As(err, &invalid):
		v.flaws = flawsOf(own, invalid, templateOrder, templateProblem)
		return d.showTemplate(w, r, s, http.StatusUnprocessableEntity, v, base)
	case errors.As(err, &conflict):
		v.flaws = flaws{[]problem{templateConflict(conflict)}}
		return d.showTemplate(w, r, s, http.StatusConflict, v, base)
	}
	return err
}

func templateConflict(c *paylink.Conflict) problem {
	switch c.Code {
	case "name_in_use":
		return problem{"name", "Another template has this name. Choose another one."}
	case "template_changed":
		return problem{"", "Somebody else changed the template while you had it open. Nothing was saved; open it again to see how it stands."}
	case "too_many_templates":
		return problem{"", c.Detail + " Delete some that you do not need."}
	}
	return problem{"", c.Detail}
}

// ConfirmDeleteTemplate asks once more: GET /dashboard/{mode}/settings/templates/{id}/delete.
func (d *Dashboard) ConfirmDeleteTemplate(w http.ResponseWriter, r *http.Request) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		t, _, err := d.template(r, s)
		if err != nil {
			return err
		}
		f, _, err := d.settingsFrame(r, s, "Delete a template", "templates")
		if err != nil {
			return err
		}
		return d.render(w, r, http.StatusOK, sureToDelete(f, sure{
			Question: "Delete “" + t.Name + "”?", Back: f.path("settings", "templates"),
			Detail: "Links that were made with it stay as they are. A program that names it makes no more links until it names another one.",
		}))
	})
}

// DeleteTemplate deletes a template: POST /dashboard/{mode}/settings/templates/{id}/delete.
func (d *Dashboard) DeleteTemplate(w http.ResponseWriter, r *http.Request) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		err := d.Issuer.DeleteTemplate(r.Context(), s.actor(), paylink.TemplateID(r.PathValue("id")))
		if err != nil && !paylink.IsNotFound(err) { // two presses of the button delete it once
			return err
		}
		d.goToSettings(w, r, s, "template_deleted", "templates")
		return nil
	})
}

// template reads the template that the path names, and what it says.
func (d *Dashboard) template(r *http.Request, s scene) (paylink.Template, saidOfLinks, error) {
	t, err := d.Store.Read(r.Context()).Template(s.Merchant.ID, s.Live, paylink.TemplateID(r.PathValue("id")))
	if err != nil {
		return t, nil, err
	}
	said, err := settingsOf(t)
	return t, said, err
}

func settingsOf(t paylink.Template) (saidOfLinks, error) {
	said := saidOfLinks{}
	if err := json.Unmarshal(t.Settings, &said); err != nil {
		return nil, fmt.Errorf("read the settings of template %s: %w", t.ID, err)
	}
	return said, nil
}

// likeLink is what a link says that a template can say too; nothing for an empty id.
func (d *Dashboard) likeLink(r *http.Request, s scene, id string) (saidOfLinks, error) {
	if id == "" {
		return saidOfLinks{}, nil
	}
	l, err := d.Store.Read(r.Context()).Link(s.Merchant.ID, s.Live, paylink.LinkID(id))
	if err != nil {
		return nil, err
	}
	return saidBy(l), nil
}

func (d *Dashboard) showTemplate(w http.ResponseWriter, r *http.Request, s scene, status int, v template, base saidOfLinks) error {
	title, page := "New template", []string{"templates", "new"}
	v.Action = s.path("settings", "templates")
	if v.ID != "" {
		title, page, v.Action = "Change a template", []string{"templates"}, s.path("settings", "templates", string(v.ID))
	}
	var err error
	if v.frame, _, err = d.settingsFrame(r, s, title, page...); err != nil {
		return err
	}
	if v.Channels, err = d.channelChoices(r.Context(), s, v.Form.Channels); err != nil {
		return err
	}
	f := form{Currency: v.Form.Currency, Methods: v.Form.Methods}
	v.Key, v.Money, v.Methods = newFormKey(), f.currencies(s), f.methods()
	v.Placed = d.Issuer.Placed() || v.Form.Countries != ""
	v.Reminders, v.Rest = v.Form.reminderChoices(), v.Form.rest(base)
	return d.render(w, r, status, templatePage(v))
}

package dashboard

import (
	"errors"
	"net/http"
	"slices"

	"paylink"
)

// settings is the page of what a merchant decides once for all links.
type settings struct {
	frame
	flaws
	Note      *remark
	Form      settingsForm
	Channels  []channelChoice
	Late      []choice
	Duplicate []choice
	Over      []choice
	Under     []choice
}

// settingsRemarks are what the pages of the settings can say after a form.
var settingsRemarks = map[string]*remark{
	"saved":             {"Saved.", "good"},
	"template_saved":    {"The template is saved.", "good"},
	"template_deleted":  {"The template is deleted. Links that were made with it stay as they are.", "good"},
	"worded":            {"Your text is used. Messages follow it within a few seconds.", "good"},
	"wording_off":       {"Your text is not used any more. Our own words are sent, or those of another version that you use.", "good"},
	"code_made":         {"The code is ready. Links that take codes accept it from now on.", "good"},
	"code_changed":      {"The code is changed. Payments that are under way keep what they were given.", "good"},
	"code_off":          {"The code is switched off. Nobody gets a discount with it until you switch it on.", "good"},
	"code_on":           {"The code is switched on.", "good"},
	"changed":           {"Somebody else changed this in the meantime, so nothing was done. Here is how it stands now.", "note"},
	"device_on":         {"This device shows a notification when money comes or something needs you.", "good"},
	"device_off":        {"The device is told nothing any more.", "good"},
	"origin_added":      {"Customers may go back to that site from now on.", "good"},
	"origin_removed":    {"The site is removed. No page leads customers back to it any more.", "good"},
	"origin_none":       {"The site is removed, and none is left. New links of live mode have no return address; those that have one keep it.", "note"},
	"file_kept":         {"The file is kept. It can be handed over by links now.", "good"},
	"file_known":        {"The same file is kept under this name already.", "note"},
	"file_deleted":      {"The file is deleted.", "good"},
	"account_connected": {"The provider is connected. Test the credentials before a customer needs them.", "good"},
	"account_changed":   {"The account is changed. What is sent from now on goes so.", "good"},
	"account_off":       {"The account is switched off. Nothing new goes through it until you switch it on.", "good"},
	"account_on":        {"The account is switched on.", "good"},
	"account_moved":     {"The order is changed.", "good"},
	"account_busy":      {"Payments are under way at this account. Switch it off, so that no new ones begin, and disconnect it later.", "bad"},
	"account_gone":      {"The account is disconnected, and its credentials are forgotten.", "good"},
	"sending_saved":     {"Saved. Messages follow it from now on.", "good"},
	"dlt_saved":         {"Saved. Text messages to India are checked against it from now on.", "good"},
	"dlt_text_kept":     {"The registered text is kept.", "good"},
	"dlt_text_gone":     {"The registered text is removed. Messages that equal no other are not sent to India any more.", "good"},
	"dlt_gone":          {"Your registration is removed. In live mode, no text message goes to India without one.", "note"},
	"suppressed":        {"The address gets no more messages on that channel.", "good"},
	"unsuppressed":      {"The address gets messages again.", "good"},
	"attachment_in_use": {"A link was made with this file, so it stays.", "note"},
}

// settingsFrame stands around a page of the settings; the other mode has the same page.
func (d *Dashboard) settingsFrame(r *http.Request, s scene, title string, page ...string) (frame, *remark, error) {
	f := d.frame(s, title, "settings")
	other := s
	other.Live = !s.Live
	f.Elsewhere = other.path(append([]string{"settings"}, page...)...)
	var err error
	f.After, err = d.newest(r, s)
	return f, settingsRemarks[r.URL.Query().Get("note")], err
}

func (d *Dashboard) goToSettings(w http.ResponseWriter, r *http.Request, s scene, note string, page ...string) {
	http.Redirect(w, r, s.path(append([]string{"settings"}, page...)...)+"?note="+note, http.StatusSeeOther)
}

// Settings shows what is decided: GET /dashboard/{mode}/settings.
func (d *Dashboard) Settings(w http.ResponseWriter, r *http.Request) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		return d.showSettings(w, r, s, http.StatusOK, settingsFormOf(s.Merchant), flaws{})
	})
}

// SaveSettings takes the form: POST /dashboard/{mode}/settings. Only what is different from what the page
// showed is changed, and nothing when somebody else has changed the same meanwhile.
func (d *Dashboard) SaveSettings(w http.ResponseWriter, r *http.Request) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		f := readSettings(r)
		decision, own := f.decision(s)
		_, err := d.Issuer.Decide(r.Context(), s.actor(), decision)
		var invalid *paylink.Invalid
		var conflict *paylink.Conflict
		switch {
		case err == nil:
			d.goToSettings(w, r, s, "saved")
			return nil
		case errors.As(err, &invalid):
			return d.showSettings(w, r, s, http.StatusUnprocessableEntity, f, flawsOf(own, invalid, settingsOrder, settingsProblem))
		case errors.As(err, &conflict):
			now, err := d.Store.Read(r.Context()).Merchant(s.Merchant.ID)
			if err != nil {
				return err
			}
			told := flaws{[]problem{{"", "Somebody else changed the same setting while you had this page open. Nothing of yours was saved; here is how the settings stand now."}}}
			return d.showSettings(w, r, s, http.StatusConflict, settingsFormOf(now), told)
		}
		return err
	})
}

func (d *Dashboard) showSettings(w http.ResponseWriter, r *http.Request, s scene, status int, f settingsForm, wrong flaws) error {
	v := settings{flaws: wrong, Form: f}
	var err error
	if v.frame, v.Note, err = d.settingsFrame(r, s, "Settings"); err != nil {
		return err
	}
	if v.Channels, err = d.channelChoices(r.Context(), s, f.Channels); err != nil {
		return err
	}
	v.Late, v.Duplicate = policyChoices(f.Late, "accept it while it is still due"), policyChoices(f.Duplicate, "give it back")
	v.Over, v.Under = policyChoices(f.Over, "set it aside for a person"), policyChoices(f.Under, "set it aside for a person")
	return d.render(w, r, status, settingsPage(v))
}

// policyChoices are what may become of money that was not expected. otherwise says what does when nothing is
// decided.
func policyChoices(chosen, otherwise string) []choice {
	all := []choice{{"", "As usual: " + otherwise, chosen == ""}}
	for _, p := range []struct {
		policy paylink.Policy
		word   string
	}{
		{paylink.PolicyAccept, "Accept it"}, {paylink.PolicyHold, "Hold it until a person decides"},
		{paylink.PolicyRefund, "Give it back"}, {paylink.PolicyCredit, "Keep it as the customer’s credit"},
	} {
		all = append(all, choice{string(p.policy), p.word, chosen == string(p.policy)})
	}
	return all
}

// settingsOrder is the order of the form's fields.
var settingsOrder = []string{"", "life", "refresh", "refresh_times", "refresh_life", "channels", "late", "duplicate", "over", "under"}

// settingsFields are the form's fields by the pointers that issue uses.
var settingsFields = map[string]string{
	"/default_expires_in": "life", "/settings/default_channels": "channels",
	"/settings/refresh/policy": "refresh", "/settings/refresh/on": "refresh", "/settings/refresh/times": "refresh_times", "/settings/refresh/expires_in": "refresh_life",
	"/settings/on_late_payment": "late", "/settings/on_duplicate": "duplicate", "/settings/on_overpayment": "over", "/settings/on_underpayment": "under",
}

func settingsProblem(f paylink.Field) problem {
	p := problem{Field: settingsFields[f.Pointer]}
	switch p.Field {
	case "refresh_life":
		p.Text = "More time is at least 1 second and at most 365 days."
	case "refresh_times":
		p.Text = "It can be given at most 10 times by itself."
	}
	if p.Field == "" && len(f.Pointer) > len("/settings/default_channels") && slices.Contains([]string{"unknown_value", "duplicate_value", "too_many"}, f.Code) {
		p.Field = "channels"
	}
	return p
}

package dashboard

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"paylink"
	"paylink/issue"
	"paylink/locale"
	"paylink/wording"
)

// shownWordings is how many versions a page lists.
const shownWordings = 50

// messages is how the merchant words its messages: the versions, and a form for the next one with how it
// reads.
type messages struct {
	frame
	flaws
	Note *remark
	Rows []messageRow
	Form messageForm
	Key  string

	Channels, Kinds, Languages []choice

	Shown *messagePreview // nil: nobody has asked for it
}

// messageRow is one version.
type messageRow struct {
	ID     paylink.MessageTemplateID
	Title  string // "SMS · Request · English · 3"
	Label  label
	Text   string
	Active bool
	Edit   string // address of the form with this text
}

// messageForm is what was typed.
type messageForm struct{ Channel, Kind, Language, Subject, Text string }

// messagePreview is how a text reads, and what it takes.
type messagePreview struct {
	Subject, Text, Button, Language, Direction string
	Takes                                      string // "1 text message, 84 of 160 characters"
	Cost                                       string // empty: not known
	Lacks                                      string
}

// Messages lists the versions, newest first, above the form for the next one:
// GET /dashboard/{mode}/settings/messages.
func (d *Dashboard) Messages(w http.ResponseWriter, r *http.Request) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		f := messageForm{Channel: string(paylink.ChannelSMS), Kind: string(paylink.TemplateRequest), Language: locale.Pick(s.Merchant.Locale).Tag}
		f.Text = "{merchant}: {amount} for {subject}. Pay: {url}"
		if id := r.URL.Query().Get("from"); id != "" {
			t, err := d.Store.Read(r.Context()).MessageTemplate(s.Merchant.ID, s.Live, paylink.MessageTemplateID(id))
			if err != nil {
				return err
			}
			f = messageForm{string(t.Channel), string(t.Kind), t.Language, t.Subject, t.Text}
		}
		return d.showMessages(w, r, s, http.StatusOK, messages{Form: f})
	})
}

// WordMessages shows how a text reads, or keeps it as the next version, which is used at once:
// POST /dashboard/{mode}/settings/messages.
func (d *Dashboard) WordMessages(w http.ResponseWriter, r *http.Request) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		get := func(name string) string {
			return strings.TrimSpace(strings.ReplaceAll(r.PostFormValue(name), "\r\n", "\n"))
		}
		f := messageForm{get("channel"), get("kind"), get("language"), get("subject"), get("text")}
		wanted := issue.Wording{
			Channel: paylink.Channel(f.Channel), Kind: paylink.TemplateKind(f.Kind), Language: f.Language, Subject: f.Subject, Text: f.Text, Active: true,
		}
		v := messages{Form: f}
		p, err := d.Issuer.PreviewWording(r.Context(), s.actor(), wanted, "")
		var invalid *paylink.Invalid
		switch {
		case errors.As(err, &invalid):
			v.flaws = flawsOf(nil, invalid, messageOrder, messageProblem)
			return d.showMessages(w, r, s, http.StatusUnprocessableEntity, v)
		case err != nil:
			return err
		}
		v.Shown = s.messagePreview(p, f)
		if len(p.Flaws) > 0 {
			v.Shown.Lacks, invalid = "", flawsTogether(p.Flaws)
			v.flaws = flawsOf(nil, invalid, messageOrder, messageProblem)
			return d.showMessages(w, r, s, http.StatusUnprocessableEntity, v)
		}
		if get("act") == "preview" {
			return d.showMessages(w, r, s, http.StatusOK, v)
		}
		err = once(r.Context(), func() error {
			_, err := d.Issuer.SaveWording(r.Context(), s.actor(), wanted, s.claim(r, "POST "+Root+"/settings/messages", ""))
			return err
		})
		if err != nil {
			return err
		}
		d.goToSettings(w, r, s, "worded", "messages")
		return nil
	})
}

// UseMessage puts a version into use or takes it out of use: POST /dashboard/{mode}/settings/messages/{id}.
func (d *Dashboard) UseMessage(w http.ResponseWriter, r *http.Request) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		use, note := r.PostFormValue("use") == "yes", "wording_off"
		if use {
			note = "worded"
		}
		if _, err := d.Issuer.UseWording(r.Context(), s.actor(), paylink.MessageTemplateID(r.PathValue("id")), use); err != nil {
			return err
		}
		d.goToSettings(w, r, s, note, "messages")
		return nil
	})
}

func (d *Dashboard) showMessages(w http.ResponseWriter, r *http.Request, s scene, status int, v messages) error {
	var err error
	if v.frame, v.Note, err = d.settingsFrame(r, s, "Messages", "messages"); err != nil {
		return err
	}
	all, err := d.Store.Read(r.Context()).MessageTemplates(s.Merchant.ID, s.Live, "", shownWordings)
	if err != nil {
		return err
	}
	for _, t := range all {
		v.Rows = append(v.Rows, s.messageRow(t))
	}
	v.Key = newFormKey()
	for _, c := range paylink.Channels {
		v.Channels = append(v.Channels, choice{string(c), messageChannels[c], v.Form.Channel == string(c)})
	}
	for _, k := range paylink.TemplateKinds {
		v.Kinds = append(v.Kinds, choice{string(k), messageKinds[k], v.Form.Kind == string(k)})
	}
	for _, l := range locale.Languages() {
		v.Languages = append(v.Languages, choice{l.Tag, l.Name, v.Form.Language == l.Tag})
	}
	return d.render(w, r, status, messagesPage(v))
}

var messageChannels = map[paylink.Channel]string{
	paylink.ChannelSMS: "SMS", paylink.ChannelWhatsApp: "WhatsApp", paylink.ChannelEmail: "E-mail", paylink.ChannelInApp: "In the app",
}

var messageKinds = map[paylink.TemplateKind]string{
	paylink.TemplateRequest: "Request", paylink.TemplateReminder: "Reminder", paylink.TemplateExpiring: "Reminder before the end",
	paylink.TemplateOverdue: "Reminder when overdue", paylink.TemplateReceipt: "Receipt", paylink.TemplateRefund: "Refund notice",
	paylink.TemplateCode: "Code for a restricted link",
}

// messageOrder is the order of the form's fields.
var messageOrder = []string{"", "channel", "kind", "language", "subject", "text"}

// messageProblem is the form's field of a pointer.
func messageProblem(f paylink.Field) problem {
	name, _, _ := strings.Cut(strings.TrimPrefix(f.Pointer, "/"), "/")
	if name == "registered_as" {
		name = "text"
	}
	return problem{Field: name, Text: f.Detail}
}

func (s scene) messageRow(t paylink.MessageTemplate) messageRow {
	row := messageRow{
		ID: t.ID, Text: t.Text, Active: t.State == paylink.TemplateActive, Label: label{"Not used", "pause", "calm"},
		Title: strings.Join([]string{messageChannels[t.Channel], messageKinds[t.Kind], locale.Pick(t.Language).Name, strconv.FormatInt(t.Version, 10)}, " · "),
		Edit:  s.path("settings", "messages") + "?from=" + string(t.ID),
	}
	switch t.State {
	case paylink.TemplateActive:
		row.Label = label{"In use", "tick", "good"}
	case paylink.TemplateDraft:
		row.Label = label{"Draft", "clock", "info"}
	}
	return row
}

// room is how many characters one text message has, and each of several.
var room = map[string][2]int{"gsm7": {160, 153}, "ucs2": {70, 67}}

func (s scene) messagePreview(p wording.Preview, f messageForm) *messagePreview {
	l := locale.Pick(f.Language)
	v := &messagePreview{Subject: p.Subject, Text: p.Text.Text, Button: p.Button, Language: l.Tag, Direction: l.Direction, Lacks: p.Lacks}
	if p.Segments > 0 {
		most := room[p.Encoding][min(p.Segments-1, 1)] * p.Segments
		v.Takes = count(p.Segments, "text message") + ", " + strconv.Itoa(p.Units) + " of " + strconv.Itoa(most) + " characters"
		if p.Encoding == "ucs2" {
			v.Takes += ". A character that plain text messages lack leaves less than half of the room."
		}
	}
	channels := map[paylink.Channel]int64{paylink.Channel(f.Channel): int64(max(1, p.Segments))}
	if minor, known := s.Merchant.Settings.Prices.Estimate(channels); known {
		v.Cost = s.money(minor, s.Merchant.Currency)
	}
	return v
}

// flawsTogether tells all that is wrong with a field at once.
func flawsTogether(all []wording.Flaw) *paylink.Invalid {
	together := &paylink.Invalid{}
	for _, flaw := range all {
		at := slices.IndexFunc(together.Fields, func(f paylink.Field) bool { return f.Pointer == "/"+flaw.Field })
		if at < 0 {
			together.Add("/"+flaw.Field, flaw.Code, flaw.Detail)
		} else if told := &together.Fields[at]; !strings.Contains(told.Detail, flaw.Detail) {
			told.Detail += " " + flaw.Detail
		}
	}
	return together
}

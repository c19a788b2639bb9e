package issue

import (
	"context"
	"fmt"
	"slices"

	"paylink"
	"paylink/locale"
	"paylink/rules"
	"paylink/store"
	"paylink/wording"
)

// Wording is a new version of a message template, as somebody wants it.
type Wording struct {
	Channel  paylink.Channel
	Kind     paylink.TemplateKind
	Language string
	Subject  string
	Text     string
	As       paylink.RegisteredAs
	Active   bool // it is used at once
}

// SaveWording keeps a new version of how messages of a channel, kind and language read. It fails with
// *paylink.Invalid naming everything that is wrong, and with *paylink.Conflict "too_many_templates".
func (x *Issuer) SaveWording(ctx context.Context, by Actor, w Wording, claim *store.Claim) (paylink.MessageTemplate, error) {
	now := x.now()
	fresh := paylink.MessageTemplate{
		ID: paylink.NewMessageTemplateID(now), Merchant: by.Merchant.ID, Live: by.Live, Channel: w.Channel, Kind: w.Kind, Language: w.Language,
		Subject: w.Subject, Text: w.Text, As: w.As, State: paylink.TemplateDraft, CreatedAt: now, UpdatedAt: now,
	}
	invalid := x.judgeWording(by, fresh)
	if invalid != nil && claim == nil {
		return paylink.MessageTemplate{}, invalid
	}
	var t paylink.MessageTemplate
	out, replayed, err := x.store.WriteOnce(ctx, claim, now, func(tx *store.Tx) (store.Outcome, error) {
		if _, err := tx.MerchantToChange(by.Merchant.ID); err != nil {
			return store.Outcome{}, err
		}
		if invalid != nil { // the look made the store say first whether the claim was used
			return store.Outcome{}, invalid
		}
		t = fresh
		version, count, err := tx.LatestMessageTemplate(t)
		if err != nil {
			return store.Outcome{}, err
		}
		if count >= store.MaxMessageTemplates {
			return store.Outcome{}, &paylink.Conflict{Code: "too_many_templates", Detail: fmt.Sprintf("A merchant has at most %d versions of message templates.", store.MaxMessageTemplates)}
		}
		t.Version = version + 1
		if w.Active {
			t.State = paylink.TemplateActive
			tx.RetireMessageTemplates(t)
		}
		tx.InsertMessageTemplate(t)
		return store.Outcome{Status: 201, Object: string(t.ID)}, nil
	})
	if err == nil && replayed { // as it is now
		t, err = x.store.Read(ctx).MessageTemplate(by.Merchant.ID, by.Live, paylink.MessageTemplateID(out.Object))
	}
	return t, about(err, "save a message template of", by.Merchant.ID)
}

// UseWording puts a version into use in the place of the one before, or takes it out of use, so that the
// words of this house are used again. What it is already changes nothing. Two who decide in one instant
// leave one in use: the later's.
func (x *Issuer) UseWording(ctx context.Context, by Actor, id paylink.MessageTemplateID, use bool) (paylink.MessageTemplate, error) {
	var t paylink.MessageTemplate
	now := x.now()
	err := x.store.Write(ctx, func(tx *store.Tx) (err error) {
		if _, err = tx.MerchantToChange(by.Merchant.ID); err != nil {
			return err
		}
		if t, err = tx.MessageTemplate(by.Merchant.ID, by.Live, id); err != nil {
			return err
		}
		if use == (t.State == paylink.TemplateActive) {
			return nil
		}
		t.UpdatedAt = now
		tx.RetireMessageTemplates(t)
		t.State = paylink.TemplateRetired
		if use {
			t.State = paylink.TemplateActive
			tx.ActivateMessageTemplate(t)
		}
		return nil
	})
	return t, about(err, "use message template", id)
}

// judgeWording gives *paylink.Invalid with all that is wrong, or nil.
func (x *Issuer) judgeWording(by Actor, t paylink.MessageTemplate) error {
	j := &judgement{by: by}
	if !slices.Contains(paylink.Channels, t.Channel) {
		j.bad.Add("/channel", "unknown_value", "There is no such channel.")
	}
	if !slices.Contains(paylink.TemplateKinds, t.Kind) {
		j.bad.Add("/kind", "unknown_value", "There is no such kind of message.")
	}
	if !slices.ContainsFunc(locale.Languages(), func(l locale.Language) bool { return l.Tag == t.Language }) {
		j.bad.Add("/language", "unknown_value", "Messages are not written in this language.")
	}
	for _, f := range wording.Check(t) {
		j.bad.Add("/"+f.Field, f.Code, f.Detail)
	}
	if t.As.DLT != "" {
		j.dltOf(t)
	}
	return j.bad.OrNil()
}

// dltOf asks that a template which names a registered text is there, and has its places.
func (j *judgement) dltOf(t paylink.MessageTemplate) {
	d := j.by.Merchant.Settings.DLT
	if d == nil || !slices.ContainsFunc(d.Templates, func(r paylink.DLTTemplate) bool { return r.ID == t.As.DLT }) {
		j.bad.Add("/registered_as/dlt_template_id", "unknown_value", "No registered text of your settings has this id.")
		return
	}
	header := d.Templates[slices.IndexFunc(d.Templates, func(r paylink.DLTTemplate) bool { return r.ID == t.As.DLT })].Header
	example := wording.Example(locale.Pick(t.Language), t, j.by.Merchant, header)
	if _, flaw := rules.Preflight(d, rules.Indian{Text: example.Text.Text, URL: example.URL, ID: t.As.DLT}); flaw != "" {
		j.bad.Add("/text", string(flaw), "Filled with an example, this does not equal the registered text.")
	}
}

// contactCaps asks for caps that let something through.
func (j *judgement) contactCaps(c *paylink.ContactCaps) {
	if c != nil && (c.Day < 0 || c.Day > 100 || c.Week < 0 || c.Week > 500) {
		j.bad.Add("/settings/contact_caps", "out_of_range", "A cap is from 1 to 100 a day, and to 500 a week.")
	}
}

// dlt judges what a merchant has registered with India's operators.
func (j *judgement) dlt(d *paylink.DLT) {
	if d == nil {
		return
	}
	const at = "/settings/dlt"
	for i, h := range d.Headers {
		if !headerForm(h) {
			j.bad.Add(fmt.Sprintf("%s/headers/%d", at, i), "bad_header", "A header is 3 to 11 letters and digits.")
		}
	}
	for i, domain := range d.Domains {
		if !domainForm(domain) {
			j.bad.Add(fmt.Sprintf("%s/domains/%d", at, i), "bad_domain", "A domain has no https and no path, such as acme.in.")
		}
	}
	seen := map[string]bool{}
	for i, t := range d.Templates {
		pointer := fmt.Sprintf("%s/templates/%d", at, i)
		places, untyped := rules.Places(t.Text)
		switch {
		case seen[t.ID]:
			j.bad.Add(pointer+"/template_id", "duplicate", "Two texts have this id.")
		case !slices.Contains(d.Headers, t.Header):
			j.bad.Add(pointer+"/header", "unknown_value", "The header is not among your headers.")
		case len(t.Types) > untyped:
			j.bad.Add(pointer+"/variable_types", "too_many", "There are more types than places without one.")
		case places > 20:
			j.bad.Add(pointer+"/text", "too_many", "A text has at most 20 places.")
		}
		for n, kind := range t.Types {
			if !slices.Contains(paylink.DLTTypes, kind) {
				j.bad.Add(fmt.Sprintf("%s/variable_types/%d", pointer, n), "unknown_value", "There is no such type.")
			}
		}
		seen[t.ID] = true
	}
}

func headerForm(h string) bool {
	for _, r := range h {
		if !(r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z') {
			return false
		}
	}
	return len(h) >= 3 && len(h) <= 11
}

func domainForm(d string) bool {
	dot := false
	for _, r := range d {
		if !(r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || r == '-' || r == '.') {
			return false
		}
		dot = dot || r == '.'
	}
	return dot && len(d) <= 253
}

package issue

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

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
// *paylink.Invalid naming everything that is wrong, and with *paylink.Conflict "too_many_message_templates".
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
			return store.Outcome{}, &paylink.Conflict{Code: "too_many_message_templates", Detail: fmt.Sprintf("A merchant has at most %d versions of message templates.", store.MaxMessageTemplates)}
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

// PreviewWording shows how a wording reads with the facts of a link, or with an example when none is named,
// and what is wrong with it. Nothing is kept.
func (x *Issuer) PreviewWording(ctx context.Context, by Actor, w Wording, link paylink.LinkID) (wording.Preview, error) {
	t := paylink.MessageTemplate{Channel: w.Channel, Kind: w.Kind, Language: w.Language, Subject: w.Subject, Text: w.Text, As: w.As}
	j := &judgement{by: by}
	if j.wordingShape(t); len(j.bad.Fields) > 0 {
		return wording.Preview{}, j.bad.OrNil()
	}
	header := ""
	if w.Channel == paylink.ChannelSMS {
		header = by.Merchant.SMSHeader()
	}
	p := wording.Example(locale.Pick(w.Language), t, by.Merchant, header)
	if link != "" {
		l, err := x.store.Read(ctx).Link(by.Merchant.ID, by.Live, link)
		if paylink.IsNotFound(err) {
			return p, &paylink.Invalid{Fields: []paylink.Field{{Pointer: "/link_id", Code: "unknown_value", Detail: "There is no such payment link."}}}
		}
		if err != nil {
			return p, about(err, "preview a message of", link)
		}
		customer, err := x.store.Read(ctx).CustomerOf(l)
		if err != nil {
			return p, about(err, "preview a message of", link)
		}
		p = wording.Show(locale.Pick(w.Language), t, wording.Facts(l, customer, by.Merchant, p.URL))
	}
	var wrong *paylink.Invalid
	if errors.As(x.judgeWording(by, t), &wrong) {
		p.Flaws = nil
		for _, f := range wrong.Fields {
			p.Flaws = append(p.Flaws, wording.Flaw{Field: strings.TrimPrefix(f.Pointer, "/"), Code: f.Code, Detail: f.Detail})
		}
	}
	return p, nil
}

// judgeWording gives *paylink.Invalid with all that is wrong, or nil.
func (x *Issuer) judgeWording(by Actor, t paylink.MessageTemplate) error {
	j := &judgement{by: by}
	if j.wordingShape(t); len(j.bad.Fields) > 0 {
		return j.bad.OrNil()
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

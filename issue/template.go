package issue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"paylink"
	"paylink/store"
)

// Saving is what a caller wants a template to be. What is nil stays as it is; a new one needs both.
type Saving struct {
	Name     *string
	Settings json.RawMessage // fields of a new link
	Draft    Draft           // what the settings say

	// Seen is when the template was last changed, as whoever saves it saw it; nil: whatever there is may be
	// written over.
	Seen *time.Time
}

// SaveTemplate keeps settings of links under a name: of a new template when id is empty. They are judged
// as those of a link of which nobody has said the rest yet. It fails with *paylink.Invalid, whose pointers
// lead into name and settings, and with *paylink.Conflict "name_in_use", or "template_changed" when somebody
// has changed it since it was seen.
func (x *Issuer) SaveTemplate(ctx context.Context, by Actor, id paylink.TemplateID, s Saving, claim *store.Claim) (paylink.Template, error) {
	now, invalid := x.now(), x.judgeTemplate(by, s, id == "")
	if invalid != nil && claim == nil {
		return paylink.Template{}, invalid
	}
	fresh := paylink.Template{ID: paylink.NewTemplateID(now), Merchant: by.Merchant.ID, Live: by.Live, CreatedAt: now}
	var t paylink.Template
	out, replayed, err := x.store.WriteOnce(ctx, claim, now, func(tx *store.Tx) (store.Outcome, error) {
		if _, err := tx.MerchantToChange(by.Merchant.ID); err != nil {
			return store.Outcome{}, err
		}
		if invalid != nil { // the look made the store say first whether the claim was used
			return store.Outcome{}, invalid
		}
		if t = fresh; id != "" {
			var err error
			if t, err = tx.Template(by.Merchant.ID, by.Live, id); err != nil {
				return store.Outcome{}, err
			}
		}
		if s.Seen != nil && !t.UpdatedAt.Equal(*s.Seen) {
			return store.Outcome{}, &paylink.Conflict{Code: "template_changed", Detail: "Somebody else has changed the template in the meantime."}
		}
		if s.Name != nil {
			t.Name = *s.Name
		}
		if s.Settings != nil {
			t.Settings = s.Settings
		}
		if before := t.UpdatedAt; !now.After(before) {
			t.UpdatedAt = before.Add(time.Microsecond) // no two changes look the same to whoever has seen one of them
		} else {
			t.UpdatedAt = now
		}
		if err := templateFits(tx, t, id == ""); err != nil {
			return store.Outcome{}, err
		}
		if id == "" {
			tx.InsertTemplate(t)
		} else {
			tx.UpdateTemplate(t)
		}
		return store.Outcome{Status: 201, Object: string(t.ID)}, nil
	})
	if err == nil && replayed { // as it is now, or not any more
		t, err = x.store.Read(ctx).Template(by.Merchant.ID, by.Live, paylink.TemplateID(out.Object))
	}
	return t, about(err, "save a template of", by.Merchant.ID)
}

// templateFits asks for a free name and, of a new one, for room. The merchant's row is held, so that of many
// who save at once each sees the ones before.
func templateFits(tx *store.Tx, t paylink.Template, fresh bool) error {
	taken, count, err := tx.TemplateNamed(t.Merchant, t.Live, t.Name, t.ID)
	switch {
	case err != nil:
		return err
	case taken:
		return &paylink.Conflict{Code: "name_in_use", Detail: "Another template has this name."}
	case fresh && count >= store.MaxTemplates:
		return &paylink.Conflict{Code: "too_many_templates", Detail: fmt.Sprintf("A merchant has at most %d templates.", store.MaxTemplates)}
	}
	return nil
}

// DeleteTemplate removes a template. Links that were made of it keep what they have, and its name.
func (x *Issuer) DeleteTemplate(ctx context.Context, by Actor, id paylink.TemplateID) error {
	return about(x.store.Write(ctx, func(tx *store.Tx) error {
		tx.DeleteTemplate(by.Merchant.ID, by.Live, id)
		return nil
	}), "delete template", id)
}

// judgeTemplate gives *paylink.Invalid with all that is wrong, or nil. What a template does not say is for
// the link to say: an amount, a currency, and a customer whom its channels reach.
func (x *Issuer) judgeTemplate(by Actor, s Saving, fresh bool) error {
	j := &judgement{by: by}
	switch {
	case s.Name != nil && *s.Name != "":
		j.text("/name", *s.Name, maxName, oneLine)
	case s.Name != nil || fresh:
		j.bad.Add("/name", "required", "The name is missing.")
	}
	if s.Settings == nil {
		if fresh {
			j.bad.Add("/settings", "required", "The settings are missing.")
		}
		return j.bad.OrNil()
	}
	d := s.Draft
	if !d.HasAmount && d.Terms.CustomerAmount == nil && d.Terms.Items == nil {
		d.Amount, d.HasAmount = paylink.MaxMinor, true
	}
	if d.Currency == "" {
		d.Currency = by.Merchant.Currency
	}
	var wrong *paylink.Invalid
	if _, _, err := x.Check(by, d); errors.As(err, &wrong) {
		for _, f := range wrong.Fields {
			if f.Code != "needs_contact" {
				j.bad.Add("/settings"+f.Pointer, f.Code, f.Detail)
			}
		}
	}
	return j.bad.OrNil()
}

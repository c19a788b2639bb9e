package dashboard

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"paylink"
	"paylink/issue"
	"paylink/locale"
)

// linkTemplate is what a template says about a link, by the fields of a new link in the API. The zero value is
// no template.
type linkTemplate struct {
	paylink.Terms
	Name        string            `json:"-"`
	Amount      *int64            `json:"amount"`
	Currency    paylink.Currency  `json:"currency"`
	Description string            `json:"description"`
	Usage       linkTemplateUsage `json:"usage"`
	ExpiresIn   json.RawMessage   `json:"expires_in"` // seconds, or null for never
	ExpiresAt   json.RawMessage   `json:"expires_at"` // an instant, or null for never
	Channels    []paylink.Channel `json:"channels"`
	Methods     []paylink.Method  `json:"methods"`
	ReturnURL   string            `json:"return_url"`
	Metadata    map[string]string `json:"metadata"`
	Notes       string            `json:"notes"`
	OnLate      paylink.Policy    `json:"on_late_payment"`
	OnDuplicate paylink.Policy    `json:"on_duplicate"`

	NotifyExpiry *bool `json:"notify_expiry"`
}

type linkTemplateUsage struct {
	Mode           paylink.UsageMode `json:"mode"`
	MaxPayments    *int64            `json:"max_payments"`
	MaxTotal       *int64            `json:"max_total"`
	MaxPerCustomer *int64            `json:"max_per_customer"`
}

// likeTemplate reads the merchant's template of the name; the zero one for an empty name.
func (d *Dashboard) likeTemplate(r *http.Request, s scene, name string) (linkTemplate, error) {
	if name == "" {
		return linkTemplate{}, nil
	}
	t, err := d.Store.Read(r.Context()).TemplateByName(s.Merchant.ID, s.Live, name)
	if err != nil {
		return linkTemplate{}, err
	}
	return readTemplate(t)
}

func readTemplate(t paylink.Template) (linkTemplate, error) {
	like := linkTemplate{Name: t.Name}
	if err := json.Unmarshal(t.Settings, &like); err != nil {
		return like, fmt.Errorf("read the settings of template %s: %w", t.ID, err)
	}
	return like, nil
}

// draft is what a link gets of the template that no field of the form is about.
func (t linkTemplate) draft() issue.Draft {
	return issue.Draft{
		Metadata: t.Metadata, OnLate: t.OnLate, OnDuplicate: t.OnDuplicate, NotifyExpiry: t.NotifyExpiry,
		Terms: paylink.Terms{Template: t.Name, Promises: t.Promises, Refresh: t.Refresh, OnOver: t.OnOver, OnUnder: t.OnUnder},
	}
}

// beyond names what that is.
func (t linkTemplate) beyond() string {
	var all []string
	for _, part := range []struct {
		said bool
		word string
	}{
		{t.Promises != nil, "that the customer may promise a day"}, {t.Refresh != nil, "who may give it new time"},
		{t.NotifyExpiry != nil, "the notice before it expires"}, {t.OnLate+t.OnDuplicate+t.OnOver+t.OnUnder != "", "what becomes of money that comes otherwise than asked"},
		{len(t.Metadata) > 0, "your own data"},
	} {
		if part.said {
			all = append(all, part.word)
		}
	}
	return strings.Join(all, ", ")
}

// formLike is the form filled with what a template says.
func (s scene) formLike(t linkTemplate) form {
	f := s.blankForm()
	f.Template, f.Description, f.Notes, f.ReturnURL = t.Name, t.Description, t.Notes, t.ReturnURL
	if t.Currency != "" {
		f.Currency = string(t.Currency)
	}
	currency := paylink.Currency(f.Currency)
	money := func(minor int64) string {
		if minor == 0 {
			return ""
		}
		return paylink.Money{Minor: minor, Currency: currency}.Decimal()
	}
	if t.Amount != nil {
		f.Amount = money(*t.Amount)
	}
	if t.Channels != nil {
		f.Channels, f.Send = words(t.Channels), sendAtOnce
	}
	if t.Delivery != nil {
		f.Send = sendLike
	}
	f.Methods = words(t.Methods)
	if t.Usage.Mode != "" {
		f.Mode, f.MaxPayments, f.MaxEach = string(t.Usage.Mode), number(t.Usage.MaxPayments), number(t.Usage.MaxPerCustomer)
	}
	if t.Usage.MaxTotal != nil {
		f.MaxTotal = money(*t.Usage.MaxTotal)
	}
	s.expiryLike(&f, t)
	for _, r := range t.Reminders {
		f.Reminders = append(f.Reminders, reminderText(r))
	}
	f.sums.like(t.Terms, currency, money)
	f.payForm.like(s, t.Terms, money)
	f.pageForm.like(t.Terms)
	f.keep = keepOf(t.Restrict)
	if t.DueAt != nil {
		f.DueAt = t.DueAt.In(locale.Zone(s.Merchant.TimeZone)).Format(time.DateOnly)
	}
	return f
}

// expiryLike chooses the end that a template says: one of those that the form offers, or a time.
func (s scene) expiryLike(f *form, t linkTemplate) {
	at := time.Time{}
	switch {
	case string(t.ExpiresIn) == "null" || string(t.ExpiresAt) == "null":
		f.Expiry = expiryNever
		return
	case len(t.ExpiresIn) > 0:
		seconds, err := strconv.ParseInt(string(t.ExpiresIn), 10, 64)
		if err != nil {
			return
		}
		f.Expiry = strconv.FormatInt(seconds, 10)
		if slices.ContainsFunc(f.expiries(), func(c choice) bool { return c.Chosen }) {
			return
		}
		at = s.World.Add(time.Duration(seconds) * time.Second)
	case len(t.ExpiresAt) == 0 || json.Unmarshal(t.ExpiresAt, &at) != nil:
		return
	}
	f.Expiry, f.ExpiresAt = expiryCustom, at.In(locale.Zone(s.Merchant.TimeZone)).Format(fieldTime)
}

// words are a list of names as a form sends them.
func words[T ~string](all []T) []string {
	var texts []string
	for _, one := range all {
		texts = append(texts, string(one))
	}
	return texts
}

func templateQuery(name string) string { return "?" + url.Values{"template": {name}}.Encode() }

package dashboard

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"paylink"
	"paylink/issue"
)

// settingsForm is what was typed about the settings.
type settingsForm struct {
	Life                         span
	NotifyExpiry                 bool
	Refresh, RefreshTimes        string
	RefreshLife                  span
	RefreshItself                bool
	Channels                     []string
	Quiet, QuietFrom, QuietTo    string
	Late, Duplicate, Over, Under string
	PriceSMS, PriceWhatsApp      string
	PriceEmail                   string
	Seen                         string // the settings that the page showed, as JSON
}

// seenSettings are what a page showed, so that only what is different is changed.
type seenSettings struct {
	Life     *int64           `json:"life"`
	Settings paylink.Settings `json:"settings"`
}

// How the quiet hours are chosen.
const (
	quietUsual  = "usual"
	quietChosen = "chosen"
	quietNone   = "none"
)

func settingsFormOf(m paylink.Merchant) settingsForm {
	seen, err := json.Marshal(seenSettings{m.ExpiresIn(), m.Settings})
	if err != nil {
		panic("settings: " + err.Error()) // plain structs always marshal
	}
	c := m.Settings
	f := settingsForm{
		Life: span{Unit: spanNever}, NotifyExpiry: c.NotifyExpiry, Refresh: string(paylink.RefreshNever), RefreshTimes: "1", RefreshLife: span{Unit: "days"},
		Quiet: quietUsual, QuietFrom: "21:00", QuietTo: "09:00",
		Late: string(c.OnLate), Duplicate: string(c.OnDuplicate), Over: string(c.OnOver), Under: string(c.OnUnder), Seen: string(seen),
	}
	if life := m.ExpiresIn(); life != nil {
		f.Life = spanOf(*life)
	}
	if r := c.Refresh; r != nil {
		f.Refresh, f.RefreshTimes, f.RefreshItself = string(r.Policy), strconv.FormatInt(max(1, r.Times), 10), r.On == paylink.RefreshOnExpiry
		if r.ExpiresIn > 0 {
			f.RefreshLife = spanOf(r.ExpiresIn)
		}
	}
	for _, channel := range c.Channels {
		f.Channels = append(f.Channels, string(channel))
	}
	if q := c.QuietHours; q != nil && q.From == q.To {
		f.Quiet = quietNone
	} else if q != nil {
		f.Quiet, f.QuietFrom, f.QuietTo = quietChosen, q.From, q.To
	}
	if p := c.Prices; p != nil {
		price := func(minor *int64) string {
			if minor == nil {
				return ""
			}
			return paylink.Money{Minor: *minor, Currency: m.Currency}.Decimal()
		}
		f.PriceSMS, f.PriceWhatsApp, f.PriceEmail = price(p.SMS), price(p.WhatsApp), price(p.Email)
	}
	return f
}

func readSettings(r *http.Request) settingsForm {
	get := func(name string) string { return strings.TrimSpace(r.PostForm.Get(name)) }
	return settingsForm{
		Life: span{get("life_count"), get("life_unit")}, NotifyExpiry: get("notify_expiry") != "",
		Refresh: get("refresh"), RefreshTimes: get("refresh_times"), RefreshLife: span{get("refresh_life_count"), get("refresh_life_unit")}, RefreshItself: get("refresh_itself") != "",
		Channels: r.PostForm["channel"], Quiet: get("quiet"), QuietFrom: get("quiet_from"), QuietTo: get("quiet_to"),
		Late: get("late"), Duplicate: get("duplicate"), Over: get("over"), Under: get("under"),
		PriceSMS: get("price_sms"), PriceWhatsApp: get("price_whatsapp"), PriceEmail: get("price_email"), Seen: r.PostForm.Get("seen"),
	}
}

// decision makes of the form what issue judges: what is different from what the page showed. What cannot be
// read becomes a problem, and a value that issue refuses, so that all that is wrong is told at once.
func (f settingsForm) decision(s scene) (issue.Decision, []problem) {
	var problems []problem
	wrong := func(field, text string) { problems = append(problems, problem{field, text}) }
	shown := seenSettings{s.Merchant.ExpiresIn(), s.Merchant.Settings}
	var typed seenSettings
	if json.Unmarshal([]byte(f.Seen), &typed) == nil {
		shown = typed
	}
	seen := s.Merchant
	seen.Settings, seen.DefaultExpiry = shown.Settings, 0
	if shown.Life != nil && *shown.Life > 0 && *shown.Life < 1<<32 {
		seen.DefaultExpiry = time.Duration(*shown.Life) * time.Second
	}
	wanted := seen.Settings
	f.sending(&wanted)
	f.renewing(&wanted, wrong)
	wanted.OnLate, wanted.OnDuplicate = paylink.Policy(f.Late), paylink.Policy(f.Duplicate)
	wanted.OnOver, wanted.OnUnder = paylink.Policy(f.Over), paylink.Policy(f.Under)
	f.prices(&wanted, s.Merchant.Currency, wrong)
	d := issue.Decision{Members: seen.Settings.Changes(wanted), Seen: &seen}
	if f.Life.Unit == spanNever {
		d.NoExpiry = seen.DefaultExpiry != 0
	} else if life, ok := f.Life.seconds(); !ok {
		wrong("life", "Write how long as a whole number, or choose “for ever”.")
		d.ExpiresIn = &life
	} else if life != int64(seen.DefaultExpiry/time.Second) {
		d.ExpiresIn = &life
	}
	return d, problems
}

func (f settingsForm) sending(c *paylink.Settings) {
	c.NotifyExpiry, c.Channels = f.NotifyExpiry, nil
	for _, channel := range f.Channels {
		c.Channels = append(c.Channels, paylink.Channel(channel))
	}
	switch {
	case f.Quiet == quietUsual:
		c.QuietHours = nil
	case f.Quiet == quietChosen:
		c.QuietHours = &paylink.DailyHours{From: f.QuietFrom, To: f.QuietTo}
	case c.QuietHours == nil || c.QuietHours.From != c.QuietHours.To: // those that are none already stay as they were said
		c.QuietHours = &paylink.DailyHours{From: "00:00", To: "00:00"}
	}
}

// renewing says how a link may be given new time. Fields of the automatic way that stand beside another one
// are left out, as the form shows them whatever is chosen.
func (f settingsForm) renewing(c *paylink.Settings, wrong func(field, text string)) {
	policy := paylink.RefreshPolicy(f.Refresh)
	if policy == paylink.RefreshNever {
		if c.Refresh != nil && c.Refresh.Policy != paylink.RefreshNever {
			c.Refresh = nil // nothing decided is never
		}
		return
	}
	r := paylink.Refresh{Policy: policy}
	if f.RefreshLife.Count != "" {
		var ok bool
		if r.ExpiresIn, ok = f.RefreshLife.seconds(); !ok {
			wrong("refresh_life", "Write how much time as a whole number, or leave it empty.")
		}
	}
	if policy == paylink.RefreshAutomatic {
		times, err := strconv.ParseInt(f.RefreshTimes, 10, 64)
		if err != nil || times < 1 {
			wrong("refresh_times", "Write how often as a whole number from 1 to 10.")
			times = unreadable
		}
		r.Times = times
		if f.RefreshItself {
			r.On = paylink.RefreshOnExpiry
		}
		if was := c.Refresh; was != nil && was.Policy == policy { // the same said in other words is no change
			if r.On == "" && was.On == paylink.RefreshOnRequest {
				r.On = was.On
			}
			if r.Times == 1 && was.Times == 0 {
				r.Times = 0
			}
		}
	}
	c.Refresh = &r
}

func (f settingsForm) prices(c *paylink.Settings, currency paylink.Currency, wrong func(field, text string)) {
	var p paylink.MessagePrices
	for _, each := range []struct {
		field, text string
		to          **int64
	}{{"price_sms", f.PriceSMS, &p.SMS}, {"price_whatsapp", f.PriceWhatsApp, &p.WhatsApp}, {"price_email", f.PriceEmail, &p.Email}} {
		if each.text == "" {
			continue
		}
		minor, why := parseAmount(each.text, currency)
		if why != "" {
			wrong(each.field, why)
			minor = unreadable
		}
		*each.to = &minor
	}
	if c.Prices = nil; p != (paylink.MessagePrices{}) {
		c.Prices = &p
	}
}

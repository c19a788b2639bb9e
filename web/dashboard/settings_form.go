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
	Late, Duplicate, Over, Under string
	Seen                         string // the settings that the page showed, as JSON
}

// seenSettings are what a page showed, so that only what is different is changed.
type seenSettings struct {
	Life     *int64           `json:"life"`
	Settings paylink.Settings `json:"settings"`
}

// seenOf are the settings as a page shows them, as JSON. The registration with India's operators has a page
// of its own, and with a hundred texts would be larger than a form may be.
func seenOf(m paylink.Merchant) string {
	m.Settings.DLT = nil
	seen, err := json.Marshal(seenSettings{m.ExpiresIn(), m.Settings})
	if err != nil {
		panic("settings: " + err.Error()) // plain structs always marshal
	}
	return string(seen)
}

// seen is the merchant with the settings that a page showed; what cannot be read showed those of now.
func (s scene) seen(text string) paylink.Merchant {
	shown := seenSettings{s.Merchant.ExpiresIn(), s.Merchant.Settings}
	var typed seenSettings
	if json.Unmarshal([]byte(text), &typed) == nil {
		shown = typed
	}
	m := s.Merchant
	m.Settings, m.DefaultExpiry = shown.Settings, 0
	m.Settings.DLT = nil
	if shown.Life != nil && *shown.Life > 0 && *shown.Life < 1<<32 {
		m.DefaultExpiry = time.Duration(*shown.Life) * time.Second
	}
	return m
}

func settingsFormOf(m paylink.Merchant) settingsForm {
	c := m.Settings
	f := settingsForm{
		Life: span{Unit: spanNever}, NotifyExpiry: c.NotifyExpiry, Refresh: string(paylink.RefreshNever), RefreshTimes: "1", RefreshLife: span{Unit: "days"},
		Late: string(c.OnLate), Duplicate: string(c.OnDuplicate), Over: string(c.OnOver), Under: string(c.OnUnder), Seen: seenOf(m),
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
	return f
}

func readSettings(r *http.Request) settingsForm {
	get := func(name string) string { return strings.TrimSpace(r.PostForm.Get(name)) }
	return settingsForm{
		Life: span{get("life_count"), get("life_unit")}, NotifyExpiry: get("notify_expiry") != "",
		Refresh: get("refresh"), RefreshTimes: get("refresh_times"), RefreshLife: span{get("refresh_life_count"), get("refresh_life_unit")}, RefreshItself: get("refresh_itself") != "",
		Channels: r.PostForm["channel"], Late: get("late"), Duplicate: get("duplicate"), Over: get("over"), Under: get("under"), Seen: r.PostForm.Get("seen"),
	}
}

// decision makes of the form what issue judges: what is different from what the page showed. What cannot be
// read becomes a problem, and a value that issue refuses, so that all that is wrong is told at once.
func (f settingsForm) decision(s scene) (issue.Decision, []problem) {
	var problems []problem
	wrong := func(field, text string) { problems = append(problems, problem{field, text}) }
	seen := s.seen(f.Seen)
	wanted := seen.Settings
	f.sending(&wanted)
	f.renewing(&wanted, wrong)
	wanted.OnLate, wanted.OnDuplicate = paylink.Policy(f.Late), paylink.Policy(f.Duplicate)
	wanted.OnOver, wanted.OnUnder = paylink.Policy(f.Over), paylink.Policy(f.Under)
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

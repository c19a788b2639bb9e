package dashboard

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"paylink"
	"paylink/connect"
	"paylink/locale"
)

// sending is the page of how messages go out: when, how often, at what price, to where and by whom.
type sending struct {
	frame
	flaws
	Note    *remark
	Form    sendingForm
	Zone    string
	Effects []effect // of what is saved
	Spent   spent
	Routes  []route
	Unknown []choice
	Usual   string // how many numbers of one range are usual in this mode
	India   string // how the registration with India's operators stands
}

// spent is what messages have cost today and this month in this mode; empty where it is not counted.
type spent struct{ Day, Month string }

// route is by whom messages of one channel go.
type route struct {
	Field, Channel string
	Choices        []choice
	Asked          string // who is asked, in their order
}

// Sending shows how messages go out: GET /dashboard/{mode}/settings/sending.
func (d *Dashboard) Sending(w http.ResponseWriter, r *http.Request) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		return d.showSending(w, r, s, http.StatusOK, sendingFormOf(s.Merchant), flaws{})
	})
}

// SaveSending takes the form: POST /dashboard/{mode}/settings/sending. Only what is different from what the
// page showed is changed, and nothing when somebody else has changed the same meanwhile.
func (d *Dashboard) SaveSending(w http.ResponseWriter, r *http.Request) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		f := readSendingForm(r)
		decision, own := f.decision(s)
		_, err := d.Issuer.Decide(r.Context(), s.actor(), decision)
		var invalid *paylink.Invalid
		var conflict *paylink.Conflict
		switch {
		case err == nil:
			d.goToSettings(w, r, s, "sending_saved", "sending")
			return nil
		case errors.As(err, &invalid):
			return d.showSending(w, r, s, http.StatusUnprocessableEntity, f, flawsOf(own, invalid, sendingOrder, sendingProblem))
		case errors.As(err, &conflict):
			now, err := d.Store.Read(r.Context()).Merchant(s.Merchant.ID)
			if err != nil {
				return err
			}
			s.Merchant = now
			return d.showSending(w, r, s, http.StatusConflict, sendingFormOf(now), settingsTaken)
		}
		return err
	})
}

// settingsTaken tells the second of two people who changed the same.
var settingsTaken = flaws{[]problem{{"", "Somebody else changed the same setting while you had this page open. Nothing of yours was saved; here is how the settings stand now."}}}

func (d *Dashboard) showSending(w http.ResponseWriter, r *http.Request, s scene, status int, f sendingForm, wrong flaws) error {
	v := sending{
		flaws: wrong, Form: f, Zone: s.World.In(locale.Zone(s.Merchant.TimeZone)).Format("MST"), Effects: effectsOf(s.Merchant),
		Usual: "there is no limit", India: indiaState(s.Merchant.Settings.DLT, s.Live), Unknown: []choice{
			{"", "As usual: wait for a receipt", f.Unknown == ""},
			{string(paylink.UnknownWait), "Wait for a receipt", f.Unknown == string(paylink.UnknownWait)},
			{string(paylink.UnknownResend), "Send again; the customer may get it twice", f.Unknown == string(paylink.UnknownResend)},
		},
	}
	if s.Live {
		v.Usual = "50"
	}
	var err error
	if v.frame, v.Note, err = d.settingsFrame(r, s, "Sending", "sending"); err != nil {
		return err
	}
	if v.Spent, err = d.spent(r, s); err != nil {
		return err
	}
	accounts, err := d.Accounts.List(r.Context(), s.Merchant.ID, s.Live)
	if err != nil {
		return err
	}
	v.Routes = routesOf(f.Routes, accounts)
	return d.render(w, r, status, sendingPage(v))
}

// spent reads what is counted under the merchant's caps.
func (d *Dashboard) spent(r *http.Request, s scene) (spent, error) {
	b := s.Merchant.Settings.Budget
	if b == nil {
		return spent{}, nil
	}
	var sum spent
	scopes := s.Merchant.SpendScopes(s.Live, "", s.Now)
	for _, one := range []struct {
		most  *int64
		scope string
		to    *string
	}{{b.Day, scopes[0], &sum.Day}, {b.Month, scopes[2], &sum.Month}} {
		if one.most == nil {
			continue
		}
		hundredths, err := d.Store.Read(r.Context()).Spent(s.Merchant.ID, s.Live, one.scope)
		if err != nil {
			return sum, err
		}
		*one.to = s.money((hundredths+99)/100, s.Merchant.Currency) + " of " + s.money(*one.most, s.Merchant.Currency) + " spent"
	}
	return sum, nil
}

// routesOf are the channels with who is asked for each, as ranks and countries say.
func routesOf(f routesTyped, accounts []connect.Account) []route {
	all := []route{
		{Field: "route_sms", Channel: channelWords[paylink.ChannelSMS]}, {Field: "route_whatsapp", Channel: channelWords[paylink.ChannelWhatsApp]},
		{Field: "route_email", Channel: channelWords[paylink.ChannelEmail]}, {Field: "route_in_app", Channel: channelWords[paylink.ChannelInApp]},
	}
	for i, c := range []struct {
		channel paylink.Channel
		chosen  string
	}{{paylink.ChannelSMS, f.SMS}, {paylink.ChannelWhatsApp, f.WhatsApp}, {paylink.ChannelEmail, f.Email}, {paylink.ChannelInApp, f.InApp}} {
		for _, p := range []struct {
			preference paylink.RoutePreference
			word       string
		}{{"", "As usual: in the order under Providers"}, {paylink.RouteRank, "In the order under Providers"},
			{paylink.RouteCheapest, "The cheapest first"}, {paylink.RouteHealthiest, "The one that works best first"}} {
			all[i].Choices = append(all[i].Choices, choice{string(p.preference), p.word, c.chosen == string(p.preference)})
		}
		all[i].Asked = askedFor(c.channel, accounts)
	}
	return all
}

// askedFor names the accounts that carry a channel, by rank: "Twilio · India (IN, LK), then MSG91".
func askedFor(c paylink.Channel, accounts []connect.Account) string {
	var names []string
	for _, a := range accounts {
		if a.Off || !slices.Contains(a.Channels, c) || a.Fixed && len(names) > 0 { // the sandbox carries where no other does
			continue
		}
		name := a.Title
		if a.Name != "" {
			name += " · " + a.Name
		}
		if to := strings.Join(strings.FieldsFunc(a.Fields["countries"], between), ", "); to != "" {
			name += " (only to " + to + ")"
		}
		names = append(names, name)
	}
	if len(names) == 0 {
		return "No account carries it."
	}
	return strings.Join(names, ", then ") + "."
}

package dashboard

import (
	"errors"
	"fmt"
	"net/http"
	"slices"

	"paylink"
	"paylink/connect"
)

// providers is the list of a merchant's accounts with those who carry messages and those who take payments.
type providers struct {
	frame
	Note     *remark
	Rows     []accountRow // with carriers
	Gateways []accountRow
}

// accountRow is one account as it stands.
type accountRow struct {
	connect.Account
	Head    string // "Twilio · India"
	Label   label
	Carries string   // "Carries SMS", "Takes cards and UPI"
	Did     string   // "Took 12 of 13 messages in the last 15 minutes"; empty: not known
	Ends    []string // how payments by each method ended
	Through []string // the same by bank and app
	First   bool     // nothing stands before it, or after
	Last    bool
}

// AccountHealth is how an account did in the last fifteen minutes, as this node has seen it.
type AccountHealth struct {
	Calls, Taken int64
	Resting      bool // it failed again and again, and is left alone for a while
}

// health says how an account does, where that is known.
func (d *Dashboard) health(row accountRow) accountRow {
	if row.Kind == paylink.AccountGateway {
		return d.gatewayHealth(row)
	}
	if d.Health == nil || row.Off {
		return row
	}
	h := d.Health(row.ID)
	if h.Calls > 0 {
		row.Did = fmt.Sprintf("Took %d of %s in the last 15 minutes", h.Taken, count(int(h.Calls), "message"))
	}
	if h.Calls > 0 && h.Taken == 0 {
		row.Label = label{"On, but takes nothing", "hourglass", "note"}
	}
	if h.Resting {
		row.Label = label{"Fails, and rests", "hourglass", "bad"}
	}
	return row
}

// providerChoice is one provider that can be connected.
type providerChoice struct {
	Name, Title, Carries, Judge string
	Gateway                     bool
}

// offered is the page on which a provider is chosen.
type offered struct {
	frame
	Choices []providerChoice
}

// account is the page of one account, or of a new one.
type account struct {
	frame
	flaws
	Note  *remark
	Row   accountRow // the zero value for a new one
	Form  accountForm
	Key   string
	Trial *connect.Trial
	Tone  string // of what the trial said

	Previous string // that secrets which were replaced are still believed; empty: none are

	Choice []choice // of channels, where the provider carries several
}

// Providers lists the accounts, the preferred first: GET /dashboard/{mode}/settings/providers.
func (d *Dashboard) Providers(w http.ResponseWriter, r *http.Request) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		var v providers
		var err error
		if v.frame, v.Note, err = d.settingsFrame(r, s, "Providers", "providers"); err != nil {
			return err
		}
		all, err := d.Accounts.List(r.Context(), s.Merchant.ID, s.Live)
		if err != nil {
			return err
		}
		for _, a := range all {
			if last := len(v.Rows) - 1; a.Fixed && last >= 0 && v.Rows[last].Fixed && v.Rows[last].Kind == a.Kind { // the sandbox has an account for each channel
				a.Channels = append(v.Rows[last].Channels, a.Channels...)
				v.Rows = v.Rows[:last]
			}
			v.Rows = append(v.Rows, d.health(rowOf(a)))
		}
		at := slices.IndexFunc(v.Rows, func(a accountRow) bool { return a.Kind == paylink.AccountGateway })
		if at >= 0 {
			v.Rows, v.Gateways = v.Rows[:at:at], v.Rows[at:]
		}
		for _, rows := range [][]accountRow{v.Rows, v.Gateways} {
			for i := range rows {
				rows[i].First = i == 0
				rows[i].Last = i+1 == len(rows) || rows[i+1].Fixed
			}
		}
		return d.render(w, r, http.StatusOK, providersPage(v))
	})
}

func rowOf(a connect.Account) accountRow {
	row := accountRow{Account: a, Head: a.Title, Carries: used(a.Channels, a.Methods), Label: label{"On", "tick", "good"}}
	if a.Name != "" {
		row.Head += " · " + a.Name
	}
	switch {
	case a.Off:
		row.Label = label{"Off", "pause", "calm"}
	case a.Broken && !a.Fixed:
		row.Label = label{"Secrets are lost", "cross", "bad"}
	case len(a.Channels)+len(a.Methods) == 0:
		row.Label = label{"Not known here", "cross", "bad"}
	}
	return row
}

// NewAccount shows what can be connected, or the form for one provider:
// GET /dashboard/{mode}/settings/providers/new?provider=….
func (d *Dashboard) NewAccount(w http.ResponseWriter, r *http.Request) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		if name := r.URL.Query().Get("provider"); name != "" {
			p, ok := d.Accounts.Provider(name)
			if !ok {
				return &paylink.NotFound{Kind: "provider"}
			}
			return d.showAccount(w, r, s, http.StatusOK, account{Form: newAccountForm(p, nil)})
		}
		var v offered
		var err error
		if v.frame, _, err = d.settingsFrame(r, s, "Connect a provider", "providers", "new"); err != nil {
			return err
		}
		for _, p := range d.Accounts.Providers() {
			v.Choices = append(v.Choices, providerChoice{p.Name, p.Title, used(p.Channels, p.Methods), p.Judge, p.Kind == paylink.AccountGateway})
		}
		return d.render(w, r, http.StatusOK, offeredPage(v))
	})
}

// ConnectAccount connects an account: POST /dashboard/{mode}/settings/providers.
func (d *Dashboard) ConnectAccount(w http.ResponseWriter, r *http.Request) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		p, ok := d.Accounts.Provider(r.PostForm.Get("provider"))
		if !ok {
			return &paylink.NotFound{Kind: "provider"}
		}
		f := newAccountForm(p, r.PostForm)
		var made connect.Account
		err := once(r.Context(), func() (err error) {
			made, err = d.Accounts.Connect(r.Context(), s.by(), f.draft(), s.claim(r, "POST "+Root+"/settings/providers", ""))
			return err
		})
		if err == nil {
			d.goToSettings(w, r, s, "account_connected", "providers", string(made.ID))
			return nil
		}
		return d.refuseAccount(w, r, s, err, account{Form: f})
	})
}

// refuseAccount shows a form again with what is wrong with it.
func (d *Dashboard) refuseAccount(w http.ResponseWriter, r *http.Request, s scene, err error, v account) error {
	var invalid *paylink.Invalid
	var conflict *paylink.Conflict
	switch {
	case errors.As(err, &invalid):
		v.flaws = flawsOf(nil, invalid, v.Form.order(), accountProblem)
		return d.showAccount(w, r, s, http.StatusUnprocessableEntity, v)
	case errors.As(err, &conflict) && conflict.Code == "account_exists":
		v.flaws = flaws{[]problem{{"name", conflict.Detail}}}
		return d.showAccount(w, r, s, http.StatusConflict, v)
	case errors.As(err, &conflict) && conflict.Code == "too_many_accounts":
		v.flaws = flaws{[]problem{{"", conflict.Detail}}}
		return d.showAccount(w, r, s, http.StatusConflict, v)
	}
	return err
}

// Account shows one account: GET /dashboard/{mode}/settings/providers/{id}.
func (d *Dashboard) Account(w http.ResponseWriter, r *http.Request) {
	d.account(w, r, func(w http.ResponseWriter, r *http.Request, s scene, a connect.Account) error {
		return d.showAccount(w, r, s, http.StatusOK, d.accountView(a))
	})
}

// account does what comes before every page about one account.
func (d *Dashboard) account(w http.ResponseWriter, r *http.Request, page func(http.ResponseWriter, *http.Request, scene, connect.Account) error) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		a, err := d.Accounts.Get(r.Context(), s.Merchant.ID, s.Live, paylink.AccountID(r.PathValue("id")))
		if err != nil {
			return err
		}
		return page(w, r, s, a)
	})
}

// accountView is an account with its form, where its provider is known and it may be changed.
func (d *Dashboard) accountView(a connect.Account) account {
	v := account{Row: d.health(rowOf(a))}
	if p, ok := d.Accounts.Provider(a.Provider); ok {
		v.Form = accountFormOf(p, a)
	}
	return v
}

func (d *Dashboard) showAccount(w http.ResponseWriter, r *http.Request, s scene, status int, v account) error {
	title, page := "Connect "+v.Form.Provider.Title, []string{"providers"}
	if v.Row.ID != "" {
		title = v.Row.Head
	}
	var err error
	if v.frame, v.Note, err = d.settingsFrame(r, s, title, page...); err != nil {
		return err
	}
	v.Key = newFormKey()
	if until := v.Row.PreviousUntil; until.After(d.Now()) {
		v.Previous = "What it signs with the secrets before is believed until " + s.Lang.Moment(until, s.Merchant.TimeZone) + "."
	}
	if channels := v.Form.Provider.Channels; len(channels) > 1 {
		v.Choice = []choice{{"", "Everything that it carries: " + carried(channels), v.Form.Channel == ""}}
		for _, c := range channels {
			v.Choice = append(v.Choice, choice{string(c), "Only " + channelWords[c], v.Form.Channel == string(c)})
		}
	}
	if v.Trial != nil {
		v.Tone = "bad"
		if v.Trial.Works {
			v.Tone = "good"
		} else if slices.Contains([]string{"not_testable", "throttled", "no_balance"}, string(v.Trial.Reason)) {
			v.Tone = "note"
		}
	}
	return d.render(w, r, status, accountPage(v))
}

func (s scene) by() connect.By {
	return connect.By{Merchant: s.Merchant.ID, Live: s.Live, ID: string(s.Staff)}
}

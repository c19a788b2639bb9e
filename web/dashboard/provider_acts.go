package dashboard

import (
	"errors"
	"net/http"

	"paylink"
	"paylink/connect"
)

// ChangeAccount changes an account, or switches it off or on: POST /dashboard/{mode}/settings/providers/{id}.
// Nothing is changed when somebody else has changed the account since the page was shown.
func (d *Dashboard) ChangeAccount(w http.ResponseWriter, r *http.Request) {
	d.account(w, r, func(w http.ResponseWriter, r *http.Request, s scene, a connect.Account) error {
		v, note := d.accountView(a), "account_changed"
		change := connect.Change{}
		if off := r.PostForm.Get("off"); off != "" {
			yes := off == "yes"
			if change.Off, note = &yes, "account_on"; yes {
				note = "account_off"
			}
		} else {
			seen := v.Form
			v.Form = newAccountForm(v.Form.Provider, r.PostForm)
			v.Form.SecretsSet = seen.SecretsSet
			change = v.Form.change(seen)
		}
		_, err := d.Accounts.Change(r.Context(), s.by(), a.ID, change)
		var conflict *paylink.Conflict
		switch {
		case errors.As(err, &conflict) && conflict.Code == "wrong_revision":
			note = "changed"
		case err != nil:
			return d.refuseAccount(w, r, s, err, v)
		}
		d.goToSettings(w, r, s, note, "providers", string(a.ID))
		return nil
	})
}

// TestAccount asks the provider whether the credentials are good, and says what it answered:
// POST /dashboard/{mode}/settings/providers/{id}/test.
func (d *Dashboard) TestAccount(w http.ResponseWriter, r *http.Request) {
	d.account(w, r, func(w http.ResponseWriter, r *http.Request, s scene, a connect.Account) error {
		v := d.accountView(a)
		trial, err := d.Accounts.Test(r.Context(), s.by(), a.ID, nil)
		var conflict *paylink.Conflict
		switch {
		case errors.As(err, &conflict):
			v.flaws = flaws{[]problem{{"", conflict.Detail}}}
			return d.showAccount(w, r, s, http.StatusConflict, v)
		case err != nil:
			return err
		}
		v.Trial = &trial
		return d.showAccount(w, r, s, http.StatusOK, v)
	})
}

// MoveAccount puts an account one place up or down in the list: POST /dashboard/{mode}/settings/providers/{id}/move.
func (d *Dashboard) MoveAccount(w http.ResponseWriter, r *http.Request) {
	d.account(w, r, func(w http.ResponseWriter, r *http.Request, s scene, a connect.Account) error {
		if err := d.Accounts.Move(r.Context(), s.by(), a.ID, r.PostForm.Get("to") == "up"); err != nil {
			return err
		}
		d.goToSettings(w, r, s, "account_moved", "providers")
		return nil
	})
}

// ConfirmDisconnect asks once more: GET /dashboard/{mode}/settings/providers/{id}/disconnect.
func (d *Dashboard) ConfirmDisconnect(w http.ResponseWriter, r *http.Request) {
	d.account(w, r, func(w http.ResponseWriter, r *http.Request, s scene, a connect.Account) error {
		if a.Fixed {
			return &paylink.NotFound{Kind: "page"}
		}
		f, _, err := d.settingsFrame(r, s, "Disconnect a provider", "providers")
		if err != nil {
			return err
		}
		return d.render(w, r, http.StatusOK, disconnectPage(f, rowOf(a)))
	})
}

// DisconnectAccount forgets an account's secrets: POST /dashboard/{mode}/settings/providers/{id}/disconnect.
func (d *Dashboard) DisconnectAccount(w http.ResponseWriter, r *http.Request) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		err := d.Accounts.Disconnect(r.Context(), s.by(), paylink.AccountID(r.PathValue("id")))
		var busy *paylink.Conflict
		if errors.As(err, &busy) && busy.Code == "payments_in_flight" {
			d.goToSettings(w, r, s, "account_busy", "providers", r.PathValue("id"))
			return nil
		}
		if err != nil && !paylink.IsNotFound(err) { // two presses of the button disconnect it once
			return err
		}
		d.goToSettings(w, r, s, "account_gone", "providers")
		return nil
	})
}

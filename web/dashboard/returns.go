package dashboard

import (
	_ "embed"
	"errors"
	"net/http"
	"slices"
	"strings"

	"paylink"
	"paylink/issue"
)

// returns is the page of the sites to which customers may go back, and of the secret that signs the way.
type returns struct {
	frame
	flaws
	Note    *remark
	Origins []string
	Origin  string // as it was typed
	Key     string
	Since   when   // when the secret was made; empty: there is none
	Until   when   // until when the one before it signs as well; empty: it does not
	Secret  string // a new one, which is shown this once; empty: none was made now
	Sample  string
}

// returnSample is how a merchant's own program checks the signature; docs/asks.md has the same, and a test
// that runs it.
//
//go:embed returns_sample.mjs
var returnSample string

// Returns shows the sites and whether there is a secret: GET /dashboard/{mode}/settings/returns.
func (d *Dashboard) Returns(w http.ResponseWriter, r *http.Request) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		return d.showReturns(w, r, s, http.StatusOK, returns{})
	})
}

// AddOrigin adds a site: POST /dashboard/{mode}/settings/returns.
func (d *Dashboard) AddOrigin(w http.ResponseWriter, r *http.Request) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		typed := strings.TrimSuffix(strings.TrimSpace(r.PostForm.Get("origin")), "/")
		err := d.changeOrigins(r, s, func(origins []string) []string { return append(slices.Clone(origins), typed) })
		var invalid *paylink.Invalid
		if errors.As(err, &invalid) {
			wrong := flawsOf(nil, invalid, []string{"origin"}, func(paylink.Field) problem { return problem{Field: "origin"} })
			return d.showReturns(w, r, s, http.StatusUnprocessableEntity, returns{flaws: wrong, Origin: typed})
		}
		return d.afterOrigins(w, r, s, "origin_added", err)
	})
}

// RemoveOrigin takes a site away: POST /dashboard/{mode}/settings/returns/remove.
func (d *Dashboard) RemoveOrigin(w http.ResponseWriter, r *http.Request) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		gone := r.PostForm.Get("origin")
		note := ""
		err := d.changeOrigins(r, s, func(origins []string) []string {
			left := slices.DeleteFunc(slices.Clone(origins), func(o string) bool { return o == gone })
			if note = "origin_removed"; len(left) == 0 {
				note = "origin_none"
			}
			return left
		})
		return d.afterOrigins(w, r, s, note, err)
	})
}

func (d *Dashboard) afterOrigins(w http.ResponseWriter, r *http.Request, s scene, done string, err error) error {
	var conflict *paylink.Conflict
	if errors.As(err, &conflict) {
		done, err = "changed", nil
	}
	if err == nil {
		d.goToSettings(w, r, s, done, "returns")
	}
	return err
}

// changeOrigins changes the list as it is now. Whoever adds another site in the same instant loses nothing:
// then the change is made to the list with it.
func (d *Dashboard) changeOrigins(r *http.Request, s scene, change func([]string) []string) error {
	const tries = 5
	for try := 1; ; try++ {
		seen, err := d.Store.Read(r.Context()).Merchant(s.Merchant.ID)
		if err != nil {
			return err
		}
		wanted := seen.Settings
		wanted.ReturnOrigins = change(seen.Settings.ReturnOrigins)
		_, err = d.Issuer.Decide(r.Context(), s.actor(), issue.Decision{Members: seen.Settings.Changes(wanted), Seen: &seen})
		var conflict *paylink.Conflict
		if try == tries || !errors.As(err, &conflict) {
			return err
		}
	}
}

// RotateReturnSecret makes a new secret and shows it: POST /dashboard/{mode}/settings/returns/secret. Sent
// twice, the form shows the same one.
func (d *Dashboard) RotateReturnSecret(w http.ResponseWriter, r *http.Request) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		var made issue.NewReturnSecret
		err := once(r.Context(), func() (err error) {
			made, err = d.Issuer.RotateReturnSecret(r.Context(), s.actor(), s.claim(r, "POST "+Root+"/settings/returns/secret", ""))
			return err
		})
		if err != nil {
			return err
		}
		return d.showReturns(w, r, s, http.StatusOK, returns{Secret: made.Text})
	})
}

func (d *Dashboard) showReturns(w http.ResponseWriter, r *http.Request, s scene, status int, v returns) error {
	var err error
	if v.frame, v.Note, err = d.settingsFrame(r, s, "Way back to your site", "returns"); err != nil {
		return err
	}
	read := d.Store.Read(r.Context())
	m, err := read.Merchant(s.Merchant.ID) // as it is after a form
	if err != nil {
		return err
	}
	secret, err := read.ReturnSecret(s.Merchant.ID, s.Live)
	switch {
	case err == nil:
		v.Since = s.when(secret.CreatedAt, s.Now)
		if s.Now.Before(secret.PreviousUntil) {
			v.Until = s.when(secret.PreviousUntil, s.Now)
		}
	case !paylink.IsNotFound(err):
		return err
	}
	v.Origins, v.Key, v.Sample = m.Settings.ReturnOrigins, newFormKey(), returnSample
	return d.render(w, r, status, returnsPage(v))
}

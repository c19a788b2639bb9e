package issue

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/language"

	"paylink"
	"paylink/store"
	"paylink/token"
)

const maxCountries = 50

// restriction judges for whom a link opens. What could not be kept is not promised: a proof needs the
// customer's contact, and countries need somebody who tells us where a visitor is.
func (j *judgement) restriction(r *paylink.Restriction, pin string, customer *paylink.Customer, said Contact) *paylink.Restriction {
	if r == nil {
		return nil
	}
	kept := *r
	if r.Proof == "" && len(r.Countries) == 0 {
		j.bad.Add("/restrict", "required", "Say a proof, or countries, or both.")
	}
	switch {
	case r.Proof == paylink.ProofPIN && pin == "" && r.PINKey == "":
		j.bad.Add("/restrict/pin", "required", "The PIN is missing.")
	case pin != "" && r.Proof != paylink.ProofPIN:
		j.bad.Add("/restrict/pin", "conflicting", "Only the proof pin has a PIN.")
	case pin != "":
		j.pin(pin)
	}
	if r.Proof != paylink.ProofPIN {
		kept.PINKey = ""
	}
	phone, email := said.Phone != "", said.Email != "" // what is wrong about them is told already
	if customer != nil {
		phone, email = phone || customer.Phone != "", email || customer.Email != ""
	}
	switch {
	case r.Proof != "" && !slices.Contains(paylink.Proofs, r.Proof):
		j.bad.Add("/restrict/proof", "unknown_value", oneOf(paylink.Proofs))
	case said.ID != "" && customer == nil: // told already
	case r.Proof == paylink.ProofPhoneDigits && !phone:
		j.bad.Add("/restrict/proof", "needs_contact", "This proof needs the customer's phone number.")
	case r.Proof == paylink.ProofCode && !phone && !email:
		j.bad.Add("/restrict/proof", "needs_contact", "This proof needs the customer's phone number or e-mail address.")
	}
	j.countries(r.Countries)
	return &kept
}

// pin judges a PIN. It never says more about it than what every PIN is like.
func (j *judgement) pin(pin string) {
	const at = "/restrict/pin"
	switch {
	case strings.Trim(pin, "0123456789") != "":
		j.bad.Add(at, "bad_characters", "A PIN has digits only.")
	case len(pin) < paylink.LeastPIN:
		j.bad.Add(at, "too_short", fmt.Sprintf("A PIN has at least %d digits.", paylink.LeastPIN))
	case len(pin) > paylink.MostPIN:
		j.bad.Add(at, "too_long", fmt.Sprintf("A PIN has at most %d digits.", paylink.MostPIN))
	case strings.Trim(pin, pin[:1]) == "" || strings.Contains("0123456789", pin) || strings.Contains("9876543210", pin):
		j.bad.Add(at, "guessable", "One digit repeated, or digits in a row, are what a guesser tries first.")
	}
}

func (j *judgement) countries(names []string) {
	const at = "/restrict/countries"
	switch {
	case len(names) == 0:
		return
	case !j.placed:
		j.bad.Add(at, "unsupported", "This server is not told in which country a visitor is, so it could not keep this. Its operator can: PAYLINK_COUNTRY_HEADER.")
		return
	case len(names) > maxCountries:
		j.bad.Add(at, "too_many", fmt.Sprintf("The list must have at most %d members.", maxCountries))
		return
	}
	for i, name := range names {
		one := fmt.Sprintf("%s/%d", at, i)
		if region, err := language.ParseRegion(name); err != nil || len(name) != 2 || region.String() != name || !region.IsCountry() {
			j.bad.Add(one, "unknown_value", "This must be the code of a country in ISO 3166-1, such as IN.")
		} else if slices.Contains(names[:i], name) {
			j.bad.Add(one, "duplicate_value", "This is in the list already.")
		}
	}
}

// Placed tells whether links can be kept to countries.
func (x *Issuer) Placed() bool { return x.placed }

// keyed gives the restriction with what is kept of a new PIN.
func (x *Issuer) keyed(r *paylink.Restriction, pin string) (*paylink.Restriction, error) {
	if r == nil || pin == "" {
		return r, nil
	}
	key, err := token.PINKey(x.ring, pin)
	with := *r
	with.PINKey = key
	return &with, err
}

// ResetProof lets everybody who was locked out by wrong proofs of a link try again. A link for which
// nobody tried stays as it is.
func (x *Issuer) ResetProof(ctx context.Context, by Actor, id paylink.LinkID, claim *store.Claim) (Changed, error) {
	return x.change(ctx, by, id, claim, func(c *change) error {
		if c.link.Terms.Restrict.Needs() == "" {
			return &paylink.Conflict{Code: "nothing_to_prove", Detail: "The payment link asks for no proof.", Other: string(id)}
		}
		forgotten, err := c.tx.ForgetProofs(c.link)
		if err == nil && forgotten > 0 {
			c.kind = paylink.EventLinkAmended
		}
		return err
	})
}

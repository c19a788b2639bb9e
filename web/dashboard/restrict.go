package dashboard

import (
	"context"
	"net/http"
	"strings"
	"time"

	"paylink"
	"paylink/store"
)

// keep is what the form says about for whom a link opens.
type keep struct {
	Proof, PIN, Countries string
}

func readKeep(get func(string) string) keep {
	return keep{Proof: get("proof"), PIN: get("pin"), Countries: get("countries")}
}

// proofWords say how a visitor proves that a link is meant for them.
var proofWords = map[paylink.Proof]string{
	paylink.ProofPhoneDigits: "whoever knows the last 6 digits of the customer’s phone",
	paylink.ProofCode:        "whoever reads the code that is sent to the customer",
	paylink.ProofPIN:         "whoever knows the PIN",
}

func (k keep) proofs() []choice {
	choices := []choice{{"", "Whoever has the link", k.Proof == ""}}
	for _, p := range paylink.Proofs {
		choices = append(choices, choice{string(p), upperFirst(proofWords[p]), k.Proof == string(p)})
	}
	return choices
}

// keepOf is the form as a link has it. A PIN is never shown again.
func keepOf(r *paylink.Restriction) keep {
	if r == nil {
		return keep{}
	}
	return keep{Proof: string(r.Proof), Countries: strings.Join(r.Countries, ", ")}
}

// restriction reads it; nil for none. A PIN that stands beside another proof is left out, as the form shows
// the field whatever is chosen.
func (k keep) restriction() (r *paylink.Restriction, pin string) {
	countries := strings.FieldsFunc(strings.ToUpper(k.Countries), between)
	if len(countries) == 0 {
		countries = nil
	}
	if k.Proof == "" && countries == nil {
		return nil, ""
	}
	if k.Proof == string(paylink.ProofPIN) {
		pin = k.PIN
	}
	return &paylink.Restriction{Proof: paylink.Proof(k.Proof), Countries: countries}, pin
}

// restrictField is the field of a form that a pointer into a restriction means; empty for none.
func restrictField(pointer string) string {
	switch {
	case strings.HasPrefix(pointer, "/restrict/pin"):
		return "pin"
	case strings.HasPrefix(pointer, "/restrict/countries"):
		return "countries"
	case strings.HasPrefix(pointer, "/restrict"):
		return "proof"
	}
	return ""
}

func pinHelp(hasPIN bool) string {
	if hasPIN {
		return "Empty: the PIN that it has. Otherwise 4 to 8 digits that you tell the customer, not by the same message."
	}
	return "4 to 8 digits that you tell the customer, not by the same message. Never shown again."
}

// keptFor says for whom a link opens, and until when wrong proofs keep it locked.
func (s scene) keptFor(l paylink.Link, locked time.Time) []fact {
	r := l.Terms.Restrict
	if r == nil {
		return nil
	}
	var facts []fact
	if r.Proof != "" {
		facts = append(facts, fact{"Opens for", upperFirst(word(proofWords, r.Proof))})
	}
	if len(r.Countries) > 0 {
		facts = append(facts, fact{"Opens in", strings.Join(r.Countries, ", ")})
	}
	if !locked.IsZero() {
		facts = append(facts, fact{"Locked by wrong answers", "Until " + s.Lang.Moment(locked, s.Merchant.TimeZone)})
	}
	return facts
}

// proofLock reads until when wrong proofs keep a link locked, for somebody; zero when for nobody.
func (d *Dashboard) proofLock(ctx context.Context, l paylink.Link) (time.Time, error) {
	if l.Terms.Restrict.Needs() == "" {
		return time.Time{}, nil
	}
	return d.Store.Read(ctx).ProofLock(l, d.Now())
}

// ResetProof lets those try again who are locked out: POST /dashboard/{mode}/links/{id}/reset_proof.
func (d *Dashboard) ResetProof(w http.ResponseWriter, r *http.Request) {
	d.act(w, r, "reset_proof", "proof_reset", func(ctx context.Context, s scene, id paylink.LinkID, claim *store.Claim) error {
		_, err := d.Issuer.ResetProof(ctx, s.actor(), id, claim)
		return err
	})
}

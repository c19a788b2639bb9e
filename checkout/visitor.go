package checkout

import (
	"context"
	"crypto/sha256"
	"strings"
	"time"

	"paylink"
	"paylink/token"
)

// Visitor is who looks at a page, as far as a browser can say it.
type Visitor struct {
	Device  Device
	Proof   string // what the browser keeps of a proof that it gave; empty: none
	Country string // ISO 3166-1, from somebody whom we trust; empty: nobody said
}

// The refusals of a link that opens only for whom it is meant.
const (
	ProofRequired  = "proof_required"
	CountryRefused = "country"
)

// Ask is what a page asks of a visitor before it shows anything.
type Ask struct {
	Proof       paylink.Proof
	Hint        string          // the mask of the customer's phone or address; empty: none on record
	Channel     paylink.Channel // on which a code goes
	CodeSent    bool            // this browser asked for a code that can still be given
	Lost        string          // the mask of where the code went that this browser asked for last and nobody could send; empty: none did
	Another     bool            // a further code goes another way than the lost one
	LockedUntil time.Time       // no proof is looked at before; zero: it is
}

// shut gives the page of a link that does not open for the visitor, and whether it is one. Such a page
// knows its merchant and what it asks, and nothing of the link: what a page does not have it cannot tell,
// whoever makes something of it.
func (c *Checkout) shut(ctx context.Context, m paylink.Merchant, l paylink.Link, customer *paylink.Customer, payer bool, v Visitor) (page Page, shut bool, err error) {
	refusal := c.unwelcome(l, customer, v, c.Now())
	if refusal == "" || refusal == CountryRefused && payer {
		return Page{}, false, nil // who travels while the bank decides still sees what becomes of the money
	}
	page = Page{
		Merchant: m, Refusal: refusal, WorldNow: m.Now(l.Live, c.Now()),
		Link: paylink.Link{ID: l.ID, Merchant: l.Merchant, Live: l.Live, Revision: l.Revision},
	}
	if refusal == CountryRefused {
		return page, true, nil
	}
	now := c.Now()
	all, own, err := c.Store.Read(ctx).Proofs(l, v.Device.String())
	if err != nil {
		return Page{}, true, err
	}
	page.Ask = &Ask{Proof: l.Terms.Restrict.Needs(), LockedUntil: lockedUntil(all, own, now)}
	last, err := c.lastCode(ctx, l, own)
	if err != nil {
		return Page{}, true, err
	}
	channel, to := codeAddress(customer, last)
	page.Ask.Hint, page.Ask.Channel, page.Ask.CodeSent = paylink.MaskAddress(to), channel, own.CodeLives(now) && !lost(last)
	if lost(last) {
		page.Ask.Lost, page.Ask.Another = paylink.MaskAddress(last.To), channel != last.Channel
	}
	return page, true, nil
}

// lockedUntil is when the later of two locks ends; zero when there is none.
func lockedUntil(all, own paylink.Tries, now time.Time) time.Time {
	until := time.Time{}
	for _, t := range []paylink.Tries{all, own} {
		if t.Locked(now) && t.LockedUntil.After(until) {
			until = t.LockedUntil
		}
	}
	return until
}

// unwelcome tells why the link does not open for the visitor; empty when it does.
func (c *Checkout) unwelcome(l paylink.Link, customer *paylink.Customer, v Visitor, now time.Time) string {
	r := l.Terms.Restrict
	switch {
	case r == nil:
		return ""
	case !r.Admits(strings.ToUpper(v.Country)):
		return CountryRefused
	case r.Proof == "":
		return ""
	}
	given, err := token.ReadProven(c.Ring, v.Proof, now)
	if err != nil || given.Link != string(l.ID) || given.Device != v.Device || given.Of != provenOf(r, customer) {
		return ProofRequired
	}
	return ""
}

// admit refuses a visitor for whom the link does not open: *paylink.Conflict. A start of a payment asks
// it under the link's lock, so that a page that was opened before the link was restricted does not pay.
func (c *Checkout) admit(l paylink.Link, customer *paylink.Customer, v Visitor, now time.Time) error {
	if refusal := c.unwelcome(l, customer, v, now); refusal != "" {
		return &paylink.Conflict{Code: refusal, Detail: "The payment link does not open for this visitor.", Other: string(l.ID)}
	}
	return nil
}

// provenOf digests what there is to be proven. A new PIN, or another proof, makes what was proven before
// worthless.
func provenOf(r *paylink.Restriction, customer *paylink.Customer) [16]byte {
	text := "paylink/proven/1\x00" + string(r.Proof) + "\x00" + r.PINKey
	if customer != nil {
		text += "\x00" + customer.Phone + "\x00" + customer.Email
	}
	sum := sha256.Sum256([]byte(text))
	return [16]byte(sum[:16])
}

// Package checkout is the customer's side of a link: open the page, prove that somebody looks at it,
// and start a payment.
//
// It is for web/paypage, which shows what checkout finds. A code is believed only if it is ours, a
// link only if its token says what its row says, and a form only once. The gateway is asked by a job,
// never in the customer's request. Whether the money came is for confirm to say.
package checkout

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"log/slog"
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/keyring"
	"paylink/queue"
	"paylink/routing"
	"paylink/store"
	"paylink/token"
)

// Deps is what a Checkout needs.
type Deps struct {
	Store     *store.Store
	Ring      *keyring.Ring
	Gateways  map[string]gateway.Gateway // by provider
	Health    *routing.Health            // of their accounts; nil: nobody measures
	PublicURL string                     // without a slash at the end
	Now       func() time.Time
	Log       *slog.Logger
}

// Checkout opens pages and starts payments.
type Checkout struct {
	Deps
	fetches fetches
	guesses guesses
}

// New makes a checkout.
func New(d Deps) *Checkout {
	c := &Checkout{Deps: d}
	c.fetches.ring = make(chan struct{}, 1)
	return c
}

// Register names the handler of the job that asks a gateway for a payment.
func (c *Checkout) Register(q *queue.Queue) { q.Handle(paylink.JobStart, c.start) }

// Device is the random cookie of one browser.
type Device [16]byte

// NewDevice makes the cookie of a browser that has none.
func NewDevice() Device {
	var d Device
	rand.Read(d[:])
	return d
}

// PagePurpose is what the one-time token of a payment page is for.
const PagePurpose = "pay"

// tokenLife is how long a page may lie open before its form is too old.
const tokenLife = 2 * time.Hour

// Page is everything that a payment page may show.
type Page struct {
	Merchant    paylink.Merchant
	Link        paylink.Link         // its status recomputed for this moment
	Customer    *paylink.Customer    // nil when the link has none
	Payment     *paylink.Payment     // the live one, else the latest, else nil
	Payer       bool                 // this device started a payment here: it may see the receipt's details
	Files       []paylink.Attachment // handed over to this visitor now; Open's alone
	Replies     []paylink.Reply      // the payer's answers; nobody else sees them
	Methods     []paylink.Method     // offered now, in order
	Slow        []paylink.Method     // of those, by which customers should rather not pay now
	Refusal     string               // why no payment may start; empty when one may
	Ask         *Ask                 // what the visitor must prove first; the page has nothing of the link then
	Token       string               // for the page's forms
	Replacement string               // code of the link that stands in for this one; empty: none does
	PageOrigins []string             // of the gateways' hosted pages, for the form-action of the CSP
	Form        *gateway.Form        // that opens the gateway's page, for the payer whose payment waits for it
	WorldNow    time.Time
	Discount    *paylink.DiscountCode // that was typed on the page; nil: none
	CodeRefused bool                  // what was typed does not apply
}

// Open shows the page behind a code, with a one-time token for its forms. Every code that is not ours
// gives *paylink.NotFound, at the same cost.
func (c *Checkout) Open(ctx context.Context, code string, v Visitor) (Page, error) {
	page, err := c.State(ctx, code, v)
	if err != nil {
		return Page{}, err
	}
	if page.Files, err = c.files(ctx, page); err != nil {
		return Page{}, err
	}
	purpose := PagePurpose
	if page.Ask != nil {
		purpose = ProvePurpose
	}
	var nonce [16]byte
	rand.Read(nonce[:])
	page.Token, err = token.SignOneTime(c.Ring, token.OneTime{
		Link: string(page.Link.ID), Revision: page.Link.Revision, Device: v.Device, Nonce: nonce,
		ExpiresAt: c.Now().Add(tokenLife), Purpose: purpose,
	})
	return page, err
}

// State is Open without a token and without the files: what a page that is open asks again and again.
func (c *Checkout) State(ctx context.Context, code string, v Visitor) (Page, error) {
	d := v.Device
	l, customer, payment, err := c.look(ctx, code, d)
	if err != nil {
		return Page{}, err
	}
	shop, err := c.shop(c.Store.Read(ctx), l)
	if err != nil {
		return Page{}, err
	}
	payer := payment != nil && payment.Device == d.String()
	if page, shut, err := c.shut(ctx, shop.merchant, l, customer, payer, v); shut || err != nil {
		return page, err
	}
	page := Page{Merchant: shop.merchant, Link: l, Customer: customer, Payment: payment, Payer: payer, WorldNow: shop.merchant.Now(l.Live, c.Now())}
	if page.Payer {
		if page.Replies, err = payment.Replies(c.Ring.Unseal); err != nil {
			return Page{}, err
		}
	}
	page.Link.Status = l.StatusAt(page.WorldNow)
	page.Methods, page.Slow, page.PageOrigins = shop.offer(l, v.Country)
	page.Refusal = l.Refusal(page.WorldNow)
	if page.Form, err = c.form(shop, page); err != nil {
		return Page{}, err
	}
	if page.Replacement, err = c.replacement(ctx, l); err != nil {
		return Page{}, err
	}
	if page.Refusal == "" && len(page.Methods) == 0 {
		page.Refusal = "no_method"
	}
	if page.Refusal == "" {
		page.Refusal, err = refusalOf(ownCap(c.Store.Read(ctx), l, d))
	}
	if page.Refusal == "" {
		page.Refusal = c.unwelcome(l, customer, v, c.Now())
	}
	return page, err
}

// mostReplaced is how many links in a row a page follows.
const mostReplaced = 10

// replacement gives the code of the link that stands in for this one in the end.
func (c *Checkout) replacement(ctx context.Context, l paylink.Link) (string, error) {
	if l.ReplacedBy == "" {
		return "", nil
	}
	var err error
	for range mostReplaced {
		if l.ReplacedBy == "" {
			break
		}
		if l, err = c.Store.Read(ctx).Link(l.Merchant, l.Live, l.ReplacedBy); err != nil {
			return "", err
		}
	}
	return token.CodeFor(c.Ring, l.CodeKey, l.CodeSlot)
}

// lookAgain bounds how often a page is read that changes while it is being read.
const lookAgain = 5

// look reads the link of a code and the payment that its page is about, as they stand together. The two
// reads are no transaction: when a payment is younger than the link that was read before it, the link
// has changed in between and is read again. A change of a payment always dates its link no earlier.
func (c *Checkout) look(ctx context.Context, code string, d Device) (l paylink.Link, customer *paylink.Customer, payment *paylink.Payment, err error) {
	for range lookAgain {
		if l, customer, err = c.link(ctx, code); err != nil || l.Attempts == 0 {
			return l, customer, nil, err // nobody has tried to pay yet: the common case, and one read
		}
		payments, err := c.payments(c.Store.Read(ctx), l, d)
		if err != nil {
			return l, customer, nil, err
		}
		payment = nil
		torn := false
		for i, p := range payments {
			torn = torn || p.UpdatedAt.After(l.UpdatedAt)
			if payment == nil || rank(l, p, d) > rank(l, *payment, d) {
				payment = &payments[i]
			}
		}
		if !torn {
			break
		}
	}
	return l, customer, payment, nil
}

// link finds the link of a code, with its customer, and holds it when its token no longer says what
// its row says.
func (c *Checkout) link(ctx context.Context, code string) (paylink.Link, *paylink.Customer, error) {
	unknown := &paylink.NotFound{Kind: "payment_link"}
	key, slot, ok := token.ReadCode(c.Ring, code)
	if !ok {
		return paylink.Link{}, nil, unknown
	}
	l, customer, err := c.Store.Read(ctx).LinkByCode(key, slot)
	if paylink.IsNotFound(err) {
		return paylink.Link{}, nil, unknown
	}
	if err != nil {
		return paylink.Link{}, nil, err
	}
	if l.Hold == "" && !c.genuine(l) {
		l, err = c.holdTampered(ctx, l, customer)
	}
	return l, customer, err
}

// genuine tells whether the link's token vouches for exactly what its row says.
func (c *Checkout) genuine(l paylink.Link) bool {
	claims, err := token.ReadLink(c.Ring, l.Token)
	return err == nil && claims == token.Claims(l)
}

// holdTampered stops a link whose terms were changed behind our back: nobody pays a forged amount.
func (c *Checkout) holdTampered(ctx context.Context, l paylink.Link, customer *paylink.Customer) (paylink.Link, error) {
	now := c.Now()
	var held paylink.Link
	err := c.Store.Write(ctx, func(tx *store.Tx) error {
		var err error
		if held, err = tx.Link(l.Merchant, l.Live, l.ID); err != nil || held.Hold != "" {
			return err
		}
		read := held.UpdatedAt
		held.Hold, held.HoldSince = paylink.HoldTampered, now
		for _, e := range held.Tell(now, "system", customer, nil, paylink.EventLinkTampered, paylink.EventLinkHeld) {
			tx.AppendEvent(e)
		}
		tx.UpdateLink(held, read)
		return nil
	})
	if err != nil {
		return paylink.Link{}, err
	}
	c.Log.Warn("link.tampered", "link", string(l.ID))
	return held, nil
}

// payments lists the payments that the page may be about, newest first. On a link of many uses each
// browser sees its own only.
func (c *Checkout) payments(read store.Reader, l paylink.Link, d Device) ([]paylink.Payment, error) {
	if l.Usage.Mode == paylink.UsageMulti {
		return read.PaymentsByDevice(l.Merchant, l.ID, d.String(), 20)
	}
	return read.PaymentsOf(l.Merchant, l.ID, 20)
}

// rank says how much a payment matters to the browser d; of those that matter alike, the page is about
// the latest. Its own money that came late or twice comes before the money that counts: whoever paid
// too much is told so. A part that was paid is no more than a later try that failed.
func rank(l paylink.Link, p paylink.Payment, d Device) int {
	own := p.Device == d.String()
	switch {
	case p.Status.Live():
		return 4
	case own && p.Abnormal != "":
		return 3
	case p.Counts() && (own || l.AmountDue() == 0):
		if l.Usage.Mode == paylink.UsageSingle && l.AmountDue() > 0 {
			return 1
		}
		return 2
	case own:
		return 1
	}
	return 0
}

// String is how a device is written in a cookie and beside its payments.
func (d Device) String() string { return hex.EncodeToString(d[:]) }

// ParseDevice reads a cookie; ok is false for anything that is not a device.
func ParseDevice(s string) (d Device, ok bool) {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != len(d) {
		return Device{}, false
	}
	return Device(b), true
}

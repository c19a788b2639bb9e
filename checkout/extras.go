package checkout

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync"
	"time"

	"paylink"
	"paylink/store"
)

// Quote is what the choice comes to on a page, before anything is started, with a discount that
// [Checkout.Discount] gave; *paylink.Invalid when the link does not offer it.
func (c Choice) Quote(l paylink.Link, discount *paylink.DiscountCode, worldNow time.Time) (paylink.Quote, error) {
	w, err := c.wish(l.Amount.Currency)
	if err != nil {
		return paylink.Quote{}, err
	}
	w.Discount, w.Now = discount, worldNow
	return l.Quote(w)
}

// Guesses of discount codes on one link: whoever tries more of them is told that none applies, until
// the time is over.
const (
	guessMost  = 30
	guessFor   = 10 * time.Minute
	guessLinks = 10000 // remembered at once; beyond it codes are believed to be guessed
)

// guesses counts the codes that were typed and are none, by link. Each node counts its own.
type guesses struct {
	mu     sync.Mutex
	since  time.Time
	counts map[paylink.LinkID]int
}

// wild tells whether no more codes are tried on the link for now.
func (g *guesses) wild(l paylink.LinkID, now time.Time) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.counts == nil || now.Sub(g.since) >= guessFor {
		g.counts, g.since = map[paylink.LinkID]int{}, now
	}
	return g.counts[l] >= guessMost || len(g.counts) >= guessLinks
}

func (g *guesses) wrong(l paylink.LinkID) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.counts[l]++
}

// WithCode gives the page with the discount code that was typed on it, or with the word that it does not
// apply.
func (c *Checkout) WithCode(ctx context.Context, page Page, typed string) (Page, error) {
	if typed == "" || page.Refusal != "" {
		return page, nil
	}
	var err error
	page.Discount, err = c.Discount(c.Store.Read(ctx), page.Link, typed)
	var invalid *paylink.Invalid
	if errors.As(err, &invalid) {
		page.CodeRefused, err = true, nil
	}
	return page, err
}

// Discount gives the discount code that a customer typed on a link's page; nil for none. One that does not
// exist, is not for this link or was guessed for too long is one and the same *paylink.Invalid. Whether
// it applies to an amount is for [paylink.Link.Quote] to say.
func (c *Checkout) Discount(read store.Reader, l paylink.Link, typed string) (*paylink.DiscountCode, error) {
	code := paylink.NormalCode(typed)
	if code == "" {
		return nil, nil
	}
	if len(code) > 32 || !l.Terms.TakesCode(code) || c.guesses.wild(l.ID, c.Now()) {
		return nil, paylink.NotApplicable()
	}
	d, err := read.DiscountCodeNamed(l.Merchant, l.Live, code)
	if paylink.IsNotFound(err) {
		c.guesses.wrong(l.ID)
		return nil, paylink.NotApplicable()
	}
	return &d, err
}

// wishExtras reads what is added to the amount.
func (c Choice) wishExtras(w *paylink.Wish, currency paylink.Currency, wrong *paylink.Invalid) {
	if percent, ok := strings.CutSuffix(c.Tip, "%"); ok {
		n, err := strconv.ParseInt(percent, 10, 8)
		if err != nil || n < 1 {
			wrong.Add("/tip", "unreadable", "This is no percentage.")
		}
		w.TipPercent = n
	} else if c.Tip != "" {
		minor, fault := paylink.ReadAmount(c.Tip, currency)
		if fault != "" {
			wrong.Add("/tip", string(fault), "This is not an amount of the currency.")
		}
		w.Tip = minor
	}
	if c.Shipping != "" {
		n, err := strconv.ParseInt(c.Shipping, 10, 8)
		if err != nil || n < 1 {
			wrong.Add("/shipping", "unreadable", "This is no way to deliver.")
		}
		w.Shipping = int(n)
	}
}

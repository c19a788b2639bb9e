package dashboard

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"paylink"
	"paylink/locale"
	"paylink/store"
)

// feedLength is how many events the home page begins with.
const feedLength = 30

// home is the first page: the day in figures, and what happens.
type home struct {
	frame
	Figures []figure
	First   bool // no link was ever made: three steps stand in the place of figures
	Entries []entry
}

// figure is one number of the day.
type figure struct{ Name, Value, Hint, Href string }

// Home shows the day's figures and the live feed: GET /dashboard/{mode}/{$}.
func (d *Dashboard) Home(w http.ResponseWriter, r *http.Request) { d.enter(w, r, d.home) }

func (d *Dashboard) home(w http.ResponseWriter, r *http.Request, s scene) error {
	read := d.Store.Read(r.Context())
	events, err := read.EventsBefore(s.Merchant.ID, s.Live, 0, feedLength)
	if err != nil {
		return err
	}
	v := home{frame: d.frame(s, "Home", "home")}
	if len(events) > 0 {
		v.After = events[0].Sequence
	}
	names := d.names(r.Context(), s)
	for _, e := range events {
		entry, err := names.entry(e)
		if err != nil {
			return err
		}
		v.Entries = append(v.Entries, entry)
	}
	any, err := read.Links(store.LinkFilter{Merchant: s.Merchant.ID, Live: s.Live, Limit: 1})
	if err != nil {
		return err
	}
	if v.First = len(any) == 0; !v.First {
		if v.Figures, err = d.figures(r.Context(), s); err != nil {
			return err
		}
	}
	return d.render(w, r, http.StatusOK, homePage(v))
}

// The most rows that a figure is counted from. A figure that reaches its limit says so with a plus:
// a busy merchant's home page costs no more than a quiet one's.
const (
	countedPayments = 500
	countedLinks    = 100
)

// figures counts the merchant's day, which begins at midnight on the merchant's clock.
func (d *Dashboard) figures(ctx context.Context, s scene) ([]figure, error) {
	local := s.Now.In(locale.Zone(s.Merchant.TimeZone))
	midnight := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, local.Location())
	collected, payments, err := d.collected(ctx, s, midnight)
	if err != nil {
		return nil, err
	}
	var open tally
	for _, status := range []paylink.LinkStatus{paylink.LinkPending, paylink.LinkFailed, paylink.LinkPartiallyPaid} {
		if err := d.count(ctx, s, &open, store.LinkFilter{Status: status}, nil); err != nil {
			return nil, err
		}
	}
	var created, expired tally
	if err := d.count(ctx, s, &created, store.LinkFilter{CreatedAfter: midnight.Add(-time.Microsecond)}, nil); err != nil {
		return nil, err
	}
	today := func(l paylink.Link) bool { return !l.UpdatedAt.Before(midnight) }
	if err := d.count(ctx, s, &expired, store.LinkFilter{Status: paylink.LinkExpired}, today); err != nil {
		return nil, err
	}
	return []figure{
		{"Collected today", collected, payments.of("payment"), s.path("links") + "?status=paid"},
		{"Open links", open.String(), "waiting for customers", s.path("links") + "?status=pending"},
		{"Made today", created.String(), "since midnight", s.path("links")},
		{"Expired today", expired.String(), "not paid in time", s.path("links") + "?status=expired"},
	}, nil
}

// tally is a count that may be cut off.
type tally struct {
	n    int
	more bool
}

func (t tally) String() string {
	if t.more {
		return fmt.Sprintf("%d+", t.n)
	}
	return fmt.Sprint(t.n)
}

func (t tally) of(noun string) string {
	if t.n == 1 && !t.more {
		return "1 " + noun
	}
	return t.String() + " " + noun + "s"
}

// count adds the links that the filter chooses, and that pass if a further condition is given.
func (d *Dashboard) count(ctx context.Context, s scene, t *tally, f store.LinkFilter, pass func(paylink.Link) bool) error {
	f.Merchant, f.Live, f.Limit = s.Merchant.ID, s.Live, countedLinks+1
	links, err := d.Store.Read(ctx).Links(f)
	if err != nil {
		return err
	}
	t.more = t.more || len(links) > countedLinks
	for _, l := range links[:min(len(links), countedLinks)] {
		if pass == nil || pass(l) {
			t.n++
		}
	}
	return nil
}

// collected sums what was captured and accepted since midnight, by currency.
func (d *Dashboard) collected(ctx context.Context, s scene, midnight time.Time) (text string, payments tally, err error) {
	newest, err := d.Store.Read(ctx).Payments(s.Merchant.ID, s.Live, paylink.PaymentCaptured, "", countedPayments+1)
	if err != nil {
		return "", payments, err
	}
	var sums []paylink.Money
	for i, p := range newest {
		if payments.more = i == countedPayments; payments.more {
			break
		}
		if !p.Counts() || p.CapturedAt.Before(midnight) {
			continue
		}
		payments.n++
		if sums, err = addMoney(sums, paylink.Money{Minor: p.AmountCaptured, Currency: p.Amount.Currency}); err != nil {
			return "", payments, err
		}
	}
	if len(sums) == 0 {
		sums = []paylink.Money{{Currency: s.Merchant.Currency}}
	}
	slices.SortFunc(sums, func(a, b paylink.Money) int {
		own := func(m paylink.Money) int {
			if m.Currency == s.Merchant.Currency {
				return 0
			}
			return 1
		}
		return cmp.Or(own(a)-own(b), cmp.Compare(a.Currency, b.Currency))
	})
	for i, sum := range sums {
		if i > 0 {
			text += " · "
		}
		text += s.Lang.Money(sum)
	}
	if payments.more {
		text += "+"
	}
	return text, payments, nil
}

// addMoney adds to the sum of the same currency, or begins one.
func addMoney(sums []paylink.Money, m paylink.Money) ([]paylink.Money, error) {
	for i := range sums {
		if sums[i].Currency == m.Currency {
			var err error
			sums[i], err = sums[i].Add(m)
			return sums, err
		}
	}
	return append(sums, m), nil
}

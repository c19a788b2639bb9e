package dashboard

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
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

	Concerns     []concern // what needs a person
	MoreConcerns bool
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
	any, err := read.FindLinks(store.LinkFilter{Merchant: s.Merchant.ID, Live: s.Live, Limit: 1})
	if err != nil {
		return err
	}
	if v.First = len(any.Links) == 0; !v.First {
		if v.Figures, err = d.figures(r.Context(), s); err != nil {
			return err
		}
		if v.Concerns, v.MoreConcerns, err = d.concerns(r.Context(), s, homeConcerns); err != nil {
			return err
		}
	}
	return d.render(w, r, http.StatusOK, homePage(v))
}

// figures counts the merchant's day, which begins at midnight on the merchant's clock. Links lapse by
// the clock of their world, which has a midnight of its own.
func (d *Dashboard) figures(ctx context.Context, s scene) ([]figure, error) {
	read, midnight := d.Store.Read(ctx), s.midnight(s.Now)
	takings, err := read.Collected(s.Merchant.ID, s.Live, midnight)
	if err != nil {
		return nil, err
	}
	open, err := read.OpenLinks(s.Merchant.ID, s.Live)
	if err != nil {
		return nil, err
	}
	made, err := read.LinksMade(s.Merchant.ID, s.Live, midnight)
	if err != nil {
		return nil, err
	}
	expired, err := read.LinksExpired(s.Merchant.ID, s.Live, s.midnight(s.World))
	if err != nil {
		return nil, err
	}
	collected, payments := s.collected(takings)
	return []figure{
		{"Collected today", collected, count(payments, "payment"), s.path("links") + "?status=paid"},
		{"Open links", fmt.Sprint(open), "waiting for customers", s.path("links") + "?status=pending"},
		{"Made today", fmt.Sprint(made), "since midnight", s.path("links")},
		{"Expired today", fmt.Sprint(expired), "not paid in time", s.path("links") + "?status=expired"},
	}, nil
}

// midnight is when the day of an instant began on the merchant's clock.
func (s scene) midnight(at time.Time) time.Time {
	local := at.In(locale.Zone(s.Merchant.TimeZone))
	return time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, local.Location())
}

// collected writes the sums, the merchant's own currency first, and counts their payments. Nothing is
// a zero in the merchant's currency.
func (s scene) collected(takings []store.Takings) (text string, payments int) {
	if len(takings) == 0 {
		return s.Lang.Money(paylink.Money{Currency: s.Merchant.Currency}), 0
	}
	own := func(t store.Takings) int {
		if t.Sum.Currency == s.Merchant.Currency {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(takings, func(a, b store.Takings) int { return own(a) - own(b) })
	sums := make([]string, len(takings))
	for i, t := range takings {
		sums[i] = s.Lang.Money(t.Sum)
		payments += int(t.Payments)
	}
	return strings.Join(sums, " · "), payments
}

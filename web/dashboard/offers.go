package dashboard

import (
	"context"
	"fmt"
	"strings"
	"time"

	"paylink"
)

// actions are what can be done about the link as it stands. Version changes with the state that they
// depend on, so that a live page knows when to show others.
type actions struct {
	Version    string
	Key        string // names this showing of the forms: a form that is sent twice has its effect once
	Send       []sendable
	Extend     []choice
	Refresh    []choice
	Cancel     bool
	Reactivate bool
	Asked      string // when the customer asked for more time; empty: nobody waits for an answer
	Change     bool
	Plan       string // how the link to the form for instalments is called; empty: there is none
	Promise    string // the same of a promise to pay
	Withdraw   bool   // there is an open promise
	Pause      bool
	Resume     bool
	Archive    bool
	ResetProof bool // somebody is locked out by wrong proofs
	Record     bool // money taken outside can be noted
}

// sendable is a channel on which the link can be sent now.
type sendable struct {
	Channel paylink.Channel
	Word    string
	Last    string // what became of the latest message there
}

// any tells whether there is anything to do at all.
func (a actions) any() bool {
	return len(a.Send) > 0 || len(a.Extend) > 0 || len(a.Refresh) > 0 || a.Cancel || a.Reactivate || a.Change || a.Plan != "" || a.Promise != "" || a.Withdraw || a.Record ||
		a.Pause || a.Resume || a.Archive || a.ResetProof
}

// lives are how long a link may be refreshed or extended for.
var lives = []struct {
	value string
	d     time.Duration
	word  string
}{
	{"900", 15 * time.Minute, "15 minutes"}, {"7200", 2 * time.Hour, "2 hours"}, {"86400", 24 * time.Hour, "1 day"},
	{"259200", 72 * time.Hour, "3 days"}, {"604800", 7 * 24 * time.Hour, "7 days"}, {"2592000", 30 * 24 * time.Hour, "30 days"},
	{"7776000", 90 * 24 * time.Hour, "90 days"}, {"31536000", 365 * 24 * time.Hour, "365 days"},
}

func (d *Dashboard) actions(ctx context.Context, s scene, l paylink.Link, customer *paylink.Customer, ticks []tick) (actions, error) {
	status := l.StatusAt(s.World)
	a := actions{Key: newFormKey(), Version: fmt.Sprint(status, l.Revision, l.Hold, l.Refusal(s.World), l.PromisedFor.Unix(), l.RefreshAskedAt.Unix())}
	for _, t := range ticks {
		a.Version += " " + string(t.Message.Status)
	}
	if !l.ArchivedAt.IsZero() {
		return a, nil
	}
	a.Record = recordable(l)
	if !l.RefreshAskedAt.IsZero() && l.Hold == "" && status != paylink.LinkPaid && status != paylink.LinkCancelled {
		a.Asked = s.Lang.Moment(l.RefreshAskedAt, s.Merchant.TimeZone)
		a.Refresh = extensions(l.ExpiresAt, s.World)
	}
	switch status {
	case paylink.LinkPaid:
		a.Archive = l.InFlight == 0
		return a, nil
	case paylink.LinkCancelled:
		a.Reactivate, a.Archive = true, l.InFlight == 0
		return a, nil
	case paylink.LinkExpired:
		a.Cancel, a.Refresh, a.Archive = true, extensions(latestEnd(l), s.World), l.InFlight == 0
		return a, nil
	}
	a.Change, a.Pause, a.Resume = s.changeable(l), l.Hold == "", l.Hold == paylink.HoldPaused
	a.Cancel = true
	s.offerTerms(l, &a)
	if !l.ExpiresAt.IsZero() && a.Asked == "" { // whoever asks for more time is answered
		a.Extend = extensions(l.ExpiresAt, s.World)
	}
	if why := l.Refusal(s.World); why == "" || why == "payment_in_flight" {
		var err error
		if a.Send, err = d.sendables(ctx, s, customer, ticks); err != nil {
			return a, err
		}
	}
	return a, nil
}

// offerTerms offers instalments and promises.
func (s scene) offerTerms(l paylink.Link, a *actions) {
	a.Withdraw = !l.PromisedFor.IsZero()
	if s.plannable(l) {
		if a.Plan = "Pay by instalments…"; l.Terms.Plan != nil {
			a.Plan = "Plan the instalments anew…"
		}
	}
	if s.promisable(l) {
		if a.Promise = "Note a promise to pay…"; a.Withdraw {
			a.Promise = "Note another promise…"
		}
	}
}

// latestEnd is what an expired link must outlive when it is opened again: the last instalment of its plan.
func latestEnd(l paylink.Link) time.Time {
	if l.Terms.Plan == nil {
		return time.Time{}
	}
	return l.Terms.Plan.Ends()
}

// extensions are the lives, counted from now, that end after the time; the first is the suggestion.
func extensions(after, now time.Time) []choice {
	var all []choice
	for _, life := range lives {
		if now.Add(life.d).After(after) {
			all = append(all, choice{Value: life.value, Word: life.word + " from now"})
		}
	}
	return all
}

func (d *Dashboard) sendables(ctx context.Context, s scene, customer *paylink.Customer, ticks []tick) ([]sendable, error) {
	connected, err := d.connected(ctx, s)
	if err != nil || customer == nil {
		return nil, err
	}
	var all []sendable
	for _, channel := range paylink.Channels {
		reachable := customer.Phone != "" || channel == paylink.ChannelInApp
		if channel == paylink.ChannelEmail {
			reachable = customer.Email != ""
		}
		if !reachable || !connected[channel] {
			continue
		}
		one := sendable{Channel: channel, Word: channelWords[channel], Last: "not sent yet"}
		for _, t := range ticks {
			if t.Channel == channel {
				one.Last = "last: " + strings.ToLower(t.Label.Word)
			}
		}
		all = append(all, one)
	}
	return all, nil
}

// connected tells which channels an account that is switched on carries.
func (d *Dashboard) connected(ctx context.Context, s scene) (map[paylink.Channel]bool, error) {
	accounts, err := d.Accounts.List(ctx, s.Merchant.ID, s.Live)
	connected := map[paylink.Channel]bool{paylink.ChannelInApp: true} // the inbox is this house's own
	for _, a := range accounts {
		for _, c := range a.Channels {
			connected[c] = connected[c] || !a.Off
		}
	}
	return connected, err
}

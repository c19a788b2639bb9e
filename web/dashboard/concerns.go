package dashboard

import (
	"context"
	"net/http"
	"slices"
	"time"

	"paylink"
	"paylink/locale"
)

const (
	homeConcerns = 5   // that the first page shows
	mostConcerns = 100 // that their own page shows

	// undeliveredFor is how long a message that nobody got is worth a look.
	undeliveredFor = 7 * 24 * time.Hour
)

// concern is a link that needs a person, and why.
type concern struct {
	Name, Amount, Text, Href string
	Label                    label
	When                     when
	since                    time.Time
}

// attention is the page of all of them.
type attention struct {
	frame
	Concerns []concern
	More     bool // there are more than are shown
}

// Attention lists the links that need a person, newest first: GET /dashboard/{mode}/attention.
func (d *Dashboard) Attention(w http.ResponseWriter, r *http.Request) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		after, err := d.newest(r, s)
		if err != nil {
			return err
		}
		v := attention{frame: d.frame(s, "Needs you", "attention")}
		v.After = after
		if v.Concerns, v.More, err = d.concerns(r.Context(), s, mostConcerns); err != nil {
			return err
		}
		return d.render(w, r, http.StatusOK, attentionPage(v))
	})
}

// concerns are up to limit of what needs a person, newest first; more tells that there are others. It reads
// what the store has an index for, and no more of it than that.
func (d *Dashboard) concerns(ctx context.Context, s scene, limit int) (all []concern, more bool, err error) {
	links, err := d.Store.Read(ctx).Concerned(s.Merchant.ID, s.Live, limit+1)
	if err != nil {
		return nil, false, err
	}
	for _, l := range links {
		for _, c := range l.Concerns() {
			all = append(all, s.concern(l, s.concernText(l, c), concernLabels[c.Kind], c.Since))
		}
	}
	unreached, err := d.unreached(ctx, s, limit+1)
	if err != nil {
		return nil, false, err
	}
	money, err := d.moneyConcerns(ctx, s, limit+1)
	if err != nil {
		return nil, false, err
	}
	waiting, err := d.waitingMoney(ctx, s, limit+1)
	if err != nil {
		return nil, false, err
	}
	all = append(append(append(all, unreached...), money...), waiting...)
	slices.SortStableFunc(all, func(a, b concern) int { return b.since.Compare(a.since) })
	if more = len(all) > limit; more {
		all = all[:limit]
	}
	return all, more, nil
}

// unreached are open links of which no message came to the customer, among those whose messages failed last.
func (d *Dashboard) unreached(ctx context.Context, s scene, limit int) (all []concern, err error) {
	read := d.Store.Read(ctx)
	failed, err := read.Undelivered(s.Merchant.ID, s.Live, 2*limit)
	if err != nil {
		return nil, err
	}
	latest, ids := map[paylink.LinkID]paylink.Message{}, []paylink.LinkID{}
	for _, m := range failed {
		if _, known := latest[m.Link]; !known && m.Asks() && s.Now.Sub(m.UpdatedAt) < undeliveredFor {
			latest[m.Link], ids = m, append(ids, m.Link)
		}
	}
	links, err := read.LinksByID(s.Merchant.ID, s.Live, ids)
	if err != nil {
		return nil, err
	}
	messages, err := read.MessagesOfLinks(s.Merchant.ID, ids)
	for _, id := range ids {
		if l, ok := links[id]; ok && s.changeable(l) && l.AmountPaid == 0 && paylink.Unreached(messages[id]) {
			m := latest[id]
			text := "no message has reached the customer: " + messageSentence(messageEvents[m.Status], &paylink.MessageSnapshot{Channel: m.Channel, To: paylink.MaskAddress(m.To), Error: m.ErrorCode, Reason: m.Reason})
			all = append(all, s.concern(l, text, label{"Not reached", "message", "note"}, m.UpdatedAt))
		}
	}
	return all, err
}

var messageEvents = map[paylink.MessageStatus]paylink.EventType{paylink.MessageFailed: paylink.EventMessageFailed, paylink.MessageBlocked: paylink.EventMessageBlocked}

func (s scene) concern(l paylink.Link, text string, state label, since time.Time) concern {
	return concern{
		Name: called(l.Description, l.Reference, l.ID), Amount: upperFirst(s.asked(l)), Text: upperFirst(text) + ".", Href: s.path("links", string(l.ID)),
		Label: state, When: s.when(since, s.World), since: since,
	}
}

var concernLabels = map[paylink.ConcernKind]label{
	paylink.ConcernTampered: {"Tampered with", "cross", "bad"}, paylink.ConcernAsked: {"Asks for time", "hourglass", "info"},
	paylink.ConcernBroken: {"Promise broken", "cross", "note"}, paylink.ConcernMissed: {"Instalment missed", "clock", "note"},
}

// concernText says why a person is needed, beginning in lower case.
func (s scene) concernText(l paylink.Link, c paylink.Concern) string {
	switch c.Kind {
	case paylink.ConcernTampered:
		return "its terms are not those that were signed, so it takes no payment"
	case paylink.ConcernAsked:
		if l.StatusAt(s.World) == paylink.LinkExpired {
			return "the link has expired, and the customer asks for more time"
		}
		return "the customer asks for more time before it expires"
	case paylink.ConcernBroken:
		p := l.Course.Promise
		text := s.money(p.Amount, l.Amount.Currency) + " was promised by " + s.promisedDay(*p) + " and did not come"
		if note := locale.Plain(p.Note, 80); note != "" {
			text += " (" + note + ")"
		}
		return text
	case paylink.ConcernMissed:
		if step, ok := l.NextInstalment(s.World); ok {
			return s.money(step.Amount, l.Amount.Currency) + " of instalment " + decimal(int64(step.Number)) + " of " + decimal(int64(step.Of)) +
				" did not come by " + s.Lang.Day(step.DueAt, s.Merchant.TimeZone)
		}
	}
	return word(map[paylink.ConcernKind]string{}, c.Kind)
}

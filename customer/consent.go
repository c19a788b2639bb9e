package customer

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"paylink"
	"paylink/issue"
	"paylink/store"
	"paylink/token"
)

// Said is what a person allowed or took back, as the merchant writes it down.
type Said struct {
	Channel paylink.Channel
	Purpose paylink.ConsentTo
	State   paylink.ConsentState
	Source  string // how the merchant knows, such as "checkout box"
}

// The limits of a log. A source is in characters.
const (
	maxSource   = 200
	maxConsents = 1000 // lines of one person
)

// judge gives *paylink.Invalid naming every wrong field.
func (s Said) judge() error {
	var bad paylink.Invalid
	if !slices.Contains(paylink.Channels, s.Channel) {
		bad.Add("/channel", "unknown_value", "There is no such channel.")
	}
	switch {
	case !slices.Contains(paylink.ConsentPurposes, s.Purpose):
		bad.Add("/purpose", "unknown_value", "A consent is about transactional or promotional messages; all of them are only withdrawn.")
	case s.Purpose == paylink.ConsentToAll && s.State == paylink.ConsentGranted:
		bad.Add("/purpose", "conflicting", "Nobody agrees to everything: say to what.")
	}
	if !slices.Contains(paylink.ConsentStates, s.State) {
		bad.Add("/state", "unknown_value", "A consent is granted or withdrawn.")
	}
	switch {
	case strings.TrimSpace(s.Source) == "":
		bad.Add("/source", "required", "Say how you know, such as: checkout box.")
	case utf8.RuneCountInString(s.Source) > maxSource || !utf8.ValidString(s.Source):
		bad.Add("/source", "too_long", "The source must have at most 200 characters.")
	case strings.ContainsFunc(s.Source, unicode.IsControl):
		bad.Add("/source", "bad_character", "The source must be one line without control characters.")
	}
	return bad.OrNil()
}

// Consent adds a line to a person's log, and makes it hold: a withdrawal of more than what sells enters the
// person's addresses on the channel among those that get no more, and a grant takes a person's no off that list.
// All of it is one transaction, so no message that begins after it is sent against it.
func (g *People) Consent(ctx context.Context, by issue.Actor, id paylink.CustomerID, said Said, claim *store.Claim) (paylink.Consent, error) {
	now := g.now()
	if err := said.judge(); err != nil {
		return paylink.Consent{}, err
	}
	line := paylink.Consent{
		ID: paylink.NewConsentID(now), Merchant: by.Merchant.ID, Live: by.Live, Channel: said.Channel, Purpose: said.Purpose, State: said.State,
		Source: said.Source, Actor: by.ID,
	}
	told := paylink.NewEventID(now)
	out, replayed, err := g.Store.WriteOnce(ctx, claim, now, func(tx *store.Tx) (store.Outcome, error) {
		c, err := living(tx, by, id)
		if err != nil {
			return store.Outcome{}, err
		}
		log, err := tx.Consents(c.Merchant, c.ID, "", maxConsents)
		if err != nil {
			return store.Outcome{}, err
		}
		if len(log) == maxConsents {
			return store.Outcome{}, &paylink.Conflict{Code: "too_many_consents", Detail: "The customer's log holds a thousand lines, and takes no more.", Other: string(c.ID)}
		}
		line.Customer, line.At = c.ID, after(log, now)
		tx.AppendConsent(line)
		if err := g.hold(tx, c, line); err != nil {
			return store.Outcome{}, err
		}
		tx.AppendEvent(c.Consented(told, line))
		return store.Outcome{Status: 201, Object: string(line.ID), Event: told}, nil
	})
	if err == nil && replayed {
		line, err = g.saidBefore(ctx, by, out)
	}
	return line, about(err, "write down a consent of customer", id)
}

// after dates a line after all that were written before.
func after(log []paylink.Consent, now time.Time) time.Time {
	for _, c := range log {
		if !now.After(c.At) {
			now = c.At.Add(time.Microsecond)
		}
	}
	return now
}

// hold makes a line hold for the addresses of a person on its channel.
func (g *People) hold(tx *store.Tx, c paylink.Customer, line paylink.Consent) error {
	if line.State == paylink.ConsentWithdrawn && !line.Suppresses() {
		return nil // what sells needs a grant, and there is none any more
	}
	addresses, err := reached(tx, c, line.Channel)
	if err != nil {
		return err
	}
	for _, to := range addresses {
		keys, err := token.AddressKeys(g.Ring, c.Merchant, c.Live, line.Channel, to)
		if err != nil {
			return err
		}
		if !line.Suppresses() {
			there, err := tx.Suppressed(c.Merchant, c.Live, line.Channel, keys...)
			if err != nil {
				return err
			}
			if there != nil && there.Reason.OptOut() {
				tx.Unsuppress(c.Merchant, c.Live, line.Channel, keys...)
			}
			continue
		}
		s := paylink.Suppression{
			ID: paylink.NewSuppressionID(line.At), Merchant: c.Merchant, Live: c.Live, Channel: line.Channel, Reason: paylink.SuppressedWithdrawn, Since: line.At,
		}
		if s.Address, err = token.AddressKey(g.Ring, s.Merchant, s.Live, s.Channel, to); err != nil {
			return err
		}
		s.Sealed = token.SealAddress(g.Ring, s.ID, to)
		tx.Suppress(s)
	}
	return nil
}

// mostAddresses is how many addresses of one person a line holds for: each is a row.
const mostAddresses = 20

// reached are the different addresses under which a channel reaches a person, of his latest contacts.
func reached(read *store.Tx, c paylink.Customer, channel paylink.Channel) ([]string, error) {
	contacts, err := read.Contacts(c, "", 500)
	if err != nil {
		return nil, err
	}
	var all []string
	for _, contact := range contacts {
		to := contact.Phone
		switch channel {
		case paylink.ChannelEmail:
			to = strings.ToLower(contact.Email)
		case paylink.ChannelInApp:
			to = string(c.ID)
		}
		if to != "" && !slices.Contains(all, to) && len(all) < mostAddresses {
			all = append(all, to)
		}
	}
	slices.Sort(all) // two that write at once never wait for each other
	return all, nil
}

// saidBefore is the line that a claim made.
func (g *People) saidBefore(ctx context.Context, by issue.Actor, out store.Outcome) (paylink.Consent, error) {
	e, err := g.Store.Read(ctx).Event(by.Merchant.ID, by.Live, out.Event)
	if err != nil {
		return paylink.Consent{}, err
	}
	s := e.Data.Customer.Consent
	return paylink.Consent{
		ID: s.ID, Merchant: e.Merchant, Live: e.Live, Customer: e.Data.Customer.ID, Channel: s.Channel, Purpose: s.Purpose, State: s.State,
		Source: s.Source, Actor: s.Actor, At: s.At,
	}, nil
}

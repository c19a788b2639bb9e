package dispatch

import (
	"context"
	"fmt"
	"time"

	"paylink"
	"paylink/store"
)

// consented blocks what sells to whoever has not agreed to it, and WhatsApp to whoever has not agreed to
// WhatsApp where the merchant asks for that. What the customer asked for just now needs no other word of his, and
// nor does a code.
func (d *Dispatch) consented(ctx context.Context, p *parcel, _ time.Time) (verdict, error) {
	purpose, to := p.purpose(), paylink.ConsentTo("")
	switch {
	case p.proof:
	case purpose == paylink.PurposePromotional:
		to = paylink.PurposePromotional
	case purpose != paylink.PurposeRequested && p.message.Channel == paylink.ChannelWhatsApp && p.merchant.Settings.WhatsAppOptIn:
		to = paylink.PurposeTransactional
	}
	if to == "" {
		return verdict{}, nil
	}
	if p.customer == nil {
		return block(noConsent), nil
	}
	said, err := d.store.Read(ctx).Consent(p.message.Merchant, p.customer.PersonID(), p.message.Channel, to)
	if err != nil {
		return verdict{}, fmt.Errorf("look for a consent to message %s: %w", p.message.ID, err)
	}
	if said == nil || said.State != paylink.ConsentGranted {
		return block(noConsent), nil
	}
	return verdict{}, nil
}

// noConsent is the error code of a message for which nobody agreed.
const noConsent = "no_consent"

// mostPeople is how many people one answer is written down for: as a rule one has the number.
const mostPeople = 3

// withdrew writes what a customer did himself into the log of the person to whom the message went.
func (d *Dispatch) withdrew(tx *store.Tx, s paylink.Suppression, now time.Time) error {
	if s.Message == "" || !s.Reason.OptOut() {
		return nil
	}
	c, err := tx.PersonOfMessage(s.Merchant, s.Live, s.Message)
	if err != nil || c == nil {
		return err
	}
	d.remember(tx, *c, s.Channel, paylink.ConsentToAll, paylink.ConsentWithdrawn, string(s.Reason), now)
	return nil
}

// answered writes a STOP or a START into the logs of those whom the number reaches.
func (d *Dispatch) answered(tx *store.Tx, a paylink.Account, c paylink.Channel, from string, to paylink.ConsentTo, state paylink.ConsentState, source string, now time.Time) error {
	people, err := tx.PeopleAt(a.Merchant, a.Live, c, from, mostPeople)
	if err != nil {
		return err
	}
	for _, p := range people {
		d.remember(tx, p, c, to, state, source, now)
	}
	return nil
}

func (d *Dispatch) remember(tx *store.Tx, p paylink.Customer, c paylink.Channel, to paylink.ConsentTo, state paylink.ConsentState, source string, now time.Time) {
	line := paylink.Consent{
		ID: paylink.NewConsentID(now), Merchant: p.Merchant, Live: p.Live, Customer: p.ID, Channel: c, Purpose: to, State: state,
		Source: source, Actor: "customer", At: now,
	}
	tx.AppendConsent(line)
	tx.AppendEvent(p.Consented(paylink.NewEventID(now), line))
}

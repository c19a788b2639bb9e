package dashboard

import (
	"context"
	"time"

	"paylink"
)

// reservedSoon is how long before the bank gives reserved money back it stands in the list of what needs a person.
const reservedSoon = 48 * time.Hour

// disputeReasons say why customers object.
var disputeReasons = map[string]string{
	"fraudulent": "the customer says that somebody else paid", "not_received": "the customer says that nothing came",
	"not_as_described": "the customer says that it is not what was promised", "duplicate": "the customer says that it was paid twice",
	"credit_not_processed": "the customer says that money was to come back", "cancelled": "the customer says that it was cancelled", "other": "the customer objects",
}

// disputeSentence says an event of a dispute.
func (s scene) disputeSentence(t paylink.EventType, d *paylink.DisputeSnapshot) string {
	amount := s.money(d.Amount, d.Currency)
	due := ""
	if d.DueAt != nil {
		due = "; answer by " + s.Lang.Moment(*d.DueAt, s.Merchant.TimeZone)
	}
	switch {
	case t == paylink.EventDisputeOpened:
		return amount + " is disputed: " + disputeReasons[d.Reason] + due
	case t == paylink.EventDisputeDueSoon:
		return "the dispute about " + amount + " is not answered" + due
	case t == paylink.EventDisputeClosed && d.Status == paylink.DisputeWon:
		return "the dispute about " + amount + " is won"
	case t == paylink.EventDisputeClosed && d.Status == paylink.DisputeLost:
		return "the dispute about " + amount + " is lost"
	case t == paylink.EventDisputeClosed:
		return "the dispute about " + amount + " is accepted: the customer keeps the money"
	case d.Refusal != "":
		return "the gateway did not take the answer about " + amount + due
	case d.Status == paylink.DisputeUnderReview:
		return "the bank looks at the evidence about " + amount
	case d.Answer == paylink.AnswerContest:
		return "the evidence about " + amount + " is on its way to the bank"
	case d.Answer == paylink.AnswerAccept:
		return "the customer is given " + amount + " of the dispute"
	}
	return "the dispute about " + amount + " has changed" + due
}

// waitingMoney is what of money needs a person: objections that wait for an answer, and reserved money that its bank
// gives back soon.
func (d *Dashboard) waitingMoney(ctx context.Context, s scene, limit int) (all []concern, err error) {
	read := d.Store.Read(ctx)
	disputes, err := read.DisputesDue(s.Merchant.ID, s.Live, limit)
	if err != nil {
		return nil, err
	}
	reserved, err := read.Reserved(s.Merchant.ID, s.Live, s.World.Add(reservedSoon), limit)
	if err != nil {
		return nil, err
	}
	var ids []paylink.LinkID
	for _, one := range disputes {
		ids = append(ids, one.Link)
	}
	for _, p := range reserved {
		ids = append(ids, p.Link)
	}
	links, err := read.LinksByID(s.Merchant.ID, s.Live, ids)
	if err != nil {
		return nil, err
	}
	for _, one := range disputes {
		if l, ok := links[one.Link]; ok {
			all = append(all, s.concern(l, s.disputeSentence(paylink.EventDisputeOpened, one.Snapshot()), label{"Disputed", "cross", "bad"}, one.CreatedAt))
		}
	}
	for _, p := range reserved {
		if l, ok := links[p.Link]; ok && p.Intent == "" {
			text := s.money(p.Amount.Minor, p.Amount.Currency) + " is reserved until " + s.Lang.Moment(p.CaptureBefore, s.Merchant.TimeZone) + ": capture it, or it is given back"
			all = append(all, s.concern(l, text, label{"Reserved", "hourglass", "note"}, p.UpdatedAt))
		}
	}
	return all, nil
}

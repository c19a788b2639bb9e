package issue

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"paylink"
	"paylink/store"
)

// Sent is a link whose request goes out once more.
type Sent struct {
	Link     paylink.Link
	Customer *paylink.Customer
	Messages []paylink.Message // the new ones, queued; none in a replay
	Replayed bool
}

// Send sends a link again, on the channels that are named. to gives corrected addresses for some of
// them, and applies to this sending only.
func (x *Issuer) Send(ctx context.Context, by Actor, id paylink.LinkID, channels []paylink.Channel, to map[paylink.Channel]string, claim *store.Claim) (Sent, error) {
	return x.send(ctx, by, id, channels, to, claim, "")
}

// SendFor is Send for a purpose of its own, which a link as a whole can have too.
func (x *Issuer) SendFor(ctx context.Context, by Actor, id paylink.LinkID, channels []paylink.Channel, to map[paylink.Channel]string, claim *store.Claim, purpose paylink.Purpose) (Sent, error) {
	return x.send(ctx, by, id, channels, to, claim, purpose)
}

func (x *Issuer) send(ctx context.Context, by Actor, id paylink.LinkID, channels []paylink.Channel, to map[paylink.Channel]string, claim *store.Claim, purpose paylink.Purpose) (Sent, error) {
	now := x.now()
	told := paylink.NewEventID(now)
	j := &judgement{by: by}
	channels = list(j, "/channels", channels, paylink.Channels)
	if len(channels) == 0 && len(j.bad.Fields) == 0 {
		j.bad.Add("/channels", "required", "Name at least one channel.")
	}
	corrected := j.corrected(channels, to)
	if err := j.bad.OrNil(); err != nil {
		return Sent{}, err
	}
	messages, jobs := letters(paylink.Link{ID: id, Merchant: by.Merchant.ID, Live: by.Live}, channels, now)
	var sent Sent
	_, replayed, err := x.store.WriteOnce(ctx, claim, now, func(tx *store.Tx) (store.Outcome, error) {
		c, customer, err := x.open(tx, by, id, now)
		if err != nil {
			return store.Outcome{}, err
		}
		if c.link.Status = c.link.StatusAt(c.world); !sendable(c.link, c.world) {
			return store.Outcome{}, c.not("not_sendable", "takes no payment, so it is not sent")
		}
		if err := direct(messages, customer, corrected); err != nil {
			return store.Outcome{}, err
		}
		before := c.link
		if purpose == paylink.PurposeReminder {
			if err := c.remindByHand(messages, now); err != nil {
				return store.Outcome{}, err
			}
			tx.AppendEvent(event(told, paylink.EventLinkReminded, c.link, customer, by.ID))
			tx.UpdateLink(c.link, before.UpdatedAt)
		}
		// Whatever another node's clock says, they come after those of an earlier sending.
		for i, at := 0, latest(now, c.link.UpdatedAt.Add(maxList*time.Microsecond)); i < len(messages); i++ {
			messages[i].CreatedAt = at.Add(time.Duration(i) * time.Microsecond)
			messages[i].UpdatedAt, messages[i].Purpose = messages[i].CreatedAt, cmp.Or(purpose, c.link.Terms.Purpose)
			tx.InsertMessage(messages[i])
			tx.Enqueue(jobs[i], now)
		}
		sent = Sent{Link: c.link, Customer: customer, Messages: slices.Clone(messages)}
		return store.Outcome{Status: 200, Object: string(id)}, nil
	})
	if err != nil {
		return Sent{}, about(err, "send link", id)
	}
	if replayed {
		sent, err = x.sentBefore(ctx, by, id)
		return sent, about(err, "answer again about link", id)
	}
	return sent, nil
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// sendable tells whether a customer who follows the link could pay, now or once a payment that is
// under way has failed.
func sendable(l paylink.Link, world time.Time) bool {
	why := l.Refusal(world)
	return why == "" || why == "payment_in_flight"
}

// corrected judges addresses that stand in for the customer's own.
func (j *judgement) corrected(channels []paylink.Channel, to map[paylink.Channel]string) map[paylink.Channel]string {
	good := map[paylink.Channel]string{}
	for _, channel := range slices.Sorted(maps.Keys(to)) {
		known := slices.Contains(paylink.Channels, channel)
		switch {
		case !known:
			j.bad.Add("/to", "unknown_value", "There is an address for a channel that does not exist.")
		case !slices.Contains(channels, channel):
			j.bad.Add("/to/"+string(channel), "conflicting", "The channel is not among those to send on.")
		case channel == paylink.ChannelInApp:
			j.bad.Add("/to/in_app", "unknown_value", "A message in the app goes to the link's own customer.")
		case to[channel] == "":
			j.bad.Add("/to/"+string(channel), "required", "The address is empty.")
		case channel == paylink.ChannelEmail:
			good[channel] = j.email("/to/email", to[channel])
		default:
			good[channel] = j.phone("/to/"+string(channel), to[channel])
		}
	}
	return good
}

// direct addresses messages to the customer, or to the corrected addresses. What cannot be reached is
// *paylink.Invalid "needs_contact".
func direct(messages []paylink.Message, customer *paylink.Customer, corrected map[paylink.Channel]string) error {
	var bad paylink.Invalid
	for i := range messages {
		m := &messages[i]
		if m.To = corrected[m.Channel]; m.To == "" {
			m.To = customer.Address(m.Channel)
		}
		if m.To == "" {
			bad.Add(fmt.Sprintf("/channels/%d", i), "needs_contact", "The customer has no address for this channel.")
		}
	}
	return bad.OrNil()
}

func (x *Issuer) sentBefore(ctx context.Context, by Actor, id paylink.LinkID) (Sent, error) {
	read := x.store.Read(ctx)
	l, err := read.Link(by.Merchant.ID, by.Live, id)
	if err != nil {
		return Sent{}, err
	}
	customer, err := read.CustomerOf(l)
	return Sent{Link: l, Customer: customer, Replayed: true}, err
}

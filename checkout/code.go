package checkout

import (
	"context"
	"time"

	"paylink"
)

// codeAddress is where a code goes: the way that the last one went, else to the phone, else by e-mail; after
// one that was lost the other way, where there is one.
func codeAddress(customer *paylink.Customer, last *paylink.Message) (paylink.Channel, string) {
	if customer == nil {
		return "", ""
	}
	mail := last != nil && (last.Channel == paylink.ChannelEmail) != lost(last)
	if customer.Phone != "" && (!mail || customer.Email == "") {
		return paylink.ChannelSMS, customer.Phone
	}
	return paylink.ChannelEmail, customer.Email
}

// lost tells whether a message with a code could not be sent: blocked because its text is not registered,
// refused, or without anybody who carries it.
func lost(m *paylink.Message) bool {
	return m != nil && (m.Status == paylink.MessageFailed || m.Status == paylink.MessageBlocked)
}

// lastCode is the message with the code that a browser asked for last; nil: it asked for none.
func (c *Checkout) lastCode(ctx context.Context, l paylink.Link, own paylink.Tries) (*paylink.Message, error) {
	if own.CodeMessage == "" || l.Terms.Restrict.Needs() != paylink.ProofCode {
		return nil, nil
	}
	m, err := c.Store.Read(ctx).Message(l.Merchant, l.Live, own.CodeMessage)
	if paylink.IsNotFound(err) {
		return nil, nil
	}
	return &m, err
}

// AwaitCode waits until it is known whether the message with a code went out, at most for a while: what stops it
// is known within a moment, and a page that says so at once spares a customer the wait for nothing.
func (c *Checkout) AwaitCode(ctx context.Context, m paylink.Message, atMost time.Duration) error {
	ctx, stop := context.WithTimeout(ctx, atMost)
	defer stop()
	poll := time.NewTicker(50 * time.Millisecond)
	defer poll.Stop()
	for {
		now, err := c.Store.Read(context.WithoutCancel(ctx)).Message(m.Merchant, m.Live, m.ID)
		if err != nil || now.Status != paylink.MessageQueued {
			return err
		}
		select {
		case <-poll.C:
		case <-ctx.Done():
			return nil
		}
	}
}

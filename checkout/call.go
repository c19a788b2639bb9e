package checkout

import (
	"context"
	"errors"

	"paylink"
	"paylink/gateway"
	"paylink/provider"
	"paylink/queue"
	"paylink/routing"
	"paylink/store"
)

// startTries is how often a gateway that cannot be reached is called before the customer is told to
// use another method: about four seconds, while somebody waits.
const startTries = 4

// nobodyTakes is the outcome of a payment that no gateway could be told about.
var nobodyTakes = paylink.Outcome{Status: paylink.PaymentFailed, Decline: paylink.Decline{Group: "provider_down"}}

// call tells a gateway about the payment, and says what its answer means. When the gateway cannot have heard of
// it, or does not take it for now, the next account is told within the same run: the customer waits for one
// page, not for several tries. After a call that may have been heard nobody else is told, whatever becomes of it.
func (c *Checkout) call(ctx context.Context, r *queue.Run, l paylink.Link, p paylink.Payment, customer *paylink.Customer, s shop) (paylink.Payment, paylink.Outcome, error) {
	if mayHaveHeard(r.Job) {
		return c.repeat(ctx, r, l, p, customer, s)
	}
	able := s.route(l, routing.Ask{Method: p.Method, Amount: p.Amount, Reference: p.Reference})
	able = first(able, p.Account)
	var ended error
	for _, next := range able {
		at := s.at(next.Account.ID)
		if may, err := c.may(ctx, at, len(able) == 1); err != nil {
			return p, paylink.Outcome{}, err
		} else if !may {
			continue
		}
		if at.ID != p.Account {
			moved, err := c.move(ctx, p, at)
			if err != nil {
				return p, paylink.Outcome{}, err
			}
			p = moved
		}
		started, err := c.tell(ctx, at, l, p, customer, s.merchant)
		if !elsewhere(err) {
			outcome, err := judge(at.gateway, r, started, err)
			r.Job.Payload.Called = err != nil
			return p, outcome, err
		}
		ended = err
	}
	r.Job.Payload.Tries = r.Job.Attempts
	if ended == nil || r.Job.Attempts >= startTries {
		// Nobody is left who takes it: the merchant disconnected them between the press of the button and now, or
		// they cannot be reached.
		return p, nobodyTakes, nil
	}
	return p, paylink.Outcome{}, ended
}

// mayHaveHeard tells that an earlier run may have told the payment's gateway about it: it says so, or it did not
// come to say that nobody had heard.
func mayHaveHeard(j paylink.Job) bool { return j.Payload.Called || j.Attempts-1 > j.Payload.Tries }

// repeat tells the one gateway again that may have heard already, whose word alone tells what became of the payment.
// Neither its breaker nor the account's being switched off matters to that.
func (c *Checkout) repeat(ctx context.Context, r *queue.Run, l paylink.Link, p paylink.Payment, customer *paylink.Customer, s shop) (paylink.Payment, paylink.Outcome, error) {
	at := s.at(p.Account)
	if at.gateway == nil || !at.gateway.Capabilities().Idempotent {
		return p, paylink.Outcome{Status: paylink.PaymentUnknown}, nil
	}
	started, err := c.tell(ctx, at, l, p, customer, s.merchant)
	if !elsewhere(err) {
		outcome, err := judge(at.gateway, r, started, err)
		return p, outcome, err
	}
	if r.Job.Attempts >= startTries {
		return p, paylink.Outcome{Status: paylink.PaymentUnknown}, nil
	}
	return p, paylink.Outcome{}, err
}

// first puts the account that a payment has before the others: it may have been told already.
func first(able []routing.Candidate, id paylink.AccountID) []routing.Candidate {
	var sorted, rest []routing.Candidate
	for _, c := range able {
		if c.Account.ID == id {
			sorted = append(sorted, c)
		} else {
			rest = append(rest, c)
		}
	}
	return append(sorted, rest...)
}

// may tells whether an account may be called now.
func (c *Checkout) may(ctx context.Context, at account, alone bool) (bool, error) {
	if c.Health == nil {
		return true, nil
	}
	return c.Health.May(ctx, at.Account, alone)
}

// move gives the payment to another account before that one hears of it: whatever happens then, the row says
// whom to ask.
func (c *Checkout) move(ctx context.Context, p paylink.Payment, to account) (paylink.Payment, error) {
	from := p.Account
	p.Account, p.Gateway = to.ID, to.Provider
	err := c.Store.Write(ctx, func(tx *store.Tx) error {
		tx.MovePayment(p, from)
		return nil
	})
	if err == nil {
		c.Log.InfoContext(ctx, "payment.moved", "merchant", string(p.Merchant), "link", string(p.Link), "payment", string(p.ID), "gateway", p.Gateway, "account", string(p.Account), "from", string(from))
	}
	return p, err
}

// tell calls one gateway.
func (c *Checkout) tell(ctx context.Context, at account, l paylink.Link, p paylink.Payment, customer *paylink.Customer, m paylink.Merchant) (gateway.Started, error) {
	order, err := c.order(l, p, customer, m)
	if err != nil {
		return gateway.Started{}, err
	}
	opened, err := provider.Open(c.Ring, at.Account)
	if err != nil {
		return gateway.Started{}, &gateway.Broken{When: gateway.NotSent, Err: err} // its key is lost: another account may do
	}
	began := c.Now()
	started, err := at.gateway.Start(ctx, opened, order)
	took := c.Now().Sub(began)
	c.Log.InfoContext(ctx, "payment.start", "merchant", string(p.Merchant), "link", string(p.Link), "payment", string(p.ID), "gateway", p.Gateway, "method", string(p.Method),
		"took", took, "error", err)
	if c.Health != nil {
		c.Health.Called(ctx, at.Account, p.Method, took, err)
	}
	return started, err
}

// elsewhere tells whether another account may take a payment of which this is how telling the first one ended.
func elsewhere(err error) bool {
	var rejected *gateway.Rejected
	var broken *gateway.Broken
	switch {
	case errors.As(err, &rejected):
		return rejected.Temporary || rejected.Reason == provider.BadCredentials
	case errors.As(err, &broken):
		return broken.When == gateway.NotSent
	}
	return false
}

// judge turns the gateway's answer to a start into what it means for the payment; an error means that
// the job is to be tried again.
func judge(g gateway.Gateway, r *queue.Run, started gateway.Started, err error) (paylink.Outcome, error) {
	var rejected *gateway.Rejected
	var broken *gateway.Broken
	switch {
	case err == nil:
		return paylink.Outcome{Status: paylink.PaymentActionRequired, Action: started.Action, GatewayOrder: started.Order}, nil
	case errors.As(err, &rejected):
		return paylink.Outcome{Status: paylink.PaymentFailed, Decline: paylink.Decline{Group: "not_approved", Code: rejected.Code}}, nil
	case errors.As(err, &broken) && broken.When == gateway.Unknown && (r.Job.Attempts >= startTries || !g.Capabilities().Idempotent):
		// It may have been taken: only asking can tell, and until then nobody pays a second time.
		return paylink.Outcome{Status: paylink.PaymentUnknown}, nil
	}
	return paylink.Outcome{}, err
}

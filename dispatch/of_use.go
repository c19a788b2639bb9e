package dispatch

import (
	"context"
	"time"

	"paylink"
)

// stillOfUse skips what is not sent any more. A request that cannot be paid is none, and nor is a code
// whose time is over. A code and a receipt are sent whatever the link's state: whoever has paid wants to see it.
func (d *Dispatch) stillOfUse(_ context.Context, p *parcel, now time.Time) (verdict, error) {
	if p.message.To == "" {
		return skip("erased"), nil // the customer was, and nobody knows any more where it should go
	}
	if p.proof {
		if !now.Before(p.message.CreatedAt.Add(paylink.CodeLife)) {
			return skip("expired"), nil
		}
		return verdict{}, nil
	}
	if why := p.idle(now); why != "" {
		return skip(why), nil
	}
	return verdict{}, nil
}

// idle tells why there is nothing to do any more with a message that is no code; empty: there is.
func (p *parcel) idle(now time.Time) (why string) {
	if !p.message.Asks() {
		if h := p.link.Hold; h == paylink.HoldTampered || h == paylink.HoldTakedown {
			return "on_hold" // its page shows nothing, and its facts may not be its own
		}
		return ""
	}
	if why = p.link.Refusal(p.merchant.Now(p.link.Live, now)); why == "payment_in_flight" {
		return ""
	}
	return why
}

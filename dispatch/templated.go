package dispatch

import (
	"context"
	"fmt"
	"time"

	"paylink"
	"paylink/channel"
)

// templated passes over accounts that carry registered templates only, where the message has none for them,
// and ends a message that nobody else carries. One that an account may have already stays with it.
func (d *Dispatch) templated(ctx context.Context, p *parcel, now time.Time) (verdict, error) {
	if _, open := p.open(); open {
		return verdict{}, nil
	}
	for p.sender != nil && p.sender.Capabilities().Templates {
		letter, err := d.letter(*p)
		if err != nil {
			return verdict{}, fmt.Errorf("write message %s: %w", p.message.ID, err)
		}
		free, able := channel.As[channel.FreeWriter](p.sender)
		if letter.Template != nil || able && free.WritesFreely(p.account.Fields) {
			break
		}
		p.unfit = append(p.unfit, p.account.ID)
		p.take(d.choose(p, now))
	}
	if p.sender == nil && !p.inbox && p.wait.IsZero() && len(p.attempts) == 0 {
		return verdict{status: paylink.MessageFailed, code: "no_template"}, nil
	}
	return d.carried(ctx, p, now)
}

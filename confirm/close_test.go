package confirm_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/store"
	"paylink/store/storetest"
)

// closing is the sandbox's gateway, as one that closes orders and says what the test wants.
type closing struct {
	gateway.Gateway
	word   gateway.Word
	err    error
	closed int
}

func (g *closing) answer(k gateway.Known) (gateway.Word, error) {
	w := g.word
	w.Reference, w.Amount, w.At = k.Reference, k.Amount, time.Now()
	return w, g.err
}

func (g *closing) Lookup(_ context.Context, _ gateway.Account, k gateway.Known) (gateway.Word, error) {
	return g.answer(k)
}

func (g *closing) Cancel(_ context.Context, _ gateway.Account, k gateway.Known) (gateway.Word, error) {
	g.closed++
	return g.answer(k)
}

// A customer gives up, or the time is over, and the gateway's page is still open: the link is paid twice, or money
// that came just before is lost.
func TestWhatIsGivenUpIsClosedAtTheGateway(t *testing.T) {
	nobody := gateway.Word{Status: paylink.PaymentFailed, Decline: paylink.Decline{Group: "timeout", Code: "session_expired"}}
	declined := gateway.Word{Status: paylink.PaymentFailed, Decline: paylink.Decline{Group: "insufficient_funds", Code: "51"}}
	faster := gateway.Word{Status: paylink.PaymentCaptured, GatewayReference: "pi_1"}
	silent := &gateway.Broken{When: gateway.Unknown, Err: errors.New("no answer")}
	cases := []struct {
		name   string
		from   paylink.PaymentStatus
		over   bool
		word   gateway.Word
		err    error
		want   paylink.PaymentStatus
		closed int
	}{
		{"the time is over and nobody came", paylink.PaymentActionRequired, true, nobody, nil, paylink.PaymentAbandoned, 1},
		{"the time is over after a decline", paylink.PaymentActionRequired, true, declined, nil, paylink.PaymentFailed, 1},
		{"the time is over and the customer was faster", paylink.PaymentActionRequired, true, faster, nil, paylink.PaymentCaptured, 1},
		{"the time is over and the gateway is silent", paylink.PaymentActionRequired, true, gateway.Word{}, silent, paylink.PaymentUnknown, 1},
		{"the time is over and nobody knows of it", paylink.PaymentUnknown, true, gateway.Word{}, &paylink.NotFound{Kind: "order", ID: "x"}, paylink.PaymentAbandoned, 1},
		{"there is time", paylink.PaymentActionRequired, false, gateway.Word{Status: paylink.PaymentActionRequired}, nil, paylink.PaymentActionRequired, 0},
		{"it was given up", paylink.PaymentAbandoned, false, nobody, nil, paylink.PaymentAbandoned, 1},
		{"it was given up and the customer was faster", paylink.PaymentAbandoned, false, faster, nil, paylink.PaymentCaptured, 1},
		{"it was given up and the gateway is silent", paylink.PaymentAbandoned, false, gateway.Word{}, silent, paylink.PaymentAbandoned, 1},
		{"its link was cancelled", paylink.PaymentActionRequired, false, nobody, nil, paylink.PaymentAbandoned, 1},
		{"its link was cancelled and the customer was faster", paylink.PaymentActionRequired, false, faster, nil, paylink.PaymentCaptured, 1},
		{"its link was cancelled and the bank is deciding", paylink.PaymentActionRequired, false, gateway.Word{Status: paylink.PaymentPending}, nil, paylink.PaymentPending, 1},
		{"its link was cancelled after money was reserved", paylink.PaymentAuthorised, false, gateway.Word{Status: paylink.PaymentAuthorised}, nil, paylink.PaymentAuthorised, 0},
		{"its link expired", paylink.PaymentUnknown, false, nobody, nil, paylink.PaymentAbandoned, 1},
		{"it failed", paylink.PaymentFailed, true, nobody, nil, paylink.PaymentFailed, 0},
	}
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		for _, c := range cases {
			sh := openShop(t, s)
			g := &closing{Gateway: sh.confirm.Gateways["sandbox"], word: c.word, err: c.err}
			sh.confirm.Gateways["sandbox"] = g
			l, p := sh.link(c.from, func(l *paylink.Link) {
				switch {
				case strings.Contains(c.name, "its link was cancelled"):
					l.CancelledAt, l.Status = sh.now, paylink.LinkCancelled
				case strings.Contains(c.name, "its link expired"):
					l.ExpiresAt, l.Status = sh.now.Add(-paylink.ExpiryGrace), paylink.LinkExpired
				}
			})
			if c.over {
				sh.now = sh.now.Add(paylink.AttemptLife)
			}
			sh.ask(p)
			if _, payments := sh.state(l); payments[0].Status != c.want || g.closed != c.closed || payments[0].Decline.Group == "timeout" {
				t.Errorf("%s: it is %+v and was closed %d times, want %s and %d", c.name, payments[0], g.closed, c.want, c.closed)
			}
		}
	})
}

// The answer to a start was lost, the gateway waits for the customer, and the customer is shown nowhere to go.
func TestStartThatWasNeverAnsweredGoesOn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		sh := openShop(t, s)
		action := paylink.Action{Kind: paylink.ActionRedirect, URL: "https://bank.example/pay", ExpiresAt: sh.now.Add(time.Minute)}
		sh.confirm.Gateways["sandbox"] = &closing{Gateway: sh.confirm.Gateways["sandbox"], word: gateway.Word{Status: paylink.PaymentActionRequired, Order: "cs_1", Action: action}}
		l, p := sh.link(paylink.PaymentUnknown, nil)
		sh.ask(p)
		_, payments := sh.state(l)
		if got := payments[0]; got.Status != paylink.PaymentActionRequired || got.GatewayOrder != "cs_1" || got.Action.URL != action.URL || !got.Action.ExpiresAt.Equal(action.ExpiresAt) {
			t.Errorf("it is %+v, want what the look-up said", got)
		}
	})
}

// ask has the gateway asked once.
func (sh *shop) ask(p paylink.Payment) {
	sh.t.Helper()
	sh.askNow(p)
	sh.work()
}

// askNow leaves the job by which the gateway is asked once.
func (sh *shop) askNow(p paylink.Payment) {
	sh.t.Helper()
	sh.write(func(tx *store.Tx) error {
		tx.Enqueue(paylink.Job{
			ID: paylink.NewJobID(sh.now), Kind: paylink.JobAsk, Key: string(p.ID) + "/once", Merchant: sh.merchant,
			Payload: paylink.JobPayload{Payment: p.ID, Once: true}, RunAt: sh.now,
		}, sh.now)
		return nil
	})
}

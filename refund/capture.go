package refund

import (
	"context"
	"errors"
	"fmt"
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/provider"
	"paylink/queue"
	"paylink/store"
)

// Decision is what becomes of reserved money.
type Decision struct {
	Merchant paylink.MerchantID
	Live     bool
	Payment  paylink.PaymentID
	Intent   paylink.Intent
	Amount   int64  // of a capture, in minor units; zero: all that is reserved
	Actor    string // key_…, usr_… or system
}

// Decide notes what becomes of reserved money and leaves the job that tells the gateway. Of a capture and a void
// that come together one is taken, the other gets *paylink.Conflict "reservation_decided"; a payment of which nothing
// is reserved gives *paylink.Conflict "not_reserved", and more than is reserved *paylink.Invalid. A replay of the
// claim gives the payment as it is now.
func (x *Refunds) Decide(ctx context.Context, d Decision, claim *store.Claim) (paylink.Payment, error) {
	read := x.Store.Read(ctx)
	p, err := read.Payment(d.Merchant, d.Live, d.Payment)
	if err != nil {
		return p, err
	}
	link, now := p.Link, x.Now()
	_, replayed, err := x.Store.WriteOnce(ctx, claim, now, func(tx *store.Tx) (store.Outcome, error) {
		p, err = x.decide(tx, d, link, now)
		return store.Outcome{Status: 200, Object: string(d.Payment)}, err
	})
	if err == nil && replayed {
		return read.Payment(d.Merchant, d.Live, d.Payment)
	}
	return p, err
}

// decide is Decide inside a transaction. Everybody locks the link first.
func (x *Refunds) decide(tx *store.Tx, d Decision, link paylink.LinkID, now time.Time) (paylink.Payment, error) {
	l, err := tx.Link(d.Merchant, d.Live, link)
	if err != nil {
		return paylink.Payment{}, err
	}
	p, err := tx.Payment(d.Merchant, d.Live, d.Payment)
	if err != nil {
		return p, err
	}
	if p.Status != paylink.PaymentAuthorised {
		return p, &paylink.Conflict{Code: "not_reserved", Detail: "No money of this payment is reserved: its status is " + string(p.Status) + ".", Other: string(p.ID)}
	}
	if d.Amount < 0 || d.Amount > p.Amount.Minor {
		wrong := &paylink.Invalid{}
		wrong.Add("/amount", "too_large", fmt.Sprintf("At most the %d minor units that are reserved can be captured.", p.Amount.Minor))
		return p, wrong
	}
	customer, err := tx.CustomerOf(l)
	if err != nil {
		return p, err
	}
	p.Intent, p.IntentAmount = d.Intent, 0
	told := paylink.EventVoidAsked
	if d.Intent == paylink.IntentCapture {
		told = paylink.EventCaptureAsked
		if p.IntentAmount = d.Amount; d.Amount == 0 {
			p.IntentAmount = p.Amount.Minor
		}
	}
	p.Touch(now)
	tx.Intend(p)
	read := l.UpdatedAt
	for _, e := range l.Tell(now, d.Actor, customer, &p, told) {
		tx.AppendEvent(e)
	}
	tx.UpdateLink(l, read)
	tx.Enqueue(paylink.Job{
		ID: paylink.NewJobID(now), Kind: paylink.JobCapture, Key: string(p.ID), Merchant: p.Merchant, Live: p.Live,
		Payload: paylink.JobPayload{Payment: p.ID}, RunAt: now, Priority: paylink.JobUrgent,
	}, now)
	return p, nil
}

// Await gives the payment as soon as the gateway has done what was asked, or as it is after atMost.
func (x *Refunds) Await(ctx context.Context, p paylink.Payment, atMost time.Duration) (paylink.Payment, error) {
	bell := x.Store.Bell(store.BellPayments)
	defer bell.Close()
	waiting, stop := context.WithTimeout(ctx, atMost)
	defer stop()
	poll := time.NewTicker(100 * time.Millisecond) // another node may do the job, and rings only there
	defer poll.Stop()
	for {
		now, err := x.Store.Read(ctx).Payment(p.Merchant, p.Live, p.ID)
		if err != nil || now.Status != paylink.PaymentAuthorised || now.Intent == "" {
			return now, err
		}
		select {
		case <-bell.C:
		case <-poll.C:
		case <-waiting.Done():
			return now, nil
		}
	}
}

// capture tells the gateway what was asked to become of reserved money, until the money is reserved no more. What
// the gateway did is confirm's to hear: from its notice, or from the question that is asked now.
func (x *Refunds) capture(ctx context.Context, r *queue.Run) error {
	p, err := x.Store.Read(ctx).Payment(r.Job.Merchant, r.Job.Live, r.Job.Payload.Payment)
	if err != nil {
		return err
	}
	if !p.Instructed() {
		return r.Finish(ctx, nil)
	}
	g, account, err := x.open(ctx, p.Account)
	if err != nil {
		return err
	}
	began := x.Now()
	w, err := x.instruct(ctx, g, account, r, p)
	x.Log.InfoContext(ctx, "reservation.told", "merchant", string(p.Merchant), "payment", string(p.ID), "gateway", p.Gateway,
		"intent", string(p.Intent), "answer", string(w.Status), "took", x.Now().Sub(began), "error", err)
	var rejected *gateway.Rejected
	var broken *gateway.Broken
	switch {
	case errors.As(err, &rejected) && !rejected.Temporary:
		return x.refused(ctx, r, g, account, p, rejected.Code)
	case errors.As(err, &rejected), errors.As(err, &broken) && broken.When == gateway.NotSent:
		return err // nothing was done: the queue tries again, ever more seldom
	case err != nil && broken == nil:
		return err
	}
	return x.askThen(ctx, r, p)
}

// instruct has the gateway do what was asked. Whoever was here before and did not hear the end asks first: nothing is
// done twice.
func (x *Refunds) instruct(ctx context.Context, g gateway.Gateway, a gateway.Account, r *queue.Run, p paylink.Payment) (gateway.Word, error) {
	if r.Job.Attempts > 1 || r.Job.Payload.Tries > 0 {
		if w, err := g.Lookup(ctx, a, known(p)); err != nil || w.Status != paylink.PaymentAuthorised {
			return w, err
		}
	}
	if p.Intent == paylink.IntentVoid {
		return void(ctx, g, a, p)
	}
	capturer, ok := gateway.As[gateway.Capturer](g)
	if !ok {
		return gateway.Word{}, &gateway.Rejected{Code: "not_supported"}
	}
	return capturer.Capture(ctx, a, known(p), paylink.Money{Minor: p.IntentAmount, Currency: p.Amount.Currency})
}

// tellAgainAfter is the pause before the gateway is told once more of what it took and has not done.
func tellAgainAfter(tries int64) time.Duration {
	return min(time.Hour, 15*time.Second<<min(tries, 10))
}

// askThen has the payment looked up now, and looks again later whether all is done.
func (x *Refunds) askThen(ctx context.Context, r *queue.Run, p paylink.Payment) error {
	now := x.Now()
	wait := tellAgainAfter(r.Job.Payload.Tries)
	r.Job.Payload.Tries++
	return r.Again(ctx, now.Add(wait), func(tx *store.Tx) error {
		tx.Enqueue(p.AskNow(now), now)
		return nil
	})
}

// refused ends a job whose gateway would not: the money is gone from where it was, and asking tells where to; or it
// is still reserved, and the merchant may decide anew.
func (x *Refunds) refused(ctx context.Context, r *queue.Run, g gateway.Gateway, a gateway.Account, p paylink.Payment, code string) error {
	if w, err := g.Lookup(ctx, a, known(p)); err != nil {
		return fmt.Errorf("look up payment %s after its gateway refused: %w", p.ID, err)
	} else if w.Status != paylink.PaymentAuthorised {
		return x.askThen(ctx, r, p)
	}
	now := x.Now()
	return r.Finish(ctx, func(tx *store.Tx) error {
		l, err := tx.Link(p.Merchant, p.Live, p.Link)
		if err != nil {
			return err
		}
		p, err := tx.Payment(p.Merchant, p.Live, p.ID)
		if err != nil || !p.Instructed() {
			return err
		}
		customer, err := tx.CustomerOf(l)
		if err != nil {
			return err
		}
		p.Decline = paylink.Decline{Group: "not_approved", Code: code}
		p.Touch(now)
		tx.Reconsider(p)
		read := l.UpdatedAt
		p.Intent, p.IntentAmount = "", 0
		for _, e := range l.Tell(now, "gateway", customer, &p, paylink.EventCaptureFailed) {
			tx.AppendEvent(e)
		}
		tx.UpdateLink(l, read)
		return nil
	})
}

// open gives a gateway and the account there, ready to call.
func (x *Refunds) open(ctx context.Context, id paylink.AccountID) (gateway.Gateway, gateway.Account, error) {
	stored, err := x.Store.Read(ctx).Account(id)
	if err != nil {
		return nil, gateway.Account{}, err
	}
	g := x.Gateways[stored.Provider]
	if g == nil {
		return nil, gateway.Account{}, fmt.Errorf("open account %s: no gateway %s", id, stored.Provider)
	}
	opened, err := provider.Open(x.Ring, stored)
	return g, opened, err
}

func known(p paylink.Payment) gateway.Known {
	return gateway.Known{Reference: p.Reference, Order: p.GatewayOrder, Payment: p.GatewayReference, Amount: p.Amount, Method: p.Method, Began: p.CreatedAt}
}

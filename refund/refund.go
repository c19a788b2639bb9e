// Package refund is what may follow a payment: captured money goes back to the customer, reserved money is
// captured or given back, and a customer's objection is answered.
//
// It is for the API and the dashboard, which ask, and for the queue, which has the gateway told. The amount of
// each refund is reserved on its payment from the beginning, so that all of them together are never more than
// was captured. The gateway is told at most once: what ended unknown is looked up before it is told again. What
// the gateway posts is confirm's to hear; telling the customer is dispatch's, from the jobs that are written here.
package refund

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/keyring"
	"paylink/provider"
	"paylink/queue"
	"paylink/store"
)

// Deps is what a Refunds works with.
type Deps struct {
	Store    *store.Store
	Ring     *keyring.Ring
	Gateways map[string]gateway.Gateway // by provider
	Now      func() time.Time           // real time
	Log      *slog.Logger
}

// Refunds does what may follow a payment. Its methods may be called from many goroutines.
type Refunds struct{ Deps }

// New makes a Refunds.
func New(d Deps) *Refunds { return &Refunds{d} }

// Register takes over the jobs of this step.
func (x *Refunds) Register(q *queue.Queue) {
	q.Handle(paylink.JobRefund, x.send)
	q.Handle(paylink.JobCapture, x.capture)
	q.Handle(paylink.JobLapse, x.lapse)
	q.Handle(paylink.JobAnswer, x.answer)
	q.Handle(paylink.JobDue, x.due)
}

// Actor is who asks. Merchant is read anew for every request: its settings decide who has to approve.
type Actor struct {
	Merchant paylink.Merchant
	Live     bool
	ID       string // key_… or usr_…
}

// Done is a refund right after something was asked for.
type Done struct {
	Refund   paylink.Refund
	Snapshot *paylink.RefundSnapshot // as it was then, also for whoever asks the same again
	Replayed bool                    // the same request had been answered before; nothing happened now
}

func (x *Refunds) now() time.Time { return x.Now().UTC().Truncate(time.Microsecond) }

// able gives the payment's gateway as one that gives money back, with the account there.
func (x *Refunds) able(read store.Reader, p paylink.Payment) (gateway.Refunder, gateway.Account, error) {
	stored, err := read.Account(p.Account)
	if err != nil {
		return nil, gateway.Account{}, err
	}
	g := x.Gateways[stored.Provider]
	if g == nil {
		return nil, gateway.Account{}, unsupported(p)
	}
	r, ok := gateway.As[gateway.Refunder](g)
	if !ok {
		return nil, gateway.Account{}, unsupported(p)
	}
	opened, err := provider.Open(x.Ring, stored)
	return r, opened, err
}

func unsupported(p paylink.Payment) error {
	return &paylink.Conflict{Code: "refunds_not_supported", Detail: "The payment's gateway gives no money back on request. Do it at the gateway itself; it is recorded here.", Other: string(p.ID)}
}

func isUnsupported(err error) bool {
	var c *paylink.Conflict
	return errors.As(err, &c) && c.Code == "refunds_not_supported"
}

// domain tells whether an error is one of the five kinds that callers can act on.
func domain(err error) bool {
	var (
		invalid  *paylink.Invalid
		missing  *paylink.NotFound
		conflict *paylink.Conflict
		refused  *paylink.Refused
		expired  *paylink.Expired
	)
	return errors.As(err, &invalid) || errors.As(err, &missing) || errors.As(err, &conflict) || errors.As(err, &refused) || errors.As(err, &expired)
}

// about adds to an internal error what was being done; the kinds say it themselves.
func about(err error, doing string, id any) error {
	if err == nil || domain(err) {
		return err
	}
	return fmt.Errorf("%s %v: %w", doing, id, err)
}

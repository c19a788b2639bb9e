package smpp

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"paylink/channel"
)

// After a connection is lost the next one is tried almost at once, then less and less often, and never by
// all nodes at the same moment.
const (
	firstPause = 200 * time.Millisecond
	mostPause  = time.Minute
)

// maxDeliveries is how many receipts of one bind may be on their way to be kept; the operator is asked to
// deliver the rest later.
const maxDeliveries = 1000

// takeTimeout is how long a receipt may take to be kept, the wait for its message's answer included.
const takeTimeout = 30 * time.Second

// bind keeps one account connected.
type bind struct {
	sender   *Sender
	account  channel.Account
	settings settings
	ledger   *ledger
	take     takeFunc
	stop     context.CancelFunc

	mu      sync.Mutex
	session *session      // nil: not bound
	failed  error         // how the latest try to bind ended; nil while one is under way
	changed chan struct{} // closed when either changes

	places chan struct{}
	work   sync.WaitGroup // deliveries
}

// run connects again and again until ctx is done.
func (b *bind) run(ctx context.Context) {
	defer b.work.Wait()
	for wait := time.Duration(0); ; {
		if !pause(ctx, wait/2+rand.N(wait+1)) {
			b.set(nil, notSent(errEnded))
			return
		}
		n, err := open(ctx, b.sender.client, b.settings)
		began := b.sender.now()
		b.set(n, err)
		if err == nil {
			b.sender.log.InfoContext(ctx, "smpp.bound", "account", b.account.ID)
			err = b.serve(ctx, n)
			if b.sender.now().Sub(began) > mostPause {
				wait = 0
			}
			if wait <= time.Second { // who sends meanwhile waits for the next try
				b.set(nil, nil)
			} else {
				b.set(nil, notSent(err))
			}
		}
		wait = min(max(2*wait, firstPause), mostPause)
		if ctx.Err() == nil {
			b.sender.log.WarnContext(ctx, "smpp.lost", "account", b.account.ID, "error", err, "again", wait)
		}
	}
}

// serve works on a session until it ends, or ctx does and the session is left in good order.
func (b *bind) serve(ctx context.Context, n *session) error {
	var work sync.WaitGroup
	defer work.Wait()
	work.Go(func() { n.keepAlive(ctx) })
	work.Go(func() {
		select {
		case <-ctx.Done():
			b.set(nil, notSent(errEnded))
			n.leave()
		case <-n.ended:
		}
	})
	return n.read(func(p pdu) { b.deliver(ctx, n, p) })
}

func (b *bind) set(n *session, failed error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.session, b.failed = n, failed
	close(b.changed)
	b.changed = make(chan struct{})
}

// up gives the session, and waits for it while a try to bind is under way. Between two tries it gives the
// error of the last one: *Rejected, or *Broken and NotSent.
func (b *bind) up(ctx context.Context) (*session, error) {
	for {
		b.mu.Lock()
		n, failed, changed := b.session, b.failed, b.changed
		b.mu.Unlock()
		if err := ctx.Err(); err != nil {
			return nil, notSent(err)
		}
		if n != nil || failed != nil {
			return n, failed
		}
		select {
		case <-changed:
		case <-ctx.Done():
		}
	}
}

func (b *bind) bound() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.session != nil
}

// deliver hands on what the operator delivers. It is acknowledged when it is kept, and not before.
func (b *bind) deliver(ctx context.Context, n *session, p pdu) {
	select {
	case b.places <- struct{}{}:
	default:
		_ = n.put(p.answer(statusRetry))
		return
	}
	b.work.Go(func() {
		defer func() { <-b.places }()
		status := statusOK
		if err := b.keep(ctx, p); errors.Is(err, errWire) {
			status = statusRefused
		} else if err != nil {
			status = statusRetry
		}
		_ = n.put(p.answer(status)) // a line that broke delivers it again
	})
}

// keep gives a deliver_sm to be kept, with what the ledger knows of its message.
func (b *bind) keep(ctx context.Context, p pdu) error {
	m, err := parseShort(p.body)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, takeTimeout)
	defer cancel()
	f := factOf(m)
	if m.isReceipt() {
		if t, err := parseReceipt(m); err == nil { // what cannot be read is kept all the same
			waiting, cancel := context.WithTimeout(ctx, 2*responseTimeout)
			defer cancel()
			f.know(b.ledger.receive(waiting, b.settings.ids, t, m.source.number))
		}
	}
	return b.post(ctx, f)
}

// late tells what an operator answered when nobody waited for it any more: a letter of unknown fate was
// taken after all, or refused.
func (b *bind) late(p posted, r pdu, templated bool) {
	id, words := parseAnswer(r)
	f := fact{Kind: kindAnswer, Message: p.message}
	switch {
	case r.status != statusOK:
		no := rejected(r.status, templated, words)
		f.know(outcome{message: p.message, segments: len(p.ids) + 1, told: told{status: "failed", code: no.Code, reason: no.Reason}})
	case isID(id):
		p.take(id, b.settings.ids)
		b.ledger.add(&p)
		f.know(outcome{message: p.message, reference: p.reference(), segments: len(p.ids), told: told{status: "sent"}})
	default:
		return
	}
	b.work.Go(func() {
		ctx, cancel := context.WithTimeout(context.Background(), takeTimeout)
		defer cancel()
		if err := b.post(ctx, f); err != nil {
			b.sender.log.WarnContext(ctx, "smpp.answer_not_kept", "account", b.account.ID, "message", p.message, "error", err)
		}
	})
}

// post signs a fact and has it kept.
func (b *bind) post(ctx context.Context, f fact) error {
	f.Account, f.Received = b.account.Name(), b.sender.now().UTC()
	p, err := f.sign(b.account)
	if err != nil {
		return err
	}
	return b.take(ctx, b.account.ID, p)
}

package smpp

import (
	"context"
	"errors"
	"sync"
	"time"

	"paylink"
	"paylink/channel"
)

// accountsEvery is how often the accounts are asked for again.
const accountsEvery = 30 * time.Second

type takeFunc func(context.Context, paylink.AccountID, channel.Post) error

// office is what runs while Listen does: the binds, by the mark of their account, and who waits for them.
type office struct {
	ctx   context.Context
	take  takeFunc
	binds map[string]*bind
	work  sync.WaitGroup
}

// Listen keeps a bind up for each account until ctx is done, then unbinds and gives nil. An account that
// the operator refuses is tried again from time to time, since its owner can mend it at any moment.
func (s *Sender) Listen(ctx context.Context, accounts func(context.Context) ([]channel.Account, error), take func(context.Context, paylink.AccountID, channel.Post) error) error {
	o := &office{ctx: ctx, take: take, binds: map[string]*bind{}}
	s.mu.Lock()
	if s.office != nil {
		s.mu.Unlock()
		return errors.New("listen by SMPP: it listens already")
	}
	s.office = o
	select {
	case <-s.opened:
	default:
		close(s.opened)
	}
	s.mu.Unlock()
	defer o.work.Wait()
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.office = nil // nobody begins a bind from here on
	}()

	tick := time.NewTicker(accountsEvery)
	defer tick.Stop()
	for {
		if all, err := accounts(ctx); err == nil {
			s.keep(o, all)
		} else if ctx.Err() == nil {
			s.log.WarnContext(ctx, "smpp.accounts_not_read", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// keep begins the binds that are missing and ends those whose account has gone or changed.
func (s *Sender) keep(o *office, all []channel.Account) {
	s.mu.Lock()
	defer s.mu.Unlock()
	wanted := map[string]bool{}
	for _, a := range all {
		set, err := understand(a)
		if err != nil {
			continue // whoever sends by it is told
		}
		wanted[mark(a)] = true
		s.begin(o, a, set)
	}
	for key, b := range o.binds {
		if !wanted[key] {
			b.stop()
			delete(o.binds, key)
		}
	}
}

// begin gives the account's bind, and starts it when there is none. s.mu is held.
func (s *Sender) begin(o *office, a channel.Account, set settings) *bind {
	key := mark(a)
	if b := o.binds[key]; b != nil {
		return b
	}
	if s.ledgers[a.ID] == nil {
		s.ledgers[a.ID] = newLedger()
	}
	ctx, stop := context.WithCancel(o.ctx)
	b := &bind{
		sender: s, account: a, settings: set, ledger: s.ledgers[a.ID], take: o.take, stop: stop,
		changed: make(chan struct{}), places: make(chan struct{}, maxDeliveries),
	}
	o.binds[key] = b
	o.work.Go(func() { b.run(ctx) })
	return b
}

// bind is the account's bind. An account that was made or changed just now has one before Listen hears of
// it. When a process starts, its first messages may be earlier than Listen: they wait a little.
func (s *Sender) bind(ctx context.Context, a channel.Account, set settings) (*bind, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	select {
	case <-s.opened:
	case <-ctx.Done():
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.office == nil || s.office.ctx.Err() != nil {
		return nil, notSent(errors.New("this process keeps no connections to operators"))
	}
	return s.begin(s.office, a, set), nil
}

// isUp tells whether the account is bound as it is now.
func (s *Sender) isUp(a channel.Account) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.office == nil {
		return false
	}
	b := s.office.binds[mark(a)]
	return b != nil && b.bound()
}

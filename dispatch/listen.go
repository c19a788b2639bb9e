package dispatch

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"paylink"
	"paylink/channel"
	"paylink/provider"
)

// Listen keeps the connections of the adapters that have their own, on which they also send, until ctx is
// done. What arrives there is kept like what is posted to the door. The first error that only an operator
// can mend ends all of them.
func (d *Dispatch) Listen(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var work sync.WaitGroup
	failed := make(chan error, len(d.senders))
	for name, sender := range d.senders {
		listener, able := channel.As[channel.Listener](sender)
		if !able {
			continue
		}
		work.Go(func() {
			accounts := func(ctx context.Context) ([]channel.Account, error) { return d.accountsWith(ctx, name) }
			take := func(ctx context.Context, id paylink.AccountID, p channel.Post) error { return d.take(ctx, name, id, p) }
			if err := listener.Listen(ctx, accounts, take); err != nil {
				failed <- fmt.Errorf("listen to %s: %w", name, err)
				stop()
			}
		})
	}
	work.Wait()
	close(failed)
	return <-failed // nil when there is none
}

// accountsWith gives the accounts with a provider, ready for use. One whose secrets cannot be opened is left
// out: the others go on, and whoever sends by it is told.
func (d *Dispatch) accountsWith(ctx context.Context, providerName string) ([]channel.Account, error) {
	rows, err := d.store.Read(ctx).AccountsWith(paylink.AccountChannel, providerName)
	if err != nil {
		return nil, fmt.Errorf("list the accounts with %s: %w", providerName, err)
	}
	var all []channel.Account
	for _, row := range rows {
		if a, err := provider.Open(d.ring, row); err == nil {
			all = append(all, a)
		}
	}
	return all, nil
}

// take keeps what arrived on a connection. What was kept before is safe already.
func (d *Dispatch) take(ctx context.Context, providerName string, id paylink.AccountID, p channel.Post) error {
	verdict, err := d.Receive(ctx, providerName, id, p)
	if err == nil && verdict == paylink.NoticeRefused {
		err = errors.New("it is not signed for the account as it is now")
	}
	if err != nil {
		return fmt.Errorf("keep what %s sent for account %s: %w", providerName, id, err)
	}
	return nil
}

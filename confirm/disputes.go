package confirm

import (
	"context"
	"fmt"
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/queue"
	"paylink/refund/record"
	"paylink/store"
)

// How often gateways' lists of disputes are looked through, for the notice that never comes, and how far back: a
// scheme decides within weeks.
const (
	listEvery = time.Hour
	listSince = 45 * 24 * time.Hour
	listPages = 20 // of at most a hundred
)

// Watch leaves a job for each account whose gateway lists disputes, every hour, until ctx is done. On several nodes
// the jobs' keys keep them one.
func (c *Confirm) Watch(ctx context.Context) error {
	ticker := time.NewTicker(listEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		if err := c.LookAtDisputes(ctx); err != nil && ctx.Err() == nil {
			c.Log.Error("disputes.not_watched", "error", err)
		}
	}
}

// LookAtDisputes leaves the jobs of one round.
func (c *Confirm) LookAtDisputes(ctx context.Context) error {
	now := c.Now()
	for name, g := range c.Gateways {
		if _, ok := gateway.As[gateway.Disputer](g); !ok {
			continue
		}
		accounts, err := c.Store.Read(ctx).AccountsWith(paylink.AccountGateway, name)
		if err != nil {
			return err
		}
		for _, a := range accounts {
			err := c.Store.Write(ctx, func(tx *store.Tx) error {
				tx.Enqueue(paylink.Job{
					ID: paylink.NewJobID(now), Kind: paylink.JobDisputes, Key: string(a.ID), Merchant: a.Merchant, Live: a.Live,
					Payload: paylink.JobPayload{Account: a.ID}, RunAt: now, Priority: paylink.JobBulk,
				}, now)
				return nil
			})
			if err != nil {
				return fmt.Errorf("plan a look at the disputes of %s: %w", a.ID, err)
			}
		}
	}
	return nil
}

// disputes looks through one account's list. Each word is heard in a transaction of its own: most say nothing new.
func (c *Confirm) disputes(ctx context.Context, r *queue.Run) error {
	read := c.Store.Read(ctx)
	account, opened, err := c.account(read, r.Job.Payload.Account)
	if err != nil {
		return err
	}
	lister, ok := gateway.As[gateway.Disputer](c.Gateways[account.Provider])
	if !ok {
		return r.Finish(ctx, nil)
	}
	cursor, heard, began := "", 0, c.Now()
	for range listPages {
		page, next, err := lister.Disputes(ctx, opened, began.Add(-listSince), cursor)
		if err != nil {
			return fmt.Errorf("list the disputes of %s: %w", account.ID, err)
		}
		for _, w := range page {
			news, err := c.hearDispute(ctx, read, account, w)
			if err != nil {
				return err
			}
			if news {
				heard++
			}
		}
		if next == "" {
			break
		}
		cursor = next
	}
	if heard > 0 {
		c.Log.InfoContext(ctx, "disputes.listed", "merchant", string(account.Merchant), "account", string(account.ID), "heard", heard)
	}
	return r.Finish(ctx, nil)
}

// hearDispute takes one word of a list, and tells whether it said something new. What is about no payment of ours is
// left out: a merchant may sell elsewhere through the same account.
func (c *Confirm) hearDispute(ctx context.Context, read store.Reader, account paylink.Account, w gateway.DisputeWord) (bool, error) {
	p, reason, err := checkDispute(read, account, w)
	if err != nil {
		return false, err
	}
	if reason != "" {
		if reason != reasonReference {
			c.Log.WarnContext(ctx, "dispute.refused", "account", string(account.ID), "payment", string(p.ID), "reason", reason)
		}
		return false, nil
	}
	now := c.Now()
	stale := ""
	err = c.Store.Write(ctx, func(tx *store.Tx) (err error) {
		stale, err = record.Hear(tx, p, w, "gateway", now)
		return err
	})
	return err == nil && stale == "", err
}

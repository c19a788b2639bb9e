package confirm

import (
	"context"
	"crypto/sha256"
	"errors"
	"slices"
	"strings"

	"paylink"
	"paylink/gateway"
	"paylink/provider"
	"paylink/queue"
	"paylink/store"
)

// sealNotice is the key ring's purpose for raw notices, which hold personal data.
const sealNotice = "notice"

// refusedMost is how much is kept of a body that nobody signed: enough to see what it was, too little
// to fill a disk with.
const refusedMost = 8 << 10

// Receive keeps a gateway's notice and leaves a job to understand it. What is not signed by the
// account's gateway is kept with its reason and believed in nothing. The verdict is received,
// replayed or refused; an account that does not exist gives *paylink.NotFound.
func (c *Confirm) Receive(ctx context.Context, providerName string, id paylink.AccountID, p gateway.Post) (paylink.Verdict, error) {
	read := c.Store.Read(ctx)
	stored, opened, err := c.account(read, id)
	if err != nil {
		return "", err
	}
	g := c.Gateways[stored.Provider]
	if stored.Kind != paylink.AccountGateway || stored.Provider != providerName || g == nil {
		return "", &paylink.NotFound{Kind: "account", ID: string(id)}
	}
	now := c.Now()
	kept := p.Kept()
	digest := sha256.Sum256(kept)
	n := paylink.Notice{
		ID: paylink.NewNoticeID(now), Merchant: stored.Merchant, Live: stored.Live, Kind: paylink.AccountGateway,
		Provider: stored.Provider, Account: id, Digest: digest[:], Verdict: paylink.NoticeReceived, ReceivedAt: now,
	}
	if err := g.Verify(opened, p, now); err != nil {
		kept = kept[:min(len(kept), refusedMost)]
		n.Verdict, n.Reason, n.JudgedAt = paylink.NoticeRefused, "bad_signature", now
		var unverified *gateway.Unverified
		if errors.As(err, &unverified) {
			n.Reason = unverified.Reason
		}
	}
	n.Body = c.Ring.Seal(sealNotice, kept, []byte(n.ID))
	job := paylink.Job{
		ID: paylink.NewJobID(now), Kind: paylink.JobNotice, Key: string(n.ID), Merchant: n.Merchant, Live: n.Live,
		Payload: paylink.JobPayload{Notice: n.ID}, RunAt: now,
	}
	verdict, err := c.Store.KeepNotice(ctx, n, job)
	if err != nil {
		return "", err
	}
	c.Log.InfoContext(ctx, "notice.received", "notice", string(n.ID), "provider", n.Provider, "account", string(id), "verdict", string(verdict), "reason", n.Reason)
	return verdict, nil
}

// notice understands one genuine notice.
func (c *Confirm) notice(ctx context.Context, r *queue.Run) error {
	read := c.Store.Read(ctx)
	n, err := read.Notice(r.Job.Merchant, r.Job.Payload.Notice)
	if err != nil {
		return err
	}
	if n.Verdict != paylink.NoticeReceived {
		return r.Finish(ctx, nil)
	}
	account, opened, err := c.account(read, n.Account)
	if err != nil {
		return err
	}
	kept, err := c.Ring.Unseal(sealNotice, n.Body, []byte(n.ID))
	if err != nil {
		return err
	}
	heard, reason, err := c.understand(read, account, opened, kept)
	if err != nil {
		return err
	}
	now := c.Now()
	n.JudgedAt = now
	if len(heard) > 0 {
		n.Payment = heard[0].payment.ID
	}
	err = r.Finish(ctx, func(tx *store.Tx) error {
		n := n
		n.Verdict, n.Reason = paylink.NoticeStale, reasonNothing
		for _, h := range heard {
			stale, err := c.apply(tx, h, now)
			if err != nil {
				return err
			}
			if stale == "" {
				n.Verdict, n.Reason = paylink.NoticeApplied, ""
			} else if n.Verdict == paylink.NoticeStale {
				n.Reason = stale
			}
		}
		if reason != "" {
			n.Verdict, n.Reason = paylink.NoticeQuarantined, reason
		}
		tx.JudgeNotice(n)
		return nil
	})
	if err == nil && reason != "" {
		c.Log.Warn("notice.quarantined", "notice", string(n.ID), "reason", reason)
	}
	return err
}

// understand reads a notice and checks each of its words; a reason means that it, or one of its words, is
// set aside. What was heard comes in the order of its links, in which everybody locks them.
func (c *Confirm) understand(read store.Reader, stored paylink.Account, opened gateway.Account, kept []byte) ([]hearing, string, error) {
	p, err := provider.ParseKept(kept)
	if err != nil {
		return nil, reasonUnreadable, nil
	}
	news, err := c.Gateways[stored.Provider].Read(opened, p)
	if err != nil {
		return nil, reasonUnreadable, nil
	}
	var heard []hearing
	aside := ""
	for _, w := range news.Words {
		h, reason, err := c.check(read, stored.Merchant, stored, w)
		switch {
		case err != nil:
			return nil, "", err
		case reason != "":
			aside = reason
		default:
			heard = append(heard, h)
		}
	}
	slices.SortStableFunc(heard, func(a, b hearing) int { return strings.Compare(string(a.payment.Link), string(b.payment.Link)) })
	return heard, aside, nil
}

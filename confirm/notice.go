package confirm

import (
	"context"
	"crypto/sha256"
	"errors"
	"net/http"

	"paylink"
	"paylink/gateway"
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
func (c *Confirm) Receive(ctx context.Context, providerName string, id paylink.AccountID, header http.Header, body []byte) (paylink.Verdict, error) {
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
	digest := sha256.Sum256(body)
	n := paylink.Notice{
		ID: paylink.NewNoticeID(now), Merchant: stored.Merchant, Live: stored.Live, Kind: paylink.AccountGateway,
		Provider: stored.Provider, Account: id, Digest: digest[:], Verdict: paylink.NoticeReceived, ReceivedAt: now,
	}
	if err := g.Verify(opened, header, body, now); err != nil {
		body = body[:min(len(body), refusedMost)]
		n.Verdict, n.Reason, n.JudgedAt = paylink.NoticeRefused, "bad_signature", now
		var unverified *gateway.Unverified
		if errors.As(err, &unverified) {
			n.Reason = unverified.Reason
		}
	}
	n.Body = c.Ring.Seal(sealNotice, body, []byte(n.ID))
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
	account, _, err := c.account(read, n.Account)
	if err != nil {
		return err
	}
	body, err := c.Ring.Unseal(sealNotice, n.Body, []byte(n.ID))
	if err != nil {
		return err
	}
	h, reason, err := c.understand(read, account, body)
	if err != nil {
		return err
	}
	now := c.Now()
	n.JudgedAt, n.Payment = now, h.payment.ID
	err = r.Finish(ctx, func(tx *store.Tx) error {
		n := n
		n.Verdict, n.Reason = paylink.NoticeQuarantined, reason
		if reason == "" {
			stale, err := c.apply(tx, h, now)
			if err != nil {
				return err
			}
			n.Verdict, n.Reason = paylink.NoticeApplied, stale
			if stale != "" {
				n.Verdict = paylink.NoticeStale
			}
		}
		tx.JudgeNotice(n)
		return nil
	})
	if err == nil && reason != "" {
		c.Log.Warn("notice.quarantined", "notice", string(n.ID), "reason", reason)
	}
	return err
}

// understand reads a notice's body and checks it; a reason means that it is set aside.
func (c *Confirm) understand(read store.Reader, account paylink.Account, body []byte) (hearing, string, error) {
	w, err := c.Gateways[account.Provider].Read(body)
	if err != nil {
		return hearing{}, reasonUnreadable, nil
	}
	return c.check(read, account.Merchant, account, w)
}

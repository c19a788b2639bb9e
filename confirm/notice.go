package confirm

import (
	"context"
	"crypto/sha256"
	"errors"
	"slices"
	"strings"
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/provider"
	"paylink/queue"
	"paylink/refund/record"
	"paylink/store"
)

// sealNotice is the key ring's purpose for raw notices, which hold personal data.
const sealNotice = "notice"

// refusedMost is how much is kept of a body that nobody signed: enough to see what it was, too little
// to fill a disk with.
const refusedMost = 8 << 10

// Receive keeps a gateway's notice and leaves a job to understand it. What is not signed by the
// account's gateway is believed in nothing, and kept with its reason unless very many come. The verdict is received,
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
	n := paylink.Notice{
		ID: paylink.NewNoticeID(now), Merchant: stored.Merchant, Live: stored.Live, Kind: paylink.AccountGateway,
		Provider: stored.Provider, Account: id, Verdict: paylink.NoticeReceived, ReceivedAt: now,
	}
	refused := verify(g, opened, p, now)
	var leftOut int64
	if refused != nil {
		var keep bool
		if keep, leftOut = c.unsigned.Keep(id, now); !keep {
			return paylink.NoticeRefused, nil
		}
	}
	kept := p.Kept()
	digest := sha256.Sum256(kept)
	n.Digest = digest[:]
	if refused != nil {
		kept = kept[:min(len(kept), refusedMost)]
		n.Verdict, n.Reason, n.JudgedAt = paylink.NoticeRefused, "bad_signature", now
		var unverified *gateway.Unverified
		if errors.As(refused, &unverified) {
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
	c.Log.InfoContext(ctx, "notice.received", "notice", string(n.ID), "provider", n.Provider, "account", string(id), "verdict", string(verdict), "reason", n.Reason, "left_out", leftOut)
	return verdict, nil
}

// verify tells whether a post is the gateway's own, also when it is signed with a secret that the merchant has
// replaced lately: a gateway that has a new one goes on with the old one for a while.
func verify(g gateway.Gateway, a gateway.Account, p gateway.Post, now time.Time) error {
	err := g.Verify(a, p, now)
	if before, ok := a.Before(now); ok && err != nil && g.Verify(before, p, now) == nil {
		return nil
	}
	return err
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
	heard, reason, err := c.understand(ctx, read, account, opened, kept)
	if err != nil {
		return err
	}
	now := c.Now()
	n.JudgedAt = now
	if len(heard) > 0 {
		n.Payment = heard[0].payment
	}
	err = r.Finish(ctx, func(tx *store.Tx) error {
		n := n
		n.Verdict, n.Reason = paylink.NoticeStale, reasonNothing
		for _, h := range heard {
			stale, err := h.apply(tx, now)
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
	if tooMuch(err) && r.Last() {
		n.Verdict, n.Reason, reason = paylink.NoticeQuarantined, reasonTooMuch, reasonTooMuch
		err = r.Finish(ctx, func(tx *store.Tx) error { tx.JudgeNotice(n); return nil })
	}
	if err == nil && reason != "" {
		c.Log.Warn("notice.quarantined", "notice", string(n.ID), "reason", reason)
	}
	return err
}

// understand reads a notice and checks each of its words; a reason means that it, or one of its words, is
// set aside. What was heard comes in the order of its links, in which everybody locks them.
func (c *Confirm) understand(ctx context.Context, read store.Reader, stored paylink.Account, opened gateway.Account, kept []byte) ([]matter, string, error) {
	p, err := provider.ParseKept(kept)
	if err != nil {
		return nil, reasonUnreadable, nil
	}
	news, err := c.Gateways[stored.Provider].Read(opened, p)
	if err != nil {
		return nil, reasonUnreadable, nil
	}
	var heard []matter
	aside := ""
	for _, w := range news.Words {
		h, reason, err := c.check(read, stored.Merchant, stored, w)
		switch {
		case err != nil:
			return nil, "", err
		case reason != "":
			aside = reason
			if h.payment.ID != "" && w.Status == paylink.PaymentCaptured {
				p := h.payment
				heard = append(heard, matter{p.Link, p.ID, func(tx *store.Tx, now time.Time) (string, error) { return reason, alarm(tx, p, now) }})
			}
		default:
			h.word = c.fetch(ctx, stored, opened, h)
			heard = append(heard, matter{h.payment.Link, h.payment.ID, func(tx *store.Tx, now time.Time) (string, error) { return c.apply(tx, h, now) }})
		}
	}
	for _, w := range news.Refunds {
		p, reason, err := c.checkRefund(read, stored, w)
		if err == nil && reason == reasonOrder {
			heard, reason, err = c.catchUp(ctx, read, stored, opened, p, heard)
		}
		switch {
		case err != nil:
			return nil, "", err
		case reason != "":
			aside = reason
		default:
			heard = append(heard, matter{p.Link, p.ID, func(tx *store.Tx, now time.Time) (string, error) { return c.applyRefund(tx, p, w, now) }})
		}
	}
	for _, w := range news.Disputes {
		p, reason, err := checkDispute(read, stored, w)
		if err == nil && reason == reasonOrder {
			heard, reason, err = c.catchUp(ctx, read, stored, opened, p, heard)
		}
		switch {
		case err != nil:
			return nil, "", err
		case reason != "":
			aside = reason
		default:
			heard = append(heard, matter{p.Link, p.ID, func(tx *store.Tx, now time.Time) (string, error) { return record.Hear(tx, p, w, "gateway", now) }})
		}
	}
	slices.SortStableFunc(heard, func(a, b matter) int { return strings.Compare(string(a.link), string(b.link)) })
	return heard, aside, nil
}

// matter is one word that was checked, of whichever kind, and what it does in a transaction: apply gives the
// reason why it means nothing new, or the empty string.
type matter struct {
	link    paylink.LinkID
	payment paylink.PaymentID
	apply   func(tx *store.Tx, now time.Time) (string, error)
}

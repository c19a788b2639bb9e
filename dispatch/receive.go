package dispatch

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	"paylink"
	"paylink/channel"
	"paylink/provider"
)

// refusedMost is how much is kept, in bytes, of a body that nobody signed: enough to see what it was,
// too little to fill a disk with.
const refusedMost = 8 << 10

// Receive keeps what a carrier posted for an account, before it is understood, and says what it is:
// received (a job will understand it), replayed, or refused because it is not proven to be the
// carrier's; of very many of the last kind some are kept. An account that the provider does not have is *paylink.NotFound, and nothing is kept.
// The caller bounds the body.
func (d *Dispatch) Receive(ctx context.Context, providerName string, account paylink.AccountID, p channel.Post) (paylink.Verdict, error) {
	a, err := d.store.Read(ctx).Account(account)
	if err == nil && (a.Kind != paylink.AccountChannel || a.Provider != providerName || d.senders[providerName] == nil) {
		err = &paylink.NotFound{Kind: "account", ID: string(account)}
	}
	if err != nil {
		return "", err
	}
	opened, err := provider.Open(d.ring, a)
	if err != nil {
		return "", err
	}
	now := d.now()
	refused := d.senders[providerName].Verify(opened, p, now)
	if refused != nil {
		if keep, _ := d.unsigned.Keep(a.ID, now); !keep {
			return paylink.NoticeRefused, nil
		}
	}
	kept := p.Kept()
	digest := sha256.Sum256(kept)
	n := paylink.Notice{
		ID: paylink.NewNoticeID(now), Merchant: a.Merchant, Live: a.Live, Kind: a.Kind, Provider: providerName, Account: a.ID,
		Digest: digest[:], Verdict: paylink.NoticeReceived, ReceivedAt: now,
	}
	if refused != nil {
		n.Verdict, n.Reason, n.JudgedAt = paylink.NoticeRefused, reasonOf(refused), now
		kept = kept[:min(len(kept), refusedMost)]
	}
	n.Body = d.ring.Seal("notice", kept, []byte(n.ID))
	verdict, err := d.store.KeepNotice(ctx, n, paylink.Job{
		ID: paylink.NewJobID(now), Kind: paylink.JobReceipt, Key: string(n.ID), Merchant: n.Merchant, Live: n.Live,
		Payload: paylink.JobPayload{Notice: n.ID}, RunAt: now,
	})
	if err != nil {
		return "", fmt.Errorf("keep a notice for account %s: %w", account, err)
	}
	return verdict, nil
}

// reasonOf gives the adapter's reason for not believing a body.
func reasonOf(err error) string {
	var unverified *channel.Unverified
	if errors.As(err, &unverified) {
		return unverified.Reason
	}
	return "unverified"
}

// Greet answers a provider that asks by GET whether an account's address is ours. An account that the
// provider does not have, and a provider that does not ask, are *paylink.NotFound.
func (d *Dispatch) Greet(ctx context.Context, providerName string, account paylink.AccountID, p channel.Post) (string, error) {
	greeter, able := channel.As[channel.Greeter](d.senders[providerName])
	a, err := d.store.Read(ctx).Account(account)
	if err == nil && (!able || a.Kind != paylink.AccountChannel || a.Provider != providerName) {
		err = &paylink.NotFound{Kind: "account", ID: string(account)}
	}
	if err != nil {
		return "", err
	}
	opened, err := provider.Open(d.ring, a)
	if err != nil {
		return "", err
	}
	answer, err := greeter.Greet(opened, p)
	if err != nil {
		return "", &paylink.Refused{Code: "bad_signature", Detail: "The greeting does not know the account's secret."}
	}
	return answer, nil
}

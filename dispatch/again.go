package dispatch

import (
	"cmp"
	"errors"
	"time"

	"paylink"
	"paylink/channel"
	"paylink/provider"
	"paylink/store"
)

// errEarly says that a receipt came before our own note of the call that it is about.
var errEarly = errors.New("the call is not noted yet")

// routeFault tells whether a receipt's failure is the provider's or its route's, so that another provider may
// deliver what this one did not: it says so, or says nothing that can be understood. Of what lies with the
// customer, the phone, the law or a filter, none knows better.
func routeFault(r channel.Receipt) bool {
	if r.Status != paylink.MessageFailed {
		return false
	}
	switch r.Reason {
	case "", provider.ProviderDown, provider.Throttled, provider.NoBalance, provider.BadCredentials, provider.BadTemplate, provider.BadRequest:
		return true
	}
	return false
}

// others are the merchant's accounts, when a receipt tells of a failure that another account may make good.
func others(read store.Reader, a paylink.Account, receipts []channel.Receipt) ([]paylink.Account, error) {
	for _, r := range receipts {
		if routeFault(r) {
			return read.Accounts(a.Merchant, a.Live, paylink.AccountChannel)
		}
	}
	return nil, nil
}

// another tells whether a message that its provider took and then gave up goes to another account, and puts it
// back: queued, for the job that judges it anew, by law, use and budget. A provider that took it is not called
// again. Whatever a late receipt of the first still tells counts: delivered ends the matter. It fails with
// errEarly when the first call is still being noted.
func (d *Dispatch) another(tx *store.Tx, m *paylink.Message, h *heard, r channel.Receipt, accounts []paylink.Account, now time.Time) (bool, error) {
	if !routeFault(r) || h == nil || h.elsewhere {
		return false, nil
	}
	p := parcel{message: *m, accounts: accounts, attempts: h.all, country: countryOf(*m)}
	if c := d.choose(&p, now); c.sender == nil && c.wait.IsZero() {
		return false, nil
	}
	switch m.Status {
	case paylink.MessageQueued:
		return false, errEarly
	case paylink.MessageSent, paylink.MessageUnknown:
	default:
		return false, nil
	}
	h.after.Code = cmp.Or(h.after.Code, "failed") // by which a second telling is known
	m.Status, m.ProviderReference, m.ErrorCode, m.Reason = paylink.MessageQueued, "", "", ""
	tx.Enqueue(paylink.Job{
		ID: paylink.NewJobID(now), Kind: paylink.JobSend, Key: string(m.ID), Merchant: m.Merchant, Live: m.Live,
		Payload: paylink.JobPayload{Link: m.Link, Message: m.ID}, RunAt: now,
	}, now)
	return true, nil
}

// given is the latest attempt that a provider took and then gave up; false when there is none.
func (p *parcel) given() (last paylink.Attempt, found bool) {
	for _, a := range p.attempts {
		if a.State == paylink.AttemptTaken {
			last, found = a, true
		}
	}
	return last, found
}

// end is a verdict that ends a message. One that a provider took and gave up has failed, whatever kept it from the
// next: it was sent, so that it is neither skipped nor blocked.
func (p *parcel) end(v verdict) word {
	if last, found := p.given(); found {
		if a, known := p.known(last.Account); known {
			p.account = a
		}
		return word{status: paylink.MessageFailed, code: last.Code, reason: last.Reason}
	}
	return word{status: v.status, code: v.code, reason: v.reason}
}

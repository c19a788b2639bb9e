package dispatch

import (
	"slices"
	"time"

	"paylink"
	"paylink/channel"
	"paylink/store"
)

// heard is the attempt that a receipt is about: as it was, and with what the receipt tells. A nil one is
// about a message without attempts, or tells nothing that an attempt keeps.
type heard struct {
	before, after paylink.Attempt
	elsewhere     bool // another account was called since
	repeated      bool // the attempt was told to have failed before, and the message goes to another since
	all           []paylink.Attempt
}

// hear finds the attempt that a receipt of an account is about, and says what is wrong where the account
// or the reference is not one of the message's.
func hear(tx *store.Tx, a paylink.Account, m paylink.Message, r channel.Receipt, now time.Time) (h *heard, wrong string, err error) {
	known := m.Account == a.ID && m.ProviderReference != "" && (m.ProviderReference == r.ProviderReference || r.ProviderReference == "")
	if known && r.Segments == 0 && r.Price == "" && r.Reason == "" && !routeFault(r) {
		return nil, "", nil
	}
	all, err := tx.AttemptsOf(m.Merchant, m.Link, m.ID)
	if err != nil {
		return nil, "", err
	}
	all = slices.DeleteFunc(all, func(a paylink.Attempt) bool { return a.Device != "" })
	about, at := match(all, a.ID, r.ProviderReference)
	switch {
	case about != nil:
		h = &heard{before: *about, after: *about, elsewhere: all[len(all)-1].Account != a.ID, all: all}
		h.repeated = m.Status == paylink.MessageQueued && about.State == paylink.AttemptTaken && about.Code != ""
		h.tell(r, arrived(m), now)
		*about = h.after
		return h, "", nil
	case m.Account != "" && m.Account != a.ID, len(all) > 0 && !at:
		return nil, "wrong_account", nil
	case at, m.ProviderReference != "" && r.ProviderReference != "" && m.ProviderReference != r.ProviderReference:
		return nil, "wrong_reference", nil
	}
	return nil, "", nil
}

// match finds the attempt at an account that has the reference, else the latest whose reference is not
// known. It tells whether there are any at the account.
func match(all []paylink.Attempt, account paylink.AccountID, reference string) (found *paylink.Attempt, called bool) {
	for i := range all {
		a := &all[i]
		if a.Account != account {
			continue
		}
		called = true
		if reference != "" && a.ProviderReference == reference {
			return a, true
		}
		if reference == "" || a.ProviderReference == "" {
			found = a
		}
	}
	return found, called
}

// arrived tells whether a message has reached its customer, after which no failure is believed.
func arrived(m paylink.Message) bool {
	return m.Status == paylink.MessageDelivered || m.Status == paylink.MessageRead
}

// tell writes into the attempt what the receipt says.
func (h *heard) tell(r channel.Receipt, arrived bool, now time.Time) {
	a := &h.after
	if a.Open() {
		a.State, a.Code, a.Reason, a.AgainAt = paylink.AttemptTaken, "", "", time.Time{}
		if a.EndedAt.IsZero() {
			a.EndedAt = now
		}
	}
	if a.ProviderReference == "" {
		a.ProviderReference = r.ProviderReference
	}
	switch r.Status {
	case paylink.MessageFailed, paylink.MessageBlocked:
		if !arrived || h.elsewhere {
			a.Code, a.Reason = r.ErrorCode, string(r.Reason)
		}
	case paylink.MessageDelivered, paylink.MessageRead:
		if a.State == paylink.AttemptTaken {
			a.Code, a.Reason = "", ""
		}
	}
	charge(a, r.Segments, r.Price)
}

// counts tells whether the receipt says something of the message: a failure at one provider says nothing
// once another has been called, or is about to be.
func (h *heard) counts(r channel.Receipt) bool {
	return h == nil || !h.elsewhere && !h.repeated || r.Status != paylink.MessageFailed && r.Status != paylink.MessageBlocked
}

func (h *heard) changed() bool { return h != nil && h.before != h.after }

// correction is by how much a message costs something else than what was counted.
type correction struct {
	attempt paylink.Attempt
	by      int64
}

// write stores the attempt, and gives what is to be corrected.
func (h *heard) write(tx *store.Tx) []correction {
	if !h.changed() {
		return nil
	}
	by := h.after.Cost - h.after.Reserved
	if h.after.Reserved == 0 || by == 0 {
		tx.UpdateAttempt(h.after, h.before.State)
		return nil
	}
	h.after.Reserved = h.after.Cost
	tx.UpdateAttempt(h.after, h.before.State)
	return []correction{{h.after, by}}
}

// correct counts what messages really cost.
func (d *Dispatch) correct(tx *store.Tx, id paylink.MerchantID, costs []correction) error {
	if len(costs) == 0 {
		return nil
	}
	m, err := tx.Merchant(id)
	if err != nil {
		return err
	}
	for _, c := range costs {
		tx.Correct(id, c.attempt.Live, m.SpendScopes(c.attempt.Live, c.attempt.Link, c.attempt.BeganAt), c.by)
	}
	return nil
}

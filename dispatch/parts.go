package dispatch

import (
	"strings"
	"time"

	"paylink"
	"paylink/channel"
	"paylink/provider"
	"paylink/store"
)

// A text of several segments is several messages to an operator, with a receipt for each. Which they are, and
// what became of each, stands in the database, so that the whole is known also after a restart, and at another
// node than the one that sent it.

// partsOf are the parts of a message that an account took; none when it is one.
func partsOf(m paylink.Message, account paylink.AccountID, references string) (all []store.Part) {
	if references == "" {
		return nil
	}
	for i, reference := range strings.Split(references, ",") {
		all = append(all, store.Part{Merchant: m.Merchant, Message: m.ID, Account: account, Number: int64(i) + 1, Reference: reference})
	}
	return all
}

// partly finds the message of a receipt that names a part by its reference only, and writes it into the receipt.
func partly(read store.Reader, a paylink.Account, r *channel.Receipt) (found bool, err error) {
	p, err := read.PartByReference(a.ID, r.ProviderReference)
	if err != nil || p == nil {
		return false, err
	}
	r.Part = &channel.Part{Number: p.Number, Reference: r.ProviderReference, Status: r.Status, ErrorCode: r.ErrorCode, Reason: r.Reason}
	r.Message, r.ProviderReference = p.Message, "" // the message goes by the references of all of its parts
	r.Status, r.ErrorCode, r.Reason = paylink.MessageSent, "", ""
	return true, nil
}

// assemble notes what a receipt tells of one part, and makes it tell of the whole: delivered when all parts are,
// failed or blocked as soon as one is, until then sent. The message is locked, so that of two receipts each sees
// what the other noted. What the adapter knows of the whole itself, it knows better.
func assemble(tx *store.Tx, a paylink.Account, m paylink.Message, r *channel.Receipt, now time.Time) error {
	if r.Part == nil {
		return nil
	}
	told := store.Part{
		Merchant: m.Merchant, Message: m.ID, Account: a.ID, Number: r.Part.Number, Reference: r.Part.Reference,
		Status: r.Part.Status, Code: r.Part.ErrorCode, Reason: string(r.Part.Reason),
	}
	parts, err := tx.PartsOf(m.Merchant, m.ID, a.ID)
	if err != nil {
		return err
	}
	known := false
	for i, p := range parts {
		if p.Number != told.Number {
			continue
		}
		known = true
		if rank(told.Status) < rank(p.Status) {
			told = p
		}
		parts[i] = told
	}
	tx.TellPart(told, now)
	if whole, ok := wholeOf(parts); known && ok && rank(whole.Status) >= rank(r.Status) {
		r.Status, r.ErrorCode, r.Reason = whole.Status, whole.Code, provider.Reason(whole.Reason)
	}
	return nil
}

// wholeOf is what has become of a message by its parts; false when they are not several.
func wholeOf(parts []store.Part) (whole store.Part, ok bool) {
	whole.Status = paylink.MessageDelivered
	for _, p := range parts {
		switch rank(p.Status) {
		case 2:
			return p, len(parts) > 1
		case 0, 1:
			whole.Status = paylink.MessageSent
		}
	}
	return whole, len(parts) > 1
}

// rank orders what can be told of one part, as paylink.MessageMachine does.
func rank(s paylink.MessageStatus) int {
	switch s {
	case paylink.MessageDelivered, paylink.MessageRead:
		return 3
	case paylink.MessageFailed, paylink.MessageBlocked:
		return 2
	case paylink.MessageSent:
		return 1
	}
	return 0
}

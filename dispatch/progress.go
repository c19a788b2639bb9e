package dispatch

import (
	"time"

	"paylink"
)

// word is what is known to have become of a message: by our own call, or by a carrier's receipt.
type word struct {
	status    paylink.MessageStatus
	reference string // the provider's; empty: not told
	code      string
	reason    string // the code in our words
	at        time.Time
}

// step is one thing to tell about a message, with the message as it was then.
type step struct {
	kind    paylink.EventType
	message paylink.Message
}

var tellings = map[paylink.MessageStatus]paylink.EventType{
	paylink.MessageSent: paylink.EventMessageSent, paylink.MessageDelivered: paylink.EventMessageDelivered,
	paylink.MessageRead: paylink.EventMessageRead, paylink.MessageFailed: paylink.EventMessageFailed,
	paylink.MessageBlocked: paylink.EventMessageBlocked, paylink.MessageSkipped: paylink.EventMessageSkipped,
}

// apply moves a message by a word and gives what there is to tell, in order. Words may come in any
// order and more than once: a message that is read was delivered, and one that was delivered was
// sent; nothing goes back, and a failure that is followed by a delivery never was one.
func apply(m *paylink.Message, w word) []step {
	if m.Status == paylink.MessageSkipped || m.Status == paylink.MessageScheduled {
		return nil // it never left us, so nobody can know more about it
	}
	if m.ProviderReference == "" {
		m.ProviderReference = w.reference
	}
	// No carrier's clock makes a message older than itself.
	at := w.at.UTC().Truncate(time.Microsecond)
	if at.Before(m.CreatedAt) {
		at = m.CreatedAt
	}
	switch w.status {
	case paylink.MessageSent, paylink.MessageDelivered, paylink.MessageRead:
		return advance(m, w.status, at)
	}
	if !paylink.MessageMachine.Can(m.Status, w.status) {
		return nil
	}
	m.Status, m.ErrorCode, m.Reason = w.status, w.code, w.reason
	if w.status == paylink.MessageFailed || w.status == paylink.MessageBlocked {
		m.FailedAt = at
	}
	if kind, ok := tellings[w.status]; ok {
		return []step{{kind, *m}}
	}
	return nil
}

// report is apply for a carrier's word. Whoever reports a failure had the message, even if the answer to
// our own call is still on its way.
func report(m *paylink.Message, w word) []step {
	var told []step
	if w.status == paylink.MessageFailed || w.status == paylink.MessageBlocked {
		told = apply(m, word{status: paylink.MessageSent, reference: w.reference, at: w.at})
	}
	return append(told, apply(m, w)...)
}

// advance takes a message through sent, delivered and read, up to the status.
func advance(m *paylink.Message, to paylink.MessageStatus, at time.Time) []step {
	var told []step
	for _, stage := range []struct {
		status paylink.MessageStatus
		at     *time.Time
	}{{paylink.MessageSent, &m.SentAt}, {paylink.MessageDelivered, &m.DeliveredAt}, {paylink.MessageRead, &m.ReadAt}} {
		// The carrier's own time of a stage is more exact than what a later stage implied. The time of
		// sending is ours, if we have it.
		own := stage.status == to && to != paylink.MessageSent
		if stage.at.IsZero() || own && at.Before(*stage.at) {
			*stage.at = at
		}
		if stage.status == paylink.MessageDelivered {
			m.FailedAt, m.ErrorCode, m.Reason = time.Time{}, "", ""
		}
		if paylink.MessageMachine.Can(m.Status, stage.status) {
			if stage.status == paylink.MessageSent {
				m.ErrorCode, m.Reason = "", "" // whatever held it back is over
			}
			m.Status = stage.status
			told = append(told, step{tellings[stage.status], *m})
		}
		if stage.status == to {
			break
		}
	}
	return told
}

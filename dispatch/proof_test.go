package dispatch_test

import (
	"strings"
	"testing"
	"time"

	"paylink"
	"paylink/issue"
	"paylink/store"
	"paylink/store/storetest"
	"paylink/token"
)

// proves leaves what checkout leaves when a visitor asks for a code.
func (w *world) proves(l paylink.Link) paylink.Message {
	w.t.Helper()
	now := w.clock()
	m := paylink.Message{
		ID: paylink.NewMessageID(now), Merchant: l.Merchant, Live: l.Live, Link: l.ID, Channel: paylink.ChannelSMS, To: "+919812345642",
		Status: paylink.MessageQueued, CreatedAt: now, UpdatedAt: now,
	}
	w.write(func(tx *store.Tx) error {
		tx.InsertMessage(m)
		tx.Enqueue(paylink.Job{
			ID: paylink.NewJobID(now), Kind: paylink.JobSend, Key: string(m.ID), Merchant: l.Merchant, Live: l.Live,
			Payload: paylink.JobPayload{Link: l.ID, Message: m.ID, Proof: true}, RunAt: now, Priority: paylink.JobUrgent,
		}, now)
		return nil
	})
	return m
}

// Operators in India block a code like anything else that is not registered: it goes out in the merchant's
// registered words, under their template, and what is not registered says why it did not go.
func TestACodeToIndiaGoesOutAsItIsRegistered(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s, nil)
		w.decide(func(s *paylink.Settings) {
			s.DLT = &paylink.DLT{Entity: "1101234560000012345", Headers: []string{"ACMEIN"}, Templates: []paylink.DLTTemplate{
				{ID: "1107160000000000009", Header: "ACMEIN", Text: "{#numeric#} opens the request of {#var#}."},
			}}
		})
		l := w.create().Link
		blocked := w.proves(l)
		w.work()
		if got := w.message(blocked.ID); got.Status != paylink.MessageBlocked || got.ErrorCode != "dlt_text_mismatch" {
			t.Errorf("our own words, which nobody registered: %s %s", got.Status, got.ErrorCode)
		}
		if _, err := w.issuer.SaveWording(t.Context(), w.actor(), issue.Wording{
			Channel: paylink.ChannelSMS, Kind: paylink.TemplateCode, Language: "en", Text: "{code} opens the request of {merchant}.",
			As: paylink.RegisteredAs{DLT: "1107160000000000009"}, Active: true,
		}, nil); err != nil {
			t.Fatal(err)
		}
		w.setClock(w.clock().Add(time.Minute)) // past what is kept in memory
		sent := w.proves(l)
		w.work()
		code, err := token.ProofCode(w.ring, l.CodeSlot, string(sent.ID))
		if got := w.message(sent.ID); err != nil || got.Status != paylink.MessageSent || len(w.calls) != 1 || w.calls[0]["text"] != code+" opens the request of Acme." {
			t.Errorf("the registered words: %s %s %v, %v", got.Status, got.ErrorCode, w.calls, err)
		}
	})
}

// A code in a message that names the amount tells it to whoever looks at the phone; a link whose code
// went out is no link that was sent; and a code whose time is over only confuses.
func TestACodeTravelsAloneAndInTime(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s, nil)
		l := w.create().Link
		m := w.proves(l)
		w.work()
		if len(w.calls) != 1 {
			t.Fatalf("%d messages went out", len(w.calls))
		}
		code, err := token.ProofCode(w.ring, l.CodeSlot, string(m.ID))
		text, _ := w.calls[0]["text"].(string)
		if err != nil || !strings.Contains(text, code) || strings.Contains(text, "2,450") || strings.Contains(text, public) {
			t.Errorf("the message says %q, the code is %s: %v", text, code, err)
		}
		if log := w.log.String(); strings.Contains(log, code) {
			t.Errorf("the log tells the code: %s", log)
		}
		if got := w.message(m.ID); got.Status != paylink.MessageSent {
			t.Errorf("the message is %s", got.Status)
		}
		if got := w.link(l.ID); !got.SentAt.IsZero() || w.told(l.ID)[paylink.EventLinkSent] != 0 {
			t.Errorf("the link was sent at %v", got.SentAt)
		}
		late := w.proves(l)
		w.setClock(w.clock().Add(10 * time.Minute))
		w.work()
		if got := w.message(late.ID); got.Status != paylink.MessageSkipped || got.ErrorCode != "expired" || len(w.calls) != 1 {
			t.Errorf("a code that is too late is %s %s, %d messages went out", got.Status, got.ErrorCode, len(w.calls))
		}
	})
}

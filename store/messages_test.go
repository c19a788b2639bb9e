package store_test

import (
	"errors"
	"testing"
	"time"

	"paylink"
	"paylink/store"
	"paylink/store/storetest"
)

// Two workers change one message from what each has read; the slower one would take the other's
// change back.
func TestMessageKeepsTheFirstChange(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
		m := paylink.Message{
			ID: "msg_1", Merchant: "mer_1", Link: "plink_1", Channel: paylink.ChannelSMS, To: "+919812345642",
			Status: paylink.MessageQueued, CreatedAt: at, UpdatedAt: at,
			Step: 2, Plan: "msg_0", DueAt: at.Add(time.Minute), Unless: paylink.UnlessRead, Heedless: true, Providers: "msg91,acct_1",
		}
		err := s.Write(t.Context(), func(tx *store.Tx) error {
			tx.InsertMerchant(paylink.Merchant{ID: "mer_1", CreatedAt: at})
			tx.InsertMessage(m)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		first := m
		first.Status, first.SentAt, first.UpdatedAt = paylink.MessageSent, at, at.Add(time.Microsecond)
		first.Provider, first.Account, first.ProviderReference = "sandbox", "acct_1", "sbx_1"
		second := m
		second.Status, second.ErrorCode, second.FailedAt = paylink.MessageFailed, "late", at
		for _, change := range []struct {
			message paylink.Message
			refused bool
		}{{first, false}, {second, true}} {
			err := s.Write(t.Context(), func(tx *store.Tx) error {
				tx.UpdateMessage(change.message, m.Status, m.UpdatedAt)
				return nil
			})
			var conflict *paylink.Conflict
			if refused := errors.As(err, &conflict) && conflict.Code == "changed"; refused != change.refused || err != nil && !refused {
				t.Errorf("to %s: %v", change.message.Status, err)
			}
		}
		read := s.Read(t.Context())
		if got, err := read.Message("mer_1", false, "msg_1"); err != nil || got != first {
			t.Errorf("got %+v, %v, want %+v", got, err, first)
		}
		for name, look := range map[string]func() (paylink.Message, error){
			"another merchant": func() (paylink.Message, error) { return read.Message("mer_2", false, "msg_1") },
			"the other mode":   func() (paylink.Message, error) { return read.Message("mer_1", true, "msg_1") },
		} {
			if got, err := look(); !paylink.IsNotFound(err) {
				t.Errorf("%s reads %+v, %v", name, got, err)
			}
		}
	})
}

package dispatch_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"sync"
	"testing"
	"time"

	"paylink"
	"paylink/provider"
	"paylink/provider/sandboxtest"
	"paylink/store"
	"paylink/store/storetest"
)

// Receipts move a message along its link's timeline, with the carrier's times, and each notice says
// what became of it.
func TestReceiptsMoveTheMessage(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s, nil)
		c := w.create(paylink.ChannelWhatsApp)
		w.work()
		id := c.Messages[0].ID
		w.setClock(start.Add(time.Minute))
		for _, row := range []struct {
			status  paylink.MessageStatus
			at      time.Time
			verdict paylink.Verdict
			now     paylink.MessageStatus
		}{
			{"sent", start.Add(time.Second), paylink.NoticeStale, "sent"},
			{"read", start.Add(9 * time.Second), paylink.NoticeApplied, "read"},
			{"delivered", start.Add(3 * time.Second), paylink.NoticeApplied, "read"}, // it knows the time better
			{"failed", start.Add(4 * time.Second), paylink.NoticeStale, "read"},
			{"delivered", start.Add(5 * time.Second), paylink.NoticeStale, "read"},
		} {
			m := w.message(id)
			n := w.take(m.Channel, w.about(m, row.status, row.at))
			if got := w.message(id).Status; n.Verdict != row.verdict || n.Message != id || got != row.now || n.JudgedAt.IsZero() {
				t.Errorf("%s: %s, and the message is %s, want %s and %s", row.status, n.Verdict, got, row.verdict, row.now)
			}
		}
		got := w.message(id)
		if !got.SentAt.Equal(start) || !got.DeliveredAt.Equal(start.Add(3*time.Second)) || !got.ReadAt.Equal(start.Add(9*time.Second)) || !got.FailedAt.IsZero() {
			t.Errorf("got %+v", got)
		}
		want := map[paylink.EventType]int{"payment_link.created": 1, "payment_link.sent": 1, "message.sent": 1, "message.delivered": 1, "message.read": 1}
		if told := w.told(c.Link.ID); !reflect.DeepEqual(told, want) {
			t.Errorf("told %v, want %v", told, want)
		}
	})
}

// A carrier's clock is ahead: nothing may be read tomorrow.
func TestReceiptIsNotDatedInTheFuture(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s, nil)
		c := w.create(paylink.ChannelEmail)
		w.work()
		w.take("email", w.about(c.Messages[0], "delivered", start.AddDate(1, 0, 0)))
		if got := w.message(c.Messages[0].ID).DeliveredAt; !got.Equal(w.clock()) {
			t.Errorf("delivered at %s", got)
		}
	})
}

// A genuine receipt whose facts are not those of the message changes nothing, and is kept with its
// reason.
func TestForeignReceiptsAreQuarantined(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s, nil)
		c := w.create(paylink.ChannelSMS, paylink.ChannelEmail)
		w.work()
		sms, mail := c.Messages[0], c.Messages[1]
		other := newWorld(t, s, nil)
		theirs := other.create(paylink.ChannelSMS).Messages[0]
		for name, row := range map[string]struct {
			receipt receipt
			reason  string
		}{
			"another merchant's message": {func() receipt {
				r := w.about(theirs, "delivered", start)
				r.Account = w.accounts["sms"].Name()
				return r
			}(), "unknown_message"},
			"a message that never was": {w.about(paylink.Message{ID: "msg_00000000000000000000000000", Channel: "sms"}, "delivered", start), "unknown_message"},
			"a message of another account": {func() receipt {
				r := w.about(mail, "delivered", start)
				r.Account = w.accounts["sms"].Name()
				return r
			}(), "wrong_account"},
			"an account that is not the URL's": {w.about(mail, "read", start), "wrong_account"},
			"another reference": {func() receipt {
				r := w.about(sms, "delivered", start)
				r.Data.ID = "sbx_other"
				return r
			}(), "wrong_reference"},
			"a status that does not exist": {w.about(sms, "eaten", start), "unreadable"},
		} {
			n := w.take("sms", row.receipt)
			if n.Verdict != paylink.NoticeQuarantined || n.Reason != row.reason {
				t.Errorf("%s: %s %q, want quarantined %q", name, n.Verdict, n.Reason, row.reason)
			}
		}
		for _, m := range []paylink.Message{w.message(sms.ID), w.message(mail.ID)} {
			if m.Status != paylink.MessageSent {
				t.Errorf("%s: %+v", m.Channel, m)
			}
		}
		if got := other.message(theirs.ID); got.Status != paylink.MessageQueued {
			t.Errorf("the other merchant's message: %+v", got)
		}
	})
}

// Unsigned, mis-signed and old bodies are kept with their reason and believed in nothing; what was
// kept can be opened again.
func TestUnprovenReceiptsAreRefused(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s, nil)
		c := w.create(paylink.ChannelSMS)
		w.work()
		m := c.Messages[0]
		a := w.accounts["sms"]
		body, err := json.Marshal(w.about(m, "delivered", start))
		if err != nil {
			t.Fatal(err)
		}
		for name, row := range map[string]struct {
			header http.Header
			reason string
		}{
			"unsigned":       {http.Header{}, "missing_signature"},
			"by another key": {sandboxtest.Sign("another", body, start), "bad_signature"},
			"another body":   {sandboxtest.Sign(a.Secret, append(body, ' '), start), "bad_signature"},
			"too old":        {sandboxtest.Sign(a.Secret, body, start.Add(-301*time.Second)), "stale_timestamp"},
		} {
			w.tick()
			verdict, err := w.dispatch.Receive(t.Context(), "sandbox", a.ID, posted(row.header, body))
			n := w.notice()
			kept, opening := w.ring.Unseal("notice", n.Body, []byte(n.ID))
			if err != nil || verdict != paylink.NoticeRefused || n.Verdict != verdict || n.Reason != row.reason || n.JudgedAt.IsZero() {
				t.Errorf("%s: %s, %v, kept as %s %q", name, verdict, err, n.Verdict, n.Reason)
			}
			p, reading := provider.ParseKept(kept)
			if err := errors.Join(opening, reading); err != nil || string(p.Body) != string(body) {
				t.Errorf("%s: kept %q, %v", name, kept, err)
			}
		}
		w.work()
		if got := w.message(m.ID); got.Status != paylink.MessageSent {
			t.Errorf("got %+v", got)
		}
		// Without end they are refused without being kept.
		for range 200 {
			verdict, err := w.dispatch.Receive(t.Context(), "sandbox", a.ID, posted(http.Header{}, body))
			if err != nil || verdict != paylink.NoticeRefused {
				t.Fatal(verdict, err)
			}
		}
		if all, err := s.Read(t.Context()).Notices(w.notice().Merchant, false, "", "", 300); err != nil || len(all) != 100 {
			t.Errorf("%d are kept, %v; want 100", len(all), err)
		}
		// The genuine one is still believed after all these.
		if n := w.take("sms", w.about(m, "delivered", start)); n.Verdict != paylink.NoticeApplied {
			t.Errorf("got %+v", n)
		}
	})
}

// Receipts for an account that does not exist, or is no carrier's, keep nothing.
func TestReceiptsForNobody(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s, nil)
		gateway := paylink.Account{ID: paylink.NewAccountID(start), Merchant: w.merchant.ID, Kind: paylink.AccountGateway, Provider: "sandbox", Secret: []byte("x")}
		w.write(func(tx *store.Tx) error { tx.InsertAccount(gateway, start); return nil })
		for name, row := range map[string]struct {
			provider string
			account  paylink.AccountID
		}{
			"no account": {"sandbox", "acct_none"}, "a gateway": {"sandbox", gateway.ID}, "another provider": {"twilio", w.accounts["sms"].ID},
		} {
			if verdict, err := w.dispatch.Receive(t.Context(), row.provider, row.account, posted(nil, []byte("{}"))); !paylink.IsNotFound(err) {
				t.Errorf("%s: %s, %v", name, verdict, err)
			}
		}
		if kept, err := s.Read(t.Context()).Notices(w.merchant.ID, false, "", "", 10); err != nil || len(kept) != 0 {
			t.Errorf("kept %v, %v", kept, err)
		}
	})
}

// A carrier posts one receipt many times at once; it counts once, and each replay is on record.
func TestReplayedReceiptsCountOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s, nil)
		c := w.create(paylink.ChannelSMS)
		w.work()
		r := w.about(c.Messages[0], "delivered", start)
		const times = 20
		verdicts := make([]paylink.Verdict, times)
		var wait sync.WaitGroup
		for i := range times {
			wait.Go(func() {
				var err error
				if verdicts[i], err = w.post("sms", r); err != nil {
					t.Errorf("got %v", err)
				}
			})
		}
		wait.Wait()
		w.work()
		counts := map[paylink.Verdict]int{}
		for _, v := range verdicts {
			counts[v]++
		}
		kept, err := s.Read(t.Context()).Notices(w.merchant.ID, false, "", "", 100)
		if err != nil || len(kept) != times || counts[paylink.NoticeReceived] != 1 || counts[paylink.NoticeReplayed] != times-1 {
			t.Errorf("verdicts %v, %d kept, %v", counts, len(kept), err)
		}
		if told := w.told(c.Link.ID); told[paylink.EventMessageDelivered] != 1 {
			t.Errorf("told %v", told)
		}
	})
}

// All receipts of a link's messages arrive in the same instant, before any note of ours that they
// were sent: the link was sent once, and no receipt is lost.
func TestReceiptRaceTellsOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s, nil)
		c := w.create(paylink.Channels...)
		var wait sync.WaitGroup
		for _, m := range c.Messages {
			for _, status := range []paylink.MessageStatus{"delivered", "read", "sent", "failed"} {
				wait.Go(func() {
					if _, err := w.post(m.Channel, w.about(m, status, start)); err != nil {
						t.Errorf("got %v", err)
					}
				})
			}
		}
		wait.Wait()
		w.work()
		told := w.told(c.Link.ID)
		if told[paylink.EventLinkSent] != 1 || told[paylink.EventMessageDelivered] != 4 || told[paylink.EventMessageRead] != 4 {
			t.Errorf("told %v", told)
		}
		for _, m := range c.Messages {
			got := w.message(m.ID)
			if got.Status != paylink.MessageRead || got.DeliveredAt.IsZero() || got.SentAt.IsZero() || !got.FailedAt.IsZero() || got.Account != w.accounts[m.Channel].ID {
				t.Errorf("%s: %+v", m.Channel, got)
			}
		}
		if jobs, err := s.Read(t.Context()).Jobs(); err != nil || jobs["running"] != 0 || jobs["waiting"] != 1 {
			t.Errorf("jobs %v, %v, want the one of the expiry", jobs, err)
		}
	})
}

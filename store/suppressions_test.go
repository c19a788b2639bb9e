package store_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"paylink"
	"paylink/store"
	"paylink/store/storetest"
)

func suppression(id paylink.SuppressionID, address byte, reason paylink.SuppressionReason) paylink.Suppression {
	return paylink.Suppression{
		ID: id, Merchant: "mer_1", Live: true, Channel: paylink.ChannelEmail, Address: []byte{7, 0, address}, Sealed: []byte(odd),
		Reason: reason, Message: "msg_1", Since: noon,
	}
}

// Whoever said no gets messages again because his mailbox bounced too; or a bounce cannot be lifted because
// it looks like a no. Another merchant, mode or channel is not concerned.
func TestNoOutranksABounce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		addMerchants(t, s, "mer_1", "mer_2")
		bounced, no := suppression("supp_1", 1, paylink.SuppressedBounce), suppression("supp_2", 1, paylink.SuppressedStop)
		no.Message, no.Since = "", noon.Add(time.Hour)
		write(t, s, func(tx *store.Tx) { tx.Suppress(bounced) })
		want := bounced
		for _, then := range []paylink.Suppression{suppression("supp_3", 1, paylink.SuppressedBounce), no, suppression("supp_4", 1, paylink.SuppressedManual), bounced} {
			write(t, s, func(tx *store.Tx) { tx.Suppress(then) })
			if then.Reason == paylink.SuppressedStop {
				want.Reason, want.Message, want.Since = no.Reason, no.Message, no.Since
			}
			got, err := s.Read(t.Context()).Suppressed("mer_1", true, paylink.ChannelEmail, []byte{3, 0, 1}, []byte{7, 0, 1})
			same(t, "suppressed", &want, got, err)
		}
		for what, got := range map[string]func(store.Reader) (*paylink.Suppression, error){
			"another merchant": func(r store.Reader) (*paylink.Suppression, error) {
				return r.Suppressed("mer_2", true, paylink.ChannelEmail, []byte{7, 0, 1})
			},
			"test mode": func(r store.Reader) (*paylink.Suppression, error) {
				return r.Suppressed("mer_1", false, paylink.ChannelEmail, []byte{7, 0, 1})
			},
			"another channel": func(r store.Reader) (*paylink.Suppression, error) {
				return r.Suppressed("mer_1", true, paylink.ChannelSMS, []byte{7, 0, 1})
			},
			"no key": func(r store.Reader) (*paylink.Suppression, error) {
				return r.Suppressed("mer_1", true, paylink.ChannelEmail)
			},
		} {
			if found, err := got(s.Read(t.Context())); found != nil || err != nil {
				t.Errorf("%s: %+v, %v", what, found, err)
			}
		}
	})
}

// A list shows another's entries, skips one at a page's end, or an entry taken off stays.
func TestSuppressionsAreListedAndTakenOff(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		addMerchants(t, s, "mer_1")
		all := []paylink.Suppression{suppression("supp_c", 3, paylink.SuppressedManual), suppression("supp_b", 2, paylink.SuppressedBounce), suppression("supp_a", 1, paylink.SuppressedComplaint)}
		write(t, s, func(tx *store.Tx) {
			for _, one := range all {
				tx.Suppress(one)
			}
		})
		got, err := s.Read(t.Context()).Suppressions("mer_1", true, "", 2)
		same(t, "first page", all[:2], got, err)
		got, err = s.Read(t.Context()).Suppressions("mer_1", true, "supp_b", 2)
		same(t, "second page", all[2:], got, err)
		one, err := s.Read(t.Context()).Suppression("mer_1", true, "supp_b")
		same(t, "one", all[1], one, err)
		write(t, s, func(tx *store.Tx) {
			tx.Unsuppress("mer_1", true, paylink.ChannelEmail, []byte{3, 0, 2}, []byte{7, 0, 2})
			tx.Unsuppress("mer_1", true, paylink.ChannelEmail)
		})
		_, err = s.Read(t.Context()).Suppression("mer_1", true, "supp_b")
		missing(t, "suppression", "supp_b", err)
		_, err = s.Read(t.Context()).Suppression("mer_1", false, "supp_a")
		missing(t, "suppression", "supp_a", err)
	})
}

// Forty notices about one mailbox arrive at once; the list has it forty times, or one of them fails.
func TestSuppressedAtOnceIsOneEntry(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		addMerchants(t, s, "mer_1")
		var wait sync.WaitGroup
		for i := range 40 {
			wait.Go(func() {
				one := suppression(paylink.SuppressionID(fmt.Sprintf("supp_%02d", i)), 1, paylink.SuppressedBounce)
				if i%2 == 1 {
					one.Reason = paylink.SuppressedUnsubscribe
				}
				if err := s.Write(t.Context(), func(tx *store.Tx) error { tx.Suppress(one); return nil }); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		all, err := s.Read(t.Context()).Suppressions("mer_1", true, "", 100)
		if err != nil || len(all) != 1 || all[0].Reason != paylink.SuppressedUnsubscribe {
			t.Errorf("%d entries, first %+v, error %v", len(all), all, err)
		}
	})
}

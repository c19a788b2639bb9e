package issue_test

import (
	"reflect"
	"testing"

	"paylink"
	"paylink/issue"
	"paylink/store"
	"paylink/store/storetest"
)

// The number was wrong: the link goes to the corrected one, and to the customer's own addresses
// otherwise.
func TestSendAgainToCorrectedAddresses(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		c := w.create(draft())
		sent, err := w.issuer.Send(t.Context(), w.actor(), c.Link.ID, []paylink.Channel{"sms", "in_app", "email"},
			map[paylink.Channel]string{"sms": "98123 45601"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		all, err := s.Read(t.Context()).MessagesOf(w.merchant.ID, c.Link.ID, 10)
		if err != nil || len(all) != 7 || !reflect.DeepEqual(all[4:], sent.Messages) {
			t.Fatalf("stored %+v, %v\nanswered %+v", all, err, sent.Messages)
		}
		var to []string
		for _, m := range sent.Messages {
			to = append(to, string(m.Channel)+" "+m.To)
		}
		if want := []string{"sms +919812345601", "in_app " + string(c.Customer.ID), "email asha@example.com"}; !reflect.DeepEqual(to, want) {
			t.Errorf("sent to %v, want %v", to, want)
		}
		if got := w.link(c.Link.ID); !reflect.DeepEqual(got, c.Link) || !reflect.DeepEqual(sent.Link, c.Link) {
			t.Errorf("the link changed: %+v", got)
		}
		if jobs, err := s.Read(t.Context()).Jobs(); err != nil || jobs["waiting"] != 8 {
			t.Errorf("jobs %v, %v", jobs, err)
		}
	})
}

// A second sending that cannot be must name its field and send to nobody.
func TestSendNamesWhatIsWrong(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		d := draft()
		d.Customer, d.Channels = issue.Contact{Phone: "+919812345642"}, nil
		id := w.create(d).Link.ID
		for _, row := range []struct {
			name     string
			channels []paylink.Channel
			to       map[paylink.Channel]string
			want     string
		}{
			{"no channel", nil, nil, "/channels required"},
			{"an unknown channel", []paylink.Channel{"fax"}, nil, "/channels/0 unknown_value"},
			{"a channel twice", []paylink.Channel{"sms", "sms"}, nil, "/channels/1 duplicate_value"},
			{"no address", []paylink.Channel{"sms", "email"}, nil, "/channels/1 needs_contact"},
			{"a wrong number", []paylink.Channel{"sms"}, map[paylink.Channel]string{"sms": "1"}, "/to/sms bad_phone"},
			{"a wrong address", []paylink.Channel{"email"}, map[paylink.Channel]string{"email": "x"}, "/to/email bad_email"},
			{"an empty address", []paylink.Channel{"email"}, map[paylink.Channel]string{"email": ""}, "/to/email required"},
			{"an address too many", []paylink.Channel{"sms"}, map[paylink.Channel]string{"email": "a@example.com"}, "/to/email conflicting"},
			{"an address for nothing", []paylink.Channel{"sms"}, map[paylink.Channel]string{"fax": "1"}, "/to unknown_value"},
			{"somebody else's app", []paylink.Channel{"in_app"}, map[paylink.Channel]string{"in_app": "cust_1"}, "/to/in_app unknown_value"},
		} {
			if _, err := w.issuer.Send(t.Context(), w.actor(), id, row.channels, row.to, nil); wrong(err) != row.want {
				t.Errorf("%s: %v, want %q", row.name, err, row.want)
			}
		}
		if all, err := s.Read(t.Context()).MessagesOf(w.merchant.ID, id, 10); err != nil || len(all) != 0 {
			t.Errorf("%d messages, %v", len(all), err)
		}
	})
}

// The same sending is asked for twice under one key; the customer gets one message.
func TestSendReplaySendsNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		c := w.create(draft())
		claim := &store.Claim{Merchant: w.merchant.ID, Route: "POST /v1/payment_links/{id}/send", Key: "k"}
		for i := range 2 {
			sent, err := w.issuer.Send(t.Context(), w.actor(), c.Link.ID, []paylink.Channel{"sms"}, nil, claim)
			if err != nil || sent.Replayed != (i == 1) || sent.Link.ID != c.Link.ID {
				t.Errorf("got %+v, %v", sent, err)
			}
		}
		if all, err := s.Read(t.Context()).MessagesOf(w.merchant.ID, c.Link.ID, 10); err != nil || len(all) != 5 {
			t.Errorf("%d messages, %v", len(all), err)
		}
	})
}

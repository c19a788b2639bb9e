package sandbox

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"testing"
	"time"

	"paylink"
)

type receipt struct {
	Status, Error string
	After         time.Duration
}

// receipts reads what paylink was told of messages, with the time since the test began.
func (in *inbox) receipts(t *testing.T, begin time.Time) (all []receipt) {
	t.Helper()
	for _, l := range in.taken() {
		var n struct {
			Account string
			Data    struct {
				ClientReference string `json:"client_reference"`
				Status, Error   string
			}
		}
		if err := json.Unmarshal([]byte(l.Body), &n); err != nil {
			t.Fatal(err)
		}
		if n.Account != account || n.Data.ClientReference != "msg_1" || l.Path != "/inbound/channel/sandbox/acct_1" {
			t.Errorf("receipt %s to %s", l.Body, l.Path)
		}
		all = append(all, receipt{n.Data.Status, n.Data.Error, l.At.Sub(begin)})
	}
	return all
}

// Delivery plans fall back on these receipts; a magic number that did something else than its table
// says would send every such test down the wrong way.
func TestAddressDecidesTheReceipt(t *testing.T) {
	const soon = 50 * time.Millisecond
	ok := []receipt{{"delivered", "", soon}}
	for _, c := range []struct {
		channel paylink.Channel
		to      string
		want    []receipt
	}{
		{"sms", "+919812345642", ok},
		{"sms", "+919812345601", ok},
		{"sms", "+919812345602", []receipt{{"failed", "undelivered", soon}}},
		{"sms", "+919812345603", []receipt{{"blocked", "dlt_blocked", soon}}},
		{"sms", "+919812345604", []receipt{{"sent", "", 0}, {"delivered", "", 5 * time.Second}}},
		{"sms", "+919812345605", []receipt{{"blocked", "opted_out", soon}}},
		{"whatsapp", "+919812345602", []receipt{{"failed", "undelivered", soon}}},
		{"email", "Bounce+1@shop.example", []receipt{{"failed", "bounced", soon}}},
		{"email", "asha02@shop.example", ok},
		{"in_app", "cust_02", ok},
	} {
		inVirtualTime(t, Config{}, func(t *testing.T, s *Sandbox, in *inbox) {
			begin := time.Now()
			if w := s.call(t, account, "POST", "/sandbox/carrier/"+string(c.channel)+"/messages", aMessage("msg_1", c.to)); w.Code != http.StatusAccepted {
				t.Errorf("%s %s answered %d", c.channel, c.to, w.Code)
			}
			settleFor(time.Hour)
			if got := in.receipts(t, begin); !slices.Equal(got, c.want) {
				t.Errorf("%s %s\n got %+v\nwant %+v", c.channel, c.to, got, c.want)
			}
		})
	}
}

// A sender that heard no answer sends again; the customer must not get the message twice.
func TestMessageTwiceIsOneMessage(t *testing.T) {
	s := open(t, Config{})
	var ids [2]accepted
	for i, want := range []int{http.StatusAccepted, http.StatusOK} {
		w := s.call(t, account, "POST", "/sandbox/carrier/sms/messages", aMessage("msg_1", "+919812345642"))
		if err := json.Unmarshal(w.Body.Bytes(), &ids[i]); err != nil || w.Code != want {
			t.Errorf("answered %d %s", w.Code, w.Body)
		}
	}
	if ids[0] != ids[1] || len(s.world.messages) != 1 {
		t.Errorf("ids %v, %d messages", ids, len(s.world.messages))
	}
}

// list asks the control API as a merchant.
func (s *Sandbox) list(t *testing.T, m, query string) (ids []string) {
	t.Helper()
	r := httptest.NewRequest("GET", "/sandbox/messages"+query, nil)
	r.Header.Set("Sandbox-Merchant", m)
	w := s.do(r)
	var got struct{ Data []receivedMessage }
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != http.StatusOK {
		t.Fatalf("list answered %d %s", w.Code, w.Body)
	}
	for _, m := range got.Data {
		ids = append(ids, m.ClientReference)
	}
	return ids
}

// Messages hold links, and a link is as good as its page: no merchant may read another's.
func TestMerchantSeesItsOwnMessagesOnly(t *testing.T) {
	s := open(t, Config{})
	for _, m := range []struct{ account, channel, client, to string }{
		{account, "sms", "msg_1", "+919812345642"}, {neighbor, "sms", "msg_2", "+919812345642"},
		{account, "email", "msg_3", "asha@shop.example"}, {account, "sms", "msg_4", "+919812345699"},
	} {
		if w := s.call(t, m.account, "POST", "/sandbox/carrier/"+m.channel+"/messages", aMessage(m.client, m.to)); w.Code != http.StatusAccepted {
			t.Fatalf("answered %d", w.Code)
		}
	}
	for _, c := range []struct {
		merchant, query string
		want            []string
	}{
		{"mer_1", "", []string{"msg_4", "msg_3", "msg_1"}},
		{"mer_2", "", []string{"msg_2"}},
		{"", "", []string{"msg_4", "msg_3", "msg_2", "msg_1"}},
		{"mer_1", "?channel=sms", []string{"msg_4", "msg_1"}},
		{"mer_1", "?to=" + url.QueryEscape("+919812345642"), []string{"msg_1"}},
		{"mer_1", "?to=+919812345642", []string{"msg_1"}}, // as typed in a shell
		{"mer_1", "?limit=1", []string{"msg_4"}},
	} {
		if got := s.list(t, c.merchant, c.query); !slices.Equal(got, c.want) {
			t.Errorf("%q %s: got %v, want %v", c.merchant, c.query, got, c.want)
		}
	}
	r := httptest.NewRequest("POST", "/sandbox/messages/"+s.world.messages[1].ID+"/fail", nil)
	r.Header.Set("Sandbox-Merchant", "mer_1")
	if w := s.do(r); w.Code != http.StatusNotFound {
		t.Errorf("moving a neighbour's message answered %d", w.Code)
	}
}

// The URL in the list is what tests open: a full stop at the end of the sentence is not part of it.
func TestMessageNamesItsURL(t *testing.T) {
	for _, m := range []message{
		{Text: "Pay: http://pay.test/abc."},
		{Text: "Pay (http://pay.test/abc) now"},
		{Text: "Tap the button", Button: &button{"Pay now", "http://pay.test/abc"}},
	} {
		if got := m.link(); got != "http://pay.test/abc" {
			t.Errorf("%q: %q", m.Text, got)
		}
	}
}

// What somebody decided on the phone page stands: the fate that was on its way must not undo it.
func TestMessageMovedByHandStaysThere(t *testing.T) {
	inVirtualTime(t, Config{}, func(t *testing.T, s *Sandbox, in *inbox) {
		begin := time.Now()
		s.call(t, account, "POST", "/sandbox/carrier/whatsapp/messages", aMessage("msg_1", "+919812345604"))
		at := "/sandbox/messages/" + s.world.messages[0].ID
		settleFor(time.Second)
		for _, act := range []string{"fail", "read", "deliver", "read", "read"} {
			s.press(at+"/"+act, "show=whatsapp")
			settleFor(time.Second)
		}
		settleFor(time.Hour)
		want := []receipt{{"sent", "", 0}, {"failed", "undelivered", time.Second}, {"delivered", "", 3 * time.Second}, {"read", "", 4 * time.Second}}
		if got := in.receipts(t, begin); !slices.Equal(got, want) {
			t.Errorf("\n got %+v\nwant %+v", got, want)
		}
	})
}

// SMS cannot know that it was read; a receipt that says so would teach paylink something untrue.
func TestSMSIsNeverRead(t *testing.T) {
	inVirtualTime(t, Config{}, func(t *testing.T, s *Sandbox, in *inbox) {
		s.call(t, account, "POST", "/sandbox/carrier/sms/messages", aMessage("msg_1", "+919812345642"))
		settleFor(time.Second)
		w := s.call(t, "", "POST", "/sandbox/messages/"+s.world.messages[0].ID+"/read", nil)
		if w.Code != http.StatusConflict {
			t.Errorf("answered %d", w.Code)
		}
	})
}

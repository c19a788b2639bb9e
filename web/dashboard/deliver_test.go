package dashboard

import (
	"html"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"paylink"
	"paylink/store"
	"paylink/store/storetest"
)

// A link that is sent again in steps goes out as it was typed, once however often the button is pressed, and the
// form comes back with what is wrong in it.
func TestLinkIsSentAgainInSteps(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		o := newOffice(t, s)
		o.post("/dashboard/test/links", filled(key(t, o.get("/dashboard/test/links/new"))))
		l := o.links()[0]
		at := "/dashboard/test/links/" + string(l.ID) + "/deliver"
		o.shows(o.get("/dashboard/test/links/"+string(l.ID)).Body.String(), `href="`+at+`"`)
		form := changed(untouched(t, o.get(at)), "step_channel_3", "email", "step_minutes_3", "120")
		wrong := o.post(at, changed(form, "step_minutes_3", "soon"))
		if below := wrongAt(wrong.Body.String(), "delivery"); wrong.Code != http.StatusUnprocessableEntity || !strings.Contains(below, "Step 3: write after how many minutes") {
			t.Errorf("%d: %q", wrong.Code, below)
		}
		o.shows(wrong.Body.String(), `value="soon"`)
		for range 2 {
			if w := o.post(at, form); w.Code != http.StatusSeeOther || !strings.HasSuffix(w.Header().Get("Location"), "note=sent") {
				t.Fatalf("%d to %s: %v", w.Code, w.Header().Get("Location"), wrongs(w))
			}
		}
		var run []paylink.Message
		o.write(func(tx *store.Tx) {
			var err error
			run, err = tx.DeliveryRun(o.merchant.ID, l.ID)
			must(t, err)
		})
		var steps []string
		for _, m := range run {
			steps = append(steps, string(m.Channel)+" "+string(m.Unless))
		}
		if want := []string{"whatsapp ", "sms delivered", "email opened"}; !reflect.DeepEqual(steps, want) {
			t.Errorf("sent %q", steps)
		}
	})
}

// The page said that a link was sent and not opened when every message had failed, so that nobody did anything.
func TestPageSaysThatNothingArrivedAndWhatToDo(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		o := newOffice(t, s)
		form := filled(key(t, o.get("/dashboard/test/links/new")))
		form["channel"] = []string{"sms", "email"}
		o.post("/dashboard/test/links", form)
		l := o.links()[0]
		o.write(func(tx *store.Tx) {
			messages, err := tx.MessagesOf(o.merchant.ID, l.ID, 10)
			must(t, err)
			for _, m := range messages {
				before, read := m.Status, m.UpdatedAt
				if m.Status, m.ErrorCode, m.Reason = paylink.MessageFailed, "21610", "opted_out"; m.Channel == paylink.ChannelSMS {
					m.Status, m.ErrorCode, m.Reason = paylink.MessageBlocked, "country_not_allowed", ""
				}
				m.Touch(o.clock())
				tx.UpdateMessage(m, before, read)
			}
		})
		page := html.UnescapeString(o.get("/dashboard/test/links/" + string(l.ID)).Body.String())
		o.shows(page, "Nothing has reached the customer. SMS: text messages to that country are not allowed. E-mail: the customer wants no messages there. "+
			"Allow the country under Settings, Sending. Send on another channel, or share the address yourself.")
		if strings.Contains(page, "Sent, not opened yet") {
			t.Error("it is said to be sent")
		}
	})
}

// A provider that carries several channels by one account was said not to be connected, and one that is switched
// off to be.
func TestChannelsAreConnectedByWhatAnAccountCarries(t *testing.T) {
	o := newOffice(t, storetest.Open(t, "sqlite"))
	o.write(func(tx *store.Tx) {
		tx.InsertAccount(paylink.Account{ID: "acct_1", Merchant: o.merchant.ID, Live: true, Kind: paylink.AccountChannel, Provider: "twilio", Name: "one", Secret: []byte{1}}, noon)
		tx.InsertAccount(paylink.Account{ID: "acct_2", Merchant: o.merchant.ID, Live: true, Kind: paylink.AccountChannel, Provider: "courier", Channel: "email", Name: "two", Secret: []byte{1}, Off: true}, noon)
	})
	got, err := o.board.connected(t.Context(), scene{Merchant: o.merchant, Live: true})
	must(t, err)
	if !got[paylink.ChannelSMS] || got[paylink.ChannelEmail] {
		t.Errorf("connected: %v", got)
	}
}

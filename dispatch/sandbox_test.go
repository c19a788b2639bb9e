package dispatch_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"paylink"
	"paylink/channel/sandbox"
	"paylink/dispatch"
	"paylink/issue"
	"paylink/provider"
	"paylink/provider/sandboxtest"
	pretend "paylink/sandbox"
	"paylink/store"
	"paylink/store/storetest"
)

// The whole way against the sandbox as it ships: a link goes out on four channels, the phone has the
// texts, and signed receipts move the messages, to every fate that the test numbers promise.
func TestSandboxCarriesAndReports(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		var w *world
		door := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			parts := strings.Split(r.URL.Path, "/") // /inbound/channel/{provider}/{account}
			body, _ := io.ReadAll(r.Body)
			verdict, err := w.dispatch.Receive(r.Context(), parts[3], paylink.AccountID(parts[4]), posted(r.Header, body))
			if err != nil || verdict == paylink.NoticeRefused {
				rw.WriteHeader(http.StatusUnauthorized)
			}
		}))
		defer door.Close()
		far := sandboxtest.Serve(t, pretend.Config{Now: time.Now, ReceiptAfter: time.Millisecond, SlowAfter: 50 * time.Millisecond})
		w = newWorld(t, s, func(d *dispatch.Deps) {
			d.Now, d.PublicURL = time.Now, door.URL
			d.Senders["sandbox"] = sandbox.New(sandboxtest.Client(t))
		})
		w.setClock(time.Now().Add(time.Hour)) // the queue's clock: whatever is retried is due
		other := w.merchant
		other.ID = paylink.NewMerchantID(start)
		w.merchant = other
		w.write(func(tx *store.Tx) error {
			tx.InsertMerchant(other)
			for _, c := range paylink.Channels {
				a := sandboxtest.Account(far, other.ID, paylink.NewAccountID(start))
				tx.InsertAccount(paylink.Account{
					ID: a.ID, Merchant: other.ID, Kind: paylink.AccountChannel, Provider: "sandbox", Channel: c, BaseURL: a.BaseURL,
					Secret: provider.SealSecret(w.ring, a.ID, a.Secret),
				}, start)
			}
			return nil
		})
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		q := w.queue()
		go func() { done <- q.Work(ctx) }()
		defer func() {
			stop()
			if err := <-done; err != nil {
				t.Error(err)
			}
		}()
		for phone, want := range map[string]string{
			"+919812345601": "delivered ", "+919812345602": "failed undelivered", "+919812345603": "blocked dlt_blocked",
			"+919812345604": "delivered ", "+919812345605": "blocked opted_out",
		} {
			c, err := w.issuer.Create(t.Context(), w.actor(), issue.Draft{
				Amount: 245000, HasAmount: true, Currency: "INR", Channels: paylink.Channels,
				Customer: issue.Contact{Phone: phone, Email: "asha@example.com"},
			}, nil)
			if err != nil {
				t.Fatal(err)
			}
			for i, m := range c.Messages {
				if i >= 2 {
					want = "delivered "
				}
				w.wait(m.ID, want)
			}
			told := w.told(c.Link.ID)
			if told[paylink.EventLinkSent] != 1 || told[paylink.EventMessageSent] != 4 {
				t.Errorf("%s: told %v", phone, told)
			}
		}
	})
}

// wait gives a message time to come to its fate: "status code".
func (w *world) wait(id paylink.MessageID, want string) {
	w.t.Helper()
	got := ""
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		m := w.message(id)
		if got = string(m.Status) + " " + m.ErrorCode; got == want {
			return
		}
	}
	w.t.Errorf("%s is %q, want %q", id, got, want)
}

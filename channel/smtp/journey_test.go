package smtp_test

import (
	"crypto/rand"
	"log/slog"
	"net/url"
	"strings"
	"testing"
	"time"

	"paylink"
	"paylink/channel"
	"paylink/channel/smtp"
	"paylink/dispatch"
	"paylink/issue"
	"paylink/keyring"
	"paylink/provider"
	"paylink/queue"
	"paylink/queue/queuetest"
	"paylink/store"
	"paylink/store/storetest"
)

// Each part is right by itself, and yet a letter that comes back changes nothing: the message stays sent, and
// the mailbox that is gone gets the next one.
func TestReturnedLetterEndsFurtherOnes(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		far, now := serve(t), time.Now().UTC().Truncate(time.Millisecond)
		clock := func() time.Time { return now }
		text, err := keyring.Generate(rand.Reader, now)
		if err != nil {
			t.Fatal(err)
		}
		ring, err := keyring.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		quiet := slog.New(slog.DiscardHandler)
		sending := dispatch.New(dispatch.Deps{
			Store: s, Ring: ring, Senders: map[string]channel.Sender{"smtp": sender(t)}, PublicURL: "https://pay.example", Now: clock, Log: quiet,
		})
		issuer := issue.New(issue.Deps{Store: s, Ring: ring, Now: clock})
		a := at("smtp", far.Starttls)
		a.ID, a.Merchant = paylink.NewAccountID(now), paylink.NewMerchantID(now)
		a.Fields[provider.Secret] = a.Secret
		sealed, err := provider.SealSecrets(ring, a.ID, a.Fields, provider.Previous{})
		if err != nil {
			t.Fatal(err)
		}
		merchant := paylink.Merchant{ID: a.Merchant, Name: "Acme", Country: "IN", Currency: "INR", Locale: "en", TimeZone: "Asia/Kolkata", DefaultExpiry: 24 * time.Hour, CreatedAt: now}
		err = s.Write(t.Context(), func(tx *store.Tx) error {
			tx.InsertMerchant(merchant)
			tx.InsertAccount(paylink.Account{
				ID: a.ID, Merchant: a.Merchant, Kind: paylink.AccountChannel, Provider: "smtp", Channel: paylink.ChannelEmail, BaseURL: a.BaseURL, Secret: sealed,
			}, now)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		work := func() {
			queuetest.Drain(t, s, clock, func(q *queue.Queue) { sending.Register(q); issuer.Register(q) })
		}
		ask := func() paylink.MessageID {
			now = now.Add(time.Second)
			c, err := issuer.Create(t.Context(), issue.Actor{Merchant: merchant, ID: "key_test"}, issue.Draft{
				Amount: 245000, HasAmount: true, Currency: "INR", Channels: []paylink.Channel{paylink.ChannelEmail}, Customer: issue.Contact{Name: "Asha", Email: "bounce@example.org"},
			}, nil)
			if err != nil {
				t.Fatal(err)
			}
			work()
			return c.Messages[0].ID
		}
		message := func(id paylink.MessageID) paylink.Message {
			m, err := s.Read(t.Context()).Message(a.Merchant, false, id)
			if err != nil {
				t.Fatal(err)
			}
			return m
		}

		first := ask()
		letter := far.next(t)
		if m := message(first); m.Status != paylink.MessageSent || m.ProviderReference != smtp.MessageID(a, first) || letter.From != smtp.ReturnPath(a, first) {
			t.Fatalf("the message is %+v, the letter came from %s", m, letter.From)
		}
		if o := open(t, letter.Data); !strings.Contains(o.text, "https://pay.example/") || !strings.Contains(o.html, "https://pay.example/") || o.header.Get("List-Unsubscribe") != "" {
			t.Errorf("the letter is %+v", o)
		}
		mail := strings.ReplaceAll(report("Final-Recipient: rfc822;bounce@example.org\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp;550 5.1.1 no such user"), smtp.ReturnPath(account(), "msg_01kaa0000000000000000000zz"), letter.From)
		for secret, want := range map[string]paylink.Verdict{"another-secret-than-ours": paylink.NoticeRefused, a.Secret: paylink.NoticeReceived} {
			now = now.Add(time.Second)
			post := channel.Post{URL: &url.URL{RawQuery: url.Values{"secret": {secret}, "recipient": {letter.From}}.Encode()}, Header: map[string][]string{"Content-Type": {"message/rfc822"}}, Body: []byte(mail)}
			if verdict, err := sending.Receive(t.Context(), "smtp", a.ID, post); err != nil || verdict != want {
				t.Fatalf("handed over with the secret %s: %s, %v", secret, verdict, err)
			}
		}
		work()
		if m := message(first); m.Status != paylink.MessageFailed || m.ErrorCode != "smtp_5.1.1" || m.Reason != string(provider.InvalidAddress) {
			t.Errorf("after it came back the message is %+v", m)
		}
		if m := message(ask()); m.Status != paylink.MessageBlocked || m.ErrorCode != "bounced_before" {
			t.Errorf("the next message is %+v", m)
		}
		far.none(t)
	})
}

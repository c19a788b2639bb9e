package smtp_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"paylink"
	"paylink/channel"
	"paylink/channel/channeltest"
	"paylink/channel/smtp"
	"paylink/provider/providertest"
)

// mailbox keeps what the server took, by Message-ID, and returns a report of each letter to the inbox, as the
// pipe of a mail server hands it over.
type mailbox struct {
	mutex sync.Mutex
	of    map[string]taken
}

func (m *mailbox) get(id string) (taken, bool) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	l, ok := m.of[id]
	return l, ok
}

// run reports every letter until the server ends.
func (m *mailbox) run(t *testing.T, far *server, inbox string, secret string) {
	for l := range far.letters {
		id := strings.Trim(open(t, l.Data).header.Get("Message-Id"), "<>")
		m.mutex.Lock()
		m.of[id] = l
		m.mutex.Unlock()
		status := "Action: delivered\nStatus: 2.1.5"
		if strings.HasPrefix(l.To[0], "bounce@") {
			status = "Action: failed\nStatus: 5.1.1"
		}
		mail := strings.ReplaceAll(report("Final-Recipient: rfc822;"+l.To[0]+"\n"+status), smtp.ReturnPath(account(), message), l.From)
		res, err := http.Post(inbox+"?"+url.Values{"secret": {secret}, "recipient": {l.From}}.Encode(), "message/rfc822", strings.NewReader(mail))
		if err != nil {
			t.Errorf("hand over a report: %v", err)
			return
		}
		_ = res.Body.Close()
	}
}

// The adapter and the port drift apart, each with its own tests still green.
func TestSMTPKeepsTheContractOfChannels(t *testing.T) {
	channeltest.Run(t, func(t *testing.T) (channel.Sender, channel.Account, channeltest.World) {
		far, a := serve(t), channel.Account{}
		post := providertest.Serve(t, func(*providertest.Far) http.Handler { return http.NotFoundHandler() })
		a = at("smtp", far.Starttls)
		box := &mailbox{of: map[string]taken{}}
		var wait sync.WaitGroup
		wait.Go(func() { box.run(t, far, post.Inbox, a.Secret) })
		t.Cleanup(func() { far.end(); wait.Wait() })
		return sender(t), a, channeltest.World{
			Far: post, Now: time.Now, Untold: []string{"no account"},
			Reachable:   func(paylink.Channel) string { return "asha@example.org" },
			Unreachable: func(paylink.Channel) string { return "bounce@example.org" },
			Received:    func(t *testing.T, reference string) channel.Letter { return received(t, box, reference) },
			Seen: func(l channel.Letter) channel.Letter {
				return channel.Letter{ID: l.ID, Channel: l.Channel, To: l.To, Sender: l.Sender, Subject: l.Subject, Text: l.Text, HTML: l.HTML, Language: l.Language}
			},
			Calling: func(t *testing.T, call func(context.Context, channel.Account) error) { calling(t, a, call) },
		}
	})
}

// received is a letter as the mailbox shows it; mail programs end a text with a line break.
func received(t *testing.T, box *mailbox, reference string) channel.Letter {
	t.Helper()
	for range 100 {
		l, ok := box.get(reference)
		if !ok {
			time.Sleep(20 * time.Millisecond)
			continue
		}
		o := open(t, l.Data)
		from, err := o.header.AddressList("From")
		if err != nil {
			t.Fatal(err)
		}
		return channel.Letter{
			ID: paylink.MessageID("msg_" + reference[:26]), Channel: paylink.ChannelEmail, To: l.To[0], Sender: from[0].Name,
			Subject: words(t, o.header.Get("Subject")), Text: strings.TrimSuffix(o.text, "\n"), HTML: strings.TrimSuffix(o.html, "\n"),
			Language: o.header.Get("Content-Language"),
		}
	}
	t.Fatalf("the server holds no letter %s", reference)
	return channel.Letter{}
}

// calling checks that calls tell how they ended, as providertest.Calling does over HTTP.
func calling(t *testing.T, a channel.Account, call func(context.Context, channel.Account) error) {
	t.Helper()
	over, cancel := context.WithCancel(t.Context())
	cancel()
	nobody, stranger := a, at("smtp", 1)
	nobody.BaseURL = stranger.BaseURL
	stranger.BaseURL = a.BaseURL
	stranger.Fields["password"] = "0000"
	for what, c := range map[string]struct {
		ctx  context.Context
		a    channel.Account
		want string
	}{
		"over before": {over, a, "not sent"}, "nobody listens": {t.Context(), nobody, "not sent"},
		"a wrong secret": {t.Context(), stranger, "rejected"}, "all is well": {t.Context(), a, "well"},
	} {
		err := call(c.ctx, c.a)
		if got := providertest.Ending(err); got != c.want || errors.Is(err, context.Canceled) != (what == "over before") {
			t.Errorf("%s ended %q (%v), want %q", what, got, err, c.want)
		}
	}
}

package smtp_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"paylink"
	"paylink/channel"
	"paylink/channel/smtp"
	"paylink/provider"
	"paylink/provider/providertest"
)

// letter is one as dispatch writes them.
func letter(to string) channel.Letter {
	return channel.Letter{
		ID: message, Channel: paylink.ChannelEmail, To: to, Sender: "Acme", Language: "en", Subject: "Payment request from Acme: ₹2,450.00",
		Text: "Acme: ₹2,450.00 for “tea” ☕ – pay at https://pay.example/0000000000000000000001\n", HTML: "<p>₹2,450.00 &amp; no more</p>\n",
		At: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC), Unsubscribe: "https://pay.example/u/token",
	}
}

// opened is a letter as a mail program shows it.
type opened struct {
	header     mail.Header
	text, html string
}

func open(t *testing.T, data []byte) opened {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	o := opened{header: m.Header}
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	if kind == "text/plain" {
		o.text = plain(t, quotedprintable.NewReader(m.Body))
		return o
	}
	parts := multipart.NewReader(m.Body, params["boundary"])
	for {
		p, err := parts.NextPart() // it undoes quoted-printable
		if err == io.EOF {
			return o
		}
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(p.Header.Get("Content-Type"), "text/html") {
			o.html = plain(t, p)
		} else {
			o.text = plain(t, p)
		}
	}
}

func plain(t *testing.T, r io.Reader) string {
	t.Helper()
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(text), "\r\n", "\n")
}

// words is a header as it is read.
func words(t *testing.T, s string) string {
	t.Helper()
	read, err := new(mime.WordDecoder).DecodeHeader(s)
	if err != nil {
		t.Fatal(err)
	}
	return read
}

// A letter arrives without its sum, its link or its way out; or the server keeps it, because nobody signed in.
func TestLetterArrivesWhole(t *testing.T) {
	far := serve(t)
	s := sender(t)
	for scheme, port := range map[string]int{"smtp": far.Starttls, "smtps": far.Implicit} {
		a, l := at(scheme, port), letter("asha@example.org")
		a.Fields["reply_to"] = "help@example.com"
		sent, err := s.Send(t.Context(), a, l)
		if err != nil || sent.Reference != smtp.MessageID(a, message) {
			t.Fatalf("%s: reference %q, error %v", scheme, sent.Reference, err)
		}
		got := far.next(t)
		if got.From != smtp.ReturnPath(a, message) || len(got.To) != 1 || got.To[0] != l.To || !got.TLS || got.User != "payments@example.com" {
			t.Errorf("%s: the envelope is %+v", scheme, taken{From: got.From, To: got.To, TLS: got.TLS, User: got.User})
		}
		o := open(t, got.Data)
		if o.text != l.Text || o.html != l.HTML || words(t, o.header.Get("Subject")) != l.Subject {
			t.Errorf("%s: %q, %q, %q", scheme, o.text, o.html, words(t, o.header.Get("Subject")))
		}
		for name, want := range map[string]string{
			"From": `"Acme" <payments@example.com>`, "To": "<asha@example.org>", "Reply-To": "<help@example.com>", "Message-Id": "<" + sent.Reference + ">",
			"Date": "Sun, 22 Nov 2026 10:00:00 +0000", "Mime-Version": "1.0", "List-Unsubscribe": "<https://pay.example/u/token>",
			"List-Unsubscribe-Post": "List-Unsubscribe=One-Click", "Content-Language": "en",
		} {
			if o.header.Get(name) != want || len(o.header[name]) != 1 {
				t.Errorf("%s: %s is %q, want %q once", scheme, name, o.header[name], want)
			}
		}
	}
}

// A name breaks out of its header: a second recipient gets the letter, or the letter has a body of a stranger's
// making. Or it hides what it says.
func TestNobodyWritesHeadersByHisName(t *testing.T) {
	far := serve(t)
	s := sender(t)
	for what, name := range map[string]string{
		"line breaks":     "Asha\r\nBcc: other@example.org\r\n\r\n<b>body</b>",
		"a bare CR":       "Asha\rBcc: other@example.org",
		"line separators": "Asha\u2028Bcc: other@example.org\u0085x",
		"quotes":          `"Asha" <other@example.org>, x`,
		"encoded words":   "=\u200b?utf-8?q?=0D=0ABcc:_other@example.org?=",
		"10,000 letters":  strings.Repeat("ऋतु ", 2500),
		"turned text":     "\u202eemcA\u202c\u200b\u2066\ufeff",
		"zero bytes":      "As\x00ha\xff",
	} {
		l := letter("asha@example.org")
		l.Sender, l.Subject, l.Language = name, name, name
		l.Unsubscribe = "https://pay.example/u/x>\r\nBcc: other@example.org"
		a := at("smtp", far.Starttls)
		if _, err := s.Send(t.Context(), a, l); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		got := far.next(t)
		o := open(t, got.Data)
		if len(got.To) != 1 || o.header.Get("Bcc") != "" || o.text != l.Text || o.html != l.HTML || o.header.Get("List-Unsubscribe") != "" {
			t.Errorf("%s: to %v, header %v", what, got.To, o.header)
		}
		from, err := o.header.AddressList("From")
		if err != nil || len(from) != 1 || from[0].Address != "payments@example.com" {
			t.Fatalf("%s: from %v (%v)", what, from, err)
		}
		for field, text := range map[string]string{"name": from[0].Name, "subject": words(t, o.header.Get("Subject"))} {
			if strings.ContainsAny(text, "\r\n\x00\u202e\u200b\u2066\ufeff\u2028\u0085") || len([]rune(text)) > 200 {
				t.Errorf("%s: the %s is %q", what, field, text)
			}
		}
		for _, line := range bytes.Split(got.Data, []byte("\r\n")) {
			if len(line) > 998 || bytes.ContainsAny(line, "\r\n") {
				t.Errorf("%s: a line of %d bytes", what, len(line))
			}
		}
	}
}

// A refusal that passes is taken for one that stays, or the other way round; and what nobody can know is sent
// twice.
func TestServersWordIsUnderstood(t *testing.T) {
	far := serve(t)
	s := sender(t)
	wrong := at("smtp", far.Starttls)
	wrong.Fields["password"] = "wrong"
	nobody := at("smtp", 1)
	stranger := at("smtp", far.Starttls)
	stranger.BaseURL = strings.Replace(stranger.BaseURL, "localhost", "127.0.0.1", 1) // the certificate names localhost only
	good := at("smtp", far.Starttls)
	for what, c := range map[string]struct {
		account channel.Account
		to      string
		ending  string
		want    provider.Rejected
	}{
		"no such mailbox":   {good, "gone@example.org", "rejected", provider.Rejected{Code: "smtp_5.1.1", Reason: provider.InvalidAddress, Words: "5.1.1 <gone> User unknown in virtual mailbox table"}},
		"without a code":    {good, "bare@example.org", "rejected", provider.Rejected{Code: "smtp_550", Reason: provider.InvalidAddress, Words: "no such user here"}},
		"full":              {good, "full@example.org", "rejected", provider.Rejected{Code: "smtp_5.2.2", Reason: provider.Unreachable, Words: "5.2.2 Mailbox full"}},
		"spam":              {good, "spam@example.org", "rejected", provider.Rejected{Code: "smtp_5.7.1", Reason: provider.Blocked, Words: "5.7.1 Message rejected as spam"}},
		"greylisted":        {good, "grey@example.org", "rejected for now", provider.Rejected{Code: "smtp_4.7.1", Temporary: true, Reason: provider.Throttled, Words: "4.7.1 Greylisted, see …"}},
		"busy":              {good, "slow@example.org", "rejected for now", provider.Rejected{Code: "smtp_4.3.0", Temporary: true, Reason: provider.Throttled, Words: "4.3.0 Try again later"}},
		"a wrong password":  {wrong, "asha@example.org", "rejected", provider.Rejected{Code: "smtp_5.7.8", Reason: provider.BadCredentials, Words: "5.7.8 Authentication credentials invalid"}},
		"no TLS":            {at("smtp", far.Plain), "asha@example.org", "rejected", provider.Rejected{Code: "no_tls", Reason: provider.BadRequest, Words: "The server offers no TLS, so nothing was sent to it."}},
		"a wrong name":      {stranger, "asha@example.org", "rejected", provider.Rejected{Code: "bad_certificate", Reason: provider.BadRequest, Words: "The server's certificate is not for its name, or nobody known has signed it."}},
		"no address":        {good, "asha", "rejected", provider.Rejected{Code: "bad_address", Reason: provider.InvalidAddress, Words: "This is not an e-mail address that can exist."}},
		"two addresses":     {good, "a@example.org>\r\nRCPT TO:<b@example.org", "rejected", provider.Rejected{Code: "bad_address", Reason: provider.InvalidAddress, Words: "This is not an e-mail address that can exist."}},
		"nobody listens":    {nobody, "asha@example.org", "not sent", provider.Rejected{}},
		"the last 250 lost": {good, "lost@example.org", "unknown", provider.Rejected{}},
	} {
		_, err := s.Send(t.Context(), c.account, letter(c.to))
		if got := providertest.Ending(err); got != c.ending {
			t.Errorf("%s ended %q (%v), want %q", what, got, err, c.ending)
		}
		var rejected *provider.Rejected
		if errors.As(err, &rejected) && *rejected != c.want {
			t.Errorf("%s: %+v, want %+v", what, *rejected, c.want)
		}
	}
	far.none(t)
	if _, err := s.Send(t.Context(), good, letter("asha@example.org")); err != nil {
		t.Errorf("a letter after all this: %v", err)
	}
}

// A server that answers nothing holds a worker for ever, or the letter is taken for not sent.
func TestSilentServerEndsWithTheCall(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = silent.Close() }()
	a := account()
	a.BaseURL = "smtp://" + silent.Addr().String()
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	_, err = sender(t).Send(ctx, a, letter("asha@example.org"))
	if got := providertest.Ending(err); got != "not sent" {
		t.Errorf("ended %q: %v", got, err)
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = sender(t).Send(over, a, letter("asha@example.org"))
	if got := providertest.Ending(err); got != "not sent" {
		t.Errorf("a call that was over before ended %q: %v", got, err)
	}
}

// Every letter signs in anew, so that the server throttles us; or a connection that the server ended while it
// waited costs a letter; or more are open than the server allows.
func TestConnectionsAreKept(t *testing.T) {
	far := serve(t)
	s, a := sender(t), at("smtp", far.Starttls)
	peers := map[int]int{}
	for range 5 {
		if _, err := s.Send(t.Context(), a, letter("asha@example.org")); err != nil {
			t.Fatal(err)
		}
		peers[far.next(t).Peer]++
	}
	if len(peers) != 1 {
		t.Errorf("five letters one after another took %d connections", len(peers))
	}
	for range 3 {
		if _, err := s.Send(t.Context(), a, letter("last@example.org")); err != nil {
			t.Fatalf("after a connection that the server ended: %v", err)
		}
		far.next(t)
		time.Sleep(100 * time.Millisecond) // the server ends the connection after 20
	}
	var wait sync.WaitGroup
	for range 60 {
		wait.Go(func() {
			if _, err := s.Send(t.Context(), a, letter("asha@example.org")); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	clear(peers)
	for range 60 {
		peers[far.next(t).Peer]++
	}
	if len(peers) > 9 { // eight at once, and one whose server had ended it
		t.Errorf("sixty letters at once took %d connections", len(peers))
	}
}

// The button says that all is well with a password that no letter can be sent with.
func TestTestSignsIn(t *testing.T) {
	far := serve(t)
	s, good := sender(t), at("smtp", far.Starttls)
	if err := s.Test(t.Context(), good); err != nil {
		t.Errorf("a good account: %v", err)
	}
	wrong := at("smtps", far.Implicit)
	wrong.Fields["password"] = "wrong"
	if got := providertest.Ending(s.Test(t.Context(), wrong)); got != "rejected" {
		t.Errorf("a wrong password ended %q", got)
	}
	elsewhere := at("http", far.Starttls)
	if got := providertest.Ending(s.Test(t.Context(), elsewhere)); got != "rejected" {
		t.Errorf("an address that is no mail server's ended %q", got)
	}
	far.none(t)
}

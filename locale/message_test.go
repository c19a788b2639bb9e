package locale

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"paylink"
	"paylink/gsm"
)

const address = "https://acme.in/ACMEIN/k7Qp2xW9dTz4LmVb8RsY1c"

func facts() MessageFacts {
	return MessageFacts{
		Merchant: "Acme", Amount: paylink.Money{Minor: 245000, Currency: "INR"},
		Description: "order 1042", Reference: "order-1042", CustomerName: "Asha", URL: address,
		ExpiresAt: time.Date(2026, 11, 24, 12, 30, 0, 0, time.UTC), Zone: "Asia/Kolkata",
	}
}

// The words of each channel are a promise to operators (templates) and to customers.
func TestEachChannelSaysWhoAsksForHowMuchAndWhere(t *testing.T) {
	got := map[paylink.Channel]Text{}
	for _, channel := range paylink.Channels {
		text := Pick("en").Message(channel, facts())
		text.HTML = "" // has a test of its own
		got[channel] = text
	}
	ask := "Acme requests a payment of ₹2,450.00 for order 1042. It is valid until 24 Nov 2026, 18:00 IST."
	careful := "Nobody needs your UPI PIN, OTP or card PIN to receive this payment."
	want := map[paylink.Channel]Text{
		paylink.ChannelSMS:      {Text: "Acme: payment request of Rs 2,450 for order 1042. Pay: " + address},
		paylink.ChannelWhatsApp: {Text: "Hello Asha,\n\n" + ask + "\n\n" + careful, Button: "Pay now"},
		paylink.ChannelEmail: {
			Subject: "Payment request from Acme: ₹2,450.00",
			Text: "Hello Asha,\n\n" + ask + "\n\nPay here: " + address + "\n\n" + careful +
				"\n\nYou receive this because Acme sent you a payment request. If you do not know them, ignore this message.\n",
			Button: "Pay now",
		},
		paylink.ChannelInApp: {Subject: "Payment request from Acme", Text: ask + " Pay here: " + address, Button: "Pay now"},
	}
	for channel, w := range want {
		if got[channel] != w {
			t.Errorf("%s:\n%+v\nwant\n%+v", channel, got[channel], w)
		}
	}
}

// One wrong character makes a text message Unicode and twice as dear; a cut address cannot be paid.
func TestTextMessagesFitAndNeverLoseTheAddress(t *testing.T) {
	long := strings.Repeat("very long words ", 20)
	for _, c := range []struct {
		name, tag, merchant, description, reference, want string
		unicode                                           bool
	}{
		{name: "typographic signs", tag: "en", merchant: "Café “Zoë”", description: "Order № 7", reference: "o-7",
			want: "Café \"Zoe\": payment request of Rs 2,450 for o-7. Pay: " + address},
		{name: "no subject", tag: "en", merchant: "Acme", want: "Acme: payment request of Rs 2,450. Pay: " + address},
		{name: "subject too long", tag: "en", merchant: "Acme", description: long,
			want: ""}, // checked by its places below
		{name: "address in the words", tag: "en", merchant: "Acme https://evil.example", description: "see www.evil.example now",
			want: "Acme: payment request of Rs 2,450 for see now. Pay: " + address},
		{name: "a name that GSM-7 cannot write", tag: "en", merchant: "आशा स्टोर", unicode: true,
			want: "आशा स्टोर: payment request of Rs 2,450. Pay: " + address},
		{name: "Hindi", tag: "hi", merchant: "Acme", description: "ऑर्डर 1042", unicode: true,
			want: "Acme: ऑर्डर 1042 के लिए ₹2,450 का भुगतान अनुरोध। भुगतान: " + address},
	} {
		f := facts()
		f.Merchant, f.Description, f.Reference = c.merchant, c.description, c.reference
		got := Pick(c.tag).Message(paylink.ChannelSMS, f).Text
		if c.want == "" {
			places := gsm.Count(got).Units
			if !gsmOnly(got) || places > 160 || places < 150 || !strings.HasSuffix(got, ". Pay: "+address) {
				t.Errorf("%s: %q takes %d places", c.name, got, places)
			}
			continue
		}
		if got != c.want {
			t.Errorf("%s:\n%q\nwant\n%q", c.name, got, c.want)
		}
		if gsmOnly(got) == c.unicode {
			t.Errorf("%s: GSM-7 %v, want %v", c.name, c.unicode, !c.unicode)
		}
		if !fits(got) {
			t.Errorf("%s: %q takes more parts than it should", c.name, got)
		}
	}
}

// A customer's or a merchant's words must not become markup, a header or a second line.
func TestOtherPeoplesWordsStayWordsInAnEmail(t *testing.T) {
	f := facts()
	f.Merchant = "Ac\r\nBcc: all@example.com\x00me<b>"
	f.Description = `"><script>alert(1)</script>` + "\u202e"
	f.URL = "https://acme.in/a?b=1&c=2"
	mail := Pick("en").Message(paylink.ChannelEmail, f)
	if want := "Payment request from Ac Bcc: all@example.com me<b>: ₹2,450.00"; mail.Subject != want {
		t.Errorf("subject %q, want %q", mail.Subject, want)
	}
	for _, bad := range []string{"<script", "<b>", "\u202e", "\r"} {
		if strings.Contains(mail.HTML, bad) {
			t.Errorf("the e-mail holds %q", bad)
		}
	}
	if !strings.Contains(mail.HTML, `href="https://acme.in/a?b=1&amp;c=2"`) {
		t.Errorf("the e-mail's button does not open the link: %s", mail.HTML)
	}
	if strings.Contains(mail.HTML, "⟦") || strings.Contains(mail.Text, "⟦") {
		t.Error("a text is missing")
	}
}

// Control and direction characters can hide or turn what follows; joiners are part of Hindi.
func TestPlainKeepsOneReadableLine(t *testing.T) {
	for _, c := range []struct {
		in    string
		limit int
		want  string
	}{
		{"  Acme \n\t Retail  ", 20, "Acme Retail"},
		{"a\u202eb\u200bc\u2066d\ufeff", 20, "abcd"},
		{"क्\u200dष", 20, "क्\u200dष"},
		{"\xff\xfeok", 20, "ok"},
		{"abcdef", 6, "abcdef"},
		{"abcdefg", 6, "abcde…"},
		{"abcde fgh", 6, "abcde…"},
		{"", 5, ""},
		{"abc", 0, ""},
	} {
		if got := Plain(c.in, c.limit); got != c.want {
			t.Errorf("Plain(%q, %d) = %q, want %q", c.in, c.limit, got, c.want)
		}
	}
}

// What a stranger puts into a name must never make Plain answer more than one short line.
func FuzzPlain(f *testing.F) {
	f.Add("Acme \u202e Retail\n", 8)
	f.Fuzz(func(t *testing.T, s string, limit int) {
		limit &= 0xff
		got := Plain(s, limit)
		if !utf8.ValidString(got) || utf8.RuneCountInString(got) > limit || strings.ContainsAny(got, "\r\n\t\x00\u202e\u2066") {
			t.Errorf("Plain(%q, %d) = %q", s, limit, got)
		}
	})
}

package wording_test

import (
	"slices"
	"strings"
	"testing"

	"paylink"
	"paylink/locale"
	"paylink/wording"
)

// A template that is taken goes to thousands: each mistake that can be seen before is told before.
func TestEachFlawOfATemplateIsFound(t *testing.T) {
	const sms, mail, app, whatsapp = paylink.ChannelSMS, paylink.ChannelEmail, paylink.ChannelInApp, paylink.ChannelWhatsApp
	for _, c := range []struct {
		name, text, subject string
		channel             paylink.Channel
		kind                paylink.TemplateKind
		as                  paylink.RegisteredAs
		want                []string
	}{
		{name: "a good one", channel: sms, text: "{merchant}: Rs {amount} for {subject}. Pay: {url}"},
		{name: "a good e-mail", channel: mail, subject: "From {merchant}", text: "Hello {customer},\n\nplease pay {amount} here: {url}"},
		{name: "a good body for WhatsApp", channel: whatsapp, text: "Hello {customer}, {merchant} asks for {amount} today."},
		{name: "no text", channel: sms, text: " ", want: []string{"required"}},
		{name: "no link", channel: sms, text: "{merchant}: pay {amount}", want: []string{"no_url"}},
		{name: "two links", channel: sms, text: "{url} or {url}", want: []string{"two_urls"}},
		{name: "another link", channel: sms, text: "{url} or https://evil.example", want: []string{"other_url"}},
		{name: "a link in the subject", channel: mail, subject: "{url}", text: "{url}", want: []string{"other_url"}},
		{name: "a link in the body for WhatsApp", channel: whatsapp, text: "Pay at {url} now.", want: []string{"other_url"}},
		{name: "an unknown variable", channel: sms, text: "{nmae} {url}", want: []string{"unknown_variable"}},
		{name: "an expression", channel: sms, text: "{amount|upper} {url}", want: []string{"unknown_variable"}},
		{name: "an open brace", channel: sms, text: "{amount {url}", want: []string{"open_brace"}},
		{name: "a subject where there is none", channel: sms, subject: "x", text: "{url}", want: []string{"no_subject"}},
		{name: "a subject of two lines", channel: app, subject: "a\r\nBcc: x", text: "{url}", want: []string{"bad_characters", "bad_characters"}},
		{name: "a hidden character", channel: sms, text: "pay\u202e {url}", want: []string{"bad_characters"}},
		{name: "urgency", channel: sms, text: "URGENT: pay {url}", want: []string{"urgency"}},
		{name: "urgency in Hindi", channel: sms, text: "तुरंत भुगतान करें {url}", want: []string{"urgency"}},
		{name: "a word that only ends like one", channel: sms, text: "insurgents {url}", want: nil},
		{name: "the due date of what has none", channel: sms, text: "{due} {url}", want: []string{"wrong_kind"}},
		{name: "the due date of what is overdue", channel: sms, kind: paylink.TemplateOverdue, text: "{due} {url}"},
		{name: "a receipt without a link", channel: sms, kind: paylink.TemplateReceipt, text: "{merchant}: {amount} received, number {payment}"},
		{name: "the payment of what is not paid", channel: sms, text: "{payment} {url}", want: []string{"wrong_kind"}},
		{name: "a code", channel: sms, kind: paylink.TemplateCode, text: "{code} is your code for {merchant}"},
		{name: "a code that tells the amount", channel: sms, kind: paylink.TemplateCode, text: "{code} for {amount}", want: []string{"wrong_kind"}},
		{name: "a code beside its link", channel: mail, kind: paylink.TemplateCode, text: "{code} at {url}", want: []string{"other_url"}},
		{name: "a code that is missing", channel: sms, kind: paylink.TemplateCode, text: "{merchant}", want: []string{"no_code"}},
		{name: "a code in the app", channel: app, kind: paylink.TemplateCode, text: "{code}", want: []string{"wrong_channel"}},
		{name: "a code in a request", channel: sms, text: "{code} {url}", want: []string{"wrong_kind"}},
		{name: "first and last on WhatsApp", channel: whatsapp, text: "{merchant} asks for {amount}", want: []string{"variable_place"}},
		{name: "side by side on WhatsApp", channel: whatsapp, text: "Pay {amount} {subject} please", want: []string{"variable_place"}},
		{name: "too long", channel: sms, text: strings.Repeat("x", 1001) + "{url}", want: []string{"too_long", "too_many_segments"}},
		{name: "more segments than six in Hindi", channel: sms, text: strings.Repeat("भुगतान ", 70) + "{url}", want: []string{"too_many_segments"}},
		{name: "a registered place that nobody fills", channel: sms, text: "{url}", as: paylink.RegisteredAs{Variables: []string{"name"}}, want: []string{"unknown_variable"}},
	} {
		if c.kind == "" {
			c.kind = paylink.TemplateRequest
		}
		var got []string
		for _, f := range wording.Check(paylink.MessageTemplate{Channel: c.channel, Kind: c.kind, Text: c.text, Subject: c.subject, As: c.as}) {
			got = append(got, f.Code)
			if f.Detail == "" || f.Field == "" {
				t.Errorf("%s: %q says nothing", c.name, f.Code)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// The words of this house must keep the rules that it sets for others, in every language.
func TestOurOwnWordsDoNotPress(t *testing.T) {
	facts := locale.MessageFacts{Merchant: "Acme", Amount: paylink.Money{Minor: 245000, Currency: "INR"}, Description: "order 1042", URL: "https://acme.in/x"}
	for _, l := range locale.Languages() {
		for _, kind := range []locale.MessageKind{locale.KindRequest, locale.KindReminder, locale.KindExpiring, locale.KindOverdue, locale.KindReceipt, locale.KindRefund} {
			for _, channel := range paylink.Channels {
				facts.Kind = kind
				text := l.Message(channel, facts)
				if word := wording.Pressing(text.Subject + " " + text.Text); word != "" {
					t.Errorf("%s %s by %s presses with %q: %s", l.Tag, kind, channel, word, text.Text)
				}
			}
		}
	}
}

// A value is a stranger's text: it must not become a place, nor swallow one.
func TestValuesAreFilledOnce(t *testing.T) {
	got := wording.Fill("{merchant} asks {customer} for {amount}. {nobody}", map[string]string{"merchant": "{amount}", "customer": "}{", "amount": "$1"})
	if want := "{amount} asks }{ for $1. {nobody}"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	tmpl := paylink.MessageTemplate{Text: "{customer} {url}", Subject: "{amount}"}
	if got := wording.Lacks(tmpl, map[string]string{"url": "x", "amount": "y"}); got != "customer" {
		t.Errorf("lacks %q", got)
	}
	if got := wording.Lacks(tmpl, map[string]string{"url": "x", "amount": "y", "customer": "z"}); got != "" {
		t.Errorf("lacks %q", got)
	}
}

// Whatever a merchant pastes, looking at it ends.
func FuzzCheck(f *testing.F) {
	f.Add("{merchant}: {amount} {url}", "x")
	f.Fuzz(func(t *testing.T, text, subject string) {
		for _, c := range paylink.Channels {
			wording.Check(paylink.MessageTemplate{Channel: c, Kind: paylink.TemplateRequest, Text: text, Subject: subject})
		}
		wording.Fill(text, map[string]string{"url": subject})
	})
}

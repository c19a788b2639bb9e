package smpp

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"paylink"
	"paylink/channel"
	"paylink/gsm"
	"paylink/provider"
)

// A long text arrives cut, doubled or as question marks, or the answers to its segments cannot be told
// apart because they share one sequence number.
func TestLongTextsArriveWhole(t *testing.T) {
	far := startSMSC(t)
	a := far.account()
	d := listen(t, a)
	for name, text := range map[string]string{
		"a full message":             strings.Repeat("a", 160),
		"three segments":             strings.Repeat("Pay Rs 2,450 now. ", 20),
		"an extension on the seam":   strings.Repeat("a", 152) + "€" + strings.Repeat("[b]", 60),
		"Hindi":                      strings.Repeat("भुगतान करें ₹2,450 ", 9),
		"emoji on the seam":          strings.Repeat("अ", 66) + "🍵🍵" + strings.Repeat("ब", 70),
		"a text of the longest kind": strings.Repeat("0123456789", 150),
	} {
		before := len(far.submits())
		l := letter(text)
		l.Until = time.Now().Add(time.Hour)
		sent, err := d.Send(t.Context(), a, l)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		size, got, seen := gsm.Count(text), far.submits()[before:], map[int]bool{}
		ids := strings.Split(sent.Reference, ",")
		if int(sent.Segments) != size.Segments || len(got) != size.Segments || len(ids) != size.Segments {
			t.Errorf("%s: %d segments sent, %d arrived, %d ids; want %d", name, sent.Segments, len(got), len(ids), size.Segments)
			continue
		}
		joined := ""
		for i, s := range got {
			joined += s.Text
			want := submit{
				Ref: got[0].Ref, Total: len(got), At: i + 1, Sequence: s.Sequence, ID: ids[i], Text: s.Text, Validity: s.Validity,
				From: "ACMEIN", FromTon: 5, To: "919812345642", ToTon: 1, ToNpi: 1, Registered: 1, Options: s.Options,
			}
			if len(got) > 1 {
				want.ESM = 0x40
			}
			if size.Encoding == gsm.UCS2 {
				want.Coding = 8
			}
			if s.Options, want.Options = nil, nil; !same(s, want) {
				t.Errorf("%s: segment %d arrived as\n%+v\nwant\n%+v", name, i+1, s, want)
			}
			if until, err := time.Parse(time.RFC3339, s.Validity); err != nil || until.Sub(l.Until).Abs() > time.Second {
				t.Errorf("%s: it may be delivered until %q, want %v", name, s.Validity, l.Until)
			}
			if seen[s.Sequence] {
				t.Errorf("%s: the sequence number %d came twice", name, s.Sequence)
			}
			seen[s.Sequence] = true
		}
		if joined != text {
			t.Errorf("%s: arrived as %q", name, joined)
		}
	}
	if _, err := d.Send(t.Context(), a, letter(strings.Repeat("a", 153*255+1))); rejection(t, err).Code != "too_long" {
		t.Errorf("a text of 256 segments: %v", err)
	}
}

func same(a, b submit) bool {
	a.Options, b.Options = nil, nil
	return a.Ref == b.Ref && a.Total == b.Total && a.At == b.At && a.From == b.From && a.To == b.To && a.ID == b.ID &&
		[8]byte{a.FromTon, a.FromNpi, a.ToTon, a.ToNpi, a.ESM, a.Coding, a.Registered, byte(a.Status)} ==
			[8]byte{b.FromTon, b.FromNpi, b.ToTon, b.ToNpi, b.ESM, b.Coding, b.Registered, byte(b.Status)}
}

// rejection is the error as the port's type; nothing in it when it is another.
func rejection(t *testing.T, err error) channel.Rejected {
	t.Helper()
	var no *channel.Rejected
	if !errors.As(err, &no) {
		t.Errorf("%v; want it rejected", err)
		return channel.Rejected{}
	}
	return *no
}

// India's operators drop what lacks its registration, and each wants it in tags of its own.
func TestRegistrationsTravelInTheOperatorsTags(t *testing.T) {
	far := startSMSC(t)
	template := &channel.Template{Entity: "1101", Name: "1107", Header: "ACMEHD"}
	for name, c := range map[string]struct {
		fields map[string]string
		want   map[string]string
	}{
		"as most":             {nil, map[string]string{"1400": "3131303100", "1401": "3131303700"}},
		"with a chain":        {map[string]string{"dlt_chain": "ab"}, map[string]string{"1400": "3131303100", "1401": "3131303700", "1402": "616200"}},
		"other tags":          {map[string]string{"dlt_entity_tag": "0x1500", "dlt_template_tag": "0x15ff"}, map[string]string{"1500": "3131303100", "15ff": "3131303700"}},
		"octets, no entity":   {map[string]string{"dlt_entity_tag": "none", "dlt_kind": "octets"}, map[string]string{"1401": "31313037"}},
		"another chain's tag": {map[string]string{"dlt_chain": "ab", "dlt_chain_tag": "0x1406", "dlt_kind": "octets"}, map[string]string{"1400": "31313031", "1401": "31313037", "1406": "6162"}},
	} {
		t.Run(name, func(t *testing.T) {
			a := far.account()
			for field, value := range c.fields {
				a.Fields[field] = value
			}
			d := listen(t, a)
			l := letter("Pay")
			l.Template = template
			if _, err := d.Send(t.Context(), a, l); err != nil {
				t.Fatal(err)
			}
			all := far.submits()
			got := all[len(all)-1]
			if got.From != "ACMEHD" {
				t.Errorf("it comes from %q, not from the registered header", got.From)
			}
			if len(got.Options) != len(c.want) {
				t.Errorf("TLVs %v, want %v", got.Options, c.want)
			}
			for tag, value := range c.want {
				if got.Options[tag] != value {
					t.Errorf("TLV 0x%s is %q, want %q", tag, got.Options[tag], value)
				}
			}
		})
	}
}

// A number is announced as a name, and no operator in the country delivers it.
func TestSendersHaveTheirType(t *testing.T) {
	for text, want := range map[string]address{
		"ACMEIN": {5, 0, "ACMEIN"}, "Acme Retail Stores": {5, 0, "Acme Retail"}, "+15005550006": {1, 1, "15005550006"},
		"15005550006": {1, 1, "15005550006"}, "56161": {3, 0, "56161"}, "आशा Acme": {5, 0, "Acme"}, "Acme 24": {5, 0, "Acme 24"},
	} {
		if got := (settings{}).source(channel.Letter{Sender: text}); got != want {
			t.Errorf("%q is sent as %+v, want %+v", text, got, want)
		}
	}
}

// An operator asks for patience in the middle of a text: giving up would leave half of it on the phone.
func TestBusyOperatorGetsTheRestLater(t *testing.T) {
	far := startSMSC(t)
	a := far.account()
	d := listen(t, a)
	long := strings.Repeat("Pay Rs 2,450 now. ", 20)

	far.behave(map[string]any{"busy": 1})
	_, err := d.Send(t.Context(), a, letter(long))
	if no := rejection(t, err); no.Reason != provider.Throttled || !no.Temporary || no.After != time.Second || no.Code != "ESME_RTHROTTLED" {
		t.Errorf("throttled at the first segment: %+v", no)
	}
	far.behave(map[string]any{"busy": 1, "busyFrom": 2})
	before := len(far.submits())
	if sent, err := d.Send(t.Context(), a, letter(long)); err != nil || sent.Segments != 3 || len(far.submits())-before != 4 {
		t.Errorf("throttled at the second segment: %+v, %v, %d submits", sent, err, len(far.submits())-before)
	}
	far.behave(map[string]any{"busy": 9, "busyFrom": 2})
	before = len(far.submits())
	ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
	defer cancel()
	if _, err = d.Send(ctx, a, letter(long)); !rejection(t, err).Temporary {
		t.Errorf("throttled for longer than there was time: %v", err)
	}
	if got := len(far.submits()) - before; got > 3 {
		t.Errorf("%d submits, want the first segment and two tries", got)
	}
}

// Operators' refusals decide whether another provider is tried, and whether the customer is written to at
// all again.
func TestRefusalsHaveTheirReason(t *testing.T) {
	for status, want := range map[uint32]struct {
		reason    provider.Reason
		temporary bool
	}{
		0x58: {provider.Throttled, true}, 0x14: {provider.Throttled, true}, 0x08: {provider.ProviderDown, true},
		0x0b: {provider.InvalidAddress, false}, 0x0d: {provider.BadCredentials, false}, 0x0e: {provider.BadCredentials, false},
		0x0a: {provider.BadRequest, false}, 0x400: {provider.Blocked, false}, 0x4ff: {provider.Blocked, false}, 0x500: {provider.BadRequest, false},
	} {
		got := rejected(status, false, "blocked for 919812345642 by DND")
		if got.Reason != want.reason || got.Temporary != want.temporary || provider.SafeCode(got.Code, "") != got.Code || strings.Contains(got.Words, "9198") {
			t.Errorf("0x%x: %+v, want %+v", status, *got, want)
		}
		if templated := rejected(status, true, ""); status >= 0x400 && status <= 0x4ff && templated.Reason != provider.BadTemplate {
			t.Errorf("0x%x of a registered template: %s", status, templated.Reason)
		}
	}
}

// What can be seen to fail before anything is sent costs nothing and says why.
func TestLettersThatCannotBeSent(t *testing.T) {
	d := newSender(t)
	good := channel.Account{ID: "acct_01kaa", BaseURL: "smpp://smsc.example", Secret: "s", Fields: map[string]string{"system_id": "x"}}
	for _, to := range []string{"", "+", "98123", "+91abc", "+9198123456421234567", "asha@example.com", "+९१९८१२३४५६४२"} {
		l := letter("Pay")
		l.To = to
		if _, err := d.Send(t.Context(), good, l); rejection(t, err).Reason != provider.InvalidAddress {
			t.Errorf("to %q: %v", to, err)
		}
	}
	for name, spoil := range map[string]func(*channel.Account){
		"no address":          func(a *channel.Account) { a.BaseURL = "" },
		"an HTTP address":     func(a *channel.Account) { a.BaseURL = "https://smsc.example" },
		"a path":              func(a *channel.Account) { a.BaseURL = "smpp://smsc.example/x" },
		"a password in it":    func(a *channel.Account) { a.BaseURL = "smpp://a:b@smsc.example" },
		"no system id":        func(a *channel.Account) { a.Fields = nil },
		"no password":         func(a *channel.Account) { a.Secret = "" },
		"a NUL in it":         func(a *channel.Account) { a.Secret = "a\x00b" },
		"a window of 0":       func(a *channel.Account) { a.Fields = map[string]string{"system_id": "x", "window": "0"} },
		"a tag of words":      func(a *channel.Account) { a.Fields = map[string]string{"system_id": "x", "dlt_entity_tag": "pe"} },
		"a zone of words":     func(a *channel.Account) { a.Fields = map[string]string{"system_id": "x", "utc_offset": "IST"} },
		"a tag of six digits": func(a *channel.Account) { a.Fields = map[string]string{"system_id": "x", "dlt_chain_tag": "0x140000"} },
	} {
		a := good
		spoil(&a)
		if _, err := d.Send(t.Context(), a, letter("Pay")); rejection(t, err).Reason != provider.BadCredentials {
			t.Errorf("an account with %s: %v", name, err)
		}
		if err := d.Test(t.Context(), a); rejection(t, err).Reason != provider.BadCredentials {
			t.Errorf("a test of an account with %s: %v", name, err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	var broken *channel.Broken
	if _, err := d.Send(ctx, good, letter("Pay")); !errors.As(err, &broken) || broken.When != channel.NotSent {
		t.Errorf("without anybody who keeps the connection: %v, want not sent", err)
	}
	if paylink.ChannelSMS != d.Capabilities().Channels[0] {
		t.Error("it carries something else")
	}
}

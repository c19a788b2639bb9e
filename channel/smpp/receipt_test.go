package smpp

import (
	"bufio"
	"bytes"
	"maps"
	"strings"
	"testing"
	"time"

	"paylink"
	"paylink/channel"
	"paylink/provider"
)

// Receipts as the standard's appendix B and operators write them; a misread one tells a merchant that a
// customer has what he never got.
func TestReceiptsAreReadInEveryForm(t *testing.T) {
	text := func(s string) short { return short{esm: esmReceipt, text: []byte(s)} }
	with := func(m short, tag uint16, value string) short {
		m.options = append(m.options, tlv{tag, []byte(value)})
		return m
	}
	for name, c := range map[string]struct {
		in   short
		want told
	}{
		"appendix B": {
			text("id:1234567890 sub:001 dlvrd:001 submit date:2611231200 done date:2611231201 stat:DELIVRD err:000 Text:Pay now"),
			told{id: "1234567890", status: paylink.MessageDelivered, done: "2611231201"}},
		"in capitals, with seconds, without a text": {
			text("ID:7a SUB:1 DLVRD:0 SUBMIT DATE:261123120000 DONE DATE:261123120130 STAT:undeliv ERR:27"),
			told{id: "7a", status: paylink.MessageFailed, code: "UNDELIV.27", reason: provider.Unreachable, done: "261123120130"}},
		"another order, with words of the operator's own": {
			text("mcc:404 stat:EXPIRED id:9 net:airtel err: text:id:8 stat:DELIVRD"),
			told{id: "9", status: paylink.MessageFailed, code: "EXPIRED", reason: provider.Expired}},
		"NULs at its end":  {text("id:9 stat:ACCEPTD\x00\x00"), told{id: "9", status: paylink.MessageSent}},
		"on its way":       {text("id:9 stat:ENROUTE"), told{id: "9", status: paylink.MessageSent}},
		"forgotten":        {text("id:9 stat:UNKNOWN err:000"), told{id: "9", status: paylink.MessageSent}},
		"deleted":          {text("id:9 stat:DELETED"), told{id: "9", status: paylink.MessageBlocked, code: "DELETED", reason: provider.Blocked}},
		"in UCS-2":         {short{coding: codingUCS2, text: []byte("\x00i\x00d\x00:\x009\x00 \x00s\x00t\x00a\x00t\x00:\x00D\x00E\x00L\x00I\x00V\x00R\x00D")}, told{id: "9", status: paylink.MessageDelivered}},
		"an odd code":      {text("id:9 stat:REJECTD err:+919812345642"), told{id: "9", status: paylink.MessageBlocked, code: "REJECTD", reason: provider.Blocked}},
		"TLVs alone":       {with(with(short{}, tagReceiptedID, "9\x00"), tagMessageState, "\x02"), told{id: "9", status: paylink.MessageDelivered}},
		"TLVs against it":  {with(with(text("id:0 stat:DELIVRD"), tagReceiptedID, "9"), tagMessageState, "\x08"), told{id: "9", status: paylink.MessageBlocked, code: "REJECTD", reason: provider.Blocked}},
		"no such number":   {with(text("id:9 stat:UNDELIV"), tagFailureReason, "\x01"), told{id: "9", status: paylink.MessageFailed, code: "UNDELIV", reason: provider.InvalidAddress}},
		"a network's code": {with(text("id:9 stat:UNDELIV"), tagNetworkError, "\x03\x00\x1b"), told{id: "9", status: paylink.MessageFailed, code: "UNDELIV.3.27", reason: provider.Unreachable}},
	} {
		if got, err := parseReceipt(c.in); err != nil || got != c.want {
			t.Errorf("%s: %+v, %v; want %+v", name, got, err, c.want)
		}
		if code := c.want.code; provider.SafeCode(code, "") != code {
			t.Errorf("%s: the code %q cannot be logged", name, code)
		}
	}
	for name, in := range map[string]short{
		"nothing": text(""), "no id": text("stat:DELIVRD"), "no state": text("id:9"), "another state": text("id:9 stat:OK"),
		"two ids": text("id:9 id:8 stat:DELIVRD"), "ids in one": text("id:9,8 stat:DELIVRD"), "an id without end": text("id:" + strings.Repeat("9", 66) + " stat:DELIVRD"),
		"a blank id in a TLV": with(text("stat:DELIVRD"), tagReceiptedID, " \x00"), "a state that is none": with(text("id:9"), tagMessageState, "\x63"),
	} {
		if got, err := parseReceipt(in); err == nil {
			t.Errorf("%s is read as %+v", name, got)
		}
	}
}

// A clock of the operator's own, in its own zone, dates a delivery hours before or after it was.
func TestReceiptsAreDatedByTheOperatorsZone(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	india := time.FixedZone("", 5*3600+1800)
	for done, want := range map[string]string{
		"2611231700": "11:30:00", "261123170059": "11:30:59", "20261123170059": "11:30:59", "202611231700": "11:30:00",
		"2611231800": "12:00:00" /* later than now */, "": "12:00:00", "yesterday": "12:00:00", "2613010000": "12:00:00", "26112317": "12:00:00",
	} {
		if got := doneAt(done, india, now); got.Format(time.TimeOnly) != want || got.Location() != time.UTC {
			t.Errorf("%q is %v, want %s", done, got, want)
		}
	}
}

// One segment of three is lost, or told in another order, or twice.
func TestSegmentsMakeOneMessage(t *testing.T) {
	sent, delivered, failed := told{status: paylink.MessageSent}, told{status: paylink.MessageDelivered}, told{status: paylink.MessageFailed, code: "EXPIRED", reason: provider.Expired}
	for name, c := range map[string]struct {
		told []told // of the segments "1" to "3", by turns
		want []told
	}{
		"all":                    {[]told{delivered, delivered, delivered}, []told{sent, sent, delivered}},
		"the first is lost":      {[]told{failed, delivered, delivered}, []told{failed, failed, failed}},
		"the last is lost":       {[]told{delivered, delivered, failed}, []told{sent, sent, failed}},
		"lost, but not for good": {[]told{failed, delivered, delivered, delivered}, []told{failed, failed, failed, delivered}},
		"twice":                  {[]told{delivered, delivered, {}, delivered}, []told{sent, sent, sent, sent}},
		"late news":              {[]told{delivered, delivered, delivered, sent}, []told{sent, sent, delivered, delivered}},
	} {
		l := newLedger()
		l.add(&posted{message: "msg_1", to: "919812345642", ids: []string{"1", "2", "3"}})
		for i, one := range c.told {
			if one.status == "" {
				continue
			}
			one.id = string("1231"[i])
			got := l.receive(t.Context(), "", one, "919812345642")
			want := outcome{"msg_1", "1,2,3", 3, int("1231"[i] - '0'), c.want[i]}
			if got.told.id, got.told.done = "", ""; got != want {
				t.Errorf("%s: after %d: %+v, want %+v", name, i+1, got, want)
			}
		}
	}
}

// "16" in decimal is "10" in hex, and both are ids of messages: the number tells which one is meant.
func TestIdsInTwoFormsAreToldApartByTheNumber(t *testing.T) {
	l := newLedger()
	l.add(&posted{message: "msg_a", to: "919812345642", ids: []string{"10"}})
	l.add(&posted{message: "msg_b", to: "919812345643", ids: []string{"16"}})
	l.add(&posted{message: "msg_c", to: "919812345644", ids: []string{"00000000000000FF"}})
	for _, c := range []struct {
		form, id, from string
		want           paylink.MessageID
	}{
		{"", "16", "919812345642", "msg_a"}, {"", "16", "919812345643", "msg_b"}, {"", "16", "+09812345643", "msg_b"}, {"", "16", "", "msg_b"},
		{"", "10", "919812345642", "msg_a"}, {"", "255", "919812345644", "msg_c"}, {"", "ff", "919812345644", "msg_c"}, {"", "16", "919812345699", ""},
		{idsSame, "16", "919812345642", ""}, {idsHexReceipt, "a", "919812345642", "msg_a"}, {idsHexReceipt, "10", "919812345642", ""},
	} {
		t.Run("", func(t *testing.T) {
			if got := l.receive(t.Context(), c.form, told{id: c.id, status: paylink.MessageDelivered}, c.from); got.message != c.want {
				t.Errorf("%q from %q by %q is %q, want %q", c.id, c.from, c.form, got.message, c.want)
			}
		})
	}
}

// A ledger that only grows ends the process; what it forgets leaves nothing behind.
func TestLedgersForgetTheOldest(t *testing.T) {
	l := newLedger()
	for i := range maxSegments + 10 {
		l.add(&posted{message: "msg_1", to: "919812345642", ids: []string{strings.Repeat("0", 1+i%2) + string(rune('a'+i%6)), "7"}})
	}
	if l.count > maxSegments || len(l.order) > maxSegments/2 {
		t.Errorf("%d segments of %d letters are kept", l.count, len(l.order))
	}
	for len(l.order) > 0 {
		l.drop()
	}
	if len(l.byKey) > 0 || l.count != 0 {
		t.Errorf("forgotten letters left %d keys and a count of %d", len(l.byKey), l.count)
	}
}

// The text of a receipt comes from the operator's network, and holds a piece of what a merchant wrote.
func FuzzReceipt(f *testing.F) {
	f.Add("id:1 sub:001 dlvrd:001 submit date:2611231200 done date:2611231201 stat:DELIVRD err:000 text:x", []byte{}, byte(0))
	f.Add("id: stat: err:", []byte("7\x00"), byte(2))
	f.Fuzz(func(t *testing.T, text string, id []byte, state byte) {
		m := short{esm: esmReceipt, text: []byte(text), options: []tlv{{tagReceiptedID, id}, {tagMessageState, []byte{state}}}}
		got, err := parseReceipt(m)
		if err != nil {
			return
		}
		if !isID(got.id) || rank(got.status) == 0 || (rank(got.status) == 2) != (got.code != "" && got.reason != "") || provider.SafeCode(got.code, "") != got.code {
			t.Errorf("%q is read as %+v", text, got)
		}
		before, _ := parseReceiptText(text)
		if after, err := parseReceiptText(text + " text:id:2 stat:UNDELIV"); err != nil || !maps.Equal(before, after) {
			t.Errorf("%q: what stands after text: changes what it says", text)
		}
	})
}

// Anything can come down the line: it must be read within its bounds, and what is read is what was written.
func FuzzPDU(f *testing.F) {
	m := short{source: address{5, 0, "ACMEIN"}, destination: address{1, 1, "919812345642"}, esm: esmUDH, text: []byte("\x05\x00\x03\x01\x02\x01Pay"), options: []tlv{{0x1400, []byte("1\x00")}}}
	f.Add(pdu{command: submitSM, sequence: 1, body: m.encode()}.bytes())
	f.Add(pdu{command: submitSM | response, sequence: 1, body: []byte("7\x00\x00\x1d\x00\x02no")}.bytes())
	f.Add([]byte("\x00\x00\x00\x10\x80\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x01"))
	f.Fuzz(func(t *testing.T, wire []byte) {
		p, err := readPDU(bufio.NewReader(bytes.NewReader(wire)))
		if err != nil {
			return
		}
		if !bytes.HasPrefix(wire, p.bytes()) {
			t.Errorf("%x is written as %x", wire, p.bytes())
		}
		if id, _ := parseAnswer(p); strings.Contains(id, "\x00") {
			t.Errorf("the id %q has a NUL in it", id)
		}
		m, err := parseShort(p.body)
		if err != nil {
			return
		}
		if _, payload := m.option(tagPayload); !payload && len(m.text) <= 254 && !bytes.HasPrefix(p.body, m.encode()) {
			t.Errorf("%x is written as %x", p.body, m.encode())
		}
		a := channel.Account{ID: "acct_01kaa", Merchant: "mer_01kaa", Secret: "s"}
		fact := factOf(m)
		fact.Account, fact.Received = a.Name(), time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
		post := must[channel.Post](t)(fact.sign(a))
		if news, err := (&Sender{}).Read(a, post); err == nil && len(news.Receipts)+len(news.Replies) != 1 {
			t.Errorf("%x is read as %+v", p.body, news)
		} else if err != nil && strings.Contains(err.Error(), "was not written here") {
			t.Errorf("%x: what was written is not taken for it", p.body)
		}
		_ = m.words()
	})
}

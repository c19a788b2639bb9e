package smpp

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"paylink"
	"paylink/channel"
	"paylink/provider"
)

// Every operator has its own way with receipts; whichever it is, the message they are about is found, also
// when they are quicker than the answer that tells its id.
func TestReceiptsFindTheirMessage(t *testing.T) {
	far := startSMSC(t)
	a := far.account()
	d := listen(t, a)
	long := strings.Repeat("Pay Rs 2,450 now. ", 20)
	for name, how := range map[string]map[string]any{
		"as the standard suggests":      {},
		"before the answer":             {"receipts": "before", "answers": "late"},
		"twice":                         {"twice": true},
		"in hex, answered in decimal":   {"ids": "hex receipt"},
		"in decimal, answered in hex":   {"ids": "hex answer"},
		"before the answer, in decimal": {"receipts": "before", "answers": "late", "ids": "hex answer"},
		"by TLVs":                       {"by": "tlv"},
		"by TLVs, in hex":               {"by": "tlv", "ids": "hex receipt"},
		"by TLVs, without a type":       {"by": "tlv", "bare": true},
		"twice, before the answer":      {"receipts": "before", "answers": "late", "twice": true},
	} {
		far.behave(how)
		for _, text := range []string{"Pay", long} {
			l := letter(text)
			sent, err := d.Send(t.Context(), a, l)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			got := d.receipt(t, a, l.ID, paylink.MessageDelivered)
			want := channel.Receipt{
				Message: l.ID, ProviderReference: sent.Reference, Status: paylink.MessageDelivered, Segments: sent.Segments, At: got.At, Account: a.Name(),
			}
			if several := sent.Segments > 1; several != (got.Part != nil) || several && (got.Part.Number < 1 || got.Part.Number > sent.Segments) {
				t.Errorf("%s: the receipt is about the part %+v of %d", name, got.Part, sent.Segments)
			}
			got.Part = nil
			if got != want || time.Since(got.At) > 2*time.Minute {
				t.Errorf("%s: the receipt is\n%+v\nwant\n%+v", name, got, want)
			}
		}
	}
	eventually(t, "every receipt is acknowledged", func() bool {
		all := far.told().Delivered
		return len(all) > 0 && !slices.ContainsFunc(all, func(status int) bool { return status != 0 })
	})
}

// One segment is lost and the text cannot be read: the message failed, whatever became of the others.
func TestFailuresAreToldWithTheirReason(t *testing.T) {
	far := startSMSC(t)
	a := far.account()
	d := listen(t, a)
	for to, want := range map[string]channel.Receipt{
		"+919812345603": {Status: paylink.MessageFailed, ErrorCode: "UNDELIV.027", Reason: provider.Unreachable},
		"+919812345604": {Status: paylink.MessageBlocked, ErrorCode: "REJECTD.1042", Reason: provider.Blocked},
		"+919812345605": {Status: paylink.MessageFailed, ErrorCode: "EXPIRED", Reason: provider.Expired},
	} {
		l := letter("Pay")
		l.To = to
		sent, err := d.Send(t.Context(), a, l)
		if err != nil {
			t.Fatal(err)
		}
		got := d.receipt(t, a, l.ID, want.Status)
		want.Message, want.ProviderReference, want.Segments, want.At, want.Account = l.ID, sent.Reference, 1, got.At, a.Name()
		if got != want {
			t.Errorf("to …%s: %+v, want %+v", to[10:], got, want)
		}
	}
}

// A process that was started again has no memory of what it sent: the operator's id is enough, in the form
// in which the message has it where the account says how they differ.
func TestReceiptsAfterARestartNameTheReference(t *testing.T) {
	far := startSMSC(t)
	for _, form := range []string{"", idsSame, idsHexAnswer, idsHexReceipt} {
		t.Run(form, func(t *testing.T) {
			a := far.account()
			a.Fields["message_ids"] = form
			far.behave(map[string]any{"receipts": "never", "ids": map[string]string{idsHexAnswer: "hex answer"}[form]})
			d := listen(t, a)
			sent := must[channel.Sent](t)(d.Send(t.Context(), a, letter("Pay")))
			named := sent.Reference
			if form == idsHexReceipt {
				named = fmt.Sprintf("%X", must[int](t)(strconv.Atoi(named)))
			}
			d.ledgers[a.ID].drop()
			var status int
			far.ask("/receipt", map[string]string{"from": "919812345642", "text": "id:" + named + " stat:DELIVRD"}, &status)
			if got := d.receipt(t, a, "", paylink.MessageDelivered); got.ProviderReference != sent.Reference || status != 0 {
				t.Errorf("the receipt names %q, answered 0x%x; want %q", got.ProviderReference, status, sent.Reference)
			}
		})
	}
}

// The database was away for a moment: an acknowledged receipt would be lost for good.
func TestNothingIsAcknowledgedBeforeItIsKept(t *testing.T) {
	far := startSMSC(t)
	a := far.account()
	d := listen(t, a)
	l := letter("Pay")
	sent := must[channel.Sent](t)(d.Send(t.Context(), a, l))
	d.receipt(t, a, l.ID, paylink.MessageDelivered)
	d.fail <- errors.New("busy")
	deliver := func() (status int) {
		far.ask("/receipt", map[string]string{"from": "919812345642", "text": "id:" + sent.Reference + " stat:DELIVRD"}, &status)
		return status
	}
	if got := deliver(); got != int(statusRetry) {
		t.Errorf("a receipt that was not kept is answered with 0x%x, want 0x64", got)
	}
	if got := deliver(); got != 0 {
		t.Errorf("the same again is answered with 0x%x", got)
	}
	d.receipt(t, a, l.ID, paylink.MessageDelivered)
}

// What nobody can read is kept too, and put aside by whoever reads it; the operator need not send it again.
func TestUnreadableReceiptsAreKept(t *testing.T) {
	far := startSMSC(t)
	a := far.account()
	d := listen(t, a)
	l := letter("Pay")
	must[channel.Sent](t)(d.Send(t.Context(), a, l))
	d.receipt(t, a, l.ID, paylink.MessageDelivered)
	var status int
	far.ask("/receipt", map[string]string{"from": "919812345642", "text": "your message has arrived"}, &status)
	post := d.far.Next(t, anyPost)
	if _, err := d.Read(a, channel.Post(post)); err == nil || status != 0 {
		t.Errorf("a receipt without a state is read, or answered with 0x%x: %v", status, err)
	}
	if err := d.Verify(a, channel.Post(post), time.Now()); err != nil {
		t.Errorf("and is not believed: %v", err)
	}
}

// A customer writes STOP: it must reach us, in whatever alphabet the phone has.
func TestRepliesAreRead(t *testing.T) {
	far := startSMSC(t)
	a := far.account()
	d := listen(t, a)
	must[channel.Sent](t)(d.Send(t.Context(), a, letter("Pay")))
	for _, c := range []struct {
		text   string
		coding int
	}{{"STOP", 0}, {"Stop [it] €", 0}, {"STOP é", 3}, {"रुको 🍵", 8}} {
		var status int
		far.ask("/write", map[string]any{"from": "919812345642", "text": c.text, "coding": c.coding}, &status)
		news := d.next(t, a, func(n channel.News) bool { return len(n.Replies) > 0 })
		want := channel.Reply{Channel: paylink.ChannelSMS, From: "+919812345642", Text: c.text, At: news.Replies[0].At}
		if len(news.Receipts) > 0 || len(news.Replies) != 1 || news.Replies[0] != want || status != 0 {
			t.Errorf("%q came as %+v, answered 0x%x", c.text, news, status)
		}
	}
}

// An answer comes after its time: the message whose fate was unknown was taken after all, and its receipts
// find it.
func TestLateAnswersAreTold(t *testing.T) {
	far := startSMSC(t)
	a := far.account()
	d := listen(t, a)
	far.behave(map[string]any{"answers": "late", "receipts": "never"})
	l := letter("Pay")
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	var broken *channel.Broken
	if _, err := d.Send(ctx, a, l); !errors.As(err, &broken) || broken.When != channel.Unknown {
		t.Fatalf("an answer that is late: %v, want unknown", err)
	}
	got := d.receipt(t, a, l.ID, paylink.MessageSent)
	id := far.submits()[0].ID
	if got.Message != l.ID || got.ProviderReference != id {
		t.Errorf("the late answer says %+v, want %s for %s", got, id, l.ID)
	}
	far.ask("/receipt", map[string]string{"from": "919812345642", "text": "id:" + id + " stat:DELIVRD"}, nil)
	if got := d.receipt(t, a, l.ID, paylink.MessageDelivered); got.Message != l.ID {
		t.Errorf("the receipt after it is about %q", got.Message)
	}
}

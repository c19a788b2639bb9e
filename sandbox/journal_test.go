package sandbox

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"
)

// remembered is the part of a world that a restart must not change.
func remembered(s *Sandbox) any {
	var orders []order
	for _, o := range s.world.orders {
		orders = append(orders, *o)
	}
	var messages []message
	for _, m := range s.world.messages {
		messages = append(messages, *m)
	}
	letters := map[string]letter{}
	for id, l := range s.world.letters {
		letters[id] = *l
	}
	return []any{orders, messages, letters}
}

// fill makes one of everything.
func fill(t *testing.T, s *Sandbox) {
	t.Helper()
	s.press(s.start(t, "card"), "number=4000000000003220&expiry=01/40&code=123&name=Asha")
	s.call(t, account, "POST", "/sandbox/carrier/sms/messages", aMessage("msg_1", "+919812345604"))
	s.call(t, account, "POST", "/sandbox/carrier/email/messages", aMessage("msg_2", "asha@shop.example"))
	other := anOrder("upi")
	other["reference"] = "B" + reference[1:]
	s.call(t, account, "POST", "/sandbox/gateway/orders", other)
	s.press("/sandbox/upi/"+s.world.orders[1].Page, "outcome=duplicate")
}

// A demo is stopped and started again; links that were sent before must still be payable after, and
// letters that were not taken must still come.
func TestRestartRemembers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sandbox.ndjson")
	before := open(t, Config{Journal: path})
	fill(t, before)
	want := remembered(before)
	if err := before.Close(); err != nil {
		t.Fatal(err)
	}
	after := open(t, Config{Journal: path})
	if got := remembered(after); !reflect.DeepEqual(got, want) {
		t.Errorf("\n got %+v\nwant %+v", got, want)
	}
	if got, want := after.outbox.Len(), len(before.world.letters); got != want || want != 3 {
		t.Errorf("%d letters on the agenda, want %d", got, want)
	}
	if after.acts.Len() != 2 {
		t.Errorf("%d messages wait for their fate, want 2", after.acts.Len())
	}
	if w := after.call(t, account, "POST", "/sandbox/gateway/orders", anOrder("card")); w.Code != 200 {
		t.Errorf("the order was forgotten: answered %d", w.Code)
	}
}

// A journal that only grew would fill the disk of a demo that runs for months.
func TestRestartKeepsOneLineForEachThing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sandbox.ndjson")
	s := open(t, Config{Journal: path})
	fill(t, s)
	s.Close()
	open(t, Config{Journal: path}).Close()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := bytes.Count(raw, []byte("\n")); got != 2+2+3 {
		t.Errorf("%d lines for 2 orders, 2 messages and 3 letters", got)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v: the journal holds links and addresses", info.Mode(), err)
	}
}

// A demo that is never stopped must not fill the disk either; what is written after the journal was
// shortened must be in the new file, not in the one that has no name any more.
func TestLongRunShortensItsJournal(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sandbox.ndjson")
	s := open(t, Config{Journal: path})
	s.lines = compactAfter - 3
	fill(t, s)
	if s.lines >= compactAfter-3 {
		t.Errorf("%d lines were written", s.lines)
	}
	want := remembered(s)
	s.Close()
	if got := remembered(open(t, Config{Journal: path})); !reflect.DeepEqual(got, want) {
		t.Errorf("\n got %+v\nwant %+v", got, want)
	}
}

// A crash tears the last line; that must not cost the rest, nor the next start. A file that is no
// journal must not be overwritten.
func TestTornJournalIsReadAndForeignFileIsLeftAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sandbox.ndjson")
	s := open(t, Config{Journal: path})
	fill(t, s)
	want := remembered(s)
	s.Close()
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	f.WriteString(`{"order":{"ID":"sbx_ord_to`)
	f.Close()
	again := open(t, Config{Journal: path})
	if got := remembered(again); !reflect.DeepEqual(got, want) {
		t.Errorf("\n got %+v\nwant %+v", got, want)
	}

	foreign := filepath.Join(t.TempDir(), "letter.txt")
	os.WriteFile(foreign, []byte("Dear Asha,\n"), 0o600)
	if _, err := New(Config{Master: master, URL: "http://bank.test/sandbox", Now: time.Now, Journal: foreign}); err == nil {
		t.Error("took a letter for a journal")
	}
	if raw, _ := os.ReadFile(foreign); string(raw) != "Dear Asha,\n" {
		t.Errorf("the letter is now %q", raw)
	}
}

// A late success that was promised before a restart comes after it.
func TestLateSuccessSurvivesARestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sandbox.ndjson")
	inVirtualTime(t, Config{Journal: path, LateAfter: time.Minute}, func(t *testing.T, s *Sandbox, in *inbox) {
		s.press(s.start(t, "upi"), "app=test_late")
		settleFor(time.Second)
	})
	inVirtualTime(t, Config{Journal: path}, func(t *testing.T, s *Sandbox, in *inbox) {
		settleFor(time.Hour)
		if got := in.words(t); len(got) != 1 || got[0].Type != "payment.captured" {
			t.Errorf("told %+v", got)
		}
	})
}

// The oldest is forgotten first, everywhere at once: a memory that grew would end the demo, and a
// page of a forgotten order would be a way into nothing.
func TestWorldIsBounded(t *testing.T) {
	w := newWorld()
	for i := range maxOrders + 3 {
		w.addOrder(&order{Page: newID("p"), Account: account, Reference: newID("r"), Amount: order{}.Amount, MadeAt: time.Unix(int64(i), 0)})
	}
	for range maxMessages + 3 {
		w.addMessage(&message{ID: newID("m"), Account: account, ClientReference: newID("c")})
	}
	if len(w.orders) != maxOrders || len(w.byPage) != maxOrders || len(w.byReference) != maxOrders || w.orders[0].MadeAt.Unix() != 3 {
		t.Errorf("orders: %d, %d by page, %d by reference", len(w.orders), len(w.byPage), len(w.byReference))
	}
	if len(w.messages) != maxMessages || len(w.byID) != maxMessages || len(w.byClient) != maxMessages {
		t.Errorf("messages: %d, %d by id, %d by client", len(w.messages), len(w.byID), len(w.byClient))
	}
}

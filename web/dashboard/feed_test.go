package dashboard

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"paylink"
	"paylink/issue"
	"paylink/store"
	"paylink/store/storetest"
)

// listen opens the stream as a browser does, and hands over what it tells. It ends with the test.
func (o *office) listen(query, lastEventID string) <-chan told {
	o.t.Helper()
	server := httptest.NewServer(o.mux)
	o.t.Cleanup(server.Close)
	ctx, stop := context.WithTimeout(context.Background(), 20*time.Second)
	o.t.Cleanup(stop)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+"/dashboard/test/feed"+query, nil)
	must(o.t, err)
	r.AddCookie(o.session)
	if lastEventID != "" {
		r.Header.Set("Last-Event-ID", lastEventID)
	}
	answer, err := http.DefaultClient.Do(r)
	must(o.t, err)
	if answer.StatusCode != http.StatusOK || answer.Header.Get("Content-Type") != "text/event-stream" {
		o.t.Fatalf("%d %s: %s", answer.StatusCode, answer.Header.Get("Content-Type"), body(o.t, answer))
	}
	events := make(chan told, 200)
	go func() {
		defer close(events)
		defer func() { _ = answer.Body.Close() }()
		lines := bufio.NewScanner(answer.Body)
		id := ""
		for lines.Scan() {
			if rest, ok := strings.CutPrefix(lines.Text(), "id: "); ok {
				id = rest
			}
			if rest, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				var e told
				if err := json.Unmarshal([]byte(rest), &e); err != nil || strconv.FormatInt(e.Sequence, 10) != id {
					e.Text = "id " + id + " data " + rest
				}
				events <- e
			}
		}
	}()
	return events
}

// hear takes the sequences of the next n events.
func hear(t *testing.T, events <-chan told, n int) (heard []told) {
	t.Helper()
	for len(heard) < n {
		select {
		case e, ok := <-events:
			if !ok {
				t.Fatalf("the stream ended after %d of %d events", len(heard), n)
			}
			heard = append(heard, e)
		case <-time.After(10 * time.Second):
			t.Fatalf("%d of %d events came", len(heard), n)
		}
	}
	return heard
}

func sequences(heard []told) []int64 {
	var all []int64
	for _, e := range heard {
		all = append(all, e.Sequence)
	}
	return all
}

// A browser that was away for a moment must hear what it has missed, in order, once, and go on live; a
// page must hear everything since it was rendered.
func TestStreamGoesOnWhereTheBrowserStopped(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		o := newOffice(t, s)
		o.work()
		for range 5 {
			o.link(nil)
		}
		o.sealed(5)
		again, page, fresh := o.listen("?after=1", "3"), o.listen("?after=4", ""), o.listen("", "")
		if got := sequences(hear(t, again, 2)); !slices.Equal(got, []int64{4, 5}) {
			t.Errorf("after Last-Event-ID 3: %v", got)
		}
		if got := sequences(hear(t, page, 1)); !slices.Equal(got, []int64{5}) {
			t.Errorf("a page that knew 4: %v", got)
		}
		l := o.link(nil)
		o.linkOf(o.addMerchant("Other"), nil) // of somebody else: nobody here hears of it
		o.pass(time.Millisecond)              // things of one instant have no order among them
		o.link(nil)
		for name, stream := range map[string]<-chan told{"again": again, "page": page, "fresh": fresh} {
			heard := hear(t, stream, 2)
			want := told{
				Sequence: 6, ID: heard[0].ID, Type: paylink.EventLinkCreated, Link: l.ID, Lane: "lifecycle", LaneWord: "Link", Tone: "calm", Subject: "Order 1042",
				Text: "created for ₹2,450.00", Href: "/dashboard/test/links/" + string(l.ID), At: "2026-11-22T12:00:00Z", When: "22 Nov 2026, 17:30 IST",
			}
			if heard[0] != want || heard[1].Sequence != 7 {
				t.Errorf("%s heard %+v", name, heard)
			}
		}
	})
}

// Whoever has missed thousands of events is shown the page anew instead of a flood.
func TestStreamAsksForAReloadAfterTooMuch(t *testing.T) {
	o := newOffice(t, storetest.Open(t, "sqlite"))
	o.write(func(tx *store.Tx) {
		for range catchUp + 1 {
			tx.AppendEvent(paylink.Event{ID: paylink.NewEventID(noon), Merchant: o.merchant.ID, At: noon, Type: paylink.EventMessageSent, Actor: "system"})
		}
	})
	for sealed := 1; sealed > 0; {
		var err error
		sealed, err = o.sealer.Seal(t.Context())
		must(t, err)
	}
	r := httptest.NewRequest(http.MethodGet, "/dashboard/test/feed?after=0", nil)
	if w := o.do(r); !strings.HasSuffix(w.Body.String(), "event: reload\ndata: {}\n\n") || strings.Contains(w.Body.String(), "id:") {
		t.Errorf("got %.200s", w.Body)
	}
}

// When the server stops, a stream that stays open holds it up.
func TestStreamsEndWithTheServer(t *testing.T) {
	o := newOffice(t, storetest.Open(t, "sqlite"))
	stop := make(chan struct{})
	close(stop)
	o.board.Stop = stop
	if w := o.get("/dashboard/test/feed"); !regexp.MustCompile(`^retry: 2000\n\nretry: \d{3,4}\n\n$`).MatchString(w.Body.String()) {
		t.Errorf("got %q", w.Body)
	}
}

// A notification stands on a screen that others see: amount and reference, no name and no address.
func TestNoticeOfAPaymentHoldsNothingPersonal(t *testing.T) {
	o := newOffice(t, storetest.Open(t, "sqlite"))
	l := o.link(func(d *issue.Draft) { d.Reference = "order-1042" })
	customer, err := o.store.Read(t.Context()).CustomerOf(l)
	must(t, err)
	l.AmountPaid = 245000
	p := paylink.Payment{ID: "pay_1", Amount: l.Amount, AmountCaptured: 245000, Method: "card", MethodDetails: paylink.MethodDetails{Network: "visa", Last4: "4242"}}
	s := scene{Merchant: o.merchant, Now: noon, World: noon}
	events := l.Tell(noon, "gateway", customer, &p, paylink.EventPaymentCaptured, paylink.EventLinkPaid, paylink.EventPaymentStarted)
	want := notice{Title: "Paid ₹2,450.00", Body: "order-1042", Tag: "pay_1"}
	for _, e := range events[:2] {
		if n := s.notice(e); n == nil || *n != want {
			t.Errorf("%s: %+v", e.Type, n)
		}
	}
	if n := s.notice(events[2]); n != nil {
		t.Errorf("a payment that only started: %+v", n)
	}
	for i, text := range []string{"₹2,450.00 received by card (Visa ••4242)", "paid ₹2,450.00 by card", "customer chose card and pressed pay"} {
		if got := s.sentence(events[i]); got != text {
			t.Errorf("%s: %q, want %q", events[i].Type, got, text)
		}
	}
}

// An event without a sentence would stand in the feed as a bare type, or break it.
func TestEveryEventHasASentenceEvenWithoutData(t *testing.T) {
	s := scene{Merchant: paylink.Merchant{TimeZone: "Asia/Kolkata"}, Now: noon, World: noon}
	l := paylink.Link{ID: "plink_1", Amount: paylink.Money{Minor: 100, Currency: "INR"}}
	for _, kind := range paylink.EventTypes {
		full := paylink.Event{Type: kind, At: noon, Link: l.ID, Data: paylink.EventData{
			Link: l.Snapshot(nil), Payment: (paylink.Payment{Amount: l.Amount, Method: "upi"}).Snapshot(),
			Message: (paylink.Message{Channel: "sms", To: "+919812345642"}).Snapshot(), Endpoint: &paylink.EndpointSnapshot{ID: "we_1"}, Bulk: (paylink.Bulk{Status: paylink.BulkFinished}).Snapshot(),
			Account:     &paylink.AccountSnapshot{ID: "acct_1", Provider: "twilio"},
			Suppression: &paylink.SuppressionSnapshot{ID: "supp_1", Channel: "sms", Lifted: "asked"},
		}}
		text := s.sentence(full)
		if text == "" || strings.Contains(text, "_link") || strings.Contains(text, "9812345642") || text == strings.ReplaceAll(string(kind), ".", " ") {
			t.Errorf("%s: %q", kind, text)
		}
		if bare := s.entry(paylink.Event{Type: kind, At: noon}); bare.Text == "" || bare.Lane == (lane{}) || bare.Tone == "" {
			t.Errorf("%s without data: %+v", kind, bare)
		}
	}
}

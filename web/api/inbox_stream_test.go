package api_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"paylink/notify"
	"paylink/store"
	"paylink/store/storetest"
	"paylink/web/api"
	"paylink/web/respond"
)

// follower reads the messages of an inbox's stream.
type follower struct {
	w     *town
	lines *bufio.Scanner
	id    string
}

func (w *town) followInbox(url, opens, last string) *follower {
	w.Helper()
	ctx, cancel := context.WithTimeout(w.Context(), 20*time.Second)
	w.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, "GET", url+"/v1/inbox/stream", nil)
	if err != nil {
		w.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+opens)
	if last != "" {
		r.Header.Set("Last-Event-ID", last)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil || res.StatusCode != 200 {
		w.Fatalf("%v %v", res, err)
	}
	w.Cleanup(func() { res.Body.Close() })
	return &follower{w: w, lines: bufio.NewScanner(res.Body)}
}

// next is the next message's kind, with the link and the status of its item and how many are unread.
func (f *follower) next() string {
	f.w.Helper()
	kind := ""
	for f.lines.Scan() {
		switch name, value, _ := strings.Cut(f.lines.Text(), ": "); name {
		case "id":
			f.id = value
		case "event":
			kind = value
		case "data":
			var data struct {
				Item *struct {
					Link   string `json:"link_id"`
					Status string `json:"status"`
					ReadAt any    `json:"read_at"`
				}
				Unread int
			}
			if err := json.Unmarshal([]byte(value), &data); err != nil {
				f.w.Fatal(err)
			}
			if data.Item == nil {
				return fmt.Sprint(kind, " ", data.Unread)
			}
			return fmt.Sprint(kind, " ", data.Item.Link, " ", data.Item.Status, " ", data.Item.ReadAt != nil, " ", data.Unread)
		}
	}
	f.w.Fatalf("the stream ended: %v", f.lines.Err())
	return ""
}

// An app is connected to one node and the message is written by another; or it comes back and misses what came
// meanwhile; or it is told of other customers' messages.
func TestInboxStreamsOnTwoNodesTellTheSame(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		var deps api.Deps
		w := newTown(t, s, func(d *api.Deps) { deps = *d })
		urls := []string{}
		for range 2 {
			d := deps
			d.Feed = notify.NewFeed(s, d.Log)
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan error, 1)
			go func() { done <- d.Feed.Work(ctx) }()
			server := httptest.NewServer(respond.Edge{Log: d.Log, Now: w.clock}.Around(api.New(d).Handler()))
			t.Cleanup(func() {
				cancel()
				<-done
				server.CloseClientConnections()
				server.Close()
			})
			urls = append(urls, server.URL)
		}
		link, customer := w.sent(w.live, asha)
		w.seal()
		opens := w.token(w.live, customer)
		one, two := w.followInbox(urls[0], opens, ""), w.followInbox(urls[1], opens, "")
		want := func(message string, followers ...*follower) {
			t.Helper()
			for i, f := range followers {
				if got := f.next(); got != message {
					t.Errorf("follower %d: %s, want %s", i, got, message)
				}
			}
		}
		want("open 1", one, two)
		place := one.id
		w.sent(w.live, ravi)
		w.pass(time.Second)
		w.ask(w.live, "POST", "/v1/payment_links/"+link+"/send", `{"channels":["in_app"]}`).want(200)
		w.deliver()
		w.seal()
		want("item "+link+" pending false 2", one, two)
		want("open 2", w.followInbox(urls[1], opens, two.id))
		back := w.followInbox(urls[1], opens, place)
		want("open 2", back)
		want("item "+link+" pending false 2", back)
		w.pass(time.Second)
		items := w.ask(opens, "GET", "/v1/inbox", "").want(200)
		w.ask(opens, "POST", "/v1/inbox/items/"+items.text("data.0.id")+"/read", "").want(200)
		w.seal()
		want("item "+link+" pending true 1", one, two, back)
		w.pass(time.Second)
		w.ask(w.live, "POST", "/v1/payment_links/"+link+"/cancel", "").want(200)
		w.seal()
		want("item "+link+" cancelled true 0", one, two, back)
		if strings.Trim(place, "0123456789") == "" {
			t.Errorf("the place %s tells how much the merchant sells", place)
		}
		if got := w.ask(w.token(w.live, w.ask(w.live, "POST", "/v1/payment_links", strings.Replace(inApp, asha, ravi, 1)).text("customer.id")), "GET", "/v1/inbox/stream", "", "Last-Event-ID: "+place).problem(); got != "400 bad_last_event_id" {
			t.Errorf("somebody else's place: %s", got)
		}
	})
}

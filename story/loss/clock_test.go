package loss

import (
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"paylink/cmd/paylink/node"
	"paylink/store/storetest"
)

const twoDays = 48 * time.Hour

// The machine's clock jumps two days ahead, back again, and two days behind, while links expire, jobs
// are leased and customers pay. Nothing happens twice, no link is dead for ever, and inside a link the
// events stay in their order.
func TestClockJumpsDoNothingTwice(t *testing.T) {
	for _, kind := range storetest.Kinds {
		t.Run(kind, func(t *testing.T) {
			var offset atomic.Int64
			s := startInside(t, kind, func() time.Time { return time.Now().Add(time.Duration(offset.Load())) })
			day := s.link("day", 24*time.Hour)
			week := s.link("week", 7*24*time.Hour)
			s.pays(s.link("before", twoDays*2))

			offset.Store(int64(twoDays))
			// Its job waits for a moment that has come all at once; the queue looks every ten seconds.
			await(t, "the expiry of what has run out", func() bool { return s.look(day).Status == "expired" })
			ahead := s.link("ahead", 24*time.Hour)
			s.pays(s.link("paid-ahead", 24*time.Hour))

			offset.Store(0)
			s.pays(ahead)
			s.pays(week)
			// What the wrong clock ended is open again, without anybody's doing.
			s.pays(day)

			offset.Store(-int64(twoDays))
			s.pays(s.link("behind", 24*time.Hour))
			offset.Store(0)
			s.pays(s.link("after", 24*time.Hour))
			s.check()
		})
	}
}

// inside is a node in this process, whose clock the drill moves.
type inside struct {
	*server
	t     *testing.T
	links []made
}

func startInside(t *testing.T, kind string, now func() time.Time) *inside {
	t.Helper()
	dir := t.TempDir()
	public, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	admin, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	at := public.Addr().String()
	n, err := node.Open(t.Context(), node.Settings{
		DatabaseURL: databaseOf(t, kind, dir), KeyFile: filepath.Join(dir, "keys"), PublicURL: "http://" + at,
	}, node.World{Now: now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	merchant, err := n.CreateMerchant(t.Context(), node.NewMerchant{Name: "Loss", Email: "owner@loss.example", Country: "IN", Currency: "INR", TimeZone: "Asia/Kolkata"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended, ready := make(chan error, 1), make(chan struct{})
	go func() { ended <- n.Serve(ctx, public, admin, func() error { close(ready); return nil }) }()
	<-ready
	t.Cleanup(func() {
		caller.CloseIdleConnections()
		stop()
		if err := <-ended; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	return &inside{t: t, server: &server{t: t, listen: at, bank: at, key: merchant.TestKey, log: &tail{}}}
}

func (s *inside) link(reference string, expires time.Duration) made {
	s.t.Helper()
	var link made
	status, body := call(s.server, http.MethodPost, s.url()+"/v1/payment_links", reference, map[string]any{
		"amount": 245000, "currency": "INR", "reference": reference, "expires_in": int(expires.Seconds()), "channels": []string{},
		"customer": map[string]string{"phone": "+919812345642"},
	})
	if status != http.StatusCreated || json.Unmarshal(body, &link) != nil {
		s.t.Fatalf("link %s: %d %.300s", reference, status, body)
	}
	s.links = append(s.links, link)
	return link
}

// pays lets a customer pay a link, and wants it to become paid.
func (s *inside) pays(link made) {
	s.t.Helper()
	await(s.t, "the payment of "+link.Reference, func() bool {
		if s.look(link).Status == "paid" {
			return true
		}
		call(s.server, http.MethodPost, s.url()+"/sandbox/pay", "", map[string]string{"url": link.URL, "method": "card", "outcome": "success"})
		return false
	})
}

type standing struct {
	Status string `json:"status"`
	Paid   int64  `json:"amount_paid"`
}

func (s *inside) look(link made) (is standing) {
	s.t.Helper()
	status, body := call(s.server, http.MethodGet, s.url()+"/v1/payment_links/"+link.ID, "", nil)
	if status != http.StatusOK || json.Unmarshal(body, &is) != nil {
		s.t.Fatalf("look at %s: %d %.300s", link.Reference, status, body)
	}
	return is
}

// check wants every link paid once, with its events in the order of their times and of their places.
func (s *inside) check() {
	s.t.Helper()
	for _, link := range s.links {
		if is := s.look(link); is != (standing{"paid", 245000}) {
			s.t.Errorf("%s is %+v", link.Reference, is)
		}
		var timeline struct {
			Data []struct {
				Type      string    `json:"type"`
				Timestamp time.Time `json:"timestamp"`
			} `json:"data"`
		}
		status, body := call(s.server, http.MethodGet, s.url()+"/v1/payment_links/"+link.ID+"/timeline", "", nil)
		if status != http.StatusOK || json.Unmarshal(body, &timeline) != nil {
			s.t.Fatalf("timeline: %d %.300s", status, body)
		}
		times := map[string]int{}
		for i, e := range timeline.Data {
			times[e.Type]++
			if i > 0 && !e.Timestamp.After(timeline.Data[i-1].Timestamp) {
				s.t.Errorf("%s: %s at %v comes after %s at %v", link.Reference, e.Type, e.Timestamp, timeline.Data[i-1].Type, timeline.Data[i-1].Timestamp)
			}
		}
		if times["payment_link.paid"] != 1 || times["payment.captured"] != 1 || times["payment_link.created"] != 1 {
			s.t.Errorf("%s: %v", link.Reference, times)
		}
	}
}

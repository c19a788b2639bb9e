package simulation_test

import (
	"flag"
	"fmt"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"paylink"
)

var (
	kills         = flag.Int("kills", 4, "at how many of its points the node on SQLite dies, spread evenly; 0: at every one, as in script/test")
	postgresKills = flag.Int("postgres-kills", 2, "the same on PostgreSQL")
	kill          = flag.String("kill", "", `the one point at which it dies, as a failed test is named: "before a commit, 17"`)
)

// A node dies just before and just after each call to a company and each commit, and another starts on
// what is left. Whatever was half done is done in the end, and done once: the bank's money is in the
// books, the merchant is told under one id, the customer has one message by each channel.
func TestNodeMayDieAtEveryPoint(t *testing.T) {
	for kind, many := range map[string]int{"sqlite": *kills, "postgres": *postgresKills} {
		t.Run(kind, func(t *testing.T) {
			points := dieAt(t, kind, point{}).points()
			t.Logf("%d points, from %v to %v", len(points), points[0], points[len(points)-1])
			if len(points) < 150 {
				t.Errorf("only %d points: the history does not reach everything", len(points))
			}
			var missed atomic.Int64
			chosen := choose(points, many)
			t.Run("dies", func(t *testing.T) {
				for _, p := range chosen {
					t.Run(p.String(), func(t *testing.T) {
						t.Parallel()
						if !dieAt(t, kind, p).isDead() {
							t.Logf("this history did not come to %v", p)
							missed.Add(1)
						}
					})
				}
			})
			// What runs together may come in another order, and so less often, but hardly ever does.
			if n := missed.Load(); n*10 > int64(len(chosen)) {
				t.Errorf("%d of %d histories ended before their point", n, len(chosen))
			}
		})
	}
}

// choose spreads so many deaths over the points; zero: one at each.
func choose(points []point, many int) []point {
	var chosen []point
	for i, p := range points {
		switch {
		case *kill != "":
			if p.String() == *kill {
				chosen = append(chosen, p)
			}
		case many == 0 || i == 0 || i*many/len(points) != (i-1)*many/len(points):
			chosen = append(chosen, p)
		}
	}
	return chosen
}

// dieAt runs the history with a node that dies at the point, or nowhere, and gives its fate.
func dieAt(t *testing.T, kind string, at point) *fate {
	t.Helper()
	d, dir := openDatabase(t, kind), t.TempDir()
	var doomed *fate
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, dir, d, plan{kind: kind, nodes: 1, seed: 1, look: 10 * time.Minute, poll: 5 * time.Second, calm: true, at: at})
		doomed = w.doomed
		w.liveOrderly()
		w.settle()
		w.everyLinkWasSentOnce()
		w.stop()
		w.inspect()
	})
	return doomed
}

// liveOrderly is the history that is run again and again: a no that becomes a yes, a silence, a debit too
// many, and a link that nobody pays. One thing happens after the other, so that each run comes to the
// same points; and there is time for a take-over before somebody pays, since a paid link is sent no more.
func (w *world) liveOrderly() {
	w.follow("/one", string(paylink.EventLinkPaid), string(paylink.EventLinkExpired), string(paylink.EventPaymentCaptured), string(paylink.EventPaymentFailed))
	for i, outcome := range []string{"late", "unknown", "duplicate", ""} {
		in := map[string]any{
			"amount": 10000 + i, "currency": "INR", "reference": fmt.Sprintf("order-%d", i), "expires_in": 900, "channels": []string{"sms", "email"},
			"customer": map[string]string{"phone": "+919812345642", "email": "payer@example.com"},
		}
		var made link
		w.merchant.must(http.MethodPost, "/v1/payment_links", in, &made)
		w.links = append(w.links, made)
		time.Sleep(time.Minute)
		if outcome != "" {
			w.walk(made, outcome)
		}
		time.Sleep(10 * time.Second)
		w.check()
	}
}

// walk is a customer who comes back when nobody answered, until the page takes no payment any more.
func (w *world) walk(l link, outcome string) {
	for range 10 {
		status := w.merchant.call(http.MethodPost, sandboxURL+"/pay", map[string]string{"url": l.URL, "method": "card", "outcome": outcome}, nil)
		if status == http.StatusOK || status == http.StatusConflict {
			return
		}
		time.Sleep(5 * time.Second)
	}
}

// everyLinkWasSentOnce: the carriers deduplicate, so even a node that died while it sent leaves no
// doubt, and each link is sent by both of its channels.
func (w *world) everyLinkWasSentOnce() {
	w.t.Helper()
	counts := w.outside.messages(w.merchant)
	for _, l := range w.links {
		for _, channel := range []string{"sms", "email"} {
			if n := counts[[2]string{l.URL, channel}]; n != 1 {
				w.t.Errorf("the link %s was sent %d times by %s", l.ID, n, channel)
			}
		}
	}
	statuses := []paylink.LinkStatus{paylink.LinkPaid, paylink.LinkExpired}
	for _, l := range w.read().links {
		if !slices.Contains(statuses, l.Status) {
			w.t.Errorf("link %s ended %s", l.ID, l.Status)
		}
		if n := counts[[2]string{l.URL, receipts}]; int64(n) != l.PaymentsCount {
			w.t.Errorf("link %s has %d receipts for %d payments", l.ID, n, l.PaymentsCount)
		}
	}
}

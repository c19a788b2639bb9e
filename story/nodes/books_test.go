package nodes

import (
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"
)

type linkAnswer struct {
	ID         string
	Deliveries []struct{ ID, Status string }
}

type event struct {
	Sequence int64
	Type     string
	Data     struct {
		PaymentLink *struct{ ID string } `json:"payment_link"`
		Message     *struct{ ID string } `json:"message"`
	}
}

// events reads all that the merchant is told, the newest first.
func (c *cluster) events() (all []event) {
	c.t.Helper()
	for cursor := ""; ; {
		var page struct {
			Data       []event
			NextCursor *string `json:"next_cursor"`
		}
		query := url.Values{"limit": {"100"}}
		if cursor != "" {
			query.Set("cursor", cursor)
		}
		if code, err := c.get(c.front.server.URL, "/v1/events?"+query.Encode(), &page); err != nil || code != 200 {
			c.t.Fatalf("events: %d %v", code, err)
		}
		all = append(all, page.Data...)
		if page.NextCursor == nil {
			return all
		}
		cursor = *page.NextCursor
	}
}

// handedOver waits until a carrier has the message of each link, and answers when it had the last.
func (c *cluster) handedOver(links []link) time.Time {
	c.t.Helper()
	for i, l := range links {
		if !until(func() bool { return c.carriers.received(l.Phone) > 0 }) {
			c.t.Fatalf("%d of %d messages were not handed over", len(links)-i, len(links))
		}
	}
	return time.Now()
}

// sent waits until the merchant sees of each link that its message has left.
func (c *cluster) sent(links []link) {
	c.t.Helper()
	c.handedOver(links)
	const askers = 4
	var late atomic.Int64
	var asking sync.WaitGroup
	for first := range askers {
		asking.Go(func() {
			for i := first; i < len(links); i += askers {
				if !until(func() bool {
					var answer linkAnswer
					code, err := c.get(c.front.server.URL, "/v1/payment_links/"+links[i].ID, &answer)
					return err == nil && code == http.StatusOK && len(answer.Deliveries) == 1 && answer.Deliveries[0].Status != "queued"
				}) {
					late.Add(1)
				}
			}
		})
	}
	asking.Wait()
	if n := late.Load(); n > 0 {
		c.t.Fatalf("%d of %d messages were not sent", n, len(links))
	}
}

// checkBooks holds the database to what was acknowledged: every link is there once, its customer has one
// message, the events have no gap, and nothing happened twice.
func (c *cluster) checkBooks(links []link) {
	c.t.Helper()
	c.sent(links)
	var created, told map[string]int
	var sequence int64
	// A message may be sent a moment before the events that tell of it have their places.
	until(func() bool {
		created, told, sequence = map[string]int{}, map[string]int{}, -1
		for _, e := range c.events() {
			if sequence >= 0 && e.Sequence != sequence-1 {
				c.t.Errorf("event %d comes before %d", e.Sequence, sequence)
			}
			sequence = e.Sequence
			switch {
			case e.Type == "payment_link.created" && e.Data.PaymentLink != nil:
				created[e.Data.PaymentLink.ID]++
			case e.Data.Message != nil:
				told[e.Type+" "+e.Data.Message.ID]++
			}
		}
		return len(created) >= len(links)
	})
	if sequence != 1 {
		c.t.Errorf("the first event has the sequence %d", sequence)
	}
	for _, l := range links {
		if created[l.ID] != 1 {
			c.t.Errorf("link %s has %d events of its creation", l.ID, created[l.ID])
		}
		if n := c.carriers.received(l.Phone); n != 1 {
			c.t.Errorf("the customer of link %s received %d messages", l.ID, n)
		}
	}
	if len(created) != len(links) {
		c.t.Errorf("%d links were made, %d acknowledged", len(created), len(links))
	}
	for what, n := range told {
		if n != 1 {
			c.t.Errorf("%s happened %d times", what, n)
		}
	}
}

// must fails the test with every failed request.
func (c *cluster) must(what string, failures []string) {
	c.t.Helper()
	for i, f := range failures {
		if i == 20 {
			c.t.Errorf("%s: and %d more", what, len(failures)-i)
			break
		}
		c.t.Errorf("%s: %s", what, f)
	}
}

func summary(l *load) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return fmt.Sprintf("%d requests, %d links, answers %v", l.requests, len(l.links), l.statuses)
}

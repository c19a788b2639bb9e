package nodes

import (
	"fmt"
	"net/url"
	"time"
)

type linkAnswer struct {
	ID         string
	Deliveries []struct{ ID, Status string }
}

type eventsAnswer struct {
	Data []struct {
		Sequence int64
		Type     string
		Data     struct {
			PaymentLink *struct{ ID string } `json:"payment_link"`
			Message     *struct{ ID string } `json:"message"`
		}
	}
	NextCursor *string `json:"next_cursor"`
}

// sent waits until the message of each link has left, and answers when the last one had.
func (c *cluster) sent(links []link) time.Time {
	c.t.Helper()
	waiting := links
	var last time.Time
	if !until(func() bool {
		var still []link
		for _, l := range waiting {
			var answer linkAnswer
			code, err := c.get(c.front.server.URL, "/v1/payment_links/"+l.ID, &answer)
			if err != nil || code != 200 || len(answer.Deliveries) != 1 || answer.Deliveries[0].Status == "queued" {
				still = append(still, l)
				continue
			}
			last = time.Now()
		}
		waiting = still
		return len(waiting) == 0
	}) {
		c.t.Fatalf("%d of %d messages were not sent", len(waiting), len(links))
	}
	return last
}

// checkBooks holds the database to what was acknowledged: every link is there once, its customer has one
// message, the events have no gap, and nothing happened twice.
func (c *cluster) checkBooks(links []link) {
	c.t.Helper()
	c.sent(links)
	created, told := map[string]int{}, map[string]int{}
	sequence, cursor := int64(-1), ""
	for {
		var page eventsAnswer
		query := url.Values{"limit": {"100"}}
		if cursor != "" {
			query.Set("cursor", cursor)
		}
		if code, err := c.get(c.front.server.URL, "/v1/events?"+query.Encode(), &page); err != nil || code != 200 {
			c.t.Fatalf("events: %d %v", code, err)
		}
		for _, e := range page.Data {
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
		if page.NextCursor == nil {
			break
		}
		cursor = *page.NextCursor
	}
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

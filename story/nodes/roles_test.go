package nodes

import (
	"bufio"
	"encoding/json"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"paylink/store/storetest"
)

// Three nodes have a role each. What one makes, another sends and a third shows: a bell that does not
// cross from node to node leaves a customer before a page that stands still.
func TestNodesWithRolesWorkTogether(t *testing.T) {
	c := newCluster(t, storetest.URL(t, "postgres"), 0)
	api, pages := c.addNode("PAYLINK_ROLES=api"), c.addNode("PAYLINK_ROLES=pages")
	worker := c.addNode("PAYLINK_ROLES=worker")
	api.backend.role, pages.backend.role, worker.backend.role = "api", "pages", "none"
	for _, n := range c.nodes {
		n.awaitReady()
	}
	stream := c.follow("http://" + api.public)
	l := &load{c: c, statuses: map[int]int{}}
	l.create()
	l.openPage()
	c.must("request", l.failed())
	c.sent(l.all())
	made := l.all()[0]

	page := c.watchPage(strings.Replace(made.URL, c.front.server.URL, "http://"+pages.public, 1))
	begun := time.Now()
	if !l.ask(http.MethodPost, c.front.server.URL+"/v1/payment_links/"+made.ID+"/cancel", "{}", "cancel", nil) {
		c.must("cancel", l.failed())
	}
	for heard := ""; heard != "payment_link.cancelled"; {
		select {
		case heard = <-stream.heard:
		case <-time.After(patience):
			t.Fatal("the merchant's stream does not tell of the cancellation")
		}
	}
	t.Logf("sealed by one node and told by another after %v", time.Since(begun))
	select {
	case <-page:
		t.Logf("shown on the page of a third after %v", time.Since(begun))
	case <-time.After(patience):
		t.Fatal("the page's stream does not tell of the cancellation")
	}

	key := strings.TrimPrefix(made.URL, c.front.server.URL)
	for _, wrong := range []string{
		"http://" + api.public + key, "http://" + api.public + "/dashboard/login", "http://" + pages.public + "/v1/payment_links",
		"http://" + worker.public + key, "http://" + worker.public + "/v1/events",
	} {
		res, err := client.Get(wrong)
		if err != nil {
			t.Fatal(err)
		}
		var problem struct{ Code string }
		err = json.NewDecoder(res.Body).Decode(&problem)
		res.Body.Close()
		if res.StatusCode != http.StatusMisdirectedRequest || problem.Code != "misdirected" || err != nil {
			t.Errorf("%s answered %d %v", strings.TrimSuffix(wrong, key), res.StatusCode, problem)
		}
	}
	// The one that does the work goes, and nothing is sent; it comes back, and all is.
	if err := worker.stop(syscall.SIGTERM); err != nil {
		t.Errorf("the worker did not end well: %v", err)
	}
	l.create()
	time.Sleep(500 * time.Millisecond)
	waiting := l.all()[1]
	if n := c.carriers.received(waiting.Phone); n != 0 {
		t.Errorf("a node without the role sent %d messages", n)
	}
	c.run(worker)
	worker.awaitReady()
	c.checkBooks(l.all())
}

// watchPage follows a payment page's stream; the channel is closed when the page hears that the link is
// cancelled.
func (c *cluster) watchPage(url string) <-chan struct{} {
	c.t.Helper()
	res, err := (&http.Client{}).Get(url + "/stream")
	if err != nil || res.StatusCode != http.StatusOK {
		c.t.Fatalf("the page's stream: %v %v", res, err)
	}
	c.t.Cleanup(func() { res.Body.Close() })
	first, cancelled := make(chan struct{}), make(chan struct{})
	go func() {
		seen := 0
		for lines := bufio.NewScanner(res.Body); lines.Scan(); {
			if !strings.HasPrefix(lines.Text(), "data: ") {
				continue
			}
			if seen++; seen == 1 {
				close(first)
			}
			if strings.Contains(lines.Text(), `"cancelled"`) {
				close(cancelled)
				return
			}
		}
	}()
	select {
	case <-first:
	case <-time.After(patience):
		c.t.Fatal("the page's stream says nothing")
	}
	return cancelled
}

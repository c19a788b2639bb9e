package nodes

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"paylink/store/storetest"
)

// cable stands between a node and its database. When it is told, it breaks every connection on which a
// commit is asked for: before the server hears of it, or when only the answer is still to come.
type cable struct {
	url      string // of the database, through the cable
	listener net.Listener
	network  string
	address  string
	breaks   atomic.Int32
	work     sync.WaitGroup
}

const (
	whole       = 0
	beforehand  = 1
	answerLost  = 2
	commitQuery = "COMMIT\x00"
)

func newCable(t *testing.T, database string) *cable {
	t.Helper()
	to, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	c := &cable{network: "tcp", address: to.Host}
	query := to.Query()
	if folder := query.Get("host"); folder != "" {
		c.network, c.address = "unix", folder+"/.s.PGSQL.5432"
		query.Del("host")
	}
	if c.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	query.Set("sslmode", "disable")
	to.Host, to.RawQuery = c.listener.Addr().String(), query.Encode()
	c.url = to.String()
	c.work.Go(func() {
		for {
			conn, err := c.listener.Accept()
			if err != nil {
				return
			}
			c.work.Go(func() { c.carry(conn) })
		}
	})
	t.Cleanup(func() {
		c.listener.Close()
		c.work.Wait()
	})
	return c
}

// carry moves bytes both ways until one side ends.
func (c *cable) carry(from net.Conn) {
	defer from.Close()
	to, err := net.Dial(c.network, c.address)
	if err != nil {
		return
	}
	defer to.Close()
	var deaf atomic.Bool
	var back sync.WaitGroup
	back.Go(func() {
		defer from.Close()
		buffer := make([]byte, 64<<10)
		for {
			n, err := to.Read(buffer)
			if err != nil || deaf.Load() {
				return
			}
			if _, err := from.Write(buffer[:n]); err != nil {
				return
			}
		}
	})
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			break
		}
		how := c.breaks.Load()
		if how != whole && bytes.Contains(buffer[:n], []byte(commitQuery)) {
			if how == beforehand {
				break
			}
			deaf.Store(true)
		}
		if _, err := to.Write(buffer[:n]); err != nil {
			break
		}
	}
	to.Close()
	back.Wait()
}

// The connection breaks at the very commit of a new link: nobody knows whether there is one. The merchant
// is not told that there is, and when his program asks again under the same key it learns the truth:
// there is one link, never two.
func TestRetryAfterABrokenCommitTellsTheTruth(t *testing.T) {
	c := newCable(t, storetest.URL(t, "postgres"))
	nodes := newCluster(t, c.url, 1)
	for how, replayed := range map[int32]string{beforehand: "", answerLost: "true"} {
		ask := func() *http.Response {
			body := fmt.Sprintf(`{"amount":245000,"currency":"INR","description":"Order","reference":"order-%d","customer":{"phone":"+919812345642"}}`, how)
			req, err := http.NewRequest(http.MethodPost, nodes.front.server.URL+"/v1/payment_links", strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Authorization", "Bearer "+nodes.key)
			req.Header.Set("Content-Type", "application/json")
			req.Header.Set("Idempotency-Key", fmt.Sprintf("key-%d", how))
			res, err := client.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			text, err := io.ReadAll(res.Body)
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("broken %d: %d %.300s", how, res.StatusCode, text)
			return res
		}
		c.breaks.Store(how)
		first := ask()
		c.breaks.Store(whole)
		if first.StatusCode != http.StatusServiceUnavailable || first.Header.Get("Retry-After") == "" {
			t.Errorf("broken %d: the first answer is %d", how, first.StatusCode)
		}
		time.Sleep(200 * time.Millisecond)
		nodes.nodes[0].awaitReady()
		again := ask()
		if again.StatusCode != http.StatusCreated || again.Header.Get("Idempotent-Replayed") != replayed {
			t.Errorf("broken %d: the second answer is %d, replayed %q", how, again.StatusCode, again.Header.Get("Idempotent-Replayed"))
		}
	}
	var list struct{ Data []struct{ Reference string } }
	if _, err := nodes.get(nodes.front.server.URL, "/v1/payment_links", &list); err != nil || len(list.Data) != 2 {
		t.Errorf("there are %v %v", list.Data, err)
	}
}

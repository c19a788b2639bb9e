package queue_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"paylink/queue"
	"paylink/store/storetest"

	"github.com/jackc/pgx/v5/pgconn"
)

// The primary dies in the middle of a claim: the commit happened, and the worker never hears of it. While
// it has anything else to do it beats, and as long as it did so for everything that bears its name, the
// claimed message was sent by nobody.
func TestClaimWhoseCommitWasNotConfirmedRuns(t *testing.T) {
	address := storetest.URL(t, "postgres")
	direct := storetest.OpenURL(t, address)
	if err := direct.Migrate(t.Context(), time.Now()); err != nil {
		t.Fatal(err)
	}
	merchant := addMerchant(t, direct)
	var cut atomic.Bool
	through := storetest.OpenURL(t, proxied(t, address, &cut))

	ran, busy := make(chan string, 10), make(chan struct{})
	work(t, through, queue.Options{}, func(ctx context.Context, r *queue.Run) error {
		ran <- string(r.Job.Payload.Link)
		if r.Job.Payload.Link == "busy" {
			<-busy
		}
		return nil
	})
	t.Cleanup(func() { close(busy) })
	enqueue(t, direct, job(merchant, "busy"))
	if first := receive(t, ran); first != "busy" {
		t.Fatal(first)
	}
	cut.Store(true)
	enqueue(t, direct, job(merchant, "doubtful"))
	begun := time.Now()
	if second := receive(t, ran); second != "doubtful" {
		t.Fatal(second)
	}
	if waited := time.Since(begun); waited > 10*time.Second {
		t.Errorf("the job waited %v, as if for its lease", waited)
	}
	if cut.Load() {
		t.Error("no commit was cut: nothing is proved")
	}
}

// proxied gives the URL by which a server is reached through a wire of ours. When cut is set, the wire
// hands the next commit on and breaks before its answer.
func proxied(t *testing.T, address string, cut *atomic.Bool) string {
	t.Helper()
	config, err := pgconn.ParseConfig(address)
	if err != nil {
		t.Fatal(err)
	}
	network, server := pgconn.NetworkAddress(config.Host, config.Port)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial(network, server)
			if err != nil {
				_ = client.Close()
				continue
			}
			go carry(client, far, cut)
		}
	}()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	query := u.Query()
	query.Del("host")
	query.Del("port")
	query.Set("default_query_exec_mode", "exec") // so that a commit is a word on the wire
	u.Host, u.RawQuery = listener.Addr().String(), query.Encode()
	return u.String()
}

func carry(client, far net.Conn, cut *atomic.Bool) {
	defer client.Close()
	defer far.Close()
	go func() {
		defer client.Close()
		_, _ = io.Copy(client, far) // until either side ends
	}()
	piece := make([]byte, 64<<10)
	for {
		n, err := client.Read(piece)
		if err != nil {
			return
		}
		if bytes.Contains(piece[:n], []byte("COMMIT\x00")) && cut.CompareAndSwap(true, false) {
			_ = client.Close() // the answer reaches nobody
			_, _ = far.Write(piece[:n])
			time.Sleep(200 * time.Millisecond) // the server commits
			return
		}
		if _, err := far.Write(piece[:n]); err != nil {
			return
		}
	}
}

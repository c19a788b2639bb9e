package node_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"paylink/cmd/paylink/node"
)

// settingsAt are those of the demo, on a database, in a folder that holds the keys.
func settingsAt(database, dir, public string) node.Settings {
	return node.Settings{
		DatabaseURL: database, PublicURL: "http://" + public, KeyFile: filepath.Join(dir, "keys"),
		SnapshotDir: filepath.Join(dir, "snapshots"), Demo: true,
	}
}

func worldOf() node.World {
	return node.World{Now: time.Now, Log: slog.New(slog.DiscardHandler)}
}

// served is a node that serves.
type served struct {
	t             *testing.T
	public, admin string
	stop          func() error // asks it to end and gives the outcome
}

// serve lets a node serve until the test ends, or until stop.
func serve(t *testing.T, n *node.Node, public net.Listener) *served {
	t.Helper()
	admin := listen(t)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- n.Serve(ctx, public, admin, nil) }()
	s := &served{t: t, public: "http://" + public.Addr().String(), admin: "http://" + admin.Addr().String()}
	stopped := false
	s.stop = func() error {
		stopped = true
		cancel()
		return <-ended
	}
	t.Cleanup(func() {
		if cancel(); !stopped {
			if err := <-ended; err != nil {
				t.Errorf("serve: %v", err)
			}
		}
	})
	return s
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

func (a answer) object(t *testing.T) (v map[string]any) {
	t.Helper()
	if err := json.Unmarshal([]byte(a.body), &v); err != nil {
		t.Fatalf("%v in %s", err, a.body)
	}
	return v
}

// ask calls; header holds pairs.
func (s *served) ask(method, url string, body any, header ...string) answer {
	s.t.Helper()
	var text []byte
	if body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			s.t.Fatal(err)
		}
	}
	r, err := http.NewRequestWithContext(s.t.Context(), method, url, bytes.NewReader(text))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	got, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return answer{res.StatusCode, res.Header, string(got)}
}

// becomes waits until /readyz says something.
func (s *served) becomes(text string) {
	s.t.Helper()
	var last answer
	for range 1200 {
		if last = s.ask("GET", s.admin+"/readyz", nil); strings.Contains(last.body, text) {
			return
		}
		time.Sleep(25 * time.Millisecond)
	}
	s.t.Fatalf("/readyz never said %q, at last %q", text, last.body)
}

// Package schematest puts Prism, a judge of others' making, between an adapter and the fake of its provider
// in a test: the provider's own published schema is then held against what the adapter asks and against
// what the fake answers.
//
// It is for the tests of adapters whose provider publishes an OpenAPI document. Those documents are not
// ours to copy, so they stand outside the tree, in the folder that PAYLINK_SCHEMAS names. What is asked and
// answered is the adapter's test's to say.
package schematest

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// Proxy starts Prism before upstreamURL with the document schemaFile, a name in the folder that
// PAYLINK_SCHEMAS names, until the test ends. It gives the URL to call instead: what violates the document
// is answered with 422 when we asked it and with 500 when the fake answered it. When PAYLINK_SCHEMAS is
// unset, Proxy says so in the test's log and gives ""; the caller then returns. A folder without the
// document, and a tree without Prism, fail the test.
func Proxy(t testing.TB, schemaFile, upstreamURL string) (baseURL string) {
	t.Helper()
	folder := os.Getenv("PAYLINK_SCHEMAS")
	if folder == "" {
		t.Logf("PAYLINK_SCHEMAS is unset: %s judges nothing here", schemaFile)
		return ""
	}
	schema := filepath.Join(folder, schemaFile)
	if _, err := os.Stat(schema); err != nil {
		t.Fatalf("the provider's schema: %v", err)
	}
	prism := filepath.Join(treeRoot(t), "story", "contract", "node_modules", "@stoplight", "prism-cli", "dist", "index.js")
	if _, err := os.Stat(prism); err != nil {
		t.Fatalf("Prism is not installed; run npm ci in story/contract: %v", err)
	}
	for tries := 1; ; tries++ {
		address, said := start(t, prism, schema, upstreamURL)
		if address != "" {
			return address
		}
		// A port that was free a moment ago may have been taken by somebody else meanwhile.
		if tries == 3 || !strings.Contains(said, "EADDRINUSE") {
			t.Fatalf("Prism did not start:\n%s", said)
		}
	}
}

// start runs Prism once; the address is empty when it did not begin to listen, and said is its own words.
func start(t testing.TB, prism, schema, upstream string) (address, said string) {
	t.Helper()
	port := freePort(t)
	output := &words{}
	process := exec.Command("node", prism, "proxy", "--errors", "--cors=false", "--multiprocess=false", "--host", "127.0.0.1", "--port", port, schema, upstream)
	process.Stdout, process.Stderr = output, output
	if err := process.Start(); err != nil {
		t.Fatalf("start Prism: %v", err)
	}
	ended := make(chan struct{})
	go func() { _ = process.Wait(); close(ended) }()
	stop := func() { _ = process.Process.Kill(); <-ended }

	tick, late := time.NewTicker(50*time.Millisecond), time.NewTimer(2*time.Minute)
	defer tick.Stop()
	defer late.Stop()
	for !strings.Contains(output.String(), "Prism is listening") {
		select {
		case <-tick.C:
		case <-ended:
			return "", output.String()
		case <-late.C:
			stop()
			return "", output.String()
		}
	}
	t.Cleanup(stop)
	return aloud(t, "http://127.0.0.1:"+port), ""
}

// aloud passes calls on to Prism and repeats in the test's log what he finds wrong: adapters see a status only.
func aloud(t testing.TB, prism string) string {
	to, err := url.Parse(prism)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(to)
	proxy.ModifyResponse = func(res *http.Response) error {
		if res.Header.Get("Content-Type") != "application/problem+json" {
			return nil
		}
		found, err := io.ReadAll(io.LimitReader(res.Body, 20_000))
		_ = res.Body.Close()
		res.Body = io.NopCloser(bytes.NewReader(found))
		t.Logf("Prism of %s %s: %s", res.Request.Method, res.Request.URL.Path, found)
		return err
	}
	server := httptest.NewServer(proxy)
	t.Cleanup(server.Close)
	return server.URL
}

// freePort is a port of loopback that nobody listens on.
func freePort(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return fmt.Sprint(l.Addr().(*net.TCPAddr).Port)
}

// treeRoot is the folder of our go.mod, above the test's own.
func treeRoot(t testing.TB) string {
	t.Helper()
	folder, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		text, err := os.ReadFile(filepath.Join(folder, "go.mod"))
		if err == nil && bytes.HasPrefix(text, []byte("module paylink\n")) {
			return folder
		}
		above := filepath.Dir(folder)
		if above == folder {
			t.Fatal("the test runs outside the tree")
		}
		folder = above
	}
}

// words keeps the last of what a process says, while it says it.
type words struct {
	mu   sync.Mutex
	text []byte
}

func (w *words) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.text = append(w.text, p...)
	if surplus := len(w.text) - 20_000; surplus > 0 {
		w.text = w.text[surplus:]
	}
	return len(p), nil
}

func (w *words) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return string(w.text)
}

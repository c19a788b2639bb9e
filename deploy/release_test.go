package deploy

import (
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// A program that only its builder can build cannot be checked by anybody: one commit, two folders, one
// result. The checksum file must be about what lies beside it, and the program must know its version.
func TestReleasesAreReproducible(t *testing.T) {
	one, other := t.TempDir(), t.TempDir()
	tree := filepath.Join(t.TempDir(), "elsewhere")
	must(t, os.Mkdir(tree, 0o755))
	copied := exec.Command("sh", "-c", `cd .. && tar --exclude=./.git --exclude=./data --exclude=./dist --exclude=node_modules -cf - . | tar -xf - -C "$1"`, "sh", tree)
	if out, err := copied.CombinedOutput(); err != nil {
		t.Fatalf("copy the tree: %v\n%s", err, out)
	}
	platform := "linux/" + runtime.GOARCH
	for dir, out := range map[string]string{"..": one, tree: other} {
		c := exec.Command("script/release", "0.0.0-test")
		c.Path = filepath.Join(dir, "script", "release")
		if !filepath.IsAbs(c.Path) {
			var err error
			c.Path, err = filepath.Abs(c.Path)
			must(t, err)
		}
		c.Env = append(os.Environ(), "PAYLINK_PLATFORMS="+platform, "PAYLINK_DIST="+out)
		if said, err := c.CombinedOutput(); err != nil {
			t.Fatalf("script/release: %v\n%s", err, said)
		}
	}
	a, b := read(t, filepath.Join(one, "SHA256SUMS")), read(t, filepath.Join(other, "SHA256SUMS"))
	if a != b || a == "" {
		t.Errorf("two builds differ:\n%s%s", a, b)
	}
	check := exec.Command("sha256sum", "--check", "--strict", "SHA256SUMS")
	check.Dir = one
	if out, err := check.CombinedOutput(); err != nil {
		t.Errorf("the checksums are of something else: %v\n%s", err, out)
	}
	built := filepath.Join(one, "paylink_0.0.0-test_linux_"+runtime.GOARCH)
	if said := output(t, built, "version"); strings.TrimSpace(said) != "paylink 0.0.0-test" {
		t.Errorf("it calls itself %q", said)
	}
	about, err := os.Stat(built)
	must(t, err)
	if about.Size() > 45<<20 {
		t.Errorf("%d bytes; the design allows 45 MB", about.Size())
	}
}

// listenLocal serves on loopback until the test ends.
func listenLocal(t *testing.T, h http.Handler) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	server := &http.Server{Handler: h, ReadHeaderTimeout: time.Second}
	done := make(chan struct{})
	go func() { defer close(done); _ = server.Serve(l) }()
	t.Cleanup(func() { _ = server.Close(); <-done })
	return l.Addr().String()
}

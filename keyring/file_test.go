package keyring

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// The first start makes the ring; the second must find the same one, or every link is lost.
func TestOpenMakesTheRingOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "keyring")
	first, err := Open(path, day)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode %04o, want 0600", info.Mode().Perm())
	}
	second, err := Open(path, day)
	if err != nil || string(second.Text()) != string(first.Text()) {
		t.Errorf("second start has another ring: %v", err)
	}
}

// Nodes that share a folder start together: one ring wins and all of them use it.
func TestOpenTogetherGivesOneRing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keyring")
	texts := make([]string, 8)
	var wait sync.WaitGroup
	for i := range texts {
		wait.Go(func() {
			r, err := Open(path, day)
			if err != nil {
				t.Error(err)
				return
			}
			texts[i] = string(r.Text())
		})
	}
	wait.Wait()
	for i, text := range texts {
		if text != texts[0] {
			t.Errorf("process %d has another ring than process 0", i)
		}
	}
	left, err := filepath.Glob(filepath.Join(filepath.Dir(path), ".keyring-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// A ring that others can read is no secret, and one that cannot be read must not be replaced by a
// new one: every sealed value would be lost.
func TestOpenRefusesWhatItMustNotUse(t *testing.T) {
	write := func(text string, mode os.FileMode) func(string) error {
		return func(path string) error {
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				return err
			}
			return os.Chmod(path, mode)
		}
	}
	for _, c := range []struct {
		name    string
		prepare func(path string) error
		want    string
	}{
		{"group can read", write(fixed, 0o640), "chmod 600"},
		{"others can read", write(fixed, 0o604), "chmod 600"},
		{"empty file", write("", 0o600), "key ring is empty"},
		{"half a file", write(fixed[:60], 0o600), "line 3"},
		{"a folder", func(path string) error { return os.Mkdir(path, 0o700) }, "not a regular file"},
	} {
		path := filepath.Join(t.TempDir(), "keyring")
		if err := c.prepare(path); err != nil {
			t.Fatal(err)
		}
		before, _ := os.ReadFile(path)
		if _, err := Open(path, day); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want an error with %q", c.name, err, c.want)
		}
		if after, _ := os.ReadFile(path); string(after) != string(before) {
			t.Errorf("%s: the file was changed", c.name)
		}
	}
}

// Rotating on disk must leave a file that the next start accepts.
func TestSavedRotationIsOpened(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keyring")
	r, err := Open(path, day)
	if err != nil {
		t.Fatal(err)
	}
	next, err := r.Rotate(strings.NewReader(strings.Repeat("k", keySize)), day)
	if err != nil {
		t.Fatal(err)
	}
	if err := next.Save(path); err != nil {
		t.Fatal(err)
	}
	if again, err := Open(path, day); err != nil || string(again.Text()) != string(next.Text()) {
		t.Errorf("after Save: %v, %v; want %v", again, err, next)
	}
}

// A cluster hands a secret over as root's file, which the service's group may read: refusing it left no
// way to start there. Everything wider stays refused.
func TestRootMayGiveTheRingToOurGroup(t *testing.T) {
	for _, c := range []struct {
		mode        fs.FileMode
		owner, self int
		want        bool
	}{
		{0o440, 0, 65532, false}, {0o640, 0, 65532, false}, {0o400, 0, 65532, false},
		{0o460, 0, 65532, true}, {0o444, 0, 65532, true}, {0o450, 0, 65532, true},
		{0o600, 65532, 65532, false}, {0o640, 65532, 65532, true}, {0o640, 1000, 65532, true},
		{0o600, 0, 0, false}, {0o640, 0, 0, true},
	} {
		if got := exposed(c.mode, c.owner, c.self); got != c.want {
			t.Errorf("mode %04o of %d, read by %d: exposed is %t", c.mode, c.owner, c.self, got)
		}
	}
}

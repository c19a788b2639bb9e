package durable_test

import (
	"os"
	"path/filepath"
	"testing"

	"paylink/durable"
)

// That the names outlive a power cut is drilled on a disk that loses what was not synced, in
// story/loss. Here: what others may see of the folders, and that nothing that is there is touched.
func TestFoldersAreMadeForTheirOwnerOnly(t *testing.T) {
	top := t.TempDir()
	if err := os.Chmod(top, 0o755); err != nil {
		t.Fatal(err)
	}
	deep := filepath.Join(top, "a", "b")
	for range 2 {
		if err := durable.MakeFolder(deep); err != nil {
			t.Fatal(err)
		}
	}
	for path, want := range map[string]os.FileMode{top: 0o755, filepath.Dir(deep): 0o700, deep: 0o700} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v", path, info.Mode(), err)
		}
	}
	file := filepath.Join(top, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if durable.MakeFolder(file) == nil || durable.MakeFolder(filepath.Join(file, "under")) == nil {
		t.Error("a folder where a file stands was said to be made")
	}
	if durable.SyncNames(filepath.Join(top, "missing")) == nil {
		t.Error("the names of a missing folder were said to be on the disk")
	}
}

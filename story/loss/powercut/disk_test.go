package powercut

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// A disk that kept what was not synced, or lost what was, would make every drill pass or fail for
// nothing.
func TestOnlyWhatWasSyncedOutlivesTheCut(t *testing.T) {
	d := New()
	f := d.add(false, 0o600)
	d.root.names["kept"] = f
	d.root.renamed()
	d.root.sync(false)
	f.write([]byte("first "), 0)
	f.sync(false)
	f.write([]byte("second"), 6)
	d.root.names["lost"] = d.add(false, 0o600)
	d.root.renamed()
	d.Freeze()
	d.Cut(Nothing, dice(1))
	if string(f.live) != "first " || len(d.root.names) != 1 || d.root.names["kept"] != f {
		t.Errorf("left %q under %v", f.live, d.root.names)
	}
	f.write([]byte("SECOND"), 6)
	f.resize(3)
	f.sync(false)
	d.Cut(Nothing, dice(1))
	if string(f.live) != "fir" {
		t.Errorf("left %q", f.live)
	}
}

// With mercy, every piece is one of those that were written, and over many cuts all of them occur:
// otherwise a torn or reordered write would never be drilled.
func TestMercyTearsAndReorders(t *testing.T) {
	seen := map[string]bool{}
	for seed := range uint64(200) {
		d := New()
		f := d.add(false, 0o600)
		f.write(bytes.Repeat([]byte("a"), 2*pageSize), 0)
		f.sync(false)
		f.write(bytes.Repeat([]byte("b"), 2*pageSize), 0)
		f.write(bytes.Repeat([]byte("c"), 2*pageSize), 0)
		d.Cut(Pages, dice(seed))
		for page := range int64(2) {
			if content := pageOf(f.live, page); len(bytes.Trim(content, string(content[:1]))) != 0 {
				t.Fatalf("a page holds %q and others", content[0])
			}
		}
		seen[string([]byte{f.live[0], f.live[pageSize]})] = true
	}
	if len(seen) != 9 {
		t.Errorf("of the 9 possible outcomes came %v", seen)
	}
	torn := New()
	f := torn.add(false, 0o600)
	f.write(bytes.Repeat([]byte("a"), pageSize), 0)
	f.sync(false)
	f.write(bytes.Repeat([]byte("b"), pageSize), 0)
	torn.Cut(Sectors, dice(7))
	if bytes.Count(f.live, []byte("a")) == 0 || bytes.Count(f.live, []byte("b")) == 0 || bytes.Count(f.live, []byte("b"))%sectorSize != 0 {
		t.Errorf("the page is not torn by sectors: %d of a", bytes.Count(f.live, []byte("a")))
	}
}

// Linux forgets pages whose fsync failed: the next fsync succeeds and they are still not on the disk.
func TestFailedSyncIsForgotten(t *testing.T) {
	d := New()
	f := d.add(false, 0o600)
	f.write(bytes.Repeat([]byte("a"), 2*pageSize), 0)
	f.sync(false)
	f.write(bytes.Repeat([]byte("b"), 2*pageSize), 0)
	f.sync(true)
	if f.live[0] != 'b' {
		t.Errorf("the page is not shown any more")
	}
	f.write([]byte("c"), pageSize)
	f.sync(false)
	d.Cut(Nothing, dice(1))
	if f.live[0] != 'a' || f.live[pageSize] != 'c' || f.live[pageSize+1] != 'b' {
		t.Errorf("left %q, %q, %q", f.live[0], f.live[pageSize], f.live[pageSize+1])
	}
}

func dice(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0)) }

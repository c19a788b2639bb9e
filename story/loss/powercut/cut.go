package powercut

import (
	"maps"
	"math/rand/v2"
	"slices"
)

// Mercy is what a cut leaves of what was not synced.
type Mercy string

// The kinds of mercy.
const (
	// Nothing: all of it is gone.
	Nothing Mercy = "nothing"
	// Pages: each page of 4 KiB holds one of the contents that it had since the last sync, the one
	// before included, whatever its neighbours hold. So writes are lost, torn and out of order. Sizes
	// and names are those of some moment since the last sync.
	Pages Mercy = "pages"
	// Sectors is Pages for each 512 bytes.
	Sectors Mercy = "sectors"
)

// Freeze lets nothing reach the disk any more, nor come from it: every call gets an I/O error. It is
// the moment of the cut, after which the drill kills the program.
func (d *Disk) Freeze() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.frozen = true
}

// FailSyncs makes every fsync fail from now on, or succeed again.
func (d *Disk) FailSyncs(fail bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.failing = fail
}

// Cut decides what is left of a frozen disk, by the dice, and wakes it. The disk is not mounted then.
func (d *Disk) Cut(mercy Mercy, dice *rand.Rand) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, number := range slices.Sorted(maps.Keys(d.nodes)) { // in one order, so that dice decide alike
		n := d.nodes[number]
		if n.folder {
			n.cutNames(mercy, dice)
		} else {
			n.cutContent(mercy, dice)
		}
		clear(n.dirty)
		n.sizes, n.changes = nil, nil
	}
	d.frozen, d.failing = false, false
}

func (n *node) cutNames(mercy Mercy, dice *rand.Rand) {
	if pick := dice.IntN(len(n.changes) + 1); mercy != Nothing && pick > 0 {
		n.firmNames = n.changes[pick-1]
	}
	n.names = maps.Clone(n.firmNames)
}

func (n *node) cutContent(mercy Mercy, dice *rand.Rand) {
	if mercy != Nothing {
		n.keepSome(mercy, dice)
	}
	n.live = slices.Clone(n.firm)
}

// keepSome lets pieces of what was not synced survive.
func (n *node) keepSome(mercy Mercy, dice *rand.Rand) {
	if pick := dice.IntN(len(n.sizes) + 1); pick > 0 {
		n.firm = resized(n.firm, n.sizes[pick-1])
	}
	piece := pageSize
	if mercy == Sectors {
		piece = sectorSize
	}
	for _, page := range slices.Sorted(maps.Keys(n.dirty)) {
		contents := append([][]byte{pageOf(n.firm, page)}, n.dirty[page]...)
		for at := 0; at < pageSize; at += piece {
			to := page*pageSize + int64(at)
			if to >= int64(len(n.firm)) {
				break
			}
			copy(n.firm[to:], contents[dice.IntN(len(contents))][at:at+piece])
		}
	}
}

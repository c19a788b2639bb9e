// Package powercut is a disk that loses what was not synced. It is a small file system in memory,
// mounted through FUSE, for the drills that cut the power under paylink.
//
// A disk keeps two states of everything: the one that programs see, and the one that a power cut
// leaves. A write, a change of size, a new name, a rename or a removal goes into the first at once; an
// fsync of the file, or of the folder for names, carries it into the second. What lies between the two
// at the cut is lost, or survives in pieces and in any order, as the drill wishes. An fsync can also be
// told to fail as Linux fails it: the pages count as written, go on to be shown, and are not there.
//
// What a drill writes, and what it then expects, is left to package loss beside it.
package powercut

import (
	"maps"
	"sync"
)

const (
	pageSize   = 4096 // what the operating system writes at once
	sectorSize = 512  // what a disk writes at once
)

// Disk is one disk. Its methods may be called from any goroutine.
type Disk struct {
	mu      sync.Mutex
	root    *node
	nodes   map[uint64]*node
	frozen  bool
	failing bool
}

// New makes an empty disk.
func New() *Disk {
	d := &Disk{nodes: map[uint64]*node{}}
	d.root = d.add(true, 0o755)
	return d
}

// node is a file or a folder, as it is seen (live) and as a power cut leaves it (firm).
type node struct {
	number uint64
	folder bool
	mode   uint32

	live, firm []byte
	dirty      map[int64][][]byte // page → each of its contents since the last sync
	sizes      []int64            // since the last sync

	names, firmNames map[string]*node
	changes          []map[string]*node // of names, since the last sync
}

func (d *Disk) add(folder bool, mode uint32) *node {
	n := &node{number: uint64(len(d.nodes) + 1), folder: folder, mode: mode, dirty: map[int64][][]byte{}}
	if folder {
		n.names, n.firmNames = map[string]*node{}, map[string]*node{}
	}
	d.nodes[n.number] = n
	return n
}

// write puts data at an offset, for all to see.
func (n *node) write(data []byte, at int64) {
	if end := at + int64(len(data)); end > int64(len(n.live)) {
		n.live = append(n.live, make([]byte, end-int64(len(n.live)))...)
		n.sizes = append(n.sizes, end)
	}
	copy(n.live[at:], data)
	n.touch(at, at+int64(len(data)))
}

// resize changes the length; what is cut off is zero if it ever comes back.
func (n *node) resize(size int64) {
	old := int64(len(n.live))
	if size == old {
		return
	}
	if size > old {
		n.live = append(n.live, make([]byte, size-old)...)
	} else {
		clear(n.live[size:])
		n.live = n.live[:size]
	}
	n.sizes = append(n.sizes, size)
	n.touch(min(size, old), max(size, old))
}

// touch notes what the pages of a range hold now.
func (n *node) touch(from, to int64) {
	for page := from / pageSize; page*pageSize < to; page++ {
		n.dirty[page] = append(n.dirty[page], pageOf(n.live, page))
	}
}

// pageOf copies a page, with zeros behind the end of the file.
func pageOf(content []byte, page int64) []byte {
	copied := make([]byte, pageSize)
	if at := page * pageSize; at < int64(len(content)) {
		copy(copied, content[at:])
	}
	return copied
}

// sync makes the node firm: a file's content, a folder's names. A sync that fails forgets that there
// was anything to write, and leaves the disk as it was.
func (n *node) sync(fails bool) {
	if !fails && n.folder {
		n.firmNames = maps.Clone(n.names)
	}
	if !fails && !n.folder {
		n.firm = resized(n.firm, int64(len(n.live)))
		for page := range n.dirty {
			if at := page * pageSize; at < int64(len(n.firm)) {
				copy(n.firm[at:], pageOf(n.live, page))
			}
		}
	}
	clear(n.dirty)
	n.sizes, n.changes = nil, nil
}

func resized(content []byte, size int64) []byte {
	if size <= int64(len(content)) {
		return content[:size:size]
	}
	return append(content, make([]byte, size-int64(len(content)))...)
}

// renamed notes that the folder's names have changed.
func (n *node) renamed() { n.changes = append(n.changes, maps.Clone(n.names)) }

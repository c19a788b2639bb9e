package main

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// garbage is how much a small heap may grow, in percent, before it is collected. A server of ours lives in
// a few megabytes: collecting them ever again costs a tenth of its time, and memory is not short. A heap that
// is no longer small, as while a file of a million rows is judged, grows by mostGarbage instead, or doubles.
const (
	garbage     = 400
	small       = 32 << 20 // bytes of a heap
	mostGarbage = 48 << 20
)

// growth is how much a heap of so many live bytes may grow, in percent.
func growth(live uint64) int {
	if live < small {
		return garbage
	}
	return int(max(100, mostGarbage*100/live))
}

// keepHeapInBounds lets the heap grow as growth says, and looks at it again after each collection.
func keepHeapInBounds() {
	debug.SetGCPercent(garbage)
	type sentinel struct{ set int } // which every collection finds unreachable
	var look func(*sentinel)
	look = func(s *sentinel) {
		live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
		metrics.Read(live)
		if live[0].Value.Kind() == metrics.KindUint64 {
			if now := growth(live[0].Value.Uint64()); now != s.set {
				s.set = now
				debug.SetGCPercent(now)
			}
		}
		runtime.SetFinalizer(s, look)
	}
	runtime.SetFinalizer(&sentinel{garbage}, look)
}

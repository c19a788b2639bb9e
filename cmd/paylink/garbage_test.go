package main

import "testing"

// A small heap that is collected all the time costs speed, a large one that is not costs the machine's memory.
func TestHeapGrowsWithinBounds(t *testing.T) {
	for _, c := range []struct{ live, grown uint64 }{{10 << 20, 50 << 20}, {31 << 20, 155 << 20}, {48 << 20, 96 << 20}, {200 << 20, 400 << 20}} {
		if got := c.live + c.live*uint64(growth(c.live))/100; got != c.grown {
			t.Errorf("%d MB grow to %d MB, want %d", c.live>>20, got>>20, c.grown>>20)
		}
	}
}

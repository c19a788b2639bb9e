package delivery_test

import (
	"sync"
	"time"
)

// handsets are the phones and mailboxes of all customers: what arrived there, and nothing that paylink says
// of it. A customer is known by number, from 0, because each link has a customer of its own.
type handsets struct {
	mu  sync.Mutex
	got map[int][]arrival
}

// arrival is one message on a customer's screen.
type arrival struct {
	at      time.Time
	by      *far
	message string // what tells one message from another at its provider: our id of it where it gets one
	code    string // of the link that is written in it
}

func newHandsets() *handsets { return &handsets{got: map[int][]arrival{}} }

func (h *handsets) receive(customer int, a arrival) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.got[customer] = append(h.got[customer], a)
}

// of gives what a customer got that opens the link with the code.
func (h *handsets) of(customer int, code string) []arrival {
	h.mu.Lock()
	defer h.mu.Unlock()
	var all []arrival
	for _, a := range h.got[customer] {
		if a.code == code {
			all = append(all, a)
		}
	}
	return all
}

// strays counts what customers got that opens no link of theirs.
func (h *handsets) strays(codes []string) (n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for customer, all := range h.got {
		for _, a := range all {
			if a.code != codes[customer] {
				n++
			}
		}
	}
	return n
}

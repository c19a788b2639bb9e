package audit

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"sync"

	"paylink"
	"paylink/store"
)

// mostRemembered bounds a memory, at about sixty bytes a payment. What events say of payments beyond
// it is read a second time.
const mostRemembered = 2 << 20

// memory keeps what the walk along the chains has heard of each payment, so that its events need not be
// read again beside its row. It can only say that a payment is what its events say: whoever is not told
// so reads the events, and judges by those.
type memory struct {
	salt string // so that nobody can prepare two payments that look alike here
	most int    // payments

	mu       sync.Mutex
	next     int            // the piece of a chain that is taken in next
	early    map[int][]word // pieces that were read before their turn
	payments map[mark]word
}

// mark stands for a text.
type mark [16]byte

// word is what events in a row say of a payment.
type word struct {
	key         mark
	said        mark  // the payment in the last of them; zero after a move that the machine forbids
	first, last uint8 // its states, as places in states
}

var states = slices.Sorted(maps.Keys(paylink.PaymentMachine.Says))

func newMemory(most int) *memory {
	return &memory{salt: rand.Text(), most: most, early: map[int][]word{}, payments: map[mark]word{}}
}

// story is what one piece of a chain tells of one payment.
type story struct {
	first, last paylink.PaymentStatus
	forbidden   bool   // a move between two of its events
	text        string // of the payment in the last event, and what stands behind it
}

// stories are those of one piece, by link and payment.
type stories map[[2]string]*story

func (s stories) hear(e *store.Entry) {
	text, to, ok := said(e)
	if !ok {
		return
	}
	key := [2]string{string(e.Link), string(e.Payment)}
	t := s[key]
	if t == nil {
		t = &story{first: to}
		s[key] = t
	} else {
		t.forbidden = t.forbidden || !mayFollow(t.last, to)
	}
	t.last, t.text = to, text
}

// takeIn adds the stories of a piece of a merchant's chain. Pieces come in any order and count in
// theirs.
func (m *memory) takeIn(piece int, merchant paylink.MerchantID, s stories) {
	words := make([]word, 0, len(s))
	for key, t := range s {
		first, last := slices.Index(states, t.first), slices.Index(states, t.last)
		w := word{key: m.mark(string(merchant), key[0], key[1])}
		if text, ok := strings.CutSuffix(t.text, "}"); ok && !t.forbidden && first >= 0 && last >= 0 {
			w.said, w.first, w.last = m.mark(plain(text)), uint8(first), uint8(last)
		}
		words = append(words, w)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.early[piece] = words
	for words, ok := m.early[m.next]; ok; words, ok = m.early[m.next] {
		for _, w := range words {
			m.add(w)
		}
		delete(m.early, m.next)
		m.next++
	}
}

func (m *memory) add(w word) {
	before, known := m.payments[w.key] // what was not kept at first is never kept: nothing leaves meanwhile
	if !known && len(m.payments) >= m.most {
		return
	}
	if known && (before.said == mark{} || !mayFollow(states[before.last], states[w.first])) || !known && !mayBegin(states[w.first]) {
		w.said = mark{} // for good: the next one is held to this
	}
	m.payments[w.key] = w
}

// proves tells whether a payment is what its events say, and forgets it: it stands.
func (m *memory) proves(p paylink.Payment) bool {
	text, err := json.Marshal(p.Snapshot())
	key, said := m.mark(string(p.Merchant), string(p.Link), string(p.ID)), m.mark(plain(string(text)))
	m.mu.Lock()
	defer m.mu.Unlock()
	w, ok := m.payments[key]
	delete(m.payments, key)
	return err == nil && ok && w.said == said
}

// empty tells whether no event told of a payment that nobody has asked about.
func (m *memory) empty() bool { return len(m.payments) == 0 }

func (m *memory) mark(texts ...string) (short mark) {
	b := make([]byte, 0, 1024)
	b = append(b, m.salt...)
	for _, text := range texts {
		b = append(binary.BigEndian.AppendUint32(b, uint32(len(text))), text...)
	}
	sum := sha256.Sum256(b)
	copy(short[:], sum[:])
	return short
}

package audit

import (
	"encoding/json"
	"testing"
	"time"

	"paylink"
	"paylink/store"
)

var started = time.Date(2026, 11, 22, 12, 0, 0, 123456789, time.UTC)

// tell gives the stories of a piece of a chain in which a payment takes some states. Its times are finer
// than the database keeps them.
func tell(p paylink.Payment, states ...paylink.PaymentStatus) stories {
	s := stories{}
	for _, p.Status = range states {
		text := paylink.EventData{Payment: p.Snapshot()}.JSON()
		s.hear(&store.Entry{Link: p.Link, Payment: p.ID, Data: string(text)})
	}
	return s
}

// asStored gives a payment in a state as its row has it.
func asStored(p paylink.Payment, status paylink.PaymentStatus) paylink.Payment {
	p.Status, p.CreatedAt, p.UpdatedAt = status, stored(p.CreatedAt), stored(p.UpdatedAt)
	return p
}

func newPayment(id paylink.PaymentID) paylink.Payment {
	return paylink.Payment{ID: id, Merchant: "mer_a", Link: "plink_1", CreatedAt: started, UpdatedAt: started.Add(time.Second)}
}

// Pieces of a chain are read side by side, and the later one is often ready first. A payment that goes
// on from one piece into the next would be judged by the wrong state.
func TestPiecesAreHeardInTheirOrder(t *testing.T) {
	p := newPayment("pay_1")
	for name, c := range map[string]struct {
		pieces [][]paylink.PaymentStatus
		is     paylink.PaymentStatus
		proven bool
	}{
		"as it was":                   {[][]paylink.PaymentStatus{{"created"}, {"pending"}, {"captured"}}, "captured", true},
		"not told in between":         {[][]paylink.PaymentStatus{{"created", "pending"}, {}, {"captured"}}, "captured", true},
		"the row is behind":           {[][]paylink.PaymentStatus{{"created"}, {"pending"}, {"captured"}}, "pending", false},
		"a forbidden move in a piece": {[][]paylink.PaymentStatus{{"created"}, {"captured", "failed"}, {"captured"}}, "captured", false},
		"and between two":             {[][]paylink.PaymentStatus{{"created", "captured"}, {"failed"}, {"captured"}}, "captured", false},
		"it begins in the middle":     {[][]paylink.PaymentStatus{{}, {"pending"}, {"captured"}}, "captured", false},
		"no state at all":             {[][]paylink.PaymentStatus{{"created"}, {"lost"}, {"captured"}}, "captured", false},
	} {
		for _, order := range [][]int{{0, 1, 2}, {2, 1, 0}, {1, 2, 0}} {
			m := newMemory(10)
			for _, piece := range order {
				m.takeIn(piece, p.Merchant, tell(p, c.pieces[piece]...))
			}
			if got := m.proves(asStored(p, c.is)); got != c.proven || !m.empty() {
				t.Errorf("%s, read in the order %v: proven %v, all asked for %v", name, order, got, m.empty())
			}
		}
	}
}

// A memory without a bound would need a machine as large as the database; one that forgets what it has
// begun to hear would take a payment's middle for its beginning.
func TestAFullMemoryHearsOnOnlyOfWhatItKnows(t *testing.T) {
	one, other := newPayment("pay_1"), newPayment("pay_2")
	m := newMemory(1)
	m.takeIn(0, one.Merchant, tell(one, "created"))
	m.takeIn(1, one.Merchant, tell(other, "created", "captured"))
	m.takeIn(2, one.Merchant, tell(one, "captured"))
	if m.proves(asStored(other, "captured")) {
		t.Error("proves what it did not keep")
	}
	if !m.proves(asStored(one, "captured")) || !m.empty() {
		t.Error("does not prove what it kept")
	}
}

// A payment of one merchant would stand for that of another, or of another link.
func TestAPaymentIsProvenByItsOwnStoryOnly(t *testing.T) {
	p := newPayment("pay_1")
	for name, other := range map[string]func(*paylink.Payment){
		"merchant": func(p *paylink.Payment) { p.Merchant = "mer_b" },
		"link":     func(p *paylink.Payment) { p.Link = "plink_2" },
		"amount":   func(p *paylink.Payment) { p.Amount.Minor++ },
		"time":     func(p *paylink.Payment) { p.UpdatedAt = p.UpdatedAt.Add(time.Microsecond) },
	} {
		m := newMemory(10)
		m.takeIn(0, p.Merchant, tell(p, "created"))
		q := asStored(p, "created")
		if other(&q); m.proves(q) {
			t.Errorf("proves another %s", name)
		}
	}
}

// Times are compared as the database keeps them. One that is cut wrongly makes every payment look changed.
func TestPlainTimesAreThoseOfTheDatabase(t *testing.T) {
	for _, nanos := range []int{0, 1, 999, 1000, 1999, 120_000_000, 120_000_001, 123_456_000, 123_456_789, 999_999_999} {
		p := newPayment("pay_1")
		p.CreatedAt = time.Date(2026, 11, 22, 12, 0, 0, nanos, time.UTC)
		p.CapturedAt = p.CreatedAt
		said, err := json.Marshal(p.Snapshot())
		if err != nil {
			t.Fatal(err)
		}
		p.CreatedAt, p.UpdatedAt, p.CapturedAt = stored(p.CreatedAt), stored(p.UpdatedAt), stored(p.CapturedAt)
		is, err := json.Marshal(p.Snapshot())
		if err != nil {
			t.Fatal(err)
		}
		if plain(string(said)) != string(is) || plain(string(is)) != string(is) {
			t.Errorf("%s\nbecame\n%s\nwant\n%s", said, plain(string(said)), is)
		}
	}
}

package sandbox

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// aReservation is an order whose money waits for its capture.
func (s *Sandbox) aReservation(t *testing.T) {
	t.Helper()
	o := anOrder("card")
	o["manual"] = true
	if w := s.call(t, account, "POST", "/sandbox/gateway/orders", o); w.Code != http.StatusCreated {
		t.Fatalf("order answered %d %s", w.Code, w.Body)
	}
	s.mu.Lock()
	page := s.world.orders[0].Page
	s.mu.Unlock()
	if w := s.press("/sandbox/orders/"+page+"/outcome", "outcome=success"); w.Code != http.StatusSeeOther {
		t.Fatalf("the bank's button answered %d", w.Code)
	}
}

// A merchant that forgets a reservation is never told that the bank gave it back.
func TestReservationLapsesAfterAWeek(t *testing.T) {
	inVirtualTime(t, Config{}, func(t *testing.T, s *Sandbox, in *inbox) {
		s.aReservation(t)
		settleFor(6 * 24 * time.Hour)
		if told := in.words(t); len(told) != 1 || told[0].Data.Status != "authorised" {
			t.Fatalf("before its end it was told %+v", told)
		}
		settleFor(25 * time.Hour)
		told := in.words(t)
		if len(told) != 2 || told[1].Data.Status != "voided" {
			t.Fatalf("after its end it was told %+v", told)
		}
		if w := s.call(t, account, "POST", "/sandbox/gateway/orders/"+reference+"/capture", map[string]any{"amount": 245050, "currency": "INR"}); w.Code != http.StatusConflict {
			t.Errorf("a capture after the end answered %d", w.Code)
		}
	})
}

// A bank's transfer that cannot be taken back is called a reservation.
func TestNetbankingReservesNothing(t *testing.T) {
	s := open(t, Config{})
	o := anOrder("netbanking")
	o["manual"] = true
	if w := s.call(t, account, "POST", "/sandbox/gateway/orders", o); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "manual") {
		t.Errorf("it answered %d %s", w.Code, w.Body)
	}
}

// Nobody answers a dispute, and it stays open for ever; or the sandbox forgets it when it starts again.
func TestDisputeIsLostBySilenceAlsoAfterARestart(t *testing.T) {
	journal := t.TempDir() + "/journal"
	inVirtualTime(t, Config{Journal: journal}, func(t *testing.T, s *Sandbox, in *inbox) {
		page := s.start(t, "card")
		s.press("/sandbox/orders/"+page[strings.LastIndex(page, "/")+1:]+"/outcome", "outcome=success")
		r := s.press("/sandbox/orders/"+reference+"/dispute", "reason=fraudulent")
		if r.Code != http.StatusSeeOther || strings.Contains(r.Header().Get("Location"), "trouble") {
			t.Fatalf("the button answered %d to %s", r.Code, r.Header().Get("Location"))
		}
		if again := s.press("/sandbox/orders/"+reference+"/dispute", ""); !strings.Contains(again.Header().Get("Location"), "trouble=dispute") {
			t.Errorf("a second objection went to %s", again.Header().Get("Location"))
		}
	})
	inVirtualTime(t, Config{Journal: journal}, func(t *testing.T, s *Sandbox, in *inbox) {
		settleFor(8 * 24 * time.Hour)
		var kinds []string
		for _, n := range in.words(t) {
			kinds = append(kinds, n.Type)
		}
		if len(kinds) == 0 || kinds[len(kinds)-1] != "dispute.lost" {
			t.Errorf("told %v, want the dispute lost at the end", kinds)
		}
		if page := s.get("/sandbox/").Body.String(); !strings.Contains(page, "customer was right") {
			t.Error("the phone page does not show how it ended")
		}
	})
}

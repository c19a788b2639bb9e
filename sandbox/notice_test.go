package sandbox

import (
	"bytes"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"
)

// Both sides compute this on their own; the vector was made with openssl, not with this code.
func TestSignatureIsTheOneOnTheWirePage(t *testing.T) {
	s := &Sandbox{cfg: Config{Master: master}}
	key := s.password("mer_1.acct_1")
	if want := "4e15afa17ea43b459a2ead68aaa26c02ed64fb9dbcead86d1cbeb4bfdf5d7e84"; key != want {
		t.Errorf("password %s, want %s", key, want)
	}
	got := sign(key, 1764000000, []byte(`{"id":"sbx_ntc_1"}`))
	if want := "t=1764000000,v1=370bf7d2d0ca04236d924b5cb8cb6a7b0a0e9cd0dc6c60dba1a8d442995ef144"; got != want {
		t.Errorf("signature %s, want %s", got, want)
	}
}

// Paylink may be down when the bank speaks. The letter comes again, is the same letter by id and
// body, is signed anew because receivers refuse an old signature, and ends.
func TestLetterIsSentAgainUntilItIsTaken(t *testing.T) {
	inVirtualTime(t, Config{}, func(t *testing.T, s *Sandbox, in *inbox) {
		in.answers = []int{500, 302, 404}
		s.press(s.start(t, "upi"), "app=test_success")
		settleFor(24 * time.Hour)
		got := in.taken()
		if len(got) != 4 {
			t.Fatalf("sent %d times, want 4", len(got))
		}
		for i, want := range []time.Duration{0, time.Second, 6 * time.Second, 36 * time.Second} {
			if after := got[i].At.Sub(got[0].At); after != want {
				t.Errorf("try %d came after %s, want %s", i, after, want)
			}
			if got[i].Body != got[0].Body {
				t.Errorf("try %d has another body", i)
			}
			if got[i].Signature != sign(s.password(account), got[i].At.Unix(), []byte(got[i].Body)) {
				t.Errorf("try %d is signed %s", i, got[i].Signature)
			}
		}
		if len(s.world.letters) != 0 {
			t.Errorf("%d letters still wait", len(s.world.letters))
		}
	})
}

// A receiver that never takes anything must not be written to for ever, and must not keep others
// from being told.
func TestLetterIsGivenUpInTheEnd(t *testing.T) {
	inVirtualTime(t, Config{}, func(t *testing.T, s *Sandbox, in *inbox) {
		for range 100 {
			in.answers = append(in.answers, http.StatusInternalServerError)
		}
		s.press(s.start(t, "upi"), "app=test_success")
		settleFor(24 * time.Hour)
		if got, want := len(in.taken()), 1+len(sendAgainAfter); got != want {
			t.Errorf("sent %d times, want %d", got, want)
		}
		if len(s.world.letters) != 0 || s.outbox.Len() != 0 {
			t.Errorf("%d letters still wait, %d on the agenda", len(s.world.letters), s.outbox.Len())
		}
	})
}

// The log goes to whoever runs the machine: a card number, an address or a link's code in it is
// theirs to lose.
func TestLogHoldsIdsOnly(t *testing.T) {
	var log bytes.Buffer
	cfg := Config{Log: slog.New(slog.NewJSONHandler(&log, nil))}
	inVirtualTime(t, cfg, func(t *testing.T, s *Sandbox, in *inbox) {
		in.answers = []int{500, 500, 500, 500, 500, 500, 500, 500, 500, 500, 500, 500}
		s.call(t, account, "POST", "/sandbox/carrier/sms/messages", aMessage("msg_1", "+919812345642"))
		s.press(s.start(t, "card"), "number=4000+0000+0000+0002&expiry=01/40&code=987&name=Canary+Holder")
		settleFor(24 * time.Hour)
		for _, secret := range []string{"9812345642", "4000000000000002", "4000 0000", "Canary", "k7Qp2xW9dTz4LmVb8RsY1c", s.password(account)} {
			if strings.Contains(log.String(), secret) {
				t.Errorf("the log holds %q", secret)
			}
		}
		if log.Len() == 0 {
			t.Error("nothing was logged at all")
		}
	})
}

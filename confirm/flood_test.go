package confirm_test

import (
	"testing"
	"time"

	"paylink"
	"paylink/provider/sandboxtest"
	"paylink/store"
	"paylink/store/storetest"
)

// Somebody who knows the address of an account posts forged notices without end: the disk must not fill with them,
// each is still refused, and the genuine one among them counts.
func TestForgedNoticesWithoutEndAreRefusedAndFewAreKept(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		sh := openShop(t, s)
		l, p := sh.link(paylink.PaymentActionRequired, nil)
		good := sh.body(p, "captured", nil)
		flood := func(posts int) {
			for range posts {
				if verdict := sh.receive(sandboxtest.Sign("another secret", good, sh.now), good); verdict != paylink.NoticeRefused {
					t.Fatalf("a forged notice is %s", verdict)
				}
			}
		}
		kept := func() (refused int) {
			for before := paylink.NoticeID(""); ; {
				page, err := s.Read(t.Context()).Notices(sh.merchant, false, "", before, 50)
				if err != nil {
					t.Fatal(err)
				}
				for _, n := range page {
					before = n.ID
					if n.Verdict == paylink.NoticeRefused {
						refused++
					}
				}
				if len(page) < 50 {
					return refused
				}
			}
		}
		flood(300)
		if got := kept(); got != 100 {
			t.Errorf("%d of 300 forged notices are kept, want 100", got)
		}
		if verdict := sh.post(good); verdict != paylink.NoticeReceived {
			t.Errorf("the genuine notice is %s", verdict)
		}
		flood(100)
		if got, _ := sh.state(l); got.Status != paylink.LinkPaid {
			t.Errorf("the link is %s", got.Status)
		}
		sh.now = sh.now.Add(10 * time.Second)
		flood(100)
		if got := kept(); got != 101 {
			t.Errorf("ten seconds later %d are kept, want 101", got)
		}
	})
}

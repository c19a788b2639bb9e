package dispatch

import (
	"context"
	"testing"
	"testing/synctest"
)

// A message that marks nothing because another one is about to, and then that one fails, leaves a link
// that was sent and does not say so.
func TestOneMessageAtATimeMarksTheLink(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var f firsts
		marked, leave := f.enter(t.Context(), "plink_1")
		if marked {
			t.Fatal("the first one finds it marked")
		}
		if other, leaveOther := f.enter(t.Context(), "plink_2"); other {
			t.Error("another link is marked")
		} else {
			leaveOther(true)
		}
		told := make(chan bool, 3)
		next := func(leaves bool) {
			marked, leave := f.enter(t.Context(), "plink_1")
			told <- marked
			leave(leaves)
		}
		go next(false)
		synctest.Wait()
		if len(told) > 0 {
			t.Fatal("somebody did not wait")
		}
		leave(false) // it failed: the next one's turn
		if <-told {
			t.Error("the next finds marked what failed")
		}
		synctest.Wait()
		_, leave = f.enter(t.Context(), "plink_1")
		go next(true)
		go next(true)
		synctest.Wait()
		leave(true)
		if first, second := <-told, <-told; !first || !second {
			t.Errorf("those who waited find it marked: %t, %t", first, second)
		}
		synctest.Wait()
		if len(f.under) > 0 {
			t.Errorf("%d places stay taken", len(f.under))
		}
	})
}

// A worker that is told to stop must not hang behind another one.
func TestWaitingForTheFirstEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var f firsts
		_, leave := f.enter(t.Context(), "plink_1")
		ctx, stop := context.WithCancel(t.Context())
		stop()
		marked, leaveNothing := f.enter(ctx, "plink_1")
		leaveNothing(true)
		if marked || len(f.under) != 1 {
			t.Errorf("marked %t, %d places", marked, len(f.under))
		}
		leave(true)
	})
}

package smpp

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"paylink/provider/providertest"
)

// Lines break again and again while messages go out. Whatever is told to have been sent has arrived, whatever is
// told not to have been sent has not, and nothing arrives twice though all that was not sent is sent again.
func TestNothingIsLostOrDoubledOnBreakingLines(t *testing.T) {
	far := startSMSC(t)
	far.behave(map[string]any{"receipts": "never"})
	a := far.account()
	d := listen(t, a)
	var mu sync.Mutex
	sent, unknown, again := map[string]bool{}, map[string]bool{}, 0
	work := make(chan string)
	var senders sync.WaitGroup
	for range 16 {
		senders.Go(func() {
			for text := range work {
				for {
					ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
					_, err := d.Send(ctx, a, letter(text))
					cancel()
					mu.Lock()
					end := providertest.Ending(err)
					sent[text], unknown[text] = end == "well", end == "unknown"
					again++
					mu.Unlock()
					if end != "not sent" || t.Context().Err() != nil {
						break
					}
					time.Sleep(10 * time.Millisecond)
				}
			}
		})
	}
	letters, stop := 0, make(chan struct{})
	senders.Go(func() {
		defer close(work)
		for ; ; letters++ {
			select {
			case work <- fmt.Sprintf("letter %d", letters):
			case <-stop:
				return
			}
		}
	})
	for cuts := range 5 { // each pause before the next bind is twice as long
		eventually(t, "it is bound", func() bool { return d.isUp(a) })
		time.Sleep(50 * time.Millisecond)
		if cuts < 4 {
			far.ask("/cut", nil, nil)
		}
	}
	close(stop)
	senders.Wait()

	arrived := map[string]int{}
	for _, s := range far.submits() {
		arrived[s.Text]++
	}
	doubtful := 0
	for i := range letters {
		text := fmt.Sprintf("letter %d", i)
		switch n := arrived[text]; {
		case n > 1:
			t.Errorf("%s arrived %d times", text, n)
		case sent[text] && n != 1:
			t.Errorf("%s was sent and did not arrive", text)
		case !sent[text] && !unknown[text]:
			t.Errorf("%s was neither sent nor is in doubt", text)
		}
		if unknown[text] {
			doubtful++
		}
	}
	t.Logf("%d tries for %d letters, %d in doubt, %d binds", again, letters, doubtful, far.told().Binds)
	if doubtful == letters || far.told().Binds < 3 {
		t.Error("the lines broke too often or not at all for this to show anything")
	}
}

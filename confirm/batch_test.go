package confirm_test

import (
	"bytes"
	"slices"
	"testing"

	"paylink"
	"paylink/gateway"
	"paylink/store"
	"paylink/store/storetest"
)

// batching is a gateway that posts several of the sandbox's notices as one, a line each.
type batching struct{ gateway.Gateway }

func (b batching) Read(a gateway.Account, p gateway.Post) (all gateway.News, err error) {
	for line := range bytes.Lines(p.Body) {
		p.Body = bytes.TrimSpace(line)
		if len(p.Body) == 0 {
			continue
		}
		news, err := b.Gateway.Read(a, p)
		if err != nil {
			return gateway.News{}, err
		}
		all.Words = append(all.Words, news.Words...)
	}
	return all, nil
}

// A gateway tells of several payments at once, and only the first is heard, or a bad one among them takes
// the good ones with it.
func TestEveryWordOfANoticeIsHeard(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		sh := openShop(t, s)
		sh.confirm.Gateways["sandbox"] = batching{sh.confirm.Gateways["sandbox"]}
		one, first := sh.link(paylink.PaymentActionRequired, nil)
		two, second := sh.link(paylink.PaymentActionRequired, nil)
		three, third := sh.link(paylink.PaymentActionRequired, nil)
		lines := [][]byte{
			sh.body(third, "captured", map[string]any{"amount": 244000}), // not what we asked
			sh.body(second, "captured", nil),
			sh.body(first, "captured", nil),
		}
		sh.post(bytes.Join(lines, []byte("\n")))
		for i, l := range []paylink.Link{one, two, three} {
			want := []paylink.LinkStatus{paylink.LinkPaid, paylink.LinkPaid, paylink.LinkPending}[i]
			if l, _ = sh.state(l); l.Status != want {
				t.Errorf("link %d is %s, want %s", i+1, l.Status, want)
			}
		}
		sh.post(bytes.Join(lines[1:], []byte("\n"))) // told again
		sh.post([]byte("\n"))                        // of nothing that is ours
		want := []string{"quarantined wrong_amount", "stale known_already", "stale about_no_payment"}
		if got := sh.verdicts(); !slices.Equal(got, want) {
			t.Errorf("the notices were judged %q, want %q", got, want)
		}
	})
}

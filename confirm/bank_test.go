package confirm_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"sync"
	"time"

	"paylink"
	"paylink/gateway"
)

// bank is the sandbox's gateway with the truth of a test behind it: what its notices told, in whatever order and how
// often, it answers when it is asked, and it gives no more back than it has.
type bank struct {
	gateway.Gateway
	mu     sync.Mutex
	orders map[string]*order      // by our reference
	ours   map[string]*fateOfOurs // refunds that were asked for here, by our reference
	begun  map[string]int         // how often each order was asked to be refunded from here, and was
	calls  int                    // refunds asked for, refused ones too
}

// order is what became of one payment at the gateway in the end.
type order struct {
	paid      bool
	amount    int64
	fee, tax  int64
	failed    bool // the customer's bank said no, and nothing came after
	refunded  int64
	refund    *gateway.RefundWord  // that somebody began at the gateway
	dispute   *gateway.DisputeWord // as it stands last
	withdrawn int64
}

type fateOfOurs struct{ word gateway.RefundWord }

func newBank(g gateway.Gateway) *bank {
	return &bank{Gateway: g, orders: map[string]*order{}, ours: map[string]*fateOfOurs{}, begun: map[string]int{}}
}

func (b *bank) Lookup(_ context.Context, _ gateway.Account, k gateway.Known) (gateway.Word, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	w := gateway.Word{Reference: k.Reference, Amount: k.Amount, At: time.Now(), Status: paylink.PaymentActionRequired, Method: paylink.MethodUPI}
	switch o := b.orders[k.Reference]; {
	case o == nil:
		return w, &paylink.NotFound{Kind: "order", ID: k.Reference}
	case o.paid:
		w.Status, w.Amount.Minor, w.Fee, w.Tax, w.GatewayReference = paylink.PaymentCaptured, o.amount, o.fee, o.tax, "sbx_pay_"+k.Reference
	case o.failed:
		w.Status, w.Decline = paylink.PaymentFailed, paylink.Decline{Group: "insufficient_funds", Code: "51"}
	}
	return w, nil
}

func (b *bank) Refund(_ context.Context, _ gateway.Account, r gateway.Refund) (gateway.RefundWord, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.calls++
	if known := b.ours[r.Reference]; known != nil {
		return known.word, nil
	}
	o := b.orders[r.Of.Reference]
	if o == nil || !o.paid || o.amount-o.refunded-o.withdrawn < r.Amount.Minor {
		return gateway.RefundWord{}, &gateway.Rejected{Code: "insufficient_balance"}
	}
	o.refunded += r.Amount.Minor
	b.begun[r.Of.Reference]++
	b.ours[r.Reference] = &fateOfOurs{gateway.RefundWord{
		Reference: r.Reference, GatewayReference: "sbx_rfd_" + r.Reference, Of: r.Of.Reference, Amount: r.Amount, Status: paylink.RefundSucceeded, At: time.Now(),
	}}
	return b.ours[r.Reference].word, nil
}

func (b *bank) LookupRefund(_ context.Context, _ gateway.Account, r gateway.Refund) (gateway.RefundWord, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if known := b.ours[r.Reference]; known != nil {
		return known.word, nil
	}
	for _, o := range b.orders {
		if o.refund != nil && r.Reference == "" && o.refund.GatewayReference == r.Order {
			return *o.refund, nil
		}
	}
	return gateway.RefundWord{}, &paylink.NotFound{Kind: "refund", ID: r.Reference}
}

func (b *bank) Disputes(_ context.Context, _ gateway.Account, _ time.Time, _ string) (all []gateway.DisputeWord, _ string, _ error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, o := range b.orders {
		if o.dispute != nil {
			all = append(all, *o.dispute)
		}
	}
	slices.SortFunc(all, func(a, b gateway.DisputeWord) int { return a.At.Compare(b.At) })
	return all, "", nil
}

// about is a notice of the sandbox about a refund or a dispute.
func (sh *shop) about(kind, status string, data map[string]any) []byte {
	sh.t.Helper()
	sh.notices++
	data["status"], data["currency"] = status, "INR"
	body, err := json.Marshal(map[string]any{
		"id": fmt.Sprintf("sbx_ntc_%d", sh.notices), "type": kind + "." + status, "account": string(sh.merchant) + "." + string(sh.account),
		"created": sh.now.Format(time.RFC3339), "data": data,
	})
	if err != nil {
		sh.t.Fatal(err)
	}
	return body
}

// town is several banks behind one gateway, one for each account.
type town struct {
	gateway.Gateway
	banks map[paylink.AccountID]*bank
}

func (o *town) Refund(ctx context.Context, a gateway.Account, r gateway.Refund) (gateway.RefundWord, error) {
	return o.banks[a.ID].Refund(ctx, a, r)
}

func (o *town) LookupRefund(ctx context.Context, a gateway.Account, r gateway.Refund) (gateway.RefundWord, error) {
	return o.banks[a.ID].LookupRefund(ctx, a, r)
}

var nowhere = &url.URL{}

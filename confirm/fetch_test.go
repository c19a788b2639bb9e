package confirm_test

import (
	"context"
	"errors"
	"testing"

	"paylink"
	"paylink/gateway"
	"paylink/store"
	"paylink/store/storetest"
)

// sparse is the sandbox's gateway, as one whose notices tell no fee.
type sparse struct {
	gateway.Gateway
	change func(*gateway.Word)
	err    error
	asked  int
}

func (g *sparse) Capabilities() gateway.Capabilities {
	c := g.Gateway.Capabilities()
	c.Sparse = true
	return c
}

func (g *sparse) Read(a gateway.Account, p gateway.Post) (gateway.News, error) {
	news, err := g.Gateway.Read(a, p)
	for i := range news.Words {
		news.Words[i].Fee, news.Words[i].Tax, news.Words[i].BankReference, news.Words[i].Details = 0, 0, "", paylink.MethodDetails{}
	}
	return news, err
}

func (g *sparse) Lookup(_ context.Context, _ gateway.Account, k gateway.Known) (gateway.Word, error) {
	g.asked++
	w := gateway.Word{
		Reference: k.Reference, Amount: k.Amount, Status: paylink.PaymentCaptured, Method: k.Method, GatewayReference: k.Payment, Order: "cs_1",
		Fee: 4900, Tax: 882, BankReference: "MCC1", Details: paylink.MethodDetails{Network: "visa", Last4: "4242"},
	}
	if g.change != nil {
		g.change(&w)
	}
	return w, g.err
}

// Captured money stands in the books without its fee, or with another payment's; or it waits for a gateway that
// cannot be asked.
func TestFeeThatNoNoticeTellsIsLookedUp(t *testing.T) {
	whole := paylink.Payment{Fee: 4900, Tax: 882, BankReference: "MCC1", GatewayOrder: "cs_1"}
	cases := []struct {
		name   string
		change func(*gateway.Word)
		err    error
		want   paylink.Payment
	}{
		{"it tells", nil, nil, whole},
		{"it is silent", nil, &gateway.Broken{When: gateway.Unknown, Err: errors.New("no answer")}, paylink.Payment{}},
		{"it knows of none", nil, &paylink.NotFound{Kind: "order", ID: "x"}, paylink.Payment{}},
		{"it tells of another amount", func(w *gateway.Word) { w.Amount.Minor-- }, nil, paylink.Payment{}},
		{"it tells of another payment", func(w *gateway.Word) { w.GatewayReference = "pi_2" }, nil, paylink.Payment{}},
		{"it has not heard yet", func(w *gateway.Word) { w.Status = paylink.PaymentPending }, nil, paylink.Payment{}},
	}
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		for _, c := range cases {
			sh := openShop(t, s)
			g := &sparse{Gateway: sh.confirm.Gateways["sandbox"], change: c.change, err: c.err}
			sh.confirm.Gateways["sandbox"] = g
			l, p := sh.link(paylink.PaymentActionRequired, nil)
			body := sh.body(p, "captured", nil)
			sh.post(body)
			sh.post(append(body, ' ')) // told again
			_, payments := sh.state(l)
			got := payments[0]
			if got.Status != paylink.PaymentCaptured || got.Fee != c.want.Fee || got.Tax != c.want.Tax || got.BankReference != c.want.BankReference || got.GatewayOrder != c.want.GatewayOrder || g.asked != 1 {
				t.Errorf("%s: the payment is %+v after %d look-ups", c.name, got, g.asked)
			}
		}
	})
}

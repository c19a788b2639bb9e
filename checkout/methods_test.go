package checkout_test

import (
	"reflect"
	"testing"

	"paylink"
	"paylink/checkout"
	"paylink/store"
	"paylink/store/storetest"
)

// A link for some ways to pay must not be paid by another one, whatever form is sent; and one for a way
// that the gateway does not have says so instead of showing a form that cannot work.
func TestOnlyTheLinksOwnMethodsStartAPayment(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		c := openCounter(t, s)
		d := checkout.NewDevice()
		_, cards := c.link(func(l *paylink.Link) { l.Methods = []paylink.Method{paylink.MethodCard, "wallet"} })
		page := c.open(cards, d)
		if want := []paylink.Method{paylink.MethodCard}; !reflect.DeepEqual(page.Methods, want) || page.Refusal != "" {
			t.Errorf("offered are %v, refused is %q", page.Methods, page.Refusal)
		}
		for _, method := range []paylink.Method{paylink.MethodUPI, "wallet", "", "gold"} {
			_, err := c.checkout.Start(t.Context(), checkout.StartRequest{Code: cards, Token: page.Token, Device: d, Method: method})
			if got := reason(err); got != "/method unknown_value" {
				t.Errorf("a start by %q was answered %q", method, got)
			}
		}
		_, none := c.link(func(l *paylink.Link) { l.Methods = []paylink.Method{"wallet"} })
		if page := c.open(none, d); page.Refusal != "no_method" || len(page.Methods) != 0 {
			t.Errorf("with no method left: %q, offered are %v", page.Refusal, page.Methods)
		}
	})
}

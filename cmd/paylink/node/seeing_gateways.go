package node

import (
	"context"
	"time"

	"paylink"
	"paylink/gateway"
)

// watchedAbilities counts the calls that not every gateway takes. It has all of them: gateway.As gives it only
// as what the gateway itself can do.
type watchedAbilities struct{ gateway watchedGateway }

// counted makes one call of an ability and counts it.
func counted[A, R any](w watchedAbilities, operation, about string, call func(A) (R, error)) (R, error) {
	able, _ := gateway.As[A](w.gateway.Gateway)
	began := w.gateway.see.now()
	answer, err := call(able)
	w.gateway.see.called(w.gateway.Capabilities().Name, operation, about, began, err)
	return answer, err
}

func (w watchedAbilities) Test(ctx context.Context, a gateway.Account) error {
	_, err := counted(w, "test", "", func(g gateway.Tester) (struct{}, error) { return struct{}{}, g.Test(ctx, a) })
	return err
}

func (w watchedAbilities) Cancel(ctx context.Context, a gateway.Account, k gateway.Known) (gateway.Word, error) {
	return counted(w, "cancel", string(k.Method), func(g gateway.Canceller) (gateway.Word, error) { return g.Cancel(ctx, a, k) })
}

func (w watchedAbilities) Capture(ctx context.Context, a gateway.Account, k gateway.Known, amount paylink.Money) (gateway.Word, error) {
	return counted(w, "capture", string(k.Method), func(g gateway.Capturer) (gateway.Word, error) { return g.Capture(ctx, a, k, amount) })
}

func (w watchedAbilities) Void(ctx context.Context, a gateway.Account, k gateway.Known) (gateway.Word, error) {
	return counted(w, "void", string(k.Method), func(g gateway.Voider) (gateway.Word, error) { return g.Void(ctx, a, k) })
}

func (w watchedAbilities) Refund(ctx context.Context, a gateway.Account, r gateway.Refund) (gateway.RefundWord, error) {
	return counted(w, "refund", string(r.Of.Method), func(g gateway.Refunder) (gateway.RefundWord, error) { return g.Refund(ctx, a, r) })
}

func (w watchedAbilities) LookupRefund(ctx context.Context, a gateway.Account, r gateway.Refund) (gateway.RefundWord, error) {
	return counted(w, "lookup_refund", "", func(g gateway.Refunder) (gateway.RefundWord, error) { return g.LookupRefund(ctx, a, r) })
}

func (w watchedAbilities) Contest(ctx context.Context, a gateway.Account, dispute string, e gateway.Evidence) (gateway.DisputeWord, error) {
	return counted(w, "contest", "", func(g gateway.Contester) (gateway.DisputeWord, error) { return g.Contest(ctx, a, dispute, e) })
}

func (w watchedAbilities) Accept(ctx context.Context, a gateway.Account, dispute string) (gateway.DisputeWord, error) {
	return counted(w, "accept", "", func(g gateway.Contester) (gateway.DisputeWord, error) { return g.Accept(ctx, a, dispute) })
}

// page is one page of a list, and the cursor of the next.
type page[T any] struct {
	all  []T
	next string
}

func (w watchedAbilities) Disputes(ctx context.Context, a gateway.Account, since time.Time, cursor string) ([]gateway.DisputeWord, string, error) {
	listed, err := counted(w, "disputes", "", func(g gateway.Disputer) (p page[gateway.DisputeWord], err error) {
		p.all, p.next, err = g.Disputes(ctx, a, since, cursor)
		return p, err
	})
	return listed.all, listed.next, err
}

func (w watchedAbilities) Settlements(ctx context.Context, a gateway.Account, from, until time.Time, cursor string) ([]gateway.Settlement, string, error) {
	listed, err := counted(w, "settlements", "", func(g gateway.Settler) (p page[gateway.Settlement], err error) {
		p.all, p.next, err = g.Settlements(ctx, a, from, until, cursor)
		return p, err
	})
	return listed.all, listed.next, err
}

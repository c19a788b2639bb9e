package cashfree

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"paylink"
	"paylink/gateway"
	"paylink/provider/httpwire"
)

// Cancel closes the link with our reference, so that nobody can pay it any more. One that is paid, or at which a
// bank is deciding, is told as it stands.
func (g *Gateway) Cancel(ctx context.Context, a gateway.Account, k gateway.Known) (gateway.Word, error) {
	f, err := g.find(ctx, a, k.Reference)
	if err == nil && f.link.Status == "ACTIVE" && f.payment.rank() < 3 {
		var closed link
		err = g.do(ctx, ask{account: a, method: http.MethodPost, path: "/links/" + k.Reference + "/cancel", key: "cancel " + k.Reference}, &closed)
		var rejected *gateway.Rejected
		if err == nil || errors.As(err, &rejected) && !rejected.Temporary {
			// Refused when the customer was faster. What became of it is asked either way.
			f, err = g.find(ctx, a, k.Reference)
		}
		if err == nil && f.link.Status == "ACTIVE" && f.payment.rank() < 3 {
			err = httpwire.Unclear("the order is still open")
		}
	}
	var w gateway.Word
	switch {
	case paylink.IsNotFound(err):
		return gateway.Word{}, err
	case err == nil:
		w, err = f.word(a, k)
	}
	if err != nil {
		return gateway.Word{}, fmt.Errorf("cancel payment %s: %w", k.Reference, err)
	}
	if w.Status == paylink.PaymentAbandoned {
		w.Status, w.Decline = paylink.PaymentFailed, paylink.Decline{Group: "timeout", Code: "cashfree_cancelled"}
	}
	return w, nil
}

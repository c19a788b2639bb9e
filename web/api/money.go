package api

import (
	"context"
	"crypto/subtle"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"paylink"
	"paylink/token"
)

type paymentFilter struct {
	Page
	Status string `query:"status" enum:"created,action_required,pending,authorised,captured,failed,abandoned,voided,unknown"`
}

type paymentID struct {
	ID string `path:"id" doc:"pay_…"`
}

func (a *API) moneyOperations() {
	add(a, huma.Operation{
		OperationID: "list_payments", Method: http.MethodGet, Path: "/v1/payments", Tags: []string{"Payments"}, Summary: "List payments, newest first",
	}, a.listPayments)
	add(a, huma.Operation{
		OperationID: "get_payment", Method: http.MethodGet, Path: "/v1/payments/{id}", Tags: []string{"Payments"}, Summary: "Read a payment",
	}, a.getPayment)
	add(a, huma.Operation{
		OperationID: "list_gateway_notices", Method: http.MethodGet, Path: "/v1/gateway_notices", Tags: []string{"Payments"},
		Summary:     "What became of each notice that a gateway sent, newest first",
		Description: "A notice that changed nothing is here with its reason: unsigned, mis-signed, replayed, out of order, or of a wrong amount. What a notice said is kept sealed and not shown.",
	}, a.listNotices)
	add(a, huma.Operation{
		OperationID: "verify_token", Method: http.MethodPost, Path: "/v1/tokens/verify", Tags: []string{"Payment links"}, DefaultStatus: http.StatusOK,
		Summary:     "Tell whether a link token is genuine, and of the link's present revision",
		Description: "It changes nothing, so that an Idempotency-Key has nothing to do.",
	}, a.verifyToken)
}

func (a *API) listPayments(ctx context.Context, c *call, in *paymentFilter) (*listAnswer[paymentView], error) {
	before, err := in.position(c)
	if err != nil {
		return nil, err
	}
	payments, err := a.Store.Read(ctx).Payments(c.Merchant, c.Live, paylink.PaymentStatus(in.Status), paylink.PaymentID(before), in.size())
	if err != nil {
		return nil, err
	}
	views, err := a.viewPayments(payments)
	return answer(c, in.Page, views, func(p paymentView) string { return string(p.ID) }), err
}

func (a *API) getPayment(ctx context.Context, c *call, in *paymentID) (*struct{ Body paymentView }, error) {
	p, err := a.Store.Read(ctx).Payment(c.Merchant, c.Live, paylink.PaymentID(in.ID))
	if err != nil {
		return nil, err
	}
	v, err := a.viewPayment(p)
	return &struct{ Body paymentView }{v}, err
}

// noticeView is what became of a notice; what it said is nobody's reading.
type noticeView struct {
	ID         paylink.NoticeID   `json:"id" doc:"ntc_…"`
	Object     string             `json:"object" enum:"gateway_notice"`
	Livemode   bool               `json:"livemode"`
	Gateway    string             `json:"gateway"`
	AccountID  paylink.AccountID  `json:"account_id" doc:"acct_…"`
	Verdict    paylink.Verdict    `json:"verdict" enum:"received,applied,stale,replayed,refused,quarantined"`
	Reason     string             `json:"reason" doc:"why it changed nothing; empty when it did"`
	PaymentID  *paylink.PaymentID `json:"payment_id" doc:"the payment that it is about, once that is known"`
	ReceivedAt time.Time          `json:"received_at"`
	JudgedAt   *time.Time         `json:"judged_at"`
}

func (a *API) listNotices(ctx context.Context, c *call, in *Page) (*listAnswer[noticeView], error) {
	before, err := in.position(c)
	if err != nil {
		return nil, err
	}
	notices, err := a.Store.Read(ctx).Notices(c.Merchant, c.Live, paylink.AccountGateway, paylink.NoticeID(before), in.size())
	return answer(c, *in, each(notices, viewNotice), func(n noticeView) string { return string(n.ID) }), err
}

func viewNotice(n paylink.Notice) noticeView {
	v := noticeView{
		ID: n.ID, Object: "gateway_notice", Livemode: n.Live, Gateway: n.Provider, AccountID: n.Account, Verdict: n.Verdict, Reason: n.Reason,
		ReceivedAt: n.ReceivedAt, JudgedAt: timeOrNil(n.JudgedAt),
	}
	if n.Payment != "" {
		v.PaymentID = &n.Payment
	}
	return v
}

type tokenBody struct {
	Token string `json:"token,omitempty" maxLength:"512" doc:"as a link carries it"`
}

// mostToken is the limit of tokenBody, several times as long as any token.
const mostToken = 512

// tokenView tells nothing about a token that is not the merchant's own.
type tokenView struct {
	Genuine bool         `json:"genuine" doc:"we signed it, for a link of yours in this mode"`
	Current *bool        `json:"current,omitempty" doc:"it is of the link's present revision"`
	Claims  *tokenClaims `json:"claims,omitempty"`
}

type tokenClaims struct {
	LinkID     string     `json:"link_id" doc:"plink_…"`
	MerchantID string     `json:"merchant_id" doc:"mer_…"`
	Livemode   bool       `json:"livemode"`
	Usage      string     `json:"usage" enum:"single,multi"`
	Amount     int64      `json:"amount" doc:"minor units"`
	Currency   string     `json:"currency"`
	ExpiresAt  *time.Time `json:"expires_at"`
	Revision   int64      `json:"revision"`
}

func (a *API) verifyToken(ctx context.Context, c *call, in *struct{ Body tokenBody }) (*struct{ Body tokenView }, error) {
	wrong := &paylink.Invalid{}
	switch n := len(in.Body.Token); {
	case n == 0:
		wrong.Add("/token", "required", "The token is missing.")
	case n > mostToken:
		wrong.Add("/token", "too_long", "A token has at most 512 characters.")
	}
	if err := wrong.OrNil(); err != nil {
		return nil, err
	}
	out := &struct{ Body tokenView }{}
	claims, err := token.ReadLink(a.Ring, in.Body.Token)
	if err != nil || claims.Merchant != string(c.Merchant) || claims.Live != c.Live {
		return out, nil
	}
	l, err := a.Store.Read(ctx).Link(c.Merchant, c.Live, paylink.LinkID(claims.Link))
	if paylink.IsNotFound(err) {
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	current := claims == token.Claims(l) && subtle.ConstantTimeCompare([]byte(in.Body.Token), []byte(l.Token)) == 1
	out.Body = tokenView{Genuine: true, Current: &current, Claims: &tokenClaims{
		LinkID: claims.Link, MerchantID: claims.Merchant, Livemode: claims.Live, Usage: claims.Usage,
		Amount: claims.Amount, Currency: claims.Currency, ExpiresAt: timeOrNil(claims.ExpiresAt), Revision: claims.Revision,
	}}
	return out, nil
}

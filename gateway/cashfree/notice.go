package cashfree

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/gateway/paywire"
	"paylink/provider"
	"paylink/provider/httpwire"
)

const (
	signatureHeader = "X-Webhook-Signature"
	timeHeader      = "X-Webhook-Timestamp" // milliseconds

	// tolerance is by how much a notice's time may differ from ours.
	tolerance = 5 * time.Minute
)

// Verify tells whether Cashfree signed the post with the account's secret, and lately. The signature covers the
// time and the body's exact bytes, with nothing between them.
func (g *Gateway) Verify(a gateway.Account, p gateway.Post, now time.Time) error {
	given, stamp := p.Header.Values(signatureHeader), p.Header.Values(timeHeader)
	switch {
	case len(given) == 0 || given[0] == "":
		return &gateway.Unverified{Reason: provider.MissingSignature}
	case len(given) != 1 || len(stamp) != 1 || a.Secret == "":
		return &gateway.Unverified{Reason: provider.BadSignature}
	}
	mac := hmac.New(sha256.New, []byte(a.Secret))
	mac.Write([]byte(stamp[0]))
	mac.Write(p.Body)
	millis, err := strconv.ParseInt(stamp[0], 10, 64)
	if !hmac.Equal([]byte(given[0]), []byte(base64.StdEncoding.EncodeToString(mac.Sum(nil)))) || err != nil {
		return &gateway.Unverified{Reason: provider.BadSignature}
	}
	if off := now.Sub(time.UnixMilli(millis)); off > tolerance || off < -tolerance {
		return &gateway.Unverified{Reason: provider.StaleTimestamp}
	}
	return nil
}

// notice is what Cashfree posts.
type notice struct {
	Type string          `json:"type"`
	At   string          `json:"event_time"`
	Data json.RawMessage `json:"data"`
}

// Read understands a notice. Events of other kinds, and those that are about nothing of ours, are left out.
func (g *Gateway) Read(a gateway.Account, p gateway.Post) (gateway.News, error) {
	news, err := read(a, p.Body)
	if err != nil {
		return gateway.News{}, fmt.Errorf("read a notice: %w", err)
	}
	return news, nil
}

func read(a gateway.Account, body []byte) (gateway.News, error) {
	var n notice
	if err := httpwire.Decode(body, &n); err != nil {
		return gateway.News{}, err
	}
	at := when(n.At)
	switch {
	case !kind(n.Type):
		return gateway.News{}, errors.New("it does not say what it is")
	case at.IsZero():
		return gateway.News{}, errors.New("it has no time")
	}
	switch n.Type {
	case "PAYMENT_SUCCESS_WEBHOOK":
		return readPayment(a, n, at, "SUCCESS", "VOID")
	case "PAYMENT_FAILED_WEBHOOK":
		return readPayment(a, n, at, "FAILED", "CANCELLED")
	case "PAYMENT_USER_DROPPED_WEBHOOK":
		return readPayment(a, n, at, "USER_DROPPED")
	case "PAYMENT_LINK_EVENT":
		return readLink(a, n, at)
	case "REFUND_STATUS_WEBHOOK":
		return readRefund(a, n)
	case "DISPUTE_CREATED", "DISPUTE_UPDATED", "DISPUTE_CLOSED":
		return readDispute(a, n, at)
	}
	return gateway.News{}, nil
}

func kind(s string) bool {
	return s != "" && len(s) <= 64 && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == ""
}

// readPayment understands a notice about one try to pay.
func readPayment(a gateway.Account, n notice, at time.Time, statuses ...string) (gateway.News, error) {
	var data struct {
		Order *struct {
			ID       string           `json:"order_id"`
			Amount   number           `json:"order_amount"`
			Currency paylink.Currency `json:"order_currency"`
			Tags     map[string]any   `json:"order_tags"`
		} `json:"order"`
		Payment *payment `json:"payment"`
		Error   *failure `json:"error_details"`
	}
	if err := httpwire.Decode(n.Data, &data); err != nil || data.Order == nil || data.Payment == nil {
		return gateway.News{}, errors.New("it holds no order or no payment")
	}
	o, p := data.Order, *data.Payment
	p.Order, p.OrderAmount, p.OrderCurrency = o.ID, o.Amount, o.Currency
	if p.Error == nil {
		p.Error = data.Error
	}
	if p.Ended == "" {
		p.Ended = n.At
	}
	said := false
	for _, s := range statuses {
		said = said || p.Status == s
	}
	if !said {
		return gateway.News{}, errors.New("its kind is not its payment's status")
	}
	w, err := p.word(a, "")
	switch {
	case err != nil:
		return gateway.News{}, err
	case o.ID == "" || !paywire.Plain(o.ID, 100):
		return gateway.News{}, errors.New("it names no order")
	}
	w.Reference = referenceOf(o.ID, o.Tags)
	if w.Reference == "" {
		return gateway.News{}, nil // another shop's, or one that the link's own notice tells
	}
	w.Account = a.Name() // whose secret signed it
	return gateway.News{Words: []gateway.Word{w}}, nil
}

// referenceOf is our reference of an order: in what Cashfree keeps of the link with it, or as its id.
func referenceOf(order string, tags map[string]any) string {
	for _, said := range []any{tags["link_id"], tags["paylink_reference"], order} {
		if reference, ok := said.(string); ok && paywire.IsReference(reference) {
			return reference
		}
	}
	return ""
}

// readLink understands a notice about a link. It tells neither by which payment nor how it was paid: the notice
// of the payment and the look-up do.
func readLink(a gateway.Account, n notice, at time.Time) (gateway.News, error) {
	var data struct {
		ID       string           `json:"link_id"`
		Status   string           `json:"link_status"`
		Currency paylink.Currency `json:"link_currency"`
		Order    *struct {
			Amount httpwire.Word `json:"order_amount"` // a text here
			Status string        `json:"transaction_status"`
		} `json:"order"`
	}
	if err := httpwire.Decode(n.Data, &data); err != nil || data.ID == "" || data.Status == "" || !paywire.Plain(data.ID, 64) {
		return gateway.News{}, errors.New("it names no link or no status")
	}
	if !paywire.IsReference(data.ID) || data.Order == nil || data.Order.Status != "SUCCESS" {
		return gateway.News{}, nil // another shop's, or nothing was paid
	}
	sum, err := paywire.ParseDecimal(string(data.Order.Amount), data.Currency)
	if err != nil || !paywire.Possible(sum) {
		return gateway.News{}, errors.New("the amount or its currency cannot be")
	}
	w := gateway.Word{Reference: data.ID, Account: a.Name(), Amount: sum, Status: paylink.PaymentCaptured, At: at}
	if a.Fields[fieldPreauth] == "on" {
		w.Status = paylink.PaymentAuthorised
	}
	return gateway.News{Words: []gateway.Word{w}}, nil
}

func readRefund(a gateway.Account, n notice) (gateway.News, error) {
	var data struct {
		Refund *refund `json:"refund"`
	}
	if err := httpwire.Decode(n.Data, &data); err != nil || data.Refund == nil {
		return gateway.News{}, errors.New("it holds no refund")
	}
	w, err := data.Refund.word()
	if err != nil {
		return gateway.News{}, err
	}
	w.Account = a.Name()
	return gateway.News{Refunds: []gateway.RefundWord{w}}, nil
}

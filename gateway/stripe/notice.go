package stripe

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/gateway/paywire"
	"paylink/provider"
	"paylink/provider/httpwire"
)

// tolerance is how far the time of a signature may be from ours, to either side; Stripe's own libraries have the
// same for the past.
const tolerance = 300 * time.Second

// Verify believes a post by its Stripe-Signature: "t=…,v1=…", where t in seconds and the body are signed with the
// endpoint's secret as it is written, "whsec_" and all. While a secret is rolled Stripe signs with both, and
// the account may have both: any match counts.
func (g *Gateway) Verify(a gateway.Account, p gateway.Post, now time.Time) error {
	headers := p.Header.Values("Stripe-Signature")
	if len(headers) == 0 || len(headers) == 1 && headers[0] == "" {
		return &gateway.Unverified{Reason: provider.MissingSignature}
	}
	bad := &gateway.Unverified{Reason: provider.BadSignature}
	if len(headers) != 1 || len(headers[0]) > 2000 || len(p.Body) == 0 {
		return bad
	}
	stamp, at, signed := "", int64(0), [][]byte{}
	for _, part := range strings.Split(headers[0], ",") {
		name, value, _ := strings.Cut(part, "=")
		switch name {
		case "t":
			seconds, err := strconv.ParseInt(value, 10, 64)
			if err != nil || stamp != "" {
				return bad
			}
			stamp, at = value, seconds
		case "v1":
			if sum, err := hex.DecodeString(value); err == nil && len(sum) == sha256.Size {
				signed = append(signed, sum)
			}
		}
	}
	if stamp == "" || !genuine(a.Secret, stamp, p.Body, signed) {
		return bad
	}
	if off := now.Sub(time.Unix(at, 0)); off > tolerance || off < -tolerance {
		return &gateway.Unverified{Reason: provider.StaleTimestamp}
	}
	return nil
}

// genuine tells whether one of the signatures is by one of the secrets. Each is compared with each, so that the
// time tells nothing.
func genuine(secrets, stamp string, body []byte, signed [][]byte) bool {
	match := false
	for _, secret := range strings.FieldsFunc(secrets, func(r rune) bool { return r == ' ' || r == ',' }) {
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write([]byte(stamp + "."))
		mac.Write(body)
		sum := mac.Sum(nil)
		for _, s := range signed {
			match = hmac.Equal(sum, s) || match
		}
	}
	return match
}

// Read understands an event. What is not about payments, refunds or disputes is left out, and so is what other
// software does with the same account: our own payments are those with our names in their metadata. Disputes have
// none; the payment that they are about is for the step to know.
//
// An event tells what was true when Stripe wrote it, so it is taken for no more than it says: a session that is
// completed and unpaid is pending, and a card that was declined on Stripe's page says nothing, because the customer
// may try another there.
func (g *Gateway) Read(a gateway.Account, p gateway.Post) (gateway.News, error) {
	news, err := read(a, p)
	if err != nil {
		return gateway.News{}, fmt.Errorf("read an event: %w", err)
	}
	return news, nil
}

func read(a gateway.Account, p gateway.Post) (news gateway.News, err error) {
	var e event
	if err := httpwire.Decode(p.Body, &e); err != nil {
		return news, err
	}
	switch {
	case e.Object != "event" || !isObject(e.ID, "evt_") || len(e.Data.Object) == 0:
		return news, errors.New("it is no event of Stripe's")
	case e.Created <= 0:
		return news, errors.New("it has no time")
	case e.Livemode == nil || *e.Livemode != a.Live:
		return news, errors.New("it is about the other mode")
	case e.Account != a.Fields[fieldAccount] && e.Account != "":
		return news, nil // a platform's endpoint hears of all its accounts
	}
	switch e.Type {
	case "checkout.session.completed", "checkout.session.async_payment_succeeded", "checkout.session.async_payment_failed", "checkout.session.expired":
		news.Words, err = e.sessionWords()
	case "payment_intent.succeeded", "payment_intent.processing", "payment_intent.amount_capturable_updated", "payment_intent.canceled":
		news.Words, err = e.intentWords()
	case "refund.created", "refund.updated", "refund.failed", "charge.refund.updated":
		news.Refunds, err = e.refundWords()
	case "charge.dispute.created", "charge.dispute.updated", "charge.dispute.closed", "charge.dispute.funds_withdrawn", "charge.dispute.funds_reinstated":
		news.Disputes, err = e.disputeWords(a)
	}
	return news, err
}

func (e event) sessionWords() ([]gateway.Word, error) {
	var s session
	if err := httpwire.Decode(e.Data.Object, &s); err != nil || s.Object != "checkout.session" || !isObject(s.ID, "cs_") {
		return nil, errors.New("it holds no session")
	}
	reference, account, err := ours(s.Metadata)
	if err != nil || reference == "" {
		return nil, err
	}
	if s.Reference != reference {
		return nil, errors.New("it names two orders")
	}
	w, err := s.word()
	if err != nil {
		return nil, err
	}
	want := map[string][]paylink.PaymentStatus{
		"checkout.session.completed":               {paylink.PaymentCaptured, paylink.PaymentPending},
		"checkout.session.async_payment_succeeded": {paylink.PaymentCaptured},
		"checkout.session.async_payment_failed":    {paylink.PaymentPending},
		"checkout.session.expired":                 {paylink.PaymentFailed},
	}[e.Type]
	if !slices.Contains(want, w.Status) {
		return nil, errors.New("it says two things about the order")
	}
	if e.Type == "checkout.session.async_payment_failed" {
		w.Status, w.Decline = paylink.PaymentFailed, apiError{Code: "async_payment_failed"}.decline(w.Method)
	}
	w.Reference, w.Account, w.At = reference, account, second(e.Created)
	return []gateway.Word{w}, nil
}

func (e event) intentWords() ([]gateway.Word, error) {
	var in intent
	if err := httpwire.Decode(e.Data.Object, &in); err != nil {
		return nil, errors.New("it holds no payment")
	}
	reference, account, err := ours(in.Metadata)
	if err != nil || reference == "" {
		return nil, err
	}
	w, err := in.word()
	if err != nil {
		return nil, err
	}
	want := map[string]paylink.PaymentStatus{
		"payment_intent.succeeded": paylink.PaymentCaptured, "payment_intent.processing": paylink.PaymentPending,
		"payment_intent.amount_capturable_updated": paylink.PaymentAuthorised, "payment_intent.canceled": paylink.PaymentVoided,
	}[e.Type]
	if w.Status != want {
		return nil, errors.New("it says two things about the payment")
	}
	w.Reference, w.Account, w.At = reference, account, second(e.Created)
	return []gateway.Word{w}, nil
}

// ours gives our names in an object's metadata: both, or none for what is not ours.
func ours(metadata map[string]string) (reference, account string, err error) {
	reference, account = metadata[metaReference], metadata[metaAccount]
	switch {
	case reference == "" && account == "" && metadata[metaRefund] == "":
		return "", "", nil
	case !paywire.IsReference(reference), account == "" || !paywire.Plain(account, 128):
		return "", "", errors.New("it names no order of ours, or no account")
	}
	return reference, account, nil
}

package razorpay

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/gateway/paywire"
	"paylink/provider"
	"paylink/provider/httpwire"
)

// header carries the signature of a webhook's raw body.
const header = "X-Razorpay-Signature"

// Verify believes a body that was signed with the webhook secret. What Razorpay repeats after a change stays
// signed with the one before, by which the account is asked for too. No time is signed, so the same body may
// come again.
func (g *Gateway) Verify(a gateway.Account, p gateway.Post, _ time.Time) error {
	given := p.Header.Values(header)
	switch {
	case a.Secret == "":
		return &gateway.Unverified{Reason: provider.BadSignature}
	case len(given) == 0 || len(given) == 1 && given[0] == "":
		return &gateway.Unverified{Reason: provider.MissingSignature}
	case len(given) != 1 || !provider.Same(given[0], sign(a.Secret, p.Body)):
		return &gateway.Unverified{Reason: provider.BadSignature}
	}
	return nil
}

// sign is Razorpay's signature, of a webhook's body as of what its page gives the customer to bring back. The
// latter is asked for nowhere: whoever comes back only causes a look-up.
func sign(secret string, text []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(text)
	return hex.EncodeToString(mac.Sum(nil))
}

// event is the body of a webhook.
type event struct {
	Entity  string `json:"entity"`
	Event   string `json:"event"`
	Payload struct {
		Order   *holder[order]   `json:"order"`
		QR      *holder[code]    `json:"qr_code"`
		Payment *holder[payment] `json:"payment"`
		Refund  *holder[refund]  `json:"refund"`
		Dispute *holder[dispute] `json:"dispute"`
	} `json:"payload"`
}

type holder[T any] struct {
	Entity T `json:"entity"`
}

// Read understands a webhook. Events about other things, and about payments that another shop took with the
// same keys, are news of nothing.
func (g *Gateway) Read(_ gateway.Account, p gateway.Post) (gateway.News, error) {
	var e event
	err := httpwire.Decode(p.Body, &e)
	if err == nil && (e.Entity != "event" || e.Event == "") {
		err = errors.New("the body is no event")
	}
	var news gateway.News
	if err == nil {
		switch kind, rest, _ := strings.Cut(e.Event, "."); {
		case kind == "payment" && strings.HasPrefix(rest, "dispute."):
			news, err = e.dispute()
		case kind == "payment" && (rest == "authorized" || rest == "captured" || rest == "failed"), e.Event == "order.paid", e.Event == "qr_code.credited":
			news, err = e.payment()
		case kind == "refund":
			news, err = e.refund()
		}
	}
	if err != nil {
		return gateway.News{}, fmt.Errorf("read a notice: %w", err)
	}
	return news, nil
}

var errIncomplete = errors.New("the event lacks what it is about")

// payment is news of a payment. Its reference stands in the notes that we made; an order that comes along
// has it as its receipt too.
func (e event) payment() (gateway.News, error) {
	if e.Payload.Payment == nil || e.Event == "order.paid" && e.Payload.Order == nil || e.Event == "qr_code.credited" && e.Payload.QR == nil {
		return gateway.News{}, errIncomplete
	}
	about := e.Payload.Payment.Entity
	if o := e.Payload.Order; o != nil && !o.Entity.Notes.foreign() {
		if o.Entity.Receipt != o.Entity.Notes.reference || o.Entity.ID != about.OrderID {
			return gateway.News{}, errors.New("the order's receipt is not its reference, or it is another's")
		}
		about.Notes = o.Entity.Notes
	}
	if q := e.Payload.QR; q != nil && !q.Entity.Notes.foreign() {
		if !isQR(q.Entity.ID) || about.OrderID != "" {
			return gateway.News{}, errors.New("the payment is of an order, or its code has no id")
		}
		about.Notes, about.OrderID = q.Entity.Notes, q.Entity.ID
	}
	if about.Notes.foreign() {
		return gateway.News{}, nil
	}
	w, err := about.word(about.Notes.reference)
	if err == nil && (about.Notes.account == "" || !paywire.Plain(about.Notes.account, 128)) {
		err = errors.New("it names no account")
	}
	if err != nil {
		return gateway.News{}, err
	}
	w.Account = about.Notes.account
	return gateway.News{Words: []gateway.Word{w}}, nil
}

// refund is news of a refund. One of a payment that was never captured is Razorpay giving a reservation back.
func (e event) refund() (gateway.News, error) {
	if e.Payload.Refund == nil || e.Payload.Payment == nil {
		return gateway.News{}, errIncomplete
	}
	about := e.Payload.Payment.Entity
	if status, known := about.status(); known && status == paylink.PaymentVoided {
		return e.payment()
	}
	w, err := e.Payload.Refund.Entity.word()
	if err == nil && w.Payment != about.ID {
		err = errors.New("the refund is of another payment")
	}
	if err != nil {
		return gateway.News{}, err
	}
	if w.Of == "" {
		w.Of, w.Account = about.Notes.reference, about.Notes.account
	}
	if w.Of != "" && !paywire.IsReference(w.Of) || !paywire.Plain(w.Account, 128) {
		return gateway.News{}, errors.New("the refund's payment or account is malformed")
	}
	return gateway.News{Refunds: []gateway.RefundWord{w}}, nil
}

// dispute is news of an objection. The payment comes along and names the account; the objection itself names
// the payment as Razorpay does, in the list too.
func (e event) dispute() (gateway.News, error) {
	if e.Payload.Dispute == nil {
		return gateway.News{}, errIncomplete
	}
	w, err := e.Payload.Dispute.Entity.word()
	if err != nil {
		return gateway.News{}, err
	}
	if p := e.Payload.Payment; p != nil {
		w.Account = p.Entity.Notes.account
		if p.Entity.ID != w.Payment || !paywire.Plain(w.Account, 128) {
			return gateway.News{}, errors.New("the dispute's payment or account is malformed")
		}
	}
	return gateway.News{Disputes: []gateway.DisputeWord{w}}, nil
}

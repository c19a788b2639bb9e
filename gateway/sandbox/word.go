package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/provider"
	"paylink/provider/sandboxwire"
)

// notice is what the sandbox posts: a word about one order, refund or dispute of one account.
type notice struct {
	ID      string          `json:"id"`
	Type    string          `json:"type"` // "payment.", "refund." or "dispute.", and the word's status
	Account string          `json:"account"`
	Data    json.RawMessage `json:"data"`
}

// word is what the sandbox says about one order, in a notice or a look-up.
type word struct {
	ID            string                `json:"id"` // of the payment; empty until there is one
	Reference     string                `json:"reference"`
	Amount        int64                 `json:"amount"` // minor units
	Currency      paylink.Currency      `json:"currency"`
	Status        paylink.PaymentStatus `json:"status"`
	Method        paylink.Method        `json:"method"`
	Details       paylink.MethodDetails `json:"details"`
	BankReference string                `json:"bank_reference"`
	Fee           int64                 `json:"fee"`
	Tax           int64                 `json:"tax"`
	Decline       *paylink.Decline      `json:"decline"`
	At            time.Time             `json:"at"`
}

// statuses are those that the sandbox's payments can have; what it does not know it does not say.
var statuses = []paylink.PaymentStatus{
	paylink.PaymentCreated, paylink.PaymentActionRequired, paylink.PaymentPending,
	paylink.PaymentAuthorised, paylink.PaymentCaptured, paylink.PaymentFailed, paylink.PaymentVoided,
}

// Read understands a notice.
func (g *Gateway) Read(_ gateway.Account, p gateway.Post) (gateway.News, error) {
	var n notice
	if err := sandboxwire.Decode(p.Body, &n); err != nil {
		return gateway.News{}, fmt.Errorf("read a notice: %w", err)
	}
	if n.ID == "" || !plain(n.ID, 64) || n.Account == "" || !plain(n.Account, 128) {
		return gateway.News{}, errors.New("read a notice: it has no id or names no account")
	}
	var news gateway.News
	var err error
	switch kind, status, _ := strings.Cut(n.Type, "."); kind {
	case "payment":
		news, err = n.payment(status)
	case "refund":
		news, err = n.refund(status)
	case "dispute":
		news, err = n.dispute(status)
	default:
		err = errors.New("its type is not one that we know")
	}
	if err != nil {
		return gateway.News{}, fmt.Errorf("read a notice: %w", err)
	}
	return news, nil
}

func (n notice) payment(status string) (gateway.News, error) {
	var data word
	if err := sandboxwire.Decode(n.Data, &data); err != nil {
		return gateway.News{}, err
	}
	w, err := data.check()
	if err == nil && status != string(w.Status) {
		err = errors.New("its type is not its payment's status")
	}
	w.Account = n.Account
	return gateway.News{Words: []gateway.Word{w}}, err
}

// check refuses a word that cannot be and gives it in the port's terms. It does not judge whether
// the word is what we asked for.
func (w word) check() (gateway.Word, error) {
	_, known := w.Currency.Exponent()
	switch {
	case !isReference(w.Reference):
		return gateway.Word{}, errors.New("the reference is not 20 characters of A–Z and 0–9")
	case w.Amount <= 0 || w.Amount > paylink.MaxMinor || !known:
		return gateway.Word{}, errors.New("the amount or its currency cannot be")
	case !slices.Contains(statuses, w.Status):
		return gateway.Word{}, errors.New("the status is not one that we know")
	case !slices.Contains(paylink.Methods, w.Method):
		return gateway.Word{}, errors.New("the method is not one that we know")
	case w.Fee < 0 || w.Tax < 0 || w.Fee > w.Amount || w.Tax > w.Amount-w.Fee:
		return gateway.Word{}, errors.New("fee and tax are not within the amount")
	case w.Status == paylink.PaymentCaptured && w.ID == "":
		return gateway.Word{}, errors.New("captured without a payment id")
	case (w.Status == paylink.PaymentFailed) != (w.Decline != nil):
		return gateway.Word{}, errors.New("a decline and the status failed come together only")
	case w.At.IsZero():
		return gateway.Word{}, errors.New("it has no time")
	case !w.plain():
		return gateway.Word{}, errors.New("a text is too long or holds control characters")
	}
	return gateway.Word{
		Reference: w.Reference, GatewayReference: w.ID, BankReference: w.BankReference,
		Amount: paylink.Money{Minor: w.Amount, Currency: w.Currency}, Status: w.Status, Method: w.Method,
		Details: w.Details, Decline: w.decline(), Fee: w.Fee, Tax: w.Tax, At: w.At.UTC(),
	}, nil
}

// decline maps the sandbox's reason to our groups; a reason that we do not know is a plain no.
func (w word) decline() paylink.Decline {
	if w.Decline == nil {
		return paylink.Decline{}
	}
	d := *w.Decline
	if !slices.Contains(gateway.Declines, d.Group) {
		d.Group = "not_approved"
	}
	d.Code = provider.SafeCode(d.Code, "unknown")
	return d
}

// plain tells whether each text of the word is one that may stand in a database and on a page. A
// last four that is not four digits could be a whole card number.
func (w word) plain() bool {
	d := w.Details
	if d.Last4 != "" && (len(d.Last4) != 4 || strings.Trim(d.Last4, "0123456789") != "") {
		return false
	}
	if w.Decline != nil && !plain(w.Decline.Message, 500) {
		return false
	}
	return plain(w.ID, 64) && plain(w.BankReference, 64) && plain(d.Network, 64) && plain(d.Bank, 128) && plain(d.App, 128)
}

// plain tells whether s is at most size bytes of text on one line.
func plain(s string, size int) bool {
	return len(s) <= size && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f })
}

func isReference(s string) bool {
	return len(s) == 20 && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == ""
}

package paypage

import (
	"encoding/json"
	"net/http"
	"time"

	"paylink"
	"paylink/checkout"
	"paylink/locale"
)

// stateBody is the page's state in a few words, for the module, the stream and programs. AmountDue
// is in minor units. Page names what the page shows; when it differs from what a browser has, the
// browser loads the page again.
type stateBody struct {
	Status    paylink.LinkStatus `json:"status"`
	AmountDue int64              `json:"amount_due"`
	Currency  paylink.Currency   `json:"currency"`
	Payment   *statePayment      `json:"payment"`
	Page      standing           `json:"page"`
	Left      string             `json:"left,omitempty"` // what a link of many uses still takes, in the page's language
	UpdatedAt time.Time          `json:"updated_at"`
}

// statePayment tells strangers that a payment is under way, but not where to continue it.
type statePayment struct {
	Status    paylink.PaymentStatus `json:"status"`
	ActionURL *string               `json:"action_url"`
}

func stateOf(page checkout.Page, again bool, lang locale.Language) stateBody {
	s := stateBody{
		Status: page.Link.Status, AmountDue: page.Link.AmountDue(), Currency: page.Link.Amount.Currency,
		Page: stand(page, again), Left: left(lang, page.Link), UpdatedAt: page.Link.UpdatedAt,
	}
	if p := shown(page, again); p != nil {
		s.Payment = &statePayment{Status: p.Status}
		if p.UpdatedAt.After(s.UpdatedAt) {
			s.UpdatedAt = p.UpdatedAt
		}
		if page.Payer && p.Status == paylink.PaymentActionRequired && p.Action.URL != "" {
			s.Payment.ActionURL = &p.Action.URL
		}
	}
	return s
}

func (s stateBody) json() []byte {
	b, err := json.Marshal(s)
	if err != nil {
		panic("state of a page: " + err.Error()) // plain fields always marshal
	}
	return b
}

// state answers polls.
func (h *Handler) state(w http.ResponseWriter, r *http.Request, a address) {
	visitor := h.visitor(r)
	page, err := h.Checkout.State(r.Context(), a.code, visitor)
	if err == nil && !a.heldBy(page.Merchant) {
		err = &paylink.NotFound{Kind: "payment_link"}
	}
	if err != nil {
		h.fail(w, r, err)
		return
	}
	h.headers(w, nil)
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(stateOf(page, wantsAgain(r), h.spoken(r, page)).json())
}

// wantsAgain is a customer who has paid a link of many uses and wants to pay once more.
func wantsAgain(r *http.Request) bool { return r.URL.Query().Get("again") == "1" }

// spoken is the language in which a visitor's page is.
func (h *Handler) spoken(r *http.Request, page checkout.Page) locale.Language {
	customer := ""
	if page.Customer != nil {
		customer = page.Customer.Locale
	}
	return h.language(r, customer, page.Merchant.Locale)
}

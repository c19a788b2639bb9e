package paypage

import (
	"errors"
	"net/http"
	"net/url"
	"time"

	"paylink"
	"paylink/checkout"
)

const (
	formLimit = 16 << 10                // bytes; our longest form has a token and a word
	patience  = 2500 * time.Millisecond // a customer waits this long for the gateway's page before ours says "connecting"
)

// note is a sentence that the next page shows once, named in its address.
type note string

const (
	noteStale   note = "stale"
	noteChoose  note = "choose"
	noteAsked   note = "asked"
	noteRefused note = "refused"
	noteLive    note = "live"
	noteTwice   note = "twice"  // a try that may still succeed was given up
	noteGo      note = "go"     // the gateway's form is sent at once, where our module runs
	noteOther   note = "other"  // the method does not take such an amount
	noteMore    note = "more"   // the link has new time
	noteNoMore  note = "nomore" // it could not be given any
)

// form takes what our own pages send: pay, use another method, I have paid, and the beacon.
func (h *Handler) form(w http.ResponseWriter, r *http.Request, a address) {
	if h.foreign(r) {
		h.back(w, r, a, "") // whoever sent it, the page shows how things stand, and nothing has changed
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, formLimit)
	if err := r.ParseForm(); err != nil {
		h.back(w, r, a, "")
		return
	}
	visitor := h.visitor(r)
	device := visitor.Device
	token := r.PostForm.Get("token")
	switch a.part {
	case partPay:
		h.pay(w, r, a, checkout.StartRequest{
			Code: a.code, Token: token, Device: device,
			Method: paylink.Method(r.PostForm.Get("method")), Choice: choiceOf(r.PostForm),
			Proof: visitor.Proof, Country: visitor.Country,
		})
	case partAbandon:
		if r.PostForm.Get("anyway") == "yes" {
			h.after(w, r, a, h.Checkout.PayAnyway(r.Context(), a.code, token, visitor), noteTwice)
			return
		}
		h.after(w, r, a, h.Checkout.Abandon(r.Context(), a.code, token, visitor), "")
	case partAsk:
		h.after(w, r, a, h.Checkout.Ask(r.Context(), a.code, device), noteAsked)
	case partPromise:
		h.promise(w, r, a, visitor)
	case partRenew:
		h.renew(w, r, a, token, visitor)
	case partOpened:
		h.opened(w, r, a, device)
	case partProve, partCode:
		h.prove(w, r, a, token, device)
	}
}

// pay starts the payment and sends the customer where the gateway wants them. When the gateway is
// slow, the page itself says so and goes on by itself.
func (h *Handler) pay(w http.ResponseWriter, r *http.Request, a address, start checkout.StartRequest) {
	if r.PostForm.Has("update") { // new quantities: the page says what they come to
		h.showAgain(w, r, a, "", start.Choice, nil)
		return
	}
	if start.Method == "" {
		h.showAgain(w, r, a, noteChoose, start.Choice, nil)
		return
	}
	p, err := h.Checkout.Start(r.Context(), start)
	if err == nil && p.Status == paylink.PaymentCreated {
		p, err = h.Checkout.Await(r.Context(), p, patience)
	}
	if h.refused(w, r, a, start.Choice, err) {
		return
	}
	if err != nil {
		h.after(w, r, a, err, "")
		return
	}
	if p.Status == paylink.PaymentActionRequired && p.Action.Kind == paylink.ActionRedirect && webAddress(p.Action.URL) {
		h.keepMethod(w, start.Method)
		h.seeOther(w, r, p.Action.URL)
		return
	}
	h.keepMethod(w, start.Method)
	if p.Status == paylink.PaymentActionRequired && p.Action.Kind == paylink.ActionSubmit {
		h.back(w, r, a, noteGo)
		return
	}
	h.back(w, r, a, "")
}

// after answers a form whose work is done or refused: always with the page as it now truly is.
func (h *Handler) after(w http.ResponseWriter, r *http.Request, a address, err error, done note) {
	var conflict *paylink.Conflict
	var expired *paylink.Expired
	var refused *paylink.Refused
	switch {
	case err == nil:
		h.back(w, r, a, done)
	case errors.As(err, &conflict) && conflict.Code == "payment_in_flight":
		h.back(w, r, a, noteLive)
	case errors.As(err, &conflict):
		h.back(w, r, a, "")
	case errors.As(err, &expired):
		h.back(w, r, a, noteStale)
	case errors.As(err, &refused):
		h.back(w, r, a, noteRefused)
	default:
		h.fail(w, r, err)
	}
}

// opened is the proof that a person sees the page: only a rendered page with our module sends it.
func (h *Handler) opened(w http.ResponseWriter, r *http.Request, a address, device checkout.Device) {
	if err := h.Checkout.Opened(r.Context(), a.code, device); err != nil {
		h.fail(w, r, err)
		return
	}
	h.headers(w, nil)
	w.WriteHeader(http.StatusNoContent)
}

// returned is a gateway that sends the browser back, by an address or by a form of its own page.
// Whatever it claims is not believed: it only makes us ask. Browsers leave our cookie out of such a request, so none is
// given, or the payer would become a stranger.
func (h *Handler) returned(w http.ResponseWriter, r *http.Request, a address) {
	device, _ := h.device(r)
	err := h.Checkout.Ask(r.Context(), a.code, device)
	if paylink.IsNotFound(err) {
		h.notFound(w, r)
		return
	}
	if err != nil {
		h.Log.WarnContext(r.Context(), "page.gateway_not_asked", "error", err, "id", w.Header().Get("X-Request-Id"))
	}
	h.back(w, r, a, "")
}

// leave sends the customer to the merchant's site, with how things stand at this moment. Where that is,
// the link's signed terms say, and nothing in the request.
func (h *Handler) leave(w http.ResponseWriter, r *http.Request, a address) {
	to, err := h.Checkout.Back(r.Context(), a.code, h.visitor(r))
	if err != nil {
		h.fail(w, r, err)
		return
	}
	h.seeOther(w, r, to)
}

// back shows the page by GET.
func (h *Handler) back(w http.ResponseWriter, r *http.Request, a address, n note) {
	to := a.base()
	if n != "" {
		to += "?note=" + string(n)
	}
	h.seeOther(w, r, to)
}

func (h *Handler) seeOther(w http.ResponseWriter, r *http.Request, to string) {
	h.headers(w, nil)
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// webAddress tells whether a gateway's address is one for a browser.
func webAddress(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
}

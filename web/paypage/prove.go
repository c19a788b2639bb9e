package paypage

import (
	"errors"
	"net/http"
	"strconv"

	"paylink"
	"paylink/checkout"
)

// proofCookie holds that this browser has proven for whom the link is meant. Its path is the link's own,
// so that links do not see each other's.
const proofCookie = "paylink_proof"

// The notes about a proof.
const (
	noteWrongProof note = "wrong_proof"
	noteUnreadable note = "unreadable"
	noteCodeSent   note = "code_sent"
	noteNoCode     note = "no_code"
)

// proveView is the form that asks for whom the link is meant.
type proveView struct {
	Prove, Code string // where the forms go
	Label, Hint string
	Longest     string
	OneTime     bool // the telephone may offer what arrived in a message
	Masked      bool // what is typed is not shown
	Button      string
	Send        string // label of the button that sends a code; empty: none is
	Field       bool   // an answer can be given
	Wrong       bool
}

// visitor is who asks for a page, as far as the browser, and a proxy whom we trust, can say.
func (h *Handler) visitor(r *http.Request) checkout.Visitor {
	v := checkout.Visitor{}
	v.Device, _ = h.device(r)
	if c, err := r.Cookie(proofCookie); err == nil {
		v.Proof = c.Value
	}
	if h.CountryHeader != "" {
		v.Country = h.Proxies.Told(r, h.CountryHeader)
	}
	return v
}

// prove takes an answer, and shows the link to whom it is meant for.
func (h *Handler) prove(w http.ResponseWriter, r *http.Request, a address, token string, device checkout.Device) {
	given := checkout.Given{Code: a.code, Token: token, Device: device, Answer: r.PostForm.Get("proof")}
	if a.part == partCode {
		m, err := h.Checkout.SendCode(r.Context(), given)
		if err == nil {
			err = h.Checkout.AwaitCode(r.Context(), m, patience)
		}
		h.proofAnswer(w, r, a, err, noteCodeSent)
		return
	}
	proven, err := h.Checkout.Prove(r.Context(), given)
	if err == nil {
		http.SetCookie(w, &http.Cookie{
			Name: proofCookie, Value: proven.Proof, Path: a.base(), MaxAge: int(proven.Life.Seconds()),
			HttpOnly: true, Secure: h.secure, SameSite: http.SameSiteLaxMode,
		})
	}
	h.proofAnswer(w, r, a, err, "")
}

// proofAnswer leads back to the page, which says what became of the form.
func (h *Handler) proofAnswer(w http.ResponseWriter, r *http.Request, a address, err error, done note) {
	var refused *paylink.Refused
	var invalid *paylink.Invalid
	switch {
	case errors.As(err, &refused) && refused.Code == "wrong_proof":
		h.back(w, r, a, noteWrongProof)
	case errors.As(err, &refused):
		h.back(w, r, a, noteNoCode)
	case errors.As(err, &invalid):
		h.back(w, r, a, noteUnreadable)
	default:
		h.after(w, r, a, err, done)
	}
}

// ask fills in the page that asks for a proof. It is all that such a page shows of a link.
func (v *view) ask(r *http.Request, a address, page checkout.Page) {
	ask, p := page.Ask, &v.Prove
	p.Prove, p.Code = a.to(partProve), a.to(partCode)
	kind := "prove." + string(ask.Proof)
	v.Heading = v.Lang.T("prove.heading")
	v.Lead = v.Lang.T(kind+".text", "merchant", v.Merchant.Name)
	if ask.Hint != "" {
		v.Facts = []fact{{v.Lang.T("fact.requested"), ask.Hint}}
	}
	v.Title = v.Lang.T("page.title", "merchant", v.Merchant.Name)
	n := note(r.URL.Query().Get("note"))
	switch n {
	case noteWrongProof, noteUnreadable, noteCodeSent, noteNoCode, noteStale:
		v.Notice = v.Lang.T("note."+string(n), "merchant", v.Merchant.Name)
	}
	if ask.Lost != "" && (n == "" || n == noteCodeSent) {
		v.Notice = v.Lang.T("prove.lost", "to", ask.Lost, "merchant", v.Merchant.Name)
		if ask.Another {
			v.Notice = v.Lang.T("prove.lost.other", "to", ask.Lost)
		}
	}
	if !ask.LockedUntil.IsZero() {
		v.Notice = ""
		v.Lead = v.Lang.T("prove.locked", "time", v.Lang.Moment(ask.LockedUntil, page.Merchant.TimeZone))
		return
	}
	if ask.Proof == paylink.ProofCode {
		p.Send = v.Lang.T("prove.send")
		if ask.CodeSent {
			p.Send = v.Lang.T("prove.send.again")
		}
	}
	p.Field = ask.Proof != paylink.ProofCode || ask.CodeSent
	p.Label, p.Hint, p.Button = v.Lang.T(kind+".label"), v.Lang.T(kind+".hint", "merchant", v.Merchant.Name), v.Lang.T("prove.button")
	p.OneTime, p.Masked = ask.Proof == paylink.ProofCode, ask.Proof == paylink.ProofPIN
	p.Longest = strconv.Itoa(2 * max(paylink.PhoneDigits, paylink.CodeDigits, paylink.MostPIN)) // with blanks between
	p.Wrong = n == noteWrongProof || n == noteUnreadable
}

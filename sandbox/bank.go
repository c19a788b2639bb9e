package sandbox

import (
	"crypto/subtle"
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"paylink"
)

// orderView is what the bank's and the UPI app's pages show of an order.
type orderView struct {
	Base        string
	Page        string
	Merchant    string
	Amount      string // "₹2,450.00"
	Description string
	Reference   string
	ReturnURL   string
	Closed      string // a sentence when there is nothing to do here any more
}

func (s *Sandbox) showCard(w http.ResponseWriter, r *http.Request) {
	if o, v, ok := s.find(w, r, paylink.MethodCard); ok {
		s.render(w, r, http.StatusOK, o.ReturnURL, cardPage(v, cardForm{}, cardErrors{}))
	}
}

// payByCard answers the hosted card page: the bank rules by the card, or asks for 3-D Secure first.
func (s *Sandbox) payByCard(w http.ResponseWriter, r *http.Request) {
	o, v, ok := s.find(w, r, paylink.MethodCard)
	if !ok {
		return
	}
	if v.Closed != "" {
		http.Redirect(w, r, o.ReturnURL, http.StatusSeeOther) // pressed twice
		return
	}
	if r.PostFormValue("cancel") != "" {
		s.settle(w, r, o, ruling{Outcome: declined, Decline: walkedAway})
		return
	}
	form := readCard(r)
	if wrong := form.check(s.now()); wrong.any() {
		s.render(w, r, http.StatusUnprocessableEntity, o.ReturnURL, cardPage(v, form, wrong))
		return
	}
	card, _ := findCard(form.Number)
	answer := ruling{Outcome: card.Outcome, Decline: card.Decline,
		Details: paylink.MethodDetails{Network: "visa", Last4: form.Number[len(form.Number)-4:]}}
	if form.Outcome.valid() {
		answer.Outcome = form.Outcome
	}
	if card.Challenge && !form.Outcome.valid() {
		s.challenge(o.Page, answer.Details)
		http.Redirect(w, r, s.base+"/bank/challenge/"+o.Page, http.StatusSeeOther)
		return
	}
	s.settle(w, r, o, answer)
}

// challenge makes the order wait for a code that the customer's bank sends.
func (s *Sandbox) challenge(page string, d paylink.MethodDetails) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.world.byPage[page]
	if o == nil || !o.open() {
		return
	}
	now := s.now()
	s.attempt(o, d, now)
	o.Status, o.Challenge = paylink.PaymentActionRequired, digits(6)
	s.keepOrder(o, now)
}

func (s *Sandbox) showChallenge(w http.ResponseWriter, r *http.Request) {
	o, v, ok := s.find(w, r, paylink.MethodCard)
	if !ok {
		return
	}
	if o.Challenge == "" && v.Closed == "" {
		http.Redirect(w, r, s.base+"/bank/card/"+o.Page, http.StatusSeeOther)
		return
	}
	s.render(w, r, http.StatusOK, o.ReturnURL, challengePage(v, o.Challenge, o.Payment.Details.Last4))
}

// answerChallenge lets the payment through when the code is right, and declines it otherwise.
func (s *Sandbox) answerChallenge(w http.ResponseWriter, r *http.Request) {
	o, v, ok := s.find(w, r, paylink.MethodCard)
	if !ok {
		return
	}
	code := strings.ReplaceAll(r.PostFormValue("code"), " ", "")
	right := o.Challenge != "" && subtle.ConstantTimeCompare([]byte(code), []byte(o.Challenge)) == 1
	switch {
	case v.Closed != "" || o.Challenge == "":
		http.Redirect(w, r, o.ReturnURL, http.StatusSeeOther)
	case right && r.PostFormValue("cancel") == "":
		s.settle(w, r, o, ruling{Outcome: success})
	default:
		s.settle(w, r, o, ruling{Outcome: declined, Decline: notProven})
	}
}

func (s *Sandbox) showBank(w http.ResponseWriter, r *http.Request) {
	if o, v, ok := s.find(w, r, paylink.MethodNetbanking); ok {
		s.render(w, r, http.StatusOK, o.ReturnURL, bankPage(v, ""))
	}
}

// payByBank answers the pretend netbanking page; the bank's name is its answer.
func (s *Sandbox) payByBank(w http.ResponseWriter, r *http.Request) {
	o, v, ok := s.find(w, r, paylink.MethodNetbanking)
	if !ok {
		return
	}
	bank := r.PostFormValue("bank")
	name, known := strings.CutPrefix(bank, "test_")
	switch {
	case v.Closed != "":
		http.Redirect(w, r, o.ReturnURL, http.StatusSeeOther)
	case r.PostFormValue("cancel") != "":
		s.settle(w, r, o, ruling{Outcome: declined, Decline: walkedAway})
	case !known || !outcome(name).valid():
		s.render(w, r, http.StatusUnprocessableEntity, o.ReturnURL, bankPage(v, "Choose a bank."))
	default:
		s.settle(w, r, o, ruling{Outcome: outcome(name), Details: paylink.MethodDetails{Bank: bank}})
	}
}

// settle rules on an order and sends the browser back to the merchant. An order that was settled
// meanwhile sends it back as well: the merchant's page knows the truth.
func (s *Sandbox) settle(w http.ResponseWriter, r *http.Request, o order, answer ruling) {
	s.mu.Lock()
	if known := s.world.byPage[o.Page]; known != nil && known.open() {
		now := s.now()
		if err := s.rule(known, answer, now); err == nil {
			s.log.Info("sandbox.ruled", "order", o.ID, "account", o.Account, "outcome", answer.Outcome)
		}
	}
	s.mu.Unlock()
	http.Redirect(w, r, o.ReturnURL, http.StatusSeeOther)
}

// open tells whether the customer may still act.
func (o *order) open() bool {
	return o.Status == paylink.PaymentCreated || o.Status == paylink.PaymentActionRequired
}

// find gives a copy of the order behind a page's unguessable id, and the view of it. ok is false
// when a page that says so has been written.
func (s *Sandbox) find(w http.ResponseWriter, r *http.Request, m paylink.Method) (o order, v orderView, ok bool) {
	s.mu.Lock()
	if known := s.world.byPage[r.PathValue("page")]; known != nil && known.Method == m {
		o, ok = *known, true
	}
	s.mu.Unlock()
	if !ok {
		s.render(w, r, http.StatusNotFound, "", plainPage(s.base, "Nothing here", "This payment page does not exist."))
		return o, v, false
	}
	v = orderView{
		Base: s.base, Page: o.Page, Merchant: o.MerchantName, Amount: display(o.Amount),
		Description: o.Description, Reference: o.Reference, ReturnURL: o.ReturnURL,
	}
	switch {
	case !o.open():
		v.Closed = "This payment has been dealt with. Go back to the merchant to see how it ended."
	case !s.now().Before(o.ExpiresAt):
		v.Closed = "This payment page has expired. No money was taken."
	}
	return o, v, true
}

// render writes a page; back is where its form may lead beside the sandbox itself.
func (s *Sandbox) render(w http.ResponseWriter, r *http.Request, status int, back string, c templ.Component) {
	page(w, back)
	w.WriteHeader(status)
	if err := c.Render(r.Context(), w); err != nil && r.Context().Err() == nil {
		s.log.Error("sandbox.page_failed", "error", err)
	}
}

package sandbox

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"paylink"
)

// payRequest asks for a walk through the customer's page.
type payRequest struct {
	URL     string         `json:"url"`
	Method  paylink.Method `json:"method"`
	Outcome outcome        `json:"outcome"`
	Amount  *int64         `json:"amount"` // minor units, where the page lets the customer choose

	Answers map[string]string `json:"answers"` // to the page's questions, by their keys; what is not here is answered somehow
}

// payResult says what the bank answered and what the link's page made of it. Status is the bank's
// first answer: a late success is "failed" here and is captured afterwards.
type payResult struct {
	Reference  string                `json:"reference"`
	Payment    string                `json:"payment"`
	Outcome    outcome               `json:"outcome"`
	Status     paylink.PaymentStatus `json:"status"`
	LinkStatus string                `json:"link_status"`
}

const (
	maxWalks   = 64
	walkWithin = 10 * time.Second      // from the link to the bank, and from the bank to the link's page
	lookAfter  = 25 * time.Millisecond // then after ever longer pauses
	lookEvery  = time.Second
	surelyRead = 500 * time.Millisecond // after taking a notice, paylink has understood it too
)

// pay walks the customer's page as a browser would and answers when the bank has.
func (s *Sandbox) pay(w http.ResponseWriter, r *http.Request) {
	var req payRequest
	if !s.readJSON(w, r, &req) {
		return
	}
	link, err := s.checkWalk(req)
	if err != nil {
		s.refuse(w, err)
		return
	}
	select {
	case s.walks <- struct{}{}:
		defer func() { <-s.walks }()
	default:
		s.refuse(w, &paylink.Refused{Code: "too_many_walks", Detail: "Too many payments are being made at once."})
		return
	}
	http.NewResponseController(w).SetWriteDeadline(time.Time{}) // bounded by walkWithin, twice
	result, err := s.walk(r.Context(), link, req, merchantOf(r))
	if err != nil {
		s.refuse(w, err)
		return
	}
	answer(w, http.StatusOK, result)
}

func (s *Sandbox) checkWalk(req payRequest) (*url.URL, error) {
	wrong := &paylink.Invalid{}
	link, err := url.Parse(req.URL)
	if err != nil || s.paylink == nil || !under(link, s.paylink) || len(req.URL) > 2048 {
		wrong.Add("/url", "not_a_link", "The URL of a payment link of this paylink.")
	}
	if req.Method != paylink.MethodCard && req.Method != paylink.MethodUPI && req.Method != paylink.MethodNetbanking {
		wrong.Add("/method", "unknown_method", "One of card, upi, netbanking.")
	}
	if !req.Outcome.valid() {
		wrong.Add("/outcome", "unknown_outcome", "One of success, decline, pending, late, unknown, duplicate.")
	}
	if req.Amount != nil && (*req.Amount <= 0 || *req.Amount > paylink.MaxMinor) {
		wrong.Add("/amount", "out_of_range", "A positive number of minor units.")
	}
	return link, wrong.OrNil()
}

// walk goes from the link to the bank and back: choose, pay, act, wait.
func (s *Sandbox) walk(ctx context.Context, link *url.URL, req payRequest, m paylink.MerchantID) (payResult, error) {
	b := s.newBrowser()
	toBank, cancel := context.WithTimeout(ctx, walkWithin)
	defer cancel()
	at, err := s.choose(toBank, b, link, req)
	if err != nil {
		return payResult{}, err
	}
	id := at.Path[strings.LastIndexByte(at.Path, '/')+1:]
	o, ok := s.order(id)
	if !ok || !sees(m, o.Account) {
		return payResult{}, &paylink.Conflict{Code: "foreign_gateway", Detail: "The link's payment page is not this sandbox's."}
	}
	if err := s.act(toBank, b, at, req); err != nil {
		return payResult{}, err
	}
	o, _ = s.order(id)
	result := payResult{Reference: o.Reference, Payment: o.Payment.ID, Outcome: req.Outcome, Status: o.Status}
	toEnd, cancel := context.WithTimeout(ctx, walkWithin)
	defer cancel()
	result.LinkStatus, err = s.await(toEnd, b, link, id, result.Status)
	return result, err
}

// choose opens the link, chooses the method and follows to the page where the customer acts.
func (s *Sandbox) choose(ctx context.Context, b *browser, link *url.URL, req payRequest) (*url.URL, error) {
	p, err := b.open(ctx, link)
	if err != nil {
		return nil, err
	}
	if p.Code == http.StatusNotFound {
		return nil, &paylink.NotFound{Kind: "payment link", ID: ""}
	}
	form := p.form("pay")
	if form == nil {
		return nil, &paylink.Conflict{Code: "not_payable", Detail: "The link cannot be paid now; its status is " + p.word("data-status") + "."}
	}
	if !form.choose("method", string(req.Method)) {
		return nil, &paylink.Conflict{Code: "method_not_offered", Detail: "The link does not offer this method."}
	}
	form.choose("accept", "yes") // where the merchant's terms are to be accepted
	form.answer(req.Answers)
	if req.Amount != nil {
		st, err := b.state(ctx, link)
		if err != nil {
			return nil, err
		}
		form.choose("part", "part") // where the page offers to pay all or a part
		typed := paylink.Money{Minor: *req.Amount, Currency: st.Currency}.Decimal()
		if !form.choose("preset", typed) && !form.fill("amount", typed) { // an instalment is offered, and not typed
			return nil, &paylink.Invalid{Fields: []paylink.Field{{Pointer: "/amount", Code: "amount_fixed", Detail: "The page does not let the customer choose the amount."}}}
		}
	}
	if p, err = b.submit(ctx, form); err != nil {
		return nil, err
	}
	return s.reachBank(ctx, b, link, p)
}

// reachBank waits until the link's page names the place where to act. Some pages lead there at once.
func (s *Sandbox) reachBank(ctx context.Context, b *browser, link *url.URL, p *webPage) (*url.URL, error) {
	look := looks{}
	for {
		if under(p.URL, s.own) {
			return p.URL, nil
		}
		if at := p.href("continue"); at != nil && under(at, s.own) {
			return at, nil
		}
		// A form that stands there again was refused: an amount out of its limits, a guard's word.
		if p.Code >= 400 || p.form("pay") != nil && p.word("data-payment") == "" {
			return nil, &paylink.Conflict{Code: "not_payable", Detail: fmt.Sprintf("The page did not start a payment; it answered %d.", p.Code)}
		}
		if !look.pause(ctx, s) {
			return nil, &paylink.Conflict{Code: "not_started", Detail: "The payment did not reach the bank in time."}
		}
		var err error
		if p, err = b.open(ctx, link); err != nil {
			return nil, err
		}
	}
}

// act does on the bank's page what leads to the wanted outcome.
func (s *Sandbox) act(ctx context.Context, b *browser, at *url.URL, req payRequest) error {
	p, err := b.open(ctx, at)
	if err != nil {
		return err
	}
	form := p.form("act")
	if form == nil {
		return &paylink.Conflict{Code: "not_payable", Detail: "The bank's page takes no payment any more."}
	}
	switch req.Method {
	case paylink.MethodCard:
		card := testCards[0]
		if req.Outcome == declined {
			card, _ = findCard("4000000000000002")
		} else if req.Outcome != success {
			form.fill("outcome", string(req.Outcome))
		}
		form.fill("number", card.Number)
		form.fill("expiry", s.now().AddDate(2, 0, 0).Format("01 / 06"))
		form.fill("code", "123")
		form.fill("name", "Test Customer")
	case paylink.MethodNetbanking:
		form.choose("bank", "test_"+string(req.Outcome))
	case paylink.MethodUPI:
		form.values.Set("outcome", string(req.Outcome)) // a button of the form
	}
	p, err = b.submit(ctx, form)
	if err == nil && p.Code >= 400 && under(p.URL, s.own) {
		err = fmt.Errorf("act on the bank's page: answered %d", p.Code)
	}
	return err
}

// await looks at the link until it shows what the bank answered, or time is up; the caller sees by
// the link's status which of the two it was.
func (s *Sandbox) await(ctx context.Context, b *browser, link *url.URL, id string, status paylink.PaymentStatus) (linkStatus string, err error) {
	look := looks{}
	for {
		st, err := b.state(ctx, link)
		if err != nil && linkStatus != "" && errors.Is(err, context.DeadlineExceeded) {
			return linkStatus, nil
		}
		if err != nil {
			return "", err
		}
		linkStatus = st.Status
		if o, ok := s.order(id); !ok || st.shows(status, !o.toldAt.IsZero() && s.now().Sub(o.toldAt) > surelyRead) {
			return linkStatus, nil
		}
		if !look.pause(ctx, s) {
			return linkStatus, nil
		}
	}
}

// looks is a customer who looks again and again, with ever less hope.
type looks struct{ after time.Duration }

// pause waits for the next look; it reports false when there is none.
func (l *looks) pause(ctx context.Context, s *Sandbox) bool {
	l.after = min(max(lookAfter, l.after*3/2), lookEvery)
	return pause(ctx.Done(), s.ended, l.after)
}

// order gives a copy of an order by its page.
func (s *Sandbox) order(id string) (o order, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	known := s.world.byPage[id]
	if known == nil {
		return o, false
	}
	return *known, true
}

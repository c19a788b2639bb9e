package checkout

import (
	"context"
	"crypto/subtle"
	"strings"
	"time"

	"paylink"
	"paylink/store"
	"paylink/token"
)

// ProvePurpose is what the one-time token of a page is for that asks for a proof.
const ProvePurpose = "prove"

// How long a browser that has proven itself need not do it again. A code is the customer's own, and is
// asked for anew sooner: a phone is borrowed more often than a number is told.
const (
	provenLife     = 24 * time.Hour
	provenCodeLife = 30 * time.Minute
)

// Given is a visitor's answer to what the page asks.
type Given struct {
	Code   string // of the link
	Token  string // of the page's form
	Device Device
	Answer string // as typed
}

// Proven is what a browser keeps of a right answer, and for how long.
type Proven struct {
	Proof string
	Life  time.Duration
}

// Prove judges an answer. A wrong one is *paylink.Refused "wrong_proof", and so is a right one that comes
// too late, to a code that was never sent, or while the proof is locked by wrong ones: nobody learns more
// from it than that it was not accepted. What cannot be an answer is *paylink.Invalid and is no try. Each
// try is counted before anybody hears of it, however many come at once.
func (c *Checkout) Prove(ctx context.Context, g Given) (Proven, error) {
	l, customer, once, err := c.asked(ctx, g)
	if err != nil {
		return Proven{}, err
	}
	answer, ok := readAnswer(l.Terms.Restrict.Needs(), g.Answer)
	if !ok {
		wrong := &paylink.Invalid{}
		wrong.Add("/proof", "unreadable", "This is not what the page asks for.")
		return Proven{}, wrong
	}
	now := c.Now()
	var right, locked bool
	err = c.Store.Write(ctx, func(tx *store.Tx) error {
		l, all, own, err := holdProofs(tx, l, g.Device)
		if err != nil {
			return err
		}
		tx.SpendNonce(once.Nonce[:], once.ExpiresAt)
		right, locked = false, false
		if all.Locked(now) || own.Locked(now) {
			return nil
		}
		if right = c.right(l, customer, own, answer, now); right {
			// What this browser got wrong before were slips of whoever the link is meant for.
			all.Wrong = max(0, all.Wrong-own.Wrong)
			own = paylink.Tries{}
		} else if ownLocked, allLocked := own.Miss(paylink.DeviceTries, now), all.Miss(paylink.LinkTries, now); ownLocked || allLocked {
			locked = true
			read := l.UpdatedAt
			for _, e := range l.Tell(now, "customer", customer, nil, paylink.EventRiskBlocked) {
				e.Data.Risk = &paylink.RiskSnapshot{Reason: paylink.RiskProof, Until: lockedUntil(all, own, now), Everybody: allLocked}
				tx.AppendEvent(e)
			}
			tx.UpdateLink(l, read)
		}
		tx.SaveProofs(l, g.Device.String(), all, own)
		return nil
	})
	if err != nil {
		return Proven{}, err
	}
	if locked {
		c.Log.WarnContext(ctx, "proof.locked", "merchant", string(l.Merchant), "link", string(l.ID))
	}
	if !right {
		return Proven{}, &paylink.Refused{Code: "wrong_proof", Detail: "This was not accepted."}
	}
	return c.proven(l, customer, g.Device, now)
}

// SendCode has a code sent to the customer, for this browser; the one that it asked for before is worth
// nothing then. *paylink.Refused "no_code": the link was asked for too many within the hour, its proof is
// locked, or it asks for no code. Whether somebody can be reached is not told.
// It gives the message that carries the code. After one that could not be sent it goes the other way.
func (c *Checkout) SendCode(ctx context.Context, g Given) (paylink.Message, error) {
	l, customer, once, err := c.asked(ctx, g)
	if err != nil {
		return paylink.Message{}, err
	}
	now := c.Now()
	_, before, err := c.Store.Read(ctx).Proofs(l, g.Device.String())
	if err != nil {
		return paylink.Message{}, err
	}
	last, err := c.lastCode(ctx, l, before)
	if err != nil {
		return paylink.Message{}, err
	}
	channel, to := codeAddress(customer, last)
	m := paylink.Message{
		ID: paylink.NewMessageID(now), Merchant: l.Merchant, Live: l.Live, Link: l.ID, Channel: channel, To: to, Kind: paylink.TemplateCode, Purpose: paylink.PurposeRequested,
		Status: paylink.MessageQueued, CreatedAt: now, UpdatedAt: now,
	}
	job := paylink.Job{
		ID: paylink.NewJobID(now), Kind: paylink.JobSend, Key: string(m.ID), Merchant: l.Merchant, Live: l.Live,
		Payload: paylink.JobPayload{Link: l.ID, Message: m.ID, Proof: true}, RunAt: now, Priority: paylink.JobUrgent,
	}
	return m, c.Store.Write(ctx, func(tx *store.Tx) error {
		l, all, own, err := holdProofs(tx, l, g.Device)
		if err != nil {
			return err
		}
		tx.SpendNonce(once.Nonce[:], once.ExpiresAt)
		if l.Terms.Restrict.Needs() != paylink.ProofCode || to == "" || all.Locked(now) || own.Locked(now) || !all.AskCode(now) {
			return &paylink.Refused{Code: "no_code", Detail: "No code is sent now."}
		}
		own.CodeMessage, own.CodeAt = m.ID, now
		tx.SaveProofs(l, g.Device.String(), all, own)
		tx.InsertMessage(m)
		tx.Enqueue(job, now)
		return nil
	})
}

// asked finds the link that a form is about and believes the form.
func (c *Checkout) asked(ctx context.Context, g Given) (paylink.Link, *paylink.Customer, token.OneTime, error) {
	l, customer, err := c.link(ctx, g.Code)
	if err != nil {
		return l, nil, token.OneTime{}, err
	}
	once, err := c.readToken(g.Token, ProvePurpose, l, g.Device, c.Now())
	if err == nil && l.Terms.Restrict.Needs() == "" {
		err = &paylink.Conflict{Code: "nothing_to_prove", Detail: "The payment link asks for no proof.", Other: string(l.ID)}
	}
	return l, customer, once, err
}

// holdProofs locks the link, then what is remembered of its proofs: everybody locks in that order.
func holdProofs(tx *store.Tx, l paylink.Link, d Device) (_ paylink.Link, all, own paylink.Tries, err error) {
	if l, err = tx.Link(l.Merchant, l.Live, l.ID); err != nil {
		return l, all, own, err
	}
	all, own, err = tx.HoldProofs(l, d.String())
	return l, all, own, err
}

// right compares an answer with what it should be, in a time that does not depend on either.
func (c *Checkout) right(l paylink.Link, customer *paylink.Customer, own paylink.Tries, answer string, now time.Time) bool {
	want := ""
	switch r := l.Terms.Restrict; r.Needs() {
	case paylink.ProofPIN:
		return token.IsPIN(c.Ring, r.PINKey, answer)
	case paylink.ProofPhoneDigits:
		if customer != nil {
			want = paylink.LastDigits(customer.Phone)
		}
	case paylink.ProofCode:
		if own.CodeLives(now) {
			want, _ = token.ProofCode(c.Ring, l.CodeSlot, string(own.CodeMessage)) // without its key no code is right
		}
	}
	return want != "" && subtle.ConstantTimeCompare([]byte(want), []byte(answer)) == 1
}

// proven makes what the browser keeps.
func (c *Checkout) proven(l paylink.Link, customer *paylink.Customer, d Device, now time.Time) (Proven, error) {
	p := Proven{Life: provenLife}
	if l.Terms.Restrict.Needs() == paylink.ProofCode {
		p.Life = provenCodeLife
	}
	var err error
	p.Proof, err = token.SignProven(c.Ring, token.Proven{
		Link: string(l.ID), Device: d, Of: provenOf(l.Terms.Restrict, customer), ExpiresAt: now.Add(p.Life),
	})
	return p, err
}

// readAnswer takes blanks and hyphens out of what was typed, and other scripts' digits for what they are;
// false when it cannot be an answer.
func readAnswer(proof paylink.Proof, typed string) (string, bool) {
	if len(typed) > 64 {
		return "", false
	}
	answer := strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9':
			return r
		case r == ' ' || r == '-' || r == '\u00a0':
			return -1
		}
		return 'x'
	}, paylink.LatinDigits(typed))
	if strings.Contains(answer, "x") {
		return "", false
	}
	switch proof {
	case paylink.ProofPhoneDigits:
		return answer, len(answer) == paylink.PhoneDigits
	case paylink.ProofCode:
		return answer, len(answer) == paylink.CodeDigits
	}
	return answer, len(answer) >= paylink.LeastPIN && len(answer) <= paylink.MostPIN
}

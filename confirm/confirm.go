// Package confirm takes a gateway's word that money has moved, or that it has not.
//
// It keeps the notice before it is understood, checks it field by field against what we asked for,
// then changes the payment and its link and leaves events, all in one transaction. Where no notice
// comes it asks. It is the only package that may mark a payment paid. Telling the merchant is for
// notify, which runs from the events.
package confirm

import (
	"log/slog"
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/keyring"
	"paylink/ledger"
	"paylink/provider"
	"paylink/queue"
	"paylink/refund/record"
	"paylink/store"
)

// Deps is what a Confirm needs.
type Deps struct {
	Store    *store.Store
	Ring     *keyring.Ring
	Gateways map[string]gateway.Gateway // by provider
	Now      func() time.Time
	Log      *slog.Logger
}

// Confirm takes gateways at their word, after checking it.
type Confirm struct {
	Deps
	unsigned provider.Unsigned
}

// New makes a Confirm.
func New(d Deps) *Confirm { return &Confirm{Deps: d} }

// Register names the handlers of the jobs that understand notices and that ask.
func (c *Confirm) Register(q *queue.Queue) {
	q.Handle(paylink.JobNotice, c.notice)
	q.Handle(paylink.JobAsk, c.ask)
	q.Handle(paylink.JobDisputes, c.disputes)
}

// Why a genuine word is not acted on. The reasons stand in the notice for the merchant to read.
const (
	reasonUnreadable = "unreadable"
	reasonReference  = "unknown_reference"
	reasonAccount    = "wrong_account"
	reasonAmount     = "wrong_amount"
	reasonCurrency   = "wrong_currency"
	reasonOrder      = "out_of_order"
	reasonKnown      = "known_already"
	reasonNothing    = "about_no_payment"
	reasonTooMuch    = "refund_too_large"
)

// hearing is a word together with what it is about.
type hearing struct {
	word     gateway.Word
	payment  paylink.Payment // as read before the transaction; locked and read again in it
	customer *paylink.Customer
	merchant paylink.Merchant
}

// check holds the word against what we asked for. A reason means that the word is genuine but not
// about our order as we made it: it is set aside, and no money is counted. What it names of ours is in the hearing then,
// where the order is ours and only the money is another.
func (c *Confirm) check(read store.Reader, merchant paylink.MerchantID, account paylink.Account, w gateway.Word) (hearing, string, error) {
	h := hearing{word: w}
	name := provider.Account{ID: account.ID, Merchant: account.Merchant}.Name()
	p, l, customer, err := read.PaymentWithLink(merchant, w.Reference)
	switch {
	case paylink.IsNotFound(err):
		return h, reasonReference, nil
	case err != nil:
		return h, "", err
	case p.Account != account.ID, w.Account != "" && w.Account != name:
		return h, reasonAccount, nil
	}
	h.payment, h.customer = p, customer
	switch {
	case w.Amount.Currency != p.Amount.Currency:
		return h, reasonCurrency, nil
	case !expected(l, p, w):
		return h, reasonAmount, nil
	}
	h.merchant, err = read.Merchant(merchant)
	return h, "", err
}

// expected tells whether the word's amount is what we asked, or another that the merchant has said what
// to do about. A genuine word about another amount may be somebody else's payment with our order's name
// on it: without the merchant's word it is set aside.
func expected(l paylink.Link, p paylink.Payment, w gateway.Word) bool {
	policy := l.Terms.OnOver
	if w.Amount.Minor < p.Amount.Minor {
		policy = l.Terms.OnUnder
	}
	if p.Manual && w.Status == paylink.PaymentCaptured && w.Amount.Minor > 0 && w.Amount.Minor < p.Amount.Minor {
		return true // a part of what was reserved
	}
	return w.Amount.Minor == p.Amount.Minor || w.Status == paylink.PaymentCaptured && policy != "" && w.Amount.Minor > 0
}

// apply writes what the word means, inside a transaction. It returns the reason why it means nothing
// new, or the empty string.
func (c *Confirm) apply(tx *store.Tx, h hearing, now time.Time) (string, error) {
	// Everybody locks the link first.
	l, err := tx.Link(h.payment.Merchant, h.payment.Live, h.payment.Link)
	if err != nil {
		return "", err
	}
	p, err := tx.Payment(h.payment.Merchant, h.payment.Live, h.payment.ID)
	if err != nil {
		return "", err
	}
	if unnamed(p, h.word) {
		return c.name(tx, p, h.word, now)
	}
	if secondCapture(p, h.word) {
		return c.receiveSecond(tx, l, p, h, now)
	}
	worldNow := h.merchant.Now(p.Live, now)
	readLink, readStatus := l.UpdatedAt, p.Status
	told, ok := paylink.Advance(&l, &p, c.outcome(h.word, p), worldNow, now)
	switch {
	case !ok && p.Status == h.word.Status:
		return reasonKnown, nil
	case !ok && p.Manual && p.Ended() && h.word.Status == paylink.PaymentAuthorised:
		return c.giveBackLate(tx, l, p, h, now)
	case !ok:
		return reasonOrder, nil
	}
	for _, e := range l.Tell(now, "gateway", h.customer, &p, told...) {
		tx.AppendEvent(e)
	}
	tx.UpdatePayment(p, readStatus)
	back := record.GiveBack(tx, &l, &p, h.customer, "system", now)
	l.Touch(now)
	tx.UpdateLink(l, readLink)
	tx.HurryDelivery(l, now)
	tx.Receipt(l, p, h.customer, h.merchant.Settings, now)
	if job, ok := p.Lapse(paylink.NewJobID(now), l); ok {
		tx.Enqueue(job, now)
	}
	return "", enter(tx, p, now, back)
}

// enter writes captured money into the books, and what of it goes back at once.
func enter(tx *store.Tx, p paylink.Payment, now time.Time, back []paylink.LedgerEntry) error {
	if p.Status != paylink.PaymentCaptured {
		return nil
	}
	return ledger.Post(tx, now, append(paylink.PaymentEntries(p), back...)...)
}

// secondCapture tells whether the word is about money that came once more for an order that is
// captured already: another payment at the gateway, not the same one told twice.
func secondCapture(p paylink.Payment, w gateway.Word) bool {
	return p.Status == paylink.PaymentCaptured && w.Status == paylink.PaymentCaptured &&
		w.GatewayReference != "" && w.GatewayReference != p.GatewayReference
}

// receiveSecond records a second capture as a payment of its own, so that it can be given back and
// matched with the bank. The unique gateway reference counts it once, however often it is told.
func (c *Confirm) receiveSecond(tx *store.Tx, l paylink.Link, first paylink.Payment, h hearing, now time.Time) (string, error) {
	_, err := tx.PaymentByGatewayReference(first.Merchant, first.Account, h.word.GatewayReference)
	if err == nil {
		return reasonKnown, nil
	}
	if !paylink.IsNotFound(err) {
		return "", err
	}
	p := paylink.Payment{
		ID: paylink.NewPaymentID(now), Merchant: first.Merchant, Live: first.Live, Link: first.Link,
		Status: paylink.PaymentCaptured, Amount: h.word.Amount, AmountCaptured: h.word.Amount.Minor, Method: first.Method, MethodDetails: h.word.Details,
		Gateway: first.Gateway, Account: first.Account, Reference: paylink.NewPaymentReference(),
		GatewayReference: h.word.GatewayReference, BankReference: h.word.BankReference, Fee: h.word.Fee, Tax: h.word.Tax,
		Abnormal: paylink.AbnormalDuplicate, Device: first.Device, CreatedAt: now,
	}
	if first.Abnormal == paylink.AbnormalUnderpaid && !first.Counts() {
		// Too little came first and does not count: this may be the whole.
		p.Abnormal, p.Amount, p.Items, p.Extras = "", first.Amount, first.Items, first.Extras
	}
	p.Touch(now)
	read := l.UpdatedAt
	told := paylink.Receive(&l, &p, h.merchant.Now(p.Live, now))
	for _, e := range l.Tell(now, "gateway", h.customer, &p, told...) {
		tx.AppendEvent(e)
	}
	tx.InsertPayment(p)
	back := record.GiveBack(tx, &l, &p, h.customer, "system", now)
	l.Touch(now)
	tx.UpdateLink(l, read)
	tx.Receipt(l, p, h.customer, h.merchant.Settings, now)
	return "", enter(tx, p, now, back)
}

// outcome is the word in the payment's own terms. What the gateway asks of the customer stays as it
// was while the customer is still being asked; of an order whose answer was lost a look-up brings it.
func (c *Confirm) outcome(w gateway.Word, p paylink.Payment) paylink.Outcome {
	o := paylink.Outcome{
		Status: w.Status, Method: w.Method, Details: w.Details, GatewayOrder: w.Order, GatewayReference: w.GatewayReference,
		BankReference: w.BankReference, Decline: w.Decline, Fee: w.Fee, Tax: w.Tax, Captured: w.Amount.Minor,
	}
	if g := c.Gateways[p.Gateway]; p.Manual && g != nil {
		o.Reserved = g.Capabilities().Reserves[p.Method]
	}
	if w.Status == paylink.PaymentActionRequired {
		if o.Action = p.Action; o.Action.Kind == "" {
			o.Action = w.Action
		}
		if o.Action.Kind != "" && o.Action.ExpiresAt.IsZero() {
			o.Action.ExpiresAt = p.ExpiresAt
		}
	}
	return o
}

func (c *Confirm) account(read store.Reader, id paylink.AccountID) (paylink.Account, gateway.Account, error) {
	stored, err := read.Account(id)
	if err != nil {
		return paylink.Account{}, gateway.Account{}, err
	}
	opened, err := provider.Open(c.Ring, stored)
	return stored, opened, err
}

package checkout

import (
	"context"
	"errors"
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/routing"
	"paylink/store"
	"paylink/token"
)

// StartRequest is a customer's press of the pay button.
type StartRequest struct {
	Code   string
	Token  string
	Device Device
	Method paylink.Method
	Choice
	Proof, Country string // as a Visitor has them
}

// Start commits the intent to pay and leaves a job that asks the gateway. A form that was sent before
// or is too old gives *paylink.Expired, a link that takes no payment now *paylink.Conflict with the
// reason as its code: in both cases the page's true state is to be shown. An amount, a
// quantity or an answer that the link does not offer gives *paylink.Invalid.
func (c *Checkout) Start(ctx context.Context, r StartRequest) (paylink.Payment, error) {
	l, customer, err := c.link(ctx, r.Code)
	if err != nil {
		return paylink.Payment{}, err
	}
	now := c.Now()
	once, err := c.readToken(r.Token, PagePurpose, l, r.Device, now)
	if err != nil {
		return paylink.Payment{}, err
	}
	shop, err := c.shop(c.Store.Read(ctx), l)
	if err != nil {
		return paylink.Payment{}, err
	}
	if len(shop.route(l, routing.Ask{Method: r.Method, Amount: paylink.Money{Currency: l.Amount.Currency}})) == 0 {
		return paylink.Payment{}, notOffered("/method", "unknown_value")
	}
	wish, err := r.wish(l.Amount.Currency)
	if err != nil {
		return paylink.Payment{}, err
	}
	worldNow := shop.merchant.Now(l.Live, now)
	wish.Method, wish.Now = r.Method, worldNow
	p := paylink.Payment{
		ID: paylink.NewPaymentID(now), Merchant: l.Merchant, Live: l.Live, Link: l.ID, Status: paylink.PaymentCreated,
		Method:    r.Method,
		Reference: paylink.NewPaymentReference(), Device: r.Device.String(), CreatedAt: now, ExpiresAt: now.Add(paylink.AttemptLife),
	}
	job := paylink.NewJobID(now)
	err = c.Store.Write(ctx, func(tx *store.Tx) error {
		l, err := tx.Link(l.Merchant, l.Live, l.ID)
		if err != nil {
			return err
		}
		read := l.UpdatedAt
		if err := c.admit(l, customer, Visitor{r.Device, r.Proof, r.Country}, now); err != nil {
			return err
		}
		if l.Revision != once.Revision {
			return &paylink.Expired{Code: "terms_changed", Detail: "The request changed since this page was opened."}
		}
		if refusal := l.Refusal(worldNow); refusal != "" {
			return &paylink.Conflict{Code: refusal, Detail: "The payment link takes no payment now.", Other: string(l.ID)}
		}
		wish := wish
		if wish.Discount, err = c.Discount(tx.Reader, l, r.Choice.Code); err != nil {
			return err
		}
		quote, err := l.Quote(wish)
		if err != nil {
			return err
		}
		if err := r.seen(l, quote); err != nil {
			return err
		}
		replies, err := r.asked(l)
		if err != nil {
			return err
		}
		if err := ownCap(tx.Reader, l, r.Device); err != nil {
			return err
		}
		if p.Gateway, p.Account, err = shop.choose(tx.Reader, l, p, quote.Amount); err != nil {
			return err
		}
		tx.SpendNonce(once.Nonce[:], once.ExpiresAt)
		p.Amount, p.Items, p.Extras, p.UpdatedAt = quote.Amount, quote.Items, quote.Extras, now
		p.Manual = l.Terms.ManualCapture()
		l.Begin(p.Towards())
		if d := p.Extras.Discount; d != nil {
			tx.UseDiscountCode(l.Merchant, d.ID, paylink.NotApplicable())
		}
		if l.Terms.TermsURL != "" {
			p.TermsAccepted = now
		}
		p.SealReplies(c.Ring.Seal, replies)
		l.Resettle(worldNow, now)
		for _, e := range l.Tell(now, "customer", customer, &p, paylink.EventPaymentStarted) {
			tx.AppendEvent(e)
		}
		tx.UpdateLink(l, read)
		tx.InsertPayment(p)
		tx.Visit(l, r.Device.String(), paylink.VisitStarted, now, 1)
		tx.HurryDelivery(l, now)
		tx.Enqueue(paylink.Job{
			ID: job, Kind: paylink.JobStart, Key: string(p.ID), Merchant: l.Merchant, Live: l.Live,
			Payload: paylink.JobPayload{Payment: p.ID}, RunAt: now, Priority: paylink.JobUrgent,
		}, now)
		return nil
	})
	if err != nil {
		return paylink.Payment{}, err // also when nobody waited: then p is still being written
	}
	return p, nil
}

// choose finds the account that is to take a payment of an amount. It fails with *paylink.Invalid when none takes
// so much, or so little, by the method.
func (s shop) choose(read store.Reader, l paylink.Link, p paylink.Payment, amount paylink.Money) (string, paylink.AccountID, error) {
	failed, err := s.failedAt(read, l, p.Method)
	if err != nil {
		return "", "", err
	}
	able := s.route(l, routing.Ask{Method: p.Method, Amount: amount, Reference: p.Reference, Failed: failed})
	if len(able) == 0 {
		return "", "", notOffered("/amount", "other_method")
	}
	return able[0].Account.Provider, able[0].Account.ID, nil
}

func notOffered(pointer, code string) error {
	invalid := &paylink.Invalid{}
	invalid.Add(pointer, code, "This way to pay is not offered here.")
	return invalid
}

// readToken believes a form only for its purpose, the link, the device and the time that it was made for.
func (c *Checkout) readToken(text, purpose string, l paylink.Link, d Device, now time.Time) (token.OneTime, error) {
	once, err := token.ReadOneTime(c.Ring, text, now)
	switch {
	case errors.Is(err, token.ErrExpired):
		return once, &paylink.Expired{Code: "token_expired", Detail: "This page was open for too long."}
	case err != nil, once.Purpose != purpose, once.Link != string(l.ID), once.Device != d:
		return once, &paylink.Expired{Code: "token_forged", Detail: "This form was not made for this page and browser."}
	}
	return once, nil
}

// Vouch believes a form that is not about a payment, and gives the link that it is about with what keeps
// the form from being sent twice, for whoever does what it asks. It fails as Start does.
func (c *Checkout) Vouch(ctx context.Context, code, tokenText string, v Visitor) (paylink.Link, token.OneTime, error) {
	l, customer, err := c.link(ctx, code)
	if err != nil {
		return l, token.OneTime{}, err
	}
	now := c.Now()
	if err := c.admit(l, customer, v, now); err != nil {
		return l, token.OneTime{}, err
	}
	once, err := c.readToken(tokenText, PagePurpose, l, v.Device, now)
	return l, once, err
}

// Abandon gives up the live attempt, so that the customer can use another method. A payment that the
// bank may already be deciding is not given up: *paylink.Conflict "payment_in_flight".
func (c *Checkout) Abandon(ctx context.Context, code, tokenText string, v Visitor) error {
	return c.giveUp(ctx, code, tokenText, v, paylink.PaymentActionRequired)
}

// PayAnyway gives up an attempt of which nobody knows whether it was paid, because the customer was told so and
// wants to pay again all the same. The gateway goes on being asked about it. It fails as Abandon does.
func (c *Checkout) PayAnyway(ctx context.Context, code, tokenText string, v Visitor) error {
	return c.giveUp(ctx, code, tokenText, v, paylink.PaymentUnknown)
}

// giveUp gives up the live attempt if it stands as it is said to.
func (c *Checkout) giveUp(ctx context.Context, code, tokenText string, v Visitor, standing paylink.PaymentStatus) error {
	page, err := c.State(ctx, code, v)
	if err != nil {
		return err
	}
	now := c.Now()
	once, err := c.readToken(tokenText, PagePurpose, page.Link, v.Device, now)
	if err != nil {
		return err
	}
	if page.Payment == nil || !page.Payer {
		return &paylink.Conflict{Code: "no_payment", Detail: "There is no payment to give up."}
	}
	return c.Store.Write(ctx, func(tx *store.Tx) error {
		l, p, err := lockBoth(tx, *page.Payment)
		if err != nil {
			return err
		}
		tx.SpendNonce(once.Nonce[:], once.ExpiresAt)
		if p.Status != standing {
			return &paylink.Conflict{Code: "payment_in_flight", Detail: "The bank is deciding about this payment.", Other: string(p.ID)}
		}
		if _, closes := gateway.As[gateway.Canceller](c.Gateways[p.Gateway]); closes {
			tx.Enqueue(p.AskNow(now), now) // it closes what is given up
		}
		return advance(tx, l, p, page.Customer, "customer", paylink.Outcome{Status: paylink.PaymentAbandoned}, page.WorldNow, now)
	})
}

// Ask has the gateway asked about the live payment, now: the customer came back, or says that the
// money is paid. Nothing is changed by the asking itself.
func (c *Checkout) Ask(ctx context.Context, code string, d Device) error {
	_, _, payment, err := c.look(ctx, code, d)
	if err != nil || payment == nil || !payment.Status.Live() {
		return err
	}
	now := c.Now()
	job := payment.AskNow(now)
	return c.Store.Write(ctx, func(tx *store.Tx) error {
		tx.Enqueue(job, now)
		return nil
	})
}

// Opened notes that a person looks at the page: the page's own script said so, which no preview bot
// does. The first time is an event.
func (c *Checkout) Opened(ctx context.Context, code string, d Device) error {
	seen, customer, err := c.link(ctx, code)
	if err != nil {
		return err
	}
	now := c.Now()
	return c.Store.Write(ctx, func(tx *store.Tx) error {
		l, err := tx.Link(seen.Merchant, seen.Live, seen.ID)
		if err != nil {
			return err
		}
		tx.Visit(l, d.String(), paylink.VisitOpened, now, 1)
		tx.HurryDelivery(l, now)
		if !l.OpenedAt.IsZero() {
			return nil
		}
		read := l.UpdatedAt
		l.OpenedAt = now
		for _, e := range l.Tell(now, "customer", customer, nil, paylink.EventLinkOpened) {
			tx.AppendEvent(e)
		}
		tx.UpdateLink(l, read)
		return nil
	})
}

// Await returns the payment as soon as the gateway has answered its start, or as it is after atMost.
func (c *Checkout) Await(ctx context.Context, p paylink.Payment, atMost time.Duration) (paylink.Payment, error) {
	bell := c.Store.Bell(store.BellPayments)
	defer bell.Close()
	ctx, stop := context.WithTimeout(ctx, atMost)
	defer stop()
	poll := time.NewTicker(100 * time.Millisecond) // another node may do the job, and rings only there
	defer poll.Stop()
	for {
		now, err := c.Store.Read(context.WithoutCancel(ctx)).Payment(p.Merchant, p.Live, p.ID)
		if err != nil || now.Status != paylink.PaymentCreated {
			return now, err
		}
		select {
		case <-bell.C:
		case <-poll.C:
		case <-ctx.Done():
			return now, nil
		}
	}
}

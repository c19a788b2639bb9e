package cli

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"paylink/client"
)

// cause is how one type of event is made to happen. What happens besides is what would happen anyway: a
// link that is paid was made, and its payment was started.
type cause struct {
	event string
	how   string // a sentence without its full stop
	run   func(ctx context.Context, s *stage) (link string, err error)
}

// The last digits of a phone number are its fate in the sandbox.
const (
	phoneReached = "+919812345601"
	phoneFailed  = "+919812345602"
	phoneBlocked = "+919812345603"
)

var causes = []cause{
	{"payment_link.created", "a link is made", links()},
	{"payment_link.sent", "a link is sent by SMS", sends(phoneReached)},
	{"payment_link.opened", "a link is made, and its page says that somebody looks at it", opens},
	{"payment_link.paid", "a link is made and paid by card", pays("success")},
	{"payment_link.failed", "a link is made, and the bank declines the card", pays("decline")},
	{"payment_link.amended", "a link is made and its expiry moved", then(func(ctx context.Context, s *stage, id string) error {
		_, err := s.api.ExtendPaymentLink(ctx, id, client.NewExpiry{ExpiresIn: 2 * day})
		return err
	})},
	{"payment_link.expired", "a link is made that lives for a second", expires},
	{"payment_link.held", "a link is made and paused", then(pauses)},
	{"payment_link.released", "a link is made, paused and resumed", then(pauses, func(ctx context.Context, s *stage, id string) error {
		_, err := s.api.ResumePaymentLink(ctx, id)
		return err
	})},
	{"payment_link.partially_paid", "a link is made, and half of it is taken as cash", then(func(ctx context.Context, s *stage, id string) error {
		_, err := s.api.RecordPayment(ctx, id, client.OutsidePayment{Method: "cash", Amount: s.link.Amount / 2})
		return err
	})},
	{"payment_link.cancelled", "a link is made and cancelled", then(cancels)},
	{"payment_link.refreshed", "a link is made, cancelled and reactivated", then(cancels, func(ctx context.Context, s *stage, id string) error {
		_, err := s.api.ReactivatePaymentLink(ctx, id)
		return err
	})},
	{"message.sent", "a link is sent by SMS", sends(phoneReached)},
	{"message.delivered", "a link is sent by SMS and reaches the phone", sends(phoneReached)},
	{"message.failed", "a link is sent by SMS to a phone that cannot be reached", sends(phoneFailed)},
	{"message.blocked", "a link is sent by SMS, and the operator blocks it", sends(phoneBlocked)},
	{"payment.started", "a link is made and paid by card", pays("success")},
	{"payment.captured", "a link is made and paid by card", pays("success")},
	{"payment.pending", "a link is made, and the bank is still deciding", pays("pending")},
	{"payment.unknown", "a link is made, and the bank says nothing; it takes a while to be sure of that", pays("unknown")},
	{"payment.failed", "a link is made, and the bank declines the card", pays("decline")},
	{"payment.late", "a link is cancelled after the bank has declined it; then the money comes after all", then(paysLate, cancels)},
	{"payment.duplicate", "a link is made, and the bank takes the money twice", pays("duplicate")},
}

const day = 24 * 60 * 60

func causeOf(event string) (cause, bool) {
	for _, c := range causes {
		if c.event == event {
			return c, true
		}
	}
	return cause{}, false
}

func causable() (all []string) {
	for _, c := range causes {
		all = append(all, c.event)
	}
	return all
}

// stage is where causes act.
type stage struct {
	api      *client.Client
	merchant client.Merchant
	link     client.PaymentLink // the one that was made last
}

// make makes the link that things happen to: ten units of the merchant's currency.
func (s *stage) make(ctx context.Context, change func(l *client.NewPaymentLink)) (err error) {
	amount, err := client.Minor("10", s.merchant.Currency)
	if err != nil {
		return err
	}
	l := client.NewPaymentLink{
		Amount: amount, Currency: s.merchant.Currency, Description: "paylink trigger", ExpiresIn: client.Value[int64](day),
	}
	if change != nil {
		change(&l)
	}
	s.link, err = s.api.CreatePaymentLink(ctx, l)
	return err
}

// links makes a link and nothing else.
func links() func(context.Context, *stage) (string, error) { return then() }

// then makes a link and does one thing after the other to it.
func then(steps ...func(ctx context.Context, s *stage, id string) error) func(context.Context, *stage) (string, error) {
	return func(ctx context.Context, s *stage) (string, error) {
		if err := s.make(ctx, nil); err != nil {
			return "", err
		}
		for _, step := range steps {
			if err := step(ctx, s, s.link.ID); err != nil {
				return "", err
			}
		}
		return s.link.ID, nil
	}
}

func cancels(ctx context.Context, s *stage, id string) error {
	_, err := s.api.CancelPaymentLink(ctx, id)
	return err
}

func pauses(ctx context.Context, s *stage, id string) error {
	_, err := s.api.PausePaymentLink(ctx, id)
	return err
}

func sends(phone string) func(context.Context, *stage) (string, error) {
	return func(ctx context.Context, s *stage) (string, error) {
		err := s.make(ctx, func(l *client.NewPaymentLink) {
			l.Channels, l.Customer = []string{"sms"}, &client.NewCustomer{Phone: phone}
		})
		return s.link.ID, err
	}
}

func pays(outcome string) func(context.Context, *stage) (string, error) {
	return then(func(ctx context.Context, s *stage, _ string) error { return s.pay(ctx, outcome) })
}

func paysLate(ctx context.Context, s *stage, _ string) error { return s.pay(ctx, "late") }

func (s *stage) pay(ctx context.Context, outcome string) error {
	_, err := s.api.PayInSandbox(ctx, client.SandboxPayment{URL: s.link.URL, Method: "card", Outcome: outcome})
	return err
}

func expires(ctx context.Context, s *stage) (string, error) {
	err := s.make(ctx, func(l *client.NewPaymentLink) { l.ExpiresIn = client.Value[int64](1) })
	return s.link.ID, err
}

// opens says what the page's own script says when a person sees it.
func opens(ctx context.Context, s *stage) (string, error) {
	if err := s.make(ctx, nil); err != nil {
		return "", err
	}
	ctx, stop := context.WithTimeout(ctx, 10*time.Second)
	defer stop()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.link.URL+"/opened", nil)
	if err != nil {
		return "", fmt.Errorf("open the page of %s: the server gave it no address", s.link.ID)
	}
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return "", fmt.Errorf("open the page of %s: the server's pages do not answer", s.link.ID)
	}
	defer res.Body.Close()
	if res.StatusCode >= 300 {
		return "", fmt.Errorf("open the page of %s: answered %d", s.link.ID, res.StatusCode)
	}
	return s.link.ID, nil
}

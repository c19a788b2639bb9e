package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"

	"paylink/client"
)

type refundCommand struct {
	Create  refundCreateCommand  `cmd:"" help:"Give a payment back, whole or in part."`
	List    refundListCommand    `cmd:"" help:"List refunds, newest first."`
	Approve refundApproveCommand `cmd:"" help:"Approve a refund that waits for a second person."`
	Cancel  refundCancelCommand  `cmd:"" help:"Call a refund off before the gateway is told."`
	Resolve refundResolveCommand `cmd:"" help:"Say what becomes of money on hold."`
}

type refundCreateCommand struct {
	Server
	Output
	Payment string `arg:"" help:"pay_…"`
	Amount  string `placeholder:"1.00" help:"In the payment's currency; absent: all that is left."`
	Reason  string `placeholder:"WHY" enum:"requested_by_customer,duplicate,fraudulent,abnormal" default:"requested_by_customer" help:"Why: requested_by_customer, duplicate, fraudulent or abnormal."`
	Instant bool   `help:"As fast as the gateway can, at its price."`
}

func (c *refundCreateCommand) Run(ctx context.Context, t *Terminal) error {
	wish := client.NewRefund{Reason: c.Reason}
	if c.Instant {
		wish.Speed = "instant"
	}
	return oneRefund(ctx, t, c.Server, c.Output, func(api *client.Client, options ...client.Option) (client.Refund, error) {
		if c.Amount != "" { // decimals are to be known before an amount is read
			p, err := api.GetPayment(ctx, c.Payment)
			if err != nil {
				return client.Refund{}, err
			}
			if wish.Amount, err = client.Minor(c.Amount, p.Currency); err != nil {
				return client.Refund{}, usage("--amount: %w", err)
			}
		}
		return api.CreateRefund(ctx, c.Payment, wish, options...)
	})
}

type refundApproveCommand struct {
	Server
	Output
	ID string `arg:"" help:"rfnd_…"`
}

func (c *refundApproveCommand) Run(ctx context.Context, t *Terminal) error {
	return oneRefund(ctx, t, c.Server, c.Output, func(api *client.Client, options ...client.Option) (client.Refund, error) {
		return api.ApproveRefund(ctx, c.ID, options...)
	})
}

type refundCancelCommand struct {
	Server
	Output
	ID string `arg:"" help:"rfnd_…"`
}

func (c *refundCancelCommand) Run(ctx context.Context, t *Terminal) error {
	return oneRefund(ctx, t, c.Server, c.Output, func(api *client.Client, options ...client.Option) (client.Refund, error) {
		return api.CancelRefund(ctx, c.ID, options...)
	})
}

// oneRefund asks for something about one refund and shows what it is then.
func oneRefund(ctx context.Context, t *Terminal, s Server, o Output, ask func(*client.Client, ...client.Option) (client.Refund, error)) error {
	api, _, err := s.open(t)
	if err != nil {
		return err
	}
	var text json.RawMessage
	r, err := ask(api, client.Verbatim(&text), client.OnTrouble(t.trouble))
	if err != nil {
		return err
	}
	if o.JSON {
		return line(t.Out, text)
	}
	_, err = fmt.Fprintf(t.Out, "%s  %s  %s\n", r.ID, r.Status, money(r.Amount, r.Currency))
	return err
}

type refundListCommand struct {
	Server
	Output
	Status  string `placeholder:"STATUS" help:"Only those in this state, such as awaiting_approval or failed."`
	Payment string `placeholder:"ID" help:"Only those of this payment, pay_…"`
}

func (c *refundListCommand) Run(ctx context.Context, t *Terminal) error {
	api, _, err := c.open(t)
	if err != nil {
		return err
	}
	filter := client.RefundFilter{Page: client.Page{Limit: 100}, Status: c.Status, Payment: c.Payment}
	return list(t, c.Output, []string{"AMOUNT", "STATUS", "REASON", "SINCE", "PAYMENT", "ID"}, func(r client.Refund) []string {
		return []string{money(r.Amount, r.Currency), r.Status, r.Reason, local(&r.CreatedAt), r.PaymentID, r.ID}
	}, func(o ...client.Option) iter.Seq2[client.Refund, error] { return api.ListRefunds(ctx, filter, o...) })
}

type refundResolveCommand struct {
	Server
	Output
	Payment string `arg:"" help:"pay_…"`
	Outcome string `arg:"" enum:"accept,refund,credit" help:"accept: it counts after all; refund: it goes back; credit: the customer may use it later."`
}

func (c *refundResolveCommand) Run(ctx context.Context, t *Terminal) error {
	api, _, err := c.open(t)
	if err != nil {
		return err
	}
	var text json.RawMessage
	p, err := api.ResolvePayment(ctx, c.Payment, client.PaymentResolution{Outcome: c.Outcome}, client.Verbatim(&text), client.OnTrouble(t.trouble))
	if err != nil {
		return err
	}
	if c.JSON {
		return line(t.Out, text)
	}
	_, err = fmt.Fprintf(t.Out, "%s  %s\n", p.ID, p.Disposition)
	return err
}

package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"time"

	"paylink/client"
)

type captureCommand struct {
	Server
	Output
	ID     string `arg:"" help:"pay_…"`
	Amount string `help:"How much is taken, in major units: 1250 or 1250.00; the rest is given back. Default: all that is reserved."`
}

func (c *captureCommand) Run(ctx context.Context, t *Terminal) error {
	api, _, err := c.open(t)
	if err != nil {
		return err
	}
	var capture client.Capture
	if c.Amount != "" {
		p, err := api.GetPayment(ctx, c.ID)
		if err != nil {
			return err
		}
		if capture.Amount, err = client.Minor(c.Amount, p.Currency); err != nil {
			return usage("--amount: %w", err)
		}
	}
	return showPayment(t, c.Output, func(o ...client.Option) (client.Payment, error) { return api.CapturePayment(ctx, c.ID, capture, o...) })
}

type voidCommand struct {
	Server
	Output
	ID string `arg:"" help:"pay_…"`
}

func (c *voidCommand) Run(ctx context.Context, t *Terminal) error {
	api, _, err := c.open(t)
	if err != nil {
		return err
	}
	return showPayment(t, c.Output, func(o ...client.Option) (client.Payment, error) { return api.VoidPayment(ctx, c.ID, o...) })
}

// showPayment prints what became of reserved money.
func showPayment(t *Terminal, out Output, do func(...client.Option) (client.Payment, error)) error {
	var text json.RawMessage
	p, err := do(client.Verbatim(&text), client.OnTrouble(t.trouble))
	if err != nil {
		return err
	}
	if out.JSON {
		return line(t.Out, text)
	}
	says := p.Status
	if p.Intent != "" {
		says += ", " + p.Intent + " under way"
	}
	_, err = fmt.Fprintf(t.Out, "%s  %s of %s captured  %s\n", p.ID, money(p.AmountCaptured, p.Currency), money(p.Amount, p.Currency), says)
	return err
}

type disputesCommand struct {
	List     disputeListCommand     `cmd:"" help:"List disputes, newest first."`
	Get      disputeGetCommand      `cmd:"" help:"Show a dispute with what is known of its payment."`
	Evidence disputeEvidenceCommand `cmd:"" help:"Send the evidence, once."`
	Accept   disputeAcceptCommand   `cmd:"" help:"Let the customer have the money. This cannot be taken back."`
}

type disputeListCommand struct {
	Server
	Output
	Status string `help:"Only those that are so: needs_response, under_review, won, lost, accepted."`
}

func (c *disputeListCommand) Run(ctx context.Context, t *Terminal) error {
	api, _, err := c.open(t)
	if err != nil {
		return err
	}
	filter := client.DisputeFilter{Page: client.Page{Limit: 100}, Status: c.Status}
	return list(t, c.Output, []string{"DISPUTE", "PAYMENT", "AMOUNT", "REASON", "STATUS", "DUE"}, func(d client.Dispute) []string {
		return []string{d.ID, d.PaymentID, money(d.Amount, d.Currency), d.Reason, d.Status, local(d.DueAt)}
	}, func(o ...client.Option) iter.Seq2[client.Dispute, error] { return api.ListDisputes(ctx, filter, o...) })
}

type disputeGetCommand struct {
	Server
	Output
	ID string `arg:"" help:"dspt_…"`
}

func (c *disputeGetCommand) Run(ctx context.Context, t *Terminal) error {
	api, _, err := c.open(t)
	if err != nil {
		return err
	}
	return showDispute(t, c.Output, func(o ...client.Option) (client.Dispute, error) { return api.GetDispute(ctx, c.ID, o...) })
}

type disputeEvidenceCommand struct {
	Server
	Output
	ID         string    `arg:"" help:"dspt_…"`
	Text       string    `help:"Your own words; they come first."`
	Delivered  time.Time `placeholder:"TIME" help:"When the customer got it: 2026-12-01T09:30:00+05:30."`
	Attachment string    `help:"A proof of the delivery or another paper: att_…"`
}

func (c *disputeEvidenceCommand) Run(ctx context.Context, t *Terminal) error {
	api, _, err := c.open(t)
	if err != nil {
		return err
	}
	said := client.NewEvidence{Text: c.Text, AttachmentID: c.Attachment}
	if !c.Delivered.IsZero() {
		said.DeliveredAt = &c.Delivered
	}
	return showDispute(t, c.Output, func(o ...client.Option) (client.Dispute, error) { return api.ContestDispute(ctx, c.ID, said, o...) })
}

type disputeAcceptCommand struct {
	Server
	Output
	ID string `arg:"" help:"dspt_…"`
}

func (c *disputeAcceptCommand) Run(ctx context.Context, t *Terminal) error {
	api, _, err := c.open(t)
	if err != nil {
		return err
	}
	return showDispute(t, c.Output, func(o ...client.Option) (client.Dispute, error) { return api.AcceptDispute(ctx, c.ID, o...) })
}

// showDispute prints a dispute with its checklist.
func showDispute(t *Terminal, out Output, do func(...client.Option) (client.Dispute, error)) error {
	var text json.RawMessage
	d, err := do(client.Verbatim(&text), client.OnTrouble(t.trouble))
	if err != nil {
		return err
	}
	if out.JSON {
		return line(t.Out, text)
	}
	if _, err := fmt.Fprintf(t.Out, "%s  %s  %s  %s  due %s\n", d.ID, money(d.Amount, d.Currency), d.Reason, d.Status, local(d.DueAt)); err != nil {
		return err
	}
	if d.Evidence == nil {
		return nil
	}
	w := newTable(t.Out, "KNOWN", "ABOUT", "WHAT")
	for _, p := range d.Evidence.Checklist {
		w.row(yesNo(p.Known), p.Kind, p.Says)
	}
	return w.flush()
}

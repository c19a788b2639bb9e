package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"paylink/client"
)

type linksCommand struct {
	Create          linkCreateCommand          `cmd:"" help:"Make a link and send it."`
	Get             linkGetCommand             `cmd:"" help:"Show a link with its messages and payments."`
	List            linkListCommand            `cmd:"" help:"List links, newest first."`
	Send            linkSendCommand            `cmd:"" help:"Send a link again."`
	Cancel          linkCancelCommand          `cmd:"" help:"Withdraw a link at once."`
	Reactivate      linkReactivateCommand      `cmd:"" help:"Take a cancellation back."`
	Promise         linkPromiseCommand         `cmd:"" help:"Note on which day the customer will pay."`
	WithdrawPromise linkWithdrawPromiseCommand `cmd:"" help:"Take the open promise of a link back."`
	Replan          linkReplanCommand          `cmd:"" help:"Divide what is still due into instalments anew."`
	Extend          linkExtendCommand          `cmd:"" help:"Move the expiry of a link that has not expired."`
	Refresh         linkRefreshCommand         `cmd:"" help:"Revive an expired link on the same URL."`
	DeclineRefresh  linkDeclineRefreshCommand  `cmd:"" help:"Say no to a customer who asked for more time."`
	Amend           linkAmendCommand           `cmd:"" help:"Change a link's terms on the same URL."`
	Pause           linkPauseCommand           `cmd:"" help:"Stop a link from taking payments for now."`
	Resume          linkResumeCommand          `cmd:"" help:"End a pause."`
	Record          linkRecordCommand          `cmd:"" help:"Record a payment that was taken outside."`
	Duplicate       linkDuplicateCommand       `cmd:"" help:"Make a new link like this one."`
	Bulk            linkBulkCommand            `cmd:"" help:"Make many links from a file."`
	ResetProof      linkResetProofCommand      `cmd:"" help:"Let those try again who were locked out by wrong proofs."`
	Undo            linkUndoCommand            `cmd:"" help:"Take a file of links back that has not begun."`
	Retry           linkRetryCommand           `cmd:"" help:"Try rows of a file once more that failed for a reason that may be over."`
	Archive         linkArchiveCommand         `cmd:"" help:"Take a link that is done with out of the lists."`
}

type linkGetCommand struct {
	Server
	Output
	ID    string `arg:"" help:"plink_…"`
	Token bool   `help:"Show the signed terms as well."`

	Timeline bool `help:"Show what happened as well, in its order."`
}

func (c *linkGetCommand) Run(ctx context.Context, t *Terminal) error {
	api, _, err := c.open(t)
	if err != nil {
		return err
	}
	var parts []string
	if c.Token {
		parts = append(parts, "token")
	}
	if c.Timeline {
		parts = append(parts, "timeline")
	}
	shown, signed := client.Shown{Include: strings.Join(parts, ",")}, ""
	err = showLink(t, c.Output, func(o ...client.Option) (client.PaymentLink, error) {
		l, err := api.GetPaymentLink(ctx, c.ID, shown, o...)
		signed = l.Token
		return l, err
	})
	if err != nil || c.JSON || !c.Token {
		return err
	}
	_, err = fmt.Fprintln(t.Out, clean(signed))
	return err
}

// showLink makes a call that answers a link, and shows the link.
func showLink(t *Terminal, how Output, call func(...client.Option) (client.PaymentLink, error)) error {
	var text json.RawMessage
	l, err := call(client.Verbatim(&text), client.OnTrouble(t.trouble))
	if err != nil {
		return err
	}
	if how.JSON {
		return line(t.Out, text)
	}
	return printLink(t, l)
}

// trouble says that a call is made again.
func (t *Terminal) trouble(err error) { fmt.Fprintf(t.Err, "paylink: %v; trying again\n", err) }

func printLink(t *Terminal, l client.PaymentLink) error {
	fmt.Fprintf(t.Out, "%s  %s\n", clean(l.ID), clean(l.Status))
	w := newTable(t.Out)
	w.fact("Amount", money(l.Amount, l.Currency))
	if l.AmountPaid > 0 {
		w.fact("Paid", money(l.AmountPaid, l.Currency))
		w.fact("Due", money(l.AmountDue, l.Currency))
	}
	w.fact("For", l.Description)
	w.fact("Reference", l.Reference)
	if c := l.Customer; c != nil {
		w.fact("Customer", strings.Join(slices.DeleteFunc([]string{c.Name, c.Phone, c.Email}, func(s string) bool { return s == "" }), ", "))
	}
	w.fact("URL", l.URL)
	w.fact("Created", local(&l.CreatedAt))
	w.fact("Expires", expiry(l))
	w.fact("Due by", local(l.DueAt))
	if s := l.NextInstalment; s != nil {
		w.fact("Instalment", fmt.Sprintf("%d of %d: %s by %s, %s", s.Number, s.Of, money(s.Amount, l.Currency), local(&s.DueAt), s.State))
	}
	if p := l.Promise; p != nil {
		w.fact("Promise", fmt.Sprintf("%s by %s, %s", money(p.Amount, l.Currency), p.Date, p.State))
	}
	if l.RefreshRequestedAt != nil {
		w.fact("Asks for time", "since "+local(l.RefreshRequestedAt))
	}
	w.fact("Paid at", local(l.PaidAt))
	if l.Hold != nil {
		w.fact("On hold", l.Hold.Reason)
	}
	w.fact("Locked until", local(l.ProofLockedUntil))
	for _, m := range l.Deliveries {
		text := strings.TrimSpace(m.Channel + " " + m.Status + " " + m.Error)
		if m.Status == "scheduled" {
			text += " for " + local(m.DueAt)
			if m.Unless != "" {
				text += ", unless " + m.Unless
			}
		}
		w.fact("Message", text)
	}
	for _, p := range l.Payments {
		w.fact("Payment", strings.Join([]string{p.ID, p.Status, money(p.Amount, p.Currency), p.Method}, " "))
	}
	for _, e := range l.Timeline {
		w.fact(local(&e.Timestamp), e.Type)
	}
	return w.flush()
}

func expiry(l client.PaymentLink) string {
	if l.ExpiresAt == nil {
		return "never"
	}
	return local(l.ExpiresAt)
}

type linkListCommand struct {
	Server
	Output
	Status    string    `enum:",pending,failed,partially_paid,paid,expired,cancelled" default:"" help:"Only links in this state: pending, failed, partially_paid, paid, expired or cancelled."`
	Reference string    `help:"Only the links with this reference of yours."`
	Customer  string    `help:"Only links of this customer: cust_…"`
	Phone     string    `help:"Only links to this phone, such as +919812345642."`
	Email     string    `help:"Only links to this address."`
	Channel   string    `enum:",sms,whatsapp,email,in_app" default:"" help:"Only links made for this channel."`
	Since     time.Time `placeholder:"TIME" help:"Only links made after this: 2026-11-22T09:00:00+05:30."`
	Until     time.Time `placeholder:"TIME" help:"Only links made before this."`
	DueAfter  time.Time `placeholder:"TIME" help:"Only links of which money is due next after this."`
	DueBefore time.Time `placeholder:"TIME" help:"Only links of which money is due next before this."`
	Overdue   bool      `help:"Only links of which money should have come by now."`
	Promised  bool      `help:"Only links with an open promise to pay."`
	Asking    bool      `help:"Only links whose customer asked for more time and waits for an answer."`
	Text      string    `name:"search" short:"q" help:"Find by id, code, URL, payment, phone, e-mail, amount or reference; or by words of the description."`
	Archived  bool      `help:"Only what was archived; otherwise only what was not."`
	Limit     int       `default:"20" help:"How many at most."`
	All       bool      `help:"All of them, however many."`
}

func (c *linkListCommand) Run(ctx context.Context, t *Terminal) error {
	api, _, err := c.open(t)
	if err != nil {
		return err
	}
	if c.Limit < 1 {
		return usage("--limit is at least 1")
	}
	filter := client.LinkFilter{
		Status: c.Status, Reference: c.Reference, Customer: c.Customer, Phone: c.Phone, Email: c.Email, Channel: c.Channel,
		CreatedAfter: c.Since, CreatedBefore: c.Until, Text: c.Text, Archived: c.Archived,
		DueAfter: c.DueAfter, DueBefore: c.DueBefore, Overdue: c.Overdue, Promised: c.Promised, Asking: c.Asking,
	}
	if filter.Limit = 100; !c.All {
		filter.Limit = min(c.Limit, 100)
	}
	var text json.RawMessage
	w, shown, walked := newTable(t.Out, "ID", "STATUS", "AMOUNT", "REFERENCE", "CUSTOMER", "CREATED", "EXPIRES"), 0, t.progress("links")
	defer walked.end()
	for l, err := range api.ListPaymentLinks(ctx, filter, client.Verbatim(&text), client.OnTrouble(t.trouble)) {
		if err != nil {
			return err
		}
		if c.JSON {
			err = line(t.Out, text)
		} else {
			w.row(l.ID, l.Status, money(l.Amount, l.Currency), l.Reference, customer(l), local(&l.CreatedAt), expiry(l))
		}
		if err != nil {
			return err
		}
		walked.step()
		if shown++; !c.All && shown == c.Limit {
			break
		}
		if shown%100 == 0 && !c.JSON { // however many there are, a hundred rows are held
			err = w.flush()
		}
		if err != nil {
			return err
		}
	}
	if c.JSON {
		return nil
	}
	return w.flush()
}

func customer(l client.PaymentLink) string {
	if l.Customer == nil {
		return ""
	}
	for _, name := range []string{l.Customer.Name, l.Customer.Phone, l.Customer.Email} {
		if name != "" {
			return name
		}
	}
	return l.Customer.ID
}

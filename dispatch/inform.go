package dispatch

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"paylink"
	"paylink/locale"
	"paylink/queue"
	"paylink/store"
)

// inform does the job that tells a customer what became of money: it makes the messages, one for each channel,
// and leaves their sending to send. That nobody is told twice is decided by a constraint of theirs. A channel
// that nobody has chosen is passed over where the merchant has nobody for it.
func (d *Dispatch) inform(ctx context.Context, r *queue.Run) error {
	now, t := d.now(), *r.Job.Payload.Tiding
	p, err := d.about(ctx, r.Job)
	if err != nil {
		return fmt.Errorf("load link %s to tell of %s: %w", r.Job.Payload.Link, t.About, err)
	}
	channels, chosen := p.link.ReceiptChannels(p.merchant.Settings)
	var messages []paylink.Message
	if t.Kind == paylink.TemplateReceipt {
		if t.Order, err = d.orderedBy(d.store.Read(ctx), p); err != nil {
			return fmt.Errorf("find the order of link %s: %w", p.link.ID, err)
		}
		if t.Order != "" && !slices.Contains(channels, paylink.ChannelWhatsApp) {
			channels = append(slices.Clone(channels), paylink.ChannelWhatsApp) // its order would stay open
		}
	}
	at := now
	if !at.After(p.link.UpdatedAt) {
		at = p.link.UpdatedAt.Add(time.Microsecond) // whatever another node's clock says, it comes after what it tells
	}
	for i, c := range channels {
		m := p.link.Told(paylink.NewMessageID(now), t, c, p.customer, at.Add(time.Duration(i)*time.Microsecond))
		p.message, p.country = m, countryOf(m)
		if m.To != "" && (chosen || len(d.candidates(&p)) > 0) {
			messages = append(messages, m)
		}
	}
	err = r.Finish(ctx, func(tx *store.Tx) error {
		for _, m := range messages {
			tx.InsertTiding(m)
			tx.Enqueue(paylink.Job{
				ID: paylink.NewJobID(now), Kind: paylink.JobSend, Key: string(m.ID), Merchant: m.Merchant, Live: m.Live,
				Payload: paylink.JobPayload{Link: m.Link, Message: m.ID}, RunAt: now,
			}, now)
		}
		return nil
	})
	var told *paylink.Conflict
	if errors.As(err, &told) && told.Code == "told" {
		err = r.Finish(ctx, nil)
	}
	if err != nil {
		return fmt.Errorf("tell of %s: %w", t.About, err)
	}
	return nil
}

// about reads what a message of the job's link would be made of.
func (d *Dispatch) about(ctx context.Context, job paylink.Job) (p parcel, err error) {
	read := d.store.Read(ctx)
	if p.link, err = read.Link(job.Merchant, job.Live, job.Payload.Link); err != nil {
		return p, err
	}
	if p.customer, err = read.CustomerOf(p.link); err != nil {
		return p, err
	}
	if p.merchant, err = read.Merchant(job.Merchant); err != nil {
		return p, err
	}
	p.accounts, err = read.Accounts(job.Merchant, job.Live, paylink.AccountChannel)
	return p, err
}

// tidingFacts are the facts of a message that says what became of money. What is left is named of
// a link of one use that is paid in parts.
func tidingFacts(f locale.MessageFacts, m paylink.Message, l paylink.Link) locale.MessageFacts {
	f.Amount.Minor, f.Number, f.At = m.Tells.Amount, m.Tells.Reference, m.Tells.At
	f.Open, f.ExpiresAt, f.DueAt = false, time.Time{}, time.Time{}
	if m.Kind == paylink.TemplateReceipt && l.Status == paylink.LinkPartiallyPaid && l.Usage.Mode == paylink.UsageSingle {
		f.Left = paylink.Money{Minor: l.AmountDue(), Currency: l.Amount.Currency}
	}
	return f
}

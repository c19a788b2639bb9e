package dispatch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nyaruka/phonenumbers"

	"paylink"
	"paylink/channel"
	"paylink/provider"
	"paylink/queue"
	"paylink/rules"
	"paylink/store"
)

// parcel is one message with everything that is needed to send it.
type parcel struct {
	message    paylink.Message
	link       paylink.Link
	customer   *paylink.Customer
	merchant   paylink.Merchant
	accounts   []paylink.Account         // the merchant's for channels, by rank, those that are off among them
	attempts   []paylink.Attempt         // so far, in their order
	country    string                    // of the phone number that it goes to; empty: it goes to none, or to nowhere known
	unstored   *paylink.Attempt          // of the attempts, the one that is not in the database; nil: each is
	begun      bool                      // the attempt that is being made is in the database
	proof      bool                      // the message is the code that proves a visitor, not the request
	templates  []paylink.MessageTemplate // that the merchant has in use
	registered *rules.Registered         // as which text the operators of India know the message; nil: as none
	contact    *store.Contacts           // to be counted when the attempt begins; nil: nothing is counted
	unfit      []paylink.AccountID       // that carry registered templates only, and this message has none for them
	parts      string                    // of what was taken just now, where each has a receipt of its own
	offered    time.Time                 // when it first waited for an account that was left alone; zero: it has not

	choice
	account paylink.Account // who is called; zero, and sender nil, when there is nobody
	sender  channel.Sender
}

// send does the job that hands one message to its provider: one call, or one question about a call before.
func (d *Dispatch) send(ctx context.Context, r *queue.Run) error {
	p, err := d.load(ctx, r.Job)
	if err != nil {
		return fmt.Errorf("load message %s: %w", r.Job.Payload.Message, err)
	}
	if p.message.Status != paylink.MessageQueued {
		return nil // a receipt was quicker than our own note that it was sent, or the job came twice
	}
	d.suspect(&p, r.Job)
	if open, found := p.open(); found {
		return d.resolve(ctx, r, p, open)
	}
	return d.offer(ctx, r, p)
}

// offer judges a message and makes one attempt, by whoever is chosen.
func (d *Dispatch) offer(ctx context.Context, r *queue.Run, p parcel) error {
	now := d.now()
	p.take(d.choose(&p, now))
	v, err := d.judge(ctx, &p, now)
	switch {
	case err != nil:
		return fmt.Errorf("judge message %s: %w", p.message.ID, err)
	case v.status == paylink.MessageQueued:
		return d.keepWaiting(ctx, r, p, v)
	case v.status != "":
		w := p.end(v)
		w.at = now
		return d.settle(ctx, r, p, outcome{word: w})
	}
	if p.inbox {
		return d.putIntoInbox(ctx, r, p)
	}
	return d.attempt(ctx, r, p)
}

// take makes a choice the parcel's.
func (p *parcel) take(c choice) { p.choice, p.account, p.sender = c, c.account, c.sender }

// attempt makes the call and does what follows from its end.
func (d *Dispatch) attempt(ctx context.Context, r *queue.Run, p parcel) error {
	if kind := p.kind(d.now()); kind != paylink.TemplateRequest {
		p.message.Kind = kind // of a reminder, as it is written now
	}
	account, letter, err := d.prepare(p)
	if err != nil {
		if r.Job.Attempts >= maxTries || r.Last() {
			return errors.Join(err, d.settle(ctx, r, p, outcome{word: word{status: paylink.MessageFailed, code: "internal", at: d.now()}}))
		}
		return err
	}
	a := d.newAttempt(&p, letter)
	if !d.healths.begin(p.account.ID, a.BeganAt) {
		return d.putBack(ctx, r, p, a.BeganAt.Add(time.Second)) // somebody finds out just now whether it works again
	}
	if p.begins() {
		begun, v, err := d.begin(ctx, &p, a)
		if err != nil {
			return fmt.Errorf("begin message %s: %w", p.message.ID, err)
		}
		if v.status == paylink.MessageQueued {
			return d.keepWaiting(ctx, r, p, v)
		}
		if v.status != "" {
			w := p.end(v)
			w.at = a.BeganAt
			return d.settle(ctx, r, p, outcome{word: w})
		}
		p.message = begun
	}
	sent, err := p.sender.Send(ctx, account, letter)
	ended := d.now()
	d.healths.ended(p.account, err, ended)
	p.conclude(&a, sent, err, ended)
	return d.follow(context.WithoutCancel(ctx), r, p, a)
}

// prepare opens the account and writes the letter.
func (d *Dispatch) prepare(p parcel) (channel.Account, channel.Letter, error) {
	account, err := provider.Open(d.ring, p.account)
	if err != nil {
		return account, channel.Letter{}, err
	}
	letter, err := d.letter(p)
	if err != nil {
		return account, letter, fmt.Errorf("write message %s: %w", p.message.ID, err)
	}
	return account, letter, nil
}

// load reads what a message is made of.
func (d *Dispatch) load(ctx context.Context, job paylink.Job) (p parcel, err error) {
	read := d.store.Read(ctx)
	if p.message, p.link, p.customer, err = read.MessageToSend(job.Merchant, job.Live, job.Payload.Link, job.Payload.Message); err != nil {
		return p, err
	}
	if p.merchant, err = read.Merchant(job.Merchant); err != nil {
		return p, err
	}
	if p.accounts, err = read.Accounts(job.Merchant, job.Live, paylink.AccountChannel); err != nil {
		return p, err
	}
	if p.message.Attempts > 0 {
		if p.attempts, err = read.AttemptsOf(job.Merchant, p.message.Link, p.message.ID); err != nil {
			return p, err
		}
	}
	if p.templates, err = d.wordings.of(read, job.Merchant, job.Live, d.now()); err != nil {
		return p, err
	}
	p.proof, p.country = job.Payload.Proof || p.message.Kind == paylink.TemplateCode, countryOf(p.message)
	if job.Payload.Offered != nil {
		p.offered = *job.Payload.Offered
	}
	return p, nil
}

// countryOf is to which country a message goes, as its phone number tells; empty where the number's range is
// not known, so that no list of countries lets it through. [rules.Country] takes the calling code's country
// then, which is the careful way for laws.
func countryOf(m paylink.Message) string {
	if m.Channel != paylink.ChannelSMS && m.Channel != paylink.ChannelWhatsApp {
		return ""
	}
	n, err := phonenumbers.Parse(m.To, "")
	if err != nil {
		return ""
	}
	return phonenumbers.GetRegionCodeForNumber(n)
}

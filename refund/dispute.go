package refund

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"paylink"
	"paylink/gateway"
	"paylink/store"
)

// Answer is what the merchant says in a dispute, once.
type Answer struct {
	Merchant    paylink.MerchantID
	Live        bool
	Dispute     paylink.DisputeID
	Kind        paylink.DisputeAnswer
	Text        string               // the merchant's own words, beside what is known of the payment
	DeliveredAt time.Time            // zero: not said
	Attachment  paylink.AttachmentID // proof of the delivery, or another paper; empty: none
	Actor       string
}

// maxAnswer bounds the merchant's own words, in characters: with the rest they fit into what gateways take.
const maxAnswer = 12_000

// maxID bounds what can be an id.
const maxID = 40

// sealEvidence is the key ring's purpose for what merchants say in disputes, which is personal.
const sealEvidence = "evidence"

// said is what is kept of an answer, sealed.
type said struct {
	Text        string    `json:"text,omitempty"`
	DeliveredAt time.Time `json:"delivered_at,omitzero"`
}

// AnswerDispute notes the merchant's answer and leaves the job that hands it over. Of several answers that come
// together one is taken, the others get *paylink.Conflict "dispute_answered". Where the gateway takes no answers,
// they get *paylink.Conflict "not_supported": the merchant answers there.
func (x *Refunds) AnswerDispute(ctx context.Context, a Answer, claim *store.Claim) (paylink.Dispute, error) {
	if err := a.judge(); err != nil {
		return paylink.Dispute{}, err
	}
	read := x.Store.Read(ctx)
	d, err := read.Dispute(a.Merchant, a.Live, a.Dispute)
	if err != nil {
		return d, err
	}
	if _, _, err := x.contester(ctx, d); err != nil {
		return d, err
	}
	if a.Attachment != "" {
		if _, err := read.Attachment(a.Merchant, a.Live, a.Attachment); paylink.IsNotFound(err) {
			wrong := &paylink.Invalid{}
			wrong.Add("/attachment_id", "unknown_value", "There is no such attachment.")
			return d, wrong
		} else if err != nil {
			return d, err
		}
	}
	plain, err := json.Marshal(said{a.Text, a.DeliveredAt})
	if err != nil {
		return d, fmt.Errorf("write the answer in dispute %s: %w", d.ID, err)
	}
	payment, now := d.Payment, x.now()
	link := d.Link
	_, replayed, err := x.Store.WriteOnce(ctx, claim, now, func(tx *store.Tx) (store.Outcome, error) {
		out := store.Outcome{Status: 200, Object: string(a.Dispute)}
		l, err := tx.Link(a.Merchant, a.Live, link)
		if err != nil {
			return out, err
		}
		p, err := tx.Payment(a.Merchant, a.Live, payment)
		if err != nil {
			return out, err
		}
		if d, err = tx.Dispute(a.Merchant, a.Live, a.Dispute); err != nil {
			return out, err
		}
		customer, err := tx.CustomerOf(l)
		if err != nil {
			return out, err
		}
		d.Answer, d.Attachment, d.Refusal, d.AnsweredBy, d.AnsweredAt = a.Kind, a.Attachment, "", a.Actor, now
		d.Evidence = x.Ring.Seal(sealEvidence, plain, []byte(d.ID))
		d.UpdatedAt = later(now, d.UpdatedAt)
		tx.AnswerDispute(d)
		if a.Attachment != "" {
			tx.UseAttachment(l, a.Attachment)
		}
		readLink := l.UpdatedAt
		for _, e := range l.TellDispute(now, a.Actor, customer, p, d, paylink.EventDisputeUpdated) {
			tx.AppendEvent(e)
		}
		tx.UpdateLink(l, readLink)
		tx.Enqueue(paylink.Job{
			ID: paylink.NewJobID(now), Kind: paylink.JobAnswer, Key: string(d.ID), Merchant: d.Merchant, Live: d.Live,
			Payload: paylink.JobPayload{Dispute: d.ID}, RunAt: now, Priority: paylink.JobUrgent,
		}, now)
		return out, nil
	})
	if err == nil && replayed {
		return read.Dispute(a.Merchant, a.Live, a.Dispute)
	}
	return d, about(err, "answer dispute", a.Dispute)
}

func (a Answer) judge() error {
	wrong := &paylink.Invalid{}
	if utf8.RuneCountInString(a.Text) > maxAnswer {
		wrong.Add("/text", "too_long", fmt.Sprintf("At most %d characters fit.", maxAnswer))
	}
	if strings.ContainsFunc(a.Text, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' && r != '\r' || r == 0x7f }) {
		wrong.Add("/text", "control_character", "The text holds a character that no page shows.")
	}
	if len(a.Attachment) > maxID {
		wrong.Add("/attachment_id", "too_long", "An id is shorter.")
	}
	return wrong.OrNil()
}

// contester gives the gateway that takes answers in the dispute, and the account there.
func (x *Refunds) contester(ctx context.Context, d paylink.Dispute) (gateway.Contester, gateway.Account, error) {
	g, account, err := x.open(ctx, d.Account)
	if err != nil {
		return nil, account, err
	}
	c, ok := gateway.As[gateway.Contester](g)
	if !ok {
		return nil, account, &paylink.Conflict{Code: "not_supported", Detail: "This gateway takes no answer from here. Answer at the gateway itself; what becomes of it is shown here.", Other: string(d.ID)}
	}
	return c, account, nil
}

// Contestable tells whether the gateway of a dispute takes answers from here.
func (x *Refunds) Contestable(ctx context.Context, d paylink.Dispute) bool {
	_, _, err := x.contester(ctx, d)
	return err == nil
}

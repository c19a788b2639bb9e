package refund

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/queue"
	"paylink/refund/record"
	"paylink/store"
)

// answer hands the merchant's answer over. Whoever was here before and did not hear the end asks first.
func (x *Refunds) answer(ctx context.Context, r *queue.Run) error {
	read := x.Store.Read(ctx)
	d, err := read.Dispute(r.Job.Merchant, r.Job.Live, r.Job.Payload.Dispute)
	if err != nil {
		return err
	}
	if d.Status != paylink.DisputeNeedsResponse || d.Answer == "" {
		return r.Finish(ctx, nil)
	}
	p, err := read.Payment(d.Merchant, d.Live, d.Payment)
	if err != nil {
		return err
	}
	contester, account, err := x.contester(ctx, d)
	if err != nil {
		return err
	}
	began := x.Now()
	w, err := x.handOver(ctx, r, contester, account, d)
	x.Log.InfoContext(ctx, "dispute.answered", "merchant", string(d.Merchant), "dispute", string(d.ID), "gateway", d.Gateway,
		"kind", string(d.Answer), "answer", string(w.Status), "took", x.Now().Sub(began), "error", err)
	var rejected *gateway.Rejected
	switch {
	case errors.As(err, &rejected) && !rejected.Temporary:
		return x.refusedAnswer(ctx, r, d, p, rejected.Code)
	case err != nil:
		r.Job.Payload.Tries++
		return r.Again(ctx, x.Now().Add(tellAgainAfter(r.Job.Payload.Tries)), nil)
	}
	now := x.now()
	return r.Finish(ctx, func(tx *store.Tx) error {
		_, err := record.Hear(tx, p, w, "gateway", now)
		return err
	})
}

// handOver calls the gateway, unless a look at its list says that it has the answer already.
func (x *Refunds) handOver(ctx context.Context, r *queue.Run, c gateway.Contester, a gateway.Account, d paylink.Dispute) (gateway.DisputeWord, error) {
	if r.Job.Attempts > 1 || r.Job.Payload.Tries > 0 {
		w, found, err := x.listed(ctx, a, d)
		if err != nil || found && w.Status != paylink.DisputeNeedsResponse {
			return w, err
		}
	}
	if d.Answer == paylink.AnswerAccept {
		return c.Accept(ctx, a, d.GatewayReference)
	}
	e, err := x.evidence(ctx, d)
	if err != nil {
		return gateway.DisputeWord{}, err
	}
	return c.Contest(ctx, a, d.GatewayReference, e)
}

// listedPages bounds how far a list is read for one dispute.
const listedPages = 20

// listed looks a dispute up in its gateway's list.
func (x *Refunds) listed(ctx context.Context, a gateway.Account, d paylink.Dispute) (gateway.DisputeWord, bool, error) {
	lister, ok := gateway.As[gateway.Disputer](x.Gateways[d.Gateway])
	if !ok {
		return gateway.DisputeWord{}, false, nil
	}
	cursor := ""
	for range listedPages {
		page, next, err := lister.Disputes(ctx, a, d.CreatedAt.Add(-time.Hour), cursor)
		if err != nil {
			return gateway.DisputeWord{}, false, err
		}
		for _, w := range page {
			if w.GatewayReference == d.GatewayReference {
				return w, true, nil
			}
		}
		if next == "" {
			break
		}
		cursor = next
	}
	return gateway.DisputeWord{}, false, nil
}

// refusedAnswer takes an answer back that the gateway did not take, so that the merchant may give another.
func (x *Refunds) refusedAnswer(ctx context.Context, r *queue.Run, d paylink.Dispute, p paylink.Payment, code string) error {
	return x.tellOf(ctx, r, d, p, paylink.EventDisputeUpdated, func(tx *store.Tx, d *paylink.Dispute, now time.Time) bool {
		if d.Status != paylink.DisputeNeedsResponse || d.Answer == "" {
			return false
		}
		read := d.UpdatedAt
		d.Answer, d.Refusal, d.UpdatedAt = "", code, later(now, read)
		tx.UpdateDispute(*d, read)
		return true
	})
}

// due tells that the time to answer is nearly over, unless it has been answered.
func (x *Refunds) due(ctx context.Context, r *queue.Run) error {
	read := x.Store.Read(ctx)
	d, err := read.Dispute(r.Job.Merchant, r.Job.Live, r.Job.Payload.Dispute)
	if err != nil {
		return err
	}
	p, err := read.Payment(d.Merchant, d.Live, d.Payment)
	if err != nil {
		return err
	}
	return x.tellOf(ctx, r, d, p, paylink.EventDisputeDueSoon, func(_ *store.Tx, d *paylink.Dispute, _ time.Time) bool { return d.Answerable() })
}

// tellOf ends a job with a change of a dispute and its event; change tells whether there is one.
func (x *Refunds) tellOf(ctx context.Context, r *queue.Run, d paylink.Dispute, p paylink.Payment, event paylink.EventType, change func(*store.Tx, *paylink.Dispute, time.Time) bool) error {
	now := x.now()
	return r.Finish(ctx, func(tx *store.Tx) error {
		s, err := record.Open(tx, p.Merchant, p.Live, p.Link, p.ID)
		if err != nil {
			return err
		}
		d, err := tx.Dispute(d.Merchant, d.Live, d.ID)
		if err != nil || !change(tx, &d, now) {
			return err
		}
		for _, e := range s.Link.TellDispute(now, "system", s.Customer, s.Payment, d, event) {
			tx.AppendEvent(e)
		}
		s.Close(tx, now)
		return nil
	})
}

func later(now, before time.Time) time.Time {
	if now.After(before) {
		return now
	}
	return before.Add(time.Microsecond)
}

// saidIn opens what the merchant said.
func (x *Refunds) saidIn(d paylink.Dispute) (s said, err error) {
	if len(d.Evidence) == 0 {
		return s, nil
	}
	plain, err := x.Ring.Unseal(sealEvidence, d.Evidence, []byte(d.ID))
	if err != nil {
		return s, err
	}
	err = json.Unmarshal(plain, &s)
	return s, err
}

// paper reads the file that goes with an answer.
func (x *Refunds) paper(read store.Reader, d paylink.Dispute) ([]byte, string, error) {
	a, err := read.Attachment(d.Merchant, d.Live, d.Attachment)
	if err != nil {
		return nil, "", err
	}
	var file bytes.Buffer
	for n := range a.Parts {
		sealed, err := read.AttachmentPart(a, n)
		if err != nil {
			return nil, "", err
		}
		part, err := a.Unseal(x.Ring.Unseal, n, sealed)
		if err != nil {
			return nil, "", err
		}
		file.Write(part)
	}
	return file.Bytes(), a.Type, nil
}

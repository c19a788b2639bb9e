package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"paylink"
	"paylink/refund"
	"paylink/store"
)

// disputeView is a dispute; one that is read alone has its evidence.
type disputeView struct {
	paylink.DisputeSnapshot
	Evidence *evidenceView `json:"evidence,omitempty" doc:"what is known that speaks for you, and what you added; absent in lists"`
}

type evidenceView struct {
	Answerable   bool           `json:"answerable" doc:"the bank waits for your answer, and the gateway takes it from here"`
	Checklist    []refund.Point `json:"checklist"`
	Text         string         `json:"text" doc:"your own words; empty: none"`
	DeliveredAt  *time.Time     `json:"delivered_at" doc:"as you said; null: you did not"`
	AttachmentID string         `json:"attachment_id" doc:"att_…, handed over with it; empty: none"`
	Summary      string         `json:"summary" doc:"all of it, as it goes to the bank"`
}

// evidenceBody is what a merchant adds to what is known.
type evidenceBody struct {
	Text         string     `json:"text,omitempty" maxLength:"12000" doc:"your own words; they come first"`
	DeliveredAt  *time.Time `json:"delivered_at,omitempty" doc:"when the customer got what was paid for"`
	AttachmentID string     `json:"attachment_id,omitempty" maxLength:"40" doc:"a proof of the delivery or another paper, as POST /v1/attachments names it: att_…; absent: what is known, as a PDF"`
}

// DisputePath is the id in a path; exported for the same reason as Page.
type DisputePath struct {
	ID string `path:"id" doc:"dspt_…"`
}

type evidenceIn struct {
	DisputePath
	Body *evidenceBody
}

type disputeFilter struct {
	Page
	Status  string `query:"status" enum:"needs_response,under_review,won,lost,accepted"`
	Payment string `query:"payment_id" maxLength:"40" doc:"pay_…: only the disputes of this payment"`
}

type disputeAnswer struct{ Body disputeView }

func (a *API) disputeOperations() {
	about := func(id, method, path, summary, description string) huma.Operation {
		return huma.Operation{
			OperationID: id, Method: method, Path: "/v1/disputes" + path, Tags: []string{"Disputes"}, DefaultStatus: http.StatusOK,
			Summary: summary, Description: description,
		}
	}
	add(a, about("list_disputes", http.MethodGet, "", "List disputes, newest first", "What customers object to, as their banks carry it."), a.listDisputes)
	add(a, about("get_dispute", http.MethodGet, "/{id}", "Read a dispute with what is known of its payment", "The checklist is filled anew at each reading."), a.getDispute)
	add(a, about("contest_dispute", http.MethodPost, "/{id}/evidence", "Send the evidence", "Once: banks take one answer. What is known of the payment goes along with what you add."), a.contestDispute)
	add(a, about("accept_dispute", http.MethodPost, "/{id}/accept", "Let the customer have the money", "This cannot be taken back."), a.acceptDispute)
}

func (a *API) listDisputes(ctx context.Context, c *call, in *disputeFilter) (*listAnswer[disputeView], error) {
	before, err := in.position(c)
	if err != nil {
		return nil, err
	}
	filter := store.DisputeFilter{Payment: paylink.PaymentID(in.Payment), Status: paylink.DisputeStatus(in.Status)}
	all, err := a.Store.Read(ctx).Disputes(c.Merchant, c.Live, filter, paylink.DisputeID(before), in.size())
	views := each(all, func(d paylink.Dispute) disputeView { return disputeView{DisputeSnapshot: *d.Snapshot()} })
	return answer(c, in.Page, views, func(d disputeView) string { return string(d.ID) }), err
}

func (a *API) getDispute(ctx context.Context, c *call, in *DisputePath) (*disputeAnswer, error) {
	d, err := a.Store.Read(ctx).Dispute(c.Merchant, c.Live, paylink.DisputeID(in.ID))
	if err != nil {
		return nil, err
	}
	return a.showDispute(ctx, d)
}

func (a *API) showDispute(ctx context.Context, d paylink.Dispute) (*disputeAnswer, error) {
	e, err := a.Refunds.Evidence(ctx, d)
	if err != nil {
		return nil, err
	}
	return &disputeAnswer{disputeView{DisputeSnapshot: *d.Snapshot(), Evidence: &evidenceView{
		Answerable: d.Answerable() && a.Refunds.Contestable(ctx, d), Checklist: e.Points, Text: e.Text, DeliveredAt: timeOrNil(e.DeliveredAt),
		AttachmentID: string(d.Attachment), Summary: e.Summary,
	}}}, nil
}

func (a *API) contestDispute(ctx context.Context, c *call, in *evidenceIn) (*disputeAnswer, error) {
	said := refund.Answer{Kind: paylink.AnswerContest}
	if b := in.Body; b != nil {
		said.Text, said.Attachment = b.Text, paylink.AttachmentID(b.AttachmentID)
		if b.DeliveredAt != nil {
			said.DeliveredAt = *b.DeliveredAt
		}
	}
	return a.answerDispute(ctx, c, in.ID, said)
}

func (a *API) acceptDispute(ctx context.Context, c *call, in *DisputePath) (*disputeAnswer, error) {
	return a.answerDispute(ctx, c, in.ID, refund.Answer{Kind: paylink.AnswerAccept})
}

func (a *API) answerDispute(ctx context.Context, c *call, id string, said refund.Answer) (*disputeAnswer, error) {
	said.Merchant, said.Live, said.Dispute, said.Actor = c.Merchant, c.Live, paylink.DisputeID(id), string(c.KeyID)
	d, err := a.Refunds.AnswerDispute(ctx, said, c.claim)
	if err != nil {
		return nil, err
	}
	return a.showDispute(ctx, d)
}

func exampleDispute() disputeView {
	return disputeView{DisputeSnapshot: *paylink.Dispute{
		ID: sampleDispute, Link: sampleLink, Payment: samplePayment, Gateway: "sandbox", GatewayReference: "sbx_dsp_8121", Amount: paylink.Money{Minor: 245000, Currency: "INR"},
		Status: paylink.DisputeNeedsResponse, Reason: "not_received", Withdrawn: true, Fee: 1500, DueAt: samplePaid.Add(7 * 24 * time.Hour),
		CreatedAt: samplePaid, UpdatedAt: samplePaid,
	}.Snapshot()}
}

// sampleDispute is a made-up dispute, as documents show it.
const sampleDispute = "dspt_06h08800000000000000000000"

func sampleDisputeAnswer(operation string, one func(any) any) any {
	v := exampleDispute()
	if operation == "list_disputes" {
		return one(v)
	}
	v.Evidence = &evidenceView{Answerable: true, Checklist: []refund.Point{
		{Kind: "payment", Known: true, Says: "INR 2450.00 paid by upi on 22 Nov 2026 10:05 UTC. Payment J8QZ4M0T7W2X9C5V1B3N, at the gateway sbx_pay_8121, at the bank 633512345678.", At: &samplePaid},
		{Kind: "delivery"},
	}, Summary: "Dispute sbx_dsp_8121: INR 2450.00"}
	switch operation {
	case "contest_dispute":
		v.Answer, v.AnsweredBy, v.AnsweredAt, v.Evidence.Answerable = paylink.AnswerContest, sampleKey, &samplePaid, false
		v.Evidence.Text = "Delivered by our own van; the customer signed."
	case "accept_dispute":
		v.Answer, v.AnsweredBy, v.AnsweredAt, v.Evidence.Answerable = paylink.AnswerAccept, sampleKey, &samplePaid, false
	}
	return v
}

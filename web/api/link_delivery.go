package api

import (
	"context"
	"time"

	"paylink"
	"paylink/issue"
)

// planView is a delivery plan and what becomes of its steps.
type planView struct {
	Steps     []stepView            `json:"steps" minItems:"1" maxItems:"8" doc:"in their order"`
	Heedless  bool                  `json:"after_opening,omitempty" doc:"true: later steps go out also when a person has opened the link"`
	OnUnknown paylink.UnknownPolicy `json:"on_unknown,omitempty" enum:"wait,next" doc:"when a provider never said what became of a message; absent: wait"`
}

// stepView is a step of a plan with the message that it became.
type stepView struct {
	paylink.DeliveryStep
	Message paylink.MessageID     `json:"message,omitempty" doc:"msg_…, as in deliveries"`
	At      *time.Time            `json:"at,omitempty" doc:"when it goes out or went out, or would have; in test mode by the sandbox clock"`
	Status  paylink.MessageStatus `json:"status,omitempty" enum:"scheduled,queued,sent,delivered,read,failed,blocked,skipped,unknown" doc:"of its message; absent in answers without deliveries"`
	Reason  string                `json:"reason,omitempty" doc:"why it is skipped: not_needed, opened, paid, cancelled, expired, archived, on_hold, no_contact or replaced; or the error of its message"`
}

// viewPlan renders a link's plan; nil when it has none. The states are those of its first run, as a plan by
// which the link was sent again stands in the deliveries; nil messages tell none.
func viewPlan(l paylink.Link, messages []paylink.Message) *planView {
	p := l.Terms.Delivery
	if p == nil {
		return nil
	}
	v := planView{Steps: make([]stepView, len(p.Steps)), Heedless: p.Heedless, OnUnknown: p.OnUnknown}
	for i, s := range p.Steps {
		v.Steps[i].DeliveryStep = s
	}
	var run paylink.MessageID
	for _, m := range messages {
		if run == "" {
			run = m.Plan
		}
		if m.Plan == "" || m.Plan != run || int(m.Step) > len(v.Steps) {
			continue
		}
		s := &v.Steps[m.Step-1]
		s.Message, s.At, s.Status, s.Reason = m.ID, timeOrNil(m.DueAt), m.Status, m.ErrorCode
	}
	return &v
}

// deliverLink sends a link again by a plan of its own.
func (a *API) deliverLink(ctx context.Context, c *call, by issue.Actor, in *sendIn) (issue.Sent, error) {
	p := *in.Body.Delivery
	sending := issue.Sending{Plan: p, To: in.Body.To}
	switch {
	case in.Body.Channels != nil:
		sending.Wrong = []paylink.Field{{Pointer: "/delivery", Code: "conflicting", Detail: "Say either channels or delivery."}}
	case in.Body.Purpose != "" && in.Body.Purpose != paylink.PurposeTransactional:
		sending.Wrong = []paylink.Field{{Pointer: "/purpose", Code: "conflicting", Detail: "What goes out in steps is the request. A reminder goes out on channels, at once."}}
	}
	sent, err := a.Issuer.Deliver(ctx, by, paylink.LinkID(in.ID), sending, c.claim)
	if err != nil || !sent.Replayed {
		return sent, err
	}
	made, err := a.madeAt(ctx, c, sent.Link.ID, len(p.Steps))
	if err != nil || len(made) == 0 {
		return sent, err
	}
	sent.Messages = issue.Begun(sent.Link, p, made, by.Merchant.Now(by.Live, made[0].CreatedAt))
	return sent, nil
}

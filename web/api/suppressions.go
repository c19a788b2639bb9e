package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"paylink"
	"paylink/issue"
)

// suppressionBody is an address that is to get no more messages.
type suppressionBody struct {
	Channel string `json:"channel" minLength:"1" maxLength:"20" doc:"on which; other channels are not concerned" example:"email"`
	Address string `json:"address" minLength:"1" maxLength:"254" doc:"phone number, e-mail address, or for in_app the customer's id" example:"asha@example.com"`
}

// SuppressionPath is the id in a path; exported for the same reason as Page.
type SuppressionPath struct {
	ID string `path:"id" doc:"supp_…"`
}

// SuppressionLift is the id in a path and why it goes; exported for the same reason as Page.
type SuppressionLift struct {
	SuppressionPath
	Reason string `query:"reason" enum:"asked,works,mistake" doc:"why: asked (the customer wants messages again), works (the mailbox or number works again), mistake; without it: not said. The event suppression.lifted tells it"`
}

type suppressionView struct {
	ID        paylink.SuppressionID     `json:"id" doc:"supp_…"`
	Object    string                    `json:"object" enum:"suppression"`
	Livemode  bool                      `json:"livemode"`
	Channel   paylink.Channel           `json:"channel" doc:"on which it gets no more messages"`
	Address   string                    `json:"address" doc:"phone number, e-mail address or customer's id; empty: it is not known any more"`
	Reason    paylink.SuppressionReason `json:"reason" doc:"bounce: no such mailbox; complaint: called spam; unsubscribe: one click in a letter; stop: answered STOP; manual: entered by you"`
	MessageID *paylink.MessageID        `json:"message_id" doc:"the message that it came of; null: none"`
	CreatedAt time.Time                 `json:"created_at"`
}

type suppressionAnswer struct{ Body suppressionView }

type suppressionCreated struct {
	Location string `header:"Location" doc:"path of the entry"`
	Body     suppressionView
}

func (a *API) suppressionOperations() {
	about := func(id, method, path, summary string, status int) huma.Operation {
		return huma.Operation{
			OperationID: id, Method: method, Path: "/v1/suppressions" + path, Tags: []string{"Suppressions"}, DefaultStatus: status, Summary: summary,
		}
	}
	add(a, about("create_suppression", http.MethodPost, "", "Send no more messages to an address", http.StatusCreated), a.createSuppression)
	add(a, about("list_suppressions", http.MethodGet, "", "List the addresses that get no more messages, newest first", http.StatusOK), a.listSuppressions)
	add(a, about("get_suppression", http.MethodGet, "/{id}", "Read an address that gets no more messages", http.StatusOK), a.getSuppression)
	add(a, about("delete_suppression", http.MethodDelete, "/{id}", "Send messages to an address again", http.StatusNoContent), a.deleteSuppression)
}

func (a *API) createSuppression(ctx context.Context, c *call, in *struct{ Body suppressionBody }) (*suppressionCreated, error) {
	by, err := a.actor(ctx, c)
	if err != nil {
		return nil, err
	}
	made, err := a.Issuer.Suppress(ctx, by, paylink.Channel(in.Body.Channel), in.Body.Address, c.claim)
	if err != nil {
		return nil, err
	}
	return &suppressionCreated{"/v1/suppressions/" + string(made.ID), viewSuppression(made)}, nil
}

func (a *API) listSuppressions(ctx context.Context, c *call, in *Page) (*listAnswer[suppressionView], error) {
	before, err := in.position(c)
	if err != nil {
		return nil, err
	}
	by, err := a.actor(ctx, c)
	if err != nil {
		return nil, err
	}
	all, err := a.Issuer.Suppressions(ctx, by, paylink.SuppressionID(before), in.size())
	if err != nil {
		return nil, err
	}
	return answer(c, *in, each(all, viewSuppression), func(v suppressionView) string { return string(v.ID) }), nil
}

func (a *API) getSuppression(ctx context.Context, c *call, in *SuppressionPath) (*suppressionAnswer, error) {
	by, err := a.actor(ctx, c)
	if err != nil {
		return nil, err
	}
	s, err := a.Issuer.Suppression(ctx, by, paylink.SuppressionID(in.ID))
	return &suppressionAnswer{viewSuppression(s)}, err
}

func (a *API) deleteSuppression(ctx context.Context, c *call, in *SuppressionLift) (*struct{}, error) {
	by, err := a.actor(ctx, c)
	if err != nil {
		return nil, err
	}
	return nil, a.Issuer.Unsuppress(ctx, by, paylink.SuppressionID(in.ID), paylink.LiftReason(in.Reason))
}

func viewSuppression(s issue.Suppressed) suppressionView {
	v := suppressionView{ID: s.ID, Object: "suppression", Livemode: s.Live, Channel: s.Channel, Address: s.To, Reason: s.Reason, CreatedAt: s.Since}
	if s.Message != "" {
		v.MessageID = &s.Message
	}
	return v
}

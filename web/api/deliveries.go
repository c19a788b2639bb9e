package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"paylink"
	"paylink/store"
)

// deliveryView is one event on its way to one endpoint; its id is the webhook-id of every attempt.
type deliveryView struct {
	ID         paylink.DeliveryID     `json:"id" doc:"whd_…: the webhook-id"`
	Object     string                 `json:"object" enum:"webhook_delivery"`
	Livemode   bool                   `json:"livemode"`
	EndpointID paylink.EndpointID     `json:"endpoint_id"`
	EventID    paylink.EventID        `json:"event_id"`
	EventType  paylink.EventType      `json:"event_type"`
	Sequence   int64                  `json:"sequence"`
	Status     paylink.DeliveryStatus `json:"status" enum:"pending,delivered,failed"`
	Attempts   int64                  `json:"attempts"`
	NextAt     *time.Time             `json:"next_at" doc:"of the next attempt; null when none is planned"`
	LastStatus int64                  `json:"last_status" doc:"HTTP status of the latest attempt; 0 when there was no answer"`
	LastError  string                 `json:"last_error"`
	LastTookMS int64                  `json:"last_took_ms"`
	CreatedAt  time.Time              `json:"created_at"`
	UpdatedAt  time.Time              `json:"updated_at"`
}

func viewDelivery(d paylink.Delivery) deliveryView {
	return deliveryView{
		ID: d.ID, Object: "webhook_delivery", Livemode: d.Live, EndpointID: d.Endpoint, EventID: d.Event, EventType: d.EventType, Sequence: d.Sequence,
		Status: d.Status, Attempts: d.Attempts, NextAt: timeOrNil(d.NextAt), LastStatus: d.LastStatus, LastError: d.LastError,
		LastTookMS: d.LastTook.Milliseconds(), CreatedAt: d.CreatedAt, UpdatedAt: d.UpdatedAt,
	}
}

type deliveryFilter struct {
	Page
	Endpoint string `query:"endpoint" doc:"we_…"`
	Event    string `query:"event" doc:"evt_…"`
	Status   string `query:"status" enum:"pending,delivered,failed"`
}

type deliveryID struct {
	ID string `path:"id" doc:"whd_…"`
}

type deliveryAnswer struct{ Body deliveryView }

func (a *API) deliveryOperations() {
	about := func(id, method, path, summary string, status int) huma.Operation {
		return huma.Operation{
			OperationID: id, Method: method, Path: "/v1/webhook_deliveries" + path, Tags: []string{"Webhooks"}, DefaultStatus: status, Summary: summary,
		}
	}
	add(a, about("list_webhook_deliveries", http.MethodGet, "", "The log of webhook deliveries, newest first", http.StatusOK), a.listDeliveries)
	add(a, about("get_webhook_delivery", http.MethodGet, "/{id}", "Read a webhook delivery", http.StatusOK), a.getDelivery)
	add(a, about("resend_webhook_delivery", http.MethodPost, "/{id}/resend", "Send a delivery once more, under the same id", http.StatusAccepted), a.resendDelivery)
}

func (a *API) listDeliveries(ctx context.Context, c *call, in *deliveryFilter) (*listAnswer[deliveryView], error) {
	before, err := in.position(c)
	if err != nil {
		return nil, err
	}
	all, err := a.Store.Read(ctx).Deliveries(store.DeliveryFilter{
		Merchant: c.Merchant, Live: c.Live, Endpoint: paylink.EndpointID(in.Endpoint), Event: paylink.EventID(in.Event),
		Status: paylink.DeliveryStatus(in.Status), Before: paylink.DeliveryID(before), Limit: in.size(),
	})
	return answer(c, in.Page, each(all, viewDelivery), func(d deliveryView) string { return string(d.ID) }), err
}

func (a *API) getDelivery(ctx context.Context, c *call, in *deliveryID) (*deliveryAnswer, error) {
	d, err := a.Store.Read(ctx).Delivery(c.Merchant, c.Live, paylink.DeliveryID(in.ID))
	return &deliveryAnswer{viewDelivery(d)}, err
}

// sendAnswer names a delivery that is on its way: what a replay of the request can say as well.
type sendAnswer struct {
	Body struct {
		ID         paylink.DeliveryID `json:"id" doc:"whd_…"`
		Object     string             `json:"object" enum:"webhook_delivery"`
		EndpointID paylink.EndpointID `json:"endpoint_id" doc:"we_…"`
		EventType  paylink.EventType  `json:"event_type"`
		Status     string             `json:"status" enum:"pending" doc:"see the delivery itself for how it went"`
	}
}

func (a *API) resendDelivery(ctx context.Context, c *call, in *deliveryID) (*sendAnswer, error) {
	d, _, err := a.Notify.Resend(ctx, c.Merchant, c.Live, paylink.DeliveryID(in.ID), c.claim)
	return sending(d), err
}

func sending(d paylink.Delivery) *sendAnswer {
	out := &sendAnswer{}
	out.Body.ID, out.Body.Object, out.Body.EndpointID, out.Body.EventType = d.ID, "webhook_delivery", d.Endpoint, d.EventType
	out.Body.Status = string(paylink.DeliveryPending)
	return out
}

package api

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"paylink"
	"paylink/notify"
)

type endpointBody struct {
	URL         string   `json:"url,omitempty" maxLength:"2048" doc:"https" example:"https://shop.example/hooks"`
	Events      []string `json:"events,omitempty" doc:"types, or * for all of them; all when absent"`
	Description string   `json:"description,omitempty" maxLength:"500"`
}

type replayBody struct {
	Since      *time.Time `json:"since,omitempty" doc:"required; at most a year ago"`
	Until      *time.Time `json:"until,omitempty" doc:"now when absent"`
	OnlyFailed bool       `json:"only_failed,omitempty" doc:"only what was given up"`
}

// endpointView is an endpoint; its secret only in the answer that made it.
type endpointView struct {
	paylink.EndpointSnapshot
	Secret string `json:"secret,omitempty" doc:"whsec_…: verifies v1 signatures; shown once"`
}

// EndpointPath is the id in a path; exported for the same reason as Page.
type EndpointPath struct {
	ID string `path:"id" doc:"we_…"`
}

type endpointAnswer struct{ Body endpointView }

type endpointCreated struct {
	Location string `header:"Location" doc:"path of the new endpoint"`
	Body     endpointView
}

func (a *API) endpointOperations() {
	about := func(id, method, path, summary string, status int) huma.Operation {
		return huma.Operation{
			OperationID: id, Method: method, Path: "/v1/webhook_endpoints" + path, Tags: []string{"Webhooks"}, DefaultStatus: status, Summary: summary,
		}
	}
	add(a, about("create_webhook_endpoint", http.MethodPost, "", "Add a webhook endpoint; its secret is shown once", http.StatusCreated), a.createEndpoint)
	add(a, about("list_webhook_endpoints", http.MethodGet, "", "List webhook endpoints, newest first", http.StatusOK), a.listEndpoints)
	add(a, about("get_webhook_endpoint", http.MethodGet, "/{id}", "Read a webhook endpoint", http.StatusOK), a.getEndpoint)
	add(a, about("delete_webhook_endpoint", http.MethodDelete, "/{id}", "Remove a webhook endpoint", http.StatusNoContent), a.deleteEndpoint)
	add(a, about("rotate_webhook_endpoint_secret", http.MethodPost, "/{id}/rotate_secret",
		"Give an endpoint a new secret, shown once; the old one signs beside it for 24 hours", http.StatusOK), a.rotateSecret)
	add(a, about("test_webhook_endpoint", http.MethodPost, "/{id}/test", "Send a webhook_endpoint.test to try an endpoint", http.StatusAccepted), a.testEndpoint)
	add(a, about("replay_webhook_endpoint", http.MethodPost, "/{id}/replay", "Send what happened in a stretch of the past again", http.StatusAccepted), a.replayEndpoint)
}

func (a *API) createEndpoint(ctx context.Context, c *call, in *struct{ Body endpointBody }) (*endpointCreated, error) {
	draft := notify.Draft{URL: in.Body.URL, Events: in.Body.Events, Description: in.Body.Description}
	made, err := a.Notify.CreateEndpoint(ctx, c.Merchant, c.Live, draft, c.claim)
	if err != nil {
		return nil, err
	}
	return &endpointCreated{Location: "/v1/webhook_endpoints/" + string(made.Endpoint.ID), Body: viewEndpoint(made.Endpoint, made.Secret)}, nil
}

func (a *API) listEndpoints(ctx context.Context, c *call, in *Page) (*listAnswer[endpointView], error) {
	before, err := in.position(c)
	if err != nil {
		return nil, err
	}
	all, err := a.Store.Read(ctx).Endpoints(c.Merchant, c.Live) // a few at most
	if err != nil {
		return nil, err
	}
	slices.Reverse(all)
	all = slices.DeleteFunc(all, func(e paylink.Endpoint) bool { return before != "" && string(e.ID) >= before })
	views := each(all, func(e paylink.Endpoint) endpointView { return viewEndpoint(e, "") })
	return answer(c, *in, views, func(e endpointView) string { return string(e.ID) }), nil
}

func (a *API) getEndpoint(ctx context.Context, c *call, in *EndpointPath) (*endpointAnswer, error) {
	e, err := a.Store.Read(ctx).Endpoint(c.Merchant, c.Live, paylink.EndpointID(in.ID))
	return &endpointAnswer{viewEndpoint(e, "")}, err
}

func (a *API) deleteEndpoint(ctx context.Context, c *call, in *EndpointPath) (*struct{}, error) {
	return nil, a.Notify.Delete(ctx, c.Merchant, c.Live, paylink.EndpointID(in.ID))
}

func (a *API) rotateSecret(ctx context.Context, c *call, in *EndpointPath) (*endpointAnswer, error) {
	made, err := a.Notify.RotateSecret(ctx, c.Merchant, c.Live, paylink.EndpointID(in.ID), c.claim)
	return &endpointAnswer{viewEndpoint(made.Endpoint, made.Secret)}, err
}

func (a *API) testEndpoint(ctx context.Context, c *call, in *EndpointPath) (*sendAnswer, error) {
	d, _, err := a.Notify.Test(ctx, c.Merchant, c.Live, paylink.EndpointID(in.ID), c.claim)
	return sending(d), err
}

type replayAnswer struct {
	Body struct {
		EndpointID paylink.EndpointID `json:"endpoint_id" doc:"we_…"`
		Status     string             `json:"status" enum:"started" doc:"it goes on in the background; see the list of webhook deliveries"`
	}
}

func (a *API) replayEndpoint(ctx context.Context, c *call, in *struct {
	EndpointPath
	Body replayBody
}) (*replayAnswer, error) {
	stretch := notify.Stretch{OnlyFailed: in.Body.OnlyFailed}
	if in.Body.Since != nil {
		stretch.Since = *in.Body.Since
	}
	if in.Body.Until != nil {
		stretch.Until = *in.Body.Until
	}
	_, err := a.Notify.Replay(ctx, c.Merchant, c.Live, paylink.EndpointID(in.ID), stretch, c.claim)
	out := &replayAnswer{}
	out.Body.EndpointID, out.Body.Status = paylink.EndpointID(in.ID), "started"
	return out, err
}

func viewEndpoint(e paylink.Endpoint, secret string) endpointView {
	return endpointView{EndpointSnapshot: *notify.Snapshot(e), Secret: secret}
}

func webhookAnswer(operation string, one func(any) any) any {
	endpoint := endpointView{EndpointSnapshot: paylink.EndpointSnapshot{
		ID: sampleEndpoint, Object: "webhook_endpoint", URL: "https://shop.example/hooks", Events: []string{"payment_link.paid", "payment_link.expired"},
		Status: paylink.EndpointEnabled, PublicKey: "whpk_bEkLzXrcFf7dD1h3pZ1cXyT6mQ8w2vNs0aU4iJo9KtE=", APIVersion: Version, CreatedAt: sampleMade, UpdatedAt: sampleMade,
	}}
	delivery := deliveryView{
		ID: sampleDelivery, Object: "webhook_delivery", EndpointID: sampleEndpoint, EventID: sampleEvent, EventType: paylink.EventLinkPaid, Sequence: 17,
		Status: paylink.DeliveryDelivered, Attempts: 1, LastStatus: 204, LastTookMS: 38, CreatedAt: samplePaid, UpdatedAt: samplePaid,
	}
	switch operation {
	case "create_webhook_endpoint", "rotate_webhook_endpoint_secret":
		endpoint.Secret = "whsec_c2hvd24tb25jZS1hbmQtdGhlbi1uZXZlci1hZ2Fpbg=="
		return endpoint
	case "get_webhook_endpoint":
		return endpoint
	case "list_webhook_endpoints":
		return one(endpoint)
	case "list_webhook_deliveries":
		return one(delivery)
	case "get_webhook_delivery":
		return delivery
	case "resend_webhook_delivery":
		return sending(paylink.Delivery{ID: sampleDelivery, Endpoint: sampleEndpoint, EventType: paylink.EventLinkPaid}).Body
	case "test_webhook_endpoint":
		return sending(paylink.Delivery{ID: sampleDelivery, Endpoint: sampleEndpoint, EventType: "webhook_endpoint.test"}).Body
	case "replay_webhook_endpoint":
		return map[string]any{"endpoint_id": sampleEndpoint, "status": "started"}
	}
	return nil
}

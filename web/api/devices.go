package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"paylink"
	"paylink/inbox"
)

// inboxTokenBody asks for a token.
type inboxTokenBody struct {
	ExpiresIn *int64 `json:"expires_in,omitempty" minimum:"60" maximum:"2592000" doc:"seconds for which the token opens the inbox; absent: a day"`
}

type inboxTokenView struct {
	Object     string             `json:"object" enum:"inbox_token"`
	Livemode   bool               `json:"livemode"`
	CustomerID paylink.CustomerID `json:"customer_id" doc:"whose inbox it opens, cust_…"`
	Token      string             `json:"token" doc:"itok_…: a secret of the customer, which is kept nowhere"`
	ExpiresAt  time.Time          `json:"expires_at" doc:"when it ends"`
}

type inboxTokenAnswer struct{ Body inboxTokenView }

// deviceBody is a browser or an app that wants notifications.
type deviceBody struct {
	Kind  string `json:"kind" minLength:"1" maxLength:"20" doc:"webpush: a browser; fcm, apns: an app" example:"fcm"`
	Token string `json:"token" minLength:"1" maxLength:"4096" doc:"the browser's subscription in JSON, or the token that FCM or APNs gave the app"`
}

type deviceView struct {
	ID         paylink.DeviceID   `json:"id" doc:"dev_…"`
	Object     string             `json:"object" enum:"device"`
	Livemode   bool               `json:"livemode"`
	CustomerID paylink.CustomerID `json:"customer_id" doc:"whose it is, cust_…"`
	Kind       paylink.DeviceKind `json:"kind" enum:"webpush,fcm,apns" doc:"webpush: a browser; fcm, apns: an app"`
	CreatedAt  time.Time          `json:"created_at"`
	SeenAt     time.Time          `json:"seen_at" doc:"when it last registered"`
}

type deviceRegistered struct {
	Status int
	Body   deviceView
}

// InboxOf is the customer in a path; exported for the same reason as Page.
type InboxOf struct {
	ID string `path:"id" doc:"cust_…"`
}

// DeviceOf is a customer's device in a path.
type DeviceOf struct {
	ID     string `path:"id" doc:"cust_…"`
	Device string `path:"device_id" doc:"dev_…"`
}

// OwnDevice is a device in a path, of whose inbox it is.
type OwnDevice struct {
	ID string `path:"id" doc:"dev_…"`
}

func (a *API) deviceOperations() {
	about := func(id, method, path, summary string, status int) huma.Operation {
		op := huma.Operation{OperationID: id, Method: method, Path: "/v1/customers/{id}" + path, Tags: []string{"Inbox"}, DefaultStatus: status, Summary: summary}
		if status == http.StatusCreated && path == "/devices" {
			op.Responses = known()
		}
		return op
	}
	add(a, about("create_inbox_token", http.MethodPost, "/inbox_token", "Make a token for a customer's inbox", http.StatusCreated), a.createInboxToken)
	add(a, about("end_inbox_tokens", http.MethodDelete, "/inbox_token", "End every token for a customer's inbox", http.StatusNoContent), a.endInboxTokens)
	add(a, about("register_device", http.MethodPost, "/devices", "Register a customer's device for notifications", http.StatusCreated), a.registerDevice)
	add(a, about("list_devices", http.MethodGet, "/devices", "List a customer's devices", http.StatusOK), a.listDevices)
	add(a, about("remove_device", http.MethodDelete, "/devices/{device_id}", "Send no more notifications to a device", http.StatusNoContent), a.removeDevice)

	add(a, toInbox(huma.Operation{
		OperationID: "register_own_device", Method: http.MethodPost, Path: "/v1/inbox/devices", DefaultStatus: http.StatusCreated,
		Summary: "Register this device for notifications", Responses: known(),
	}), a.registerOwnDevice)
	add(a, toInbox(huma.Operation{OperationID: "list_own_devices", Method: http.MethodGet, Path: "/v1/inbox/devices", Summary: "List the devices that are notified"}), a.listOwnDevices)
	add(a, toInbox(huma.Operation{
		OperationID: "remove_own_device", Method: http.MethodDelete, Path: "/v1/inbox/devices/{id}", DefaultStatus: http.StatusNoContent, Summary: "Send no more notifications to a device",
	}), a.removeOwnDevice)
}

// known is the answer for a device that was registered before.
func known() map[string]*huma.Response {
	return map[string]*huma.Response{"200": {
		Description: "The device was registered before, and is the same.",
		Content:     map[string]*huma.MediaType{"application/json": {Schema: &huma.Schema{Ref: "#/components/schemas/Device"}}},
	}}
}

func of(c *call, customer string) inbox.Owner {
	return inbox.Owner{Merchant: c.Merchant, Live: c.Live, Customer: paylink.CustomerID(customer)}
}

func (a *API) createInboxToken(ctx context.Context, c *call, in *struct {
	InboxOf
	Body *inboxTokenBody
}) (*inboxTokenAnswer, error) {
	var lasts time.Duration
	if in.Body != nil && in.Body.ExpiresIn != nil {
		if lasts = time.Duration(*in.Body.ExpiresIn) * time.Second; *in.Body.ExpiresIn > int64(inbox.Longest/time.Second) || lasts <= 0 {
			lasts = time.Nanosecond // refused with the others that are out of bounds
		}
	}
	owner := of(c, in.ID)
	text, expires, err := a.Inbox.Token(ctx, owner, lasts)
	return &inboxTokenAnswer{inboxTokenView{"inbox_token", c.Live, owner.Customer, text, expires}}, err
}

func (a *API) endInboxTokens(ctx context.Context, c *call, in *InboxOf) (*struct{}, error) {
	return nil, a.Inbox.End(ctx, of(c, in.ID))
}

func (a *API) registerDevice(ctx context.Context, c *call, in *struct {
	InboxOf
	Body deviceBody
}) (*deviceRegistered, error) {
	return a.register(ctx, c, of(c, in.ID), in.Body)
}

func (a *API) registerOwnDevice(ctx context.Context, c *call, in *struct{ Body deviceBody }) (*deviceRegistered, error) {
	return a.register(ctx, c, c.owner(), in.Body)
}

func (a *API) register(ctx context.Context, c *call, owner inbox.Owner, body deviceBody) (*deviceRegistered, error) {
	d, made, err := a.Inbox.Register(ctx, owner, paylink.DeviceKind(body.Kind), body.Token, c.claim)
	out := &deviceRegistered{http.StatusOK, viewDevice(d)}
	if made || c.claim != nil && c.claim.Replayed {
		out.Status = http.StatusCreated
	}
	return out, err
}

func (a *API) listDevices(ctx context.Context, c *call, in *InboxOf) (*listAnswer[deviceView], error) {
	return a.devices(ctx, of(c, in.ID))
}

func (a *API) listOwnDevices(ctx context.Context, c *call, _ *struct{}) (*listAnswer[deviceView], error) {
	return a.devices(ctx, c.owner())
}

// devices lists all that one customer can have, which is one page.
func (a *API) devices(ctx context.Context, owner inbox.Owner) (*listAnswer[deviceView], error) {
	all, err := a.Inbox.Devices(ctx, owner)
	return &listAnswer[deviceView]{Body: listOf[deviceView]{Data: each(all, viewDevice)}}, err
}

func (a *API) removeDevice(ctx context.Context, c *call, in *DeviceOf) (*struct{}, error) {
	return nil, a.Inbox.Remove(ctx, of(c, in.ID), paylink.DeviceID(in.Device))
}

func (a *API) removeOwnDevice(ctx context.Context, c *call, in *OwnDevice) (*struct{}, error) {
	return nil, a.Inbox.Remove(ctx, c.owner(), paylink.DeviceID(in.ID))
}

func viewDevice(d paylink.Device) deviceView {
	return deviceView{d.ID, "device", d.Live, paylink.CustomerID(d.Owner), d.Kind, d.CreatedAt, d.SeenAt}
}

package client

import (
	"context"
	"iter"
	"net/http"
	"time"
)

// NewWebhookEndpoint is where events are to be told.
type NewWebhookEndpoint struct {
	URL         string   `json:"url,omitempty"`    // https
	Events      []string `json:"events,omitempty"` // types, or * for all of them; none: all
	Description string   `json:"description,omitempty"`
}

// WebhookEndpoint is where events are told. Its secret stands only in the answer that made it.
type WebhookEndpoint struct {
	EndpointSnapshot
	Secret string `json:"secret,omitempty"` // whsec_…: verifies v1 signatures
}

// EndpointSnapshot is an endpoint as it was at some time.
type EndpointSnapshot struct {
	ID          string    `json:"id"`     // we_…
	Object      string    `json:"object"` // webhook_endpoint
	Livemode    bool      `json:"livemode"`
	URL         string    `json:"url"`
	Events      []string  `json:"events"`
	Description string    `json:"description"`
	Status      string    `json:"status"`     // enabled, parked
	PublicKey   string    `json:"public_key"` // whpk_…: verifies v1a signatures
	APIVersion  string    `json:"api_version"`
	CreatedAt   time.Time `json:"created_at"`
	UpdatedAt   time.Time `json:"updated_at"`
}

// WebhookDelivery is one event on its way to one endpoint.
type WebhookDelivery struct {
	ID         string     `json:"id"`     // whd_…: the webhook-id of every attempt
	Object     string     `json:"object"` // webhook_delivery
	Livemode   bool       `json:"livemode"`
	EndpointID string     `json:"endpoint_id"`
	EventID    string     `json:"event_id"`
	EventType  string     `json:"event_type"`
	Sequence   int64      `json:"sequence"`
	Status     string     `json:"status"` // pending, delivered, failed
	Attempts   int64      `json:"attempts"`
	NextAt     *time.Time `json:"next_at"`     // of the next attempt; nil when none is planned
	LastStatus int64      `json:"last_status"` // HTTP status of the latest attempt; 0 when there was no answer
	LastError  string     `json:"last_error"`
	LastTookMs int64      `json:"last_took_ms"`
	CreatedAt  time.Time  `json:"created_at"`
	UpdatedAt  time.Time  `json:"updated_at"`
}

// StartedDelivery is a delivery that was asked for and is on its way.
type StartedDelivery struct {
	ID         string `json:"id"`     // whd_…
	Object     string `json:"object"` // webhook_delivery
	EndpointID string `json:"endpoint_id"`
	EventType  string `json:"event_type"`
	Status     string `json:"status"` // pending
}

// WebhookReplay is a stretch of the past that is told again. Since is required.
type WebhookReplay struct {
	Since      time.Time `json:"since,omitzero"` // at most a year ago
	Until      time.Time `json:"until,omitzero"` // zero: now
	OnlyFailed bool      `json:"only_failed,omitempty"`
}

// StartedReplay goes on in the background.
type StartedReplay struct {
	EndpointID string `json:"endpoint_id"`
	Status     string `json:"status"` // started
}

// CreateWebhookEndpoint adds an endpoint. The answer alone has its secret.
func (c *Client) CreateWebhookEndpoint(ctx context.Context, endpoint NewWebhookEndpoint, options ...Option) (WebhookEndpoint, error) {
	return post[WebhookEndpoint](ctx, c, path("webhook_endpoints"), endpoint, options)
}

// ListWebhookEndpoints yields endpoints, newest first.
func (c *Client) ListWebhookEndpoints(ctx context.Context, from Page, options ...Option) iter.Seq2[WebhookEndpoint, error] {
	return list[WebhookEndpoint](ctx, c, path("webhook_endpoints"), from, options)
}

// GetWebhookEndpoint reads an endpoint.
func (c *Client) GetWebhookEndpoint(ctx context.Context, id string, options ...Option) (WebhookEndpoint, error) {
	return get[WebhookEndpoint](ctx, c, path("webhook_endpoints", id), nil, options)
}

// DeleteWebhookEndpoint removes an endpoint.
func (c *Client) DeleteWebhookEndpoint(ctx context.Context, id string, options ...Option) error {
	_, err := c.do(ctx, c.call(http.MethodDelete, path("webhook_endpoints", id), options))
	return err
}

// RotateWebhookEndpointSecret gives an endpoint a new secret; the old one signs beside it for 24 hours.
func (c *Client) RotateWebhookEndpointSecret(ctx context.Context, id string, options ...Option) (WebhookEndpoint, error) {
	return post[WebhookEndpoint](ctx, c, path("webhook_endpoints", id, "rotate_secret"), nil, options)
}

// TestWebhookEndpoint sends a webhook_endpoint.test.
func (c *Client) TestWebhookEndpoint(ctx context.Context, id string, options ...Option) (StartedDelivery, error) {
	return post[StartedDelivery](ctx, c, path("webhook_endpoints", id, "test"), nil, options)
}

// ReplayWebhookEndpoint sends what happened in a stretch of the past again.
func (c *Client) ReplayWebhookEndpoint(ctx context.Context, id string, replay WebhookReplay, options ...Option) (StartedReplay, error) {
	return post[StartedReplay](ctx, c, path("webhook_endpoints", id, "replay"), replay, options)
}

// DeliveryFilter chooses webhook deliveries.
type DeliveryFilter struct {
	Page
	Endpoint string `query:"endpoint"` // we_…
	Event    string `query:"event"`    // evt_…
	Status   string `query:"status"`   // pending, delivered, failed
}

// ListWebhookDeliveries yields deliveries, newest first.
func (c *Client) ListWebhookDeliveries(ctx context.Context, filter DeliveryFilter, options ...Option) iter.Seq2[WebhookDelivery, error] {
	return list[WebhookDelivery](ctx, c, path("webhook_deliveries"), filter, options)
}

// GetWebhookDelivery reads a delivery.
func (c *Client) GetWebhookDelivery(ctx context.Context, id string, options ...Option) (WebhookDelivery, error) {
	return get[WebhookDelivery](ctx, c, path("webhook_deliveries", id), nil, options)
}

// ResendWebhookDelivery sends an event to its endpoint once more.
func (c *Client) ResendWebhookDelivery(ctx context.Context, id string, options ...Option) (StartedDelivery, error) {
	return post[StartedDelivery](ctx, c, path("webhook_deliveries", id, "resend"), nil, options)
}

package paylink

import "time"

// EndpointStatus tells whether a webhook endpoint is being called.
type EndpointStatus string

const (
	EndpointEnabled EndpointStatus = "enabled"
	EndpointParked  EndpointStatus = "parked"
)

// EndpointMachine: an endpoint that keeps failing is parked with a notice, probed, and resumed by
// itself.
var EndpointMachine = Machine[EndpointStatus]{
	Name: "Webhook endpoint", Start: EndpointEnabled,
	Moves: map[EndpointStatus][]EndpointStatus{EndpointEnabled: {EndpointParked}, EndpointParked: {EndpointEnabled}},
	Says: map[EndpointStatus]string{
		EndpointEnabled: "called for each event that it asked for",
		EndpointParked:  "failed for five days or answered 410; deliveries wait, a probe goes on",
	},
}

// Endpoint is where a merchant wants to be told.
type Endpoint struct {
	ID           EndpointID
	Merchant     MerchantID
	Live         bool
	URL          string
	Events       []string // "*" or types
	Description  string
	Status       EndpointStatus
	Secret       []byte // sealed: the HMAC secret's bytes
	SigningKey   []byte // sealed: the Ed25519 seed
	PublicKey    []byte // Ed25519, for the merchant to verify v1a with
	APIVersion   string
	FailingSince time.Time // zero while the latest attempt succeeded
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

// Wants tells whether the endpoint asked for the type.
func (e Endpoint) Wants(t EventType) bool {
	for _, want := range e.Events {
		if want == "*" || want == string(t) {
			return true
		}
	}
	return false
}

// EndpointSnapshot is an endpoint as it was at one moment, without its secrets.
type EndpointSnapshot struct {
	ID          EndpointID     `json:"id" doc:"we_…"`
	Object      string         `json:"object" enum:"webhook_endpoint"`
	Livemode    bool           `json:"livemode"`
	URL         string         `json:"url"`
	Events      []string       `json:"events"`
	Description string         `json:"description"`
	Status      EndpointStatus `json:"status" enum:"enabled,parked"`
	PublicKey   string         `json:"public_key" doc:"whpk_…: verifies v1a signatures"`
	APIVersion  string         `json:"api_version"`
	CreatedAt   time.Time      `json:"created_at"`
	UpdatedAt   time.Time      `json:"updated_at"`
}

// DeliveryStatus is how far one event has come on its way to one endpoint.
type DeliveryStatus string

const (
	DeliveryPending   DeliveryStatus = "pending"
	DeliveryDelivered DeliveryStatus = "delivered"
	DeliveryFailed    DeliveryStatus = "failed"
)

// DeliveryMachine: a failed delivery may be sent again by hand.
var DeliveryMachine = Machine[DeliveryStatus]{
	Name: "Webhook delivery", Start: DeliveryPending,
	Moves: map[DeliveryStatus][]DeliveryStatus{
		DeliveryPending:   {DeliveryDelivered, DeliveryFailed},
		DeliveryFailed:    {DeliveryPending, DeliveryDelivered},
		DeliveryDelivered: {DeliveryPending},
	},
	Says: map[DeliveryStatus]string{
		DeliveryPending:   "waiting for its first or next attempt",
		DeliveryDelivered: "the endpoint answered 2xx",
		DeliveryFailed:    "every attempt of the schedule failed; it can be sent again",
	},
}

// Delivery is one event on its way to one endpoint. Its id is the webhook-id, the same at every
// attempt.
type Delivery struct {
	ID         DeliveryID
	Merchant   MerchantID
	Live       bool
	Endpoint   EndpointID
	Event      EventID
	EventType  EventType
	Sequence   int64
	Status     DeliveryStatus
	Attempts   int64
	NextAt     time.Time // of the next attempt; zero when none is planned
	LastStatus int64     // HTTP status of the latest attempt; zero when there was no answer
	LastError  string    // why the latest attempt failed, in our words
	LastTook   time.Duration
	CreatedAt  time.Time
	UpdatedAt  time.Time
}

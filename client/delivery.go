package client

import "time"

// DeliveryPlan is how a link goes out in steps: at most 8, each at most 7 days after the one before.
type DeliveryPlan struct {
	Steps        []DeliveryStep `json:"steps"`
	AfterOpening bool           `json:"after_opening,omitempty"` // later steps go out also when a person has opened the link
	OnUnknown    string         `json:"on_unknown,omitempty"`    // wait, next: when nobody knows what became of a message; empty: wait
}

// DeliveryStep is one message of a plan.
type DeliveryStep struct {
	Channel   string   `json:"channel"`             // sms, whatsapp, email, in_app
	After     string   `json:"after,omitempty"`     // so long after the step before: 60s, 5m, 2h, 1d; empty: together with it
	Unless    string   `json:"unless,omitempty"`    // sent, delivered, read of an earlier message, or opened of the link: then it is not needed
	Providers []string `json:"providers,omitempty"` // names of providers or ids of accounts, tried in this order; none: whoever carries the channel
}

// DeliveryState is a plan and what becomes of its steps.
type DeliveryState struct {
	Steps        []DeliveryStepState `json:"steps"`
	AfterOpening bool                `json:"after_opening,omitempty"`
	OnUnknown    string              `json:"on_unknown,omitempty"`
}

// DeliveryStepState is a step and what becomes of it; without a Status in the answers of changes.
type DeliveryStepState struct {
	DeliveryStep
	Message string     `json:"message,omitempty"` // msg_…
	At      *time.Time `json:"at,omitempty"`      // when it goes out or went out, or would have
	Status  string     `json:"status,omitempty"`  // as of a message
	Reason  string     `json:"reason,omitempty"`  // why it is skipped: not_needed, opened, paid, cancelled, expired, archived, on_hold, no_contact, replaced
}

package client

import "time"

// MessageAttempt is one call that handed a message to a provider, or tried to.
type MessageAttempt struct {
	Number            int64      `json:"number"`     // 1 for the message's first
	AccountID         string     `json:"account_id"` // empty: none was needed, as for the customer's inbox
	DeviceID          *string    `json:"device_id"`  // the device that was told of a message in the inbox; nil: the call carried the message itself
	Provider          string     `json:"provider"`
	State             string     `json:"state"`              // calling, taken, refused, broken, unknown
	ProviderReference string     `json:"provider_reference"` // the provider's own id of the message
	Reason            string     `json:"reason"`             // why it did not succeed, in our words
	Code              string     `json:"code"`               // the provider's
	Words             string     `json:"words"`              // the provider's sentence, without what is personal
	Segments          int64      `json:"segments"`           // what is charged as one message each
	Cost              *int64     `json:"cost"`               // in hundredths of a minor unit of Currency; nil: not known
	Currency          string     `json:"currency"`
	Price             string     `json:"price"` // as the provider told it
	BeganAt           time.Time  `json:"began_at"`
	EndedAt           *time.Time `json:"ended_at"`
	AgainAt           *time.Time `json:"again_at"` // from when the same account may be called again; nil: it is not
}

// MessageRouting is which account is tried first, by channel: rank, cheapest or healthiest; empty: rank.
type MessageRouting struct {
	SMS      string `json:"sms,omitempty"`
	WhatsApp string `json:"whatsapp,omitempty"`
	Email    string `json:"email,omitempty"`
	InApp    string `json:"in_app,omitempty"`
}

// PaymentRouting is which account takes a payment, by method: rank, cheapest, healthiest or share; empty: rank.
type PaymentRouting struct {
	Card       string `json:"card,omitempty"`
	UPI        string `json:"upi,omitempty"`
	Netbanking string `json:"netbanking,omitempty"`
	Other      string `json:"other,omitempty"` // every other method
}

// MessageBudget is what messages may cost at most, in minor units of the merchant's currency; nil: no cap.
type MessageBudget struct {
	Day   *int64 `json:"day,omitempty"`   // in one day of the merchant's time zone
	Month *int64 `json:"month,omitempty"` // in one month of it
	Link  *int64 `json:"link,omitempty"`  // for the messages of one link
}

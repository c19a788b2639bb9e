package client

import (
	"context"
	"encoding/json"
	"net/http"
	"time"
)

// Merchant is who the key acts for.
type Merchant struct {
	ID               string    `json:"id"`       // mer_…
	Object           string    `json:"object"`   // merchant
	Livemode         bool      `json:"livemode"` // the world that the key opens
	Name             string    `json:"name"`     // as customers know it
	LegalName        string    `json:"legal_name"`
	Country          string    `json:"country"` // ISO 3166
	Currency         string    `json:"currency"`
	Locale           string    `json:"locale"`
	TimeZone         string    `json:"time_zone"`          // IANA
	Header           string    `json:"header"`             // the sender header for SMS in India; empty: none
	DefaultExpiresIn *int64    `json:"default_expires_in"` // seconds that a link lives if it does not say; nil: for ever
	Settings         Settings  `json:"settings"`
	Now              time.Time `json:"now"` // the time by which links are judged: in test mode the sandbox clock's
	CreatedAt        time.Time `json:"created_at"`
}

// Settings is what a merchant has decided for all the links that do not say. What is empty is not decided.
type Settings struct {
	DefaultChannels []string      `json:"default_channels,omitempty"` // where a link goes that names no channels
	DefaultDelivery *DeliveryPlan `json:"default_delivery,omitempty"` // in steps; before DefaultChannels
	Receipts        *Receipts     `json:"receipts,omitempty"`         // where receipts go; nil: by e-mail, where somebody carries it

	OnLatePayment  string `json:"on_late_payment,omitempty"` // accept, hold, refund, credit; the next three likewise
	OnDuplicate    string `json:"on_duplicate,omitempty"`
	OnOverpayment  string `json:"on_overpayment,omitempty"`
	OnUnderpayment string `json:"on_underpayment,omitempty"`

	ReturnOrigins []string     `json:"return_origins,omitempty"` // to which customers may go back: https://shop.example
	Refunds       *RefundRules `json:"refunds,omitempty"`        // who decides about refunds; nil: one person, and at once
	Refresh       *Refresh     `json:"refresh,omitempty"`        // how links may be given new time; nil: not

	MessageRouting *MessageRouting `json:"message_routing,omitempty"` // which account is tried first, by channel
	PaymentRouting *PaymentRouting `json:"payment_routing,omitempty"` // which account takes a payment, by method
	UPICategory    string          `json:"upi_category,omitempty"`    // by which UPI allows one payment; empty: general
	OnUnknownSend  string          `json:"on_unknown_send,omitempty"` // wait, resend
	MessageBudget  *MessageBudget  `json:"message_budget,omitempty"`  // what messages may cost; nil: no cap
	SMSCountries   []string        `json:"sms_countries,omitempty"`   // to which text messages go beside the merchant's own
	SMSRangeLimit  *int64          `json:"sms_range_limit,omitempty"` // numbers of one range within an hour

	MessagePrices         *MessagePrices `json:"message_prices,omitempty"`
	QuietHours            *DailyHours    `json:"quiet_hours,omitempty"`              // when no reminder goes out; nil: from 21:00 to 09:00
	ContactHours          *DailyHours    `json:"contact_hours,omitempty"`            // when customers are written to, by their own clock; nil: as law and quiet hours allow
	ContactCaps           *ContactCaps   `json:"contact_caps,omitempty"`             // how often one customer is written to unasked; nil: as the law allows
	DLT                   *DLT           `json:"dlt,omitempty"`                      // what is registered with the operators of India
	WhatsAppOptInRequired bool           `json:"whatsapp_opt_in_required,omitempty"` // only customers whose consent to WhatsApp is on record get it
	NotifyExpiry          bool           `json:"notify_expiry,omitempty"`            // links remind the customer before they expire
}

// Receipts is on which channels customers get receipts; none: they get none.
type Receipts struct {
	Channels []string `json:"channels"`
}

// MessagePrices is what a hundred messages cost, in minor units of the merchant's currency; nil: not known.
type MessagePrices struct {
	SMS      *int64 `json:"sms,omitempty"`
	WhatsApp *int64 `json:"whatsapp,omitempty"`
	Email    *int64 `json:"email,omitempty"`
}

// DailyHours is a part of each day by the merchant's clock, from and to such as "21:00".
type DailyHours struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// ContactCaps is how often one customer is written to unasked on one channel; 0: no cap of one's own.
type ContactCaps struct {
	PerDay  int64 `json:"per_day,omitempty"`
	PerWeek int64 `json:"per_week,omitempty"`
}

// DLT is what a merchant has registered with the operators of India.
type DLT struct {
	EntityID  string        `json:"entity_id"`
	Headers   []string      `json:"headers"`
	Domains   []string      `json:"domains,omitempty"` // without https
	Templates []DLTTemplate `json:"templates,omitempty"`
}

// DLTTemplate is one text as it is registered, with its places: {#var#}, {#numeric#}, {#url#}.
type DLTTemplate struct {
	TemplateID    string   `json:"template_id"`
	Header        string   `json:"header"`
	Category      string   `json:"category,omitempty"` // transactional, service_implicit, service_explicit, promotional
	Text          string   `json:"text"`
	VariableTypes []string `json:"variable_types,omitempty"` // of each {#var#}: text, number, alphanumeric, date, url
}

// MerchantChange is what is to be different about the merchant. What is nil or nothing stays as it is.
type MerchantChange struct {
	DefaultExpiresIn Nullable[int64] `json:"default_expires_in,omitzero"` // seconds; null: for ever
	Settings         *SettingsChange `json:"settings,omitempty"`
}

// SettingsChange is the settings to change. Null takes one away.
type SettingsChange struct {
	DefaultChannels Nullable[[]string]     `json:"default_channels,omitzero"`
	DefaultDelivery Nullable[DeliveryPlan] `json:"default_delivery,omitzero"`
	Receipts        Nullable[Receipts]     `json:"receipts,omitzero"`

	OnLatePayment  Nullable[string]  `json:"on_late_payment,omitzero"`
	OnDuplicate    Nullable[string]  `json:"on_duplicate,omitzero"`
	OnOverpayment  Nullable[string]  `json:"on_overpayment,omitzero"`
	OnUnderpayment Nullable[string]  `json:"on_underpayment,omitzero"`
	Refresh        Nullable[Refresh] `json:"refresh,omitzero"`

	Refunds Nullable[RefundRules] `json:"refunds,omitzero"`

	MessageRouting Nullable[MessageRouting] `json:"message_routing,omitzero"`
	PaymentRouting Nullable[PaymentRouting] `json:"payment_routing,omitzero"`
	UPICategory    Nullable[string]         `json:"upi_category,omitzero"`
	OnUnknownSend  Nullable[string]         `json:"on_unknown_send,omitzero"`
	MessageBudget  Nullable[MessageBudget]  `json:"message_budget,omitzero"`
	SMSCountries   Nullable[[]string]       `json:"sms_countries,omitzero"`
	SMSRangeLimit  Nullable[int64]          `json:"sms_range_limit,omitzero"`

	MessagePrices Nullable[MessagePrices] `json:"message_prices,omitzero"`

	ReturnOrigins Nullable[[]string] `json:"return_origins,omitzero"`

	QuietHours   Nullable[DailyHours]  `json:"quiet_hours,omitzero"`
	ContactHours Nullable[DailyHours]  `json:"contact_hours,omitzero"`
	ContactCaps  Nullable[ContactCaps] `json:"contact_caps,omitzero"`
	DLT          Nullable[DLT]         `json:"dlt,omitzero"`
	NotifyExpiry Nullable[bool]        `json:"notify_expiry,omitzero"`

	WhatsAppOptInRequired Nullable[bool] `json:"whatsapp_opt_in_required,omitzero"`
}

// MerchantSnapshot is what a merchant had decided about its links at an event.
type MerchantSnapshot struct {
	ID               string    `json:"id"`
	Object           string    `json:"object"`
	DefaultExpiresIn *int64    `json:"default_expires_in"`
	Settings         Settings  `json:"settings"`
	UpdatedAt        time.Time `json:"updated_at"`
}

// UpdateMerchant changes the settings, for the links that are made from now on.
func (c *Client) UpdateMerchant(ctx context.Context, change MerchantChange, options ...Option) (Merchant, error) {
	k := c.call(http.MethodPatch, path("merchant"), options)
	if k.wrong == nil {
		k.body, k.wrong = json.Marshal(change)
	}
	return answered[Merchant](ctx, c, k)
}

// GetMerchant says who the key acts for, and so whether it is good.
func (c *Client) GetMerchant(ctx context.Context, options ...Option) (Merchant, error) {
	return get[Merchant](ctx, c, path("merchant"), nil, options)
}

// TokenToVerify is a link token as somebody showed it.
type TokenToVerify struct {
	Token string `json:"token,omitempty"`
}

// VerifiedToken says what a link token is worth.
type VerifiedToken struct {
	Genuine bool         `json:"genuine"`           // the server signed it, for a link of yours in this mode
	Current bool         `json:"current,omitempty"` // it is of the link's present revision
	Claims  *TokenClaims `json:"claims,omitempty"`
}

// TokenClaims are the terms that a token signs.
type TokenClaims struct {
	LinkID     string     `json:"link_id"` // plink_…
	MerchantID string     `json:"merchant_id"`
	Livemode   bool       `json:"livemode"`
	Usage      string     `json:"usage"`  // single, multi
	Amount     int64      `json:"amount"` // minor units
	Currency   string     `json:"currency"`
	ExpiresAt  *time.Time `json:"expires_at"`
	Revision   int64      `json:"revision"`
}

// VerifyToken asks whether a link token is genuine and current.
func (c *Client) VerifyToken(ctx context.Context, token TokenToVerify, options ...Option) (VerifiedToken, error) {
	return post[VerifiedToken](ctx, c, path("tokens", "verify"), token, options)
}

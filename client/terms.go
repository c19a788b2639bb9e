package client

import "time"

// LineItem is one line of what a link asks for. Amounts are minor units.
type LineItem struct {
	Name         string      `json:"name"`
	Quantity     int64       `json:"quantity"`
	UnitAmount   int64       `json:"unit_amount"`
	TaxRate      string      `json:"tax_rate,omitempty"`      // percent, as a decimal text: "18"
	TaxInclusive bool        `json:"tax_inclusive,omitempty"` // the tax is part of UnitAmount
	Adjustable   *Adjustable `json:"adjustable,omitempty"`    // the customer chooses the quantity; nil: it is fixed
}

// Adjustable bounds the quantity that a customer may choose.
type Adjustable struct {
	Minimum int64 `json:"minimum"`
	Maximum int64 `json:"maximum"`
}

// Totals is what lines come to, in minor units.
type Totals struct {
	Subtotal int64 `json:"subtotal"` // without tax
	Tax      int64 `json:"tax"`      // rounded for each line
	Total    int64 `json:"total"`
}

// CustomerAmount bounds what a customer may choose to pay, in minor units.
type CustomerAmount struct {
	Minimum int64   `json:"minimum"`
	Maximum int64   `json:"maximum"`           // 0: the largest amount there is
	Presets []int64 `json:"presets,omitempty"` // what the page suggests
}

// Partial lets a link be paid in parts, each at least so many minor units.
type Partial struct {
	MinimumFirst int64 `json:"minimum_first"` // 0: as Minimum
	Minimum      int64 `json:"minimum"`       // unless it is all that is left
}

// Plan divides what a link asks for into instalments with dates.
type Plan struct {
	Instalments []Instalment `json:"instalments"`
	GraceDays   int64        `json:"grace_days"`      // an instalment is missed when it is not paid so many days after its date
	After       int64        `json:"after,omitempty"` // what was paid when the plan was made; its instalments come on top
}

// NewPlan is a plan as it is asked for. Its instalments come to the amount.
type NewPlan struct {
	Instalments []Instalment `json:"instalments"`
	GraceDays   int64        `json:"grace_days,omitempty"`
}

// Instalment is one part of a plan, in minor units.
type Instalment struct {
	Amount int64     `json:"amount"`
	DueAt  time.Time `json:"due_at"`
}

// InstalmentStanding is how one instalment of a plan stands.
type InstalmentStanding struct {
	Number int64     `json:"number"` // from 1
	Of     int64     `json:"of"`
	Amount int64     `json:"amount"` // what of it is not paid yet
	DueAt  time.Time `json:"due_at"`
	State  string    `json:"state"` // paid, due, upcoming, overdue, missed
}

// PromiseTerms let the customer promise on the page to pay on a later day.
type PromiseTerms struct {
	MaxDays int64 `json:"max_days"`         // how far ahead; 0: 14
	Extend  bool  `json:"extend,omitempty"` // a promise moves an earlier expiry to its end
}

// Promise is the latest word about the day on which a link will be paid.
type Promise struct {
	Date            string    `json:"date"`  // 2026-12-01, in the merchant's time zone
	Until           time.Time `json:"until"` // the end of that day
	Amount          int64     `json:"amount"`
	PaidBefore      int64     `json:"paid_before"`
	Note            string    `json:"note"`
	By              string    `json:"by"`    // customer, key_… or usr_…
	State           string    `json:"state"` // open, kept, broken, withdrawn
	MadeAt          time.Time `json:"made_at"`
	Times           int64     `json:"times"`
	TimesByCustomer int64     `json:"times_by_customer"`
}

// Refresh is how a link that expires may be given new time on the same URL.
type Refresh struct {
	Policy    string `json:"policy"`               // automatic, approval, never
	On        string `json:"on,omitempty"`         // of an automatic one: request, expiry
	Times     int64  `json:"times,omitempty"`      // of an automatic one; 0: once
	ExpiresIn int64  `json:"expires_in,omitempty"` // seconds that it gives; 0: the merchant's default
}

// Reminder is a further message of a link. Exactly one of After, BeforeExpiry and AfterDue says when: a
// time such as "2h" or "3d".
type Reminder struct {
	After        string   `json:"after,omitempty"`         // so long after the request went out
	BeforeExpiry string   `json:"before_expiry,omitempty"` // so long before the link expires
	AfterDue     string   `json:"after_due,omitempty"`     // so long after DueAt
	Channels     []string `json:"channels,omitempty"`      // none: where the link goes
}

// PlannedReminder is a reminder and what becomes of it.
type PlannedReminder struct {
	Reminder
	At     *time.Time `json:"at"`     // when it goes out, or when that was decided; nil: it does not
	Status string     `json:"status"` // planned, sent, skipped
	Reason string     `json:"reason"` // why it is skipped, or what it waits for
}

// Tip lets the customer add a tip. Amounts are minor units.
type Tip struct {
	PresetsPercent []int64 `json:"presets_percent,omitempty"` // whole percents that the page suggests
	Presets        []int64 `json:"presets,omitempty"`         // or amounts
	Maximum        int64   `json:"maximum,omitempty"`         // 0: as much as what is asked
}

// ShippingOption is a way to deliver, and what it costs in minor units.
type ShippingOption struct {
	Name   string `json:"name"`
	Amount int64  `json:"amount"` // 0: free
}

// Extras is what a payment has in it beside what its link asks for, in minor units.
type Extras struct {
	Tip      int64           `json:"tip,omitempty"`
	Shipping *ShippingOption `json:"shipping,omitempty"`

	Surcharge int64     `json:"surcharge,omitempty"`
	Discount  *Discount `json:"discount,omitempty"`
}

// Discount is what a discount code took off what was asked.
type Discount struct {
	DiscountCodeID string `json:"discount_code_id"` // disc_…
	Code           string `json:"code"`
	Amount         int64  `json:"amount"` // minor units
}

// Surcharge is what some methods cost more.
type Surcharge struct {
	Rate    string   `json:"rate"` // percent, as a decimal text: "1.5"
	Methods []string `json:"methods"`
}

// linkTerms is what a link says about its amount beyond the amount itself, and in words of its own.
type linkTerms struct {
	CustomerAmount *CustomerAmount `json:"customer_amount,omitempty"` // instead of an amount
	LineItems      []LineItem      `json:"line_items,omitempty"`      // instead of an amount
	Partial        *Partial        `json:"partial,omitempty"`
	Promises       *PromiseTerms   `json:"promises,omitempty"`        // nil: only the merchant's people note promises
	OnOverpayment  string          `json:"on_overpayment,omitempty"`  // accept, hold, refund, credit
	OnUnderpayment string          `json:"on_underpayment,omitempty"` // likewise
	SuccessText    string          `json:"success_text,omitempty"`    // for those who have paid
	ClosedText     string          `json:"closed_text,omitempty"`     // for those who come too late
	TermsURL       string          `json:"terms_url,omitempty"`       // https; the customer agrees to it before paying
	Template       string          `json:"template,omitempty"`        // the name of the template that it is made of
	Refresh        *Refresh        `json:"refresh,omitempty"`         // how it may be given new time; nil: by the merchant's settings
	Purpose        string          `json:"purpose,omitempty"`         // requested, transactional, recovery, promotional; empty: transactional
	DueAt          *time.Time      `json:"due_at,omitempty"`          // when the money is due; the link can be paid after that too
	Reminders      []Reminder      `json:"reminders,omitempty"`       // further messages, each sent once

	CaptureMethod string `json:"capture_method,omitempty"` // automatic, manual: reserved first, and captured by the merchant
	VoidOnExpiry  bool   `json:"void_on_expiry,omitempty"` // money that is reserved when the link expires is given back then

	Receipts *Receipts     `json:"receipts,omitempty"` // where its receipts go; nil: as the merchant's settings say
	Delivery *DeliveryPlan `json:"delivery,omitempty"` // in steps, instead of on all channels at once

	Tip             *Tip             `json:"tip,omitempty"`
	ShippingOptions []ShippingOption `json:"shipping_options,omitempty"` // of which the customer chooses one

	Surcharge          *Surcharge `json:"surcharge,omitempty"`
	AllowDiscountCodes []string   `json:"allow_discount_codes,omitempty"` // or * for all of them
	Questions          []Question `json:"questions,omitempty"`            // what the page asks besides the money; at most 3

	Attachments []string `json:"attachments,omitempty"` // files that the page hands over, att_…; at most 3
}

// paymentTerms is what a customer chose on the page.
type paymentTerms struct {
	LineItems       []LineItem `json:"line_items,omitempty"`
	Extras          *Extras    `json:"extras,omitempty"`
	AmountExcess    int64      `json:"amount_excess,omitempty"` // the part of what was captured that does not count
	TermsAcceptedAt *time.Time `json:"terms_accepted_at,omitempty"`
	Answers         []Answer   `json:"answers,omitempty"` // to the link's questions
}

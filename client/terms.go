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
}

// linkTerms is what a link says about its amount beyond the amount itself, and in words of its own.
type linkTerms struct {
	CustomerAmount *CustomerAmount `json:"customer_amount,omitempty"` // instead of an amount
	LineItems      []LineItem      `json:"line_items,omitempty"`      // instead of an amount
	Partial        *Partial        `json:"partial,omitempty"`
	OnOverpayment  string          `json:"on_overpayment,omitempty"`  // accept, hold, refund, credit
	OnUnderpayment string          `json:"on_underpayment,omitempty"` // likewise
	SuccessText    string          `json:"success_text,omitempty"`    // for those who have paid
	ClosedText     string          `json:"closed_text,omitempty"`     // for those who come too late
	TermsURL       string          `json:"terms_url,omitempty"`       // https; the customer agrees to it before paying
	DueAt          *time.Time      `json:"due_at,omitempty"`          // when the money is due; the link can be paid after that too

	Tip             *Tip             `json:"tip,omitempty"`
	ShippingOptions []ShippingOption `json:"shipping_options,omitempty"` // of which the customer chooses one

	Attachments []string `json:"attachments,omitempty"` // files that the page hands over, att_…; at most 3

	Questions []Question `json:"questions,omitempty"` // what the page asks besides the money; at most 3
}

// paymentTerms is what a customer chose on the page.
type paymentTerms struct {
	LineItems       []LineItem `json:"line_items,omitempty"`
	Extras          *Extras    `json:"extras,omitempty"`
	AmountExcess    int64      `json:"amount_excess,omitempty"` // the part of what was captured that does not count
	TermsAcceptedAt *time.Time `json:"terms_accepted_at,omitempty"`
	Answers         []Answer   `json:"answers,omitempty"` // to the link's questions
}

package paylink

import (
	"slices"
	"strings"
	"time"
)

// DiscountCode is a lower amount that a merchant promises to whoever types it on a link that takes
// codes.
type DiscountCode struct {
	ID       DiscountCodeID
	Merchant MerchantID
	Live     bool
	Code     string // capitals, digits, - and _
	Percent  string // of what is asked, as a decimal text; empty: Amount says it
	Amount   int64  // off what is asked, in minor units; 0: Percent says it
	Currency Currency
	Maximum  int64 // the most that a percentage takes off; 0: no limit
	Minimum  int64 // the least that must be asked; 0: any
	MaxUses  int64 // 0: no limit
	Uses     int64 // payments under way and captured with it
	StartsAt time.Time
	EndsAt   time.Time // from then on it does not apply; zero: never
	Active   bool

	CreatedAt time.Time
	UpdatedAt time.Time
}

// DiscountCodeSnapshot is a discount code as it was at one moment, and as the API answers it.
type DiscountCodeSnapshot struct {
	ID              DiscountCodeID `json:"id" doc:"disc_…"`
	Object          string         `json:"object" enum:"discount_code"`
	Livemode        bool           `json:"livemode"`
	Code            string         `json:"code" doc:"what the customer types; capitals or not"`
	Percent         string         `json:"percent,omitempty" doc:"off what is asked, as a decimal text"`
	Amount          int64          `json:"amount,omitempty" doc:"minor units off what is asked; absent: percent says it"`
	Currency        Currency       `json:"currency,omitempty" doc:"of its amounts; absent: it applies to every currency"`
	MaximumDiscount int64          `json:"maximum_discount,omitempty" doc:"the most that a percentage takes off, in minor units"`
	MinimumAmount   int64          `json:"minimum_amount,omitempty" doc:"the least that must be asked, in minor units"`
	MaxUses         int64          `json:"max_uses,omitempty" doc:"how many payments; absent: without end"`
	Uses            int64          `json:"uses" doc:"payments under way and captured with it"`
	StartsAt        *time.Time     `json:"starts_at"`
	EndsAt          *time.Time     `json:"ends_at"`
	Active          bool           `json:"active"`
	CreatedAt       time.Time      `json:"created_at"`
	UpdatedAt       time.Time      `json:"updated_at"`
}

// AllCodes in a link's list of codes stands for every code of its merchant.
const AllCodes = "*"

// NormalCode is how a code is kept, however it was typed.
func NormalCode(typed string) string { return strings.ToUpper(strings.TrimSpace(typed)) }

// TakesCode tells whether a payment of the link may use the code.
func (t Terms) TakesCode(code string) bool {
	return slices.Contains(t.DiscountCodes, AllCodes) || slices.Contains(t.DiscountCodes, code)
}

// Off is what the code takes off what is asked, in minor units: at least 1, and less than all of it,
// because a payment of nothing is none. ok is false when the code does not apply now. A percentage is
// rounded to a whole minor unit, half away from zero.
func (d DiscountCode) Off(asked Money, worldNow time.Time) (minor int64, ok bool) {
	switch {
	case !d.Active, worldNow.Before(d.StartsAt), !d.EndsAt.IsZero() && !worldNow.Before(d.EndsAt):
		return 0, false
	case d.Currency != "" && d.Currency != asked.Currency, asked.Minor < d.Minimum, d.MaxUses > 0 && d.Uses >= d.MaxUses:
		return 0, false
	}
	if minor = d.Amount; d.Percent != "" {
		rate, _ := percentage(d.Percent)
		if minor = roundedQuotient(asked.Minor*rate, whole); d.Maximum > 0 {
			minor = min(minor, d.Maximum)
		}
	}
	return minor, minor >= 1 && minor < asked.Minor
}

// Snapshot is the code for an event and for the API.
func (d DiscountCode) Snapshot() *DiscountCodeSnapshot {
	return &DiscountCodeSnapshot{
		ID: d.ID, Object: "discount_code", Livemode: d.Live, Code: d.Code, Percent: d.Percent, Amount: d.Amount, Currency: d.Currency,
		MaximumDiscount: d.Maximum, MinimumAmount: d.Minimum, MaxUses: d.MaxUses, Uses: d.Uses,
		StartsAt: timeOrNil(d.StartsAt), EndsAt: timeOrNil(d.EndsAt), Active: d.Active, CreatedAt: d.CreatedAt, UpdatedAt: d.UpdatedAt,
	}
}

// UsesCode tells whether a payment that stands so counts as a use of its discount code: while its outcome
// is open, and when it is captured. One that ends without money gives its use back.
func (s PaymentStatus) UsesCode() bool { return s.Live() || s == PaymentCaptured }

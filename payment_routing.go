package paylink

// PaymentRouting is by what the accounts that could take a payment are put into an order, by method. Before it
// goes what promises that the payment succeeds: an account whose gateway is down or slow comes last.
type PaymentRouting struct {
	Card       RoutePreference `json:"card,omitempty" enum:"rank,cheapest,healthiest,share" doc:"absent: rank"`
	UPI        RoutePreference `json:"upi,omitempty" enum:"rank,cheapest,healthiest,share" doc:"absent: rank"`
	Netbanking RoutePreference `json:"netbanking,omitempty" enum:"rank,cheapest,healthiest,share" doc:"absent: rank"`
	Other      RoutePreference `json:"other,omitempty" enum:"rank,cheapest,healthiest,share" doc:"for every other method; absent: rank"`
}

// For is the preference for a method.
func (r *PaymentRouting) For(m Method) RoutePreference {
	if r == nil {
		return RouteRank
	}
	said, known := map[Method]RoutePreference{MethodCard: r.Card, MethodUPI: r.UPI, MethodNetbanking: r.Netbanking}[m]
	if !known {
		said = r.Other
	}
	if said == "" {
		return RouteRank
	}
	return said
}

// UPICategory is a merchant's trade, as far as it decides how much one payment by UPI may be.
type UPICategory string

// The categories.
const (
	UPIGeneral        UPICategory = "general"
	UPIVerified       UPICategory = "verified"
	UPICapitalMarkets UPICategory = "capital_markets"
	UPIInsurance      UPICategory = "insurance"
	UPIGovernment     UPICategory = "government"
	UPITravel         UPICategory = "travel"
	UPICreditCards    UPICategory = "credit_card_bills"
	UPICollections    UPICategory = "collections"
	UPIJewellery      UPICategory = "jewellery"
	UPIHospitals      UPICategory = "hospitals"
	UPIEducation      UPICategory = "education"
	UPIDeposits       UPICategory = "term_deposits"
	UPIFirstDeposit   UPICategory = "account_opening"
)

// UPICategories are all of them.
var UPICategories = []UPICategory{
	UPIGeneral, UPIVerified, UPICapitalMarkets, UPIInsurance, UPIGovernment, UPITravel, UPICreditCards, UPICollections, UPIJewellery,
	UPIHospitals, UPIEducation, UPIDeposits, UPIFirstDeposit,
}

// lakh is 100,000 rupees, in paise.
const lakh = 100_000_00

// upiLimits are the most that one payment by UPI may be, in paise, as NPCI set them from 15 September 2025 on;
// those beyond one lakh are for merchants whom their bank has verified. A bank or app may allow less.
var upiLimits = map[UPICategory]int64{
	UPIGeneral: lakh, UPIVerified: 5 * lakh, UPICapitalMarkets: 5 * lakh, UPIInsurance: 5 * lakh, UPIGovernment: 5 * lakh, UPITravel: 5 * lakh,
	UPICreditCards: 5 * lakh, UPICollections: 5 * lakh, UPIJewellery: 2 * lakh, UPIHospitals: 5 * lakh, UPIEducation: 5 * lakh,
	UPIDeposits: 5 * lakh, UPIFirstDeposit: 2 * lakh,
}

// UPILimit is the most that one payment by UPI may be to a merchant of a category, in paise. A category that
// nobody said is the general one.
func UPILimit(c UPICategory) int64 {
	if limit, ok := upiLimits[c]; ok {
		return limit
	}
	return upiLimits[UPIGeneral]
}

// BeyondUPI tells that a payment in rupees is more than UPI allows the merchant.
func (s Settings) BeyondUPI(amount Money) bool {
	return amount.Currency == "INR" && amount.Minor > UPILimit(s.UPICategory)
}

package paylink

import "slices"

// Surcharge is what a payment by some methods costs the customer more.
type Surcharge struct {
	Rate    string   `json:"rate" maxLength:"8" pattern:"^[0-9]{1,3}(\\.[0-9]{1,4})?$" doc:"percent of all that is paid, as a decimal text of at most 4 decimals" example:"1.5"`
	Methods []Method `json:"methods" maxItems:"3" doc:"the methods that cost more; only those for which your country allows it"`
}

// surchargeMost is the largest surcharge in millionths of the amount, by the merchant's country and the
// method. It says what a merchant may ask of a consumer who pays at a distance. What does not stand here
// is refused: so is a country that nobody has looked at.
var surchargeMost = map[string]map[Method]int64{
	// UPI and RuPay have no merchant fee to pass on, and the central bank has merchants not pass the fee of
	// cards on. A fee on net banking, said before paying, is usual and not forbidden.
	"IN": {MethodNetbanking: 20_000},
	// What a card costs may be recovered where the card is not present; the ban is for in-store payments.
	"NZ": {MethodCard: 20_000},
	// Regulation 6A of the Consumer Rights (Payment Surcharges) Regulations 2012. The European Economic Area
	// stands nowhere here for the same reason: article 62 (4) of Directive (EU) 2015/2366.
	"GB": nil,
	// Credit cards only, and not in every state or province; a payment does not say beforehand whether a
	// card is a debit card.
	"US": nil, "CA": nil,
	// Up to the cost of acceptance, which differs by card, and being abolished.
	"AU": nil,
}

// SurchargeMost is the largest surcharge that a country allows on a method, in millionths of the amount;
// 0: none.
func SurchargeMost(country string, m Method) int64 { return surchargeMost[country][m] }

// Millionths is the rate in millionths; ok is false for a text that is no percentage.
func (s Surcharge) Millionths() (rate int64, ok bool) { return percentage(s.Rate) }

// SurchargeOn is what a payment of so much by the method costs more, rounded to a whole minor unit, half
// away from zero.
func (t Terms) SurchargeOn(amount int64, m Method) int64 {
	if t.Surcharge == nil || !slices.Contains(t.Surcharge.Methods, m) {
		return 0
	}
	rate, ok := t.Surcharge.Millionths()
	if !ok || amount < 0 || amount > MaxMinor {
		return 0 // neither passes where links are judged
	}
	return roundedQuotient(amount*rate, whole)
}

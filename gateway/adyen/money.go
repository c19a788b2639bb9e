package adyen

import (
	"errors"
	"math"

	"paylink"
	"paylink/gateway/paywire"
)

// amount is Adyen's form of money: whole minor units, by Adyen's own count of decimals.
type amount struct {
	Currency paylink.Currency `json:"currency"`
	Value    *int64           `json:"value"`
}

// decimals are those of the currencies in which Adyen departs from ISO 4217, as its list of currency codes says.
var decimals = map[paylink.Currency]int{"CLP": 2, "CVE": 0, "IDR": 0, "ISK": 2}

var errMoney = errors.New("the amount or its currency cannot be")

// shift is by how many decimals Adyen counts more than ISO 4217 does.
func shift(c paylink.Currency) (int, bool) {
	iso, known := c.Exponent()
	if own, other := decimals[c]; other {
		return own - iso, known
	}
	return 0, known
}

// toAdyen is money as Adyen counts it. A part of what Adyen counts as one cannot be asked for.
func toAdyen(m paylink.Money) (amount, error) {
	by, known := shift(m.Currency)
	value := m.Minor
	for ; by > 0; by-- {
		value *= 10
	}
	for ; by < 0; by++ {
		if value%10 != 0 {
			return amount{}, errMoney
		}
		value /= 10
	}
	if !known || !paywire.Possible(m) {
		return amount{}, errMoney
	}
	return amount{Currency: m.Currency, Value: &value}, nil
}

// money is what Adyen's amount means. It is above nothing and in whole minor units of ours.
func (a amount) money() (paylink.Money, error) {
	by, known := shift(a.Currency)
	if a.Value == nil || !known {
		return paylink.Money{}, errMoney
	}
	value := *a.Value
	for ; by > 0; by-- {
		if value%10 != 0 {
			return paylink.Money{}, errMoney
		}
		value /= 10
	}
	for ; by < 0; by++ {
		if value > math.MaxInt64/10 {
			return paylink.Money{}, errMoney
		}
		value *= 10
	}
	m := paylink.Money{Minor: value, Currency: a.Currency}
	if !paywire.Possible(m) {
		return paylink.Money{}, errMoney
	}
	return m, nil
}

package stripe

import (
	"errors"
	"strings"

	"paylink"
)

// currencies are those of Stripe's list of presentment currencies that are money in use.
var currencies = func() (list []paylink.Currency) {
	for _, c := range strings.Fields("INR USD EUR GBP AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BWP BYN BZD " +
		"CAD CDF CHF CLP CNY COP CRC CVE CZK DJF DKK DOP DZD EGP ETB FJD FKP GEL GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS ISK JMD JOD JPY " +
		"KES KGS KHR KMF KRW KWD KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD " +
		"OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RWF SAR SBD SCR SEK SGD SHP SLE SOS SRD SZL THB TJS TND TOP TRY TTD TWD TZS UAH UGX UYU " +
		"UZS VND VUV WST XAF XCD XOF XPF YER ZAR ZMW") {
		list = append(list, paylink.Currency(c))
	}
	return list
}()

// Stripe counts three currencies in another unit than ISO 4217 does: krónur and Ugandan shillings in hundredths
// that nobody has, ariary in whole ones. factor is how many of Stripe's units are one of ours, divisor how many
// of ours are one of Stripe's.
func unit(c paylink.Currency) (factor, divisor int64) {
	switch c {
	case "ISK", "UGX":
		return 100, 1
	case "MGA":
		return 1, 100
	}
	return 1, 1
}

// toUnits is money as Stripe counts it. An amount that Stripe has no number for is an error: of the currencies
// with three decimals it takes whole tens only.
func toUnits(m paylink.Money) (int64, error) {
	factor, divisor := unit(m.Currency)
	if decimals, _ := m.Currency.Exponent(); decimals == 3 && m.Minor%10 != 0 || m.Minor%divisor != 0 {
		return 0, errors.New("the currency has no such fraction at Stripe")
	}
	return m.Minor / divisor * factor, nil
}

// money is Stripe's number in ours. Its currencies are in small letters; all else is none. The error is for
// amounts that are no payment's: nothing, less, or more than paylink knows.
func money(units int64, currency string) (paylink.Money, error) {
	m, err := anyMoney(units, currency)
	if err == nil && m.Minor <= 0 {
		err = errors.New("the amount is nothing or less")
	}
	return m, err
}

// anyMoney is money for what may also be below zero.
func anyMoney(units int64, currency string) (paylink.Money, error) {
	m := paylink.Money{Currency: paylink.Currency(strings.ToUpper(currency))}
	_, known := m.Currency.Exponent()
	factor, divisor := unit(m.Currency)
	const most = paylink.MaxMinor * 100
	switch {
	case !known || currency != strings.ToLower(currency):
		return paylink.Money{}, errors.New("the currency is not one that we know")
	case units > most || units < -most || units%factor != 0:
		return paylink.Money{}, errors.New("the amount is beyond the largest, or a fraction")
	}
	m.Minor = units / factor * divisor
	if m.Minor > paylink.MaxMinor || m.Minor < -paylink.MaxMinor {
		return paylink.Money{}, errors.New("the amount is beyond the largest")
	}
	return m, nil
}

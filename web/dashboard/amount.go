package dashboard

import (
	"fmt"
	"strings"

	"paylink"
)

// parseAmount reads an amount as people type it, exactly, in minor units. why says what is wrong, for
// people, and is empty when nothing is. Limits of size are issue's to judge.
func parseAmount(text string, currency paylink.Currency) (minor int64, why string) {
	minor, fault := paylink.ReadAmount(text, currency)
	decimals, _ := currency.Exponent()
	switch fault {
	case "":
	case paylink.AmountNoCurrency:
		why = "Choose a currency first."
	case paylink.AmountEmpty:
		why = "Enter the amount."
	case paylink.AmountTooLarge:
		why = "The amount is too large."
	case paylink.AmountTooManyDecimals:
		if why = fmt.Sprintf("%s has %d decimals at most.", currency, decimals); decimals == 0 {
			why = fmt.Sprintf("%s has no decimals. Write a whole number.", currency)
		}
	default:
		why = "Write the amount with digits and a point only, such as " + sample(decimals) + "."
	}
	return minor, why
}

func sample(decimals int) string {
	if decimals == 0 {
		return "2450"
	}
	return "2450." + strings.Repeat("0", decimals)
}

package gateway

import "paylink/provider"

// Fields that an account with any gateway may have beside what its gateway asks for. Which account takes a
// payment is judged by them.
const (
	FieldMethods    = "methods"    // that the account takes; empty: each that its gateway takes
	FieldCurrencies = "currencies" // the same for currencies
	FieldAmounts    = "amounts"    // from and to which amounts, in minor units of a currency; one that is not named: any
	FieldFees       = "fees"       // of one payment by a method: basis points of it, and minor units beside them
	FieldShare      = "share"      // of the payments that are shared out, against the shares of the other accounts
)

// Usual describes those fields, as Capabilities describe a gateway's own.
func Usual() []provider.Field {
	const method, currency, bounds, fee = `[a-z_]{2,30}`, `[A-Z]{3}`, `[A-Z]{3}=[0-9]{0,13}-[0-9]{0,13}`, `[a-z_]{2,30}=[0-9]{1,4}(\+[0-9]{1,9})?`
	return []provider.Field{
		{
			Name: FieldMethods, Label: "methods it takes", Example: "card, upi",
			Help: "Empty: every method that the gateway takes.", Pattern: method + `(\s*,\s*` + method + `)*`,
		},
		{
			Name: FieldCurrencies, Label: "currencies it takes", Example: "INR, USD",
			Help: "Empty: every currency that the gateway takes.", Pattern: currency + `(\s*,\s*` + currency + `)*`, Most: 1000,
		},
		{
			Name: FieldAmounts, Label: "amounts it takes", Example: "INR=100-20000000",
			Help:    "The smallest and the largest amount of a currency, both in its smallest unit, such as paise; either may be left out.",
			Pattern: bounds + `(\s*,\s*` + bounds + `)*`, Most: 1000,
		},
		{
			Name: FieldFees, Label: "what a payment costs", Example: "card=200+300, upi=0",
			Help:    "By method: hundredths of a percent of the amount, and after a plus what each payment costs beside it in the smallest unit of its currency. The method any stands for all others.",
			Pattern: fee + `(\s*,\s*` + fee + `)*`, Most: 1000,
		},
		{
			Name: FieldShare, Label: "share of the payments", Example: "70",
			Help: "Where payments are shared out: of a hundred, or of whatever the shares of your accounts come to. Empty: 1.", Pattern: `[0-9]{1,4}`,
		},
	}
}

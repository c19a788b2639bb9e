package provider

// Fields that an account with any carrier may have beside what its provider asks for. Who is asked first,
// and who is not asked at all, is judged by them.
const (
	FieldCountries     = "countries"         // where the account carries to; empty: everywhere
	FieldPrice         = "price_per_hundred" // minor units of the merchant's currency; empty: the merchant's message_prices hold
	FieldCountryPrices = "country_prices"    // the same for single countries
)

// Usual describes those fields, as Capabilities describe a provider's own.
func Usual() []Field {
	const country = `[A-Za-z]{2}`
	return []Field{
		{
			Name: FieldCountries, Label: "countries it carries to", Example: "IN, LK",
			Help:    "Two letters each. Empty: everywhere.",
			Pattern: country + `(\s*,\s*` + country + `)*`, Most: 1000,
		},
		{
			Name: FieldPrice, Label: "price of a hundred messages", Example: "1800",
			Help:    "In the smallest unit of your currency, such as paise or cents. Empty: as your settings say.",
			Pattern: `[0-9]{1,9}`,
		},
		{
			Name: FieldCountryPrices, Label: "prices by country", Example: "IN=1800, LK=3500",
			Help:    "What a hundred messages cost to single countries, where it is another price.",
			Pattern: country + `=[0-9]{1,9}(\s*,\s*` + country + `=[0-9]{1,9})*`, Most: 1000,
		},
	}
}

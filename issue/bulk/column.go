package bulk

import (
	"crypto/sha256"
	"slices"
	"strings"

	"paylink"
)

// The fields that a column can mean. They are named as in the body of POST /v1/payment_links, those of
// objects with a dot between.
const (
	fieldAmount      = "amount"       // minor units
	fieldAmountMajor = "amount_major" // as people write it: 2450.00
	fieldCurrency    = "currency"     // blank: the merchant's
	fieldDescription = "description"
	fieldReference   = "reference"
	fieldName        = "customer.name"
	fieldPhone       = "customer.phone"
	fieldEmail       = "customer.email"
	fieldLocale      = "customer.locale"
	fieldExpiresIn   = "expires_in"
	fieldExpiresAt   = "expires_at" // a time, or a day in the merchant's zone
	fieldDueAt       = "due_at"     // likewise
	fieldChannels    = "channels"   // separated by commas or blanks
	fieldDelivery    = "delivery"   // whatsapp; sms after 60s unless delivered
	fieldMethods     = "methods"
	fieldUses        = "usage.max_payments" // a number: the link may be paid so often; blank: once
	fieldReturnURL   = "return_url"
	fieldNotes       = "notes"

	fieldMode        = "usage.mode"              // single or multi
	fieldFirst       = "partial.minimum_first"   // minor units; with _major behind, as people write them
	fieldLeast       = "partial.minimum"         // likewise
	fieldChosenLeast = "customer_amount.minimum" // likewise; the customer chooses the amount
	fieldChosenMost  = "customer_amount.maximum" // likewise
	fieldPromiseDays = "promises.max_days"       // how far ahead the customer may promise
	fieldRefresh     = "refresh.policy"          // automatic, approval, never
	fieldReminders   = "reminders"               // 2h, end-24h, due+3d; none
	fieldNotify      = "notify_expiry"           // yes or no
	fieldCodes       = "allow_discount_codes"    // separated by commas or blanks
	fieldProof       = "restrict.proof"          // phone_digits or code
	fieldCountries   = "restrict.countries"      // separated by commas or blanks
	fieldOnLate      = "on_late_payment"
	fieldOnDuplicate = "on_duplicate"
	fieldSuccess     = "success_text"
	fieldClosed      = "closed_text"
	fieldTermsURL    = "terms_url"

	major          = "_major"
	metadataPrefix = "metadata."
)

// Fields lists what a column can mean, in the order in which pages show it. Beside them a column can be
// "metadata." and a key.
var Fields = []string{
	fieldAmount, fieldAmountMajor, fieldCurrency, fieldReference, fieldDescription, fieldName, fieldPhone, fieldEmail, fieldLocale,
	fieldChannels, fieldDelivery, fieldExpiresIn, fieldExpiresAt, fieldDueAt, fieldMethods, fieldUses, fieldReturnURL, fieldNotes,
	fieldMode, fieldFirst, fieldFirst + major, fieldLeast, fieldLeast + major, fieldChosenLeast, fieldChosenLeast + major, fieldChosenMost, fieldChosenMost + major,
	fieldPromiseDays, fieldRefresh, fieldReminders, fieldNotify, fieldCodes, fieldProof, fieldCountries, fieldOnLate, fieldOnDuplicate,
	fieldSuccess, fieldClosed, fieldTermsURL,
}

// otherNames are what columns are called beside the names of the fields.
var otherNames = map[string]string{
	"name": fieldName, "customer": fieldName, "customer name": fieldName, "full name": fieldName,
	"phone": fieldPhone, "mobile": fieldPhone, "phone number": fieldPhone, "mobile number": fieldPhone, "customer phone": fieldPhone, "contact": fieldPhone,
	"email": fieldEmail, "e-mail": fieldEmail, "email address": fieldEmail, "customer email": fieldEmail, "mail": fieldEmail,
	"locale": fieldLocale, "language": fieldLocale,
	"amount minor": fieldAmount, "minor units": fieldAmount, "amount in paise": fieldAmount, "amount in cents": fieldAmount,
	"amount major": fieldAmountMajor,
	"order id":     fieldReference, "invoice": fieldReference, "invoice number": fieldReference, "reference id": fieldReference, "ref": fieldReference,
	"purpose": fieldDescription, "details": fieldDescription, "channel": fieldChannels, "delivery plan": fieldDelivery, "steps": fieldDelivery, "expiry": fieldExpiresAt, "due": fieldDueAt, "due date": fieldDueAt, "due by": fieldDueAt,
	"max payments": fieldUses, "discount codes": fieldCodes, "remind": fieldReminders, "proof": fieldProof, "countries": fieldCountries,
}

// ours begins the names of the columns that errors.csv adds; when it is uploaded again they say nothing.
const ours = "paylink_"

// guess says what columns mean by their names. What it does not know is left alone.
func guess(columns []string) Mapping {
	m := make(Mapping, len(columns))
	for i, column := range columns {
		field := fieldNamed(column)
		if field != "" && !slices.Contains(m[:i], field) {
			m[i] = field
		}
	}
	return m
}

func fieldNamed(column string) string {
	plain := strings.ToLower(column)
	if slices.Contains(Fields, plain) {
		return plain
	}
	if key, ok := strings.CutPrefix(column, metadataPrefix); ok && key != "" {
		return column
	}
	plain = strings.NewReplacer("_", " ", ".", " ").Replace(plain)
	for _, field := range Fields {
		if plain == strings.NewReplacer("_", " ", ".", " ").Replace(field) {
			return field
		}
	}
	return otherNames[plain]
}

// judge tells what is wrong with a mapping; nil when nothing is. priced tells that a row needs to say no amount.
func (m Mapping) judge(columns []string, priced bool) error {
	bad := &paylink.Invalid{}
	if len(m) != len(columns) {
		bad.Add("/mapping", "wrong_length", "The mapping needs an entry for each column.")
		return bad
	}
	for i, field := range m {
		key, metadata := strings.CutPrefix(field, metadataPrefix)
		switch {
		case field == "":
		case !slices.Contains(Fields, field) && (!metadata || key == ""):
			bad.Add("/mapping", "unknown_value", "A column is to mean a field that no link has.")
		case slices.Contains(m[:i], field):
			bad.Add("/mapping", "duplicate_value", "Two columns are to mean the same field.")
		}
	}
	for _, field := range []string{fieldAmount, fieldFirst, fieldLeast, fieldChosenLeast, fieldChosenMost} {
		if slices.Contains(m, field) && slices.Contains(m, field+major) {
			bad.Add("/mapping", "conflicting", "An amount is given either in minor or in major units.")
		}
	}
	says := func(field string) bool { return slices.Contains(m, field) || slices.Contains(m, field+major) }
	if !priced && !says(fieldAmount) && !says(fieldChosenLeast) && !says(fieldChosenMost) {
		bad.Add("/mapping", "no_amount_column", "No column says the amount. Call it amount for minor units, or amount_major for what people write.")
	}
	return bad.OrNil()
}

// heading is by what a merchant's columns are known again.
func heading(columns []string) []byte {
	sum := sha256.Sum256([]byte(strings.Join(columns, "\x00")))
	return sum[:]
}

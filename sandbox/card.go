package sandbox

import (
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"

	"paylink"
)

// testCard is a card that the pretend bank knows. There are no others: a real card typed here by
// mistake is turned away.
type testCard struct {
	Number    string // as printed, in groups of four
	Says      string // what the bank does with it, for the table of test values
	Outcome   outcome
	Decline   paylink.Decline
	Challenge bool
}

var testCards = []testCard{
	{Number: "4242 4242 4242 4242", Says: "paid", Outcome: success},
	{Number: "4000 0000 0000 3220", Says: "asks for 3-D Secure", Outcome: success, Challenge: true},
	{Number: "4000 0000 0000 0002", Says: "declined", Outcome: declined, Decline: notApproved},
	{Number: "4000 0000 0000 9995", Says: "insufficient funds", Outcome: declined, Decline: noFunds},
	{Number: "4000 0000 0000 0069", Says: "expired card", Outcome: declined, Decline: expiredCard},
	{Number: "4000 0000 0000 0127", Says: "wrong security code", Outcome: declined, Decline: wrongCode},
}

// findCard knows a card by its digits, however they are grouped.
func findCard(number string) (testCard, bool) {
	for _, c := range testCards {
		if strings.ReplaceAll(c.Number, " ", "") == number {
			return c, true
		}
	}
	return testCard{}, false
}

// cardForm is what the customer typed. Number and code live for one request: they are never kept,
// logged or shown again.
type cardForm struct {
	Number, Expiry, Code, Name string
	Outcome                    outcome // test help; empty: as the card says
}

// cardErrors are the sentences beside the fields; empty where a field is right.
type cardErrors struct{ Number, Expiry, Code, Name string }

func (e cardErrors) any() bool { return e != cardErrors{} }

func readCard(r *http.Request) cardForm {
	return cardForm{
		Number:  strings.NewReplacer(" ", "", "-", "").Replace(r.PostFormValue("number")),
		Expiry:  strings.TrimSpace(r.PostFormValue("expiry")),
		Code:    strings.TrimSpace(r.PostFormValue("code")),
		Name:    strings.TrimSpace(r.PostFormValue("name")),
		Outcome: outcome(r.PostFormValue("outcome")),
	}
}

// check judges every field at once, as of now.
func (f cardForm) check(now time.Time) (e cardErrors) {
	_, known := findCard(f.Number)
	switch {
	case f.Number == "":
		e.Number = "Enter the card number."
	case !luhn(f.Number):
		e.Number = "Check the card number: a digit is wrong or missing."
	case !known:
		e.Number = "This is a pretend bank. Use one of the test cards below, never a real one."
	}
	switch month, ok := readExpiry(f.Expiry); {
	case !ok:
		e.Expiry = "Enter month and year, like 09 / 30."
	case !now.Before(month.AddDate(0, 1, 0)):
		e.Expiry = "This date has passed."
	}
	if (len(f.Code) != 3 && len(f.Code) != 4) || strings.Trim(f.Code, "0123456789") != "" {
		e.Code = "Enter the 3 digits on the back."
	}
	if f.Name == "" || len(f.Name) > 100 || strings.ContainsFunc(f.Name, unicode.IsControl) {
		e.Name = "Enter the name as it stands on the card."
	}
	return e
}

// readExpiry reads "09/30", "09 / 30" and "09/2030" as the first moment of that month.
func readExpiry(text string) (time.Time, bool) {
	mm, yy, ok := strings.Cut(strings.ReplaceAll(text, " ", ""), "/")
	month, errMonth := strconv.Atoi(mm)
	year, errYear := strconv.Atoi(yy)
	if !ok || errMonth != nil || errYear != nil || month < 1 || month > 12 || year < 0 || (len(yy) != 2 && len(yy) != 4) {
		return time.Time{}, false
	}
	if len(yy) == 2 {
		year += 2000
	}
	return time.Date(year, time.Month(month), 1, 0, 0, 0, 0, time.UTC), true
}

// luhn tells whether a number of 12 to 19 digits carries the check digit of ISO/IEC 7812.
func luhn(number string) bool {
	if len(number) < 12 || len(number) > 19 {
		return false
	}
	sum := 0
	for i, c := range number {
		if c < '0' || c > '9' {
			return false
		}
		d := int(c - '0')
		if (len(number)-i)%2 == 0 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

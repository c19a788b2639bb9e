package adyen

import (
	"regexp"
	"slices"
	"strings"

	"paylink"
)

// offered names the methods of Adyen's that the page shows for one of ours. UPI Collect, where the customer
// types an address, is not among them.
var offered = map[paylink.Method][]string{
	paylink.MethodCard:       {"scheme"},
	paylink.MethodUPI:        {"upi_intent", "upi_qr"},
	paylink.MethodNetbanking: {"onlinebanking_IN"},
}

// indian are the methods that India's banks take in rupees only.
var indian = []paylink.Method{paylink.MethodUPI, paylink.MethodNetbanking}

// schemes are the names by which notices tell a card's scheme.
var schemes = []string{
	"amex", "bcmc", "carnet", "cartebancaire", "cup", "dankort", "diners", "discover", "eftpos_australia", "elo", "hipercard", "jcb",
	"maestro", "mc", "nyce", "pulse", "rupay", "star", "troy", "visa", "visadankort", "vpay",
}

// word is what a name of a method looks like.
var methodWord = regexp.MustCompile(`^[A-Za-z0-9_]{1,64}$`)

// methodOf is how a notice's method was paid by, and which scheme's card it was. Adyen has hundreds of methods
// and adds to them: one that we do not know is told as none, and stays what the customer chose.
func methodOf(said string) (m paylink.Method, network string, ok bool) {
	lower := strings.ToLower(said)
	switch {
	case !methodWord.MatchString(said):
		return "", "", false
	case lower == "upi" || strings.HasPrefix(lower, "upi_"):
		return paylink.MethodUPI, "", true
	case strings.HasPrefix(lower, "onlinebanking") || strings.HasPrefix(lower, "ebanking") || lower == "netbanking":
		return paylink.MethodNetbanking, "", true
	case lower == "mc":
		return paylink.MethodCard, "mastercard", true
	case slices.Contains(schemes, lower):
		return paylink.MethodCard, lower, true
	}
	return "", "", true
}

package payu

import (
	"errors"
	"regexp"
	"strings"
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/gateway/paywire"
	"paylink/provider"
)

// transaction is PayU's word about an order, from a notice or an answer.
type transaction struct {
	txnid, account, status, unmapped string
	amount                           string // decimal rupees
	mode, bankcode, bankReference    string
	card                             string // masked: 512345XXXXXX2346
	code, message                    string
	added                            string // by PayU's clock
	reserves                         bool   // its money is captured later
}

// india is the zone of PayU's clock.
var india = time.FixedZone("IST", 5*60*60+30*60)

// methods are PayU's modes in our words. What a customer chose on the page beside those that we offer has no
// word of ours: the payment keeps the method by which it began.
var methods = map[string]paylink.Method{
	"CC": paylink.MethodCard, "DC": paylink.MethodCard, "EMI": paylink.MethodCard, "UPI": paylink.MethodUPI, "QR": paylink.MethodUPI, "NB": paylink.MethodNetbanking,
	"CASH": "", "NEFTRTGS": "", "BNPL": "", "LR": "", "": "",
}

// waiting are the words of PayU for a customer who has still to do something on its page.
var waiting = []string{"initiated", "started", "bounced", "dropped", "usercancelled"}

var masked = regexp.MustCompile(`^[0-9X*]*[X*][0-9]{4}$`)

// word refuses a transaction that cannot be and gives it in the port's terms. PayU takes one success for an
// order, so the order's name names the payment too: PayU's own number is not among what it signs.
func (t transaction) word() (gateway.Word, error) {
	status, known := t.state()
	method, takes := methods[strings.ToUpper(t.mode)]
	amount, err := paywire.ParseDecimal(t.amount, rupees)
	at, bad := time.ParseInLocation(time.DateTime, t.added, india)
	switch {
	case !paywire.IsReference(t.txnid):
		return gateway.Word{}, errors.New("the reference is not 20 characters of A–Z and 0–9")
	case !known:
		return gateway.Word{}, errors.New("the status is not one that we know")
	case err != nil || !paywire.Possible(amount):
		return gateway.Word{}, errors.New("the amount cannot be")
	case !takes:
		return gateway.Word{}, errors.New("the method is not one that we know")
	case bad != nil:
		return gateway.Word{}, errors.New("it has no time")
	case t.card != "" && !masked.MatchString(t.card) || len(t.card) > 24:
		return gateway.Word{}, errors.New("the card number is not masked")
	case !paywire.Plain(t.bankReference, 64) || !paywire.Plain(t.bankcode, 64) || !paywire.Plain(t.message, 1000):
		return gateway.Word{}, errors.New("a text is too long or holds control characters")
	}
	w := gateway.Word{
		Reference: t.txnid, Order: t.txnid, Amount: amount, Status: status, Method: method, Details: t.details(method), At: at.UTC(), Decline: t.decline(status, method),
	}
	if status == paylink.PaymentCaptured || status == paylink.PaymentAuthorised || status == paylink.PaymentFailed {
		w.GatewayReference, w.BankReference = t.txnid, t.bankReference
	}
	return w, nil
}

// state is the transaction's in our words.
func (t transaction) state() (paylink.PaymentStatus, bool) {
	unmapped := strings.ToLower(t.unmapped)
	switch strings.ToLower(t.status) {
	case "success":
		if unmapped == "auth" || t.reserves {
			return paylink.PaymentAuthorised, true
		}
		return paylink.PaymentCaptured, true
	case "failure":
		return paylink.PaymentFailed, true
	case "pending":
		for _, word := range waiting {
			if unmapped == word {
				return paylink.PaymentActionRequired, true
			}
		}
		return paylink.PaymentPending, true
	}
	return "", false
}

func (t transaction) details(m paylink.Method) (d paylink.MethodDetails) {
	if t.card != "" {
		d.Last4 = t.card[len(t.card)-4:]
	}
	if m == paylink.MethodNetbanking {
		d.Bank = t.bankcode
	}
	return d
}

// declines are words in PayU's sentences, in the order in which they count. Its codes have no list that was to
// be had.
var declines = []struct{ part, group string }{
	{"insufficient", "insufficient_funds"}, {"expired card", "expired_card"}, {"card expired", "expired_card"}, {"card has expired", "expired_card"},
	{"otp", "wrong_code"}, {"cvv", "wrong_code"}, {"incorrect pin", "wrong_code"}, {"invalid pin", "wrong_code"}, {"authenticat", "authentication_failed"},
	{"timed out", "timeout"}, {"timeout", "timeout"}, {"time out", "timeout"}, {"expired", "timeout"}, {"unavailable", "provider_down"}, {"technical", "provider_down"},
}

func (t transaction) decline(status paylink.PaymentStatus, m paylink.Method) paylink.Decline {
	if status != paylink.PaymentFailed {
		return paylink.Decline{}
	}
	d := paylink.Decline{Group: "not_approved", Code: provider.SafeCode(t.code, "failed"), Message: provider.SafeWords(t.message)}
	if m == paylink.MethodUPI {
		d.Group = "upi_declined"
	}
	said := strings.ToLower(t.message)
	for _, c := range declines {
		if strings.Contains(said, c.part) {
			d.Group = c.group
			break
		}
	}
	return d
}

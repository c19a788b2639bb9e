package razorpay

import (
	"errors"
	"slices"
	"strings"
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/gateway/paywire"
	"paylink/provider"
	"paylink/provider/httpwire"
)

// payment is Razorpay's word about one try to pay an order.
type payment struct {
	ID               string           `json:"id"`
	Amount           int64            `json:"amount"`
	Currency         paylink.Currency `json:"currency"`
	Status           string           `json:"status"`
	OrderID          string           `json:"order_id"`
	Method           string           `json:"method"`
	Captured         bool             `json:"captured"`
	Bank             string           `json:"bank"`
	Notes            notes            `json:"notes"`
	Fee              int64            `json:"fee"` // with its tax; in rupees whatever the currency
	Tax              int64            `json:"tax"`
	ErrorCode        string           `json:"error_code"`
	ErrorDescription string           `json:"error_description"`
	ErrorReason      string           `json:"error_reason"`
	CreatedAt        int64            `json:"created_at"`

	Card struct {
		Last4   string `json:"last4"`
		Network string `json:"network"`
	} `json:"card"`
	Acquirer struct {
		RRN  httpwire.Word `json:"rrn"`
		Auth httpwire.Word `json:"auth_code"`
		Bank httpwire.Word `json:"bank_transaction_id"`
	} `json:"acquirer_data"`
}

// methods are Razorpay's ways to pay in our words. What a customer chose on the hosted page beside those that
// we offer has no word of ours: the payment keeps the method by which it began.
var methods = map[string]paylink.Method{
	"card": paylink.MethodCard, "emi": paylink.MethodCard, "upi": paylink.MethodUPI, "netbanking": paylink.MethodNetbanking,
	"wallet": "", "paylater": "", "cardless_emi": "", "bank_transfer": "", "emandate": "", "nach": "", "cod": "", "app": "",
}

// status is the payment's in our words. Money that was refunded was captured before; one that was not, is an
// authorisation that Razorpay gave back.
func (p payment) status() (paylink.PaymentStatus, bool) {
	switch p.Status {
	case "created":
		return paylink.PaymentActionRequired, true
	case "authorized":
		return paylink.PaymentAuthorised, true
	case "captured":
		return paylink.PaymentCaptured, true
	case "refunded":
		if p.Captured {
			return paylink.PaymentCaptured, true
		}
		return paylink.PaymentVoided, true
	case "failed":
		return paylink.PaymentFailed, true
	}
	return "", false
}

// rank orders the payments of one order by what they say of it.
func (p payment) rank() int {
	status, _ := p.status()
	return slices.Index([]paylink.PaymentStatus{
		paylink.PaymentFailed, paylink.PaymentVoided, paylink.PaymentActionRequired, paylink.PaymentAuthorised, paylink.PaymentCaptured,
	}, status)
}

// word refuses a payment that cannot be and gives it in the port's terms. Its time is when it began, because
// Razorpay tells no other.
func (p payment) word(reference string) (gateway.Word, error) {
	status, known := p.status()
	method, takes := methods[p.Method]
	amount := paylink.Money{Minor: p.Amount, Currency: p.Currency}
	bank := string(p.Acquirer.RRN) + string(p.Acquirer.Bank)
	if bank == "" {
		bank = string(p.Acquirer.Auth)
	}
	switch {
	case !paywire.IsReference(reference):
		return gateway.Word{}, errors.New("the reference is not 20 characters of A–Z and 0–9")
	case !known:
		return gateway.Word{}, errors.New("the status is not one that we know")
	case !paywire.IsID(p.ID) || p.OrderID != "" && !paywire.IsID(p.OrderID): // that of a QR code has no order
		return gateway.Word{}, errors.New("the payment has no id, or its order one that cannot be")
	case !paywire.Possible(amount):
		return gateway.Word{}, errors.New("the amount or its currency cannot be")
	case !takes:
		return gateway.Word{}, errors.New("the method is not one that we know")
	case p.Fee < 0 || p.Tax < 0 || p.Tax > p.Fee || p.Currency == "INR" && p.Fee > p.Amount:
		return gateway.Word{}, errors.New("fee and tax are not within the amount")
	case p.CreatedAt <= 0:
		return gateway.Word{}, errors.New("it has no time")
	case !p.plain() || !paywire.Plain(bank, 64):
		return gateway.Word{}, errors.New("a text is too long or holds control characters")
	}
	w := gateway.Word{
		Reference: reference, Order: p.OrderID, GatewayReference: p.ID, BankReference: bank, Amount: amount, Status: status,
		Method: method, Details: p.details(), Decline: p.decline(status), At: time.Unix(p.CreatedAt, 0).UTC(),
	}
	if p.Currency == "INR" {
		w.Fee, w.Tax = p.Fee-p.Tax, p.Tax
	}
	return w, nil
}

// plain tells whether each text is one that may stand in a database and on a page. A last four that is not
// four digits could be a whole card number.
func (p payment) plain() bool {
	if p.Card.Last4 != "" && (len(p.Card.Last4) != 4 || strings.Trim(p.Card.Last4, "0123456789") != "") {
		return false
	}
	return paywire.Plain(p.Bank, 64) && paywire.Plain(p.Card.Network, 64) && paywire.Plain(p.ErrorDescription, 1000)
}

// networks are card schemes as our pages know them, where Razorpay's word in small letters is another.
var networks = map[string]string{"american express": "amex", "diners club": "diners", "unknown": ""}

func (p payment) details() paylink.MethodDetails {
	network := strings.ToLower(p.Card.Network)
	if word, other := networks[network]; other {
		network = word
	}
	return paylink.MethodDetails{Network: network, Last4: p.Card.Last4, Bank: p.Bank}
}

// decline puts a refusal into our groups. The reason says most; the code alone tells only who failed.
func (p payment) decline(status paylink.PaymentStatus) paylink.Decline {
	if status != paylink.PaymentFailed {
		return paylink.Decline{}
	}
	code := p.ErrorReason
	if code == "" {
		code = p.ErrorCode
	}
	return paylink.Decline{Group: group(p), Code: provider.SafeCode(code, "unknown"), Message: provider.SafeWords(p.ErrorDescription)}
}

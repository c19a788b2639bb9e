package cashfree

import (
	"errors"
	"regexp"
	"strings"

	"paylink"
	"paylink/gateway"
	"paylink/gateway/paywire"
	"paylink/provider"
	"paylink/provider/httpwire"
)

// payment is one try to pay an order, in a look-up and in a notice.
type payment struct {
	ID            httpwire.Word    `json:"cf_payment_id"` // a text, and a number in older versions
	Order         string           `json:"order_id"`
	OrderAmount   number           `json:"order_amount"`
	OrderCurrency paylink.Currency `json:"order_currency"`
	Amount        number           `json:"payment_amount"`
	Currency      paylink.Currency `json:"payment_currency"`
	Status        string           `json:"payment_status"`
	Message       string           `json:"payment_message"`
	Captured      *bool            `json:"is_captured"`
	Began         string           `json:"payment_time"`
	Ended         string           `json:"payment_completion_time"`
	BankReference httpwire.Word    `json:"bank_reference"`
	Group         string           `json:"payment_group"`
	Method        method           `json:"payment_method"`
	Error         *failure         `json:"error_details"`
	Authorization *struct {
		Action   string `json:"action"`
		Status   string `json:"status"`
		Captured number `json:"captured_amount"`
		At       string `json:"action_time"`
	} `json:"authorization"`
}

// method is how it was paid. What names the customer's account is not read.
type method struct {
	Card struct {
		Number  string `json:"card_number"` // masked
		Network string `json:"card_network"`
		Bank    string `json:"card_bank_name"`
	} `json:"card"`
	Netbanking struct {
		Bank string `json:"netbanking_bank_name"`
	} `json:"netbanking"`
}

type failure struct {
	Code        string `json:"error_code"`
	Description string `json:"error_description"`
	Reason      string `json:"error_reason"`
	Raw         string `json:"error_code_raw"`
}

// rank orders the tries of one customer: money that moved counts before money that may, and that before none.
func (p payment) rank() int {
	switch p.Status {
	case "SUCCESS", "VOID":
		return 4
	case "PENDING":
		return 3
	case "FAILED", "CANCELLED", "USER_DROPPED":
		return 2
	case "NOT_ATTEMPTED", "":
		return 0
	}
	return 1
}

// word refuses a payment that cannot be and gives it in the port's terms.
func (p payment) word(a gateway.Account, reference string) (gateway.Word, error) {
	sum, err := p.sum()
	how, known := methodOf(p.Group)
	status, told := p.status(a)
	switch {
	case err != nil:
		return gateway.Word{}, err
	case !known:
		return gateway.Word{}, errors.New("the method is no name of one")
	case !told:
		return gateway.Word{}, errors.New("the status is not one that we know")
	case !paywire.IsID(string(p.ID)):
		return gateway.Word{}, errors.New("it names no payment")
	case !p.plain():
		return gateway.Word{}, errors.New("a text is too long or holds control characters")
	}
	w := gateway.Word{
		Reference: reference, GatewayReference: string(p.ID), BankReference: string(p.BankReference), Amount: sum, Status: status,
		Method: how, Details: p.details(how), At: when(p.Ended),
	}
	if w.At.IsZero() {
		w.At = when(p.Began)
	}
	if z := p.Authorization; z != nil && z.Status == "SUCCESS" && (status == paylink.PaymentCaptured || status == paylink.PaymentVoided) && !when(z.At).IsZero() {
		w.At = when(z.At)
	}
	if w.At.IsZero() {
		return gateway.Word{}, errors.New("it has no time")
	}
	if status == paylink.PaymentFailed {
		w.Decline = p.decline()
	}
	return w, nil
}

// sum is what came of what was asked. Cashfree tells the order's amount and the payment's, which differ by a
// fee that the customer pays to Cashfree, by a discount of Cashfree's, and where another currency was paid.
func (p payment) sum() (paylink.Money, error) {
	asked, err := paywire.ParseDecimal(string(p.OrderAmount), p.OrderCurrency)
	if err != nil {
		return paylink.Money{}, err
	}
	paid, err := paywire.ParseDecimal(string(p.Amount), p.Currency)
	switch {
	case err != nil:
		return paylink.Money{}, err
	case paid.Currency == asked.Currency && paid.Minor < asked.Minor:
		asked = paid
	}
	if z := p.Authorization; z != nil && z.Action == "CAPTURE" && z.Status == "SUCCESS" && z.Captured != "" {
		if asked, err = paywire.ParseDecimal(string(z.Captured), asked.Currency); err != nil {
			return paylink.Money{}, err
		}
	}
	if !paywire.Possible(asked) {
		return paylink.Money{}, errors.New("the amount or its currency cannot be")
	}
	return asked, nil
}

// status is the payment's in our terms. A success that is not captured yet is reserved; where Cashfree does not
// say, the account's setting does: it reserves by cards.
func (p payment) status(a gateway.Account) (paylink.PaymentStatus, bool) {
	switch p.Status {
	case "SUCCESS":
		z := p.Authorization
		how, _ := methodOf(p.Group)
		switch {
		case z != nil && z.Action == "VOID" && z.Status == "SUCCESS":
			return paylink.PaymentVoided, true
		case p.Captured != nil && *p.Captured, p.Captured == nil && (a.Fields[fieldPreauth] != "on" || how != paylink.MethodCard):
			return paylink.PaymentCaptured, true
		}
		return paylink.PaymentAuthorised, true
	case "VOID":
		return paylink.PaymentVoided, true
	case "PENDING":
		return paylink.PaymentPending, true
	case "FAILED", "CANCELLED", "USER_DROPPED":
		return paylink.PaymentFailed, true
	}
	return "", false
}

// plain tells whether each text may stand in a database and on a page.
func (p payment) plain() bool {
	e := p.Error
	return (e == nil || paywire.Plain(e.Description, 1000) && paywire.Plain(e.Reason, 200)) && paywire.Plain(p.Message, 1000) &&
		paywire.Plain(string(p.BankReference), 64) && paywire.Plain(p.Method.Card.Network, 64) &&
		paywire.Plain(p.Method.Card.Bank, 128) && paywire.Plain(p.Method.Netbanking.Bank, 128)
}

var groupWord = regexp.MustCompile(`^[a-z0-9_]{1,64}$`)

// methodOf puts Cashfree's group of methods into ours. One that is none of ours is told as none, and stays what
// the customer chose.
func methodOf(group string) (paylink.Method, bool) {
	switch {
	case !groupWord.MatchString(group):
		return "", false
	case group == "net_banking":
		return paylink.MethodNetbanking, true
	case group == "upi" || strings.HasPrefix(group, "upi_"):
		return paylink.MethodUPI, true
	case strings.HasPrefix(group, "credit_card") || strings.HasPrefix(group, "debit_card") || group == "prepaid_card":
		return paylink.MethodCard, true
	}
	return "", true
}

var lastFour = regexp.MustCompile(`^[Xx*• ]{2,20}([0-9]{4})$`)

func (p payment) details(m paylink.Method) (d paylink.MethodDetails) {
	switch m {
	case paylink.MethodCard:
		d.Network, d.Bank = strings.ToLower(p.Method.Card.Network), p.Method.Card.Bank
		if four := lastFour.FindStringSubmatch(p.Method.Card.Number); four != nil {
			d.Last4 = four[1]
		}
	case paylink.MethodNetbanking:
		d.Bank = p.Method.Netbanking.Bank
	}
	return d
}

// declines are words of Cashfree's reasons by our groups, the first that is in one counts. One that none is in
// is a plain no.
var declines = []struct{ word, group string }{
	{"insufficient", "insufficient_funds"}, {"limit", "insufficient_funds"}, {"expired_card", "expired_card"}, {"card_expired", "expired_card"},
	{"otp", "wrong_code"}, {"cvv", "wrong_code"}, {"pin", "wrong_code"}, {"authentication", "authentication_failed"}, {"3ds", "authentication_failed"},
	{"timeout", "timeout"}, {"timed_out", "timeout"}, {"dropped", "timeout"}, {"expired", "timeout"}, {"abandon", "timeout"},
	{"unavailable", "provider_down"}, {"gateway", "provider_down"}, {"technical", "provider_down"}, {"server", "provider_down"}, {"network", "provider_down"},
}

func (p payment) decline() paylink.Decline {
	said := failure{}
	if p.Error != nil {
		said = *p.Error
	}
	words := strings.ToLower(strings.Join([]string{said.Reason, said.Code, strings.ReplaceAll(said.Description, " ", "_"), p.Status}, " "))
	code := said.Reason
	if code == "" {
		code = said.Code
	}
	if code == "" {
		code = p.Status
	}
	d := paylink.Decline{Group: "not_approved", Code: provider.SafeCode("cashfree_"+strings.ToLower(code), "refused"), Message: provider.SafeWords(said.Description)}
	if how, _ := methodOf(p.Group); how == paylink.MethodUPI {
		d.Group = "upi_declined"
	}
	if d.Message == "" {
		d.Message = provider.SafeWords(p.Message)
	}
	for _, c := range declines {
		if strings.Contains(words, c.word) {
			d.Group = c.group
			break
		}
	}
	return d
}

package sandbox

import (
	"cmp"
	"crypto/hmac"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"paylink"
)

// orderRequest is what a merchant's gateway client sends.
type orderRequest struct {
	Reference    string           `json:"reference"`
	Amount       int64            `json:"amount"`
	Currency     paylink.Currency `json:"currency"`
	Method       paylink.Method   `json:"method"`
	Description  string           `json:"description"`
	MerchantName string           `json:"merchant_name"`
	ReturnURL    string           `json:"return_url"`
	NotifyURL    string           `json:"notify_url"`
	ExpiresAt    time.Time        `json:"expires_at"`
	Manual       bool             `json:"manual"` // reserve only
}

// orderFor is how long a customer may take when the merchant does not say.
const orderFor = 30 * time.Minute

var (
	accountForm   = regexp.MustCompile(`^mer_[0-9a-z]{1,40}\.acct_[0-9a-z]{1,40}$`)
	referenceForm = regexp.MustCompile(`^[A-Z0-9]{20}$`)
)

// createOrder takes an order, or answers the one that it has under this reference.
func (s *Sandbox) createOrder(w http.ResponseWriter, r *http.Request) {
	account, ok := s.login(w, r)
	if !ok {
		return
	}
	var req orderRequest
	if !s.readJSON(w, r, &req) {
		return
	}
	if field, ok := req.wrong(); ok {
		gatewayError(w, http.StatusUnprocessableEntity, "invalid_value", "The value of "+field+" cannot be.")
		return
	}
	o, fresh := s.takeOrder(account, req)
	switch {
	case fresh:
		s.log.Info("sandbox.ordered", "order", o.ID, "account", account, "method", o.Method)
		answer(w, http.StatusCreated, s.started(o))
	case o.Amount != req.money() || o.Method != req.Method || o.Manual != req.Manual:
		gatewayError(w, http.StatusConflict, "reference_in_use", "This reference stands for another order.")
	default:
		answer(w, http.StatusOK, s.started(o))
	}
}

// takeOrder remembers an order and answers a copy. fresh is false when there was one under this
// reference.
func (s *Sandbox) takeOrder(account string, req orderRequest) (o order, fresh bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if known := s.world.byReference[[2]string{account, req.Reference}]; known != nil {
		return *known, false
	}
	now := s.now()
	taken := &order{
		ID: newID("sbx_ord"), Page: newPage(), Account: account, Reference: req.Reference, Amount: req.money(), Method: req.Method,
		Description: req.Description, MerchantName: req.MerchantName, ReturnURL: req.ReturnURL, NotifyURL: req.NotifyURL,
		MadeAt: now, ExpiresAt: req.ExpiresAt.UTC(), Manual: req.Manual, Status: paylink.PaymentCreated,
	}
	if req.ExpiresAt.IsZero() {
		taken.ExpiresAt = now.Add(orderFor)
	}
	s.world.addOrder(taken)
	s.keepOrder(taken, now)
	return *taken, true
}

func (r orderRequest) money() paylink.Money {
	return paylink.Money{Minor: r.Amount, Currency: r.Currency}
}

// lookUpOrder says where an order stands. While the bank is silent, so is the gateway.
func (s *Sandbox) lookUpOrder(w http.ResponseWriter, r *http.Request) {
	account, ok := s.login(w, r)
	if !ok {
		return
	}
	s.mu.Lock()
	known := s.world.byReference[[2]string{account, r.PathValue("reference")}]
	var o order
	if known != nil {
		o = *known
	}
	s.mu.Unlock()
	switch {
	case known == nil:
		gatewayError(w, http.StatusNotFound, "order_unknown", "There is no order under this reference.")
	case o.Status == paylink.PaymentUnknown:
		gatewayError(w, http.StatusGatewayTimeout, "bank_silent", "The bank has not answered.")
	default:
		answer(w, http.StatusOK, wordOn(o, o.Payment))
	}
}

// wrong names the first field whose value cannot be.
func (r orderRequest) wrong() (field string, found bool) {
	_, money := r.Currency.Exponent()
	switch {
	case !referenceForm.MatchString(r.Reference):
		return "reference", true
	case r.Amount <= 0 || r.Amount > paylink.MaxMinor:
		return "amount", true
	case !money:
		return "currency", true
	case r.Method != paylink.MethodCard && r.Method != paylink.MethodUPI && r.Method != paylink.MethodNetbanking:
		return "method", true
	case r.Manual && r.Method == paylink.MethodNetbanking: // a bank transfer reserves nothing
		return "manual", true
	case len(r.Description) > 1000:
		return "description", true
	case len(r.MerchantName) > 200:
		return "merchant_name", true
	case !isWeb(r.ReturnURL):
		return "return_url", true
	case !isWeb(r.NotifyURL):
		return "notify_url", true
	}
	return "", false
}

type action struct {
	Kind   paylink.ActionKind `json:"kind"`
	URL    string             `json:"url"`
	Intent string             `json:"intent,omitempty"`
}

type startedOrder struct {
	ID        string                `json:"id"`
	Reference string                `json:"reference"`
	Status    paylink.PaymentStatus `json:"status"`
	Action    action                `json:"action"`
	ExpiresAt time.Time             `json:"expires_at"`
}

// started answers an order with what its customer has to do.
func (s *Sandbox) started(o order) startedOrder {
	a := action{Kind: paylink.ActionRedirect, URL: strings.TrimRight(s.cfg.URL, "/") + "/bank/" + string(o.Method) + "/" + o.Page}
	if o.Method == paylink.MethodUPI {
		a = action{Kind: paylink.ActionApprove, URL: strings.TrimRight(s.cfg.URL, "/") + "/upi/" + o.Page, Intent: intent(o)}
	}
	return startedOrder{ID: o.ID, Reference: o.Reference, Status: o.Status, Action: a, ExpiresAt: o.ExpiresAt}
}

// intent writes the text that opens a UPI app, in the order of NPCI's linking specification.
func intent(o order) string {
	escape := func(text string) string { return strings.ReplaceAll(url.QueryEscape(text), "+", "%20") }
	return "upi://pay?pa=merchant@sandbox&pn=" + escape(cmp.Or(o.MerchantName, "Merchant")) + "&tr=" + o.Reference +
		"&am=" + o.Amount.Decimal() + "&cu=" + string(o.Amount.Currency) + "&tn=" + escape(cmp.Or(o.Description, "Payment"))
}

// login tells which account calls. ok is false when the refusal has been written.
func (s *Sandbox) login(w http.ResponseWriter, r *http.Request) (account string, ok bool) {
	account, password, _ := r.BasicAuth()
	if accountForm.MatchString(account) && hmac.Equal([]byte(password), []byte(s.password(account))) {
		return account, true
	}
	w.Header().Set("WWW-Authenticate", `Basic realm="sandbox"`)
	gatewayError(w, http.StatusUnauthorized, "bad_credentials", "The account or its password is wrong.")
	return "", false
}

// gatewayError refuses in the gateway's and the carriers' own shape.
func gatewayError(w http.ResponseWriter, status int, code, message string) {
	type detail struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	}
	answer(w, status, map[string]detail{"error": {code, message}})
}

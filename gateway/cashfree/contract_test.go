package cashfree_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/gateway/cashfree"
	"paylink/gateway/gatewaytest"
	"paylink/outbound"
)

func client(t testing.TB) *outbound.Client {
	c := outbound.New(outbound.Options{AllowLoopback: true})
	t.Cleanup(c.Close)
	return c
}

// Cashfree takes orders otherwise than checkout and confirm believe.
func TestCashfreeKeepsTheContractOfGateways(t *testing.T) {
	gatewaytest.Run(t, func(t *testing.T) (gateway.Gateway, gateway.Account, gatewaytest.World) {
		f, far := serve(t)
		a, stranger := account(far), account(far)
		stranger.ID, stranger.Merchant = "acct_01kbb", "mer_01kbb"
		stranger.Fields = map[string]string{"client_id": "TEST00000000000000000000000000000002", "phone": "9000000000"}
		stranger.Secret = secrets[stranger.Fields["client_id"]]
		// An account reserves the money of all cards, or of none: what is told of reserved money needs one that does.
		if strings.Contains(t.Name(), "reserved") || strings.Contains(t.Name(), "captures_and_voids") {
			f.bank, a.Fields["preauthorisation"] = "reserves", "on"
		}
		return cashfree.New(client(t)), a, gatewaytest.World{
			Far: far, Now: time.Now, Stranger: stranger, Pay: pay,
			Header: "X-Webhook-Signature", Stamped: true, Sign: sign,
			Spoil: spoil, Untold: []string{"a fee above the amount", "no account"},
			// A notice of a payment tells when it was posted, the look-up when the payment ended.
			Found: func(told, found gateway.Word) gateway.Word { told.At = found.At; return told },
			Ahead: func(d time.Duration) {
				f.mu.Lock()
				defer f.mu.Unlock()
				f.ahead = d
			},
			Refunding: &gatewaytest.Refunding{
				Next: func(_ *testing.T, fate gatewaytest.Fate) {
					f.mu.Lock()
					defer f.mu.Unlock()
					f.fates = append(f.fates, string(fate))
				},
				Fates: []gatewaytest.Fate{gatewaytest.Refuses, gatewaytest.Waits}, Repeats: true,
				Elsewhere: func(_ *testing.T, of gateway.Known, sum paylink.Money) {
					f.mu.Lock()
					defer f.mu.Unlock()
					l := f.links[clientID+"/"+of.Reference]
					f.refund(l, l.orders[0]["order_id"].(string), "refund-from-the-dashboard", map[string]any{"refund_amount": json.Number(sum.Decimal())})
				},
				Spoil: spoilRefund,
			},
		}
	})
}

// pay does what the customer does on the page of a link.
func pay(t *testing.T, s gateway.Started, approves bool) {
	t.Helper()
	answer := map[bool]string{true: "true", false: "false"}[approves]
	res, err := http.PostForm(s.Action.URL, map[string][]string{"yes": {answer}})
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
}

// replace makes bodies by what stands in the genuine one and what stands there instead.
func replace(genuine []byte, changes map[string][2]string) map[string][]byte {
	spoiled := map[string][]byte{}
	for name, c := range changes {
		spoiled[name] = bytes.Replace(genuine, []byte(c[0]), []byte(c[1]), 1)
		if bytes.Equal(spoiled[name], genuine) {
			panic("nothing to spoil for " + name + " in " + string(genuine))
		}
	}
	return spoiled
}

// spoil makes what Cashfree cannot have sent out of what it did.
func spoil(genuine []byte) map[string][]byte {
	order := between(genuine, `"order_id":"`, `"`)
	return replace(genuine, map[string][2]string{
		"an unknown status":                  {`"payment_status":"SUCCESS"`, `"payment_status":"SPLENDID"`},
		"a status that gateways do not have": {`"payment_status":"SUCCESS"`, `"payment_status":"USER_DROPPED"`},
		"no status":                          {`"payment_status":"SUCCESS",`, ``},
		"another kind":                       {`PAYMENT_SUCCESS_WEBHOOK`, `PAYMENT_FAILED_WEBHOOK`},
		"no kind":                            {`PAYMENT_SUCCESS_WEBHOOK`, ``},
		"the amount twice":                   {`"order_amount":`, `"order_amount":1,"order_amount":`},
		"the amount in capitals beside it":   {`"order_amount":`, `"ORDER_AMOUNT":1,"order_amount":`},
		"a fraction of a minor unit":         {`"order_amount":2450.00`, `"order_amount":2450.005`},
		"an amount as text":                  {`"order_amount":2450.00`, `"order_amount":"2450.00"`},
		"an amount with an exponent":         {`"order_amount":2450.00`, `"order_amount":2.45e3`},
		"no amount":                          {`"order_amount":2450.00,`, ``},
		"no payment's amount":                {`"payment_amount":2450.00,`, ``},
		"a negative amount":                  {`"order_amount":2450.00`, `"order_amount":-2450.00`},
		"an amount beyond the largest":       {`"order_amount":2450.00`, `"order_amount":10000000000.01`},
		"no currency":                        {`"order_currency":"INR",`, ``},
		"an unknown currency":                {`"order_currency":"INR"`, `"order_currency":"XXX"`},
		"no reference":                       {`"order_id":"` + order + `",`, ``},
		"a malformed reference":              {`"order_id":"` + order + `"`, `"order_id":"CFPay\u0000"`},
		"an unknown method":                  {`"payment_group":"upi"`, `"payment_group":"moon phase"`},
		"no time":                            {`"event_time":`, `"event_hour":`},
		"a time that is none":                {`"event_time":"2`, `"event_time":"x`},
		"a control character in a text":      {`"payment_message":"Transaction`, `"payment_message":"Transaction\u0007`},
		"no payment":                         {`"payment":`, `"repayment":`},
		"no payment's id":                    {`"cf_payment_id":`, `"cf_id":`},
		"no order":                           {`"order":`, `"disorder":`},
	})
}

func spoilRefund(genuine []byte) map[string][]byte {
	amount := `"refund_amount":` + between(genuine, `"refund_amount":`, `,`)
	return replace(genuine, map[string][2]string{
		"an unknown status":          {`"refund_status":"SUCCESS"`, `"refund_status":"SPLENDID"`},
		"the amount twice":           {`"refund_amount":`, `"refund_amount":1,"refund_amount":`},
		"a fraction of a minor unit": {amount, `"refund_amount":2450.005`},
		"no amount":                  {amount + `,`, ``},
		"a negative amount":          {amount, `"refund_amount":-1`},
		"an unknown currency":        {`"refund_currency":"INR"`, `"refund_currency":"XXX"`},
		"no id":                      {`"cf_refund_id":`, `"cf_id":`},
		"a charge above the amount":  {`"refund_charge":0`, `"refund_charge":99999999`},
		"no refund":                  {`"refund":`, `"fund":`},
	})
}

func between(body []byte, before, after string) string {
	_, rest, _ := strings.Cut(string(body), before)
	found, _, _ := strings.Cut(rest, after)
	return found
}

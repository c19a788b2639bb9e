package razorpay_test

import (
	"bytes"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"paylink/gateway"
	"paylink/gateway/gatewaytest"
	"paylink/gateway/razorpay"
)

// Razorpay is understood otherwise than checkout, confirm and the rooms after them rely on: on its own page, and where
// UPI is approved in the customer's app.
func TestRazorpayKeepsTheContractOfGateways(t *testing.T) {
	for _, qr := range []string{"off", "on"} {
		t.Run("upi_qr_"+qr, func(t *testing.T) {
			gatewaytest.Run(t, func(t *testing.T) (gateway.Gateway, gateway.Account, gatewaytest.World) {
				f := serve(t)
				a, stranger := f.account(f.ours), f.account(f.other)
				a.Fields["upi_qr"], stranger.Fields["upi_qr"] = qr, qr
				return razorpay.New(client(t)), a, gatewaytest.World{
					Far: f.far, Now: time.Now, Stranger: stranger, Pay: f.pay,
					Header: "X-Razorpay-Signature",
					Sign:   func(secret string, body []byte, _ time.Time) http.Header { return signed(secret, body) },
					Spoil:  spoil, Refunding: f.refunding(), OwnIntent: true,
					Lapse: f.lapse, Whole: true, Dispute: f.dispute, Decide: f.decide, DisputesListed: 100, Unchanged: true,
					Ahead: func(d time.Duration) {
						f.mu.Lock()
						defer f.mu.Unlock()
						f.now = func() time.Time { return time.Now().Add(d) }
					},
					// The notice of a decline in an app does not name the code.
					Found: func(told, found gateway.Word) gateway.Word {
						if strings.HasPrefix(found.Order, "qr_") && told.Order == "" {
							told.Order = found.Order
						}
						return told
					},
				}
			})
		})
	}
}

func spoil(genuine []byte) map[string][]byte {
	spoiled := spoilt(genuine, map[string][2]string{
		"an unknown status":                  {`"status":"captured"`, `"status":"settled"`},
		"a status that gateways do not have": {`"status":"captured"`, `"status":"abandoned"`},
		"a status in capitals":               {`"status":"captured"`, `"status":"CAPTURED"`},
		"the amount twice":                   {`"amount":245000`, `"amount":245000,"amount":1`},
		"the amount in capitals beside it":   {`"amount":245000`, `"amount":245000,"Amount":1`},
		"a fraction of a minor unit":         {`"amount":245000`, `"amount":245000.5`},
		"an amount as a float":               {`"amount":245000`, `"amount":2.45e5`},
		"an amount as text":                  {`"amount":245000`, `"amount":"245000"`},
		"no amount":                          {`"amount":245000,`, ``},
		"null for an amount":                 {`"amount":245000`, `"amount":null`},
		"a negative amount":                  {`"amount":245000`, `"amount":-245000`},
		"an amount beyond the largest":       {`"amount":245000`, `"amount":1000000000001`},
		"an amount beyond int64":             {`"amount":245000`, `"amount":9223372036854775808`},
		"no currency":                        {`"currency":"INR",`, ``},
		"an unknown currency":                {`"INR"`, `"XXX"`},
		"no reference":                       {`"paylink_reference":`, `"paylink_reverence":`},
		"an unknown method":                  {`"method":"`, `"method":"x`},
		"no time":                            {`"created_at":`, `"ut":`},
		"a fee above the amount":             {`"fee":5782`, `"fee":245001`},
		"a negative fee":                     {`"fee":5782`, `"fee":-1`},
		"a tax above the fee":                {`"tax":882`, `"tax":5783`},
		"a control character in a text":      {`"rrn":"`, `"rrn":"\u0000`},
		"no account":                         {`"paylink_account":`, `"paylink_recount":`},
		"no payment id":                      {`"id":"pay_`, `"if":"pay_`},
		"an order that is a path":            {`"order_id":`, `"order_id":"../x","was":`},
		"a whole card number":                {`"card_id":`, `"card":{"last4":"4111111111111111"},"card_id":`},
		"no event":                           {`"event":"`, `"happened":"`},
		"no payment":                         {`"payment":{"entity"`, `"paid":{"entity"`},
		"another entity":                     {`"entity":"event"`, `"entity":"order"`},
	})
	spoiled["a malformed reference"] = regexp.MustCompile(`"paylink_reference":"[A-Z0-9]{20}"`).ReplaceAll(genuine, []byte(`"paylink_reference":"../etc/passwd0000000"`))
	return spoiled
}

// spoilt makes one body of each change.
func spoilt(genuine []byte, changes map[string][2]string) map[string][]byte {
	spoiled := map[string][]byte{}
	for name, change := range changes {
		spoiled[name] = bytes.ReplaceAll(genuine, []byte(change[0]), []byte(change[1]))
	}
	return spoiled
}

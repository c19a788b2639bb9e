package adyen_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/gateway/adyen"
	"paylink/gateway/gatewaytest"
	"paylink/outbound"
	"paylink/provider/providertest"
)

func client(t testing.TB) *outbound.Client {
	c := outbound.New(outbound.Options{AllowLoopback: true})
	t.Cleanup(c.Close)
	return c
}

// Adyen takes orders otherwise than checkout and confirm believe.
func TestAdyenKeepsTheContractOfGateways(t *testing.T) {
	gatewaytest.Run(t, func(t *testing.T) (gateway.Gateway, gateway.Account, gatewaytest.World) {
		f, far := serve(t)
		a, stranger := account(far), account(far)
		stranger.ID, stranger.Merchant = "acct_01kbb", "mer_01kbb"
		stranger.Fields = map[string]string{"merchant_account": "OtherECOM", "api_key": "AQE-key-two"}
		return adyen.New(client(t)), a, gatewaytest.World{
			Far: far, Now: time.Now, Stranger: stranger, Pay: pay,
			InBody: &providertest.InBody{Sign: signBody, Strip: strip, Tamper: tamper, Join: join},
			Spoil:  spoil, Untold: []string{"a fee above the amount", "a bank reference"}, Found: found,
			Later: true, Lapse: f.lapse,
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
				Fates:   []gatewaytest.Fate{gatewaytest.Refuses, gatewaytest.Waits, gatewaytest.FailsLater},
				Repeats: true, Deaf: true, Late: true, Elsewhere: f.refundElsewhere, Spoil: spoil,
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

// refundElsewhere is a refund in the Customer Area, which goes under the payment's own reference.
func (f *fake) refundElsewhere(_ *testing.T, of gateway.Known, sum paylink.Money) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.refund(f.payments[of.Payment], f.psp(), of.Reference, sum.Minor)
}

// lapse is the time that takes a reservation back.
func (f *fake) lapse(_ *testing.T, k gateway.Known) {
	f.mu.Lock()
	defer f.mu.Unlock()
	p := f.payments[k.Payment]
	p.over = true
	f.tell(p, f.psp(), "", p.value, map[string]any{"eventCode": "EXPIRE", "success": "true", "reason": ""})
}

// found is what a payment link tells of what a notice told: not by which payment, and of a no nothing at all,
// because the customer may try again on the same page.
func found(told, found gateway.Word) gateway.Word {
	want := gateway.Word{Reference: told.Reference, Order: told.Order, Amount: told.Amount, Status: told.Status, Method: told.Method, At: found.At}
	if told.Status == paylink.PaymentFailed {
		want.Status = paylink.PaymentActionRequired
	}
	return want
}

func edit(body []byte, change func(map[string]any)) []byte {
	items := parse(body)
	change(items[0])
	return wrap(items[0])
}

func strip(body []byte) []byte {
	return edit(body, func(i map[string]any) { delete(i["additionalData"].(map[string]any), "hmacSignature") })
}

func join(a, b []byte) []byte { return wrap(parse(a)[0], parse(b)[0]) }

func tamper(body []byte) map[string][]byte {
	tampered := map[string][]byte{
		"amount":   edit(body, func(i map[string]any) { i["amount"].(map[string]any)["value"] = 1 }),
		"currency": edit(body, func(i map[string]any) { i["amount"].(map[string]any)["currency"] = "USD" }),
		"signature": edit(body, func(i map[string]any) {
			more := i["additionalData"].(map[string]any)
			more["hmacSignature"] = strings.ToLower(more["hmacSignature"].(string))
		}),
	}
	for _, name := range []string{"pspReference", "originalReference", "merchantAccountCode", "merchantReference", "eventCode", "success"} {
		tampered[name] = edit(body, func(i map[string]any) { i[name] = "X" })
	}
	return tampered
}

// spoil makes what Adyen cannot have sent out of what it did.
func spoil(genuine []byte) map[string][]byte {
	set := func(name string, value any) []byte { return edit(genuine, func(i map[string]any) { i[name] = value }) }
	drop := func(name string) []byte { return edit(genuine, func(i map[string]any) { delete(i, name) }) }
	sum := func(name string, value any) []byte {
		return edit(genuine, func(i map[string]any) { i["amount"].(map[string]any)[name] = value })
	}
	return map[string][]byte{
		"an unknown status":                  set("success", "maybe"),
		"a status that gateways do not have": set("success", true),
		"no status":                          drop("success"),
		"no event":                           drop("eventCode"),
		"an event that is a sentence":        set("eventCode", "all is well"),
		"the amount twice":                   bytes.Replace(genuine, []byte(`"amount":`), []byte(`"amount":{"currency":"INR","value":1},"amount":`), 1),
		"the amount in capitals beside it":   bytes.Replace(genuine, []byte(`"amount":`), []byte(`"AMOUNT":{"currency":"INR","value":1},"amount":`), 1),
		"a fraction of a minor unit":         sum("value", json.Number("245000.5")),
		"an amount as text":                  sum("value", "245000"),
		"no amount":                          drop("amount"),
		"no value":                           edit(genuine, func(i map[string]any) { delete(i["amount"].(map[string]any), "value") }),
		"a negative amount":                  sum("value", -245000),
		"an amount beyond the largest":       sum("value", paylink.MaxMinor+1),
		"an amount beyond all numbers":       sum("value", json.Number("92233720368547758080")),
		"no currency":                        edit(genuine, func(i map[string]any) { delete(i["amount"].(map[string]any), "currency") }),
		"an unknown currency":                sum("currency", "XXX"),
		"no reference":                       drop("merchantReference"),
		"a malformed reference":              set("merchantReference", "A\x00B"),
		"an unknown method":                  set("paymentMethod", "moon phase"),
		"no time":                            drop("eventDate"),
		"a time that is none":                set("eventDate", "yesterday"),
		"a control character in a text":      set("reason", "Refused\nby the bank"),
		"no account":                         drop("merchantAccountCode"),
		"no payment":                         drop("pspReference"),
		"a payment that is a path":           set("pspReference", "../x"),
		"another world":                      bytes.Replace(genuine, []byte(`"live":"false"`), []byte(`"live":"true"`), 1),
		"no world":                           bytes.Replace(genuine, []byte(`"live":"false",`), nil, 1),
		"no items":                           []byte(`{"live":"false","notificationItems":[]}`),
		"an item of nothing":                 []byte(`{"live":"false","notificationItems":[{}]}`),
	}
}

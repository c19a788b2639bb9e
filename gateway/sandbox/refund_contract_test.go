package sandbox_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"testing"

	"paylink"
	"paylink/gateway"
	"paylink/gateway/gatewaytest"
	"paylink/provider/providertest"
)

// refunding is the sandbox's side of the contract of refunds.
func refunding(far *providertest.Far) *gatewaytest.Refunding {
	return &gatewaytest.Refunding{
		Next: func(t *testing.T, f gatewaytest.Fate) {
			outcome := map[gatewaytest.Fate]string{gatewaytest.Refuses: "fail", gatewaytest.Waits: "pending", gatewaytest.FailsLater: "fail_after"}[f]
			control(t, far, "/refunds/next/outcome", map[string]any{"outcome": outcome})
		},
		Fates:   []gatewaytest.Fate{gatewaytest.Refuses, gatewaytest.Waits, gatewaytest.FailsLater},
		Repeats: true,
		Elsewhere: func(t *testing.T, of gateway.Known, amount paylink.Money) {
			control(t, far, "/refunds", map[string]any{"of": of.Reference, "amount": amount.Minor})
		},
		Spoil: func(genuine []byte) map[string][]byte {
			spoiled := map[string][]byte{}
			for name, change := range map[string][2]string{
				"an unknown status":              {`succeeded"`, `settled"`},
				"a status unlike its type":       {`"status":"succeeded"`, `"status":"pending"`},
				"the amount twice":               {`"amount":245000`, `"amount":245000,"amount":1`},
				"a fraction of a minor unit":     {`"amount":245000`, `"amount":245000.5`},
				"no amount":                      {`"amount":245000,`, ``},
				"a negative amount":              {`"amount":245000`, `"amount":-245000`},
				"an unknown currency":            {`"INR"`, `"XXX"`},
				"a fee above the amount":         {`"fee":0`, `"fee":245001`},
				"no refund id":                   {`"id":"sbx_rfd_`, `"if":"sbx_rfd_`},
				"no payment":                     {`"payment":"`, `"paid":"`},
				"no time":                        {`"at":`, `"ut":`},
				"a reason for a success":         {`"code":""`, `"code":"bank_refuses"`},
				"a control character in a text":  {`"bank_reference":"`, `"bank_reference":"\u0000`},
				"a type that the wire has not":   {`"type":"refund.`, `"type":"reverse.`},
				"a payment's type":               {`"type":"refund.succeeded`, `"type":"payment.captured`},
				"an order that has no reference": {`"of":"`, `"off":"`},
			} {
				spoiled[name] = bytes.ReplaceAll(genuine, []byte(change[0]), []byte(change[1]))
			}
			return spoiled
		},
	}
}

// control presses a button of the sandbox.
func control(t *testing.T, far *providertest.Far, path string, body any) {
	t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.Post(far.Origin+"/sandbox"+path, "application/json", bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode >= 300 {
		t.Fatalf("%s answered %d", path, res.StatusCode)
	}
}

package stripe_test

import (
	"bytes"
	"regexp"
	"testing"
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/gateway/gatewaytest"
	"paylink/gateway/stripe"
	"paylink/outbound"
)

// client reads answers as long as the program's own does.
func client(t testing.TB) *outbound.Client {
	c := outbound.New(outbound.Options{AllowLoopback: true, MaxResponse: 256 << 10})
	t.Cleanup(c.Close)
	return c
}

func (f *fake) account() gateway.Account {
	return gateway.Account{ID: "acct_01kaa", Merchant: "mer_01kaa", BaseURL: f.far.Origin, Secret: ourSecret, Fields: map[string]string{"api_key": ourKey, "secret": ourSecret}}
}

func (f *fake) stranger() gateway.Account {
	return gateway.Account{ID: "acct_01kbb", Merchant: "mer_01kbb", BaseURL: f.far.Origin, Secret: strangeSecret, Fields: map[string]string{"api_key": strangersKey}}
}

// The adapter takes Stripe for another than it is, and customers' money is lost between them.
func TestStripeKeepsTheContractOfGateways(t *testing.T) {
	gatewaytest.Run(t, func(t *testing.T) (gateway.Gateway, gateway.Account, gatewaytest.World) {
		f := serve(t)
		return stripe.New(client(t)), f.account(), f.world()
	})
}

func (f *fake) world() gatewaytest.World {
	return gatewaytest.World{
		Far: f.far, Now: time.Now, Stranger: f.stranger(),
		Pay:    func(_ *testing.T, s gateway.Started, yes bool) { f.pay(ourKey, s.Order, yes) },
		Header: "Stripe-Signature", Stamped: true, Sign: sign, Spoil: spoil,
		Untold: []string{"a bank reference", "a fee above the amount"},
		Found: func(told, found gateway.Word) gateway.Word {
			// Events hold ids where a look-up holds the charge, the fee and the bank's reason.
			told.Order, told.Fee, told.Tax, told.Details, told.BankReference, told.Decline, told.At = found.Order, found.Fee, found.Tax, found.Details, found.BankReference, found.Decline, found.At
			return told
		},
		Lapse: func(_ *testing.T, k gateway.Known) {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.canceled(f.books[ourKey], f.books[ourKey].objects[k.Payment], "automatic")
		},
		Dispute: func(_ *testing.T, k gateway.Known) string { return f.dispute(k.Payment) },
		Decide:  func(_ *testing.T, dispute string, won bool) { f.decide(dispute, won) },
		Ahead: func(d time.Duration) {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.now = func() time.Time { return time.Now().Add(d) }
		},
		DisputesListed: 10,
		Refunding: &gatewaytest.Refunding{
			Fates: []gatewaytest.Fate{gatewaytest.Refuses, gatewaytest.Waits, gatewaytest.FailsLater}, Repeats: true, Spoil: spoilRefund,
			Next: func(_ *testing.T, fate gatewaytest.Fate) {
				f.mu.Lock()
				defer f.mu.Unlock()
				f.books[ourKey].next = string(fate)
			},
			Elsewhere: func(_ *testing.T, of gateway.Known, amount paylink.Money) { f.elsewhere(of.Payment, amount.Minor) },
		},
	}
}

func spoil(genuine []byte) map[string][]byte {
	spoiled := map[string][]byte{}
	for name, change := range map[string][2]string{
		"an unknown status":                  {`"status":"succeeded"`, `"status":"settled"`},
		"a status that gateways do not have": {`"status":"succeeded"`, `"status":"abandoned"`},
		"a status unlike its type":           {`"status":"succeeded"`, `"status":"canceled"`},
		"the amount twice":                   {`"amount_received":245000`, `"amount_received":245000,"amount_received":1`},
		"the amount in capitals beside it":   {`"amount_received":245000`, `"amount_received":245000,"Amount_Received":1`},
		"a fraction of a minor unit":         {`"amount_received":245000`, `"amount_received":245000.5`},
		"an amount as text":                  {`"amount_received":245000`, `"amount_received":"245000"`},
		"no amount":                          {`"amount_received":245000,`, ``},
		"no amount that was asked":           {`"amount":245000,`, ``},
		"an amount of nothing":               {`"amount_received":245000`, `"amount_received":0`},
		"a negative amount":                  {`"amount_received":245000`, `"amount_received":-245000`},
		"an amount beyond the largest":       {`"amount_received":245000`, `"amount_received":1000000000001`},
		"an amount beyond int64":             {`"amount_received":245000`, `"amount_received":9223372036854775808`},
		"no currency":                        {`"currency":"inr",`, ``},
		"an unknown currency":                {`"inr"`, `"xxx"`},
		"a currency in capitals":             {`"inr"`, `"INR"`},
		"no reference":                       {`"paylink_reference":`, `"paylink_reverence":`},
		"an unknown method":                  {`["card"]`, `["xcard"]`},
		"no method":                          {`["card"]`, `[]`},
		"a control character in a text":      {`"id":"pi_`, `"id":"pi_\u0000`},
		"no account":                         {`"paylink_account":`, `"paylink_recount":`},
		"no event's name":                    {`"id":"evt_`, `"if":"evt_`},
		"no payment's name":                  {`"id":"pi_`, `"if":"pi_`},
		"the other mode":                     {`"livemode":false,"object":"event"`, `"livemode":true,"object":"event"`},
		"no mode":                            {`"livemode":false,"object":"event"`, `"object":"event"`},
		"another object":                     {`"object":"payment_intent"`, `"object":"charge"`},
		"its data twice":                     {`"data":{`, `"data":{},"data":{`},
		"data that is a list":                {`"data":{`, `"data":[],"rest":{`},
	} {
		spoiled[name] = bytes.ReplaceAll(genuine, []byte(change[0]), []byte(change[1]))
	}
	spoiled["a malformed reference"] = regexp.MustCompile(`"paylink_reference":"[A-Z0-9]{20}"`).ReplaceAll(genuine, []byte(`"paylink_reference":"../etc/passwd0000000"`))
	spoiled["no time"] = regexp.MustCompile(`"created":[0-9]+,"data"`).ReplaceAll(genuine, []byte(`"data"`))
	return spoiled
}

func spoilRefund(genuine []byte) map[string][]byte {
	spoiled := map[string][]byte{}
	for name, change := range map[string][2]string{
		"an unknown status":          {`"status":"succeeded"`, `"status":"settled"`},
		"no status":                  {`"status":"succeeded"`, `"state":"succeeded"`},
		"the amount twice":           {`"amount":245000`, `"amount":245000,"amount":1`},
		"a fraction of a minor unit": {`"amount":245000`, `"amount":245000.5`},
		"no amount":                  {`"amount":245000,`, ``},
		"a negative amount":          {`"amount":245000`, `"amount":-245000`},
		"an unknown currency":        {`"inr"`, `"xxx"`},
		"half of our names":          {`"paylink_reference":`, `"paylink_reverence":`},
		"another object":             {`"object":"refund"`, `"object":"charge"`},
		"no name":                    {`"id":"re_`, `"if":"re_`},
	} {
		spoiled[name] = bytes.ReplaceAll(genuine, []byte(change[0]), []byte(change[1]))
	}
	return spoiled
}

package payu_test

import (
	"bytes"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"paylink/gateway"
	"paylink/gateway/gatewaytest"
	"paylink/gateway/payu"
	"paylink/provider/providertest"
)

// PayU is understood otherwise than checkout, confirm and the room of refunds rely on.
func TestPayUKeepsTheContractOfGateways(t *testing.T) {
	gatewaytest.Run(t, func(t *testing.T) (gateway.Gateway, gateway.Account, gatewaytest.World) {
		f := serve(t)
		a := f.account(f.ours)
		a.Fields["preauthorisation"] = "on"
		return payu.New(client(t)), a, gatewaytest.World{
			Far: f.far, Now: time.Now, Stranger: f.account(f.other), Pay: f.pay, Alone: true, Unposted: true,
			InBody: &providertest.InBody{Sign: sign, Strip: func(body []byte) []byte { return edit(body, "hash", "") }, Tamper: tamper},
			Spoil:  spoil, Untold: []string{"no currency", "an unknown currency", "an amount as text", "a fee above the amount"},
			Ahead: func(d time.Duration) {
				f.mu.Lock()
				defer f.mu.Unlock()
				f.now = func() time.Time { return time.Now().Add(d) }
			},
			Refunding: &gatewaytest.Refunding{
				Next: func(_ *testing.T, fate gatewaytest.Fate) {
					f.mu.Lock()
					defer f.mu.Unlock()
					f.fate = string(fate)
				},
				Fates: []gatewaytest.Fate{gatewaytest.Refuses, gatewaytest.Waits}, Repeats: true, Silent: true,
			},
		}
	})
}

// sign signs a posted form anew, as PayU would with this salt; what may follow the hash is dropped.
func sign(salt string, body []byte) []byte {
	form, err := url.ParseQuery(string(body))
	if err != nil {
		panic(err)
	}
	return edit(body, "hash", back(salt, form.Get("status"), form.Get("additionalCharges"), form))
}

var fields = regexp.MustCompile(`[^&]+`)

// edit gives a field of a form another value; an empty one takes it out.
func edit(body []byte, name, value string) []byte {
	var out []string
	for _, pair := range fields.FindAllString(string(body), -1) {
		if strings.HasPrefix(pair, name+"=") {
			if value == "" {
				continue
			}
			pair = name + "=" + url.QueryEscape(value)
		}
		out = append(out, pair)
	}
	return []byte(strings.Join(out, "&"))
}

// tamper changes one thing that PayU signs.
func tamper(body []byte) map[string][]byte {
	return map[string][]byte{
		"status": edit(body, "status", "failure"), "amount": edit(body, "amount", "1.00"), "order": edit(body, "txnid", "0123456789ABCDEFGHJK"), "key": edit(body, "key", "gtKFFx"),
		"account": edit(body, "udf1", "mer_01kbb.acct_01kbb"), "reservation": edit(body, "udf2", "reserve"), "e-mail address": edit(body, "email", "x@y.example"), "name": edit(body, "firstname", "X"), "product": edit(body, "productinfo", "X"),
		"charge on top": append(bytes.Clone(body), "&additionalCharges=1.00"...), "hash twice": append(bytes.Clone(body), "&hash=0"...), "hash in capitals": edit(body, "hash", strings.Repeat("A", 128)),
		// With a separator in a field, the words of two orders may have one signature.
		"name with a separator": sign("canary-salt-3sf0", edit(body, "firstname", "A|B")),
	}
}

func spoil(genuine []byte) map[string][]byte {
	spoiled := map[string][]byte{}
	for name, change := range map[string][2]string{
		"an unknown status":                  {"status=success", "status=settled"},
		"a status that gateways do not have": {"status=success", "status=abandoned"},
		"the amount twice":                   {"&amount=2450.00", "&amount=2450.00&amount=1.00"},
		"the amount in capitals beside it":   {"&amount=2450.00", "&amount=2450.00&AMOUNT=1.00"},
		"a fraction of a minor unit":         {"&amount=2450.00", "&amount=2450.001"},
		"an amount as a float":               {"&amount=2450.00", "&amount=2.45e3"},
		"an amount with a comma":             {"&amount=2450.00", "&amount=2%2C450.00"},
		"no amount":                          {"&amount=2450.00", ""},
		"an amount of nothing":               {"&amount=2450.00", "&amount=0.00"},
		"a negative amount":                  {"&amount=2450.00", "&amount=-2450.00"},
		"an amount beyond the largest":       {"&amount=2450.00", "&amount=10000000000.01"},
		"an amount beyond int64":             {"&amount=2450.00", "&amount=99999999999999999999.00"},
		"no reference":                       {"&txnid=", "&txnif="},
		"an unknown method":                  {"&mode=UPI", "&mode=XUPI"},
		"no time":                            {"&addedon=", "&addedoff="},
		"a time that is none":                {"&addedon=2", "&addedon=x2"},
		"a control character in a text":      {"&bank_ref_num=", "&bank_ref_num=%00"},
		"no account":                         {"&udf1=", "&udf9="},
		"a whole card number":                {"&cardnum=", "&cardnum=5123456789012346"},
		"no key":                             {"&key=", "&kay="},
		"half a hash":                        {"&hash=", "&hash=0&x="},
	} {
		spoiled[name] = bytes.ReplaceAll(genuine, []byte(change[0]), []byte(change[1]))
	}
	spoiled["a malformed reference"] = edit(genuine, "txnid", "../etc/passwd0000000")
	return spoiled
}

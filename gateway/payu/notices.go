package payu

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"paylink/gateway"
	"paylink/gateway/paywire"
	"paylink/provider"
	"paylink/provider/httpwire"
)

// signed is what PayU signs of a posted form.
func signed(form url.Values) request {
	return request{
		key: form.Get("key"), txnid: form.Get("txnid"), amount: form.Get("amount"), product: form.Get("productinfo"), name: form.Get("firstname"), email: form.Get("email"),
		udf: [5]string{form.Get("udf1"), form.Get("udf2"), form.Get("udf3"), form.Get("udf4"), form.Get("udf5")},
	}
}

// Verify believes a form whose hash is the reverse one of the account's key and salt. It covers the order, its
// amount and its status, but neither PayU's own number nor the bank's; no time is signed.
func (g *Gateway) Verify(a gateway.Account, p gateway.Post, _ time.Time) error {
	form, err := httpwire.Form(p)
	r := signed(form)
	status, charges := form.Get("status"), form.Get("additionalCharges")
	switch {
	case a.Secret == "" || a.Fields[fieldKey] == "" || err != nil:
		return &gateway.Unverified{Reason: provider.BadSignature}
	case form.Get("hash") == "":
		return &gateway.Unverified{Reason: provider.MissingSignature}
	case r.key != a.Fields[fieldKey] || r.piped(status, charges) || !provider.Same(form.Get("hash"), r.back(a.Secret, status, charges)):
		return &gateway.Unverified{Reason: provider.BadSignature}
	}
	return nil
}

// Read understands a form that PayU posted. Payments that another shop took with the same key are news of
// nothing.
func (g *Gateway) Read(_ gateway.Account, p gateway.Post) (gateway.News, error) {
	news, err := read(p)
	if err != nil {
		return gateway.News{}, fmt.Errorf("read a notice: %w", err)
	}
	return news, nil
}

func read(p gateway.Post) (gateway.News, error) {
	form, err := httpwire.Form(p)
	if err != nil {
		return gateway.News{}, err
	}
	account, hash := form.Get("udf1"), form.Get("hash")
	switch {
	case len(hash) != 128 || strings.Trim(hash, "0123456789abcdef") != "" || form.Get("key") == "":
		return gateway.News{}, errors.New("it has no hash or no key")
	case form.Get("txnid") != "" && !paywire.IsReference(form.Get("txnid")) && !strings.HasPrefix(account, "mer_"):
		return gateway.News{}, nil
	case !strings.HasPrefix(account, "mer_") || !paywire.Plain(account, 128):
		return gateway.News{}, errors.New("it names no account")
	}
	w, err := transaction{
		txnid: form.Get("txnid"), account: account, reserves: form.Get("udf2") == reserves, status: form.Get("status"), unmapped: form.Get("unmappedstatus"), amount: form.Get("amount"),
		mode: form.Get("mode"), bankcode: form.Get("bankcode"), bankReference: form.Get("bank_ref_num"), card: form.Get("cardnum"),
		code: form.Get("error"), message: form.Get("error_Message"), added: form.Get("addedon"),
	}.word()
	if err != nil {
		return gateway.News{}, err
	}
	w.Account = account
	return gateway.News{Words: []gateway.Word{w}}, nil
}

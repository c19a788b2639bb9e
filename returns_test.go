package paylink_test

import (
	"testing"
	"time"

	"paylink"
)

// Whoever can write into an address, or look like the shop, must not get customers sent to another site.
func TestOnlyRegisteredOriginsLeadBack(t *testing.T) {
	registered := paylink.Settings{ReturnOrigins: []string{"https://shop.example", "https://shop.example:8443"}}
	for address, good := range map[string]bool{
		"https://shop.example": true, "https://shop.example/thanks?a=1#top": true, "https://SHOP.example/": true, "https://shop.example:443/": true, "https://shop.example:8443/x": true,
		"https://shop.example.evil.example/": false, "https://good.shop.example/": false, "https://shop.example:444/": false, "http://shop.example/": false, "https://shop.example.": false,
		"https://shop.example@evil.example/": false, `https://evil.example\@shop.example/`: false, "//shop.example/": false, "https:shop.example": false, "https:///shop.example": false,
		"javascript:alert(1)//https://shop.example": false, "data:text/html,x": false, "https://shop%2eexample/": false, "https://sh\top.example/": false, "https://[::1%25eth0]/": false, "": false,
		"https://xn--shp-1na.example/": false, "https://evil.example/https://shop.example": false, "https://evil.example?https://shop.example/": false,
	} {
		if got := registered.LeadsBack(true, address); got != good {
			t.Errorf("%q leads back in live mode: %t", address, got)
		}
		if (paylink.Settings{}).LeadsBack(true, address) {
			t.Errorf("%q leads back in live mode although nothing is registered", address)
		}
	}
	for address, good := range map[string]bool{"http://localhost:3000/": true, "http://127.0.0.1/": true, "http://[::1]:80/": true, "https://other.example/": false, "http://localhost.evil.example/": false} {
		if got := registered.LeadsBack(false, address); got != good {
			t.Errorf("%q leads back in test mode: %t", address, got)
		}
	}
	if !(paylink.Settings{}).LeadsBack(false, "https://other.example/") {
		t.Error("a test link needs a registered origin")
	}
}

// Merchants have written their own checks of these bytes: they may not change. The vector stands in the
// documents too.
func TestReturnedParametersAreSignedAsDocumented(t *testing.T) {
	r := paylink.Returned{
		Link: "plink_01kbfk6sy9541sj3eqhb6gd1gh", Payment: "pay_01kbfkcakjq5nrfbfyh5k0jkct", Status: paylink.LinkPaid, Reference: "order 1042/ä", At: time.Unix(1_796_115_821, 0),
	}
	const want = "https://shop.example/thanks?a=%20b&paylink_link=plink_01kbfk6sy9541sj3eqhb6gd1gh&paylink_payment=pay_01kbfkcakjq5nrfbfyh5k0jkct&paylink_status=paid" +
		"&paylink_reference=order+1042%2F%C3%A4&paylink_timestamp=1796115821&paylink_signature=cf433e7aa71050dc56502ee6c835484039f6fad845639c85f9613958a381898a#top"
	secret := []byte("0123456789abcdef0123456789abcdef")
	if got := r.Address("https://shop.example/thanks?a=%20b#top", secret); got != want {
		t.Errorf("the address is\n%s, want\n%s", got, want)
	}
	if got := r.Address("https://shop.example/thanks"); got != "https://shop.example/thanks" {
		t.Errorf("without a secret the address is %s", got)
	}
	if got := paylink.ReturnSecretText(secret); got != "rtsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=" {
		t.Errorf("the secret is written %s", got)
	}
}

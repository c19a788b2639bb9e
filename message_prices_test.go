package paylink_test

import (
	"testing"

	"paylink"
)

// A price that is not known must not be taken for nothing: the estimate would be too good.
func TestEstimateOfMessages(t *testing.T) {
	price := func(n int64) *int64 { return &n }
	messages := map[paylink.Channel]int64{paylink.ChannelSMS: 941, paylink.ChannelInApp: 3}
	for _, c := range []struct {
		prices *paylink.MessagePrices
		minor  int64
		known  bool
	}{
		{nil, 0, false},
		{&paylink.MessagePrices{Email: price(5)}, 0, false},
		{&paylink.MessagePrices{SMS: price(1350)}, 12704, true}, // 941 × 13.50 is 12,703.50, and half a unit cannot be paid
		{&paylink.MessagePrices{SMS: price(0)}, 0, true},
	} {
		if minor, known := c.prices.Estimate(messages); minor != c.minor || known != c.known {
			t.Errorf("%+v: %d, %t, want %d, %t", c.prices, minor, known, c.minor, c.known)
		}
	}
	if _, known := (&paylink.MessagePrices{SMS: price(1)}).Estimate(nil); known {
		t.Error("no messages have an estimate")
	}
}

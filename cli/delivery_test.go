package cli

import (
	"reflect"
	"testing"

	"paylink/client"
)

// A phrase that is half understood sends a customer what nobody meant.
func TestPlanIsReadAsItIsSaid(t *testing.T) {
	for text, want := range map[string][]client.DeliveryStep{
		"whatsapp":          {{Channel: "whatsapp"}},
		"whatsapp and sms":  {{Channel: "whatsapp"}, {Channel: "sms"}},
		"whatsapp then sms": {{Channel: "whatsapp"}, {Channel: "sms"}},
		"whatsapp, then sms after 60s unless delivered": {{Channel: "whatsapp"}, {Channel: "sms", After: "60s", Unless: "delivered"}},
		"sms via msg91 or acct_X9, then email and in_app after 2h, then email unless opened after 1d": {
			{Channel: "sms", Providers: []string{"msg91", "acct_X9"}}, {Channel: "email", After: "2h"}, {Channel: "in_app"},
			{Channel: "email", After: "1d", Unless: "opened"},
		},
		"": nil, "then": nil, "then sms": nil, "sms then": nil, "sms, then": nil, ", sms": nil, "sms,": nil, "sms, email": nil, "sms after": nil,
		"sms after 60s after 60s": nil, "sms unless": nil, "sms via": nil, "sms via a or": nil, "sms and": nil, "sms or email": nil, "sms soon": nil,
		"whatsapp, then sms and email after 1m unless read": nil, "after 60s": nil, "sms then then email": nil,
	} {
		p, err := deliveryPlan(text)
		if (err != nil) != (want == nil) {
			t.Errorf("%q: %v, %v", text, p, err)
			continue
		}
		if err == nil && !reflect.DeepEqual(p.Steps, want) {
			t.Errorf("%q: %+v", text, p.Steps)
		}
		if err == nil {
			again, err := deliveryPlan(phrase(p.Steps))
			if err != nil || !reflect.DeepEqual(again, p) {
				t.Errorf("%q is written as %q: %v", text, phrase(p.Steps), err)
			}
		}
	}
}

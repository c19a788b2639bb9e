package paylink_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"paylink"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// Ids are sorted to list the newest first and to page; an id that sorts before an older one would be
// missing from a page.
func TestIdsSortByTheTimeTheyWereMade(t *testing.T) {
	var ids []string
	for i := range 2000 {
		ids = append(ids, string(paylink.NewLinkID(noon.Add(time.Duration(i*i)*time.Millisecond))))
	}
	if !slices.IsSorted(ids) {
		t.Error("ids made one after the other do not sort in that order")
	}
}

// Two objects under one id would be one row overwriting another.
func TestIdsOfOneInstantDiffer(t *testing.T) {
	seen := map[paylink.PaymentID]bool{}
	for range 100_000 {
		id := paylink.NewPaymentID(noon)
		if seen[id] {
			t.Fatalf("%s was given twice", id)
		}
		seen[id] = true
	}
}

// A wrong tag sends staff and programs looking in the wrong place; these are the public contract's.
func TestIdsCarryTheTagOfTheirKind(t *testing.T) {
	for tag, id := range map[string]string{
		"mer": string(paylink.NewMerchantID(noon)), "cust": string(paylink.NewCustomerID(noon)),
		"plink": string(paylink.NewLinkID(noon)), "pay": string(paylink.NewPaymentID(noon)),
		"msg": string(paylink.NewMessageID(noon)), "evt": string(paylink.NewEventID(noon)),
		"we": string(paylink.NewEndpointID(noon)), "whd": string(paylink.NewDeliveryID(noon)),
		"key": string(paylink.NewKeyID(noon)), "usr": string(paylink.NewStaffID(noon)),
		"ntc": string(paylink.NewNoticeID(noon)), "job": string(paylink.NewJobID(noon)),
		"acct": string(paylink.NewAccountID(noon)),
	} {
		if !paylink.HasTag(id, tag) {
			t.Errorf("%s is not taken for a %s", id, tag)
		}
		if paylink.HasTag(id, "rfnd") {
			t.Errorf("%s is taken for a refund", id)
		}
	}
}

// What a stranger writes in a path is not looked up, logged or echoed as one of our ids.
func TestStrangeIdsAreNotOurs(t *testing.T) {
	good := strings.TrimPrefix(string(paylink.NewLinkID(noon)), "plink_")
	for _, id := range []string{
		"", "plink", "plink_", good, "pay_" + good, "plink_" + good[:25], "plink_" + good + "0", "PLINK_" + good,
		"plink_" + strings.ToUpper(good), "plink_" + good[:25] + "u", "plink_" + good[:25] + "/", "plink_" + good[:25] + "\x00",
		"plink_" + good[:24] + "\n\n", "plink_\r\n" + good[:24], "plink_" + good[:23] + "€",
	} {
		if paylink.HasTag(id, "plink") {
			t.Errorf("%q is taken for a link's id", id)
		}
	}
}

// Gateways truncate or refuse order ids that are long or carry odd characters, and reconciliation
// then finds nothing.
func TestPaymentReferencesFitEveryGateway(t *testing.T) {
	shape, seen := regexp.MustCompile(`^[A-Z0-9]{20}$`), map[string]bool{}
	for range 100_000 {
		ref := paylink.NewPaymentReference()
		if !shape.MatchString(ref) || seen[ref] {
			t.Fatalf("reference %q is malformed or was given before", ref)
		}
		seen[ref] = true
	}
}

// Delays are measured from when a message or an event was made, and its id is all that says so.
func TestIDTellsWhenItWasMade(t *testing.T) {
	now := time.Date(2026, 11, 22, 14, 30, 0, 123_000_000, time.UTC)
	if made := paylink.MadeAt(paylink.NewMessageID(now.Add(400 * time.Microsecond))); !made.Equal(now) {
		t.Errorf("made at %s, want %s", made, now)
	}
	for _, id := range []paylink.EventID{"", "evt_", "evt_test", "evt_!!!", "evt_0"} {
		if made := paylink.MadeAt(id); !made.IsZero() {
			t.Errorf("%q was made at %s", id, made)
		}
	}
}

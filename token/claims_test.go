package token

import (
	"testing"
	"time"

	"paylink"
)

func claimsLink() paylink.Link {
	return paylink.Link{
		ID: "plink_1", Merchant: "mer_1", Revision: 3,
		Amount: paylink.Money{Minor: 245000, Currency: "INR"}, Description: "Order 1042", Reference: "order-1042",
		Usage:     paylink.Usage{Mode: paylink.UsageMulti, MaxPayments: 5},
		ExpiresAt: time.Date(2026, 11, 23, 12, 0, 0, 123_000, time.FixedZone("IST", 5*3600+1800)),
		Methods:   []paylink.Method{paylink.MethodUPI, paylink.MethodCard}, ReturnURL: "https://shop.example/thanks",
		OnLate: paylink.PolicyAccept, OnDuplicate: paylink.PolicyRefund,
	}
}

// Whoever can write to the database changes a term, and the customer pays it: the token must stop
// vouching for the row, whichever term it is.
func TestClaimsChangeWithEveryTerm(t *testing.T) {
	changes := map[string]func(*paylink.Link){
		"id":            func(l *paylink.Link) { l.ID = "plink_2" },
		"merchant":      func(l *paylink.Link) { l.Merchant = "mer_2" },
		"mode":          func(l *paylink.Link) { l.Live = true },
		"revision":      func(l *paylink.Link) { l.Revision++ },
		"amount":        func(l *paylink.Link) { l.Amount.Minor-- },
		"currency":      func(l *paylink.Link) { l.Amount.Currency = "USD" },
		"usage":         func(l *paylink.Link) { l.Usage.Mode = paylink.UsageSingle },
		"cap":           func(l *paylink.Link) { l.Usage.MaxPayments = 0 },
		"expiry":        func(l *paylink.Link) { l.ExpiresAt = l.ExpiresAt.Add(time.Microsecond) },
		"never expires": func(l *paylink.Link) { l.ExpiresAt = time.Time{} },
		"description":   func(l *paylink.Link) { l.Description = "Order 1043" },
		"methods":       func(l *paylink.Link) { l.Methods = l.Methods[:1] },
		"no methods":    func(l *paylink.Link) { l.Methods = nil },
		"split method":  func(l *paylink.Link) { l.Methods = []paylink.Method{"u", "pi", "card"} },
		"return URL":    func(l *paylink.Link) { l.ReturnURL = "https://evil.example/" },
		"late policy":   func(l *paylink.Link) { l.OnLate = paylink.PolicyHold },
		"double policy": func(l *paylink.Link) { l.OnDuplicate = paylink.PolicyAccept },
		"shifted text":  func(l *paylink.Link) { l.Description, l.ReturnURL = "Order 1042https", "://shop.example/thanks" },
	}
	want := Claims(claimsLink())
	for name, change := range changes {
		l := claimsLink()
		change(&l)
		if Claims(l) == want {
			t.Errorf("%s: the claims stay the same", name)
		}
	}
}

// A payment changes the facts of a link and not its terms; a token that broke then would put every
// paid link on hold.
func TestClaimsIgnoreFacts(t *testing.T) {
	l := claimsLink()
	want := Claims(l)
	l.Status, l.AmountPaid, l.PaymentsCount, l.InFlight = paylink.LinkPaid, 245000, 1, 1
	l.SentAt, l.UpdatedAt = time.Unix(1, 0), time.Unix(2, 0)
	l.Metadata, l.Notes, l.Channels = map[string]string{"k": "v"}, "n", []paylink.Channel{paylink.ChannelSMS}
	l.ExpiresAt = l.ExpiresAt.UTC()
	if got := Claims(l); got != want {
		t.Errorf("claims after a payment: %+v, want %+v", got, want)
	}
}

// The row is verified at every opening by comparing claims; what is signed must come back equal.
func TestClaimsSurviveTheToken(t *testing.T) {
	ring := fixedRing(t)
	for name, expires := range map[string]time.Time{"never": {}, "some day": claimsLink().ExpiresAt} {
		l := claimsLink()
		l.ExpiresAt = expires
		signed, err := SignLink(ring, Claims(l))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got, err := ReadLink(ring, signed)
		if want := Claims(l); err != nil || got != want {
			t.Errorf("%s: read %+v, %v, want %+v", name, got, err, want)
		}
	}
}

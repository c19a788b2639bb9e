package token

import (
	"encoding/hex"
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
		"total cap":     func(l *paylink.Link) { l.Usage.MaxTotal = 1 },
		"own cap":       func(l *paylink.Link) { l.Usage.MaxPerCustomer = 1 },
		"first part":    func(l *paylink.Link) { l.Terms.Partial = &paylink.Partial{MinimumFirst: 1} },
		"later part":    func(l *paylink.Link) { l.Terms.Partial = &paylink.Partial{Minimum: 1} },
		"any amount":    func(l *paylink.Link) { l.Terms.CustomerAmount = &paylink.CustomerAmount{} },
		"least amount":  func(l *paylink.Link) { l.Terms.CustomerAmount = &paylink.CustomerAmount{Minimum: 1} },
		"most amount":   func(l *paylink.Link) { l.Terms.CustomerAmount = &paylink.CustomerAmount{Maximum: 1} },
		"preset":        func(l *paylink.Link) { l.Terms.CustomerAmount = &paylink.CustomerAmount{Presets: []int64{1}} },
		"line":          func(l *paylink.Link) { l.Terms.Items = []paylink.LineItem{{}} },
		"line's name":   func(l *paylink.Link) { l.Terms.Items = []paylink.LineItem{{Name: "a"}} },
		"quantity":      func(l *paylink.Link) { l.Terms.Items = []paylink.LineItem{{Quantity: 1}} },
		"price":         func(l *paylink.Link) { l.Terms.Items = []paylink.LineItem{{UnitAmount: 1}} },
		"rate":          func(l *paylink.Link) { l.Terms.Items = []paylink.LineItem{{TaxRate: "1"}} },
		"inclusive":     func(l *paylink.Link) { l.Terms.Items = []paylink.LineItem{{TaxInclusive: true}} },
		"adjustable":    func(l *paylink.Link) { l.Terms.Items = []paylink.LineItem{{Adjustable: &paylink.Adjustable{}}} },
		"adjusted most": func(l *paylink.Link) {
			l.Terms.Items = []paylink.LineItem{{Adjustable: &paylink.Adjustable{Maximum: 1}}}
		},
		"two lines":     func(l *paylink.Link) { l.Terms.Items = []paylink.LineItem{{}, {}} },
		"success text":  func(l *paylink.Link) { l.Terms.SuccessText = "a" },
		"closed text":   func(l *paylink.Link) { l.Terms.ClosedText = "a" },
		"terms":         func(l *paylink.Link) { l.Terms.TermsURL = "a" },
		"plan":          func(l *paylink.Link) { l.Terms.Plan = &paylink.Plan{} },
		"days of grace": func(l *paylink.Link) { l.Terms.Plan = &paylink.Plan{GraceDays: 1} },
		"plan's base":   func(l *paylink.Link) { l.Terms.Plan = &paylink.Plan{After: 1} },
		"instalment":    func(l *paylink.Link) { l.Terms.Plan = &paylink.Plan{Instalments: []paylink.Instalment{{Amount: 1}}} },
		"instalment date": func(l *paylink.Link) {
			l.Terms.Plan = &paylink.Plan{Instalments: []paylink.Instalment{{Amount: 1, DueAt: l.ExpiresAt}}}
		},
		"promises":     func(l *paylink.Link) { l.Terms.Promises = &paylink.PromiseTerms{} },
		"question":     func(l *paylink.Link) { l.Terms.Questions = []paylink.Question{{}} },
		"asked label":  func(l *paylink.Link) { l.Terms.Questions = []paylink.Question{{Label: "a"}} },
		"due date":     func(l *paylink.Link) { l.Terms.DueAt = &time.Time{} },
		"reminder":     func(l *paylink.Link) { l.Terms.Reminders = []paylink.Reminder{{After: "2h"}} },
		"over policy":  func(l *paylink.Link) { l.Terms.OnOver = paylink.PolicyAccept },
		"under policy": func(l *paylink.Link) { l.Terms.OnUnder = paylink.PolicyAccept },
		"shifted text": func(l *paylink.Link) { l.Description, l.ReturnURL = "Order 1042https", "://shop.example/thanks" },
	}
	seen := map[LinkClaims]string{Claims(claimsLink()): "no change"}
	for name, change := range changes {
		l := claimsLink()
		change(&l)
		if other, same := seen[Claims(l)]; same {
			t.Errorf("%s: the claims are those of %s", name, other)
		}
		seen[Claims(l)] = name
	}
}

// Links that were signed before a link could say more than an amount must stay genuine, and so must those
// of today: the digests are pinned.
func TestTermsAreDigestedAsTheyWere(t *testing.T) {
	plain, rich := claimsLink(), claimsLink()
	rich.Terms = paylink.Terms{
		Partial: &paylink.Partial{MinimumFirst: 2, Minimum: 1}, CustomerAmount: &paylink.CustomerAmount{Minimum: 1, Maximum: 9, Presets: []int64{3}},
		Items:  []paylink.LineItem{{Name: "Tea <1>", Quantity: 2, UnitAmount: 5, TaxRate: "12.5", TaxInclusive: true, Adjustable: &paylink.Adjustable{Maximum: 4}}},
		OnOver: paylink.PolicyHold, OnUnder: paylink.PolicyCredit,
	}
	rich.Usage.MaxTotal, rich.Usage.MaxPerCustomer = 7, 8
	for l, want := range map[*paylink.Link]string{&plain: "505f8f8bfe60a4c24d44638f269f051c83fbf86060b7f9b34079a4693165ff50", &rich: "ff101831dff675c9afa2ab1847fc2fc25fc10f50fdcf1ed1524bdd3bbf0abd7b"} {
		claims := Claims(*l)
		if got := hex.EncodeToString(claims.Terms[:]); got != want {
			t.Errorf("digest %s, was %s", got, want)
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
	l.Promised(paylink.Promising{Date: time.Unix(3, 0)}, time.Unix(2, 0))
	l.Course.Due, l.Course.Missed = 2, 1
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

package paypage

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"time"

	"paylink"
	"paylink/checkout"
)

// noon is the moment at which every fixture is looked at.
var noon = time.Date(2026, 11, 22, 6, 30, 0, 0, time.UTC)

const (
	fixtureCode = "0123456789ABCDEFGHIJKL"
	phoneAgent  = "Mozilla/5.0 (Linux; Android 14) Mobile"
	deskAgent   = "Mozilla/5.0 (X11; Linux x86_64)"
)

// face is one state of the page as one visitor sees it.
type face struct {
	name  string
	page  checkout.Page
	want  standing
	query string // "?lang=hi"
	agent string // of the browser; empty: a phone's
}

// faces are all states of the page. Golden files, sizes and rules are tested on each.
func faces() []face {
	return []face{
		{name: "ready", page: asked(), want: standReady},
		{name: "ready_hindi", page: asked(), want: standReady, query: "?lang=hi"},
		{name: "ready_desktop", page: asked(), want: standReady, agent: deskAgent},
		{name: "ready_bare", page: bare(), want: standReady},
		{name: "ready_method_missing", page: asked(), want: standReady, query: "?note=choose"},
		{name: "retry_declined", page: tried(paylink.PaymentFailed, "insufficient_funds"), want: standRetry},
		{name: "retry_abandoned", page: tried(paylink.PaymentAbandoned, ""), want: standRetry},
		{name: "connecting", page: paying(paylink.PaymentCreated, paylink.Action{}), want: standConnecting},
		{name: "redirect", page: paying(paylink.PaymentActionRequired, bankPage), want: standRedirect},
		{name: "approve_phone", page: upi(), want: standApprove},
		{name: "approve_desktop", page: upi(), want: standApprove, agent: deskAgent},
		{name: "approve_apps_android", page: apps(), want: standApprove, agent: "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140 Mobile Safari/537.36"},
		{name: "approve_apps_ios", page: apps(), want: standApprove, agent: "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148"},
		{name: "approve_apps_desktop", page: apps(), want: standApprove, agent: deskAgent},
		{name: "pending", page: paying(paylink.PaymentPending, paylink.Action{}), want: standPending, query: "?note=asked"},
		{name: "authorised", page: paying(paylink.PaymentAuthorised, paylink.Action{}), want: standPending},
		{name: "reserved", page: reserved(), want: standReserved},
		{name: "unknown", page: paying(paylink.PaymentUnknown, paylink.Action{}), want: standUnknown},
		{name: "elsewhere", page: stranger(upi()), want: standElsewhere},
		{name: "busy", page: refused(many(), "payment_in_flight"), want: standBusy},
		{name: "paid", page: paid(), want: standPaid},
		{name: "paid_hindi", page: paid(), want: standPaid, query: "?lang=hi", agent: deskAgent},
		{name: "paid_stranger", page: stranger(paid()), want: standStranger},
		{name: "paid_late", page: abnormal(paylink.AbnormalLate, paylink.PolicyAccept), want: standPaid},
		{name: "paid_twice", page: abnormal(paylink.AbnormalDuplicate, paylink.PolicyRefund), want: standPaid},
		{name: "paid_many", page: again(), want: standPaid},
		{name: "again", page: again(), want: standReady, query: "?again=1"},
		{name: "late_returned", page: abnormal(paylink.AbnormalLate, paylink.PolicyRefund), want: standLate},
		{name: "used_up", page: refused(many(), "paid"), want: standUsedUp},
		{name: "expired", page: refused(asked(), "expired"), want: standExpired},
		{name: "expired_grant", page: renewable(paylink.RefreshAutomatic, nil), want: standExpired},
		{name: "expired_ask", page: renewable(paylink.RefreshApproval, nil), want: standExpired},
		{name: "expired_asked", page: renewable(paylink.RefreshApproval, func(l *paylink.Link) { l.RefreshAskedAt = noon }), want: standExpired},
		{name: "expired_declined", page: renewable(paylink.RefreshApproval, func(l *paylink.Link) { l.RefreshDeclinedAt = noon }), want: standExpired},
		{name: "more_time", page: soon(), want: standReady, query: "?note=more"},
		{name: "more_time_hindi", page: soon(), want: standReady, query: "?lang=hi"},
		{name: "cancelled", page: refused(asked(), "cancelled"), want: standCancelled},
		{name: "closed", page: refused(asked(), "archived"), want: standClosed},
		{name: "hold", page: held(paylink.HoldTampered), want: standHold},
		{name: "parts", page: inParts(0), want: standReady},
		{name: "parts_too_small", page: inParts(0), want: standReady, query: "?note=amount_small&amount=1"},
		{name: "parts_rest", page: stranger(inParts(45000)), want: standReady, agent: deskAgent},
		{name: "part_paid", page: partPaid(), want: standPaid},
		{name: "part_paid_again", page: partPaid(), want: standReady, query: "?again=1&lang=hi"},
		{name: "too_little", page: tooLittle(), want: standLate},
		{name: "too_much", page: tooMuch(), want: standPaid},
		{name: "open", page: open(), want: standReady},
		{name: "open_hindi", page: open(), want: standReady, query: "?lang=hi&note=amount_odd&amount=x"},
		{name: "open_no_bounds", page: openYen(), want: standReady},
		{name: "lines", page: lined(false), want: standReady},
		{name: "lines_chosen", page: lined(true), want: standReady, query: "?q=3.1&note=total_changed"},
		{name: "lines_paid", page: linesPaid(), want: standPaid},
		{name: "capped", page: capped(), want: standReady},
		{name: "terms", page: worded(asked()), want: standReady, query: "?note=terms"},
		{name: "words_paid", page: worded(paid()), want: standPaid},
		{name: "words_expired", page: worded(refused(asked(), "expired")), want: standExpired},
		{name: "questions", page: asking(asked()), want: standReady},
		{name: "questions_hindi", page: asking(worded(asked())), want: standReady, query: "?lang=hi&note=terms"},
		{name: "answered", page: answered(), want: standPaid},
		{name: "limit", page: refused(capped(), checkout.CustomerLimit), want: standLimit},
		{name: "country", page: keptFrom(checkout.CountryRefused, nil), want: standCountry},
		{name: "prove_digits", page: keptFrom(checkout.ProofRequired, &checkout.Ask{Proof: paylink.ProofPhoneDigits, Hint: "…42"}), want: standProve},
		{name: "prove_wrong", page: keptFrom(checkout.ProofRequired, &checkout.Ask{Proof: paylink.ProofPhoneDigits, Hint: "…42"}), want: standProve, query: "?note=wrong_proof"},
		{name: "prove_hindi", page: keptFrom(checkout.ProofRequired, &checkout.Ask{Proof: paylink.ProofPhoneDigits, Hint: "…42"}), want: standProve, query: "?lang=hi"},
		{name: "ready_arabic", page: asked(), want: standReady, query: "?lang=ar"},
		{name: "paid_arabic", page: paid(), want: standPaid, query: "?lang=ar", agent: deskAgent},
		{name: "ready_german", page: asked(), want: standReady, query: "?lang=de"},
		{name: "prove_code", page: keptFrom(checkout.ProofRequired, &checkout.Ask{Proof: paylink.ProofCode, Hint: "…42"}), want: standProve},
		{name: "prove_code_sent", page: keptFrom(checkout.ProofRequired, &checkout.Ask{Proof: paylink.ProofCode, Hint: "…42", CodeSent: true}), want: standProve, query: "?note=code_sent"},
		{name: "prove_pin", page: keptFrom(checkout.ProofRequired, &checkout.Ask{Proof: paylink.ProofPIN}), want: standProve},
		{name: "prove_locked", page: keptFrom(checkout.ProofRequired, &checkout.Ask{Proof: paylink.ProofPIN, LockedUntil: noon.Add(15 * time.Minute)}), want: standProve},
		{name: "no_method", page: refused(asked(), "no_method"), want: standNoMethod},
	}
}

var bankPage = paylink.Action{Kind: paylink.ActionRedirect, URL: "https://bank.example/card/7f3a", ExpiresAt: noon.Add(15 * time.Minute)}

// asked is a link that waits to be paid.
func asked() checkout.Page {
	return checkout.Page{
		Merchant: paylink.Merchant{
			Name: "Acme Retail", LegalName: "Acme Retail Private Limited", Currency: "INR", Locale: "en", TimeZone: "Asia/Kolkata",
			Header: "ACMEIN", Colour: "#0b6e5f", Website: "https://acme.example", SupportPhone: "+912240001000", SupportEmail: "help@acme.example",
		},
		Link: paylink.Link{
			ID: "plink_0", Status: paylink.LinkPending, Revision: 1, Amount: paylink.Money{Minor: 245000, Currency: "INR"},
			Description: "Order 1042", Reference: "order-1042", Usage: paylink.Usage{Mode: paylink.UsageSingle},
			ExpiresAt: time.Date(2026, 11, 24, 12, 30, 0, 0, time.UTC), UpdatedAt: noon, ReturnURL: "https://shop.example/thanks",
		},
		Customer: &paylink.Customer{Name: "Asha", Phone: "+919812345642"},
		Methods:  paylink.Methods, Token: "one-time-token", WorldNow: noon,
	}
}

// keptFrom is a link that does not open for the visitor, as checkout shows it.
func keptFrom(refusal string, ask *checkout.Ask) checkout.Page {
	return checkout.Page{
		Merchant: asked().Merchant, Link: paylink.Link{ID: "plink_0", Revision: 1}, Refusal: refusal, Ask: ask, Token: "one-time-token", WorldNow: noon,
	}
}

// bare is a live link with nothing but an amount, from a merchant with a colour that needs black text.
func bare() checkout.Page {
	p := asked()
	p.Merchant = paylink.Merchant{Name: "日本", Colour: "#ffd400", TimeZone: "Asia/Tokyo"}
	p.Link = paylink.Link{ID: "plink_0", Live: true, Status: paylink.LinkPending, Amount: paylink.Money{Minor: 500, Currency: "JPY"}, UpdatedAt: noon}
	p.Customer, p.Methods = nil, []paylink.Method{paylink.MethodCard}
	return p
}

func paying(s paylink.PaymentStatus, a paylink.Action) checkout.Page {
	p := asked()
	p.Refusal, p.Payer = "payment_in_flight", true
	p.Payment = &paylink.Payment{
		ID: "pay_0", Status: s, Amount: p.Link.Amount, Method: paylink.MethodCard, Reference: "7Q2WERTY8MNBVCX3ZAB4", Action: a, UpdatedAt: noon,
	}
	return p
}

func upi() checkout.Page {
	p := paying(paylink.PaymentActionRequired, paylink.Action{
		Kind: paylink.ActionApprove, URL: "https://bank.example/upi/7f3a", ExpiresAt: noon.Add(15 * time.Minute),
		Intent: "upi://pay?pa=acme@bank&pn=Acme%20Retail&tr=7Q2WERTY8MNBVCX3ZAB4&am=2450.00&cu=INR&tn=Order%201042",
	})
	p.Payment.Method = paylink.MethodUPI
	return p
}

// apps is an order of a gateway that has no page of its own for UPI, only the text for apps.
func apps() checkout.Page {
	p := upi()
	p.Payment.Action.URL = ""
	return p
}

func tried(s paylink.PaymentStatus, group string) checkout.Page {
	p := paying(s, paylink.Action{})
	p.Refusal, p.Link.Status = "", paylink.LinkFailed
	p.Payment.Method, p.Payment.Decline = paylink.MethodUPI, paylink.Decline{Group: group}
	return p
}

func paid() checkout.Page {
	p := paying(paylink.PaymentCaptured, paylink.Action{})
	p.Refusal, p.Link.Status, p.Link.PaidAt = "paid", paylink.LinkPaid, noon
	p.Payment.CapturedAt, p.Payment.BankReference = noon, "632600112233"
	p.Payment.MethodDetails = paylink.MethodDetails{Network: "visa", Last4: "4242"}
	return p
}

func abnormal(a paylink.Abnormal, then paylink.Policy) checkout.Page {
	p := paid()
	p.Payment.Abnormal, p.Payment.Disposition = a, then
	if !p.Payment.Counts() && a == paylink.AbnormalLate {
		p.Refusal, p.Link.Status, p.Link.PaidAt = "expired", paylink.LinkExpired, time.Time{}
	}
	return p
}

func many() checkout.Page {
	p := asked()
	p.Link.Usage = paylink.Usage{Mode: paylink.UsageMulti, MaxPayments: 100}
	return p
}

func again() checkout.Page {
	p := paid()
	p.Link.Usage, p.Link.Status, p.Refusal = paylink.Usage{Mode: paylink.UsageMulti}, paylink.LinkPending, ""
	return p
}

func stranger(p checkout.Page) checkout.Page {
	p.Payer = false
	return p
}

func refused(p checkout.Page, why string) checkout.Page {
	p.Refusal = why
	switch why {
	case "paid":
		p.Link.Status = paylink.LinkPaid
	case "expired":
		p.Link.Status, p.Link.ExpiresAt = paylink.LinkExpired, noon.Add(-time.Hour)
	case "cancelled":
		p.Link.Status = paylink.LinkCancelled
	}
	return p
}

func held(why paylink.HoldReason) checkout.Page {
	p := refused(asked(), "on_hold")
	p.Link.Hold = why
	return p
}

// fixtureHandler shows pages without a checkout behind it.
func fixtureHandler() *Handler {
	return New(Deps{
		PublicURL: "https://pay.example", SandboxURL: "https://pay.example/sandbox",
		Now: func() time.Time { return noon }, Log: slog.New(slog.DiscardHandler),
	})
}

// rendered is a face as the browser gets it.
func (f face) rendered(h *Handler) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, "https://pay.example/"+fixtureCode+f.query, nil)
	r.Header.Set("User-Agent", phoneAgent)
	if f.agent != "" {
		r.Header.Set("User-Agent", f.agent)
	}
	a, _ := readAddress(r.URL)
	w := httptest.NewRecorder()
	h.render(w, r, http.StatusOK, h.view(r, a, f.page), f.page.PageOrigins)
	return w
}

// reserved is a payment whose money waits for the delivery.
func reserved() checkout.Page {
	p := paying(paylink.PaymentAuthorised, paylink.Action{})
	p.Payment.Manual = true
	return p
}

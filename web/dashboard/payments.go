package dashboard

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"paylink"
	"paylink/connect"
	"paylink/issue"
)

// payments is the page of the settings about money: who takes payments, receipts, and who decides about refunds.
type payments struct {
	frame
	flaws
	Note     *remark
	Form     paymentsForm
	Category []choice
	Routes   []route
	Receipts []choice
}

// paymentsForm is what was typed. Its parts are compared as they were shown, so that what nobody touched stays as it
// was said.
type paymentsForm struct {
	Refunds         refundsTyped
	Disputed        bool // refunds of disputed payments are allowed
	Category        string
	Routes          payRoutesTyped
	Receipts        string // receiptsUsual, receiptsChosen or receiptsNone
	ReceiptChannels string // separated by spaces
	Seen            string // the settings that the page showed, as JSON
}

type (
	refundsTyped   struct{ Above, Cancel, BulkCancel string } // minutes; empty: as usual
	payRoutesTyped struct{ Card, UPI, Netbanking, Other string }
)

const (
	receiptsUsual  = "usual"
	receiptsChosen = "chosen"
	receiptsNone   = "none"
)

// upiCategoryWords name the trades for which UPI has a limit.
var upiCategoryWords = map[paylink.UPICategory]string{
	paylink.UPIGeneral: "Any other", paylink.UPIVerified: "Verified merchant", paylink.UPICapitalMarkets: "Capital markets", paylink.UPIInsurance: "Insurance",
	paylink.UPIGovernment: "Government, tax", paylink.UPITravel: "Travel", paylink.UPICreditCards: "Credit card bills", paylink.UPICollections: "Collections, loans",
	paylink.UPIJewellery: "Jewellery", paylink.UPIHospitals: "Hospitals", paylink.UPIEducation: "Education", paylink.UPIDeposits: "Term deposits",
	paylink.UPIFirstDeposit: "First deposit into an account",
}

// Payments shows what is decided about money: GET /dashboard/{mode}/settings/payments.
func (d *Dashboard) Payments(w http.ResponseWriter, r *http.Request) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		return d.showPayments(w, r, s, http.StatusOK, paymentsFormOf(s.Merchant), flaws{})
	})
}

// SavePayments takes the form: POST /dashboard/{mode}/settings/payments. Only what is different from what the page
// showed is changed, and nothing when somebody else has changed the same meanwhile.
func (d *Dashboard) SavePayments(w http.ResponseWriter, r *http.Request) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		f := readPaymentsForm(r)
		decision, own := f.decision(s)
		_, err := d.Issuer.Decide(r.Context(), s.actor(), decision)
		var invalid *paylink.Invalid
		var conflict *paylink.Conflict
		switch {
		case err == nil:
			d.goToSettings(w, r, s, "saved", "payments")
			return nil
		case errors.As(err, &invalid):
			return d.showPayments(w, r, s, http.StatusUnprocessableEntity, f, flawsOf(own, invalid, paymentsOrder, paymentsProblem))
		case errors.As(err, &conflict):
			if s.Merchant, err = d.Store.Read(r.Context()).Merchant(s.Merchant.ID); err != nil {
				return err
			}
			return d.showPayments(w, r, s, http.StatusConflict, paymentsFormOf(s.Merchant), settingsTaken)
		}
		return err
	})
}

func (d *Dashboard) showPayments(w http.ResponseWriter, r *http.Request, s scene, status int, f paymentsForm, wrong flaws) error {
	v := payments{flaws: wrong, Form: f}
	for _, c := range paylink.UPICategories {
		most := s.money(paylink.UPILimit(c), "INR")
		v.Category = append(v.Category, choice{string(c), word(upiCategoryWords, c) + ": up to " + most, f.Category == string(c) || f.Category == "" && c == paylink.UPIGeneral})
	}
	for _, c := range paylink.Channels {
		v.Receipts = append(v.Receipts, choice{string(c), channelWords[c], slices.Contains(strings.Fields(f.ReceiptChannels), string(c))})
	}
	var err error
	if v.frame, v.Note, err = d.settingsFrame(r, s, "Payments", "payments"); err != nil {
		return err
	}
	accounts, err := d.Accounts.List(r.Context(), s.Merchant.ID, s.Live)
	if err != nil {
		return err
	}
	v.Routes = payRoutesOf(f.Routes, accounts)
	return d.render(w, r, status, paymentsPage(v))
}

// payRoutesOf are the methods with what puts the accounts that could take them into an order.
func payRoutesOf(f payRoutesTyped, accounts []connect.Account) []route {
	all := []route{
		{Field: "pay_card", Channel: "cards"}, {Field: "pay_upi", Channel: "UPI"},
		{Field: "pay_netbanking", Channel: "net banking"}, {Field: "pay_other", Channel: "every other way to pay"},
	}
	for i, c := range []struct {
		method paylink.Method
		chosen string
	}{{paylink.MethodCard, f.Card}, {paylink.MethodUPI, f.UPI}, {paylink.MethodNetbanking, f.Netbanking}, {"", f.Other}} {
		for _, p := range []struct {
			preference paylink.RoutePreference
			word       string
		}{{"", "As usual: in the order under Providers"}, {paylink.RouteRank, "In the order under Providers"}, {paylink.RouteCheapest, "The cheapest first"},
			{paylink.RouteHealthiest, "The one that works best first"}, {paylink.RouteShare, "By their shares"}} {
			all[i].Choices = append(all[i].Choices, choice{string(p.preference), p.word, c.chosen == string(p.preference)})
		}
		if c.method != "" {
			all[i].Asked = askedToPay(c.method, accounts)
		}
	}
	return all
}

// askedToPay names the accounts that take a method, by rank.
func askedToPay(m paylink.Method, accounts []connect.Account) string {
	var names []string
	for _, a := range accounts {
		if !a.Off && slices.Contains(a.Methods, m) {
			names = append(names, joined(" · ", a.Title, a.Name))
		}
	}
	if len(names) == 0 {
		return "No account takes it."
	}
	return strings.Join(names, ", then ") + "."
}

func paymentsFormOf(m paylink.Merchant) paymentsForm {
	c := m.Settings
	f := paymentsForm{Category: string(c.UPICategory), Receipts: receiptsUsual, ReceiptChannels: string(paylink.ChannelEmail), Seen: seenOf(m), Disputed: c.Refunds.Disputed()}
	if r := c.Refunds; r != nil {
		if r.ApproveAbove != nil {
			f.Refunds.Above = paylink.Money{Minor: *r.ApproveAbove, Currency: m.Currency}.Decimal()
		}
		f.Refunds.Cancel = minutesOf(r.CancelWithin)
		if r.BulkCancelWithin != nil {
			if f.Refunds.BulkCancel = minutesOf(*r.BulkCancelWithin); *r.BulkCancelWithin == 0 {
				f.Refunds.BulkCancel = "0"
			}
		}
	}
	if r := c.PaymentRouting; r != nil {
		f.Routes = payRoutesTyped{string(r.Card), string(r.UPI), string(r.Netbanking), string(r.Other)}
	}
	if r := c.Receipts; r != nil {
		f.ReceiptChannels = strings.Join(words(r.Channels), " ")
		if f.Receipts = receiptsChosen; len(r.Channels) == 0 {
			f.Receipts = receiptsNone
		}
	}
	return f
}

// minutesOf writes seconds as minutes; none is an empty field. Odd seconds, as a program may have said, are told with
// a point.
func minutesOf(seconds int64) string {
	switch {
	case seconds == 0:
		return ""
	case seconds%60 == 0:
		return strconv.FormatInt(seconds/60, 10)
	}
	return strconv.FormatFloat(float64(seconds)/60, 'f', 2, 64)
}

func readPaymentsForm(r *http.Request) paymentsForm {
	get := func(name string) string { return strings.TrimSpace(r.PostForm.Get(name)) }
	return paymentsForm{
		Refunds: refundsTyped{get("approve_above"), get("cancel_within"), get("bulk_cancel_within")}, Disputed: get("on_disputed") != "",
		Category: get("upi_category"), Routes: payRoutesTyped{get("pay_card"), get("pay_upi"), get("pay_netbanking"), get("pay_other")},
		Receipts: get("receipts"), ReceiptChannels: strings.Join(r.PostForm["receipt_channel"], " "), Seen: r.PostForm.Get("seen"),
	}
}

// decision makes of the form what issue judges: what is different from what the page showed. What cannot be read
// becomes a problem, and a value that issue refuses, so that all that is wrong is told at once.
func (f paymentsForm) decision(s scene) (issue.Decision, []problem) {
	var problems []problem
	wrong := func(field, text string) { problems = append(problems, problem{field, text}) }
	seen := s.seen(f.Seen)
	wanted, was := seen.Settings, paymentsFormOf(seen)
	if f.Refunds != was.Refunds || f.Disputed != was.Disputed {
		wanted.Refunds = f.refunds(s, wanted.Refunds, was, wrong)
	}
	if f.Category != string(paylink.UPIGeneral) || was.Category != "" { // nothing decided is the general one
		wanted.UPICategory = paylink.UPICategory(f.Category)
	}
	if f.Routes != was.Routes {
		if wanted.PaymentRouting = nil; f.Routes != (payRoutesTyped{}) {
			wanted.PaymentRouting = &paylink.PaymentRouting{
				Card: paylink.RoutePreference(f.Routes.Card), UPI: paylink.RoutePreference(f.Routes.UPI),
				Netbanking: paylink.RoutePreference(f.Routes.Netbanking), Other: paylink.RoutePreference(f.Routes.Other),
			}
		}
	}
	switch {
	case f.Receipts == was.Receipts && (f.Receipts != receiptsChosen || f.ReceiptChannels == was.ReceiptChannels):
	case f.Receipts == receiptsUsual:
		wanted.Receipts = nil
	case f.Receipts == receiptsNone:
		wanted.Receipts = &paylink.Receipts{Channels: []paylink.Channel{}}
	default:
		wanted.Receipts = &paylink.Receipts{Channels: []paylink.Channel{}}
		for _, c := range strings.Fields(f.ReceiptChannels) {
			wanted.Receipts.Channels = append(wanted.Receipts.Channels, paylink.Channel(c))
		}
		if len(wanted.Receipts.Channels) == 0 {
			wrong("receipts", "Choose where receipts go, or “no receipts”.")
			wanted.Receipts.Channels = append(wanted.Receipts.Channels, "none") // which issue refuses
		}
	}
	return issue.Decision{Members: seen.Settings.Changes(wanted), Seen: &seen}, problems
}

// refunds are the rules as they are wanted; those that are all as usual are none.
func (f paymentsForm) refunds(s scene, now *paylink.RefundRules, was paymentsForm, wrong func(field, text string)) *paylink.RefundRules {
	var r paylink.RefundRules
	if now != nil {
		r = *now
	}
	if f.Refunds.Above != was.Refunds.Above {
		if r.ApproveAbove = nil; f.Refunds.Above != "" {
			minor, why := int64(0), "" // nothing is more than nothing: every refund waits
			if strings.Trim(f.Refunds.Above, "0.") != "" {
				if minor, why = parseAmount(f.Refunds.Above, s.Merchant.Currency); why != "" {
					wrong("approve_above", why)
					minor = unreadable
				}
			}
			r.ApproveAbove = &minor
		}
	}
	minutes := func(field, text string) int64 {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < 0 || n > int64(24*time.Hour/time.Minute) {
			wrong(field, "Write minutes as a whole number, at most 1440, or leave it empty.")
			return unreadable
		}
		return n * 60
	}
	if f.Refunds.Cancel != was.Refunds.Cancel {
		if r.CancelWithin = 0; f.Refunds.Cancel != "" {
			r.CancelWithin = minutes("cancel_within", f.Refunds.Cancel)
		}
	}
	if f.Refunds.BulkCancel != was.Refunds.BulkCancel {
		if r.BulkCancelWithin = nil; f.Refunds.BulkCancel != "" {
			n := minutes("bulk_cancel_within", f.Refunds.BulkCancel)
			r.BulkCancelWithin = &n
		}
	}
	if f.Disputed != was.Disputed {
		if r.OnDisputed = ""; f.Disputed {
			r.OnDisputed = "allow"
		}
	}
	if r == (paylink.RefundRules{}) {
		return nil
	}
	return &r
}

// paymentsOrder is the order of the form's fields.
var paymentsOrder = []string{"", "approve_above", "cancel_within", "bulk_cancel_within", "on_disputed", "receipts",
	"pay_card", "pay_upi", "pay_netbanking", "pay_other", "upi_category"}

// paymentsFields are the form's fields by the pointers that issue uses.
var paymentsFields = map[string]string{
	"/settings/refunds/approve_above": "approve_above", "/settings/refunds/cancel_within": "cancel_within",
	"/settings/refunds/bulk_cancel_within": "bulk_cancel_within", "/settings/refunds/on_disputed": "on_disputed",
	"/settings/payment_routing/card": "pay_card", "/settings/payment_routing/upi": "pay_upi",
	"/settings/payment_routing/netbanking": "pay_netbanking", "/settings/payment_routing/other": "pay_other",
	"/settings/upi_category": "upi_category",
}

func paymentsProblem(f paylink.Field) problem {
	p := problem{Field: paymentsFields[f.Pointer]}
	switch {
	case p.Field == "approve_above":
		p.Text = "This amount is too large."
	case strings.HasPrefix(f.Pointer, "/settings/receipts"):
		p.Field = "receipts"
	}
	return p
}

package dashboard

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"paylink"
	"paylink/issue"
)

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

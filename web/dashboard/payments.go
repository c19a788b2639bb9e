package dashboard

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"paylink"
	"paylink/connect"
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

package issue

import (
	"slices"

	"paylink"
)

// paying judges what a merchant decides about who takes its payments.
func (j *judgement) paying(s paylink.Settings) {
	if r := s.PaymentRouting; r != nil {
		for _, one := range []struct {
			name string
			said paylink.RoutePreference
		}{{"card", r.Card}, {"upi", r.UPI}, {"netbanking", r.Netbanking}, {"other", r.Other}} {
			orders := []paylink.RoutePreference{"", paylink.RouteRank, paylink.RouteCheapest, paylink.RouteHealthiest, paylink.RouteShare}
			if !slices.Contains(orders, one.said) {
				j.bad.Add("/settings/payment_routing/"+one.name, "unknown_value", "An order of accounts is rank, cheapest, healthiest or share.")
			}
		}
	}
	if !slices.Contains(append(paylink.UPICategories, ""), s.UPICategory) {
		j.bad.Add("/settings/upi_category", "unknown_value", "It is one of the trades for which UPI has a limit, such as general or education.")
	}
}

package cli

import (
	"strconv"
	"strings"

	"paylink/client"
)

// sending reads by whom and to where messages go.
func (c *settingsSetCommand) sending(to *client.SettingsChange) error {
	decide(&to.OnUnknownSend, c.OnUnknownSend, c.OnUnknownSend)
	decide(&to.SMSCountries, strings.Join(c.SMSCountry, ","), c.SMSCountry)
	if c.SMSRangeLimit != "" && c.SMSRangeLimit != "none" {
		n, err := strconv.ParseInt(c.SMSRangeLimit, 10, 64)
		if err != nil || n < 0 {
			return usage("--sms-range-limit is a whole number, or none")
		}
		to.SMSRangeLimit = client.Value(n)
	}
	decide(&to.SMSRangeLimit, map[bool]string{true: "none"}[c.SMSRangeLimit == "none"], 0)
	var r client.MessageRouting
	of := map[string]*string{"sms": &r.SMS, "whatsapp": &r.WhatsApp, "email": &r.Email, "in_app": &r.InApp}
	for _, text := range c.Route {
		channel, order, _ := strings.Cut(text, "=")
		if text == "none" && len(c.Route) == 1 {
			break
		}
		if of[channel] == nil || order == "" {
			return usage("--route is a channel and rank, cheapest or healthiest, such as sms=cheapest")
		}
		*of[channel] = order
	}
	decide(&to.MessageRouting, strings.Join(c.Route, ","), r)
	return c.paying(to)
}

// paying reads by whom payments are taken.
func (c *settingsSetCommand) paying(to *client.SettingsChange) error {
	decide(&to.UPICategory, c.UPICategory, c.UPICategory)
	var r client.PaymentRouting
	of := map[string]*string{"card": &r.Card, "upi": &r.UPI, "netbanking": &r.Netbanking, "other": &r.Other}
	for _, text := range c.PayRoute {
		method, order, _ := strings.Cut(text, "=")
		if text == "none" && len(c.PayRoute) == 1 {
			break
		}
		if of[method] == nil || order == "" {
			return usage("--pay-route is card, upi, netbanking or other and rank, cheapest, healthiest or share, such as card=cheapest")
		}
		*of[method] = order
	}
	decide(&to.PaymentRouting, strings.Join(c.PayRoute, ","), r)
	return nil
}

// money reads what is written in major units of the merchant's currency.
func (c *settingsSetCommand) money(to *client.SettingsChange, currency string) (err error) {
	if len(c.Price) > 0 {
		if to.MessagePrices, err = prices(c.Price, currency); err != nil {
			return err
		}
	}
	var b client.MessageBudget
	of := map[string]**int64{"day": &b.Day, "month": &b.Month, "link": &b.Link}
	for _, text := range c.Budget {
		scope, amount, _ := strings.Cut(text, "=")
		if text == "none" && len(c.Budget) == 1 {
			break
		}
		minor, err := client.Minor(amount, currency)
		if of[scope] == nil || err != nil {
			return usage("--budget is day, month or link with an amount, such as day=500")
		}
		*of[scope] = &minor
	}
	decide(&to.MessageBudget, strings.Join(c.Budget, ","), b)
	return nil
}

// sendingFacts shows by whom and to where messages go, and what they may cost.
func sendingFacts(w table, m client.Merchant) {
	s := m.Settings
	if r := s.MessageRouting; r != nil {
		for _, one := range [][2]string{{"sms", r.SMS}, {"whatsapp", r.WhatsApp}, {"email", r.Email}, {"in_app", r.InApp}} {
			if one[1] != "" {
				w.fact("Accounts for "+one[0], one[1])
			}
		}
	}
	w.fact("No answer", s.OnUnknownSend)
	if r := s.PaymentRouting; r != nil {
		for _, one := range [][2]string{{"card", r.Card}, {"upi", r.UPI}, {"netbanking", r.Netbanking}, {"other methods", r.Other}} {
			if one[1] != "" {
				w.fact("Payments by "+one[0], one[1])
			}
		}
	}
	w.fact("UPI category", s.UPICategory)
	w.fact("Text messages to", strings.Join(s.SMSCountries, ", "))
	if n := s.SMSRangeLimit; n != nil {
		w.fact("Numbers of a range", strconv.FormatInt(*n, 10))
	}
	if b := s.MessageBudget; b != nil {
		for _, one := range []struct {
			name  string
			minor *int64
		}{{"day", b.Day}, {"month", b.Month}, {"link", b.Link}} {
			if one.minor != nil {
				w.fact("Messages a "+one.name, money(*one.minor, m.Currency))
			}
		}
	}
}

package issue

import (
	"fmt"
	"slices"
	"strings"

	"paylink"
)

// The limits of what is added to an amount.
const (
	maxTips         = 4
	maxShipping     = 5
	maxShippingName = 60
	maxCodes        = 20
	minCode         = 3 // shorter ones are guessed
	maxCode         = 32
)

// extras judges what may be added to the amount. It is for links that are paid at once: of a part nobody
// could say how much of it is a tip.
func (j *judgement) extras(t *paylink.Terms) {
	if t.Tip != nil {
		j.tip(*t.Tip)
		j.atOnce("/tip", *t)
	}
	if t.Surcharge != nil {
		j.surcharge(*t.Surcharge)
		j.atOnce("/surcharge", *t)
	}
	if t.DiscountCodes != nil {
		t.DiscountCodes = slices.Clone(t.DiscountCodes) // they are written as they are kept
		j.codes(t.DiscountCodes)
		j.atOnce("/allow_discount_codes", *t)
	}
	if t.Shipping != nil {
		j.shipping(t)
		j.atOnce("/shipping_options", *t)
	}
}

func (j *judgement) shipping(t *paylink.Terms) {
	if len(t.Shipping) > maxShipping {
		j.bad.Add("/shipping_options", "too_many", fmt.Sprintf("The list must have at most %d members.", maxShipping))
		return
	}
	names := map[string]bool{}
	for i, option := range t.Shipping {
		at := fmt.Sprintf("/shipping_options/%d", i)
		if option.Name == "" {
			j.bad.Add(at+"/name", "required", "The way to deliver has no name.")
		} else if names[option.Name] {
			j.bad.Add(at+"/name", "duplicate_value", "This is in the list already.")
		}
		names[option.Name] = true
		j.text(at+"/name", option.Name, maxShippingName, oneLine)
		j.within(at+"/amount", option.Amount, 0, paylink.MaxMinor)
	}
}

func (j *judgement) tip(t paylink.Tip) {
	for _, list := range []struct {
		at     string
		values []int64
		most   int64
	}{{"/tip/presets_percent", t.PresetsPercent, 100}, {"/tip/presets", t.Presets, paylink.MaxMinor}} {
		if len(list.values) > maxTips {
			j.bad.Add(list.at, "too_many", fmt.Sprintf("The list must have at most %d members.", maxTips))
			continue
		}
		seen := map[int64]bool{}
		for i, n := range list.values {
			pointer := fmt.Sprintf("%s/%d", list.at, i)
			if j.within(pointer, n, 1, list.most); seen[n] {
				j.bad.Add(pointer, "duplicate_value", "This is in the list already.")
			}
			seen[n] = true
		}
	}
	if len(t.Presets) > 0 && len(t.PresetsPercent) > 0 {
		j.bad.Add("/tip/presets", "conflicting", "Say either presets or presets_percent.")
	}
	j.within("/tip/maximum", t.Maximum, 0, paylink.MaxMinor)
}

// surcharge judges what some methods cost more, by what the merchant's country allows.
func (j *judgement) surcharge(s paylink.Surcharge) {
	rate, ok := s.Millionths()
	if !ok || rate == 0 {
		j.bad.Add("/surcharge/rate", "bad_rate", "The rate must be a percentage of more than 0 with at most 4 decimals, such as 1.5.")
	}
	if len(s.Methods) == 0 {
		j.bad.Add("/surcharge/methods", "required", "Say which methods cost more.")
	}
	list(j, "/surcharge/methods", s.Methods, paylink.Methods)
	for i, m := range s.Methods {
		at := fmt.Sprintf("/surcharge/methods/%d", i)
		switch most := paylink.SurchargeMost(j.by.Merchant.Country, m); {
		case !slices.Contains(paylink.Methods, m):
		case most == 0:
			j.bad.Add(at, "surcharge_not_allowed", "In the merchant's country no surcharge may be asked for this method.")
		case rate > most:
			j.bad.Add(at, "surcharge_too_large", fmt.Sprintf("In the merchant's country the surcharge for this method is at most %d.%02d percent.", most/10_000, most/100%100))
		}
	}
}

// codes judges the list of codes that a payment may use, and writes each as it is kept. Whether there is
// such a code yet is not asked: it can be made later.
func (j *judgement) codes(codes []string) {
	const at = "/allow_discount_codes"
	if len(codes) == 0 || len(codes) > maxCodes {
		j.bad.Add(at, "out_of_range", fmt.Sprintf("The list must have 1 to %d members.", maxCodes))
		return
	}
	for i, code := range codes {
		pointer := fmt.Sprintf("%s/%d", at, i)
		if codes[i] = paylink.NormalCode(code); code != paylink.AllCodes {
			j.code(pointer, codes[i])
		}
		if slices.Contains(codes[:i], codes[i]) {
			j.bad.Add(pointer, "duplicate_value", "This is in the list already.")
		}
	}
}

// code judges the text that customers type.
func (j *judgement) code(pointer, code string) {
	if len(code) < minCode || len(code) > maxCode || strings.Trim(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") != "" {
		j.bad.Add(pointer, "bad_code", fmt.Sprintf("A code has %d to %d letters from A to Z, digits, - and _.", minCode, maxCode))
	}
}

// atOnce refuses extras on a link that is paid in parts.
func (j *judgement) atOnce(pointer string, t paylink.Terms) {
	if t.Partial != nil || t.Plan != nil {
		j.bad.Add(pointer, "conflicting", "A link that is paid in parts has no extras.")
	}
}

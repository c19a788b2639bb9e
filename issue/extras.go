package issue

import (
	"fmt"

	"paylink"
)

// The limits of what is added to an amount.
const (
	maxTips         = 4
	maxShipping     = 5
	maxShippingName = 60
)

// extras judges what may be added to the amount. It is for links that are paid at once: of a part nobody
// could say how much of it is a tip.
func (j *judgement) extras(t *paylink.Terms) {
	if t.Tip != nil {
		j.tip(*t.Tip)
		j.atOnce("/tip", *t)
	}
	if t.Shipping == nil {
		return
	}
	j.atOnce("/shipping_options", *t)
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

// atOnce refuses extras on a link that is paid in parts.
func (j *judgement) atOnce(pointer string, t paylink.Terms) {
	if t.Partial != nil {
		j.bad.Add(pointer, "conflicting", "A link that is paid in parts has no extras.")
	}
}

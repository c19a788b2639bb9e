package checkout

import (
	"strconv"
	"strings"

	"paylink"
)

// Quote is what the choice comes to on a page, before anything is started; *paylink.Invalid when the link
// does not offer it.
func (c Choice) Quote(l paylink.Link) (paylink.Quote, error) {
	w, err := c.wish(l.Amount.Currency)
	if err != nil {
		return paylink.Quote{}, err
	}
	return l.Quote(w)
}

// wishExtras reads what is added to the amount.
func (c Choice) wishExtras(w *paylink.Wish, currency paylink.Currency, wrong *paylink.Invalid) {
	if percent, ok := strings.CutSuffix(c.Tip, "%"); ok {
		n, err := strconv.ParseInt(percent, 10, 8)
		if err != nil || n < 1 {
			wrong.Add("/tip", "unreadable", "This is no percentage.")
		}
		w.TipPercent = n
	} else if c.Tip != "" {
		minor, fault := paylink.ReadAmount(c.Tip, currency)
		if fault != "" {
			wrong.Add("/tip", string(fault), "This is not an amount of the currency.")
		}
		w.Tip = minor
	}
	if c.Shipping != "" {
		n, err := strconv.ParseInt(c.Shipping, 10, 8)
		if err != nil || n < 1 {
			wrong.Add("/shipping", "unreadable", "This is no way to deliver.")
		}
		w.Shipping = int(n)
	}
}

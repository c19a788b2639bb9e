package paypage

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"paylink"
	"paylink/checkout"
)

// moreTime is what the page says about the time that a link still has or could have. Empty where the
// merchant's policy allows nothing: the page costs no byte more then.
type moreTime struct {
	Text   string // why, or how it stands
	Button string // empty: there is nothing to press
	Action string
}

// renew gives the link new time, or has the merchant asked. The customer is back on the same address,
// where the link can be paid again or the page says who was asked.
func (h *Handler) renew(w http.ResponseWriter, r *http.Request, a address, token string, visitor checkout.Visitor) {
	l, once, err := h.Checkout.Vouch(r.Context(), a.code, token, visitor)
	if err != nil {
		h.after(w, r, a, err, "")
		return
	}
	done, err := h.Issuer.Ask(r.Context(), l, once)
	var conflict *paylink.Conflict
	switch {
	case errors.As(err, &conflict):
		h.back(w, r, a, noteNoMore)
	case err == nil && done.Link.RefreshAskedAt.IsZero():
		h.back(w, r, a, noteMore)
	default:
		h.after(w, r, a, err, "")
	}
}

// moreTime fills in what the customer of an expired link, or of one that expires soon, may ask for.
func (v *view) moreTime(page checkout.Page, action string) {
	wish := page.Link.MoreTime(page.Merchant.RefreshOf(page.Link), page.WorldNow)
	expired := v.Standing == standExpired
	if wish == paylink.MoreTimeNone || !expired && !v.Standing.payable() {
		return
	}
	v.More.Text = v.Lang.T("more.until", "time", v.Lang.Moment(page.Link.ExpiresAt, page.Merchant.TimeZone))
	if expired || wish == paylink.MoreTimeAsked || wish == paylink.MoreTimeDeclined {
		v.More.Text = v.Lang.T("more."+string(wish)+".text", "merchant", v.Merchant.Name)
	}
	if wish == paylink.MoreTimeGrant || wish == paylink.MoreTimeAsk {
		v.More.Button, v.More.Action = v.Lang.T("more."+string(wish)+".button", "merchant", v.Merchant.Name), action
	}
	if to := reached(page); to != "" && (wish == paylink.MoreTimeAsk || wish == paylink.MoreTimeAsked) {
		v.More.Text += " " + v.Lang.T("more.where", "addresses", to)
	}
	if expired {
		v.Lead, v.More.Text = v.More.Text, ""
	}
}

// reached names where the link goes when the merchant says yes, as masks: whoever holds the link may not
// be its customer.
func reached(page checkout.Page) string {
	if page.Customer == nil {
		return ""
	}
	var masks []string
	for _, channel := range page.Link.Channels {
		to := page.Customer.Phone
		switch channel {
		case paylink.ChannelEmail:
			to = page.Customer.Email
		case paylink.ChannelInApp:
			to = ""
		}
		if mask := paylink.MaskAddress(to); to != "" && !slices.Contains(masks, mask) {
			masks = append(masks, mask)
		}
	}
	return strings.Join(masks, ", ")
}

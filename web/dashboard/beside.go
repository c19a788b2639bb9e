package dashboard

import (
	"strings"

	"paylink"
)

// beside says events that are about no link: what they are about, what happened, empty where the type says
// enough, and the page where more of it stands.
func (s scene) beside(e paylink.Event) (subject, text, href string) {
	switch data := e.Data; {
	case e.Type == paylink.EventMerchantUpdated:
		return "Settings", "changed", s.path("settings")
	case e.Type == paylink.EventBulkFinished && data.Bulk != nil:
		return "Uploaded file", data.Bulk.Summary, s.path("bulk", string(data.Bulk.ID))
	case data.DiscountCode != nil:
		d := data.DiscountCode
		subject, href = "Discount code "+d.Code, s.path("settings", "discounts", string(d.ID))
		switch {
		case e.Type == paylink.EventDiscountCodeCreated:
			return subject, "made", href
		case !d.Active:
			return subject, "switched off", href
		}
		return subject, "changed", href
	case data.Account != nil:
		subject, href = "Provider "+data.Account.Provider, s.path("settings", "providers", string(data.Account.ID))
		switch {
		case e.Type == paylink.EventAccountConnected:
			return subject, "connected", href
		case e.Type == paylink.EventAccountDisconnected:
			return subject, "disconnected", s.path("settings", "providers")
		case data.Account.Off:
			return subject, "changed; it is switched off", href
		}
		return subject, "changed", href
	case data.Suppression != nil:
		text = "gets messages again by " + channelWords[data.Suppression.Channel]
		if why := liftWords[data.Suppression.Lifted]; why != "" {
			text += ": " + strings.ToLower(why[:1]) + why[1:]
		}
		return "An address", text, s.path("settings", "suppressions")
	case data.Customer != nil:
		return "A customer", customerText(e), s.path("customers", string(data.Customer.ID))
	case data.Endpoint != nil:
		subject, href = "Webhook endpoint "+string(data.Endpoint.ID), s.path("jobs")
		switch e.Type {
		case paylink.EventEndpointParked:
			return subject, "keeps failing and is paused; what waits is not lost", href
		case paylink.EventEndpointResumed:
			return subject, "works again", href
		}
		return subject, "", href
	}
	return "Your account", "", s.path()
}

// customerText says what became of a person.
func customerText(e paylink.Event) string {
	switch e.Type {
	case paylink.EventCustomerCreated:
		return "added"
	case paylink.EventCustomerMerged:
		return "made one with another"
	case paylink.EventCustomerErased:
		return "erased"
	case paylink.EventCustomerRevealed:
		return "looked at without masks"
	}
	said := e.Data.Customer.Consent
	switch {
	case said == nil:
		return "changed"
	case said.State == paylink.ConsentGranted:
		return "agreed to " + word(channelWords, said.Channel) + ": " + word(consentWords, said.Purpose)
	}
	return "said no to " + word(channelWords, said.Channel) + ": " + word(consentWords, said.Purpose)
}

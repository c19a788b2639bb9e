package paylink

import "time"

// MessageRouting is by what the accounts that could carry a message are put into an order, by channel.
type MessageRouting struct {
	SMS      RoutePreference `json:"sms,omitempty" enum:"rank,cheapest,healthiest" doc:"absent: rank"`
	WhatsApp RoutePreference `json:"whatsapp,omitempty" enum:"rank,cheapest,healthiest" doc:"absent: rank"`
	Email    RoutePreference `json:"email,omitempty" enum:"rank,cheapest,healthiest" doc:"absent: rank"`
	InApp    RoutePreference `json:"in_app,omitempty" enum:"rank,cheapest,healthiest" doc:"absent: rank"`
}

// RoutePreference is which account is tried first; where two are equal, the rank decides.
type RoutePreference string

const (
	RouteRank       RoutePreference = "rank"       // in the order of the accounts' ranks
	RouteCheapest   RoutePreference = "cheapest"   // by the price of a message to its country; one without a price comes last
	RouteHealthiest RoutePreference = "healthiest" // by the share of messages taken in the last fifteen minutes
	RouteShare      RoutePreference = "share"      // of payments: by the shares of the accounts, drawn by each payment's reference
)

// For is the preference for a channel.
func (r *MessageRouting) For(c Channel) RoutePreference {
	if r == nil {
		return RouteRank
	}
	said := map[Channel]RoutePreference{ChannelSMS: r.SMS, ChannelWhatsApp: r.WhatsApp, ChannelEmail: r.Email, ChannelInApp: r.InApp}[c]
	if said == "" {
		return RouteRank
	}
	return said
}

// UnknownSend is what becomes of a message of which nobody can tell whether its provider has it.
type UnknownSend string

const (
	UnknownWait   UnknownSend = "wait"   // it is not sent again, until a receipt tells
	UnknownResend UnknownSend = "resend" // it is sent again, so that a customer may get it twice
)

// MessageBudget is what messages may cost a merchant at most, in minor units of its currency, in each world
// by itself. A cap that is absent does not bound.
type MessageBudget struct {
	Day   *int64 `json:"day,omitempty" minimum:"0" maximum:"1000000000000" doc:"in one day of your time zone, in minor units of your currency"`
	Month *int64 `json:"month,omitempty" minimum:"0" maximum:"1000000000000" doc:"in one month of your time zone"`
	Link  *int64 `json:"link,omitempty" minimum:"0" maximum:"1000000000000" doc:"for the messages of one link"`
}

// SpendScopes are under which names the cost of a message is counted: day, link and month, by the merchant's
// clock. What is spent is counted under those that have a cap.
func (m Merchant) SpendScopes(live bool, link LinkID, at time.Time) []string {
	local := m.Now(live, at).In(m.Zone())
	return []string{"day:" + local.Format("2006-01-02"), "link:" + string(link), "month:" + local.Format("2006-01")}
}

// Price is what a hundred messages of a channel cost, in minor units, if that is known.
func (p *MessagePrices) Price(c Channel) (minor int64, known bool) {
	if c == ChannelInApp {
		return 0, true
	}
	if p == nil {
		return 0, false
	}
	said := map[Channel]*int64{ChannelSMS: p.SMS, ChannelWhatsApp: p.WhatsApp, ChannelEmail: p.Email}[c]
	if said == nil {
		return 0, false
	}
	return *said, true
}

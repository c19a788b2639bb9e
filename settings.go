package paylink

import (
	"encoding/json"
	"fmt"
	"time"
)

// Settings is what a merchant decides once for all the links that it will make, in both worlds. What
// is absent leaves a link to itself. As JSON it is one column of the merchant and a part of its public
// shape; a member that is new in a version is absent in what was stored before.
type Settings struct {
	Channels []Channel     `json:"default_channels,omitempty" enum:"sms,whatsapp,email,in_app" maxItems:"4" doc:"where a link goes that names no channels, as far as its customer has an address there; absent: nowhere"`
	Delivery *DeliveryPlan `json:"default_delivery,omitempty" doc:"the steps in which a link goes out that names neither channels nor delivery, as far as its customer has an address for one of them; before default_channels"`

	OnLate      Policy   `json:"on_late_payment,omitempty" enum:"accept,hold,refund,credit" doc:"for links that do not say; absent: accept"`
	OnDuplicate Policy   `json:"on_duplicate,omitempty" enum:"accept,hold,refund,credit" doc:"for links that do not say; absent: refund"`
	OnOver      Policy   `json:"on_overpayment,omitempty" enum:"accept,hold,refund,credit" doc:"for links that do not say; absent: set aside for a person"`
	OnUnder     Policy   `json:"on_underpayment,omitempty" enum:"accept,hold,refund,credit" doc:"for links that do not say; absent: set aside for a person"`
	Refresh     *Refresh `json:"refresh,omitempty" doc:"how links may be given new time when they expire, those that exist and do not say among them; absent: never"`

	Prices *MessagePrices `json:"message_prices,omitempty" doc:"what messages cost you, for the estimate of an uploaded file; absent: not known"`

	Routing        *MessageRouting `json:"message_routing,omitempty" doc:"which of your accounts is tried first, by channel; absent: by their ranks"`
	PaymentRouting *PaymentRouting `json:"payment_routing,omitempty" doc:"which of your accounts with gateways takes a payment, by method; absent: by their ranks"`
	UPICategory    UPICategory     `json:"upi_category,omitempty" enum:"general,verified,capital_markets,insurance,government,travel,credit_card_bills,collections,jewellery,hospitals,education,term_deposits,account_opening" doc:"your trade, by which UPI allows one payment: above it UPI is not offered; absent: general"`

	OnUnknownSend UnknownSend    `json:"on_unknown_send,omitempty" enum:"wait,resend" doc:"what becomes of a message when nobody can tell whether its provider has it: wait for a receipt, or send it again, perhaps twice; absent: wait"`
	Budget        *MessageBudget `json:"message_budget,omitempty" doc:"what messages may cost you at most; with a cap, a channel whose price is not known sends nothing; absent: no cap"`
	SMSCountries  []string       `json:"sms_countries,omitempty" maxItems:"60" pattern:"^[A-Z]{2}$" doc:"to which countries text messages go beside your own, ISO 3166; absent: to none"`
	SMSRange      *int64         `json:"sms_range_limit,omitempty" minimum:"0" maximum:"10000" doc:"to how many different numbers of one range, which share all but the last four digits, text messages go within an hour; more looks like fraud; 0: as many as you like; absent: 50 in live mode, no limit in test mode"`

	ReturnOrigins []string `json:"return_origins,omitempty" maxItems:"20" doc:"the origins to which customers may go back, each https and a host, exactly; without one, links of live mode have no return_url"`

	QuietHours    *DailyHours  `json:"quiet_hours,omitempty" doc:"when no reminder goes out, by the clock of your time zone; both times the same: never; absent: from 21:00 to 09:00"`
	ContactHours  *DailyHours  `json:"contact_hours,omitempty" doc:"messages that the customer did not ask for just now go out from the one time up to the other, by the customer's own clock as the phone number tells it; absent: whenever law and quiet hours allow"`
	ContactCaps   *ContactCaps `json:"contact_caps,omitempty" doc:"how often one customer is reminded on one channel, over all links; absent: as often as the law allows"`
	WhatsAppOptIn bool         `json:"whatsapp_opt_in_required,omitempty" doc:"WhatsApp is used only for customers whose consent to it is on record, unless they asked for the message just now"`

	DLT *DLT `json:"dlt,omitempty" doc:"what you have registered with India's operators; without it no text message goes to India in live mode"`

	Receipts *Receipts `json:"receipts,omitempty" doc:"on which channels customers get a receipt when their money has arrived; absent: by e-mail, where you have somebody who carries it"`

	Refunds *RefundRules `json:"refunds,omitempty" doc:"who decides about refunds, and how long they can be called off; absent: one person, and at once"`

	NotifyExpiry bool `json:"notify_expiry,omitempty" doc:"links that are sent and expire, and say nothing of reminders, remind the customer before: a day, or two hours for shorter lives"`
}

// Text is the settings as they are stored; two that mean the same have the same.
func (s Settings) Text() string {
	b, err := json.Marshal(s)
	if err != nil {
		panic("settings: " + err.Error()) // plain structs always marshal
	}
	return string(b)
}

// With gives the settings with some members changed, by their JSON names. A member that is null goes
// back to being absent; one that is not named stays.
func (s Settings) With(members map[string]json.RawMessage) (Settings, error) {
	merged := s.members()
	for name, value := range members {
		merged[name] = value // null is the zero value of whatever it is read into
	}
	text, err := json.Marshal(merged)
	if err != nil {
		return s, fmt.Errorf("write settings: %w", err)
	}
	var changed Settings
	if err := json.Unmarshal(text, &changed); err != nil {
		return s, fmt.Errorf("read settings: %w", err)
	}
	return changed, nil
}

// Changes are the members in which other differs from s, with the values of other, as With takes them: null
// for one that other does not have.
func (s Settings) Changes(other Settings) map[string]json.RawMessage {
	before, after := s.members(), other.members()
	changes := map[string]json.RawMessage{}
	for name, value := range after {
		if string(before[name]) != string(value) {
			changes[name] = value
		}
	}
	for name := range before {
		if after[name] == nil {
			changes[name] = json.RawMessage("null")
		}
	}
	return changes
}

// members are the settings by their JSON names; what is absent is not among them.
func (s Settings) members() map[string]json.RawMessage {
	m := map[string]json.RawMessage{}
	if err := json.Unmarshal([]byte(s.Text()), &m); err != nil {
		panic("settings: " + err.Error()) // it was marshalled just now
	}
	return m
}

// MerchantSnapshot is what a merchant has decided about its links, for an event.
type MerchantSnapshot struct {
	ID            MerchantID `json:"id"`
	Object        string     `json:"object" enum:"merchant"`
	DefaultExpiry *int64     `json:"default_expires_in"` // seconds; nil: for ever
	Settings      Settings   `json:"settings"`
	UpdatedAt     time.Time  `json:"updated_at"`
}

package paylink

// MessagePrices is what a hundred messages cost a merchant, by channel, in minor units of the merchant's
// currency: one alone often costs less than a unit. Messages in the app cost nothing.
type MessagePrices struct {
	SMS      *int64 `json:"sms,omitempty" minimum:"0" maximum:"1000000000" doc:"of a hundred text messages, in minor units of your currency; absent: not known"`
	WhatsApp *int64 `json:"whatsapp,omitempty" minimum:"0" maximum:"1000000000" doc:"of a hundred WhatsApp messages; absent: not known"`
	Email    *int64 `json:"email,omitempty" minimum:"0" maximum:"1000000000" doc:"of a hundred e-mails; absent: not known"`
}

// Estimate is what some messages cost, in minor units, rounded up. It is not known when the price of one of
// them is not. A text that is longer than one message costs more.
func (p *MessagePrices) Estimate(messages map[Channel]int64) (minor int64, known bool) {
	if p == nil || len(messages) == 0 {
		return 0, false
	}
	hundredths := int64(0)
	for channel, n := range messages {
		price := map[Channel]*int64{ChannelSMS: p.SMS, ChannelWhatsApp: p.WhatsApp, ChannelEmail: p.Email, ChannelInApp: new(int64)}[channel]
		if n > 0 && price == nil {
			return 0, false
		}
		if n > 0 {
			hundredths += n * *price
		}
	}
	return (hundredths + 99) / 100, true
}

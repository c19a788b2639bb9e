package locale

import (
	"cmp"
	"strings"

	"paylink"
)

// longestPlace is how much of a name or a subject a text message of the merchant's own words has room for:
// operators in India let no place of a registered text hold more.
const longestPlace = 30

// Values are the facts as the named variables of a merchant's own texts: merchant, amount, subject,
// reference, customer, url, payment, expires and due. What is not known is empty.
func (l Language) Values(channel paylink.Channel, f MessageFacts) map[string]string {
	name, subject, customer := longestMerchant, longestSubject, longestName
	amount, tidy := l.Money, func(s string) string { return s }
	if channel == paylink.ChannelSMS {
		name, subject, customer, amount = longestPlace, longestPlace, longestPlace, l.shortMoney
		if l.writing.gsm {
			tidy = alike.Replace
		}
	}
	values := map[string]string{
		"merchant":  tidy(plainWithout(f.Merchant, name)),
		"amount":    l.sum(f, amount),
		"reference": tidy(plainWithout(f.Reference, subject)),
		"customer":  tidy(plainWithout(f.CustomerName, customer)),
		"url":       f.URL,
		"payment":   f.Number,
	}
	values["subject"] = cmp.Or(tidy(plainWithout(f.Description, subject)), values["reference"])
	if !f.ExpiresAt.IsZero() {
		values["expires"] = tidy(l.Moment(f.ExpiresAt, f.Zone))
	}
	if !f.DueAt.IsZero() {
		values["due"] = tidy(l.Day(f.DueAt, f.Zone))
	}
	return values
}

// Own dresses a merchant's own words, which are filled already, for their channel: with the button, and for
// e-mail with the letter's frame. An empty subject is the one of this house.
func (l Language) Own(channel paylink.Channel, f MessageFacts, subject, text string) Text {
	house := l.Message(channel, f)
	out := Text{Subject: cmp.Or(subject, house.Subject), Text: text, Button: house.Button}
	if channel != paylink.ChannelEmail {
		return out
	}
	mail := l.frame(f)
	for _, p := range strings.Split(strings.ReplaceAll(text, "\r", ""), "\n") {
		if p = strings.TrimSpace(p); p != "" {
			mail.Own = append(mail.Own, p)
		}
	}
	out.HTML = mail.html()
	out.Text = text + "\n\n" + mail.Careful + "\n\n" + mail.Why + "\n"
	return out
}

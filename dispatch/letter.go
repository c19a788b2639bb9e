package dispatch

import (
	"net/url"

	"paylink"
	"paylink/channel"
	"paylink/locale"
	"paylink/token"
)

// letter writes the message in the customer's language.
func (d *Dispatch) letter(p parcel) (channel.Letter, error) {
	address, err := d.linkURL(p.merchant, p.link, p.message.Channel)
	if err != nil {
		return channel.Letter{}, err
	}
	facts := locale.MessageFacts{
		Merchant: p.merchant.Name, Amount: paylink.Money{Minor: p.link.AmountDue(), Currency: p.link.Amount.Currency},
		Open:        p.link.Terms.CustomerAmount != nil,
		Description: p.link.Description, Reference: p.link.Reference,
		URL: address, ExpiresAt: p.link.ExpiresAt, Zone: p.merchant.TimeZone,
	}
	if p.message.Purpose == paylink.PurposeReminder {
		facts.Kind = kindOf(p.link, p.merchant.Now(p.link.Live, d.now()))
		if due := p.link.Terms.DueAt; due != nil {
			facts.DueAt = *due
		}
	}
	spoken := ""
	if p.customer != nil {
		facts.CustomerName, spoken = p.customer.Name, p.customer.Locale
	}
	words := locale.Pick(spoken, p.merchant.Locale)
	text := words.Message(p.message.Channel, facts)
	if p.proof {
		code, err := token.ProofCode(d.ring, p.link.CodeSlot, string(p.message.ID))
		if err != nil {
			return channel.Letter{}, err
		}
		text = words.Proof(p.message.Channel, p.merchant.Name, code)
	}
	l := channel.Letter{
		ID: p.message.ID, Channel: p.message.Channel, To: p.message.To, Sender: p.merchant.Name,
		Subject: text.Subject, Text: text.Text, HTML: text.HTML, ReceiptURL: d.receiptURL(p.account, p.message.ID),
		Country: p.country, Language: words.Tag, At: d.now(), Until: p.link.ExpiresAt,
	}
	if text.Button != "" {
		l.ButtonLabel, l.ButtonURL = text.Button, address
	}
	l.Unsubscribe, err = d.unsubscribeURL(p)
	return l, err
}

// linkURL is the address of a link. A text message in India goes out under the merchant's header, and
// its URL must show the same.
func (d *Dispatch) linkURL(m paylink.Merchant, l paylink.Link, c paylink.Channel) (string, error) {
	code, err := token.CodeFor(d.ring, l.CodeKey, l.CodeSlot)
	if err != nil {
		return "", err
	}
	if c == paylink.ChannelSMS && m.Header != "" {
		return d.public + "/" + url.PathEscape(m.Header) + "/" + code, nil
	}
	return d.public + "/" + code, nil
}

// receiptURL is where the provider of an account posts its receipts about a message.
func (d *Dispatch) receiptURL(a paylink.Account, m paylink.MessageID) string {
	return d.public + "/inbound/channel/" + url.PathEscape(a.Provider) + "/" + url.PathEscape(string(a.ID)) + "?message=" + url.QueryEscape(string(m))
}

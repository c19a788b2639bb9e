package dispatch

import (
	"cmp"
	"net/url"
	"time"

	"paylink"
	"paylink/channel"
	"paylink/token"
)

// letter writes the message in the customer's language.
func (d *Dispatch) letter(p parcel) (channel.Letter, error) {
	text, err := d.words(&p)
	if err != nil {
		return channel.Letter{}, err
	}
	l := channel.Letter{
		ID: p.message.ID, Channel: p.message.Channel, To: p.message.To, Sender: p.merchant.Name,
		Subject: text.Subject, Text: text.Text.Text, HTML: text.HTML, ReceiptURL: d.receiptURL(p.account, p.message.ID),
		Country: p.country, Language: text.language.Tag, At: d.now(), Until: p.until(),
		Template: text.template(&p, p.registered), Order: p.order(),
	}
	if text.Button != "" {
		l.ButtonLabel, l.ButtonURL = text.Button, text.url
	}
	l.Unsubscribe, err = d.unsubscribeURL(p)
	return l, err
}

// until is after which time the letter is of no use; zero: never.
func (p parcel) until() time.Time {
	switch {
	case p.proof:
		return p.message.CreatedAt.Add(paylink.CodeLife)
	case !p.message.Asks():
		return time.Time{}
	}
	return p.link.ExpiresAt
}

// linkURL is the address of a link. A text message in India goes out under the merchant's header, and
// its URL must show the same: the one given, else the merchant's own.
func (d *Dispatch) linkURL(p parcel, header string) (string, error) {
	code, err := token.CodeFor(d.ring, p.link.CodeKey, p.link.CodeSlot)
	if err != nil {
		return "", err
	}
	if header = cmp.Or(header, p.merchant.SMSHeader()); p.message.Channel == paylink.ChannelSMS && header != "" {
		return d.public + "/" + url.PathEscape(header) + "/" + code, nil
	}
	return d.public + "/" + code, nil
}

// receiptURL is where the provider of an account posts its receipts about a message.
func (d *Dispatch) receiptURL(a paylink.Account, m paylink.MessageID) string {
	return d.public + "/inbound/channel/" + url.PathEscape(a.Provider) + "/" + url.PathEscape(string(a.ID)) + "?message=" + url.QueryEscape(string(m))
}

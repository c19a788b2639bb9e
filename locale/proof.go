package locale

import (
	"cmp"

	"paylink"
)

// longestSender is how much of a merchant's name a text message has room for beside a code, in characters.
const longestSender = 20

// ProofValues are the variables of a merchant's own text for a code: the code and the merchant, and nothing of
// the link.
func (l Language) ProofValues(channel paylink.Channel, merchant, code string) map[string]string {
	return map[string]string{"merchant": l.asker(channel, merchant), "code": code}
}

// OwnProof dresses a merchant's own words for a code, which are filled already. An empty subject is the one of
// this house.
func (l Language) OwnProof(channel paylink.Channel, merchant, subject, text string) Text {
	return Text{Subject: cmp.Or(subject, l.Proof(channel, merchant, "").Subject), Text: text}
}

// Proof writes the message that carries a code, and nothing else of the link: whoever reads it over a
// shoulder learns neither amount nor address.
func (l Language) Proof(channel paylink.Channel, merchant, code string) Text {
	name := l.asker(channel, merchant)
	text := Text{Text: l.T("proof.text", "merchant", name, "code", code)}
	if channel == paylink.ChannelEmail {
		text.Subject = l.T("proof.subject", "merchant", name)
	}
	return text
}

// asker is the merchant's name as a message with a code has room for it.
func (l Language) asker(channel paylink.Channel, merchant string) string {
	name := plainWithout(merchant, longestMerchant)
	if channel == paylink.ChannelSMS {
		name = clip(name, longestSender)
		if l.writing.gsm {
			name = alike.Replace(name)
		}
	}
	return name
}

package locale

import "paylink"

// longestSender is how much of a merchant's name a text message has room for beside a code, in characters.
const longestSender = 20

// Proof writes the message that carries a code, and nothing else of the link: whoever reads it over a
// shoulder learns neither amount nor address.
func (l Language) Proof(channel paylink.Channel, merchant, code string) Text {
	name := plainWithout(merchant, longestMerchant)
	switch channel {
	case paylink.ChannelEmail:
		return Text{Subject: l.T("proof.subject", "merchant", name), Text: l.T("proof.text", "merchant", name, "code", code)}
	case paylink.ChannelSMS:
		name = clip(name, longestSender)
		if l.writing.gsm {
			name = alike.Replace(name)
		}
	}
	return Text{Text: l.T("proof.text", "merchant", name, "code", code)}
}

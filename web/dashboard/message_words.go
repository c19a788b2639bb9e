package dashboard

import (
	"strings"

	"paylink"
	"paylink/locale"
)

// kindWords say what a message is beside a request.
var kindWords = map[paylink.TemplateKind]string{
	paylink.TemplateReminder: "reminder", paylink.TemplateExpiring: "reminder before the end", paylink.TemplateOverdue: "reminder, overdue",
	paylink.TemplateReceipt: "receipt", paylink.TemplateRefund: "refund notice", paylink.TemplateCode: "code",
}

func messageSentence(t paylink.EventType, m *paylink.MessageSnapshot) string {
	text := word(channelWords, m.Channel) + " "
	if kind := kindWords[m.Kind]; kind != "" {
		text += "(" + kind + ") "
	}
	whose := text
	switch t {
	case paylink.EventMessageSent:
		text += "sent"
	case paylink.EventMessageDelivered:
		text += "delivered"
	case paylink.EventMessageRead:
		text += "read"
	case paylink.EventMessageFailed:
		text += "not delivered"
	case paylink.EventMessageBlocked:
		text += "blocked"
	case paylink.EventMessageSkipped:
		text += "not sent, because it was no longer of use"
		if why := skipWords[m.Error]; why != "" {
			return whose + "not sent: " + why
		}
	case paylink.EventMessageHeld:
		text += "held back for now"
	default:
		text += strings.TrimPrefix(string(t), "message.")
	}
	if m.To != "" && m.Channel != paylink.ChannelInApp {
		text += " to " + m.To
	}
	if why := whyText(t, m); why != "" {
		text += ": " + why
	}
	if m.Error != "" {
		text += " [" + locale.Plain(m.Error, 60) + "]"
	}
	return text
}

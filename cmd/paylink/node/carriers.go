package node

import (
	"log/slog"

	"paylink"
	"paylink/channel"
	"paylink/channel/apns"
	"paylink/channel/awssms"
	"paylink/channel/fcm"
	"paylink/channel/generic"
	"paylink/channel/msg91"
	"paylink/channel/plivo"
	channelsandbox "paylink/channel/sandbox"
	"paylink/channel/smpp"
	"paylink/channel/smtp"
	"paylink/channel/twilio"
	"paylink/channel/vonage"
	"paylink/channel/webpush"
	"paylink/channel/whatsapp"
	"paylink/dispatch"
	"paylink/outbound"
	"paylink/web/dashboard"
)

// Carriers are all adapters that carry messages, for the programs that list them. The sandbox's address is open
// to its own adapter alone: merchants name the base URLs of the others.
func Carriers(sandbox, client *outbound.Client) []channel.Sender {
	return []channel.Sender{
		channelsandbox.New(sandbox),
		apns.New(client),
		awssms.New(client),
		fcm.New(client),
		generic.New(client),
		msg91.New(client),
		plivo.New(client),
		smpp.New(client),
		smtp.New(client),
		twilio.New(client),
		vonage.New(client),
		webpush.New(client),
		whatsapp.New(client),
	}
}

// carriers are they by the names under which accounts know them, each watched.
func (n *Node) carriers(sandbox, client *outbound.Client) map[string]channel.Sender {
	senders := map[string]channel.Sender{}
	for _, s := range Carriers(sandbox, client) {
		senders[s.Capabilities().Name] = watchedSender{s, n.see}
		if l, ok := s.(interface{ LogTo(*slog.Logger) }); ok {
			l.LogTo(n.world.Log)
		}
		if c, ok := s.(interface{ Close() }); ok {
			n.rooms.carriers = append(n.rooms.carriers, c)
		}
	}
	return senders
}

// healthBy tells the dashboard how accounts do, as the sending of this node has seen it.
func healthBy(sending *dispatch.Dispatch) func(paylink.AccountID) dashboard.AccountHealth {
	return func(id paylink.AccountID) dashboard.AccountHealth {
		h := sending.Health(id)
		return dashboard.AccountHealth{Calls: h.Calls, Taken: h.Taken, Resting: h.State != dispatch.BreakerClosed}
	}
}

package node

import (
	"paylink/channel"
	channelsandbox "paylink/channel/sandbox"
	"paylink/channel/smpp"
	"paylink/channel/twilio"
	"paylink/channel/whatsapp"
	"paylink/outbound"
)

// carriers are all adapters that carry messages, by the names under which accounts know them. The sandbox's
// address is open to its own adapter alone: merchants name the base URLs of the others.
func (n *Node) carriers(sandbox, client *outbound.Client) map[string]channel.Sender {
	senders := map[string]channel.Sender{}
	for _, s := range []channel.Sender{
		channelsandbox.New(sandbox),
		twilio.New(client),
		whatsapp.New(client),
		smpp.New(client, n.world.Log),
	} {
		senders[s.Capabilities().Name] = watchedSender{s, n.see}
	}
	return senders
}

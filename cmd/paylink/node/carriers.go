package node

import (
	"context"
	"fmt"
	"log/slog"

	"paylink"
	"paylink/channel"
	"paylink/channel/apns"
	"paylink/channel/fcm"
	channelsandbox "paylink/channel/sandbox"
	"paylink/channel/smpp"
	"paylink/channel/smtp"
	"paylink/channel/twilio"
	"paylink/channel/webpush"
	"paylink/channel/whatsapp"
	"paylink/dispatch"
	"paylink/outbound"
	"paylink/provider"
)

// Carriers are all adapters that carry messages, for the programs that list them. The sandbox's address is open
// to its own adapter alone: merchants name the base URLs of the others.
func Carriers(sandbox, client *outbound.Client) []channel.Sender {
	return []channel.Sender{
		channelsandbox.New(sandbox),
		apns.New(client),
		fcm.New(client),
		smpp.New(client),
		smtp.New(client),
		twilio.New(client),
		webpush.New(client),
		whatsapp.New(client),
	}
}

// carriers are they by the names under which accounts know them, each watched.
func (n *Node) carriers(sandbox, client *outbound.Client) map[string]channel.Sender {
	senders := map[string]channel.Sender{}
	for _, s := range Carriers(sandbox, client) {
		senders[s.Capabilities().Name] = watchedSender{s, n.see}
		if c, ok := s.(interface{ Close() }); ok {
			n.rooms.carriers = append(n.rooms.carriers, c)
		}
	}
	return senders
}

// listenAll gives every carrier that keeps connections of its own a worker, which hands on what arrives there.
func (n *Node) listenAll(senders map[string]channel.Sender, sending *dispatch.Dispatch) {
	for name, s := range senders {
		listener, ok := channel.As[channel.Listener](s)
		if !ok {
			continue
		}
		n.rooms.workers[name] = func(ctx context.Context) error {
			err := listener.Listen(ctx, func(ctx context.Context) ([]channel.Account, error) { return n.accountsWith(ctx, name) },
				func(ctx context.Context, account paylink.AccountID, p channel.Post) error {
					_, err := sending.Receive(ctx, name, account, p)
					return err
				})
			if err != nil {
				return fmt.Errorf("listen to %s: %w", name, err)
			}
			return nil
		}
	}
}

// accountsWith are all merchants' accounts with a carrier that are in use, opened. One that cannot be opened is
// left out and told: the others go on.
func (n *Node) accountsWith(ctx context.Context, name string) ([]channel.Account, error) {
	rows, err := n.store.Read(ctx).AccountsWith(name)
	if err != nil {
		return nil, err
	}
	var opened []channel.Account
	for _, row := range rows {
		a, err := provider.Open(n.ring, row)
		if err != nil {
			n.world.Log.ErrorContext(ctx, "account.not_opened", slog.String("account", string(row.ID)), slog.Any("error", err))
			continue
		}
		opened = append(opened, a)
	}
	return opened, nil
}

package notify

import (
	"context"
	"fmt"

	"paylink"
	"paylink/channel"
	"paylink/store"
)

// pushPurpose is what the keys of merchants for their own people's devices are sealed for.
const pushPurpose = "notify/push"

// PushKey is the public half of a merchant's key for its own people's devices, as a browser subscribes with it. The
// first call makes the key; whoever comes in the same instant gets the same one.
func (n *Notify) PushKey(ctx context.Context, merchant paylink.MerchantID) (string, error) {
	secret, err := n.pushSecret(ctx, merchant)
	if paylink.IsNotFound(err) {
		if err = n.makePushKey(ctx, merchant); err == nil {
			secret, err = n.pushSecret(ctx, merchant)
		}
	}
	if err != nil {
		return "", err
	}
	able, ok := channel.As[channel.Subscribable](n.Push)
	if !ok {
		return "", fmt.Errorf("nobody subscribes to the key of %s", n.Push.Capabilities().Name)
	}
	return able.PublicKey(n.pushAccount(merchant, secret))
}

func (n *Notify) makePushKey(ctx context.Context, merchant paylink.MerchantID) error {
	minter, ok := channel.As[channel.Minter](n.Push)
	if !ok {
		return fmt.Errorf("%s makes no keys", n.Push.Capabilities().Name)
	}
	secret, err := minter.Mint()
	if err != nil {
		return err
	}
	sealed := n.Ring.Seal(pushPurpose, []byte(secret), []byte(merchant))
	err = n.Store.Write(ctx, func(tx *store.Tx) error { tx.InsertPushKey(merchant, sealed, n.Now()); return nil })
	if err != nil {
		return fmt.Errorf("keep the push key of %s: %w", merchant, err)
	}
	return nil
}

// pushSecret is the merchant's key; *paylink.NotFound when it has none.
func (n *Notify) pushSecret(ctx context.Context, merchant paylink.MerchantID) (string, error) {
	sealed, err := n.Store.Read(ctx).PushKey(merchant)
	if err != nil {
		return "", err
	}
	secret, err := n.Ring.Unseal(pushPurpose, sealed, []byte(merchant))
	if err != nil {
		return "", fmt.Errorf("open the push key of %s: %w", merchant, err)
	}
	return string(secret), nil
}

// pushAccount is the merchant at the push services. Their makers reach us, who run the server, where it stands.
func (n *Notify) pushAccount(merchant paylink.MerchantID, secret string) channel.Account {
	return channel.Account{Merchant: merchant, Secret: secret, Fields: map[string]string{"contact": n.Contact}}
}

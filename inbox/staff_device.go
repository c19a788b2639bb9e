package inbox

import (
	"context"
	"errors"

	"paylink"
	"paylink/store"
	"paylink/token"
)

// Member is one of the merchant's own people, in one mode.
type Member struct {
	Merchant paylink.MerchantID
	Live     bool
	Staff    paylink.StaffID
}

// RegisterMember keeps a browser of one of the merchant's people by its subscription in JSON, as Register keeps a
// customer's device: at most paylink.MostDevices, and whoever is signed in there last has it. What is no
// subscription is *paylink.Invalid.
func (x *Access) RegisterMember(ctx context.Context, of Member, said string) (d paylink.Device, err error) {
	now := x.now()
	address, identity, ok := paylink.DeviceToken(paylink.DeviceWebPush, said)
	if !ok {
		return d, badToken(paylink.DeviceWebPush)
	}
	keys, err := token.DeviceKeys(x.ring, of.Merchant, of.Live, paylink.DeviceWebPush, identity)
	if err != nil {
		return d, err
	}
	fresh := paylink.Device{
		ID: paylink.NewDeviceID(now), Merchant: of.Merchant, Live: of.Live, Owner: string(of.Staff), Kind: paylink.DeviceWebPush,
		Address: keys[0], CreatedAt: now, SeenAt: now,
	}
	for range registerTries {
		err = x.store.Write(ctx, func(tx *store.Tx) error {
			// The person's lock keeps two devices from both being the last that fits.
			if _, err := tx.LockStaff(of.Merchant, of.Staff); err != nil {
				return err
			}
			d, _, err = x.enter(tx, fresh, address, keys)
			return err
		})
		if !errors.Is(err, store.ErrDeviceTaken) {
			break
		}
	}
	return d, about(err, "register a device of", of.Staff)
}

// MemberDevices lists the devices of one of the merchant's people in the order in which they came.
func (x *Access) MemberDevices(ctx context.Context, of Member) ([]paylink.Device, error) {
	return x.store.Read(ctx).Devices(of.Merchant, of.Live, string(of.Staff))
}

// RemoveMember forgets a device of one of the merchant's people. One that is not theirs is *paylink.NotFound.
func (x *Access) RemoveMember(ctx context.Context, of Member, id paylink.DeviceID) error {
	err := x.store.Write(ctx, func(tx *store.Tx) error {
		d, err := tx.Device(of.Merchant, of.Live, string(of.Staff), id)
		if err == nil {
			tx.DeleteDevice(d.Merchant, d.ID)
		}
		return err
	})
	return about(err, "remove device", id)
}

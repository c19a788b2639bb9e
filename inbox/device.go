package inbox

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"paylink"
	"paylink/store"
	"paylink/token"
)

// registerTries is how often a device is entered anew when somebody else enters it in the same instant.
const registerTries = 5

// Register keeps a device of a customer. One that is known already is the same device, and made is false; one
// that was another customer's is this one's from now on. A token that is none of the kind is *paylink.Invalid.
// claim is nil where there is no Idempotency-Key.
func (x *Access) Register(ctx context.Context, of Owner, kind paylink.DeviceKind, said string, claim *store.Claim) (d paylink.Device, made bool, err error) {
	now := x.now()
	address, identity, ok := paylink.DeviceToken(kind, said)
	if !ok {
		return d, false, badToken(kind)
	}
	keys, err := token.DeviceKeys(x.ring, of.Merchant, of.Live, kind, identity)
	if err != nil {
		return d, false, err
	}
	fresh := paylink.Device{
		ID: paylink.NewDeviceID(now), Merchant: of.Merchant, Live: of.Live, Owner: string(of.Customer), Kind: kind, Address: keys[0], CreatedAt: now, SeenAt: now,
	}
	for range registerTries {
		var out store.Outcome
		var replayed bool
		out, replayed, err = x.store.WriteOnce(ctx, claim, now, func(tx *store.Tx) (store.Outcome, error) {
			// The person's lock keeps two devices from both being the last that fits.
			p, err := person(tx, of)
			if err != nil {
				return store.Outcome{}, err
			}
			of.Customer, fresh.Owner = p.ID, string(p.ID)
			d, made, err = x.enter(tx, fresh, address, keys)
			return store.Outcome{Status: 201, Object: string(d.ID)}, err
		})
		if err == nil && replayed {
			d, err = x.store.Read(ctx).DeviceToTell(of.Merchant, of.Live, paylink.DeviceID(out.Object))
			return d, false, err
		}
		if !errors.Is(err, store.ErrDeviceTaken) {
			break
		}
	}
	return d, made && err == nil, about(err, "register a device of", of.Customer)
}

// enter writes a device that its owner holds the lock for.
func (x *Access) enter(tx *store.Tx, fresh paylink.Device, address string, keys [][]byte) (d paylink.Device, made bool, err error) {
	known, err := tx.DeviceAt(fresh.Merchant, fresh.Live, keys...)
	if err != nil {
		return d, false, err
	}
	if known != nil && known.Owner == fresh.Owner {
		known.Sealed, known.SeenAt = token.SealDevice(x.ring, known.ID, address), fresh.SeenAt
		tx.SeeDevice(*known)
		return *known, false, nil
	}
	if known != nil { // another customer has signed in there
		tx.DeleteDevice(known.Merchant, known.ID)
	}
	all, err := tx.Devices(fresh.Merchant, fresh.Live, fresh.Owner)
	if err != nil {
		return d, false, err
	}
	slices.SortFunc(all, func(a, b paylink.Device) int { return cmp.Or(a.SeenAt.Compare(b.SeenAt), cmp.Compare(a.ID, b.ID)) })
	for _, old := range all[:max(0, len(all)-paylink.MostDevices+1)] {
		tx.DeleteDevice(old.Merchant, old.ID)
	}
	fresh.Sealed = token.SealDevice(x.ring, fresh.ID, address)
	tx.InsertDevice(fresh)
	return fresh, true, nil
}

func badToken(kind paylink.DeviceKind) error {
	var bad paylink.Invalid
	if !slices.Contains(paylink.DeviceKinds, kind) {
		bad.Add("/kind", "unknown_value", "There is no such kind of device.")
		return &bad
	}
	bad.Add("/token", "bad_token", "This is not what a device of this kind is reached by: a browser's subscription in JSON, or the token of FCM or APNs.")
	return &bad
}

// Devices lists a customer's devices in the order in which they came.
func (x *Access) Devices(ctx context.Context, of Owner) ([]paylink.Device, error) {
	read := x.store.Read(ctx)
	person, _, err := read.InboxOwner(of.Merchant, of.Live, of.Customer)
	if err != nil {
		return nil, err
	}
	return read.Devices(of.Merchant, of.Live, string(person))
}

// Remove forgets a device of a customer. One that is not the customer's is *paylink.NotFound.
func (x *Access) Remove(ctx context.Context, of Owner, id paylink.DeviceID) error {
	err := x.store.Write(ctx, func(tx *store.Tx) error {
		p, err := person(tx, of)
		if err != nil {
			return err
		}
		d, err := tx.Device(of.Merchant, of.Live, string(p.ID), id)
		if err != nil {
			return err
		}
		tx.DeleteDevice(d.Merchant, d.ID)
		return nil
	})
	return about(err, "remove device", id)
}

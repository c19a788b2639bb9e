package store

import (
	"errors"
	"time"

	"paylink"
)

const deviceColumns = `merchant_id, id, livemode, owner, kind, address, sealed, created_at, seen_at`

// ErrDeviceTaken says that somebody else entered the same device in the same instant. Nothing of the
// transaction happens.
var ErrDeviceTaken = errors.New("the device was entered in the same instant")

// Device reads one device of an owner; inside a transaction it is locked.
func (r Reader) Device(merchant paylink.MerchantID, live bool, owner string, id paylink.DeviceID) (paylink.Device, error) {
	q := `SELECT ` + deviceColumns + ` FROM devices WHERE merchant_id = $1 AND livemode = $2 AND owner = $3 AND id = $4` + r.lock()
	return r.device(id, q, string(merchant), bit(live), owner, string(id))
}

// DeviceToTell reads a device by its id alone.
func (r Reader) DeviceToTell(merchant paylink.MerchantID, live bool, id paylink.DeviceID) (paylink.Device, error) {
	const q = `SELECT ` + deviceColumns + ` FROM devices WHERE merchant_id = $1 AND livemode = $2 AND id = $3`
	return r.device(id, q, string(merchant), bit(live), string(id))
}

// DeviceAt finds the device that is known under one of the keys of one address; inside a transaction it is
// locked. nil: there is none.
func (r Reader) DeviceAt(merchant paylink.MerchantID, live bool, keys ...[]byte) (*paylink.Device, error) {
	q := `SELECT ` + deviceColumns + ` FROM devices WHERE merchant_id = $1 AND livemode = $2 AND address IN (` + places(3, len(keys)) + `)
		ORDER BY id LIMIT 1` + r.lock()
	d, err := r.device("", q, append([]any{string(merchant), bit(live)}, blobs(keys)...)...)
	if paylink.IsNotFound(err) {
		return nil, nil
	}
	return &d, err
}

func (r Reader) device(id paylink.DeviceID, q string, args ...any) (paylink.Device, error) {
	d, err := deviceFrom(func(dest ...any) error { return r.row(q, args, dest...) })
	if err == errNoRow {
		return d, &paylink.NotFound{Kind: "device", ID: string(id)}
	}
	return d, err
}

// Devices lists an owner's devices in the order in which they came: at most twice paylink.MostDevices, which
// nobody has.
func (r Reader) Devices(merchant paylink.MerchantID, live bool, owner string) ([]paylink.Device, error) {
	const q = `
		SELECT ` + deviceColumns + ` FROM devices
		WHERE merchant_id = $1 AND livemode = $2 AND owner = $3 ORDER BY id LIMIT $4`
	return r.devices(q, string(merchant), bit(live), owner, int64(2*paylink.MostDevices))
}

// DevicesOfContact lists the devices of the person to whom a contact belongs.
func (r Reader) DevicesOfContact(merchant paylink.MerchantID, live bool, contact paylink.CustomerID) ([]paylink.Device, error) {
	const q = `
		SELECT ` + deviceColumns + ` FROM devices
		WHERE merchant_id = $1 AND livemode = $2 AND owner = (
			SELECT CASE k.person WHEN '' THEN k.id ELSE k.person END FROM customers k
			WHERE k.merchant_id = $1 AND k.id = $3 AND k.livemode = $2)
		ORDER BY id LIMIT $4`
	return r.devices(q, string(merchant), bit(live), string(contact), int64(2*paylink.MostDevices))
}

// StaffDevices lists the devices of a merchant's people, at most limit, by owner and id, from the one after a
// device, of which only these two are read. The zero device begins.
func (r Reader) StaffDevices(merchant paylink.MerchantID, live bool, after paylink.Device, limit int) ([]paylink.Device, error) {
	// '~' comes after every letter of an id: these are the owners whose id begins with usr_.
	const q = `
		SELECT ` + deviceColumns + ` FROM devices
		WHERE merchant_id = $1 AND livemode = $2 AND owner >= 'usr_' AND owner < 'usr_~' AND (owner, id) > ($3, $4)
		ORDER BY owner, id LIMIT $5`
	return r.devices(q, string(merchant), bit(live), after.Owner, string(after.ID), int64(limit))
}

func (r Reader) devices(q string, args ...any) ([]paylink.Device, error) {
	var all []paylink.Device
	err := r.rows(q, args, func(scan func(...any) error) error {
		d, err := deviceFrom(scan)
		all = append(all, d)
		return err
	})
	return all, err
}

// InsertDevice enters a device. When its address is there already, the transaction fails with
// [ErrDeviceTaken].
func (tx *Tx) InsertDevice(d paylink.Device) {
	const q = `
		INSERT INTO devices (` + deviceColumns + `)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT DO NOTHING`
	tx.putUnless(ErrDeviceTaken, q, string(d.Merchant), string(d.ID), bit(d.Live), d.Owner, string(d.Kind), d.Address, d.Sealed, micros(d.CreatedAt), micros(d.SeenAt))
}

// SeeDevice writes that a device said it is there, and with which token.
func (tx *Tx) SeeDevice(d paylink.Device) {
	const q = `UPDATE devices SET sealed = $3, seen_at = $4 WHERE merchant_id = $1 AND id = $2`
	tx.put(q, string(d.Merchant), string(d.ID), d.Sealed, micros(d.SeenAt))
}

// DeleteDevice forgets a device. One that is not there is as forgotten.
func (tx *Tx) DeleteDevice(merchant paylink.MerchantID, id paylink.DeviceID) {
	tx.putAny(`DELETE FROM devices WHERE merchant_id = $1 AND id = $2`, string(merchant), string(id))
}

// DeleteDeviceSeen forgets a device that has not been heard of since it was read: a push that was refused says
// nothing of a device that came back meanwhile.
func (tx *Tx) DeleteDeviceSeen(merchant paylink.MerchantID, id paylink.DeviceID, seen time.Time) {
	tx.putAny(`DELETE FROM devices WHERE merchant_id = $1 AND id = $2 AND seen_at = $3`, string(merchant), string(id), micros(seen))
}

func deviceFrom(scan func(...any) error) (paylink.Device, error) {
	var d paylink.Device
	var live, created, seen int64
	err := scan((*string)(&d.Merchant), (*string)(&d.ID), &live, &d.Owner, (*string)(&d.Kind), &d.Address, &d.Sealed, &created, &seen)
	d.Live, d.CreatedAt, d.SeenAt = live == 1, fromMicros(created), fromMicros(seen)
	return d, err
}

package token

import (
	"crypto/hmac"
	"crypto/sha256"
	"fmt"

	"paylink"
	"paylink/keyring"
)

// DeviceKeys are what a device is kept and found under: one for each slot of the ring, the active one first.
// Each is slot (1 byte) ‖ the first 16 bytes of an HMAC-SHA256. identity is as paylink.DeviceToken gives it.
func DeviceKeys(ring *keyring.Ring, merchant paylink.MerchantID, live bool, kind paylink.DeviceKind, identity string) ([][]byte, error) {
	all := [][]byte{nil}
	for _, slot := range ring.Slots() {
		secret, err := ring.Key(PurposeDevice, slot)
		if err != nil {
			return nil, fmt.Errorf("key a device: %w", err)
		}
		mac := hmac.New(sha256.New, secret)
		_, _ = fmt.Fprintf(mac, "%s\x00%s\x00%t\x00%s\x00%s", PurposeDevice, merchant, live, kind, identity)
		key := mac.Sum([]byte{byte(slot)})[:addressKeySize]
		if slot == ring.Active() {
			all[0] = key
			continue
		}
		all = append(all, key)
	}
	return all, nil
}

// SealDevice keeps where a device's push service reaches it, bound to the device.
func SealDevice(ring *keyring.Ring, id paylink.DeviceID, said string) []byte {
	return ring.Seal(PurposeDevice, []byte(said), []byte(id))
}

// OpenDevice gives what SealDevice sealed.
func OpenDevice(ring *keyring.Ring, d paylink.Device) (string, error) {
	said, err := ring.Unseal(PurposeDevice, d.Sealed, []byte(d.ID))
	if err != nil {
		return "", fmt.Errorf("open the address of device %s: %w", d.ID, err)
	}
	return string(said), nil
}

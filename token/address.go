package token

import (
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"strings"

	"paylink"
	"paylink/keyring"
)

// An address key is slot (1 byte) ‖ the first 16 bytes of an HMAC-SHA256 over merchant, mode, channel and
// address. Phone numbers are so few that a plain hash would be read back by trying them all; and one
// merchant's list says nothing about another's.
const addressKeySize = 17

// AddressKey is what an address on a list is kept and found under, by the active key. An e-mail address
// is the same in capitals.
func AddressKey(ring *keyring.Ring, merchant paylink.MerchantID, live bool, c paylink.Channel, address string) ([]byte, error) {
	return addressKey(ring, ring.Active(), merchant, live, c, address)
}

// AddressKeys are all that an address may have been entered under: one for each slot of the ring.
func AddressKeys(ring *keyring.Ring, merchant paylink.MerchantID, live bool, c paylink.Channel, address string) ([][]byte, error) {
	var all [][]byte
	for _, slot := range ring.Slots() {
		key, err := addressKey(ring, slot, merchant, live, c, address)
		if err != nil {
			return nil, err
		}
		all = append(all, key)
	}
	return all, nil
}

func addressKey(ring *keyring.Ring, slot int, merchant paylink.MerchantID, live bool, c paylink.Channel, address string) ([]byte, error) {
	secret, err := ring.Key(PurposeAddress, slot)
	if err != nil {
		return nil, fmt.Errorf("key an address: %w", err)
	}
	mac := hmac.New(sha256.New, secret)
	_, _ = fmt.Fprintf(mac, "%s\x00%s\x00%t\x00%s\x00%s", PurposeAddress, merchant, live, c, strings.ToLower(strings.TrimSpace(address)))
	return mac.Sum([]byte{byte(slot)})[:addressKeySize], nil
}

// SealAddress keeps an address for the list that shows it, bound to the entry's id.
func SealAddress(ring *keyring.Ring, id paylink.SuppressionID, address string) []byte {
	return ring.Seal(PurposeAddress, []byte(address), []byte(id))
}

// OpenAddress gives the address of an entry; empty when it was not kept.
func OpenAddress(ring *keyring.Ring, s paylink.Suppression) (string, error) {
	address, err := ring.Unseal(PurposeAddress, s.Sealed, []byte(s.ID))
	if err != nil {
		return "", fmt.Errorf("open the address of suppression %s: %w", s.ID, err)
	}
	return string(address), nil
}

// Unsubscribe is what one click in a letter ends: messages of one merchant to one address on one channel.
type Unsubscribe struct {
	Merchant paylink.MerchantID
	Live     bool
	Channel  paylink.Channel
	Address  []byte            // its key
	Message  paylink.MessageID // the letter with the click
}

// SignUnsubscribe makes the token of an unsubscribing address, about 160 characters of base64url. It never
// ends: a letter is opened whenever its reader likes.
func SignUnsubscribe(ring *keyring.Ring, u Unsubscribe) (string, error) {
	if len(u.Address) != addressKeySize {
		return "", fmt.Errorf("sign an unsubscribe: the address key has %d bytes", len(u.Address))
	}
	body := []byte{0}
	if u.Live {
		body[0] = 1
	}
	var err error
	for _, text := range []string{string(u.Merchant), string(u.Channel), string(u.Message)} {
		if body, err = putText(body, "an id", text, 64); err != nil {
			return "", fmt.Errorf("sign an unsubscribe: %w", err)
		}
	}
	return sign(ring, PurposeUnsubscribe, kindUnsubscribe1, append(body, u.Address...))
}

// ReadUnsubscribe gives what SignUnsubscribe signed, or ErrForged.
func ReadUnsubscribe(ring *keyring.Ring, s string) (Unsubscribe, error) {
	body, err := open(ring, PurposeUnsubscribe, kindUnsubscribe1, s)
	if err != nil {
		return Unsubscribe{}, err
	}
	f := &fields{rest: body}
	u := Unsubscribe{
		Live: f.bytes(1)[0] == 1, Merchant: paylink.MerchantID(f.text()), Channel: paylink.Channel(f.text()),
		Message: paylink.MessageID(f.text()), Address: f.bytes(addressKeySize),
	}
	if !f.whole() {
		return Unsubscribe{}, ErrForged
	}
	return u, nil
}

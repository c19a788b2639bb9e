package keyring

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"
)

// A sealed value is version (1 byte) ‖ slot (1 byte) ‖ nonce (24 bytes) ‖ ciphertext ‖ tag (16 bytes).
const (
	sealVersion = 1
	sealHeader  = 2
	nonceSize   = 24
	tagSize     = 16
)

// ErrNotAuthentic is wrapped when a value was not sealed by this ring for this purpose and binding.
var ErrNotAuthentic = errors.New("sealed value is not authentic")

// Seal encrypts plaintext under the active key of a purpose. Bound is not stored but must be given
// again to unseal: the id of the row the value stands in, so that a value moved to another row does
// not open there. The result is 42 bytes longer than plaintext.
func (r *Ring) Seal(purpose string, plaintext, bound []byte) []byte {
	key, err := r.derive(purpose, r.active)
	if err != nil {
		panic(fmt.Sprintf("keyring: active slot %d: %v", r.active, err)) // every ring has its active key
	}
	out := make([]byte, sealHeader+nonceSize, sealHeader+nonceSize+len(plaintext)+tagSize)
	out[0], out[1] = sealVersion, byte(r.active)
	nonce := out[sealHeader:]
	_, _ = rand.Read(nonce) // documented never to fail
	return messageCipher(key, nonce).Seal(out, nonce[12:], plaintext, associated(out, bound))
}

// Unseal opens what Seal made with the same purpose and bound, under whichever slot the value
// names. The error wraps ErrNotAuthentic, or ErrMissingKey when that slot is not in the ring.
func (r *Ring) Unseal(purpose string, sealed, bound []byte) ([]byte, error) {
	if len(sealed) < sealHeader+nonceSize+tagSize || sealed[0] != sealVersion {
		return nil, fmt.Errorf("unseal %s: %w", purpose, ErrNotAuthentic)
	}
	key, err := r.derive(purpose, int(sealed[1]))
	if err != nil {
		return nil, fmt.Errorf("unseal %s: %w", purpose, err)
	}
	nonce, box := sealed[sealHeader:sealHeader+nonceSize], sealed[sealHeader+nonceSize:]
	plaintext, err := messageCipher(key, nonce).Open(nil, nonce[12:], box, associated(sealed, bound))
	if err != nil {
		return nil, fmt.Errorf("unseal %s: %w", purpose, ErrNotAuthentic)
	}
	return plaintext, nil
}

// associated is the header, of fixed length, followed by what the value is bound to.
func associated(sealed, bound []byte) []byte {
	return append(append(make([]byte, 0, sealHeader+len(bound)), sealed[:sealHeader]...), bound...)
}

// messageCipher gives the AES-256-GCM of one message as C2SP's XAES-256-GCM derives it: the first
// half of the 24-byte nonce makes the key, the second half is GCM's nonce. Plain GCM with random
// 12-byte nonces may seal 2^32 values under a key, a few months of a busy installation.
// https://c2sp.org/XAES-256-GCM
func messageCipher(key, nonce []byte) cipher.AEAD {
	block := mustAES(key)
	var k1 [aes.BlockSize]byte
	block.Encrypt(k1[:], k1[:])
	carry := byte(0)
	for i := len(k1) - 1; i >= 0; i-- {
		carry, k1[i] = k1[i]>>7, k1[i]<<1|carry
	}
	k1[len(k1)-1] ^= carry * 0x87

	var messageKey [keySize]byte
	for half := range 2 {
		m := messageKey[half*aes.BlockSize:][:aes.BlockSize]
		copy(m, []byte{0, byte(half + 1), 'X', 0})
		copy(m[4:], nonce[:12])
		for i := range m {
			m[i] ^= k1[i]
		}
		block.Encrypt(m, m)
	}
	gcm, err := cipher.NewGCM(mustAES(messageKey[:]))
	if err != nil {
		panic(fmt.Sprintf("keyring: GCM over AES: %v", err)) // AES has the block size GCM asks for
	}
	return gcm
}

func mustAES(key []byte) cipher.Block {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(fmt.Sprintf("keyring: AES with %d key bytes: %v", len(key), err)) // keys have 32 bytes
	}
	return block
}

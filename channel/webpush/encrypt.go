package webpush

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
)

const (
	recordSize = 4096                             // bytes of the whole body, which every push service takes
	headerSize = 16 + 4 + 1 + 65                  // salt, record size, the length of our key and our key
	mostPlain  = recordSize - headerSize - 16 - 1 // without the tag of AES-GCM and the delimiter
)

// encrypt writes a body that only the browser of the subscription can read: RFC 8291, with the content
// coding aes128gcm of RFC 8188, in one record. own is a key and salt are 16 bytes that are used just once.
func encrypt(plain []byte, sub subscription, own *ecdh.PrivateKey, salt []byte) ([]byte, error) {
	shared, err := own.ECDH(sub.key)
	if err != nil {
		return nil, fmt.Errorf("agree on a key with a subscription: %w", err)
	}
	public := own.PublicKey().Bytes()
	info := bytes.Join([][]byte{[]byte("WebPush: info\x00"), sub.key.Bytes(), public}, nil)
	ikm, err := hkdf.Key(sha256.New, shared, sub.auth, string(info), 32)
	if err != nil {
		return nil, fmt.Errorf("derive the input key: %w", err)
	}
	key, err := hkdf.Key(sha256.New, ikm, salt, "Content-Encoding: aes128gcm\x00", 16)
	if err != nil {
		return nil, fmt.Errorf("derive the content key: %w", err)
	}
	nonce, err := hkdf.Key(sha256.New, ikm, salt, "Content-Encoding: nonce\x00", 12)
	if err != nil {
		return nil, fmt.Errorf("derive the nonce: %w", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("make the cipher: %w", err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("make the cipher: %w", err)
	}
	body := make([]byte, 0, recordSize)
	body = append(body, salt...)
	body = binary.BigEndian.AppendUint32(body, recordSize)
	body = append(body, byte(len(public)))
	body = append(body, public...)
	return gcm.Seal(body, nonce, append(bytes.Clone(plain), 2), nil), nil // 2 ends the last record
}

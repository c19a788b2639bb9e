// Package pushwire is what the adapters of push services have in common: the signed tokens by which an
// account proves who it is, kept as long as a service wants them kept, a letter cut to what a device
// shows, and the calls of services that answer by status.
//
// It is for the adapters webpush, fcm and apns. Addresses, headers, bodies and the meaning of answers are
// theirs.
package pushwire

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
)

var encoding = base64.RawURLEncoding

// SignES256 writes a JSON Web Token (RFC 7519) with ECDSA on P-256. header is written beside its alg.
func SignES256(key *ecdsa.PrivateKey, header map[string]string, claims map[string]any) (string, error) {
	if key.Curve != elliptic.P256() {
		return "", errors.New("sign a token: the key is not on P-256")
	}
	return sign("ES256", header, claims, func(digest []byte) ([]byte, error) {
		r, s, err := ecdsa.Sign(rand.Reader, key, digest)
		if err != nil {
			return nil, err
		}
		pair := make([]byte, 64)
		r.FillBytes(pair[:32])
		s.FillBytes(pair[32:])
		return pair, nil
	})
}

// SignRS256 writes a JSON Web Token with RSA.
func SignRS256(key *rsa.PrivateKey, header map[string]string, claims map[string]any) (string, error) {
	return sign("RS256", header, claims, func(digest []byte) ([]byte, error) {
		return rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, digest)
	})
}

func sign(alg string, header map[string]string, claims map[string]any, by func(digest []byte) ([]byte, error)) (string, error) {
	head := map[string]string{"typ": "JWT", "alg": alg}
	for name, value := range header {
		head[name] = value
	}
	first, err := json.Marshal(head)
	if err != nil {
		return "", fmt.Errorf("write a token's header: %w", err)
	}
	second, err := json.Marshal(claims)
	if err != nil {
		return "", fmt.Errorf("write a token's claims: %w", err)
	}
	said := encoding.EncodeToString(first) + "." + encoding.EncodeToString(second)
	digest := sha256.Sum256([]byte(said))
	signature, err := by(digest[:])
	if err != nil {
		return "", fmt.Errorf("sign a token: %w", err)
	}
	return said + "." + encoding.EncodeToString(signature), nil
}

// ParseKey reads a private key as consoles hand them out: PKCS #8 in PEM. The error tells nothing of it.
func ParseKey(text string) (any, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, errors.New("the key is not in PEM")
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, errors.New("the key is not in PKCS #8")
	}
	return key, nil
}

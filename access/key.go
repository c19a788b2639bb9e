package access

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
	"sync"
	"time"

	"paylink"
)

const (
	prefixTest = "sk_test_"
	prefixLive = "sk_live_"
	secretSize = 32 // random bytes in a key or a session token

	// keyFresh is how long an identified key is believed without asking the database again, and so
	// how long a revoked key may still work.
	keyFresh = time.Second
	// mostKeys bounds the cache; past it, the cache starts over.
	mostKeys = 10_000
)

// errUnknownKey is the one answer to a key that is malformed, unknown or revoked.
var errUnknownKey = &paylink.Refused{Code: "unauthenticated", Detail: "The API key is missing or not valid."}

// Principal is who an API key acts for.
type Principal struct {
	Merchant paylink.MerchantID
	Live     bool
	KeyID    paylink.KeyID
}

// NewKey makes an API key. The secret is shown once and is nowhere else: the key itself carries its
// hash.
func NewKey(merchant paylink.MerchantID, live bool, name string, now time.Time) (secret string, k paylink.APIKey) {
	prefix := prefixTest
	if live {
		prefix = prefixLive
	}
	secret = prefix + randomText()
	hash := sha256.Sum256([]byte(secret))
	return secret, paylink.APIKey{
		ID: paylink.NewKeyID(now), Merchant: merchant, Live: live, Name: name,
		Prefix: secret[:len(prefix)+4], Hash: hash[:], CreatedAt: now.UTC().Truncate(time.Microsecond),
	}
}

// Identify tells who a key acts for. A key that is malformed, unknown or revoked gets
// *paylink.Refused "unauthenticated"; a revocation is seen within a second.
func (a *Access) Identify(ctx context.Context, secret string) (Principal, error) {
	if !keyShaped(secret) {
		return Principal{}, errUnknownKey // without a look at the database
	}
	hash, now := sha256.Sum256([]byte(secret)), a.Now()
	p, known := a.keys.find(hash, now)
	if !known {
		k, err := a.Store.Read(ctx).KeyByHash(hash[:])
		switch {
		case paylink.IsNotFound(err):
			return Principal{}, errUnknownKey
		case err != nil:
			return Principal{}, fmt.Errorf("identify an API key: %w", err)
		case !k.RevokedAt.IsZero():
			return Principal{}, errUnknownKey
		}
		p = Principal{k.Merchant, k.Live, k.ID}
		a.keys.keep(hash, p, now)
	}
	a.touched.note(p.Merchant, p.KeyID, now)
	return p, nil
}

// keyShaped tells whether a text could be one of our keys.
func keyShaped(secret string) bool {
	rest, ok := strings.CutPrefix(secret, prefixTest)
	if !ok {
		rest, ok = strings.CutPrefix(secret, prefixLive)
	}
	return ok && len(rest) == base64.RawURLEncoding.EncodedLen(secretSize)
}

// randomText is 256 random bits, in characters that need no escaping anywhere.
func randomText() string {
	var b [secretSize]byte
	rand.Read(b[:]) // never fails since Go 1.24
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// keyCache spares the database one look-up for each request. It holds hashes, and only of keys that
// exist, so that guessing cannot fill it.
type keyCache struct {
	mu    sync.Mutex
	known map[[32]byte]keySeen
}

type keySeen struct {
	who Principal
	at  time.Time
}

func (c *keyCache) find(hash [32]byte, now time.Time) (Principal, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	seen, ok := c.known[hash]
	if age := now.Sub(seen.at); !ok || age < 0 || age >= keyFresh {
		return Principal{}, false
	}
	return seen.who, true
}

func (c *keyCache) keep(hash [32]byte, who Principal, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.known) >= mostKeys {
		clear(c.known)
	}
	c.known[hash] = keySeen{who, now}
}

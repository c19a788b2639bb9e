package notify

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"paylink"
	"paylink/keyring"
)

const (
	sealPurpose = "webhook"
	secretSize  = 32
	// An old secret signs beside the new one for this long, so that the merchant can change over.
	rotation = 24 * time.Hour
)

// keys sign one endpoint's deliveries by Standard Webhooks: v1 with a secret that the merchant has
// too, v1a with an Ed25519 key of which the merchant has the public half.
type keys struct {
	secret   []byte
	old      []byte // the secret before the latest rotation; nil when there is none
	oldUntil time.Time
	signing  ed25519.PrivateKey
}

func newKeys() keys {
	seed := make([]byte, ed25519.SeedSize)
	rand.Read(seed) // never fails since Go 1.24
	return keys{secret: newSecret(), signing: ed25519.NewKeyFromSeed(seed)}
}

func newSecret() []byte {
	secret := make([]byte, secretSize)
	rand.Read(secret)
	return secret
}

// rotate replaces the secret. The old one goes on signing for a day; one that is older ends now. The
// Ed25519 key stays: nobody but us ever had it.
func (k keys) rotate(fresh []byte, now time.Time) keys {
	k.old, k.oldUntil = k.secret, now.Add(rotation)
	k.secret = fresh
	return k
}

// header signs one attempt. A body is bound to its delivery and to the time of the attempt, so that
// what was overheard cannot be sent again later.
func (k keys) header(id paylink.DeliveryID, at time.Time, body []byte) http.Header {
	timestamp := strconv.FormatInt(at.Unix(), 10)
	content := append([]byte(string(id)+"."+timestamp+"."), body...)
	signatures := []string{v1(k.secret, content)}
	if k.old != nil && at.Before(k.oldUntil) {
		signatures = append(signatures, v1(k.old, content))
	}
	signatures = append(signatures, "v1a,"+base64.StdEncoding.EncodeToString(ed25519.Sign(k.signing, content)))
	return http.Header{
		"Content-Type":      {"application/json"},
		"Webhook-Id":        {string(id)},
		"Webhook-Timestamp": {timestamp},
		"Webhook-Signature": {strings.Join(signatures, " ")},
	}
}

func v1(secret, content []byte) string {
	mac := hmac.New(sha256.New, secret)
	mac.Write(content)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// secretText is how a merchant is shown the secret.
func secretText(secret []byte) string {
	return "whsec_" + base64.StdEncoding.EncodeToString(secret)
}

// publicText is how a merchant is shown the key that verifies v1a.
func publicText(key ed25519.PublicKey) string {
	return "whpk_" + base64.StdEncoding.EncodeToString(key)
}

// seal puts the keys into an endpoint's row. The old secret and its end travel inside the sealed
// value of the secret: secret ‖ microseconds since 1970, 8 bytes ‖ old secret.
func (k keys) seal(ring *keyring.Ring, e *paylink.Endpoint) {
	plain := append([]byte(nil), k.secret...)
	if k.old != nil {
		plain = binary.BigEndian.AppendUint64(plain, uint64(k.oldUntil.UnixMicro()))
		plain = append(plain, k.old...)
	}
	e.Secret = ring.Seal(sealPurpose, plain, []byte(e.ID))
	e.SigningKey = ring.Seal(sealPurpose, k.signing.Seed(), signingBound(e.ID))
	e.PublicKey = k.signing.Public().(ed25519.PublicKey)
}

// openKeys takes the keys out of an endpoint's row.
func openKeys(ring *keyring.Ring, e paylink.Endpoint) (keys, error) {
	plain, err := ring.Unseal(sealPurpose, e.Secret, []byte(e.ID))
	if err != nil {
		return keys{}, fmt.Errorf("open the secret of %s: %w", e.ID, err)
	}
	seed, err := ring.Unseal(sealPurpose, e.SigningKey, signingBound(e.ID))
	if err != nil {
		return keys{}, fmt.Errorf("open the signing key of %s: %w", e.ID, err)
	}
	const rotated = secretSize + 8 + secretSize
	if len(plain) != secretSize && len(plain) != rotated || len(seed) != ed25519.SeedSize {
		panic("the sealed keys of " + string(e.ID) + " have another size than any that we sealed")
	}
	k := keys{secret: plain[:secretSize], signing: ed25519.NewKeyFromSeed(seed)}
	if len(plain) == rotated {
		k.oldUntil = time.UnixMicro(int64(binary.BigEndian.Uint64(plain[secretSize:]))).UTC()
		k.old = plain[secretSize+8:]
	}
	return k, nil
}

// signingBound keeps the two sealed values of a row from standing in for each other.
func signingBound(id paylink.EndpointID) []byte { return []byte(string(id) + "/ed25519") }

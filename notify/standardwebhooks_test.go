package notify

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"paylink"
	"paylink/keyring"
)

func secretOf(t *testing.T, text string) []byte {
	t.Helper()
	secret, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(text, "whsec_"))
	must(t, err)
	return secret
}

// If we sign other bytes than the libraries of the standard do, no receiver believes us.
func TestSignaturesAreThoseOfTheStandard(t *testing.T) {
	for _, c := range []struct {
		secret, id, body, want string
		at                     int64
	}{
		{"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", `{"test": 2432232314}`,
			"v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", 1614265330},
		{"whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD", "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk", `{"email":"test@example.com","username":"test_user"}`,
			"v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=", 1649367553},
	} {
		k := newKeys()
		k.secret = secretOf(t, c.secret)
		got := k.header(paylink.DeliveryID(c.id), time.Unix(c.at, 0), []byte(c.body))
		if v1, _, _ := strings.Cut(got.Get("webhook-signature"), " "); v1 != c.want {
			t.Errorf("%s: %s, want %s", c.id, v1, c.want)
		}
		if got.Get("webhook-id") != c.id || got.Get("webhook-timestamp") != strconv.FormatInt(c.at, 10) {
			t.Errorf("headers: %v", got)
		}
	}
}

// A receiver verifies with a library that is not ours: the genuine body passes, whatever was changed
// does not, and neither does what is older than five minutes.
func TestTheLibraryBelievesOnlyWhatIsGenuine(t *testing.T) {
	k := newKeys()
	library, err := standardwebhooks.NewWebhook(secretText(k.secret))
	must(t, err)
	body, now := []byte(`{"type":"payment.captured"}`), time.Now()
	h := k.header("whd_1", now, body)
	if err := library.Verify(body, h); err != nil {
		t.Errorf("genuine: %v", err)
	}
	other := h.Clone()
	other.Set("webhook-id", "whd_2")
	stranger := newKeys().header("whd_1", now, body)
	old := k.header("whd_1", now.Add(-6*time.Minute), body)
	for _, c := range []struct {
		name   string
		body   string
		header http.Header
	}{
		{"another body", `{"type":"payment.captured" }`, h},
		{"another id", string(body), other},
		{"another secret", string(body), stranger},
		{"too old", string(body), old},
	} {
		if err := library.Verify([]byte(c.body), c.header); err == nil {
			t.Errorf("%s was believed", c.name)
		}
	}
}

// A receiver with the public key alone verifies v1a over the same content.
func TestThePublicKeyVerifies(t *testing.T) {
	k := newKeys()
	public := secretOf(t, strings.TrimPrefix(publicText(k.signing.Public().(ed25519.PublicKey)), "whpk_"))
	h := k.header("whd_1", time.Unix(1700000000, 0), []byte("{}"))
	_, encoded, ok := strings.Cut(h.Get("webhook-signature"), " v1a,")
	signature, err := base64.StdEncoding.DecodeString(encoded)
	if !ok || err != nil || !ed25519.Verify(public, []byte("whd_1.1700000000.{}"), signature) {
		t.Errorf("v1a in %q does not verify: %v", h.Get("webhook-signature"), err)
	}
}

// A merchant changes over to a new secret within a day without losing a webhook; after it the old
// secret must open nothing.
func TestRotationSignsWithBothSecretsForADay(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	first := newKeys()
	second := first.rotate(newSecret(), now)
	third := second.rotate(newSecret(), now.Add(time.Hour))
	for _, c := range []struct {
		name   string
		signer keys
		at     time.Time
		reader []byte
		want   bool
	}{
		{"the new secret at once", second, now, second.secret, true},
		{"the old secret at once", second, now, first.secret, true},
		{"the old secret just before the end", second, now.Add(rotation - time.Microsecond), first.secret, true},
		{"the old secret at the end", second, now.Add(rotation), first.secret, false},
		{"the new secret after the end", second, now.Add(rotation), second.secret, true},
		{"the secret before the last two", third, now.Add(2 * time.Hour), first.secret, false},
		{"the secret before the last", third, now.Add(2 * time.Hour), second.secret, true},
	} {
		library, err := standardwebhooks.NewWebhookRaw(c.reader)
		must(t, err)
		err = library.VerifyIgnoringTimestamp([]byte("{}"), c.signer.header("whd_1", c.at, []byte("{}")))
		if (err == nil) != c.want {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// A stolen database must sign nothing, and a sealed key must not open in another endpoint's row or in
// the place of the other key.
func TestSealedKeysOpenOnlyInTheirRow(t *testing.T) {
	text, err := keyring.Generate(zeroToOne{}, time.Now())
	must(t, err)
	ring, err := keyring.Parse(text)
	must(t, err)
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for _, k := range []keys{newKeys(), newKeys().rotate(newSecret(), now)} {
		e := paylink.Endpoint{ID: "we_1"}
		k.seal(ring, &e)
		if got, err := openKeys(ring, e); err != nil || !reflect.DeepEqual(got, k) {
			t.Errorf("opened %v, %v", got, err)
		}
		moved, swapped := e, e
		moved.ID = "we_2"
		swapped.Secret, swapped.SigningKey = e.SigningKey, e.Secret
		for _, wrong := range []paylink.Endpoint{moved, swapped} {
			if _, err := openKeys(ring, wrong); !errors.Is(err, keyring.ErrNotAuthentic) {
				t.Errorf("opened elsewhere: %v", err)
			}
		}
	}
}

// zeroToOne is a source of fixed bytes that are not all zero.
type zeroToOne struct{}

func (zeroToOne) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = byte(i + 1)
	}
	return len(b), nil
}

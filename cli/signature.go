package cli

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// secret signs by Standard Webhooks, with the scheme v1.
type secret []byte

const secretPrefix = "whsec_"

func newSecret() secret {
	s := make(secret, 32)
	rand.Read(s) // never fails since Go 1.24
	return s
}

func parseSecret(text string) (secret, error) {
	s, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(text, secretPrefix))
	if err != nil || len(s) < 24 || len(s) > 64 || !strings.HasPrefix(text, secretPrefix) {
		return nil, usage("PAYLINK_LISTEN_SECRET is whsec_ and 24 to 64 bytes in base64")
	}
	return s, nil
}

// String is the form in which receivers take it.
func (s secret) String() string { return secretPrefix + base64.StdEncoding.EncodeToString(s) }

// header signs one message; id is the same whenever the same event is told.
func (s secret) header(id string, at time.Time, body []byte) http.Header {
	timestamp := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, s)
	mac.Write([]byte(id + "." + timestamp + "."))
	mac.Write(body)
	return http.Header{
		"Content-Type": {"application/json"}, "Webhook-Id": {id}, "Webhook-Timestamp": {timestamp},
		"Webhook-Signature": {"v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))},
	}
}

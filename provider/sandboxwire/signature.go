package sandboxwire

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"time"

	"paylink/provider"
)

// Header carries the signature of whatever the sandbox posts: "t=<unix seconds>,v1=<hex>".
const Header = "Sandbox-Signature"

// tolerance is how far the signed time may be from ours, in either direction.
const tolerance = 300 * time.Second

// Verify tells whether body was signed with the account's secret at about now: HMAC-SHA256 over the
// time as written, a point, and the raw body. The error is a *provider.Unverified. The header must
// come once and in exactly one spelling, so that nobody can offer a choice of signatures; an account
// without a secret verifies nothing.
func Verify(a provider.Account, h http.Header, body []byte, now time.Time) error {
	values := h.Values(Header)
	if len(values) == 0 || len(values) == 1 && values[0] == "" {
		return &provider.Unverified{Reason: provider.MissingSignature}
	}
	stamp, sum, ok := splitSignature(values[0])
	if len(values) > 1 || !ok || a.Secret == "" {
		return &provider.Unverified{Reason: provider.BadSignature}
	}
	mac := hmac.New(sha256.New, []byte(a.Secret))
	mac.Write([]byte(stamp + "."))
	mac.Write(body)
	if !hmac.Equal(mac.Sum(nil), sum) {
		return &provider.Unverified{Reason: provider.BadSignature}
	}
	// splitSignature let at most twelve digits pass: this is a time, and a genuine one.
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil {
		return &provider.Unverified{Reason: provider.BadSignature}
	}
	if age := now.Sub(time.Unix(seconds, 0)); age > tolerance || age < -tolerance {
		return &provider.Unverified{Reason: provider.StaleTimestamp}
	}
	return nil
}

// splitSignature reads "t=<digits>,v1=<64 lower-case hex digits>" and nothing else.
func splitSignature(s string) (stamp string, sum []byte, ok bool) {
	stamp, hexSum, found := strings.Cut(s, ",v1=")
	stamp, prefixed := strings.CutPrefix(stamp, "t=")
	if !found || !prefixed || len(stamp) == 0 || len(stamp) > 12 || strings.Trim(stamp, "0123456789") != "" {
		return "", nil, false
	}
	if len(hexSum) != 2*sha256.Size || strings.ToLower(hexSum) != hexSum {
		return "", nil, false
	}
	sum, err := hex.DecodeString(hexSum)
	return stamp, sum, err == nil
}

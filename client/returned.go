package client

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Returned is what a customer takes along who comes back from a payment page. It says how things stood when
// they left; before goods go out, read the link or wait for the webhook.
type Returned struct {
	Link      string    // plink_…
	Payment   string    // pay_…, the customer's own; empty: none was begun
	Status    string    // paid, partially_paid, pending, failed, expired, cancelled
	Reference string    // yours, of the link
	At        time.Time // when the customer left the page
}

// ErrReturn is given for parameters that nobody has signed with the secret, or too long ago.
var ErrReturn = errors.New("the parameters are not signed, or too old")

// VerifyReturn reads the query of your return address. The secret is what RotateReturnSecret gave, rtsec_…;
// parameters that are older than the tolerance, or as far in the future, are refused. A parameter that comes
// twice is refused too.
func VerifyReturn(query url.Values, secret string, tolerance time.Duration, now time.Time) (Returned, error) {
	values := make([]string, 6)
	for i, name := range []string{"link", "payment", "status", "reference", "timestamp", "signature"} {
		given := query["paylink_"+name]
		if len(given) != 1 || strings.Contains(given[0], "\n") {
			return Returned{}, ErrReturn
		}
		values[i] = given[0]
	}
	encoded, ok := strings.CutPrefix(secret, "rtsec_")
	key, err := base64.StdEncoding.DecodeString(encoded)
	if !ok || err != nil || len(key) == 0 {
		return Returned{}, errors.New("the secret is not one of a return: rtsec_…")
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte("paylink-return/1\n" + strings.Join(values[:5], "\n")))
	genuine := false
	for given := range strings.SplitSeq(values[5], ".") { // for a day after a rotation there are two
		signature, err := hex.DecodeString(given)
		genuine = genuine || err == nil && hmac.Equal(signature, mac.Sum(nil))
	}
	seconds, err := strconv.ParseInt(values[4], 10, 64)
	at := time.Unix(seconds, 0).UTC()
	if age := now.Sub(at); !genuine || err != nil || age > tolerance || age < -tolerance {
		return Returned{}, ErrReturn
	}
	return Returned{values[0], values[1], values[2], values[3], at}, nil
}

// ReturnSecret signs what customers take back to your site.
type ReturnSecret struct {
	Object        string     `json:"object"` // return_secret
	Livemode      bool       `json:"livemode"`
	Secret        string     `json:"secret"`         // rtsec_…; shown once
	PreviousUntil *time.Time `json:"previous_until"` // until when the one before it signs as well
	CreatedAt     time.Time  `json:"created_at"`
}

// RotateReturnSecret makes the secret that signs what customers take back; the first one begins the signing.
func (c *Client) RotateReturnSecret(ctx context.Context, options ...Option) (ReturnSecret, error) {
	return post[ReturnSecret](ctx, c, path("merchant", "rotate_return_secret"), nil, options)
}

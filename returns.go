package paylink

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Origin is the scheme, host and port of a web address as browsers compare them: lower case, without the
// scheme's own port. Empty for what is no address of a web page.
func Origin(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http" {
		return ""
	}
	host, port := strings.ToLower(u.Hostname()), u.Port()
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if port != "" && (u.Scheme != "https" || port != "443") && (u.Scheme != "http" || port != "80") {
		host += ":" + port
	}
	return u.Scheme + "://" + host
}

// Loopback tells an address on the developer's own machine, where test links may lead.
func Loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// LeadsBack tells whether a link of the world may send customers to the address: its origin is registered,
// exactly, or in test mode nothing is registered, or it is the developer's own machine.
func (s Settings) LeadsBack(live bool, address string) bool {
	u, err := url.Parse(address)
	switch {
	case err != nil:
		return false
	case slices.Contains(s.ReturnOrigins, Origin(address)):
		return true
	}
	return !live && (len(s.ReturnOrigins) == 0 || Loopback(u.Hostname()))
}

// Returned is what a customer takes along who goes back to the merchant's site.
type Returned struct {
	Link      LinkID
	Payment   PaymentID // the customer's own; empty: none
	Status    LinkStatus
	Reference string // the merchant's, of the link
	At        time.Time
}

// ReturnPrefix begins the names of the parameters, so that they do not meet the merchant's own.
const ReturnPrefix = "paylink_"

// canonical is what is signed: the version and the five values, each on a line of its own.
func (r Returned) canonical() string {
	return strings.Join([]string{"paylink-return/1", string(r.Link), string(r.Payment), string(r.Status), r.Reference, strconv.FormatInt(r.At.Unix(), 10)}, "\n")
}

// Address is where the customer goes: the merchant's address with the parameters at the end of its query,
// signed with each of the secrets. Without a secret nothing is added, because nothing could be believed.
func (r Returned) Address(to string, secrets ...[]byte) string {
	u, err := url.Parse(to)
	if err != nil || len(secrets) == 0 {
		return to
	}
	var signatures []string
	for _, secret := range secrets {
		mac := hmac.New(sha256.New, secret)
		mac.Write([]byte(r.canonical()))
		signatures = append(signatures, hex.EncodeToString(mac.Sum(nil)))
	}
	query := u.RawQuery
	for _, p := range [][2]string{
		{"link", string(r.Link)}, {"payment", string(r.Payment)}, {"status", string(r.Status)}, {"reference", r.Reference},
		{"timestamp", strconv.FormatInt(r.At.Unix(), 10)}, {"signature", strings.Join(signatures, ".")},
	} {
		if query != "" {
			query += "&"
		}
		query += ReturnPrefix + p[0] + "=" + url.QueryEscape(p[1])
	}
	u.RawQuery = query
	return u.String()
}

// ReturnSecret signs what customers take along. The merchant is shown it once.
type ReturnSecret struct {
	Merchant      MerchantID
	Live          bool
	Sealed        []byte    // by the key ring, bound to merchant and mode
	Previous      []byte    // the one before it, sealed likewise; nil: none
	PreviousUntil time.Time // it signs as well until then
	CreatedAt     time.Time
}

// ReturnPurpose names the key that return secrets are sealed with.
const ReturnPurpose = "merchant/return"

// Bound is what its values are bound to at rest.
func (s ReturnSecret) Bound() []byte {
	return []byte(string(s.Merchant) + "/" + strconv.FormatBool(s.Live))
}

// ReturnSecretText is how a merchant keeps a secret.
func ReturnSecretText(secret []byte) string {
	return "rtsec_" + base64.StdEncoding.EncodeToString(secret)
}

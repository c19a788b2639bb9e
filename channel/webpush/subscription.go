package webpush

import (
	"crypto/ecdh"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strings"

	"paylink/channel"
	"paylink/provider"
)

// subscription is where and for whose eyes a browser takes notifications.
type subscription struct {
	endpoint *url.URL
	key      *ecdh.PublicKey
	auth     []byte
}

// defaultServices are the push services of the browsers.
const defaultServices = "fcm.googleapis.com updates.push.services.mozilla.com *.notify.windows.com web.push.apple.com"

// parse reads a subscription as browsers write it, {"endpoint":…,"keys":{"p256dh":…,"auth":…}}. Its
// endpoint comes from a stranger, so it is called only when it belongs to one of the services: hosts, or
// "*." and the end of hosts, with blanks between them.
func parse(text, services string) (subscription, error) {
	var said struct {
		Endpoint string `json:"endpoint"`
		Keys     struct {
			P256DH string `json:"p256dh"`
			Auth   string `json:"auth"`
		} `json:"keys"`
	}
	if len(text) > 4096 || json.Unmarshal([]byte(text), &said) != nil {
		return subscription{}, badSubscription()
	}
	point, err := decode(said.Keys.P256DH)
	if err != nil {
		return subscription{}, badSubscription()
	}
	var s subscription
	if s.key, err = ecdh.P256().NewPublicKey(point); err != nil { // it must lie on the curve
		return subscription{}, badSubscription()
	}
	if s.auth, err = decode(said.Keys.Auth); err != nil || len(s.auth) != 16 {
		return subscription{}, badSubscription()
	}
	if s.endpoint, err = url.Parse(said.Endpoint); err != nil || s.endpoint.Scheme != "https" || s.endpoint.Opaque != "" || s.endpoint.User != nil || s.endpoint.Fragment != "" {
		return subscription{}, badSubscription()
	}
	if port := s.endpoint.Port(); !listed(strings.ToLower(s.endpoint.Hostname()), services) || port != "" && port != "443" {
		return subscription{}, &channel.Rejected{Code: "foreign_push_service", Reason: provider.InvalidAddress}
	}
	return s, nil
}

func badSubscription() error {
	return &channel.Rejected{Code: "bad_subscription", Reason: provider.InvalidAddress}
}

func listed(host, services string) bool {
	for service := range strings.FieldsSeq(strings.ToLower(services)) {
		end, wild := strings.CutPrefix(service, "*")
		if host == service || wild && strings.HasPrefix(end, ".") && strings.HasSuffix(host, end) {
			return true
		}
	}
	return false
}

// decode reads base64 as browsers and their libraries write it: for URLs or not, with its end filled or
// not.
func decode(text string) ([]byte, error) {
	return base64.RawURLEncoding.DecodeString(strings.NewReplacer("+", "-", "/", "_").Replace(strings.TrimRight(text, "=")))
}

package paylink

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// DeviceKind is by whose push service a device is reached. It is also the name of the provider whose
// account calls there.
type DeviceKind string

const (
	DeviceWebPush DeviceKind = "webpush" // a browser
	DeviceFCM     DeviceKind = "fcm"     // an app, mostly on Android
	DeviceAPNs    DeviceKind = "apns"    // an app on an iPhone, iPad or Mac
)

// DeviceKinds lists every kind.
var DeviceKinds = []DeviceKind{DeviceWebPush, DeviceFCM, DeviceAPNs}

// MostDevices is how many devices one person can have. One more takes the place of the one that was
// heard of longest ago.
const MostDevices = 10

// Device is one browser or app that a notification can be pushed to.
type Device struct {
	ID        DeviceID
	Merchant  MerchantID
	Live      bool
	Owner     string // the person whose it is: a customer, cust_…, or one of the merchant's own people, usr_…
	Kind      DeviceKind
	Address   []byte // keyed digest of what tells the device from others
	Sealed    []byte // where its push service reaches it: a secret of the device
	CreatedAt time.Time
	SeenAt    time.Time // when the device last said that it is there
}

var (
	apnsToken = regexp.MustCompile(`^[0-9a-f]{64,200}$`)
	fcmToken  = regexp.MustCompile(`^[A-Za-z0-9_:.-]{20,1000}$`)
)

// subscription is what a browser gives a page that may push to it.
type subscription struct {
	Endpoint string `json:"endpoint"`
	Keys     struct {
		P256DH string `json:"p256dh"`
		Auth   string `json:"auth"`
	} `json:"keys"`
}

// DeviceToken judges what a device says of itself: a browser's subscription in JSON, or the token that FCM
// or APNs gave the app. token is what a push service is called with, in one spelling, and identity what two
// tokens of one device have in common. It is false for what no device of the kind says.
func DeviceToken(kind DeviceKind, said string) (token, identity string, ok bool) {
	said = strings.TrimSpace(said)
	switch kind {
	case DeviceFCM:
		return said, said, fcmToken.MatchString(said)
	case DeviceAPNs:
		said = strings.ToLower(said)
		return said, said, apnsToken.MatchString(said)
	case DeviceWebPush:
		return webPushToken(said)
	}
	return "", "", false
}

func webPushToken(said string) (token, identity string, ok bool) {
	var s subscription
	if len(said) > 4096 || json.Unmarshal([]byte(said), &s) != nil {
		return "", "", false
	}
	u, err := url.Parse(s.Endpoint)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || u.Fragment != "" || len(s.Endpoint) > 2000 {
		return "", "", false
	}
	if !decodes(s.Keys.P256DH, 65) || !decodes(s.Keys.Auth, 16) {
		return "", "", false
	}
	text, err := json.Marshal(s)
	return string(text), s.Endpoint, err == nil
}

// decodes tells whether a text is base64url of so many bytes.
func decodes(s string, size int) bool {
	b, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(s, "="))
	return err == nil && len(b) == size
}

// Package apns is the channel adapter for Apple's Push Notification service: notifications to the
// merchant's own app on iPhones.
//
// It is for dispatch, through the port channel.Sender. A letter's To is the device token in hex. Keeping
// those, and dropping the ones whose address is invalid, is for others.
package apns

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"paylink"
	"paylink/channel"
	"paylink/channel/pushwire"
	"paylink/outbound"
	"paylink/provider"
)

// The names of an account's fields, and the choices of one of them.
const (
	keyID       = "key_id"
	teamID      = "team_id"
	topic       = "topic"
	environment = "environment"

	production = "production"
	trial      = "sandbox"
)

// Where the service stands.
const (
	baseURL  = "https://api.push.apple.com"
	trialURL = "https://api.sandbox.push.apple.com"
)

// tokenAge is how long a token is used. Apple refuses tokens of more than an hour, and new ones more often
// than every 20 minutes.
const tokenAge = 40 * time.Minute

// Sender speaks to APNs. Make it with New.
type Sender struct {
	pushwire.Silent
	client *outbound.Client
	now    func() time.Time
	tokens pushwire.Kept
}

// New makes an adapter that calls out by client, which must speak HTTP/2.
func New(client *outbound.Client) *Sender { return &Sender{client: client, now: time.Now} }

// Capabilities says what APNs can do: it never tells whether a device showed anything.
func (s *Sender) Capabilities() channel.Capabilities {
	return channel.Capabilities{
		Name: "apns", Title: "Apple Push Notification service", Channels: []paylink.Channel{paylink.ChannelInApp}, Silent: true, Device: true,
		Judge: "Node's crypto for the signed token; the rest is unverified",
		Fields: []provider.Field{
			{
				Name: provider.Secret, Label: "Authentication key", Required: true, Secret: true, Most: 2000, Pattern: `(?s)\s*-----BEGIN PRIVATE KEY-----.+`,
				Help: "The whole text of the .p8 file, from Certificates, Identifiers & Profiles, Keys in the Apple developer account.",
			}, {
				Name: keyID, Label: "Key ID", Required: true, Pattern: "[A-Z0-9]{10}", Example: "ABC123DEFG", Help: "Beside the key in the same list.",
			}, {
				Name: teamID, Label: "Team ID", Required: true, Pattern: "[A-Z0-9]{10}", Example: "DEF123GHIJ", Help: "In the membership details of the developer account.",
			}, {
				Name: topic, Label: "Bundle ID", Required: true, Pattern: "[A-Za-z0-9.-]{1,155}", Example: "com.example.shop", Help: "Of the app that shows the notifications.",
			}, {
				Name: environment, Label: "Environment", Options: []string{production, trial},
				Help: "Builds from Xcode register at the sandbox; those from TestFlight and the App Store, which are the default, at production.",
			},
		},
	}
}

// Send hands one letter to APNs under an id made from the letter's, which is also the reference. A letter
// that is sent again replaces the first on the device.
func (s *Sender) Send(ctx context.Context, a channel.Account, l channel.Letter) (channel.Sent, error) {
	id := uuid(l.ID)
	if err := s.send(ctx, a, l, id); err != nil {
		return channel.Sent{}, fmt.Errorf("send %s by apns: %w", l.ID, err)
	}
	return channel.Sent{Reference: id}, nil
}

// Test sends to a device that does not exist: Apple looks at the credentials first.
func (s *Sender) Test(ctx context.Context, a channel.Account) error {
	nobody := channel.Letter{To: strings.Repeat("0", 64), Subject: "paylink", At: s.now(), Until: s.now()}
	err := s.send(ctx, a, nobody, uuid(""))
	var rejected *channel.Rejected
	if err == nil || errors.As(err, &rejected) && (rejected.Code == "BadDeviceToken" || rejected.Code == "Unregistered") {
		return nil
	}
	return fmt.Errorf("try the credentials of account %s with apns: %w", a.ID, err)
}

// notification is what the device reads. What stands beside aps is for the app, which opens it.
type notification struct {
	APS struct {
		Alert struct {
			Title string `json:"title"`
			Body  string `json:"body"`
		} `json:"alert"`
		Sound string `json:"sound"`
	} `json:"aps"`
	URL     string            `json:"url,omitempty"`
	Message paylink.MessageID `json:"message_id,omitempty"`
}

func (s *Sender) send(ctx context.Context, a channel.Account, l channel.Letter, id string) error {
	if device, err := hex.DecodeString(l.To); err != nil || len(device) < 16 || len(device) > 100 {
		return &channel.Rejected{Code: "bad_token", Reason: provider.InvalidAddress}
	}
	n := notification{URL: l.ButtonURL, Message: l.ID}
	n.APS.Alert.Title, n.APS.Alert.Body, n.APS.Sound = pushwire.Title(l), pushwire.Body(l), "default"
	body, err := pushwire.JSON(n, pushwire.MostBytes)
	if err != nil {
		return err
	}
	for {
		token, fresh, err := s.token(ctx, a)
		if err != nil {
			return err
		}
		req, err := request(a, l, id, token, body)
		if err != nil {
			return err
		}
		res, err := s.client.Do(ctx, req)
		if err != nil {
			return err
		}
		end := ending(res, id)
		var rejected *channel.Rejected
		// Apple's clock and ours differ; a new token is good. What is refused for it was not done.
		if errors.As(end, &rejected) && rejected.Code == "ExpiredProviderToken" {
			s.tokens.Forget(digest(a), token)
			if !fresh {
				continue
			}
		}
		return end
	}
}

func request(a channel.Account, l channel.Letter, id, token string, body []byte) (*http.Request, error) {
	own := baseURL
	if a.Fields[environment] == trial {
		own = trialURL
	}
	req, err := http.NewRequest(http.MethodPost, a.Base(own)+"/3/device/"+l.To, bytes.NewReader(body))
	if err != nil {
		return nil, &channel.Broken{When: channel.NotSent, Err: errors.New("the account's base URL cannot be read")}
	}
	for name, value := range map[string]string{
		"authorization": "bearer " + token, "apns-id": id, "apns-topic": a.Fields[topic], "apns-push-type": "alert", "apns-priority": "10",
		"apns-expiration": strconv.FormatInt(l.At.Add(pushwire.Lasts(l)).Unix(), 10), "Content-Type": "application/json",
	} {
		req.Header.Set(name, value)
	}
	if l.ID != "" {
		req.Header.Set("apns-collapse-id", string(l.ID))
	}
	return req, nil
}

// ending is how a call ended by its answer. A 200 that does not repeat our id is not Apple's.
func ending(res outbound.Response, id string) error {
	if res.Status == http.StatusOK && strings.EqualFold(res.Header.Get("apns-id"), id) {
		return nil
	}
	var said struct {
		Reason string `json:"reason"`
	}
	if res.Cut || json.Unmarshal(res.Body, &said) != nil || said.Reason == "" || res.Status < 400 || res.Status > 499 {
		return pushwire.ByStatus(res, "")
	}
	return refused(res, said.Reason)
}

func digest(a channel.Account) pushwire.Credentials {
	return pushwire.Digest(a, a.Fields[keyID], a.Fields[teamID])
}

// token proves to Apple who sends.
func (s *Sender) token(ctx context.Context, a channel.Account) (token string, fresh bool, err error) {
	now := s.now()
	return s.tokens.Get(ctx, digest(a), now, func() (string, time.Time, error) {
		parsed, err := pushwire.ParseKey(a.Secret)
		key, isEC := parsed.(*ecdsa.PrivateKey)
		if err != nil || !isEC {
			return "", now, pushwire.BadKey()
		}
		signed, err := pushwire.SignES256(key, map[string]string{"kid": a.Fields[keyID]}, map[string]any{"iss": a.Fields[teamID], "iat": now.Unix()})
		if err != nil {
			return "", now, pushwire.BadKey()
		}
		return signed, now.Add(tokenAge), nil
	})
}

// uuid is the id of a letter as Apple writes ids: the same for the same letter (RFC 9562, version 8).
func uuid(id paylink.MessageID) string {
	sum := sha256.Sum256([]byte(id))
	b := sum[:16]
	b[6], b[8] = b[6]&0x0f|0x80, b[8]&0x3f|0x80
	text := hex.EncodeToString(b)
	return strings.Join([]string{text[:8], text[8:12], text[12:16], text[16:20], text[20:]}, "-")
}

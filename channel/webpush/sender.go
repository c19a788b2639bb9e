// Package webpush is the channel adapter for Web Push: notifications that a browser shows although its
// page is closed, through the push service of the browser's maker (RFC 8030), readable by that browser
// only (RFC 8291) and signed with the account's own key (RFC 8292).
//
// It is for dispatch, through the port channel.Sender, and for pages that ask a customer for a
// subscription, which need [PublicKey]. A letter's To is the subscription as the browser gives it, in
// JSON. Keeping subscriptions, and dropping those whose address is invalid, is for others.
package webpush

import (
	"bytes"
	"cmp"
	"context"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"paylink"
	"paylink/channel"
	"paylink/channel/pushwire"
	"paylink/outbound"
	"paylink/provider"
)

// The names of an account's fields.
const (
	contact  = "contact"
	services = "push_services"
)

// Sender speaks to push services. Make it with New.
type Sender struct {
	pushwire.Silent
	client *outbound.Client
	now    func() time.Time
}

// New makes an adapter that calls out by client.
func New(client *outbound.Client) *Sender { return &Sender{client: client, now: time.Now} }

// Capabilities says what push services can do: they never tell whether a device showed anything.
func (s *Sender) Capabilities() channel.Capabilities {
	return channel.Capabilities{
		Name: "webpush", Title: "Web Push", Channels: []paylink.Channel{paylink.ChannelInApp}, Silent: true, Device: true,
		Judge: "the example of RFC 8291, and http_ece as the browser",
		Fields: []provider.Field{
			{
				Name: provider.Secret, Label: "VAPID private key", Secret: true, Pattern: "[A-Za-z0-9_-]{43}=?",
				Help: "32 bytes in base64url, as npx web-push generate-vapid-keys writes it. Leave it empty and one is made. Its public half is what browsers subscribe with.",
			}, {
				Name: contact, Label: "Contact", Required: true, Pattern: "(mailto:|https://).+", Example: "mailto:ops@example.com",
				Help: "Where the makers of browsers reach you when something is wrong with your notifications.",
			}, {
				Name: services, Label: "Push services", Most: 1000, Pattern: `[a-z0-9*. -]+`, Example: defaultServices,
				Help: "Hosts that may be called, with blanks between them. Leave it empty for those of the usual browsers.",
			},
		},
	}
}

// Mint makes a VAPID private key.
func (s *Sender) Mint() (string, error) {
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		return "", fmt.Errorf("make a VAPID key: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(key.Bytes()), nil
}

// PublicKey is what a browser subscribes with to the account's notifications.
func (s *Sender) PublicKey(a channel.Account) (string, error) { return PublicKey(a.Secret) }

// PublicKey is the other half of an account's VAPID private key, as a page gives it to the browser
// (applicationServerKey): base64url of 65 bytes.
func PublicKey(secret string) (string, error) {
	key, err := parseKey(secret)
	if err != nil {
		return "", err
	}
	public, err := key.PublicKey.Bytes()
	if err != nil {
		return "", fmt.Errorf("write the public VAPID key: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(public), nil
}

func parseKey(secret string) (*ecdsa.PrivateKey, error) {
	raw, err := decode(secret)
	if err != nil {
		return nil, errors.New("the VAPID private key is not base64url")
	}
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), raw)
	if err != nil {
		return nil, errors.New("the VAPID private key is not a number of P-256")
	}
	return key, nil
}

// Send hands one letter to the push service of the subscription. The reference is the letter's id: a
// service names what it took by an address with which it can be taken back, and that is a secret.
func (s *Sender) Send(ctx context.Context, a channel.Account, l channel.Letter) (channel.Sent, error) {
	if err := s.send(ctx, a, l); err != nil {
		return channel.Sent{}, fmt.Errorf("send %s by web push: %w", l.ID, err)
	}
	return channel.Sent{Reference: string(l.ID)}, nil
}

func (s *Sender) send(ctx context.Context, a channel.Account, l channel.Letter) error {
	sub, err := parse(l.To, cmp.Or(a.Fields[services], defaultServices))
	if err != nil {
		return err
	}
	req, err := s.request(a, l, sub)
	if err != nil {
		return err
	}
	res, err := s.client.Do(ctx, req)
	switch {
	case err != nil:
		return err
	case res.Status == http.StatusCreated:
		return nil
	case res.Status == http.StatusNotFound || res.Status == http.StatusGone:
		return &channel.Rejected{Code: fmt.Sprintf("http_%d", res.Status), Reason: provider.InvalidAddress} // unsubscribed
	}
	return pushwire.ByStatus(res, words(res.Body))
}

// words are the service's own, unless it answers with a page.
func words(body []byte) string {
	text := strings.TrimSpace(string(body[:min(len(body), 300)]))
	if strings.HasPrefix(text, "<") {
		return ""
	}
	return text
}

// notification is what the browser decrypts: a declarative notification, which browsers that know them
// show by themselves, and which a service worker reads as the JSON that it is.
type notification struct {
	WebPush      int `json:"web_push"`
	Notification struct {
		Title    string            `json:"title"`
		Body     string            `json:"body"`
		Lang     string            `json:"lang,omitempty"`
		Tag      paylink.MessageID `json:"tag"` // what is shown once is replaced, not shown again
		Navigate string            `json:"navigate,omitempty"`
	} `json:"notification"`
}

func (s *Sender) request(a channel.Account, l channel.Letter, sub subscription) (*http.Request, error) {
	n := notification{WebPush: 8030}
	n.Notification.Title, n.Notification.Body, n.Notification.Lang = pushwire.Title(l), pushwire.Body(l), l.Language
	n.Notification.Tag, n.Notification.Navigate = l.ID, l.ButtonURL
	plain, err := pushwire.JSON(n, mostPlain)
	if err != nil {
		return nil, err
	}
	own, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		return nil, notSent(fmt.Errorf("make a key: %w", err))
	}
	salt := make([]byte, 16)
	_, _ = rand.Read(salt) // it never fails
	body, err := encrypt(plain, sub, own, salt)
	if err != nil {
		return nil, notSent(err)
	}
	proof, err := s.vapid(a, sub.endpoint)
	if err != nil {
		return nil, err
	}
	address := *sub.endpoint
	if a.BaseURL != "" { // it stands in for every push service
		base, err := url.Parse(a.BaseURL)
		if err != nil {
			return nil, notSent(errors.New("the account's base URL cannot be read"))
		}
		address.Scheme, address.Host = base.Scheme, base.Host
	}
	req, err := http.NewRequest(http.MethodPost, address.String(), bytes.NewReader(body))
	if err != nil {
		return nil, badSubscription()
	}
	for name, value := range map[string]string{
		"Authorization": proof, "Content-Encoding": "aes128gcm", "Content-Type": "application/octet-stream", "Urgency": "normal",
		"TTL": strconv.FormatInt(int64(pushwire.Lasts(l)/time.Second), 10),
		// A letter that is sent again replaces the first while the device is off.
		"Topic": string(l.ID),
	} {
		req.Header.Set(name, value)
	}
	return req, nil
}

// vapid proves to the push service of an endpoint who sends, for half a day.
func (s *Sender) vapid(a channel.Account, endpoint *url.URL) (string, error) {
	key, err := parseKey(a.Secret)
	if err != nil {
		return "", pushwire.BadKey()
	}
	public, err := PublicKey(a.Secret)
	if err != nil {
		return "", pushwire.BadKey()
	}
	token, err := pushwire.SignES256(key, nil, map[string]any{
		"aud": "https://" + strings.ToLower(endpoint.Hostname()), "exp": s.now().Add(12 * time.Hour).Unix(), "sub": a.Fields[contact],
	})
	if err != nil {
		return "", notSent(err)
	}
	return "vapid t=" + token + ", k=" + public, nil
}

func notSent(err error) error { return &channel.Broken{When: channel.NotSent, Err: err} }

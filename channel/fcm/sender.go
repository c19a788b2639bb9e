// Package fcm is the channel adapter for Firebase Cloud Messaging (HTTP v1): notifications to the
// merchant's own app on Android, iOS and the web.
//
// It is for dispatch, through the port channel.Sender. A letter's To is the registration token of one
// device, as the app has it. Keeping those, and dropping the ones whose address is invalid, is for others.
package fcm

import (
	"bytes"
	"context"
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

// baseURL is where the API stands.
const baseURL = "https://fcm.googleapis.com"

// Sender speaks to FCM. Make it with New.
type Sender struct {
	pushwire.Silent
	client *outbound.Client
	now    func() time.Time
	tokens pushwire.Kept
}

// New makes an adapter that calls out by client.
func New(client *outbound.Client) *Sender { return &Sender{client: client, now: time.Now} }

// Capabilities says what FCM can do: it never tells whether a device showed anything.
func (s *Sender) Capabilities() channel.Capabilities {
	return channel.Capabilities{
		Name: "fcm", Title: "Firebase Cloud Messaging", Channels: []paylink.Channel{paylink.ChannelInApp}, Silent: true, Device: true,
		Judge: "Node's crypto for the signed assertion; the rest is unverified",
		Fields: []provider.Field{{
			Name: provider.Secret, Label: "Service account key", Required: true, Secret: true, Most: 8000,
			Help: "The whole JSON file that the Firebase console makes under Project settings, Service accounts, Generate new private key.",
		}},
	}
}

// message is the API's request to carry a letter.
type message struct {
	ValidateOnly bool `json:"validate_only,omitempty"`
	Message      struct {
		Token        string            `json:"token,omitempty"`
		Topic        string            `json:"topic,omitempty"`
		Notification notification      `json:"notification"`
		Data         map[string]string `json:"data,omitempty"`
		Android      *android          `json:"android,omitempty"`
		APNs         *headers          `json:"apns,omitempty"`
		WebPush      *headers          `json:"webpush,omitempty"`
	} `json:"message"`
}

type notification struct {
	Title string `json:"title"`
	Body  string `json:"body"`
}

type android struct {
	TTL          string `json:"ttl"` // "3600s"
	Notification struct {
		Tag paylink.MessageID `json:"tag"`
	} `json:"notification"`
}

type headers struct {
	Headers map[string]string `json:"headers"`
}

// Send hands one letter to FCM, which answers with the name of the message. FCM cannot recognise a letter
// that it was given before, but the device shows the later one in the place of the first.
func (s *Sender) Send(ctx context.Context, a channel.Account, l channel.Letter) (channel.Sent, error) {
	var m message
	m.Message.Token, m.Message.Notification = l.To, notification{pushwire.Title(l), pushwire.Body(l)}
	m.Message.Data = map[string]string{"message_id": string(l.ID)}
	if l.ButtonURL != "" {
		m.Message.Data["url"] = l.ButtonURL // for the app, which opens it
	}
	lasts := strconv.FormatInt(int64(pushwire.Lasts(l)/time.Second), 10)
	m.Message.Android = &android{TTL: lasts + "s"}
	m.Message.Android.Notification.Tag = l.ID
	m.Message.WebPush = &headers{map[string]string{"TTL": lasts, "Topic": string(l.ID)}}
	m.Message.APNs = &headers{map[string]string{
		"apns-expiration": strconv.FormatInt(l.At.Add(pushwire.Lasts(l)).Unix(), 10), "apns-collapse-id": string(l.ID),
	}}
	name, err := s.send(ctx, a, m)
	if err != nil {
		return channel.Sent{}, fmt.Errorf("send %s by fcm: %w", l.ID, err)
	}
	return channel.Sent{Reference: name}, nil
}

// Test has FCM look at a message to nobody, without sending it.
func (s *Sender) Test(ctx context.Context, a channel.Account) error {
	m := message{ValidateOnly: true}
	m.Message.Topic, m.Message.Notification = "paylink", notification{"paylink", "paylink"}
	if _, err := s.send(ctx, a, m); err != nil {
		return fmt.Errorf("have fcm look at a message of account %s: %w", a.ID, err)
	}
	return nil
}

func (s *Sender) send(ctx context.Context, a channel.Account, m message) (name string, err error) {
	if m.Message.Topic == "" && !isToken(m.Message.Token) {
		return "", &channel.Rejected{Code: "bad_token", Reason: provider.InvalidAddress}
	}
	body, err := pushwire.JSON(m, pushwire.MostBytes)
	if err != nil {
		return "", err
	}
	who, err := parseKey(a.Secret)
	if err != nil {
		return "", err
	}
	for {
		token, fresh, err := s.token(ctx, a, who)
		if err != nil {
			return "", err
		}
		res, err := s.post(ctx, a.Base(baseURL)+"/v1/projects/"+who.ProjectID+"/messages:send", "application/json", token, body)
		if err != nil {
			return "", err
		}
		// A token can be taken back before its time. What is refused for it was not done.
		if res.Status == http.StatusUnauthorized {
			s.tokens.Forget(pushwire.Digest(a), token)
			if !fresh {
				continue
			}
		}
		return named(res)
	}
}

func (s *Sender) post(ctx context.Context, address, kind, token string, body []byte) (outbound.Response, error) {
	req, err := http.NewRequest(http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return outbound.Response{}, &channel.Broken{When: channel.NotSent, Err: errors.New("the account's base URL cannot be read")}
	}
	req.Header.Set("Content-Type", kind)
	req.Header.Set("Accept", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	return s.client.Do(ctx, req)
}

// named reads the name that FCM gave to what it took.
func named(res outbound.Response) (string, error) {
	var said struct {
		Name  string    `json:"name"`
		Error *refusing `json:"error"`
	}
	parsed := !res.Cut && json.Unmarshal(res.Body, &said) == nil
	switch {
	case parsed && said.Error != nil:
		return "", said.Error.ending(res)
	case res.Status < 200 || res.Status > 299:
		return "", pushwire.ByStatus(res, "")
	case !parsed || !strings.HasPrefix(said.Name, "projects/") || !isToken(said.Name):
		return "", pushwire.Unclear("the answer has no name of a message")
	}
	return said.Name, nil
}

// isToken tells whether s can be a registration token or a name: ASCII without blanks.
func isToken(s string) bool {
	return s != "" && len(s) <= 1024 && !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r >= 0x7f })
}

// Package vonage is the channel adapter for Vonage's Messages API, of which it uses text messages.
//
// It is for dispatch, through the port channel.Sender. The call and its fields for India's operators are those
// of Vonage's documents and of its own SDK, and so is that the reference of ours comes back in every status.
// Not verified are the claims in the token that signs a webhook (payload_hash, api_key, iat), the parts
// usage and sms of a status, the meanings of the error codes, and that the list of an account's secrets may be
// asked for as a test of its credentials.
package vonage

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"paylink"
	"paylink/channel"
	"paylink/channel/carrierwire"
	"paylink/outbound"
	"paylink/provider"
	"paylink/provider/httpwire"
)

// Sender speaks to Vonage. Make it with New.
type Sender struct{ client *outbound.Client }

// New makes an adapter that calls out by client.
func New(client *outbound.Client) *Sender { return &Sender{client: client} }

// Capabilities says what Vonage carries and what an account with it needs.
func (s *Sender) Capabilities() channel.Capabilities {
	return channel.Capabilities{
		Name: "vonage", Title: "Vonage", Channels: []paylink.Channel{paylink.ChannelSMS},
		Fields: []provider.Field{
			{Name: "api_key", Label: "API key", Required: true, Pattern: `[0-9a-f]{8}`, Example: "00000000", Help: "On the first page of the Vonage dashboard."},
			{Name: "api_secret", Label: "API secret", Required: true, Secret: true, Help: "Beside the API key."},
			{
				Name: provider.Secret, Label: "Signature secret", Required: true, Secret: true,
				Help: "In the dashboard's API settings. It signs the webhooks; choose signed webhooks there.",
			},
			{
				Name: "from", Label: "From", Required: true, Pattern: `\+?[0-9]{3,15}|[A-Za-z0-9 ]{1,11}`, Example: "447700900001",
				Help: "A number or sender id of yours, unless the template names a header.",
			},
		},
	}
}

const (
	mostText = 1000 // characters
	// leastTTL and mostTTL bound ttl, in seconds: Vonage advises against less, and tries for three days by itself.
	leastTTL, mostTTL = 1800, 259200
)

var uuid = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// message is Vonage's request to carry one.
type message struct {
	Type           string            `json:"message_type"`
	Channel        string            `json:"channel"`
	To             string            `json:"to"`
	From           string            `json:"from"`
	Text           string            `json:"text"`
	ClientRef      paylink.MessageID `json:"client_ref"`
	WebhookURL     string            `json:"webhook_url,omitempty"`
	WebhookVersion string            `json:"webhook_version,omitempty"`
	TTL            int64             `json:"ttl,omitempty"`
	SMS            *operators        `json:"sms,omitempty"`
}

// operators is what India's operators ask for.
type operators struct {
	Entity  string `json:"entity_id,omitempty"`
	Content string `json:"content_id,omitempty"`
}

// Send hands one letter to Vonage, which does not know a repeated call.
func (s *Sender) Send(ctx context.Context, a channel.Account, l channel.Letter) (channel.Sent, error) {
	reference, err := s.send(ctx, a, l)
	if err != nil {
		return channel.Sent{}, fmt.Errorf("send %s: %w", l.ID, err)
	}
	return channel.Sent{Reference: reference}, nil
}

func (s *Sender) send(ctx context.Context, a channel.Account, l channel.Letter) (string, error) {
	if err := carrierwire.Check(l, mostText); err != nil {
		return "", err
	}
	m := message{
		Type: "text", Channel: "sms", To: carrierwire.Digits(l.To), From: carrierwire.Digits(a.Fields["from"]), Text: l.Text,
		ClientRef: l.ID, WebhookURL: l.ReceiptURL, TTL: carrierwire.Seconds(l, leastTTL, mostTTL),
	}
	if m.WebhookURL != "" {
		m.WebhookVersion = "v1"
	}
	if t := l.Template; t != nil {
		if t.Header != "" {
			m.From = t.Header
		}
		if t.Entity != "" {
			m.SMS = &operators{Entity: t.Entity, Content: t.Name}
		}
	}
	body, err := json.Marshal(m)
	if err != nil {
		return "", fmt.Errorf("write the call: %w", err)
	}
	answer, err := s.call(ctx, a, http.MethodPost, "/v1/messages", body)
	if err != nil {
		return "", err
	}
	var taken struct {
		UUID string `json:"message_uuid"`
	}
	if httpwire.Decode(answer, &taken) != nil || !uuid.MatchString(taken.UUID) {
		return "", httpwire.Unclear("the answer names no message")
	}
	return taken.UUID, nil
}

// Test asks for the list of the account's secrets, which names them and does not tell them.
func (s *Sender) Test(ctx context.Context, a channel.Account) error {
	answer, err := s.call(ctx, a, http.MethodGet, "/accounts/"+url.PathEscape(a.Fields["api_key"])+"/secrets", nil)
	if err != nil {
		return fmt.Errorf("test the account: %w", err)
	}
	var list struct {
		Embedded *struct{} `json:"_embedded"`
	}
	if httpwire.Decode(answer, &list) != nil || list.Embedded == nil {
		return fmt.Errorf("test the account: %w", httpwire.Unclear("the answer is no list of secrets"))
	}
	return nil
}

func (s *Sender) call(ctx context.Context, a channel.Account, method, path string, body []byte) ([]byte, error) {
	pair := base64.StdEncoding.EncodeToString([]byte(a.Fields["api_key"] + ":" + a.Fields["api_secret"]))
	answer, err := carrier.Do(ctx, s.client, httpwire.Call{
		Method: method, URL: a.Base("https://api.nexmo.com") + path, Header: http.Header{"Authorization": {"Basic " + pair}}, Body: body,
	})
	return answer.Body, err
}

// carrier is how Vonage refuses. A code stands at the end of the refusal's type, and as a number in a status.
var carrier = httpwire.API{
	Name: "vonage",
	Read: func(body []byte) httpwire.Complaint {
		var refusal struct {
			Type   string `json:"type"`
			Detail string `json:"detail"`
		}
		if httpwire.Decode(body, &refusal) != nil {
			return httpwire.Complaint{}
		}
		_, code, _ := strings.Cut(refusal.Type, "#")
		if !errorCode.MatchString(code) {
			code = ""
		}
		return httpwire.Complaint{Code: code, Words: refusal.Detail}
	},
	Refused: map[string]httpwire.Refused{
		"1000": {Reason: provider.Throttled, Temporary: true},
		"1010": {Reason: provider.BadRequest},
		"1020": {Reason: provider.BadRequest},
		"1022": {Reason: provider.BadTemplate},
		"1030": {Reason: provider.ProviderDown, Temporary: true},
		"1040": {Reason: provider.BadRequest},
		"1050": {Reason: provider.Blocked},
		"1060": {Reason: provider.BadCredentials},
		"1070": {Reason: provider.NoBalance},
		"1080": {Reason: provider.BadCredentials},
		"1090": {Reason: provider.BadRequest},
		"1120": {Reason: provider.BadRequest}, // the sender
		"1160": {Reason: provider.Blocked},
		"1170": {Reason: provider.InvalidAddress},
		"1180": {Reason: provider.Unreachable},
		"1190": {Reason: provider.Unreachable},
		"1200": {Reason: provider.OptedOut},
		"1210": {Reason: provider.Unreachable},
		"1220": {Reason: provider.Blocked},
		"1230": {Reason: provider.Unreachable},
		"1240": {Reason: provider.InvalidAddress},
		"1241": {Reason: provider.Throttled, Temporary: true},
		"1250": {Reason: provider.Blocked}, // no way to the number
	},
}

var errorCode = regexp.MustCompile(`^[0-9]{4}$`)

// Package plivo is the channel adapter for Plivo, which carries text messages.
//
// It is for dispatch, through the port channel.Sender. Calls and receipts are as Plivo's documents show them;
// the names of its fields for India's operators are those of Plivo's own SDK, whose check of signatures made
// the vectors of the tests. Not verified are the meanings of the error codes, which are from memory of
// Plivo's list, and the form of its times, which are therefore not read.
package plivo

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"

	"paylink"
	"paylink/channel"
	"paylink/channel/carrierwire"
	"paylink/outbound"
	"paylink/provider"
	"paylink/provider/httpwire"
)

// Sender speaks to Plivo. Make it with New.
type Sender struct{ client *outbound.Client }

// New makes an adapter that calls out by client.
func New(client *outbound.Client) *Sender { return &Sender{client: client} }

// Capabilities says what Plivo carries and what an account with it needs.
func (s *Sender) Capabilities() channel.Capabilities {
	return channel.Capabilities{
		Name: "plivo", Title: "Plivo", Channels: []paylink.Channel{paylink.ChannelSMS},
		Fields: []provider.Field{
			{Name: "auth_id", Label: "Auth ID", Required: true, Pattern: `[A-Z0-9]{20}`, Example: "MA000000000000000000", Help: "On the first page of the Plivo console."},
			{Name: provider.Secret, Label: "Auth Token", Required: true, Secret: true, Help: "Beside the Auth ID. It signs the receipts as well."},
			{
				Name: "src", Label: "Source", Required: true, Pattern: `\+?[0-9]{3,15}|[A-Za-z0-9 ]{1,11}`, Example: "ACMEIN",
				Help: "A number or sender id of yours, unless the template names a header.",
			},
			{
				Name: "dlt_category", Label: "DLT template category", Options: []string{"service_implicit", "service_explicit", "transactional", "promotional"},
				Help: "India only: the kind under which your templates are registered.",
			},
		},
		Judge: "signature vectors by Plivo's own SDK",
	}
}

const (
	mostText = 1600 // characters; of those outside GSM-7 Plivo takes fewer, and says so itself
	// leastExpiry and mostExpiry bound message_expiry, in seconds; the latter is Plivo's default.
	leastExpiry, mostExpiry = 5, 10800
)

var uuid = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// message is Plivo's request to carry one.
type message struct {
	Src         string `json:"src"`
	Dst         string `json:"dst"`
	Text        string `json:"text"`
	URL         string `json:"url,omitempty"`
	Method      string `json:"method,omitempty"`
	Expiry      int64  `json:"message_expiry,omitempty"`
	DLTEntity   string `json:"dlt_entity_id,omitempty"`
	DLTTemplate string `json:"dlt_template_id,omitempty"`
	DLTCategory string `json:"dlt_template_category,omitempty"`
}

// Send hands one letter to Plivo, which has no key by which it would know a repeated call.
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
		Src: a.Fields["src"], Dst: carrierwire.Digits(l.To), Text: l.Text, URL: l.ReceiptURL,
		Expiry: carrierwire.Seconds(l, leastExpiry, mostExpiry),
	}
	if m.URL != "" {
		m.Method = http.MethodPost
	}
	if t := l.Template; t != nil && t.Entity != "" {
		m.DLTEntity, m.DLTTemplate, m.DLTCategory = t.Entity, t.Name, a.Fields["dlt_category"]
	}
	if l.Template != nil && l.Template.Header != "" {
		m.Src = l.Template.Header
	}
	body, err := json.Marshal(m)
	if err != nil {
		return "", fmt.Errorf("write the call: %w", err)
	}
	answer, err := s.call(ctx, a, http.MethodPost, "Message/", body)
	if err != nil {
		return "", err
	}
	var taken struct {
		UUIDs   []string `json:"message_uuid"`
		Invalid []string `json:"invalid_number"`
	}
	switch err := httpwire.Decode(answer, &taken); {
	case err == nil && len(taken.UUIDs) == 0 && len(taken.Invalid) > 0:
		return "", &channel.Rejected{Code: "plivo_invalid_number", Reason: provider.InvalidAddress, Words: "Plivo takes the number for invalid."}
	case err != nil || len(taken.UUIDs) != 1 || !uuid.MatchString(taken.UUIDs[0]):
		return "", httpwire.Unclear("the answer names no message")
	}
	return taken.UUIDs[0], nil
}

// Test asks for the account itself, which needs the same credentials as a message.
func (s *Sender) Test(ctx context.Context, a channel.Account) error {
	answer, err := s.call(ctx, a, http.MethodGet, "", nil)
	if err != nil {
		return fmt.Errorf("test the account: %w", err)
	}
	var account struct {
		AuthID string `json:"auth_id"`
	}
	if httpwire.Decode(answer, &account) != nil || account.AuthID != a.Fields["auth_id"] {
		return fmt.Errorf("test the account: %w", httpwire.Unclear("the answer names no account"))
	}
	return nil
}

func (s *Sender) call(ctx context.Context, a channel.Account, method, path string, body []byte) ([]byte, error) {
	answer, err := carrier.Do(ctx, s.client, httpwire.Call{
		Method: method, URL: a.Base("https://api.plivo.com") + "/v1/Account/" + url.PathEscape(a.Fields["auth_id"]) + "/" + path,
		Header: http.Header{"Authorization": {"Basic " + base64.StdEncoding.EncodeToString([]byte(a.Fields["auth_id"]+":"+a.Secret))}}, Body: body,
	})
	return answer.Body, err
}

// carrier is how Plivo refuses: a sentence in an answer, a code in a receipt.
var carrier = httpwire.API{
	Name: "plivo",
	Read: func(body []byte) httpwire.Complaint {
		var refusal struct {
			Error httpwire.Word `json:"error"`
		}
		if httpwire.Decode(body, &refusal) != nil {
			return httpwire.Complaint{}
		}
		return httpwire.Complaint{Words: string(refusal.Error)}
	},
	Refused: map[string]httpwire.Refused{
		"10":  {Reason: provider.BadRequest},
		"20":  {Reason: provider.ProviderDown},
		"30":  {Reason: provider.Blocked},
		"40":  {Reason: provider.BadRequest}, // the source
		"50":  {Reason: provider.InvalidAddress},
		"60":  {Reason: provider.Blocked}, // a loop
		"70":  {Reason: provider.InvalidAddress},
		"80":  {Reason: provider.Unreachable},
		"90":  {Reason: provider.ProviderDown}, // no route
		"100": {Reason: provider.Blocked},
		"110": {Reason: provider.BadRequest},
		"200": {Reason: provider.OptedOut},
		"300": {Reason: provider.ProviderDown},
		"420": {Reason: provider.Expired},
		"450": {Reason: provider.Blocked}, // the country is not allowed to the account
		"900": {Reason: provider.NoBalance},
		"910": {Reason: provider.BadCredentials},
	},
}

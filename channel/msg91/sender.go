// Package msg91 is the channel adapter for MSG91, which carries text messages in India by its flows: texts
// that are registered with the operators and have places for what differs.
//
// It is for dispatch, through the port channel.Sender. The call and the delivery webhook are as MSG91's help
// pages show them. No schema, SDK or vector of MSG91's judges it, and these are not verified: the HTTP status
// and codes of refusals, the zone of the webhook's times (taken as India's), and how many characters a place
// may hold. MSG91 signs nothing: receipts are believed because their address holds the account's secret.
package msg91

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"paylink"
	"paylink/channel"
	"paylink/channel/carrierwire"
	"paylink/outbound"
	"paylink/provider"
	"paylink/provider/httpwire"
)

// Sender speaks to MSG91. Make it with New.
type Sender struct{ client *outbound.Client }

// New makes an adapter that calls out by client.
func New(client *outbound.Client) *Sender { return &Sender{client: client} }

// Capabilities says what MSG91 carries and what an account with it needs.
func (s *Sender) Capabilities() channel.Capabilities {
	return channel.Capabilities{
		Name: "msg91", Title: "MSG91", Channels: []paylink.Channel{paylink.ChannelSMS}, Templates: true,
		Fields: []provider.Field{
			{Name: "auth_key", Label: "Authkey", Required: true, Secret: true, Help: "In the MSG91 panel under Authkey."},
			{
				Name: "sender", Label: "Sender ID", Pattern: `[A-Za-z0-9]{3,11}`, Example: "ACMEIN",
				Help: "The header under which messages go out, unless the template names one.",
			},
			{
				Name: provider.Secret, Label: "Receipt secret", Required: true, Secret: true, Pattern: `[A-Za-z0-9_-]{20,100}`,
				Help: "Any long random word. In MSG91, under SMS, Webhook (v2 or v3), enter the receipt address with ?secret= and this word at its end.",
			},
		},
	}
}

// recipient is one number and what stands in the places of the flow. MSG91's own key is written last, so
// that no place can take it.
func recipient(l channel.Letter) map[string]string {
	to := map[string]string{}
	for _, v := range l.Template.Variables {
		to[v.Name] = v.Value
	}
	to["mobiles"] = carrierwire.Digits(l.To)
	return to
}

// Send starts the flow that the letter's template names, for one number. MSG91's reference is of the whole
// call, so each call has one number.
func (s *Sender) Send(ctx context.Context, a channel.Account, l channel.Letter) (channel.Sent, error) {
	reference, err := s.send(ctx, a, l)
	if err != nil {
		return channel.Sent{}, fmt.Errorf("send %s: %w", l.ID, err)
	}
	return channel.Sent{Reference: reference}, nil
}

func (s *Sender) send(ctx context.Context, a channel.Account, l channel.Letter) (string, error) {
	if err := carrierwire.CheckNumber(l); err != nil {
		return "", err
	}
	if l.Template == nil || l.Template.Name == "" {
		return "", &channel.Rejected{Code: "no_template", Reason: provider.BadTemplate, Words: "MSG91 carries registered templates only."}
	}
	flow := struct {
		Template   string              `json:"template_id"`
		Sender     string              `json:"sender,omitempty"`
		ShortURL   string              `json:"short_url"` // "0": a link keeps its registered form
		Recipients []map[string]string `json:"recipients"`
	}{l.Template.Name, a.Fields["sender"], "0", []map[string]string{recipient(l)}}
	if l.Template.Header != "" {
		flow.Sender = l.Template.Header
	}
	body, err := json.Marshal(flow)
	if err != nil {
		return "", fmt.Errorf("write the call: %w", err)
	}
	answer, err := carrier.Do(ctx, s.client, httpwire.Call{
		Method: http.MethodPost, URL: a.Base("https://control.msg91.com") + "/api/v5/flow/",
		Header: http.Header{"Authkey": {a.Fields["auth_key"]}}, Body: body,
	})
	if err != nil {
		return "", err
	}
	said := said{}
	if httpwire.Decode(answer.Body, &said) != nil {
		return "", httpwire.Unclear("the answer is not MSG91's")
	}
	switch {
	case said.Type == "error": // whatever the status: the type is the truth
		return "", carrier.Reject(said.complaint(), http.StatusOK)
	case said.Type != "success" || !requestID.MatchString(string(said.Message)):
		return "", httpwire.Unclear("the answer names no request")
	}
	return string(said.Message), nil
}

var requestID = regexp.MustCompile(`^[0-9A-Za-z]{8,64}$`)

// said is MSG91's answer: with the type success the message is the request's id, else a sentence.
type said struct {
	Type    string        `json:"type"`
	Message httpwire.Word `json:"message"`
	Code    httpwire.Word `json:"code"`
}

func (s said) complaint() httpwire.Complaint {
	return httpwire.Complaint{Code: strings.TrimSpace(string(s.Code)), Words: string(s.Message)}
}

// carrier is how MSG91 refuses.
var carrier = httpwire.API{
	Name: "msg91",
	Read: func(body []byte) httpwire.Complaint {
		var s said
		if httpwire.Decode(body, &s) != nil {
			return httpwire.Complaint{}
		}
		return s.complaint()
	},
	// The codes are from MSG91's older list of errors; whether flows answer with them is not verified.
	Refused: map[string]httpwire.Refused{
		"202": {Reason: provider.InvalidAddress},
		"203": {Reason: provider.BadTemplate}, // the sender's header
		"207": {Reason: provider.BadCredentials},
		"208": {Reason: provider.BadCredentials}, // from an address that is not on the account's list
		"301": {Reason: provider.NoBalance},
		"302": {Reason: provider.BadCredentials},
		"303": {Reason: provider.BadCredentials},
		"306": {Reason: provider.Blocked}, // outside the route's hours
		"310": {Reason: provider.BadRequest},
		"418": {Reason: provider.BadCredentials},
	},
}

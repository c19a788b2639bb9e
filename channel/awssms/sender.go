// Package awssms is the channel adapter for AWS End User Messaging SMS, version 2, which carries text messages.
//
// It is for dispatch, through the port channel.Sender. Operations, fields and error reasons are those of
// AWS's own SDK for Go; calls are signed by our own Signature Version 4, which AWS's published vectors and
// its SDK's signer judge. Events come by an SNS topic to our address. SNS signs its posts with a certificate
// that would have to be fetched, and Verify is pure; so they are believed because the address holds the
// account's secret. That the events look as they are read here is from AWS's documents, not from a trial.
package awssms

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"

	"paylink"
	"paylink/channel"
	"paylink/channel/carrierwire"
	"paylink/outbound"
	"paylink/provider"
	"paylink/provider/httpwire"
)

// Sender speaks to AWS. Make it with New.
type Sender struct {
	client *outbound.Client
	now    func() time.Time // dates signatures
}

// New makes an adapter that calls out by client.
func New(client *outbound.Client) *Sender { return &Sender{client: client, now: time.Now} }

// Capabilities says what AWS carries and what an account with it needs.
func (s *Sender) Capabilities() channel.Capabilities {
	return channel.Capabilities{
		Name: "awssms", Title: "AWS End User Messaging", Channels: []paylink.Channel{paylink.ChannelSMS},
		Fields: []provider.Field{
			{Name: "region", Label: "Region", Required: true, Pattern: `[a-z]{2}(-[a-z]+){1,2}-[0-9]`, Example: "ap-south-1"},
			{
				Name: "access_key_id", Label: "Access key ID", Required: true, Pattern: `[A-Z0-9]{16,128}`, Example: "AKIDEXAMPLE00000",
				Help: "Of an IAM identity that may do sms-voice:SendTextMessage and sms-voice:DescribeAccountAttributes, and nothing else.",
			},
			{Name: "secret_access_key", Label: "Secret access key", Required: true, Secret: true},
			{
				Name: "origination_identity", Label: "Origination identity", Required: true, Pattern: `[A-Za-z0-9_:/+-]{1,256}`, Example: "ACMEIN",
				Help: "A phone number, sender ID or pool of yours, unless the template names a header.",
			},
			{
				Name: "configuration_set", Label: "Configuration set", Pattern: `[A-Za-z0-9_:/-]{1,256}`,
				Help: "Without one AWS tells nothing of what became of a message. Give it an event destination by SNS for all text events.",
			},
			{Name: "message_type", Label: "Message type", Options: []string{"TRANSACTIONAL", "PROMOTIONAL"}, Help: "TRANSACTIONAL when empty."},
			{
				Name: provider.Secret, Label: "Receipt secret", Required: true, Secret: true, Pattern: `[A-Za-z0-9_-]{20,100}`,
				Help: "Any long random word. Subscribe the receipt address to the SNS topic by HTTPS, with ?secret= and this word at its end.",
			},
		},
		Judge: "AWS's published vectors for Signature Version 4 and the signer of its SDK",
	}
}

const (
	mostText = 1600 // characters
	// leastTTL and mostTTL bound TimeToLive, in seconds; the latter is AWS's default.
	leastTTL, mostTTL = 5, 259200
)

// textMessage is the request of SendTextMessage.
type textMessage struct {
	To       string            `json:"DestinationPhoneNumber"`
	From     string            `json:"OriginationIdentity,omitempty"`
	Body     string            `json:"MessageBody"`
	Type     string            `json:"MessageType"`
	Set      string            `json:"ConfigurationSetName,omitempty"`
	TTL      int64             `json:"TimeToLive,omitempty"`
	Context  map[string]string `json:"Context"` // comes back in the events
	Operator map[string]string `json:"DestinationCountryParameters,omitempty"`
}

// Send hands one letter to AWS, which has no key by which it would know a repeated call.
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
	m := textMessage{
		To: l.To, From: a.Fields["origination_identity"], Body: l.Text, Type: a.Fields["message_type"], Set: a.Fields["configuration_set"],
		TTL: carrierwire.Seconds(l, leastTTL, mostTTL), Context: map[string]string{"message": string(l.ID)},
	}
	if m.Type == "" {
		m.Type = "TRANSACTIONAL"
	}
	if t := l.Template; t != nil {
		if t.Header != "" {
			m.From = t.Header
		}
		if t.Entity != "" {
			m.Operator = map[string]string{"IN_ENTITY_ID": t.Entity, "IN_TEMPLATE_ID": t.Name}
		}
	}
	answer, err := s.call(ctx, a, "SendTextMessage", m)
	if err != nil {
		return "", err
	}
	var taken struct {
		MessageID string `json:"MessageId"`
	}
	if httpwire.Decode(answer, &taken) != nil || !messageID.MatchString(taken.MessageID) {
		return "", httpwire.Unclear("the answer names no message")
	}
	return taken.MessageID, nil
}

var (
	messageID = regexp.MustCompile(`^[A-Za-z0-9-]{1,256}$`)
	region    = regexp.MustCompile(`^[a-z]{2}(-[a-z]+){1,2}-[0-9]$`)
)

// Test asks for what the account may do, which needs the same credentials as a message.
func (s *Sender) Test(ctx context.Context, a channel.Account) error {
	answer, err := s.call(ctx, a, "DescribeAccountAttributes", struct{}{})
	if err != nil {
		return fmt.Errorf("test the account: %w", err)
	}
	var account struct {
		Attributes *[]struct{} `json:"AccountAttributes"`
	}
	if httpwire.Decode(answer, &account) != nil || account.Attributes == nil {
		return fmt.Errorf("test the account: %w", httpwire.Unclear("the answer tells nothing of the account"))
	}
	return nil
}

// call does one operation of the service.
func (s *Sender) call(ctx context.Context, a channel.Account, operation string, input any) ([]byte, error) {
	if !region.MatchString(a.Fields["region"]) {
		return nil, &channel.Rejected{Code: "no_region", Reason: provider.BadRequest, Words: "The account's region is none of AWS's."}
	}
	body, err := json.Marshal(input)
	if err != nil {
		return nil, fmt.Errorf("write the call: %w", err)
	}
	to := request{
		address: a.Base("https://sms-voice."+a.Fields["region"]+".amazonaws.com") + "/", method: http.MethodPost, body: body, at: s.now(),
		header: map[string]string{"content-type": "application/x-amz-json-1.0", "x-amz-target": "PinpointSMSVoiceV2." + operation},
	}
	header, err := to.signed(key{a.Fields["access_key_id"], a.Fields["secret_access_key"], a.Fields["region"], "sms-voice"})
	if err != nil {
		return nil, &channel.Broken{When: channel.NotSent, Err: err}
	}
	answer, err := carrier.Do(ctx, s.client, httpwire.Call{Method: to.method, URL: to.address, Header: header, Body: body})
	return answer.Body, err
}

// carrier is how AWS refuses: by the reason that stands in the refusal, else by its type.
var carrier = httpwire.API{
	Name: "aws",
	Read: func(body []byte) httpwire.Complaint {
		var refusal struct {
			Type    string `json:"__type"`
			Message string `json:"message"`
			Reason  string `json:"reason"`
		}
		if httpwire.Decode(body, &refusal) != nil {
			return httpwire.Complaint{}
		}
		code := refusal.Type[strings.LastIndex(refusal.Type, "#")+1:]
		if _, known := refused[refusal.Reason]; known || code == "" {
			code = refusal.Reason
		}
		return httpwire.Complaint{Code: code, Words: refusal.Message}
	},
	Refused: refused,
}

var refused = map[string]httpwire.Refused{
	"AccessDeniedException":           {Reason: provider.BadCredentials},
	"UnrecognizedClientException":     {Reason: provider.BadCredentials},
	"InvalidSignatureException":       {Reason: provider.BadCredentials},
	"IncompleteSignatureException":    {Reason: provider.BadCredentials},
	"MissingAuthenticationToken":      {Reason: provider.BadCredentials},
	"ExpiredTokenException":           {Reason: provider.BadCredentials},
	"ThrottlingException":             {Reason: provider.Throttled, Temporary: true},
	"ServiceQuotaExceededException":   {Reason: provider.NoBalance},
	"ConflictException":               {Reason: provider.BadRequest},
	"ResourceNotFoundException":       {Reason: provider.BadRequest},
	"ValidationException":             {Reason: provider.BadRequest},
	"ACCOUNT_DISABLED":                {Reason: provider.BadCredentials},
	"INSUFFICIENT_ACCOUNT_REPUTATION": {Reason: provider.BadCredentials},

	"MONTHLY_SPEND_LIMIT_REACHED_FOR_TEXT":                        {Reason: provider.NoBalance},
	"DESTINATION_PHONE_NUMBER_OPTED_OUT":                          {Reason: provider.OptedOut},
	"DESTINATION_PHONE_NUMBER_NOT_VERIFIED":                       {Reason: provider.Blocked}, // the account is still in AWS's sandbox
	"DESTINATION_COUNTRY_BLOCKED":                                 {Reason: provider.Blocked},
	"DESTINATION_COUNTRY_BLOCKED_BY_PROTECT_CONFIGURATION":        {Reason: provider.Blocked},
	"DESTINATION_PHONE_NUMBER_BLOCKED_BY_PROTECT_NUMBER_OVERRIDE": {Reason: provider.Blocked},
	"SENDER_ID_NOT_REGISTERED":                                    {Reason: provider.BadTemplate},
	"SENDER_ID_REQUIRES_REGISTRATION":                             {Reason: provider.BadTemplate},
}

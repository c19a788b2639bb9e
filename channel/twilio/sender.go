// Package twilio is the channel adapter for Twilio Programmable Messaging, which carries text messages.
//
// It is for dispatch, through the port channel.Sender. Calls follow Twilio's own OpenAPI document of the
// 2010-04-01 API, which also judges them in its tests; receipts are believed by X-Twilio-Signature. How a
// call ended and what it may lead to are httpwire's and dispatch's.
package twilio

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"paylink"
	"paylink/channel"
	"paylink/channel/carrierwire"
	"paylink/outbound"
	"paylink/provider"
	"paylink/provider/httpwire"
)

// Sender speaks to Twilio. Make it with New.
type Sender struct{ client *outbound.Client }

// New makes an adapter that calls out by client.
func New(client *outbound.Client) *Sender { return &Sender{client: client} }

// Capabilities says what Twilio carries and what an account with it needs.
func (s *Sender) Capabilities() channel.Capabilities {
	return channel.Capabilities{
		Name: "twilio", Title: "Twilio", Channels: []paylink.Channel{paylink.ChannelSMS},
		Fields: []provider.Field{
			{
				Name: "account_sid", Label: "Account SID", Required: true, Pattern: `AC[0-9a-fA-F]{32}`, Example: "AC00000000000000000000000000000000",
				Help: "On the first page of the Twilio Console.",
			},
			{
				Name: provider.Secret, Label: "Auth Token", Required: true, Secret: true,
				Help: "Beside the Account SID. It signs the receipts, so it is needed with an API key as well.",
			},
			{
				Name: "from", Label: "From", Pattern: `\+[1-9][0-9]{6,14}|[0-9]{3,8}|[A-Za-z0-9 ]{1,11}`, Example: "+15005550006",
				Help: "A number, short code or alphanumeric sender of yours. Needed unless there is a Messaging Service.",
			},
			{
				Name: "messaging_service_sid", Label: "Messaging Service SID", Pattern: `MG[0-9a-fA-F]{32}`,
				Help: "It then chooses the sender instead of From.",
			},
			{Name: "api_key", Label: "API key SID", Pattern: `SK[0-9a-fA-F]{32}`, Help: "Calls are then made with the key instead of the Auth Token."},
			{Name: "api_secret", Label: "API key secret", Secret: true},
		},
		Judge: "Twilio's OpenAPI document by Prism, twilio-go's RequestValidator, Twilio's published signature vectors",
	}
}

// mostText is the longest Body that Twilio takes, in characters.
const mostText = 1600

// validity bounds ValidityPeriod, in seconds: Twilio takes 1 to 36,000 and advises against five or less.
const leastValidity, mostValidity = 6, 36000

var (
	messageSID = regexp.MustCompile(`^(SM|MM)[0-9a-fA-F]{32}$`)
	priced     = regexp.MustCompile(`^-?[0-9]{1,9}(\.[0-9]{1,9})?$`)
	currency   = regexp.MustCompile(`^[A-Za-z]{3}$`)
)

// message is Twilio's answer about one message.
type message struct {
	SID          string  `json:"sid"`
	Status       string  `json:"status"`
	To           string  `json:"to"`
	Body         string  `json:"body"`
	Segments     string  `json:"num_segments"`
	Price        *string `json:"price"`
	PriceUnit    *string `json:"price_unit"`
	ErrorCode    *int    `json:"error_code"`
	ErrorMessage *string `json:"error_message"`
	Created      string  `json:"date_created"`
}

// Send creates a message resource. Twilio has no key by which it would know a repeated call.
func (s *Sender) Send(ctx context.Context, a channel.Account, l channel.Letter) (channel.Sent, error) {
	sent, err := s.send(ctx, a, l)
	if err != nil {
		return channel.Sent{}, fmt.Errorf("send %s: %w", l.ID, err)
	}
	return sent, nil
}

func (s *Sender) send(ctx context.Context, a channel.Account, l channel.Letter) (channel.Sent, error) {
	if err := carrierwire.Check(l, mostText); err != nil {
		return channel.Sent{}, err
	}
	form := url.Values{"To": {l.To}, "Body": {l.Text}}
	switch service := a.Fields["messaging_service_sid"]; {
	case l.Template != nil && l.Template.Header != "":
		form.Set("From", l.Template.Header)
	case service != "":
		form.Set("MessagingServiceSid", service)
	case a.Fields["from"] != "":
		form.Set("From", a.Fields["from"])
	default:
		return channel.Sent{}, &channel.Rejected{Code: "no_sender", Reason: provider.BadRequest, Words: "The account has neither a From nor a Messaging Service."}
	}
	if l.ReceiptURL != "" {
		form.Set("StatusCallback", l.ReceiptURL)
	}
	if seconds := carrierwire.Seconds(l, leastValidity, mostValidity); seconds > 0 {
		form.Set("ValidityPeriod", strconv.FormatInt(seconds, 10))
	}
	answer, err := s.call(ctx, a, http.MethodPost, "/Messages.json", form)
	if err != nil {
		return channel.Sent{}, err
	}
	var m message
	if httpwire.Decode(answer, &m) != nil || !messageSID.MatchString(m.SID) {
		return channel.Sent{}, httpwire.Unclear("the answer names no message")
	}
	if m.Status == "failed" || m.Status == "canceled" {
		return channel.Sent{}, carrier.Reject(m.complaint(), http.StatusCreated)
	}
	return m.sent(), nil
}

// Test asks for the account itself, which needs the same credentials as a message.
func (s *Sender) Test(ctx context.Context, a channel.Account) error {
	answer, err := s.call(ctx, a, http.MethodGet, ".json", nil)
	if err != nil {
		return fmt.Errorf("test the account: %w", err)
	}
	var account struct {
		Status string `json:"status"`
	}
	if err := httpwire.Decode(answer, &account); err != nil || account.Status == "" {
		return fmt.Errorf("test the account: %w", httpwire.Unclear("the answer names no account"))
	}
	if account.Status != "active" {
		return &channel.Rejected{Code: "account_" + provider.SafeCode(account.Status, "closed"), Reason: provider.BadCredentials, Words: "The Twilio account is not active."}
	}
	return nil
}

// call asks something of the account. A body goes as a form.
func (s *Sender) call(ctx context.Context, a channel.Account, method, path string, form url.Values) ([]byte, error) {
	name, password := a.Fields["account_sid"], a.Secret
	if a.Fields["api_key"] != "" {
		name, password = a.Fields["api_key"], a.Fields["api_secret"]
	}
	call := httpwire.Call{
		Method: method, URL: a.Base("https://api.twilio.com") + "/2010-04-01/Accounts/" + url.PathEscape(a.Fields["account_sid"]) + path,
		Header: http.Header{"Authorization": {"Basic " + base64.StdEncoding.EncodeToString([]byte(name+":"+password))}},
	}
	if form != nil {
		call.Body = []byte(form.Encode())
		call.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	answer, err := carrier.Do(ctx, s.client, call)
	return answer.Body, err
}

// complained reads the body of an answer that refuses.
func complained(body []byte) httpwire.Complaint {
	var refusal struct {
		Code    json.Number `json:"code"`
		Message string      `json:"message"`
	}
	if httpwire.Decode(body, &refusal) != nil {
		return httpwire.Complaint{}
	}
	return httpwire.Complaint{Code: refusal.Code.String(), Words: refusal.Message}
}

func (m message) complaint() (said httpwire.Complaint) {
	if m.ErrorCode != nil {
		said.Code = strconv.Itoa(*m.ErrorCode)
	}
	if m.ErrorMessage != nil {
		said.Words = *m.ErrorMessage
	}
	return said
}

// sent is what is known of a message that Twilio took. With a Messaging Service it counts no segments yet,
// and it tells a price only later.
func (m message) sent() channel.Sent {
	sent := channel.Sent{Reference: m.SID}
	if segments, err := strconv.ParseInt(m.Segments, 10, 32); err == nil && segments > 0 {
		sent.Segments = segments
	}
	if m.Price != nil && m.PriceUnit != nil && priced.MatchString(*m.Price) && currency.MatchString(*m.PriceUnit) {
		sent.Price = strings.TrimPrefix(*m.Price, "-") + " " + strings.ToUpper(*m.PriceUnit)
	}
	return sent
}

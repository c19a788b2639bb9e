// Package whatsapp is the channel adapter for Meta's WhatsApp Cloud API: a business's messages go out as
// templates that Meta has approved, whose button opens our link, and Meta posts what became of them.
//
// It is for dispatch and the inbound door, through the port channel.Sender, and for pages that list an
// account's templates. Which template a letter goes out as, consent, and how fast letters follow each
// other are for dispatch.
package whatsapp

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"paylink"
	"paylink/channel"
	"paylink/outbound"
	"paylink/provider"
)

// Sender speaks to the Cloud API. Make it with New.
type Sender struct{ client *outbound.Client }

// New makes an adapter that calls out by client.
func New(client *outbound.Client) *Sender { return &Sender{client: client} }

// Send hands one letter to Meta, which answers with the id of the message ("wamid.…"). Meta cannot
// recognise a letter that it was given before.
func (s *Sender) Send(ctx context.Context, a channel.Account, l channel.Letter) (channel.Sent, error) {
	sent, err := s.send(ctx, a, l)
	if err != nil {
		return channel.Sent{}, fmt.Errorf("send %s by whatsapp: %w", l.ID, err)
	}
	return sent, nil
}

func (s *Sender) send(ctx context.Context, a channel.Account, l channel.Letter) (channel.Sent, error) {
	m, err := compose(a, l)
	if err != nil {
		return channel.Sent{}, err
	}
	var answer struct {
		Messages []struct {
			ID string `json:"id"`
		} `json:"messages"`
	}
	// A message that is held for a look at its quality, or paused, has been taken: if Meta then drops it,
	// it says so in a receipt.
	if err := s.call(ctx, a, request{method: http.MethodPost, path: phone(a) + "/messages", body: m}, &answer); err != nil {
		return channel.Sent{}, err
	}
	if len(answer.Messages) != 1 || !isID(answer.Messages[0].ID) {
		return channel.Sent{}, unknown("the answer has no message id")
	}
	return channel.Sent{Reference: answer.Messages[0].ID}, nil
}

// message is the API's request to carry a letter.
type message struct {
	Product   string            `json:"messaging_product"`
	Recipient string            `json:"recipient_type"`
	To        string            `json:"to"`
	Type      string            `json:"type"`
	Template  *template         `json:"template,omitempty"`
	Text      *text             `json:"text,omitempty"`
	Order     *interactive      `json:"interactive,omitempty"`
	Callback  paylink.MessageID `json:"biz_opaque_callback_data"`
}

type template struct {
	Name       string      `json:"name"`
	Language   language    `json:"language"`
	Components []component `json:"components,omitempty"`
}

type language struct {
	Code string `json:"code"`
}

type component struct {
	Type       string      `json:"type"`
	SubType    string      `json:"sub_type,omitempty"`
	Index      string      `json:"index,omitempty"`
	Parameters []parameter `json:"parameters"`
}

type parameter struct {
	Type string `json:"type"`
	Name string `json:"parameter_name,omitempty"`
	Text string `json:"text,omitempty"`

	Action *action `json:"action,omitempty"`
}

type action struct {
	Order *details `json:"order_details"`
}

type text struct {
	Body       string `json:"body"`
	PreviewURL bool   `json:"preview_url"`
}

// compose writes a letter as the API wants it. What Meta would surely refuse is refused here, before a
// call is spent on it.
func compose(a channel.Account, l channel.Letter) (message, error) {
	m := message{Product: "whatsapp", Recipient: "individual", To: l.To, Callback: l.ID}
	switch {
	case !isNumber(l.To):
		return m, &channel.Rejected{Code: "not_a_number", Reason: provider.InvalidAddress}
	case l.Template == nil && a.Fields[freeText] != yes:
		return m, badTemplate("no_template")
	case l.Template == nil && ordered(a, l):
		m.Type, m.Order = "interactive", composeOrder(l)
		return m, nil
	case l.Template == nil:
		m.Type, m.Text = "text", &text{Body: freeBody(l)}
		return m, nil
	}
	t, err := composeTemplate(a, l)
	m.Type, m.Template = "template", &t
	return m, err
}

func composeTemplate(a channel.Account, l channel.Letter) (template, error) {
	t := template{Name: l.Template.Name, Language: language{l.Template.Language}}
	if t.Name == "" || t.Language.Code == "" {
		return t, badTemplate("no_template")
	}
	body := component{Type: "body"}
	for _, v := range l.Template.Variables {
		// Meta refuses empty values, line breaks, and more than four blanks in a row.
		p := parameter{Type: "text", Text: strings.Join(strings.Fields(v.Value), " ")}
		if p.Text == "" {
			return t, badTemplate("empty_variable")
		}
		if a.Fields[variables] == named {
			p.Name = v.Name
		}
		body.Parameters = append(body.Parameters, p)
	}
	if len(body.Parameters) > 0 {
		t.Components = append(t.Components, body)
	}
	if l.ButtonURL == "" {
		return t, nil
	}
	if ordered(a, l) && !l.Order.Paid {
		t.Components = append(t.Components, orderButton(l))
		return t, nil
	}
	// The address on the button is registered but for its end, and only this end is ours to fill.
	base := a.Fields[buttonBase]
	end, matches := strings.CutPrefix(l.ButtonURL, base)
	if base == "" || !matches || end == "" {
		return t, badTemplate("button_url_mismatch")
	}
	t.Components = append(t.Components, component{
		Type: "button", SubType: "url", Index: "0", Parameters: []parameter{{Type: "text", Text: end}},
	})
	return t, nil
}

// freeBody is a letter as plain text, with the link that its button would open.
func freeBody(l channel.Letter) string {
	if l.ButtonURL == "" || strings.Contains(l.Text, l.ButtonURL) {
		return l.Text
	}
	return l.Text + "\n" + l.ButtonURL
}

// phone is the path of the account's phone number.
func phone(a channel.Account) string { return "/" + url.PathEscape(a.Fields[phoneNumber]) }

func badTemplate(code string) error {
	return &channel.Rejected{Code: code, Reason: provider.BadTemplate}
}

// isNumber tells whether s is a phone number as E.164 writes it.
func isNumber(s string) bool {
	digits, plus := strings.CutPrefix(s, "+")
	return plus && isDigits(digits) && len(digits) <= 15
}

func isDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// isID tells whether s can be one of Meta's ids: at most 256 bytes of ASCII without blanks.
func isID(s string) bool {
	return s != "" && len(s) <= 256 && !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r >= 0x7f })
}

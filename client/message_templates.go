package client

import (
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"time"
)

// RegisteredAs says under which names others have registered the text of a message template.
type RegisteredAs struct {
	DLTTemplateID    string   `json:"dlt_template_id,omitempty"`
	WhatsAppName     string   `json:"whatsapp_name,omitempty"`
	WhatsAppLanguage string   `json:"whatsapp_language,omitempty"`
	MSG91Flow        string   `json:"msg91_flow,omitempty"`
	Variables        []string `json:"variables,omitempty"` // which of ours fill its places there
}

// NewMessageTemplate is how messages of one channel, kind and language are to read.
type NewMessageTemplate struct {
	Channel      string        `json:"channel,omitempty"`  // sms, whatsapp, email, in_app
	Kind         string        `json:"kind,omitempty"`     // request, reminder, expiring, overdue
	Language     string        `json:"language,omitempty"` // BCP 47
	Subject      string        `json:"subject,omitempty"`  // of e-mail and in_app
	Text         string        `json:"text,omitempty"`     // with {merchant}, {amount}, {subject}, {reference}, {customer}, {url}, {expires}, {due}
	RegisteredAs *RegisteredAs `json:"registered_as,omitempty"`
	Active       bool          `json:"active,omitempty"` // used at once; otherwise a draft
}

// MessageTemplate is a version of how messages read.
type MessageTemplate struct {
	ID           string       `json:"id"`     // mtmpl_…
	Object       string       `json:"object"` // message_template
	Livemode     bool         `json:"livemode"`
	Channel      string       `json:"channel"`
	Kind         string       `json:"kind"`
	Language     string       `json:"language"`
	Version      int64        `json:"version"`
	State        string       `json:"state"` // draft, active, retired
	Subject      string       `json:"subject"`
	Text         string       `json:"text"`
	RegisteredAs RegisteredAs `json:"registered_as"`
	CreatedAt    time.Time    `json:"created_at"`
	UpdatedAt    time.Time    `json:"updated_at"`
}

// MessageTemplateChange puts a version into use, or takes it out of use.
type MessageTemplateChange struct {
	State string `json:"state,omitempty"` // active, retired
}

// NewMessagePreview is a text to look at before it is sent.
type NewMessagePreview struct {
	Channel      string        `json:"channel,omitempty"`
	Kind         string        `json:"kind,omitempty"`
	Language     string        `json:"language,omitempty"`
	Subject      string        `json:"subject,omitempty"`
	Text         string        `json:"text,omitempty"`
	RegisteredAs *RegisteredAs `json:"registered_as,omitempty"`
	LinkID       string        `json:"link_id,omitempty"` // whose facts fill it; empty: an example
}

// MessagePreview is how a message reads, and what it takes.
type MessagePreview struct {
	Object   string        `json:"object"` // message_preview
	Subject  string        `json:"subject"`
	Text     string        `json:"text"`
	Button   string        `json:"button"`
	Segments int           `json:"segments"` // text messages; 0 for other channels
	Units    int           `json:"units"`
	Encoding string        `json:"encoding"` // gsm7, ucs2, or empty
	Cost     *int64        `json:"cost"`     // minor units; nil: not known
	Lacks    string        `json:"lacks"`    // the first variable without a value
	Flaws    []MessageFlaw `json:"flaws"`
}

// MessageFlaw is one thing that is wrong with a text.
type MessageFlaw struct {
	Field  string `json:"field"`
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

// CreateMessageTemplate keeps a new version of how messages read.
func (c *Client) CreateMessageTemplate(ctx context.Context, t NewMessageTemplate, options ...Option) (MessageTemplate, error) {
	return post[MessageTemplate](ctx, c, path("message_templates"), t, options)
}

// ListMessageTemplates yields all versions, newest first.
func (c *Client) ListMessageTemplates(ctx context.Context, from Page, options ...Option) iter.Seq2[MessageTemplate, error] {
	return list[MessageTemplate](ctx, c, path("message_templates"), from, options)
}

// GetMessageTemplate reads a version.
func (c *Client) GetMessageTemplate(ctx context.Context, id string, options ...Option) (MessageTemplate, error) {
	return get[MessageTemplate](ctx, c, path("message_templates", id), nil, options)
}

// UpdateMessageTemplate puts a version into use in the place of the one before, or takes it out of use.
func (c *Client) UpdateMessageTemplate(ctx context.Context, id string, to MessageTemplateChange, options ...Option) (MessageTemplate, error) {
	k := c.call(http.MethodPatch, path("message_templates", id), options)
	if k.wrong == nil {
		k.body, k.wrong = json.Marshal(to)
	}
	return answered[MessageTemplate](ctx, c, k)
}

// PreviewMessageTemplate shows how a text reads, what it costs and what is wrong with it. Nothing is kept.
func (c *Client) PreviewMessageTemplate(ctx context.Context, p NewMessagePreview, options ...Option) (MessagePreview, error) {
	return post[MessagePreview](ctx, c, path("message_templates", "preview"), p, options)
}

package client

import (
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"time"
)

// NewTemplate is what is saved about links under a name. Settings are fields of [NewPaymentLink] by their
// JSON names, without customer, reference, replaces and template.
type NewTemplate struct {
	Name     string         `json:"name,omitempty"`
	Settings map[string]any `json:"settings,omitempty"` // in a change: all of them anew; nil: they stay
}

// Template is saved settings of links.
type Template struct {
	ID        string         `json:"id"`     // tmpl_…
	Object    string         `json:"object"` // template
	Livemode  bool           `json:"livemode"`
	Name      string         `json:"name"`
	Settings  map[string]any `json:"settings"`
	CreatedAt time.Time      `json:"created_at"`
	UpdatedAt time.Time      `json:"updated_at"`
}

// CreateTemplate saves settings of links under a name.
func (c *Client) CreateTemplate(ctx context.Context, t NewTemplate, options ...Option) (Template, error) {
	return post[Template](ctx, c, path("templates"), t, options)
}

// ListTemplates yields templates, newest first.
func (c *Client) ListTemplates(ctx context.Context, from Page, options ...Option) iter.Seq2[Template, error] {
	return list[Template](ctx, c, path("templates"), from, options)
}

// GetTemplate reads a template.
func (c *Client) GetTemplate(ctx context.Context, id string, options ...Option) (Template, error) {
	return get[Template](ctx, c, path("templates", id), nil, options)
}

// UpdateTemplate changes a template. Links that were made of it keep what they have.
func (c *Client) UpdateTemplate(ctx context.Context, id string, to NewTemplate, options ...Option) (Template, error) {
	k := c.call(http.MethodPatch, path("templates", id), options)
	if k.wrong == nil {
		k.body, k.wrong = json.Marshal(to)
	}
	return answered[Template](ctx, c, k)
}

// DeleteTemplate removes a template.
func (c *Client) DeleteTemplate(ctx context.Context, id string, options ...Option) error {
	_, err := c.do(ctx, c.call(http.MethodDelete, path("templates", id), options))
	return err
}

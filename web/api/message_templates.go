package api

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"paylink"
	"paylink/issue"
	"paylink/wording"
)

// wordingBody is a version of a message template as somebody wants it.
type wordingBody struct {
	Channel  paylink.Channel       `json:"channel,omitempty" enum:"sms,whatsapp,email,in_app" doc:"for which messages"`
	Kind     paylink.TemplateKind  `json:"kind,omitempty" enum:"request,reminder,expiring,overdue" doc:"for which messages; expiring says when the request ends, overdue when the money was due"`
	Language string                `json:"language,omitempty" enum:"en,hi,ta,te,bn,mr,ar,es,fr,de" doc:"for which customers, and for those whose language has no template when it is yours" example:"en"`
	Subject  string                `json:"subject,omitempty" maxLength:"150" doc:"of e-mail and messages in the app; absent: our own"`
	Text     string                `json:"text,omitempty" minLength:"1" maxLength:"4000" doc:"with {merchant}, {amount}, {subject}, {reference}, {customer}, {url}, {expires} or {due}; {url} exactly once, and on WhatsApp never, where the button has it" example:"{merchant}: {amount} for {subject}. Pay: {url}"`
	As       *paylink.RegisteredAs `json:"registered_as,omitempty" doc:"under which names operators and providers know the same text"`
	Active   bool                  `json:"active,omitempty" doc:"used at once, in the place of the version before; otherwise a draft"`
}

type previewBody struct {
	Channel  paylink.Channel       `json:"channel,omitempty" enum:"sms,whatsapp,email,in_app" doc:"for which messages"`
	Kind     paylink.TemplateKind  `json:"kind,omitempty" enum:"request,reminder,expiring,overdue" doc:"for which messages; expiring says when the request ends, overdue when the money was due"`
	Language string                `json:"language,omitempty" enum:"en,hi,ta,te,bn,mr,ar,es,fr,de" doc:"for which customers, and for those whose language has no template when it is yours" example:"en"`
	Subject  string                `json:"subject,omitempty" maxLength:"150" doc:"of e-mail and messages in the app; absent: our own"`
	Text     string                `json:"text,omitempty" minLength:"1" maxLength:"4000" doc:"with {merchant}, {amount}, {subject}, {reference}, {customer}, {url}, {expires} or {due}; {url} exactly once, and on WhatsApp never, where the button has it" example:"{merchant}: {amount} for {subject}. Pay: {url}"`
	As       *paylink.RegisteredAs `json:"registered_as,omitempty" doc:"under which names operators and providers know the same text"`
	Link     paylink.LinkID        `json:"link_id,omitempty" doc:"the link whose facts fill it; absent: an example"`
}

type wordingChange struct {
	State paylink.TemplateState `json:"state,omitempty" enum:"active,retired" doc:"active: used in the place of the version before; retired: not used any more, and without another our own words are"`
}

type wordingView struct {
	ID        paylink.MessageTemplateID `json:"id" doc:"mtmpl_…"`
	Object    string                    `json:"object" enum:"message_template"`
	Livemode  bool                      `json:"livemode"`
	Channel   paylink.Channel           `json:"channel" enum:"sms,whatsapp,email,in_app"`
	Kind      paylink.TemplateKind      `json:"kind" enum:"request,reminder,expiring,overdue" doc:"for which messages"`
	Language  string                    `json:"language" maxLength:"35" doc:"BCP 47"`
	Version   int64                     `json:"version" minimum:"1" doc:"counted for each channel, kind and language"`
	State     paylink.TemplateState     `json:"state" enum:"draft,active,retired" doc:"one of each channel, kind and language is active"`
	Subject   string                    `json:"subject" maxLength:"150" doc:"empty: our own"`
	Text      string                    `json:"text" maxLength:"4000" doc:"with its variables"`
	As        paylink.RegisteredAs      `json:"registered_as" doc:"under which names operators and providers know it"`
	CreatedAt time.Time                 `json:"created_at"`
	UpdatedAt time.Time                 `json:"updated_at" doc:"when its state last changed"`
}

type previewView struct {
	Object   string         `json:"object" enum:"message_preview"`
	Subject  string         `json:"subject" maxLength:"1000" doc:"as the customer reads it"`
	Text     string         `json:"text" maxLength:"20000" doc:"as the customer reads it"`
	Button   string         `json:"button" maxLength:"100" doc:"what the button says; empty: there is none"`
	Segments int            `json:"segments" minimum:"0" doc:"how many text messages it takes; 0 for other channels"`
	Units    int            `json:"units" minimum:"0" doc:"its characters as operators count them; 0 for other channels"`
	Encoding string         `json:"encoding" enum:",gsm7,ucs2" doc:"ucs2: a character outside the alphabet of text messages leaves 70 places in the place of 160"`
	Cost     *int64         `json:"cost" minimum:"0" doc:"of one, in minor units of your currency, rounded up; null: you have not said what messages cost"`
	Lacks    string         `json:"lacks" maxLength:"20" doc:"the first variable for which there is no value here: then our own words are sent; empty: none"`
	Flaws    []wordingFault `json:"flaws" maxItems:"50" doc:"why it would be refused"`
}

type wordingFault struct {
	Field  string `json:"field" maxLength:"100" doc:"text, subject or registered_as"`
	Code   string `json:"code" maxLength:"40" doc:"stable, such as no_url"`
	Detail string `json:"detail" maxLength:"300" doc:"for people"`
}

// MessageTemplatePath is the id in a path; exported for the same reason as Page.
type MessageTemplatePath struct {
	ID string `path:"id" doc:"mtmpl_…"`
}

type wordingAnswer struct{ Body wordingView }

type wordingCreated struct {
	Location string `header:"Location" doc:"path of the new version"`
	Body     wordingView
}

func (a *API) wordingOperations() {
	about := func(id, method, path, summary string, status int) huma.Operation {
		return huma.Operation{OperationID: id, Method: method, Path: "/v1/message_templates" + path, Tags: []string{"Message templates"}, DefaultStatus: status, Summary: summary}
	}
	create := about("create_message_template", http.MethodPost, "", "Word your messages: a new version", http.StatusCreated)
	create.Description = "A version never changes; the next wording is the next version. What presses the customer, leads elsewhere or hides something is refused."
	add(a, create, a.createWording)
	add(a, about("list_message_templates", http.MethodGet, "", "List message templates, newest first", http.StatusOK), a.listWordings)
	add(a, about("get_message_template", http.MethodGet, "/{id}", "Read a version of a message template", http.StatusOK), a.getWording)
	add(a, about("update_message_template", http.MethodPatch, "/{id}", "Put a version into use, or take it out of use", http.StatusOK), a.useWording)
	preview := about("preview_message_template", http.MethodPost, "/preview", "See how a text reads, what it costs and what is wrong with it", http.StatusOK)
	preview.Description = "Nothing is kept or sent."
	add(a, preview, a.previewWording)
}

func (b wordingBody) wording() issue.Wording {
	w := issue.Wording{Channel: b.Channel, Kind: b.Kind, Language: b.Language, Subject: b.Subject, Text: b.Text, Active: b.Active}
	if b.As != nil {
		w.As = *b.As
	}
	return w
}

func (a *API) createWording(ctx context.Context, c *call, in *struct{ Body wordingBody }) (*wordingCreated, error) {
	by, err := a.actor(ctx, c)
	if err != nil {
		return nil, err
	}
	t, err := a.Issuer.SaveWording(ctx, by, in.Body.wording(), c.claim)
	if err != nil {
		return nil, err
	}
	return &wordingCreated{"/v1/message_templates/" + string(t.ID), viewWording(t)}, nil
}

func (a *API) listWordings(ctx context.Context, c *call, in *Page) (*listAnswer[wordingView], error) {
	before, err := in.position(c)
	if err != nil {
		return nil, err
	}
	all, err := a.Store.Read(ctx).MessageTemplates(c.Merchant, c.Live, paylink.MessageTemplateID(before), in.size())
	if err != nil {
		return nil, err
	}
	return answer(c, *in, each(all, viewWording), func(v wordingView) string { return string(v.ID) }), nil
}

func (a *API) getWording(ctx context.Context, c *call, in *MessageTemplatePath) (*wordingAnswer, error) {
	t, err := a.Store.Read(ctx).MessageTemplate(c.Merchant, c.Live, paylink.MessageTemplateID(in.ID))
	return &wordingAnswer{viewWording(t)}, err
}

func (a *API) useWording(ctx context.Context, c *call, in *struct {
	MessageTemplatePath
	Body wordingChange
}) (*wordingAnswer, error) {
	by, err := a.actor(ctx, c)
	if err != nil {
		return nil, err
	}
	if !slices.Contains([]paylink.TemplateState{paylink.TemplateActive, paylink.TemplateRetired}, in.Body.State) {
		return nil, &paylink.Invalid{Fields: []paylink.Field{{Pointer: "/state", Code: "unknown_value", Detail: "This must be one of active, retired."}}}
	}
	t, err := a.Issuer.UseWording(ctx, by, paylink.MessageTemplateID(in.ID), in.Body.State == paylink.TemplateActive)
	return &wordingAnswer{viewWording(t)}, err
}

func (a *API) previewWording(ctx context.Context, c *call, in *struct{ Body previewBody }) (*struct{ Body previewView }, error) {
	by, err := a.actor(ctx, c)
	if err != nil {
		return nil, err
	}
	b := in.Body
	p, err := a.Issuer.PreviewWording(ctx, by, wordingBody{b.Channel, b.Kind, b.Language, b.Subject, b.Text, b.As, false}.wording(), b.Link)
	if err != nil {
		return nil, err
	}
	return &struct{ Body previewView }{viewPreview(p, in.Body.Channel, by.Merchant)}, nil
}

func viewWording(t paylink.MessageTemplate) wordingView {
	return wordingView{
		ID: t.ID, Object: "message_template", Livemode: t.Live, Channel: t.Channel, Kind: t.Kind, Language: t.Language, Version: t.Version,
		State: t.State, Subject: t.Subject, Text: t.Text, As: t.As, CreatedAt: t.CreatedAt, UpdatedAt: t.UpdatedAt,
	}
}

func viewPreview(p wording.Preview, c paylink.Channel, m paylink.Merchant) previewView {
	v := previewView{
		Object: "message_preview", Subject: p.Subject, Text: p.Text.Text, Button: p.Button, Segments: p.Segments, Units: p.Units,
		Encoding: p.Encoding, Lacks: p.Lacks, Flaws: []wordingFault{},
	}
	if minor, known := m.Settings.Prices.Estimate(map[paylink.Channel]int64{c: int64(max(1, p.Segments))}); known {
		v.Cost = &minor
	}
	for _, f := range p.Flaws {
		v.Flaws = append(v.Flaws, wordingFault(f))
	}
	return v
}

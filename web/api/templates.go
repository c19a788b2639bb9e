package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"paylink"
	"paylink/issue"
)

// templateSettings is what can be saved of a new link, by its fields.
type templateSettings map[string]json.RawMessage

// JSONShape lets the strict reader look at it as at a new link.
func (templateSettings) JSONShape() reflect.Type { return reflect.TypeFor[linkBody]() }

// Schema documents it by the schema of a new link, of which it is a part.
func (templateSettings) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeObject, MaxProperties: whole(40), AdditionalProperties: &huma.Schema{Description: "as the field of NewPaymentLink"}}
}

// ownOfALink are the fields of a new link that no template has: they are one link's own.
var ownOfALink = []string{"customer", "reference", "replaces", "template"}

type templateBody struct {
	Name     *string          `json:"name,omitempty" minLength:"1" maxLength:"100" doc:"unique among yours in this mode" example:"Monthly fee"`
	Settings templateSettings `json:"settings,omitempty" doc:"fields of NewPaymentLink with their values, but customer, reference, replaces, template and a PIN; all of them anew"`
}

type templateView struct {
	ID        paylink.TemplateID `json:"id" doc:"tmpl_…"`
	Object    string             `json:"object" enum:"template"`
	Livemode  bool               `json:"livemode"`
	Name      string             `json:"name" doc:"as create_payment_link names it"`
	Settings  templateSettings   `json:"settings" doc:"what it says about a link, as fields of NewPaymentLink"`
	CreatedAt time.Time          `json:"created_at"`
	UpdatedAt time.Time          `json:"updated_at"`
}

// TemplatePath is the id in a path; exported for the same reason as Page.
type TemplatePath struct {
	ID string `path:"id" doc:"tmpl_…"`
}

type templateAnswer struct{ Body templateView }

type templateCreated struct {
	Location string `header:"Location" doc:"path of the new template"`
	Body     templateView
}

func (a *API) templateOperations() {
	about := func(id, method, path, summary string, status int) huma.Operation {
		return huma.Operation{OperationID: id, Method: method, Path: "/v1/templates" + path, Tags: []string{"Templates"}, DefaultStatus: status, Summary: summary}
	}
	create := about("create_template", http.MethodPost, "", "Save settings of links under a name", http.StatusCreated)
	create.Description = "A link that names it in template fills with it what its own request leaves out. A template may leave out anything, the amount too."
	add(a, create, a.createTemplate)
	add(a, about("list_templates", http.MethodGet, "", "List templates, newest first", http.StatusOK), a.listTemplates)
	add(a, about("get_template", http.MethodGet, "/{id}", "Read a template", http.StatusOK), a.getTemplate)
	change := about("update_template", http.MethodPatch, "/{id}", "Change a template", http.StatusOK)
	change.Description = "Links that were made of it keep what they have."
	add(a, change, a.updateTemplate)
	add(a, about("delete_template", http.MethodDelete, "/{id}", "Remove a template", http.StatusNoContent), a.deleteTemplate)
}

// saving reads a body, or tells which of its settings no template has.
func (b templateBody) saving() (issue.Saving, error) {
	if b.Settings == nil {
		return issue.Saving{Name: b.Name}, nil
	}
	bad := &paylink.Invalid{}
	for _, field := range ownOfALink {
		if b.Settings[field] != nil {
			bad.Add("/settings/"+field, "not_in_template", "This belongs to one link, and not to a template.")
		}
	}
	text, err := json.Marshal(b.Settings)
	if err != nil {
		return issue.Saving{}, fmt.Errorf("write the settings of a template: %w", err)
	}
	var body linkBody
	if err := json.Unmarshal(text, &body); err != nil {
		return issue.Saving{}, fmt.Errorf("read the settings of a template: %w", err)
	}
	if body.Restrict != nil && body.Restrict.PIN != "" {
		bad.Add("/settings/restrict/pin", "not_in_template", "A PIN is a secret of one link, and is not kept in a template.")
	}
	return issue.Saving{Name: b.Name, Settings: text, Draft: body.draft()}, bad.OrNil()
}

// TemplateSaving reads what somebody wants to save as a template elsewhere than over the API: settings are
// fields of a new link as the API has them, and nil leaves those of the template as they are. It fails with
// *paylink.Invalid, whose pointers lead into settings.
func TemplateSaving(name *string, settings map[string]json.RawMessage) (issue.Saving, error) {
	return templateBody{Name: name, Settings: settings}.saving()
}

func (a *API) createTemplate(ctx context.Context, c *call, in *struct{ Body templateBody }) (*templateCreated, error) {
	t, err := a.saveTemplate(ctx, c, "", in.Body)
	if err != nil {
		return nil, err
	}
	v, err := viewTemplate(t)
	return &templateCreated{Location: "/v1/templates/" + string(t.ID), Body: v}, err
}

func (a *API) updateTemplate(ctx context.Context, c *call, in *struct {
	TemplatePath
	Body templateBody
}) (*templateAnswer, error) {
	t, err := a.saveTemplate(ctx, c, paylink.TemplateID(in.ID), in.Body)
	if err != nil {
		return nil, err
	}
	v, err := viewTemplate(t)
	return &templateAnswer{v}, err
}

func (a *API) saveTemplate(ctx context.Context, c *call, id paylink.TemplateID, body templateBody) (paylink.Template, error) {
	by, err := a.actor(ctx, c)
	if err != nil {
		return paylink.Template{}, err
	}
	saving, err := body.saving()
	if err != nil {
		return paylink.Template{}, err
	}
	return a.Issuer.SaveTemplate(ctx, by, id, saving, c.claim)
}

func (a *API) getTemplate(ctx context.Context, c *call, in *TemplatePath) (*templateAnswer, error) {
	t, err := a.Store.Read(ctx).Template(c.Merchant, c.Live, paylink.TemplateID(in.ID))
	if err != nil {
		return nil, err
	}
	v, err := viewTemplate(t)
	return &templateAnswer{v}, err
}

func (a *API) listTemplates(ctx context.Context, c *call, in *Page) (*listAnswer[templateView], error) {
	before, err := in.position(c)
	if err != nil {
		return nil, err
	}
	all, err := a.Store.Read(ctx).Templates(c.Merchant, c.Live)
	if err != nil {
		return nil, err
	}
	var views []templateView
	for _, t := range slices.Backward(all) {
		if before != "" && string(t.ID) >= before {
			continue
		}
		v, err := viewTemplate(t)
		if err != nil {
			return nil, err
		}
		views = append(views, v)
	}
	return answer(c, *in, views, func(t templateView) string { return string(t.ID) }), nil
}

func (a *API) deleteTemplate(ctx context.Context, c *call, in *TemplatePath) (*struct{}, error) {
	by, err := a.actor(ctx, c)
	if err != nil {
		return nil, err
	}
	return nil, a.Issuer.DeleteTemplate(ctx, by, paylink.TemplateID(in.ID))
}

func viewTemplate(t paylink.Template) (templateView, error) {
	v := templateView{ID: t.ID, Object: "template", Livemode: t.Live, Name: t.Name, CreatedAt: t.CreatedAt, UpdatedAt: t.UpdatedAt}
	if err := json.Unmarshal(t.Settings, &v.Settings); err != nil {
		return v, fmt.Errorf("read the settings of template %s: %w", t.ID, err)
	}
	return v, nil
}

// either-or fields of a new link: who says one of them takes none of the others from a template.
var alternatives = [][]string{{"amount", "customer_amount", "line_items"}, {"expires_in", "expires_at"}, {"channels", "delivery"}}

// filled gives the body with what its template says in the place of what it leaves out, and which fields
// came from there. What the body says wins, and its null takes a setting away. A template that there is
// not is for issue to refuse, after it has looked whether the request was answered before.
func (a *API) filled(ctx context.Context, by issue.Actor, body linkBody, text []byte) (linkBody, []string, error) {
	if body.Template == "" {
		return body, nil, nil
	}
	t, err := a.Store.Read(ctx).TemplateByName(by.Merchant.ID, by.Live, body.Template)
	if paylink.IsNotFound(err) {
		return body, nil, nil
	}
	said, merged := map[string]json.RawMessage{}, map[string]json.RawMessage{}
	if err := errors.Join(err, json.Unmarshal(text, &said)); err != nil {
		return body, nil, err
	}
	if err := json.Unmarshal(t.Settings, &merged); err != nil {
		return body, nil, fmt.Errorf("read the settings of template %s: %w", t.ID, err)
	}
	for _, fields := range alternatives {
		if slices.ContainsFunc(fields, func(f string) bool { return said[f] != nil }) {
			maps.DeleteFunc(merged, func(f string, _ json.RawMessage) bool { return slices.Contains(fields, f) })
		}
	}
	maps.DeleteFunc(merged, func(f string, _ json.RawMessage) bool { return said[f] != nil })
	from := slices.Collect(maps.Keys(merged))
	maps.Copy(merged, said)
	whole, err := json.Marshal(merged)
	if err != nil {
		return body, nil, fmt.Errorf("write a link of template %s: %w", t.ID, err)
	}
	var out linkBody
	if err := json.Unmarshal(whole, &out); err != nil {
		return body, nil, fmt.Errorf("read a link of template %s: %w", t.ID, err)
	}
	out.known = true
	return out, from, nil
}

// templateOfFile is what the template says of each link of a file; nil without a name.
func (a *API) templateOfFile(ctx context.Context, by issue.Actor, name string) (*issue.Draft, error) {
	if name == "" {
		return nil, nil
	}
	t, err := a.Store.Read(ctx).TemplateByName(by.Merchant.ID, by.Live, name)
	if paylink.IsNotFound(err) {
		bad := &paylink.Invalid{}
		bad.Add("/template", "unknown_value", "There is no template of this name.")
		return nil, bad
	}
	if err != nil {
		return nil, err
	}
	d, err := TemplateDraft(t)
	return &d, err
}

// TemplateDraft is a link of which nothing is known but what a template says, for the rows of a file.
func TemplateDraft(t paylink.Template) (issue.Draft, error) {
	var body linkBody
	if err := json.Unmarshal(t.Settings, &body); err != nil {
		return issue.Draft{}, fmt.Errorf("read the settings of template %s: %w", t.ID, err)
	}
	body.Template, body.known = t.Name, true
	return body.draft(), nil
}

// ofTemplate leads the pointers of wrong fields that came from a template to the template.
func ofTemplate(err error, from []string) error {
	var wrong *paylink.Invalid
	if len(from) == 0 || !errors.As(err, &wrong) {
		return err
	}
	out := &paylink.Invalid{}
	for _, f := range wrong.Fields {
		if name, _, _ := strings.Cut(strings.TrimPrefix(f.Pointer, "/"), "/"); slices.Contains(from, name) {
			f.Pointer = "/template" + f.Pointer
		}
		out.Fields = append(out.Fields, f)
	}
	return out
}

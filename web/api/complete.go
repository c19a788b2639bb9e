package api

import (
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"paylink/web/respond"
)

// complete says in the document what Huma cannot see in the code: what each field means, the limits
// that the steps enforce, the problems with their codes, the headers of every answer, and an example
// for each request and answer.
func complete(doc *huma.OpenAPI) {
	schemas := doc.Components.Schemas
	doc.Components.Examples, doc.Components.Headers = map[string]*huma.Example{}, map[string]*huma.Param{}
	tellNulls(schemas)
	for name, s := range schemas.Map() {
		s.Description = first(s.Description, objects[name])
		t := schemas.TypeFromRef("#/components/schemas/" + name)
		for field, p := range s.Properties {
			describe(name, field, p, fieldType(t, field))
		}
	}
	for _, id := range requiredFields {
		name, field, _ := strings.Cut(id, ".")
		if s := schemas.Map()[name]; s != nil && !slices.Contains(s.Required, field) {
			s.Required = append(s.Required, field)
			slices.Sort(s.Required)
		}
	}
	for _, topic := range topics {
		doc.Tags = append(doc.Tags, &huma.Tag{Name: topic[0], Description: topic[1]})
	}
	for _, path := range doc.Paths {
		for _, op := range []*huma.Operation{path.Get, path.Post, path.Put, path.Patch, path.Delete} {
			if op != nil {
				completeOperation(doc.Components, op)
			}
		}
	}
}

// requiredFields are those that a step asks for although the reader of bodies lets them be absent, so
// that all that is missing is told at once.
var requiredFields = []string{
	"NewWebhookEndpoint.url", "WebhookReplay.since",
	"TokenToVerify.token", "ClockAdvance.advance", "OutsidePayment.method", "NewPlan.instalments", "Replan.instalments", "NewPromise.date",
}

// describe completes one field of a schema.
func describe(schema, field string, p *huma.Schema, t reflect.Type) {
	overlay(p, bounds[schema+"."+field])
	overlay(p, bounds[field])
	description := first(p.Description, words[schema+"."+field], words[field])
	if t != nil {
		shape := shapes[t]
		description = first(description, shape.Description)
		overlay(p, shape)
		if p.Items != nil && t.Kind() == reflect.Slice && p.Items.Ref == "" {
			overlay(p.Items, shapes[bare(t.Elem())])
		}
	}
	p.Description = description
}

// overlay lays limits on a schema: those that fit its type and that it has not already.
func overlay(p *huma.Schema, limit huma.Schema) {
	switch p.Type {
	case huma.TypeString:
		if len(p.Enum) == 0 {
			p.Pattern, p.Format = first(p.Pattern, limit.Pattern), first(p.Format, limit.Format)
			p.MinLength, p.MaxLength = either(p.MinLength, limit.MinLength), either(p.MaxLength, limit.MaxLength)
			p.Enum = limit.Enum
		}
	case huma.TypeInteger:
		p.Minimum, p.Maximum = either(p.Minimum, limit.Minimum), either(p.Maximum, limit.Maximum)
	case huma.TypeArray:
		p.MinItems, p.MaxItems = either(p.MinItems, limit.MinItems), either(p.MaxItems, limit.MaxItems)
		p.UniqueItems = p.UniqueItems || limit.UniqueItems
		if limit.Items != nil {
			own := *limit.Items // which is completed for this document, and not for others made beside it
			p.Items = &own
		}
	case huma.TypeObject:
		p.MinProperties, p.MaxProperties = either(p.MinProperties, limit.MinProperties), either(p.MaxProperties, limit.MaxProperties)
		if limit.AdditionalProperties != nil {
			p.AdditionalProperties = limit.AdditionalProperties
		}
		if limit.Extensions != nil {
			p.Extensions = limit.Extensions
		}
	}
	if p.Nullable && len(p.Enum) > 0 && !slices.Contains(p.Enum, nil) {
		p.Enum = append(slices.Clone(p.Enum), nil)
	}
}

// completeOperation says the rest about one operation.
func completeOperation(parts *huma.Components, op *huma.Operation) {
	op.Description = first(op.Description, accounts[op.OperationID])
	for _, p := range op.Parameters {
		p.Description = first(p.Description, words["query."+p.Name], words[p.Name])
		p.Schema.Description = ""
		s := p.Schema
		if tag, ok := strings.CutSuffix(p.Description, "_…"); ok && p.In == "path" {
			s.Pattern = "^" + tag + idPattern
		}
		if s.Type == huma.TypeString && s.Pattern == "" && s.Format == "" && len(s.Enum) == 0 {
			s.MaxLength = either(s.MaxLength, whole(mostText))
		}
	}
	delete(op.Responses, "default") // what Huma writes where nothing is said
	tellTroubles(parts, op)
	for status, r := range op.Responses {
		tellHeaders(parts, op, status, r)
	}
	giveExamples(op)
}

// tellHeaders names the headers of an answer.
func tellHeaders(parts *huma.Components, op *huma.Operation, status string, r *huma.Response) {
	if r.Headers == nil {
		r.Headers = map[string]*huma.Param{}
	}
	for _, h := range r.Headers {
		if h.Schema != nil {
			h.Description, h.Schema.Description = first(h.Description, h.Schema.Description), ""
		}
	}
	delete(r.Headers, "Content-Type") // the media type says it
	add := func(name, description, example string) {
		parts.Headers[name] = &huma.Param{Description: description, Example: example, Schema: &huma.Schema{Type: huma.TypeString}}
		r.Headers[name] = &huma.Param{Ref: "#/components/headers/" + name}
	}
	add("X-Request-Id", "for support; yours, if the request had one of 8 to 64 letters, digits, - _ .", sampleRequest)
	add("Paylink-Version", "the version of this contract", Version)
	switch status {
	case "401":
		add("WWW-Authenticate", "how to say who is asking", `Bearer realm="paylink"`)
	case "429", "503":
		add("Retry-After", "seconds after which to come back", "1")
	}
	if status != "401" {
		add("RateLimit-Policy", "how many requests this key has in a window of seconds", `"key";q=1000;w=2`)
		add("RateLimit", "how many it has left, and after how many seconds it has them all again", `"key";r=999;t=1`)
	}
	if op.Method == http.MethodPost {
		add("Idempotent-Replayed", "true when the answer is that of an earlier request with this Idempotency-Key", "true")
	}
}

// mostText is the longest text that a parameter of the URL may hold.
const mostText = 500

// fieldType is the type of a struct's field by its JSON name, without pointers and nullable; nil when
// there is none.
func fieldType(t reflect.Type, name string) reflect.Type {
	if t == nil || t.Kind() != reflect.Struct {
		return nil
	}
	for _, f := range reflect.VisibleFields(t) {
		if key, _, _ := strings.Cut(f.Tag.Get("json"), ","); key == name {
			return bare(f.Type)
		}
	}
	return nil
}

func bare(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if shaped, ok := reflect.Zero(t).Interface().(respond.Shaped); ok {
		return shaped.JSONShape()
	}
	return t
}

// first is the first text that is not empty.
func first(texts ...string) string {
	for _, s := range texts {
		if s != "" {
			return s
		}
	}
	return ""
}

func either[T any](a, b *T) *T {
	if a != nil {
		return a
	}
	return b
}

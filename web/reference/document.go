package reference

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// document is as much of OpenAPI as our own uses.
type document struct {
	Info       struct{ Title, Version, Description string }
	Tags       []struct{ Name, Description string }
	Paths      map[string]map[string]operation
	Components struct {
		Schemas  map[string]schema
		Examples map[string]example
	}

	order map[string][]string // of the fields of each schema, as an example has them
}

type operation struct {
	OperationID          string
	Summary, Description string
	Tags                 []string
	Parameters           []parameter
	RequestBody          *struct {
		Required bool
		Content  map[string]media
	}
	Responses map[string]response
}

type parameter struct {
	Name, In, Description string
	Required              bool
	Schema                schema
	Example               json.RawMessage
}

type response struct {
	Description string
	Content     map[string]media
}

type media struct {
	Schema   schema
	Example  json.RawMessage
	Examples map[string]example
}

type example struct {
	Ref     string `json:"$ref"`
	Summary string
	Value   json.RawMessage
}

type schema struct {
	Ref                  string `json:"$ref"`
	Type                 kinds
	Format               string
	Description          string
	Enum                 []any
	Minimum, Maximum     *json.Number
	MinLength, MaxLength *int
	MinItems, MaxItems   *int
	MaxProperties        *int
	Pattern              string
	Default              any
	Items                *schema
	AnyOf                []schema
	Properties           map[string]schema
	AdditionalProperties json.RawMessage
	Required             []string
}

// kinds is a type, or several.
type kinds []string

func (k *kinds) UnmarshalJSON(b []byte) error {
	if bytes.HasPrefix(b, []byte{'['}) {
		return json.Unmarshal(b, (*[]string)(k))
	}
	*k = kinds{""}
	return json.Unmarshal(b, &(*k)[0])
}

// read makes the contents of the reference out of the document.
func read(text []byte, base string) (*contents, error) {
	var d document
	if err := json.Unmarshal(text, &d); err != nil {
		return nil, fmt.Errorf("read the OpenAPI document: %w", err)
	}
	d.learnOrder()
	c := &contents{Title: d.Info.Title, Version: d.Info.Version, Base: base}
	seen := map[string]bool{}
	for _, tag := range d.Tags {
		topic := topic{Name: tag.Name, About: tag.Description}
		for path, methods := range d.Paths {
			for method, op := range methods {
				if slices.Contains(op.Tags, tag.Name) {
					topic.Calls = append(topic.Calls, d.call(strings.ToUpper(method), path, op, base))
					seen[op.OperationID] = true
				}
			}
		}
		slices.SortFunc(topic.Calls, func(a, b call) int {
			return cmp.Or(cmp.Compare(a.Path, b.Path), -cmp.Compare(a.Method, b.Method)) // POST before GET
		})
		c.Topics = append(c.Topics, topic)
	}
	for path, methods := range d.Paths {
		for method, op := range methods {
			if !seen[op.OperationID] {
				return nil, fmt.Errorf("%s %s belongs to no topic", method, path)
			}
		}
	}
	c.partTroubles()
	c.Objects = d.objects()
	return c, nil
}

// lookUp follows a reference to a schema; name is empty for a schema that stands where it is used.
func (d *document) lookUp(s schema) (target schema, name string) {
	if s.Ref == "" {
		for _, one := range s.AnyOf {
			if one.Ref != "" {
				s.Ref = one.Ref
			}
		}
	}
	if s.Ref == "" {
		return s, ""
	}
	name = s.Ref[strings.LastIndexByte(s.Ref, '/')+1:]
	return d.Components.Schemas[name], name
}

// objects are the schemas that answers consist of, and those of requests that stand in lists or forms, for
// reference from the calls. The rest of a request stands with its call.
func (d *document) objects() []object {
	shown := map[string]bool{"Problem": true, "Fault": true}
	for _, methods := range d.Paths {
		for _, op := range methods {
			if op.RequestBody != nil {
				for kind, body := range op.RequestBody.Content {
					d.collectLists(body.Schema, shown, map[string]bool{})
					if kind != "application/json" {
						d.collect(body.Schema, shown)
					}
				}
			}
			for status, r := range op.Responses {
				if status[0] == '2' {
					d.collect(r.Content["application/json"].Schema, shown)
				}
			}
		}
	}
	var all []object
	for name := range shown {
		s := d.Components.Schemas[name]
		all = append(all, object{Name: name, About: s.Description, Fields: d.fields(s, name, false)})
	}
	slices.SortFunc(all, func(a, b object) int { return cmp.Compare(a.Name, b.Name) })
	return all
}

// collectLists notes the named schemas whose lists a schema reaches. seen ends it where one holds itself.
func (d *document) collectLists(s schema, into, seen map[string]bool) {
	s, name := d.lookUp(s)
	if name != "" && seen[name] {
		return
	}
	seen[name] = true
	for _, p := range s.Properties {
		if p.Items != nil {
			d.collect(*p.Items, into)
		}
		d.collectLists(p, into, seen)
	}
}

// collect notes the named schemas that a schema reaches.
func (d *document) collect(s schema, into map[string]bool) {
	for _, one := range s.AnyOf {
		d.collect(one, into)
	}
	s, name := d.lookUp(s)
	if name != "" {
		if into[name] {
			return
		}
		into[name] = true
	}
	if s.Items != nil {
		d.collect(*s.Items, into)
	}
	for _, p := range s.Properties {
		d.collect(p, into)
	}
}

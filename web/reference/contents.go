package reference

import (
	"cmp"
	"slices"
	"strings"
)

// contents is what the page and the Markdown show.
type contents struct {
	Title, Version string
	Base           string // the server's public address
	Sandbox        string // address of the sandbox phone
	Topics         []topic
	Troubles       []trouble // that nearly every call can have
	Objects        []object
}

// topic is a group of calls.
type topic struct {
	Name, About string
	Calls       []call
}

// call is one operation.
type call struct {
	ID, Method, Path string
	Summary, About   string
	Parameters       []field // of the path and the query
	Headers          []field // that only this call takes
	Body             []field
	BodyOptional     bool
	Request          string // the example body, indented JSON; empty: none
	Status           string // of the good answer
	Kind             string // its media type; empty: no body
	Answer           string // the example answer, indented JSON
	Object           string // the name of the schema it answers; empty: none
	Troubles         []trouble
	Samples          []sample
}

// field is one parameter or field; Depth says how far inside others it stands.
type field struct {
	Name, Type, About string
	Required          bool
	Limits            []string
	Object            string // the schema that it holds, to look up
	Depth             int
}

// object is a schema that answers consist of.
type object struct {
	Name, About string
	Fields      []field
}

// trouble is one code that a problem can have.
type trouble struct{ Status, Code, Means string }

// Anchor is the object's place on the page.
func (o object) Anchor() string { return "object-" + o.Name }

// Anchor is the topic's place on the page.
func (t topic) Anchor() string {
	return "topic-" + strings.ReplaceAll(strings.ToLower(t.Name), " ", "-")
}

// common are the headers that are told once for all calls.
var common = []string{"Paylink-Version", "Idempotency-Key"}

func (d *document) call(method, path string, op operation, base string) call {
	c := call{ID: op.OperationID, Method: method, Path: path, Summary: op.Summary, About: op.Description}
	shown := map[string]string{} // values of the path's parameters in the samples
	for _, p := range op.Parameters {
		f := d.field(p.Name, p.Schema, p.Required)
		f.About = cmp.Or(p.Description, f.About)
		switch {
		case p.In != "header":
			c.Parameters = append(c.Parameters, f)
		case !slices.Contains(common, p.Name):
			c.Headers = append(c.Headers, f)
		}
		if p.In == "path" {
			shown[p.Name] = strings.Trim(string(p.Example), `"`)
		}
	}
	if op.RequestBody != nil {
		body := op.RequestBody.Content["application/json"]
		s, name := d.lookUp(body.Schema)
		c.Body, c.BodyOptional, c.Request = d.fields(s, name, true), !op.RequestBody.Required, indented(body.Example)
	}
	for status, r := range op.Responses {
		if status[0] == '2' {
			c.Status = status
			for kind, m := range r.Content {
				c.Kind, c.Answer = kind, indented(m.Example)
				_, c.Object = d.lookUp(m.Schema)
			}
			continue
		}
		for code, e := range r.Content["application/problem+json"].Examples {
			e = d.Components.Examples[e.Ref[strings.LastIndexByte(e.Ref, '/')+1:]]
			c.Troubles = append(c.Troubles, trouble{status, code, e.Summary})
		}
	}
	slices.SortFunc(c.Troubles, func(a, b trouble) int {
		return cmp.Or(cmp.Compare(a.Status, b.Status), cmp.Compare(a.Code, b.Code))
	})
	c.Samples = samples(c, base, shown)
	return c
}

// fields lists a schema's fields, of a request those first that must be there. Where deep is set, what
// stands inside is listed too, and is otherwise left to the object's own entry.
func (d *document) fields(s schema, name string, deep bool) []field {
	names := make([]string, 0, len(s.Properties))
	for name := range s.Properties {
		names = append(names, name)
	}
	must := func(name string) bool { return slices.Contains(s.Required, name) }
	slices.SortFunc(names, func(a, b string) int {
		if deep && must(a) != must(b) {
			if must(a) {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(d.place(name, a), d.place(name, b)), cmp.Compare(a, b))
	})
	var all []field
	for _, key := range names {
		p := s.Properties[key]
		f := d.field(key, p, must(key))
		inner, its := d.lookUp(p)
		if !deep || inner.Properties == nil {
			all = append(all, f)
			continue
		}
		f.Object, f.Type = "", "object"
		all = append(all, f)
		for _, below := range d.fields(inner, its, true) {
			below.Name, below.Depth = key+"."+below.Name, below.Depth+1
			all = append(all, below)
		}
	}
	return all
}

func (d *document) field(name string, s schema, required bool) field {
	target, object := d.lookUp(s)
	f := field{Name: name, About: cmp.Or(s.Description, target.Description), Required: required, Object: object, Type: d.typeOf(s)}
	if s.Items != nil {
		_, f.Object = d.lookUp(*s.Items)
	}
	f.Limits = limits(target)
	if s.Items != nil {
		f.Limits = append(f.Limits, limits(*s.Items)...)
	}
	return f
}

// typeOf says in words what a value is.
func (d *document) typeOf(s schema) string {
	if len(s.AnyOf) > 0 {
		_, name := d.lookUp(s)
		return name + " or null"
	}
	target, name := d.lookUp(s)
	if name != "" {
		return name
	}
	words := make([]string, len(target.Type))
	for i, kind := range target.Type {
		switch {
		case target.Format == "date-time" && kind == "string":
			kind = "time"
		case kind == "array" && target.Items != nil:
			kind = "list of " + d.typeOf(*target.Items)
		}
		words[i] = kind
	}
	return strings.Join(words, " or ")
}

// partTroubles moves what nearly every call can answer out of the calls, to be told once.
func (c *contents) partTroubles() {
	calls, counts := 0, map[trouble]int{}
	for _, t := range c.Topics {
		for _, call := range t.Calls {
			calls++
			for _, trouble := range call.Troubles {
				counts[trouble]++
			}
		}
	}
	for trouble, n := range counts {
		if n >= 8 || n > calls/2 {
			c.Troubles = append(c.Troubles, trouble)
		}
	}
	slices.SortFunc(c.Troubles, func(a, b trouble) int {
		return cmp.Or(cmp.Compare(a.Status, b.Status), cmp.Compare(a.Code, b.Code))
	})
	for i := range c.Topics {
		for k := range c.Topics[i].Calls {
			call := &c.Topics[i].Calls[k]
			call.Troubles = slices.DeleteFunc(call.Troubles, func(t trouble) bool { return slices.Contains(c.Troubles, t) })
		}
	}
}

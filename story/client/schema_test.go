package client_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// schema is a JSON schema as the document has it.
type schema map[string]any

// A body is sent or received: what may be left out is another question on each way.
const (
	sent     = true
	received = false
)

// resolve follows a reference.
func (d document) resolve(s schema) schema {
	if name, ok := s["$ref"].(string); ok {
		return d.Components.Schemas[name[strings.LastIndexByte(name, '/')+1:]]
	}
	return s
}

// list gives the schema of a list's items; nil for what is no list.
func (s schema) list() schema {
	properties, _ := s["properties"].(map[string]any)
	data, _ := properties["data"].(map[string]any)
	items, _ := data["items"].(map[string]any)
	return items
}

// nullable takes null out of a schema.
func (s schema) nullable() (schema, bool) {
	if one, ok := s["anyOf"].([]any); ok && len(one) == 2 {
		return one[0].(map[string]any), true
	}
	if kinds, ok := s["type"].([]any); ok {
		plain := maps.Clone(s)
		plain["type"] = kinds[0]
		return plain, slices.Contains(kinds, any("null"))
	}
	return s, false
}

// faults are the differences that a comparison finds.
type faults []string

func (f *faults) add(format string, args ...any) { *f = append(*f, fmt.Sprintf(format, args...)) }

// fits compares a schema with a Go type, and all that is within.
func (d document) fits(f *faults, where string, s schema, g reflect.Type, way bool) {
	s = d.resolve(s)
	properties, isObject := s["properties"].(map[string]any)
	if !isObject {
		if got := kind(g); got != d.kindOf(s) {
			f.add("%s is %s in Go, %s in the document", where, got, d.kindOf(s))
		}
		if g.Kind() == reflect.Slice && s["items"] != nil {
			d.fits(f, where+"[]", s["items"].(map[string]any), g.Elem(), way)
		}
		return
	}
	if g.Kind() != reflect.Struct {
		f.add("%s is %s, the document has an object", where, g)
		return
	}
	required := map[string]bool{}
	list, _ := s["required"].([]any)
	for _, name := range list {
		required[name.(string)] = true
	}
	fields := map[string]reflect.StructField{}
	for _, v := range reflect.VisibleFields(g) {
		if name, _, _ := strings.Cut(v.Tag.Get("json"), ","); name != "" && name != "-" {
			fields[name] = v
		}
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if properties[name] == nil {
			f.add("%s.%s is not in the document", where, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		field, ok := fields[name]
		if !ok {
			f.add("%s has no %s", where, name)
			continue
		}
		d.fieldFits(f, where+"."+name, properties[name].(map[string]any), field, required[name], way)
	}
}

func (d document) fieldFits(f *faults, where string, s schema, field reflect.StructField, required, way bool) {
	inner, null := s.nullable()
	g := field.Type
	value, isNullable := g.MethodByName("Get")
	switch {
	case isNullable && g.Kind() == reflect.Struct && g != reflect.TypeFor[time.Time]():
		if !null {
			f.add("%s may not be null", where)
		}
		g = value.Type.Out(0)
	case g.Kind() == reflect.Pointer:
		g = g.Elem()
	case null:
		f.add("%s may be null, and %s does not tell", where, g)
	}
	_, option, _ := strings.Cut(field.Tag.Get("json"), ",")
	if way == sent && !required && option == "" {
		f.add("%s may be left out, and the client always sends it", where)
	}
	d.fits(f, where, inner, g, way)
}

func (d document) kindOf(s schema) string {
	switch {
	case s["format"] == "date-time":
		return "time"
	case s["type"] == "object":
		return "map"
	case s["type"] == nil:
		return "nothing"
	}
	return s["type"].(string)
}

func kind(g reflect.Type) string {
	switch {
	case g == reflect.TypeFor[time.Time]():
		return "time"
	case g == reflect.TypeFor[json.RawMessage]():
		return "any"
	}
	switch g.Kind() {
	case reflect.String:
		return "string"
	case reflect.Int64, reflect.Int:
		return "integer"
	case reflect.Bool:
		return "boolean"
	case reflect.Slice:
		return "array"
	case reflect.Map:
		return "map"
	}
	return g.String()
}

// tags lists a struct's tags of one kind.
func tags(g reflect.Type, name string) (all []string) {
	for _, f := range reflect.VisibleFields(g) {
		if tag := f.Tag.Get(name); tag != "" {
			all = append(all, tag)
		}
	}
	return all
}

// A comparison that finds nothing is only worth something if it would.
func TestComparisonFindsWhatDiffers(t *testing.T) {
	d := document{}
	s := schema{"type": "object", "required": []any{"id"}, "properties": map[string]any{
		"id": map[string]any{"type": "string"}, "at": map[string]any{"type": []any{"string", "null"}, "format": "date-time"},
	}}
	type right struct {
		ID string     `json:"id"`
		At *time.Time `json:"at,omitempty"`
	}
	var none faults
	if d.fits(&none, "right", s, reflect.TypeFor[right](), sent); len(none) > 0 {
		t.Errorf("what is right is refused: %v", none)
	}
	for name, g := range map[string]reflect.Type{
		"a field less": reflect.TypeFor[struct {
			ID string `json:"id"`
		}](),
		"another kind": reflect.TypeFor[struct {
			ID int64      `json:"id"`
			At *time.Time `json:"at,omitempty"`
		}](),
		"null unseen": reflect.TypeFor[struct {
			ID string    `json:"id"`
			At time.Time `json:"at,omitzero"`
		}](),
		"always sent": reflect.TypeFor[struct {
			ID string     `json:"id"`
			At *time.Time `json:"at"`
		}](),
		"a field more": reflect.TypeFor[struct {
			right
			More string `json:"more"`
		}](),
	} {
		var found faults
		if d.fits(&found, name, s, g, sent); len(found) == 0 {
			t.Errorf("%s is not found", name)
		}
	}
}

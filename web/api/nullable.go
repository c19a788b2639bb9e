package api

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"

	"github.com/danielgtaylor/huma/v2"
)

// nullable is a field whose null means something else than its absence.
type nullable[T any] struct {
	Null  bool
	Value *T // nil when absent or null
}

func (n *nullable[T]) UnmarshalJSON(b []byte) error {
	if n.Null = string(b) == "null"; n.Null {
		return nil
	}
	return json.Unmarshal(b, &n.Value)
}

// JSONShape lets the strict reader look through it.
func (nullable[T]) JSONShape() reflect.Type { return reflect.TypeFor[T]() }

// Schema documents it as a T that may be null.
func (nullable[T]) Schema(r huma.Registry) *huma.Schema {
	s := *r.Schema(reflect.TypeFor[T](), true, "")
	if s.Ref != "" {
		return &huma.Schema{AnyOf: []*huma.Schema{&s, {Type: "null"}}}
	}
	s.Nullable = true
	return &s
}

// members is a part of an object: those of its members that are to change, by name, null among them.
// T says what they look like.
type members[T any] map[string]json.RawMessage

// JSONShape lets the strict reader look through it.
func (members[T]) JSONShape() reflect.Type { return reflect.TypeFor[T]() }

// Schema documents it as a T of which every member may be absent or null.
func (members[T]) Schema(r huma.Registry) *huma.Schema {
	s := *huma.SchemaFromType(r, reflect.TypeFor[T]())
	s.Required, s.Properties = nil, maps.Clone(s.Properties)
	for name, p := range s.Properties {
		if p.Ref != "" {
			s.Properties[name] = &huma.Schema{Description: p.Description, AnyOf: []*huma.Schema{{Ref: p.Ref}, {Type: "null"}}}
			continue
		}
		one := *p
		if one.Nullable = true; len(one.Enum) > 0 {
			one.Enum = append(slices.Clone(one.Enum), nil)
		}
		s.Properties[name] = &one
	}
	s.MaxProperties = whole(len(s.Properties))
	return &s
}

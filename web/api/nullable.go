package api

import (
	"encoding/json"
	"reflect"

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

package client

import "encoding/json"

// Nullable is a field in which a value, null and nothing at all mean three different things. Its zero
// value is nothing: the field is left out.
type Nullable[T any] struct {
	value T
	state byte // 0: left out; 1: null; 2: the value
}

// Null says null.
func Null[T any]() Nullable[T] { return Nullable[T]{state: 1} }

// Value says a value.
func Value[T any](v T) Nullable[T] { return Nullable[T]{v, 2} }

// Get gives the value; ok is false when there is none.
func (n Nullable[T]) Get() (value T, ok bool) { return n.value, n.state == 2 }

// IsZero lets encoding/json leave the field out.
func (n Nullable[T]) IsZero() bool { return n.state == 0 }

// MarshalJSON writes the value or null.
func (n Nullable[T]) MarshalJSON() ([]byte, error) {
	if n.state != 2 {
		return []byte("null"), nil
	}
	return json.Marshal(n.value)
}

// UnmarshalJSON reads a value or null.
func (n *Nullable[T]) UnmarshalJSON(text []byte) error {
	*n = Null[T]()
	if string(text) == "null" {
		return nil
	}
	n.state = 2
	return json.Unmarshal(text, &n.value)
}

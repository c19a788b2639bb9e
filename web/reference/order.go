package reference

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
)

// learnOrder notes in which order the examples have the fields of each schema. The document's own
// objects are in the order of the alphabet, which puts what matters least first.
func (d *document) learnOrder() {
	d.order = map[string][]string{}
	var examples []media
	for _, methods := range d.Paths {
		for _, op := range methods {
			if op.RequestBody != nil {
				examples = append(examples, op.RequestBody.Content["application/json"])
			}
			for _, r := range op.Responses {
				examples = append(examples, r.Content["application/json"])
			}
		}
	}
	// The longest first: it has most of the fields.
	slices.SortFunc(examples, func(a, b media) int {
		return cmp.Or(cmp.Compare(len(b.Example), len(a.Example)), bytes.Compare(a.Example, b.Example))
	})
	for _, m := range examples {
		d.learn(m.Schema, m.Example)
	}
	for _, e := range d.Components.Examples {
		d.learn(schema{Ref: "#/components/schemas/Problem"}, e.Value)
	}
}

// learn notes the order of one value's fields, and of what is inside.
func (d *document) learn(s schema, value json.RawMessage) {
	s, name := d.lookUp(s)
	if s.Items != nil {
		var items []json.RawMessage
		_ = json.Unmarshal(value, &items) // null is no list, and has no fields
		for _, item := range items {
			d.learn(*s.Items, item)
		}
		return
	}
	keys, values := fieldsOf(value)
	for _, key := range keys {
		if name != "" && !slices.Contains(d.order[name], key) {
			d.order[name] = append(d.order[name], key)
		}
		if p, ok := s.Properties[key]; ok {
			d.learn(p, values[key])
		}
	}
}

// fieldsOf gives the keys of a JSON object in their order, and its values; none for other values.
func fieldsOf(value json.RawMessage) (keys []string, values map[string]json.RawMessage) {
	dec := json.NewDecoder(bytes.NewReader(value))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil, nil
	}
	values = map[string]json.RawMessage{}
	for dec.More() {
		t, err := dec.Token()
		key, ok := t.(string)
		var v json.RawMessage
		if err != nil || !ok || dec.Decode(&v) != nil {
			return keys, values
		}
		keys, values[key] = append(keys, key), v
	}
	return keys, values
}

// place is where a field stands among those of its schema; those of no example come last.
func (d *document) place(schema, field string) int {
	if i := slices.Index(d.order[schema], field); i >= 0 {
		return i
	}
	return len(d.order[schema])
}

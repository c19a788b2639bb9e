package respond

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"unicode/utf8"
)

const (
	maxDepth  = 32
	maxFaults = 50 // that are listed; a body can have a hundred thousand
	maxKey    = 64 // bytes of a key that a pointer repeats
)

// scanJSON reads a JSON text into maps, slices, strings, json.Numbers, booleans and nils, and refuses
// what two readers could understand in two ways: a key twice, keys that differ by case only, text
// after the value, text that is not UTF-8, NUL, and nesting without end.
func scanJSON(text []byte) (any, error) {
	if !utf8.Valid(text) {
		return nil, NewProblem(http.StatusBadRequest, "not_utf8", "The body is not UTF-8.")
	}
	if !json.Valid(text) {
		return nil, notJSON(text)
	}
	s := &scanning{dec: json.NewDecoder(bytes.NewReader(text))}
	s.dec.UseNumber()
	tree := s.value("", 0)
	if len(s.faults) > 0 {
		return nil, NewProblem(http.StatusBadRequest, commonCode(s.faults), "The body can be read in more than one way, or holds what no text holds.", s.faults...)
	}
	return tree, nil
}

// notJSON tells a whole value with something after it from a text that is no JSON at all.
func notJSON(text []byte) *Problem {
	var first json.RawMessage
	if dec := json.NewDecoder(bytes.NewReader(text)); dec.Decode(&first) == nil {
		return NewProblem(http.StatusBadRequest, "trailing_data", "There is something after the end of the JSON value.")
	}
	return NewProblem(http.StatusBadRequest, "not_json", "The body is not JSON.")
}

// scanning walks a text that is known to be JSON.
type scanning struct {
	dec     *json.Decoder
	faults  []Fault
	stopped bool
}

func (s *scanning) fault(at, code, detail string) {
	if len(s.faults) < maxFaults {
		s.faults = append(s.faults, Fault{Pointer: at, Code: code, Detail: detail})
	}
}

func (s *scanning) token() json.Token {
	t, err := s.dec.Token()
	if err != nil {
		s.stopped = true // cannot be, since the text is valid; better a refusal than a loop
		s.fault("", "not_json", "The body is not JSON.")
	}
	return t
}

func (s *scanning) value(at string, depth int) any {
	t := s.token()
	switch t {
	case json.Delim('{'), json.Delim('['):
		if depth == maxDepth {
			s.stopped = true
			s.fault("", "too_deep", fmt.Sprintf("The body nests more than %d levels.", maxDepth))
			return nil
		}
	}
	switch t := t.(type) {
	case json.Delim:
		if t == '{' {
			return s.object(at, depth+1)
		}
		return s.array(at, depth+1)
	case string:
		if strings.ContainsRune(t, 0) {
			s.fault(at, "nul", "A text holds the character NUL.")
		}
	}
	return t
}

func (s *scanning) object(at string, depth int) any {
	fields, folded := map[string]any{}, map[string]bool{}
	for !s.stopped && s.dec.More() {
		key, _ := s.token().(string)
		under := pointer(at, key)
		switch _, twice := fields[key]; {
		case twice:
			s.fault(under, "duplicate_key", "This key stands here twice.")
		case folded[fold(key)]:
			s.fault(under, "case_variant_key", "Another key here differs from this one by case only.")
		case strings.ContainsRune(key, 0):
			s.fault(at, "nul", "A key holds the character NUL.")
		}
		folded[fold(key)] = true
		fields[key] = s.value(under, depth)
	}
	if !s.stopped {
		s.token()
	}
	return fields
}

func (s *scanning) array(at string, depth int) any {
	items := []any{}
	for !s.stopped && s.dec.More() {
		items = append(items, s.value(fmt.Sprintf("%s/%d", at, len(items)), depth))
	}
	if !s.stopped {
		s.token()
	}
	return items
}

// fold makes keys equal that a careless parser takes for equal.
func fold(key string) string { return strings.ToLower(strings.ToUpper(key)) }

var pointerEscape = strings.NewReplacer("~", "~0", "/", "~1")

// pointer goes one step down. A very long key is not repeated: the pointer stays at its object.
func pointer(at, key string) string {
	if len(key) > maxKey {
		return at
	}
	return at + "/" + pointerEscape.Replace(key)
}

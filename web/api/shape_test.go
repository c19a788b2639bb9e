package api_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// contract is the kept OpenAPI document, against which every answer of these tests is held.
var contract = sync.OnceValue(func() map[string]any {
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "api", "openapi.json"))
	var doc map[string]any
	if err == nil {
		err = json.Unmarshal(text, &doc)
	}
	if err != nil {
		panic(err)
	}
	return doc
})

// dig walks down objects by their keys; nil when there is no such place.
func dig(v any, path ...string) any {
	for _, key := range path {
		m, _ := v.(map[string]any)
		v = m[key]
	}
	return v
}

// agrees tells where an answer differs from what the document says of its operation and status; empty
// when it does not.
func agrees(method, path string, status int, body string) string {
	path, _, _ = strings.Cut(path, "?")
	for template, methods := range contract()["paths"].(map[string]any) {
		op := dig(methods, strings.ToLower(method))
		if op == nil || !matches(template, path) {
			continue
		}
		said, _ := dig(op, "responses", fmt.Sprint(status)).(map[string]any)
		if said == nil {
			return fmt.Sprintf("the document has no answer %d for %s %s", status, method, template)
		}
		for _, kind := range []string{"application/json", "application/problem+json"} {
			media := dig(said, "content", kind)
			if media == nil {
				continue
			}
			var value any
			if err := json.Unmarshal([]byte(body), &value); err != nil {
				return err.Error()
			}
			if code := dig(value, "code"); kind == "application/problem+json" && dig(media, "examples", fmt.Sprint(code)) == nil {
				return fmt.Sprintf("the document has no code %v among the answers %d of %s %s", code, status, method, template)
			}
			return misfit("", value, dig(media, "schema").(map[string]any))
		}
	}
	return ""
}

func matches(template, path string) bool {
	want, got := strings.Split(template, "/"), strings.Split(path, "/")
	return len(want) == len(got) && !slices.ContainsFunc(want, func(s string) bool {
		i := slices.Index(want, s)
		return s != got[i] && s != "{id}"
	})
}

// misfit holds a value against a schema and tells the first difference.
func misfit(at string, v any, s map[string]any) string {
	if ref, ok := s["$ref"].(string); ok {
		return misfit(at, v, dig(contract(), "components", "schemas", ref[strings.LastIndex(ref, "/")+1:]).(map[string]any))
	}
	if choices, ok := s["anyOf"].([]any); ok {
		last := ""
		for _, one := range choices {
			if last = misfit(at, v, one.(map[string]any)); last == "" {
				return ""
			}
		}
		return last
	}
	if s["type"] == nil {
		return "" // it may be anything
	}
	kinds := fmt.Sprint(s["type"])
	if enum, ok := s["enum"].([]any); ok && !slices.Contains(enum, v) {
		return fmt.Sprintf("%s: %v is not in its enum", at, v)
	}
	switch v := v.(type) {
	case nil:
		return wrong(at, "null", kinds)
	case bool:
		return wrong(at, "boolean", kinds)
	case float64:
		if beyond(s, "minimum", "maximum", v) {
			return fmt.Sprintf("%s: %v is out of its bounds", at, v)
		}
		return wrong(at, "integer", kinds)
	case string:
		return text(at, v, s, kinds)
	case []any:
		return list(at, v, s, kinds)
	case map[string]any:
		return object(at, v, s, kinds)
	}
	return at + ": no JSON"
}

func beyond(s map[string]any, least, most string, v float64) bool {
	low, hasLow := s[least].(float64)
	high, hasHigh := s[most].(float64)
	return hasLow && v < low || hasHigh && v > high
}

func text(at, v string, s map[string]any, kinds string) string {
	if beyond(s, "minLength", "maxLength", float64(utf8.RuneCountInString(v))) {
		return at + ": its length is out of its bounds"
	}
	if pattern, ok := s["pattern"].(string); ok && !regexp.MustCompile(pattern).MatchString(v) {
		return at + ": it is not of its pattern " + pattern
	}
	if _, err := time.Parse(time.RFC3339Nano, v); err != nil && s["format"] == "date-time" {
		return at + ": " + err.Error()
	}
	return wrong(at, "string", kinds)
}

func list(at string, v []any, s map[string]any, kinds string) string {
	if beyond(s, "minItems", "maxItems", float64(len(v))) {
		return at + ": its length is out of its bounds"
	}
	for i, item := range v {
		if bad := misfit(fmt.Sprintf("%s/%d", at, i), item, s["items"].(map[string]any)); bad != "" {
			return bad
		}
		if s["uniqueItems"] == true && slices.ContainsFunc(v[:i], func(o any) bool { return reflect.DeepEqual(o, item) }) {
			return at + ": something stands in it twice"
		}
	}
	return wrong(at, "array", kinds)
}

func object(at string, v, s map[string]any, kinds string) string {
	properties, _ := s["properties"].(map[string]any)
	free, _ := s["additionalProperties"].(map[string]any)
	for _, key := range slices.Sorted(maps.Keys(v)) {
		p, known := properties[key].(map[string]any)
		if !known && free == nil {
			return at + "/" + key + " is not in the document"
		}
		if !known {
			p = free
			if bad := misfit(at+" the key "+key, key, propertyNames(s)); bad != "" {
				return bad
			}
		}
		if bad := misfit(at+"/"+key, v[key], p); bad != "" {
			return bad
		}
	}
	required, _ := s["required"].([]any)
	for _, key := range required {
		if _, ok := v[key.(string)]; !ok {
			return at + "/" + key.(string) + " is missing"
		}
	}
	if beyond(s, "minProperties", "maxProperties", float64(len(v))) {
		return at + ": its size is out of its bounds"
	}
	return wrong(at, "object", kinds)
}

func propertyNames(s map[string]any) map[string]any {
	rule := map[string]any{"type": "string"}
	if said, ok := s["propertyNames"].(map[string]any); ok {
		maps.Copy(rule, said)
	}
	return rule
}

func wrong(at, kind, kinds string) string {
	if strings.Contains(kinds, kind) {
		return ""
	}
	return at + ": " + kind + " where the document says " + kinds
}

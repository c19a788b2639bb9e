package api_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// contract is the kept OpenAPI document, against which every good answer of these tests is held.
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

// agrees tells where an answer differs from what the document says of its operation and status; empty
// when it does not.
func agrees(method, path string, status int, body string) string {
	path, _, _ = strings.Cut(path, "?")
	for template, methods := range contract()["paths"].(map[string]any) {
		op, _ := methods.(map[string]any)[strings.ToLower(method)].(map[string]any)
		if op == nil || !matches(template, path) {
			continue
		}
		said, _ := op["responses"].(map[string]any)[fmt.Sprint(status)].(map[string]any)
		if said == nil {
			return fmt.Sprintf("the document has no answer %d for %s %s", status, method, template)
		}
		content, _ := said["content"].(map[string]any)
		media, _ := content["application/json"].(map[string]any)
		if media == nil {
			return ""
		}
		var value any
		if err := json.Unmarshal([]byte(body), &value); err != nil {
			return err.Error()
		}
		return misfit("", value, media["schema"].(map[string]any))
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
		schemas := contract()["components"].(map[string]any)["schemas"].(map[string]any)
		return misfit(at, v, schemas[ref[strings.LastIndex(ref, "/")+1:]].(map[string]any))
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
	kinds := fmt.Sprint(s["type"])
	switch v := v.(type) {
	case nil:
		return wrong(at, "null", kinds)
	case bool:
		return wrong(at, "boolean", kinds)
	case float64:
		return wrong(at, "integer", kinds)
	case string:
		if enum, ok := s["enum"].([]any); ok && !slices.Contains(enum, any(v)) {
			return at + ": " + v + " is not in its enum"
		}
		return wrong(at, "string", kinds)
	case []any:
		for i, item := range v {
			if bad := misfit(fmt.Sprintf("%s/%d", at, i), item, s["items"].(map[string]any)); bad != "" {
				return bad
			}
		}
		return wrong(at, "array", kinds)
	case map[string]any:
		return object(at, v, s, kinds)
	}
	return at + ": no JSON"
}

func object(at string, v, s map[string]any, kinds string) string {
	properties, _ := s["properties"].(map[string]any)
	free, _ := s["additionalProperties"].(map[string]any)
	for key, value := range v {
		p, known := properties[key].(map[string]any)
		if !known && free == nil {
			return at + "/" + key + " is not in the document"
		}
		if !known {
			p = free
		}
		if bad := misfit(at+"/"+key, value, p); bad != "" {
			return bad
		}
	}
	required, _ := s["required"].([]any)
	for _, key := range required {
		if _, ok := v[key.(string)]; !ok {
			return at + "/" + key.(string) + " is missing"
		}
	}
	return wrong(at, "object", kinds)
}

func wrong(at, kind, kinds string) string {
	if strings.Contains(kinds, kind) {
		return ""
	}
	return at + ": " + kind + " where the document says " + kinds
}

package api_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// eachOperation calls do for every operation of the document.
func eachOperation(do func(name string, op map[string]any)) {
	paths := contract()["paths"].(map[string]any)
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		methods := paths[path].(map[string]any)
		for _, method := range slices.Sorted(maps.Keys(methods)) {
			do(strings.ToUpper(method)+" "+path, methods[method].(map[string]any))
		}
	}
}

// freeTexts are the texts of answers that have no limit of ours, each with whose they are.
var freeTexts = map[string]string{
	"type": "ours, with the code", "title": "ours", "detail": "ours", "code": "ours or the gateway's", "instance": "ours", "pointer": "ours, into the caller's body", "other": "an id of any kind",
	"group": "ours, and gateways may need more", "message": "the gateway's", "bank": "the gateway's", "network": "the gateway's", "app": "the gateway's",
	"gateway": "a provider's name", "provider": "a provider's name", "gateway_reference": "the gateway's", "bank_reference": "the bank's", "reason": "ours",
	"to": "an address or an id", "error": "the provider's", "actor": "an id of any kind", "created_by": "an id of any kind", "last_error": "ours", "url": "with the server's own address",
	"name": "the operator's", "legal_name": "the operator's", "time_zone": "IANA's", "header": "the operator's", "reference": "the merchant's, checked when it was given", "id": "an id, or empty",
	"public_key": "ours",
}

// A reader who must guess what a field means, or learns its limit from a refusal, was not told.
func TestDocumentDescribesEverything(t *testing.T) {
	eachOperation(func(name string, op map[string]any) {
		for _, key := range []string{"summary", "description", "operationId"} {
			if said, _ := op[key].(string); said == "" {
				t.Errorf("%s has no %s", name, key)
			}
		}
		if tags, _ := op["tags"].([]any); len(tags) != 1 {
			t.Errorf("%s has not one tag", name)
		}
		parameters, _ := op["parameters"].([]any)
		for _, p := range parameters {
			p := p.(map[string]any)
			at := fmt.Sprint(name, " ", p["name"])
			if said, _ := p["description"].(string); said == "" {
				t.Errorf("%s has no description", at)
			}
			if !bounded(p["schema"].(map[string]any)) {
				t.Errorf("%s has no limit", at)
			}
		}
	})
	asked := requestSchemas()
	schemas := dig(contract(), "components", "schemas").(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(schemas)) {
		s := schemas[name].(map[string]any)
		if said, _ := s["description"].(string); said == "" {
			t.Errorf("the schema %s has no description", name)
		}
		properties, _ := s["properties"].(map[string]any)
		for field, p := range properties {
			p := p.(map[string]any)
			if said, _ := p["description"].(string); said == "" {
				t.Errorf("%s.%s has no description", name, field)
			}
			if !bounded(p) && (asked[name] || freeTexts[field] == "") {
				t.Errorf("%s.%s has no limit: %v", name, field, p)
			}
		}
	}
}

// bounded tells whether a schema says how far its values go.
func bounded(s map[string]any) bool {
	has := func(keys ...string) bool {
		return slices.ContainsFunc(keys, func(key string) bool { return s[key] != nil })
	}
	if has("$ref", "anyOf", "enum") {
		return true
	}
	switch kinds := fmt.Sprint(s["type"]); {
	case strings.Contains(kinds, "string"):
		return has("pattern", "maxLength", "format")
	case strings.Contains(kinds, "integer"):
		return has("minimum") || s["description"] == "captured less fee and tax"
	case strings.Contains(kinds, "array"):
		items, _ := s["items"].(map[string]any)
		return bounded(items) || has("maxItems")
	case strings.Contains(kinds, "object"):
		return has("maxProperties")
	}
	return true
}

// requestSchemas are the schemas that stand in requests.
func requestSchemas() map[string]bool {
	found := map[string]bool{}
	var walk func(v any)
	walk = func(v any) {
		if list, ok := v.([]any); ok {
			for _, item := range list {
				walk(item)
			}
		}
		m, _ := v.(map[string]any)
		for key, inner := range m {
			if ref, ok := inner.(string); ok && key == "$ref" {
				name := ref[strings.LastIndex(ref, "/")+1:]
				if !found[name] {
					found[name] = true
					walk(dig(contract(), "components", "schemas", name))
				}
			}
			walk(inner)
		}
	}
	eachOperation(func(_ string, op map[string]any) { walk(op["requestBody"]) })
	return found
}

// An example that the server would refuse teaches a mistake.
func TestExamplesOfTheDocumentFitIt(t *testing.T) {
	seen := 0
	judge := func(where string, media map[string]any) {
		schema, _ := media["schema"].(map[string]any)
		examples := map[string]any{}
		if one, ok := media["example"]; ok {
			examples["example"] = one
		}
		several, _ := media["examples"].(map[string]any)
		for name, e := range several {
			ref := fmt.Sprint(dig(e, "$ref"))
			examples[name] = dig(contract(), "components", "examples", ref[strings.LastIndex(ref, "/")+1:], "value")
		}
		if len(examples) == 0 {
			t.Errorf("%s has no example", where)
		}
		for name, value := range examples {
			seen++
			if bad := misfit("", value, schema); bad != "" {
				t.Errorf("%s, %s: %s", where, name, bad)
			}
		}
	}
	eachOperation(func(name string, op map[string]any) {
		if body, ok := dig(op, "requestBody", "content", "application/json").(map[string]any); ok {
			judge(name, body)
		}
		for status, r := range op["responses"].(map[string]any) {
			for _, kind := range []string{"application/json", "application/problem+json"} {
				if media, ok := dig(r, "content", kind).(map[string]any); ok {
					judge(name+" "+status, media)
				}
			}
		}
	})
	if seen < 100 {
		t.Errorf("only %d examples", seen)
	}
}

// The examples of requests are what people try first: the server takes the one for a new link as it
// stands.
func TestFirstExampleWorks(t *testing.T) {
	w := onSQLite(t)
	example, err := json.Marshal(dig(contract(), "paths", "/v1/payment_links", "post", "requestBody", "content", "application/json", "example"))
	if err != nil {
		t.Fatal(err)
	}
	made := w.ask(w.test, "POST", "/v1/payment_links", string(example)).want(201)
	if made.text("status") != "pending" || len(made.at("deliveries").([]any)) != 3 {
		t.Errorf("%s", made.body)
	}
}

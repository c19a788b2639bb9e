package api_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
)

// A limit in the document that the code does not enforce is a lie, and one that the code enforces
// otherwise refuses what was promised. Each limit of each field of a request is overstepped by one, and
// the refusal names the field.
func TestLimitsOfTheDocumentAreEnforced(t *testing.T) {
	w := onSQLite(t)
	const brief = `{"amount":100,"currency":"INR","customer":{"phone":"+919812345642"},"expires_in":60}`
	expired := w.ask(w.test, "POST", "/v1/payment_links", brief).want(201).text("id")
	w.pass(time.Minute)
	link := w.ask(w.test, "POST", "/v1/payment_links", brief).want(201).text("id")
	endpoint := w.ask(w.test, "POST", "/v1/webhook_endpoints", `{"url":"https://shop.example/hooks","events":["*"]}`).want(201).text("id")
	code := w.ask(w.test, "POST", "/v1/discount_codes", `{"code":"DIWALI10","percent":"10"}`).want(201).text("id")
	customer := w.ask(w.test, "GET", "/v1/payment_links/"+link, "").want(200).text("customer.id")
	opens := w.ask(w.test, "POST", "/v1/customers/"+customer+"/inbox_token", "").want(201).text("token")
	account := w.ask(w.test, "POST", "/v1/accounts", twilio).want(201).text("id")
	person := w.ask(w.test, "POST", "/v1/customers", `{"name":"Ravi"}`).want(201).text("id")
	ids := strings.NewReplacer("customers/{id}", "customers/"+person, "accounts/{id}", "accounts/"+account, "discount_codes/{id}", "discount_codes/"+code, "payment_links/{id}/refresh", "payment_links/"+expired+"/refresh", "payment_links/{id}", "payment_links/"+link, "webhook_endpoints/{id}", "webhook_endpoints/"+endpoint)
	tried := 0
	eachOperation(func(name string, op map[string]any) {
		media, _ := dig(op, "requestBody", "content", "application/json").(map[string]any)
		if media == nil {
			return
		}
		method, path, _ := strings.Cut(ids.Replace(name), " ")
		if dig(media, "schema", "type") == "array" {
			return // the links of a list are those of a single one; each has an answer of its own
		}
		for _, c := range overstep("", media["schema"].(map[string]any)) {
			body := plant(media["example"], c.pointer, c.value)
			key := w.test
			if strings.HasPrefix(path, "/v1/inbox") {
				key = opens
			}
			got := w.ask(key, method, path, body)
			tried++
			if !strings.Contains(got.body, `"pointer":"`+c.pointer) || got.status != 422 {
				t.Errorf("%s takes %s beyond its %s: %d %.300s", name, c.pointer, c.limit, got.status, got.body)
			}
		}
	})
	if tried < 40 {
		t.Errorf("only %d limits", tried)
	}
}

// step is one value beyond one limit.
type step struct {
	pointer, limit string
	value          any
}

// overstep lists values that go beyond each limit of a schema by one.
func overstep(at string, s map[string]any) []step {
	if ref, ok := s["$ref"].(string); ok {
		s = dig(contract(), "components", "schemas", ref[strings.LastIndex(ref, "/")+1:]).(map[string]any)
	}
	var out []step
	add := func(limit string, value any) { out = append(out, step{at, limit, value}) }
	if _, ok := s["enum"]; ok {
		add("enum", "nothing_like_it")
	}
	if n, ok := s["minimum"].(float64); ok {
		add("minimum", int64(n)-1)
	}
	if n, ok := s["maximum"].(float64); ok {
		add("maximum", int64(n)+1)
	}
	if n, ok := s["maxLength"].(float64); ok {
		add("maxLength", strings.Repeat("1", int(n)+1))
	}
	if n, ok := s["minLength"].(float64); ok && n == 1 {
		add("minLength", "")
	}
	if _, ok := s["pattern"]; ok {
		add("pattern", "!")
	}
	if s["format"] == "date-time" {
		add("format", "yesterday")
	}
	if n, ok := s["minItems"].(float64); ok && n > 0 {
		add("minItems", []any{})
	}
	if items, ok := s["items"].(map[string]any); ok {
		add("items", []any{"nothing_like_it"})
		if n, ok := s["maxItems"].(float64); ok {
			add("maxItems", slices.Repeat([]any{one(items)}, int(n)+1))
		}
	}
	if n, ok := s["maxProperties"].(float64); ok && s["propertyNames"] != nil && dig(s, "propertyNames", "enum") == nil {
		many := map[string]any{}
		for i := range int(n) + 1 {
			many[fmt.Sprintf("key%d", i)] = "x"
		}
		add("maxProperties", many)
		longest := int(dig(s, "propertyNames", "maxLength").(float64))
		add("propertyNames", map[string]any{strings.Repeat("k", longest+1): "x"})
		add("additionalProperties", map[string]any{"k": strings.Repeat("x", int(dig(s, "additionalProperties", "maxLength").(float64))+1)})
	}
	properties, _ := s["properties"].(map[string]any)
	for _, field := range slices.Sorted(maps.Keys(properties)) {
		out = append(out, overstep(at+"/"+field, properties[field].(map[string]any))...)
	}
	return out
}

// one is a value of a list.
func one(items map[string]any) any {
	if enum, ok := items["enum"].([]any); ok {
		return enum[0]
	}
	switch ref, _ := items["$ref"].(string); {
	case items["type"] == "integer":
		return 1
	case ref == "":
		return "IN"
	default:
		of := dig(contract(), "components", "schemas", ref[strings.LastIndex(ref, "/")+1:]).(map[string]any)
		whole := map[string]any{}
		required, _ := of["required"].([]any) // a reminder needs none of its members
		for _, field := range required {
			whole[field.(string)] = one(dig(of, "properties", field.(string)).(map[string]any))
		}
		return whole
	}
}

// plant puts a value into a copy of an example.
func plant(example any, pointer string, value any) string {
	text, _ := json.Marshal(example)
	var body map[string]any
	if json.Unmarshal(text, &body) != nil || body == nil {
		body = map[string]any{}
	}
	inner := body
	steps := strings.Split(pointer, "/")[1:]
	for _, key := range steps[:len(steps)-1] {
		next, _ := inner[key].(map[string]any)
		if next == nil {
			next = map[string]any{}
		}
		inner[key], inner = next, next
	}
	inner[steps[len(steps)-1]] = value
	if steps[0] == "usage" && steps[len(steps)-1] == "max_payments" {
		inner["mode"] = "multi"
	}
	text, _ = json.Marshal(body)
	return string(text)
}

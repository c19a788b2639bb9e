// Package client_test holds the Go client to what it promises: it has a call for every operation of the
// OpenAPI document and a field for every field, and nothing that is not there; and it works with the server
// itself, on both databases.
//
// It is for whoever changes the API: a new operation or field fails here until the client has it. It stands
// in the main module because the client's own knows no server.
package client_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"paylink"
	"paylink/client"
)

// beside lists the client's calls that are no operations of the document, each with its reason.
var beside = map[string]string{
	"UploadPaymentLinks": "it is create_payment_links_in_bulk with a file in the place of a list",
	"PayInSandbox":       "it is a call of the pretend bank, which may be a process of its own, and not of the API",
}

// document is what we read of the OpenAPI document.
type document struct {
	Paths      map[string]map[string]operation
	Components struct{ Schemas map[string]schema }
}

type operation struct {
	OperationID string `json:"operationId"`
	Parameters  []struct{ In, Name string }
	RequestBody struct{ Content map[string]content } `json:"requestBody"`
	Responses   map[string]struct{ Content map[string]content }
}

type content struct{ Schema schema }

func read(t *testing.T) (d document) {
	t.Helper()
	text, err := os.ReadFile("../../docs/api/openapi.json")
	if err == nil {
		err = json.Unmarshal(text, &d)
	}
	if err != nil || len(d.Paths) == 0 {
		t.Fatalf("%d paths, %v", len(d.Paths), err)
	}
	return d
}

// words that stand in capitals in Go names.
var capitals = map[string]string{"qr": "QR", "png": "PNG", "svg": "SVG", "csv": "CSV", "url": "URL", "id": "ID"}

// callName is the client's name of an operation: create_payment_link is CreatePaymentLink.
func callName(operationID string) string {
	var b strings.Builder
	for word := range strings.SplitSeq(operationID, "_") {
		if upper := capitals[word]; upper != "" {
			b.WriteString(upper)
			continue
		}
		b.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return b.String()
}

// An operation without a call cannot be used by those who use the client; a call that leads elsewhere, or
// leaves a parameter out, does something else than it says.
func TestEveryOperationHasItsCall(t *testing.T) {
	d := read(t)
	seen := map[string]bool{}
	var found faults
	for path, methods := range d.Paths {
		for method, op := range methods {
			name := callName(op.OperationID)
			seen[name] = true
			call, ok := reflect.TypeFor[*client.Client]().MethodByName(name)
			if !ok {
				t.Errorf("%s: the client has no %s", op.OperationID, name)
				continue
			}
			d.compare(t, &found, name, call.Type, method, path, op)
		}
	}
	slices.Sort(found)
	for _, one := range slices.Compact(found) {
		t.Error(one)
	}
	for i := range reflect.TypeFor[*client.Client]().NumMethod() {
		if name := reflect.TypeFor[*client.Client]().Method(i).Name; !seen[name] && beside[name] == "" {
			t.Errorf("%s is no operation of the document", name)
		}
	}
	for name := range beside {
		if _, ok := reflect.TypeFor[*client.Client]().MethodByName(name); !ok || seen[name] {
			t.Errorf("%s is listed as beside the document: it is not there, or an operation", name)
		}
	}
}

// compare holds one call to its operation: where it goes, what it takes and what it gives.
func (d document) compare(t *testing.T, f *faults, name string, call reflect.Type, method, path string, op operation) {
	asked, args := record(t, name, call)
	if want := strings.NewReplacer("{id}", "ID", "{device_id}", "ID").Replace(path); asked.Method != strings.ToUpper(method) || asked.URL.Path != want {
		f.add("%s asks %s %s, want %s %s", name, asked.Method, asked.URL.Path, method, want)
	}
	var query []string
	for _, p := range op.Parameters {
		switch p.In {
		case "query":
			query = append(query, p.Name)
		case "header":
			if asked.Header.Get(p.Name) == "" && p.Name != "If-Match" {
				f.add("%s does not send %s", name, p.Name)
			}
		}
	}
	body, takesBody := op.RequestBody.Content["application/json"]
	var tagged []string
	for _, a := range args {
		if a.Kind() == reflect.Struct && len(tags(a, "query")) > 0 {
			tagged = append(tagged, tags(a, "query")...)
		} else if a.Kind() == reflect.Slice && takesBody && body.Schema["type"] == "array" {
			d.fits(f, name+" body[]", body.Schema["items"].(map[string]any), a.Elem(), sent)
			takesBody = false
		} else if a.Kind() == reflect.Struct && takesBody {
			d.fits(f, name+" body", body.Schema, a, sent)
			takesBody = false
		}
	}
	if takesBody {
		f.add("%s takes no body", name)
	}
	if slices.Sort(query); !slices.Equal(query, slices.Sorted(slices.Values(tagged))) {
		f.add("%s takes the query %v, the document %v", name, tagged, query)
	}
	if op.OperationID == "create_payment_links_in_bulk" {
		return // a list is answered by its results, a file by the upload: see the answers of get_bulk_upload
	}
	d.answers(f, name, call, op)
}

// answers compares what a call gives, and what it is refused with.
func (d document) answers(f *faults, name string, call reflect.Type, op operation) {
	for status, response := range op.Responses {
		switch problem, refused := response.Content["application/problem+json"]; {
		case status[0] != '2':
			if !refused {
				f.add("%s: %s has no problem", name, status)
			}
			d.fits(f, "Problem", problem.Schema, reflect.TypeFor[client.Problem](), received)
		case call.NumOut() == 1 && slices.ContainsFunc(slices.Collect(call.Ins()), func(in reflect.Type) bool { return in == reflect.TypeFor[io.Writer]() }):
			// It hands the document on as it comes, however large.
		case len(response.Content["application/json"].Schema) > 0:
			s, out := d.resolve(response.Content["application/json"].Schema), call.Out(0)
			if items := s.list(); items != nil {
				s = items
				if out.Kind() == reflect.Func { // an iter.Seq2, whose yield takes the item
					out = out.In(0).In(0)
				} else {
					out = out.Elem()
				}
			}
			d.fits(f, name+" answer", s, out, received)
		case len(response.Content) == 0 && call.NumOut() != 1:
			f.add("%s gives something, but is answered %s", name, status)
		}
	}
}

// recorder keeps a request and refuses it.
type recorder struct{ last *http.Request }

func (r *recorder) RoundTrip(q *http.Request) (*http.Response, error) {
	r.last = q
	return &http.Response{
		StatusCode: 400, Header: http.Header{"Content-Type": {"application/problem+json"}}, Request: q,
		Body: io.NopCloser(strings.NewReader(`{"code":"recorded"}`)),
	}, nil
}

// record makes a call with "ID" for every id, and gives its request and the types of its arguments.
func record(t *testing.T, name string, call reflect.Type) (*http.Request, []reflect.Type) {
	t.Helper()
	r := &recorder{}
	c, err := client.New(client.Config{Server: "https://paylink.test", Key: "sk_test_x", HTTP: &http.Client{Transport: r}})
	if err != nil {
		t.Fatal(err)
	}
	args, types := []reflect.Value{reflect.ValueOf(c), reflect.ValueOf(t.Context())}, []reflect.Type{}
	for i := 2; i < call.NumIn()-1; i++ { // after the client and the context, before the options
		arg := reflect.Zero(call.In(i))
		if call.In(i).Kind() == reflect.String {
			arg = reflect.ValueOf("ID")
		}
		args, types = append(args, arg), append(types, call.In(i))
	}
	method, _ := reflect.TypeFor[*client.Client]().MethodByName(name)
	out := method.Func.Call(args)
	if len(out) == 1 && out[0].Kind() == reflect.Func { // a list is asked for when it is read
		yield := reflect.MakeFunc(out[0].Type().In(0), func([]reflect.Value) []reflect.Value { return []reflect.Value{reflect.ValueOf(false)} })
		out[0].Call([]reflect.Value{yield})
	}
	if r.last == nil {
		t.Fatalf("%s asked nothing", name)
	}
	return r.last, types
}

// An amount shown with another currency's decimals is another amount.
func TestClientKnowsTheCurrenciesDecimals(t *testing.T) {
	known := 0
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			for c := 'A'; c <= 'Z'; c++ {
				code := fmt.Sprintf("%c%c%c", a, b, c)
				if want, ok := paylink.Currency(code).Exponent(); ok {
					if known++; client.Exponent(code) != want {
						t.Errorf("%s has %d decimals, the client says %d", code, want, client.Exponent(code))
					}
				}
			}
		}
	}
	if known < 150 {
		t.Errorf("%d currencies", known)
	}
}

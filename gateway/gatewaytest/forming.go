package gatewaytest

import (
	"io"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"testing"
	"time"

	"paylink"
	"paylink/gateway"
)

// form is what the customer's browser posts for an order whose action is submit, held to the promises of it.
func (s suite) form(t *testing.T, o gateway.Order, started gateway.Started) gateway.Form {
	t.Helper()
	former, ok := gateway.As[gateway.Former](s.Gateway)
	if !ok {
		t.Fatal("the action is submit, and the gateway makes no form")
	}
	f, err := former.Form(s.account, o, known(o, started))
	if err != nil {
		t.Fatalf("form: %v", err)
	}
	page, err := url.Parse(f.URL)
	if origins := s.Capabilities().PageOrigins(s.account); err != nil || !slices.Contains(origins, page.Scheme+"://"+page.Host) {
		t.Errorf("the form's page %s is not on one of %v", f.URL, origins)
	}
	seen := map[string]bool{}
	for _, field := range f.Fields {
		if field.Name == "" || seen[field.Name] {
			t.Errorf("the form has the field %q twice or without a name", field.Name)
		}
		seen[field.Name] = true
	}
	if again, err := former.Form(s.account, o, known(o, started)); err != nil || !reflect.DeepEqual(again, f) {
		t.Errorf("the form of the same order is another when the page is shown again: %+v (%v)", again, err)
	}
	return f
}

// submit does what the customer's browser does with an order whose action is submit: it posts the form.
func (s suite) submit(t *testing.T, o gateway.Order, started gateway.Started) {
	t.Helper()
	if started.Action.Kind != paylink.ActionSubmit {
		return
	}
	f := s.form(t, o, started)
	values := url.Values{}
	for _, field := range f.Fields {
		values.Add(field.Name, field.Value)
	}
	browser := http.Client{
		Timeout:       10 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	res, err := browser.PostForm(f.URL, values)
	if err != nil {
		t.Fatalf("post the form: %v", err)
	}
	defer func() { _ = res.Body.Close() }()
	if said, err := io.ReadAll(res.Body); err != nil || res.StatusCode >= 400 {
		t.Fatalf("the gateway's page answers the form with %d: %.200s (%v)", res.StatusCode, said, err)
	}
}

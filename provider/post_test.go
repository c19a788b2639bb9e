package provider_test

import (
	"net/http"
	"net/url"
	"testing"

	"paylink/provider"
)

// A form's body is kept without what says that it is one, or its message's id in the query is lost: the
// job that reads it later understands nothing.
func TestKeptPostHasWhatReadNeeds(t *testing.T) {
	called, err := url.Parse("https://pay.example/inbound/channel/twilio/acct_1?message=msg_1&x=%0A")
	if err != nil {
		t.Fatal(err)
	}
	p := provider.Post{URL: called, Header: http.Header{"Content-Type": {"Application/JSON; charset=utf-8"}, "X-Signature": {"s"}}, Body: []byte("?a\nb\n")}
	got, err := provider.ParseKept(p.Kept())
	if err != nil || got.URL.Query().Get("message") != "msg_1" || got.ContentType() != "application/json" || string(got.Body) != "?a\nb\n" {
		t.Errorf("kept %q, read as %+v, %v", p.Kept(), got, err)
	}
	if again := got.Kept(); string(again) != string(p.Kept()) {
		t.Errorf("kept again: %q", again)
	}
	if _, err := provider.ParseKept([]byte("?cut")); err == nil {
		t.Error("a post without a body was read")
	}
}

// A receipt that was kept by the version before is taken for garbage after an upgrade.
func TestBareBodyThatWasKeptBeforeIsRead(t *testing.T) {
	got, err := provider.ParseKept([]byte(`{"id":"sbx"}`))
	if err != nil || string(got.Body) != `{"id":"sbx"}` || got.URL == nil {
		t.Errorf("read as %+v, %v", got, err)
	}
}

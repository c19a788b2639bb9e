package schematest_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"paylink/provider/schematest"
)

const document = `{
  "openapi": "3.0.3", "info": {"title": "Letters", "version": "1"},
  "paths": {"/letters": {"post": {
    "requestBody": {"required": true, "content": {"application/json": {"schema":
      {"type": "object", "required": ["to"], "properties": {"to": {"type": "string"}}}}}},
    "responses": {"201": {"description": "taken", "content": {"application/json": {"schema":
      {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}}}}}}
  }}}
}`

// The judge is wired so that he sees nothing, and every adapter passes him.
func TestPrismRefusesWhatViolatesTheDocument(t *testing.T) {
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "letters.json"), []byte(document), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PAYLINK_SCHEMAS", folder)
	answer := `{"id":"a"}`
	far := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusCreated)
		_, _ = w.Write([]byte(answer))
	}))
	defer far.Close()
	url := schematest.Proxy(t, "letters.json", far.URL)

	for _, c := range []struct {
		asked, answered string
		want            int
	}{
		{`{"to":"x"}`, `{"id":"a"}`, http.StatusCreated},
		{`{"two":"x"}`, `{"id":"a"}`, http.StatusUnprocessableEntity},
		{`{"to":"x"}`, `{"id":7}`, http.StatusInternalServerError},
	} {
		answer = c.answered
		res, err := http.Post(url+"/letters", "application/json", strings.NewReader(c.asked))
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != c.want {
			t.Errorf("%s answered with %s: status %d, want %d", c.asked, c.answered, res.StatusCode, c.want)
		}
	}
}

// A machine without the documents is told that it judged nothing, not that all is well.
func TestWithoutDocumentsNothingIsJudged(t *testing.T) {
	t.Setenv("PAYLINK_SCHEMAS", "")
	if url := schematest.Proxy(t, "letters.json", "http://127.0.0.1:1"); url != "" {
		t.Errorf("Proxy gives %q without a document", url)
	}
}

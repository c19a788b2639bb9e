package stripe_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stripe/stripe-mock/embedded"
	"github.com/stripe/stripe-mock/server"
	"github.com/stripe/stripe-mock/spec"
)

// A judge is Stripe's own: stripe-mock, which refuses what its OpenAPI document does not know, and its validator
// over the same document, for what is answered. stripe-mock is this test's own program, started again: it writes
// of every call to its standard output.
type judge struct {
	mock       string // its origin
	document   *spec.Spec
	components *spec.ComponentsForValidation

	mu         sync.Mutex
	validators map[*spec.Schema]func(any) error
}

const mockAddress = "PAYLINK_STRIPE_MOCK_ADDRESS"

// stripe-mock would be one more program to install, or would write into the tests' own output.
func TestMain(m *testing.M) {
	if address := os.Getenv(mockAddress); address != "" {
		fmt.Fprintln(os.Stderr, serveMock(address))
		os.Exit(1)
	}
	code := m.Run()
	endMock()
	os.Exit(code)
}

// serveMock is stripe-mock as its own main makes it, strict about the version.
func serveMock(address string) error {
	document, err := server.LoadSpec(embedded.OpenAPISpec, "")
	if err != nil {
		return err
	}
	fixtures, err := server.LoadFixtures(embedded.OpenAPIFixtures, "")
	if err != nil {
		return err
	}
	stub, err := server.NewStubServer(fixtures, document, true, false)
	if err != nil {
		return err
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // its end is the end of who started us
		os.Exit(0)
	}()
	return http.ListenAndServe(address, http.HandlerFunc(stub.HandleRequest))
}

var endMock = func() {}

var judgeOnce = sync.OnceValues(func() (*judge, error) {
	document, err := server.LoadSpec(embedded.OpenAPISpec, "")
	if err != nil {
		return nil, err
	}
	j := &judge{document: document, components: spec.GetComponentsForValidation(&document.Components), validators: map[*spec.Schema]func(any) error{}}
	for range 3 { // a port that was free a moment ago may have been taken meanwhile
		if j.mock, err = startMock(); err == nil {
			break
		}
	}
	return j, err
})

func startMock() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	address := l.Addr().String()
	_ = l.Close()
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	var said bytes.Buffer
	mock := exec.Command(self)
	mock.Env, mock.Stderr = append(os.Environ(), mockAddress+"="+address), &said
	stdin, err := mock.StdinPipe()
	if err == nil {
		err = mock.Start()
	}
	if err != nil {
		return "", err
	}
	ended := make(chan struct{})
	go func() { _ = mock.Wait(); close(ended) }()
	endMock = func() { _ = stdin.Close(); <-ended }
	for range 1200 {
		select {
		case <-ended:
			return "", fmt.Errorf("stripe-mock did not start: %s", said.String())
		case <-time.After(100 * time.Millisecond):
		}
		if conn, err := net.Dial("tcp", address); err == nil {
			return "http://" + address, conn.Close()
		}
	}
	endMock()
	return "", errors.New("stripe-mock does not listen after two minutes")
}

func theJudge(t testing.TB) *judge {
	t.Helper()
	j, err := judgeOnce()
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// between puts the judge between whoever calls and far. What violates the document fails the test.
func (j *judge) between(t testing.TB, far http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		if status, said := j.ask(r, body); status >= 400 && status != http.StatusUnauthorized {
			t.Errorf("stripe-mock refuses %s %s?%s with %s: %s", r.Method, r.URL.Path, r.URL.RawQuery, body, said)
		}
		again := r.Clone(r.Context())
		again.Body = io.NopCloser(bytes.NewReader(body))
		answer := httptest.NewRecorder()
		far.ServeHTTP(answer, again)
		if strings.HasPrefix(answer.Header().Get("Content-Type"), "application/json") {
			if err := j.judgeAnswer(r, answer.Code, answer.Body.Bytes()); err != nil {
				t.Errorf("the fake's answer to %s %s (%d): %v in %.2000s", r.Method, r.URL.Path, answer.Code, err, answer.Body)
			}
		}
		maps.Copy(w.Header(), answer.Header())
		w.WriteHeader(answer.Code)
		_, _ = w.Write(answer.Body.Bytes())
	})
}

// ask gives stripe-mock's own answer to a call.
func (j *judge) ask(r *http.Request, body []byte) (int, string) {
	req, err := http.NewRequest(r.Method, j.mock+r.URL.RequestURI(), bytes.NewReader(body))
	if err != nil {
		return http.StatusInternalServerError, err.Error()
	}
	req.Header = r.Header.Clone()
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return http.StatusInternalServerError, err.Error()
	}
	defer func() { _ = res.Body.Close() }()
	said, err := io.ReadAll(res.Body)
	if err != nil {
		return http.StatusInternalServerError, err.Error()
	}
	return res.StatusCode, string(said)
}

// judgeAnswer holds an answer to what the document says of its path.
func (j *judge) judgeAnswer(r *http.Request, status int, body []byte) error {
	for path, verbs := range j.document.Paths {
		operation := verbs[spec.HTTPVerb(strings.ToLower(r.Method))]
		if operation == nil || !matches(string(path), r.URL.Path) {
			continue
		}
		answers, ok := operation.Responses["200"]
		if status != http.StatusOK || !ok {
			answers = operation.Responses["default"]
		}
		return j.validate(answers.Content["application/json"].Schema, body)
	}
	return nil // an unknown address: stripe-mock has said so
}

// validateObject holds an object to the schema of its name: "event", "payment_intent".
func (j *judge) validateObject(name string, body []byte) error {
	return j.validate(j.document.Components.Schemas[name], body)
}

func (j *judge) validate(schema *spec.Schema, body []byte) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	validator := j.validators[schema]
	if validator == nil {
		made, err := spec.GetValidatorForOpenAPI3Schema(schema, j.components)
		if err != nil {
			return err
		}
		validator = made.Validate
		j.validators[schema] = validator
	}
	var value any
	if err := json.Unmarshal(body, &value); err != nil {
		return err
	}
	return validator(value)
}

// matches tells whether a path is one of a pattern with names in braces.
func matches(pattern, path string) bool {
	want, got := strings.Split(pattern, "/"), strings.Split(path, "/")
	if len(want) != len(got) {
		return false
	}
	for i := range want {
		if want[i] != got[i] && !strings.HasPrefix(want[i], "{") {
			return false
		}
	}
	return true
}

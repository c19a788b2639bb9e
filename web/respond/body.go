package respond

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"reflect"
	"strings"
	"time"
)

const (
	// MaxBody is the largest body that any door takes.
	MaxBody = 256 << 10
	// bodyTime is how long a caller may take to send it.
	bodyTime = 10 * time.Second
)

// ReadBody reads the whole body of a request: a 413 problem when it is larger than MaxBody.
func ReadBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	tooLarge := NewProblem(http.StatusRequestEntityTooLarge, "body_too_large", fmt.Sprintf("A body has at most %d bytes.", MaxBody))
	if r.ContentLength > MaxBody {
		return nil, tooLarge
	}
	defer readWithin(http.NewResponseController(w), bodyTime)()
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBody))
	var over *http.MaxBytesError
	switch {
	case errors.As(err, &over):
		return nil, tooLarge
	case err != nil:
		return nil, NewProblem(http.StatusBadRequest, "body_incomplete", "The body ended before it was whole.")
	}
	return body, nil
}

// File is the body of an upload, as a stream. A sender who falls silent is let go. What bounds its size is
// whoever reads it.
func File(w http.ResponseWriter, r *http.Request) io.Reader {
	return &slowly{http.NewResponseController(w), r.Body}
}

type slowly struct {
	control *http.ResponseController
	in      io.Reader
}

func (s *slowly) Read(p []byte) (int, error) {
	defer readWithin(s.control, bodyTime)()
	n, err := s.in.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = NewProblem(http.StatusBadRequest, "body_incomplete", "The body ended before it was whole.")
	}
	return n, err
}

// Strict is a JSON body that was read and found to fit a Go type: json.Unmarshal of Text into that
// type succeeds and says the same to every reader.
type Strict struct {
	Text []byte
	// Digest is the same for bodies that differ in white space and the order of keys only.
	Digest [sha256.Size]byte
}

// StrictBody reads a JSON body that is meant for a Go type, a struct. An empty body is let through as
// "{}" when optional is set, whatever its content type.
//
// The errors are problems: 413 and 415; 400 for what is not JSON, or is JSON that two parsers could
// understand in two ways, or has fields that nobody asked for; 422 for values of the wrong type. All
// faults of a kind are told at once, by their pointers.
func StrictBody(w http.ResponseWriter, r *http.Request, shape reflect.Type, optional bool) (Strict, error) {
	body, err := ReadBody(w, r)
	if err != nil {
		return Strict{}, err
	}
	if len(bytes.TrimSpace(body)) == 0 && optional {
		body = []byte("{}")
	} else if !isJSON(r.Header) {
		return Strict{}, NewProblem(http.StatusUnsupportedMediaType, "unsupported_media_type", "Send the body as application/json, in UTF-8 and not compressed.")
	}
	return ParseStrict(body, shape)
}

func isJSON(h http.Header) bool {
	kind, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	charset := params["charset"]
	return err == nil && kind == "application/json" && len(h.Values("Content-Type")) == 1 &&
		(charset == "" || strings.EqualFold(charset, "utf-8")) && h.Get("Content-Encoding") == ""
}

// ParseStrict is StrictBody for a text that was read.
func ParseStrict(text []byte, shape reflect.Type) (Strict, error) {
	tree, err := scanJSON(text)
	if err != nil {
		return Strict{}, err
	}
	fit := &fitting{}
	fit.value("", tree, shape)
	switch {
	case len(fit.unknown) > 0:
		return Strict{}, NewProblem(http.StatusBadRequest, commonCode(fit.unknown), "The body has fields that do not belong there.", fit.unknown...)
	case len(fit.wrong) > 0:
		return Strict{}, NewProblem(http.StatusUnprocessableEntity, "invalid_values", "Some values cannot be. Each is listed with its reason.", fit.wrong...)
	}
	canonical, err := json.Marshal(tree) // maps are written in the order of their keys
	if err != nil {
		return Strict{}, fmt.Errorf("write a body in canonical form: %w", err)
	}
	return Strict{Text: text, Digest: sha256.Sum256(canonical)}, nil
}

// commonCode gives the problem the code of its faults, where they agree.
func commonCode(faults []Fault) string {
	for _, f := range faults {
		if f.Code != faults[0].Code {
			return "invalid_body"
		}
	}
	return faults[0].Code
}

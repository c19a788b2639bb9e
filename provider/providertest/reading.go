package providertest

import (
	"bytes"
	"strings"
	"testing"
)

// Reading checks that read takes genuine and refuses everything else: cut, doubled, oversize and
// nested bodies, and each of spoiled, which the adapter's test makes from genuine by what is wrong
// with it. must names what has to be among spoiled.
func Reading(t *testing.T, read func([]byte) error, genuine []byte, spoiled map[string][]byte, must ...string) {
	t.Helper()
	if err := read(genuine); err != nil {
		t.Fatalf("a genuine body: %v", err)
	}
	for _, name := range must {
		if len(spoiled[name]) == 0 {
			t.Errorf("the adapter's test gives no body with %s", name)
		}
	}
	bodies := map[string][]byte{
		"nothing in it":       nil,
		"blanks only":         []byte(" \n"),
		"garbage":             []byte("\x00\xff\xfe{"),
		"null":                []byte("null"),
		"an empty object":     []byte("{}"),
		"an array":            append(append([]byte("["), genuine...), ']'),
		"itself twice":        append(bytes.Clone(genuine), genuine...),
		"text after its end":  append(bytes.Clone(genuine), "x"...),
		"a megabyte":          append(bytes.Repeat([]byte(" "), 1<<20), genuine...),
		"10,000 open braces":  bytes.Repeat([]byte("["), 10000),
		"10,000 open objects": []byte(strings.Repeat(`{"a":`, 10000)),
	}
	for name, body := range spoiled {
		bodies[name] = body
	}
	for name, body := range bodies {
		refuses(t, read, name, body)
	}
	for i := range len(bytes.TrimSpace(genuine)) {
		refuses(t, read, "its end cut off", genuine[:i])
	}
}

func refuses(t *testing.T, read func([]byte) error, name string, body []byte) {
	t.Helper()
	before := bytes.Clone(body)
	err := read(body)
	if err == nil {
		t.Errorf("a body with %s was read: %.200q", name, body)
		return
	}
	// Errors are logged; a body may hold anything.
	if text := err.Error(); len(text) > 200 || strings.ContainsAny(text, "\x00\n\r") {
		t.Errorf("the error for a body with %s repeats it: %.300q", name, text)
	}
	if !bytes.Equal(before, body) {
		t.Errorf("reading a body with %s changed it", name)
	}
}

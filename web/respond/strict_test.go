package respond

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"
)

// form has a field of every kind that a body can have.
type form struct {
	Text   string            `json:"text"`
	Number *int64            `json:"number,omitempty"`
	Yes    bool              `json:"yes"`
	At     time.Time         `json:"at"`
	List   []string          `json:"list"`
	Map    map[string]string `json:"map"`
	Inner  *form             `json:"inner"`
	Hidden string            // without a tag, no key of a body
	Never  string            `json:"-"`
}

// Bodies that differ for people but not for programs are one request; all others are two.
func TestDigestIsOfTheMeaning(t *testing.T) {
	digest := func(text string) [32]byte {
		s, err := ParseStrict([]byte(text), reflect.TypeFor[form]())
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		return s.Digest
	}
	base := digest(`{"text":"a","list":["x","y"],"number":1}`)
	for text, same := range map[string]bool{
		" {\n\"number\": 1, \"list\": [\"x\", \"y\"],\t\"text\": \"\\u0061\"} ": true,
		`{"text":"a","list":["y","x"],"number":1}`:                              false,
		`{"text":"a","list":["x","y"],"number":2}`:                              false,
		`{"text":"a","list":["x","y"],"number":1,"yes":null}`:                   false,
		`{"text":"a","list":["x","y"]}`:                                         false,
	} {
		if got := digest(text) == base; got != same {
			t.Errorf("%s: the same %t", text, got)
		}
	}
}

// A pointer must lead to the field, whatever its name; a name without end must not fill the answer.
func TestPointersFollowRFC6901(t *testing.T) {
	for text, want := range map[string]string{
		`{"inner":{"map":{"a/b~c":1}}}`:                 "/inner/map/a~1b~0c",
		`{"list":["x",2]}`:                              "/list/1",
		`{"` + strings.Repeat("k", 200) + `":1}`:        "",
		`{"inner":{"inner":{"at":"now"}}}`:              "/inner/inner/at",
		`{"Hidden":""}`:                                 "/Hidden",
		`{"Never":""}`:                                  "/Never",
		`{"inner":{"text":"a"},"map":{"K":"","k":""}} `: "/map/k",
	} {
		_, err := ParseStrict([]byte(text), reflect.TypeFor[form]())
		var p *Problem
		if !errors.As(err, &p) || len(p.Errors) != 1 || p.Errors[0].Pointer != want {
			t.Errorf("%.60s: %+v", text, p)
		}
	}
}

// A body of a hundred thousand mistakes is answered with a list that somebody can read.
func TestFaultsAreBounded(t *testing.T) {
	_, err := ParseStrict([]byte(`{"list":[`+strings.Repeat("1,", 100_000)+`1]}`), reflect.TypeFor[form]())
	var p *Problem
	if !errors.As(err, &p) || len(p.Errors) != maxFaults {
		t.Errorf("%v with %d faults", err, len(p.Errors))
	}
}

// Anybody can send anything. Whatever the strict reader accepts, the decoder behind it must accept
// too, and in no other sense; nothing may make it panic.
func FuzzParseStrict(f *testing.F) {
	for _, seed := range []string{
		`{}`, `{"text":"a","number":-1,"yes":true,"at":"2026-11-22T12:00:00Z","list":["x"],"map":{"k":"v"},"inner":{"text":null}}`,
		`{"text":"a","text":"b"}`, `{"Text":"a"}`, `{"number":1e3}`, `{"number":9223372036854775808}`, `{"text":"\u0000"}`, `[[[[`, "\xff", `{"at":"2026-13-01T00:00:00Z"}`, `{"at":"2026-11-22T12:00:00,5Z"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := ParseStrict(text, reflect.TypeFor[form]())
		if err != nil {
			var p *Problem
			if !errors.As(err, &p) || p.Status < 400 || p.Status > 422 {
				t.Fatalf("%v", err)
			}
			return
		}
		var got form
		if err := json.Unmarshal(s.Text, &got); err != nil {
			t.Fatalf("accepted, but cannot be decoded: %v", err)
		}
	})
}

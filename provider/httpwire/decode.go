package httpwire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"paylink/provider"
)

// MaxBody is the largest body that is read, in bytes: what our door takes, many times what most providers send.
const MaxBody = 256 << 10

const maxDepth = 16 // Meta nests eleven deep

var errNotJSON = errors.New("the body is not the JSON that the provider sends")

// Decode reads exactly one JSON object, or list, into v. encoding/json alone would let a stranger say two things at
// once: of two equal keys it takes the last, and "Amount" counts as "amount". A body with such keys is
// refused, and so is one that is too large, too deep or not UTF-8. Keys that v does not know pass, because
// providers add to what they say. Errors repeat nothing of the body.
func Decode(body []byte, v any) error {
	if len(body) > MaxBody || !utf8.Valid(body) {
		return fmt.Errorf("the body is not UTF-8 or larger than %d bytes", MaxBody)
	}
	if start := bytes.TrimLeft(body, " \t\r\n"); len(start) == 0 || start[0] != '{' && start[0] != '[' {
		return errNotJSON
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if err := scan(d, 0); err != nil {
		return err
	}
	d = json.NewDecoder(bytes.NewReader(body))
	d.UseNumber() // where v is any: a number of twenty digits is not a float
	if err := d.Decode(v); err != nil {
		return errNotJSON
	}
	if _, err := d.Token(); err != io.EOF {
		return errNotJSON
	}
	return nil
}

// scan walks over one value and looks at every key of every object in it.
func scan(d *json.Decoder, depth int) error {
	token, err := d.Token()
	if err != nil {
		return errNotJSON
	}
	opening, nested := token.(json.Delim)
	if !nested {
		return nil
	}
	if depth == maxDepth {
		return fmt.Errorf("the body is nested deeper than %d", maxDepth)
	}
	seen := map[string]bool{}
	for d.More() {
		if opening == '{' {
			key, err := d.Token()
			word, _ := key.(string)
			word = strings.Map(fold, word)
			if err != nil || seen[word] {
				return errors.New("the body has a key twice, or is not JSON")
			}
			seen[word] = true
		}
		if err := scan(d, depth+1); err != nil {
			return err
		}
	}
	if _, err = d.Token(); err != nil {
		return errNotJSON
	}
	return nil
}

// fold gives the same rune for all that encoding/json takes for one letter: "K", "k" and the Kelvin sign.
func fold(r rune) rune {
	least := r
	for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
		least = min(least, next)
	}
	return least
}

// Word is a value that a provider writes now as a text and now as a number; null is none.
type Word string

// UnmarshalJSON takes a text or a number, and null for none.
func (w *Word) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		return json.Unmarshal(b, (*string)(w))
	}
	var number json.Number
	if err := json.Unmarshal(b, &number); err != nil {
		return errNotJSON
	}
	*w = Word(number)
	return nil
}

// Form reads a posted form in which every field stands once; two that differ only in their capitals count
// as the same.
func Form(p provider.Post) (url.Values, error) {
	if len(p.Body) > MaxBody || p.ContentType() != "application/x-www-form-urlencoded" {
		return nil, fmt.Errorf("the body is not a form or larger than %d bytes", MaxBody)
	}
	form, err := url.ParseQuery(string(p.Body))
	if err != nil {
		return nil, errors.New("the body is not a form")
	}
	seen := map[string]bool{}
	for name, values := range form {
		word := strings.ToLower(name)
		if seen[word] || len(values) != 1 || !utf8.ValidString(name) || !utf8.ValidString(values[0]) {
			return nil, errors.New("the form has a field twice, or is not UTF-8")
		}
		seen[word] = true
	}
	return form, nil
}

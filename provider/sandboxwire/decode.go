package sandboxwire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

const (
	// MaxBody is the largest body that is read, in bytes: what outbound reads of an answer, and
	// many times what any notice needs.
	MaxBody  = 64 << 10
	maxDepth = 8 // the wire nests four deep
)

// Decode reads exactly one JSON object into v. encoding/json alone would let a stranger say two
// things at once: of duplicate keys it takes the last, "Amount" counts as "amount", and broken UTF-8
// turns into something else. All of these are refused, and so is a body that is too large or nested
// too deep. Keys that v does not know pass, so that the sandbox may learn to say more.
func Decode(body []byte, v any) error {
	switch {
	case len(body) > MaxBody:
		return fmt.Errorf("the body is larger than %d bytes", MaxBody)
	case !utf8.Valid(body):
		return errors.New("the body is not UTF-8")
	case !bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n"), []byte("{")):
		return errors.New("the body is not a JSON object")
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if err := scan(d, 0); err != nil {
		return err
	}
	if err := json.Unmarshal(body, v); err != nil {
		return bare(err)
	}
	return nil
}

// scan walks over one value and looks at every key of every object in it.
func scan(d *json.Decoder, depth int) error {
	token, err := d.Token()
	if err != nil {
		return bare(err)
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
			if err := scanKey(d, seen); err != nil {
				return err
			}
		}
		if err := scan(d, depth+1); err != nil {
			return err
		}
	}
	if _, err = d.Token(); err != nil {
		return bare(err)
	}
	return nil
}

// scanKey reads one key and refuses it when it came before or is not spelt as the wire's keys are.
func scanKey(d *json.Decoder, seen map[string]bool) error {
	token, err := d.Token()
	if err != nil {
		return bare(err)
	}
	key, isText := token.(string)
	switch {
	case !isText || key == "" || len(key) > 64 || strings.Trim(key, "abcdefghijklmnopqrstuvwxyz0123456789_") != "":
		return errors.New("a key is not lower case")
	case seen[key]:
		return fmt.Errorf("the key %s comes twice", key)
	}
	seen[key] = true
	return nil
}

// bare says what is wrong with a body without repeating any of it, since our errors are logged.
func bare(err error) error {
	var kind *json.UnmarshalTypeError
	if errors.As(err, &kind) {
		return fmt.Errorf("%s has the wrong type", kind.Field)
	}
	return errors.New("the body is not JSON of the expected form")
}

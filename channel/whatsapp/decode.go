package whatsapp

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

const (
	maxBody  = 256 << 10 // bytes of what Meta posts: what the door takes, many times what a hundred statuses need
	maxDepth = 16        // a status nests ten deep
)

// decode reads exactly one JSON object into v. encoding/json alone would let two things be said at once:
// of a key that comes twice it takes the last, and "Status" counts as "status". Keys that v does not know
// pass, because Meta learns to say more.
func decode(body []byte, v any) error {
	switch {
	case len(body) > maxBody:
		return fmt.Errorf("the body is larger than %d bytes", maxBody)
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
	if json.Unmarshal(body, v) != nil { // its error may repeat what the body says
		return errors.New("the body is not JSON of the expected form")
	}
	return nil
}

var errNotJSON = errors.New("the body is not JSON")

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
			if err := scanKey(d, seen); err != nil {
				return err
			}
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

// scanKey reads one key and refuses it when it came before, in whatever case.
func scanKey(d *json.Decoder, seen map[string]bool) error {
	token, err := d.Token()
	key, isText := token.(string)
	if err != nil || !isText {
		return errNotJSON
	}
	// Outside ASCII there are letters that fold into others, and no key of Meta's.
	if strings.ContainsFunc(key, func(r rune) bool { return r >= utf8.RuneSelf }) {
		return errors.New("a key is not ASCII")
	}
	key = strings.ToLower(key)
	if seen[key] {
		return errors.New("a key comes twice")
	}
	seen[key] = true
	return nil
}

package generic

import (
	"encoding/json"
	"errors"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var place = regexp.MustCompile(`\{\{([^{}]*)\}\}`)

// fill puts values at the places of a text, each escaped for where it stands. What a value holds is never
// looked at for places.
func fill(text string, values map[string]string, escape func(string) (string, error)) (string, error) {
	var wrong error
	filled := place.ReplaceAllStringFunc(text, func(found string) string {
		value, known := values[found[2:len(found)-2]]
		escaped, err := escape(value)
		if !known {
			err = errors.New("there is a place whose name is not known")
		}
		if err != nil {
			wrong = err
		}
		return escaped
	})
	return filled, wrong
}

// inJSON escapes for the inside of a JSON string.
func inJSON(value string) (string, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return "", errors.New("a value cannot stand in JSON")
	}
	return string(text[1 : len(text)-1]), nil
}

// inForm escapes for a form and for an address.
func inForm(value string) (string, error) { return url.QueryEscape(value), nil }

// inHeader takes what a header can hold.
func inHeader(value string) (string, error) {
	if strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r >= 0x7f }) {
		return "", errors.New("a value cannot stand in a header")
	}
	return value, nil
}

// A line of a list: what stands before and after the sign, without blanks around.
type line struct{ left, right string }

// lines reads a list of several lines; one without the sign has nothing on its right.
func lines(text, sign string) (all []line) {
	for one := range strings.Lines(text) {
		left, right, _ := strings.Cut(one, sign)
		if strings.TrimSpace(one) != "" {
			all = append(all, line{strings.TrimSpace(left), strings.TrimSpace(right)})
		}
	}
	return all
}

// textLines reads a list of texts and what each means. No text at all means nothing.
func textLines(text string) []line {
	return slices.DeleteFunc(lines(text, "="), func(l line) bool { return l.left == "" })
}

// at finds a text, number or boolean by a JSON pointer (RFC 6901).
func at(value any, pointer string) (string, bool) {
	if !strings.HasPrefix(pointer, "/") {
		return "", false
	}
	for _, step := range strings.Split(pointer[1:], "/") {
		step = strings.ReplaceAll(strings.ReplaceAll(step, "~1", "/"), "~0", "~")
		switch v := value.(type) {
		case map[string]any:
			value = v[step]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(v) {
				return "", false
			}
			value = v[i]
		default:
			return "", false
		}
	}
	switch v := value.(type) {
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	case bool:
		return strconv.FormatBool(v), true
	}
	return "", false
}

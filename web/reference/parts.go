package reference

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
)

// short is a method's name for a narrow list.
func short(method string) string {
	if method == "DELETE" {
		return "DEL"
	}
	return method
}

// limits says in words how far a value may go.
func limits(s schema) []string {
	var out []string
	say := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	if len(s.Enum) > 0 {
		var values []string
		for _, v := range s.Enum {
			if v != nil && v != "" {
				values = append(values, fmt.Sprint(v))
			}
		}
		if len(values) == 1 {
			say("always %s", values[0])
		} else {
			say("one of %s", strings.Join(values, ", "))
		}
	}
	switch {
	case s.Minimum != nil && s.Maximum != nil:
		say("%s to %s", grouped(*s.Minimum), grouped(*s.Maximum))
	case s.Minimum != nil:
		say("at least %s", grouped(*s.Minimum))
	case s.Maximum != nil:
		say("at most %s", grouped(*s.Maximum))
	}
	switch {
	case s.MinLength != nil && s.MaxLength != nil && *s.MinLength == *s.MaxLength:
		say("%d characters", *s.MaxLength)
	case s.MinLength != nil && s.MaxLength != nil:
		say("%d to %d characters", *s.MinLength, *s.MaxLength)
	case s.MaxLength != nil:
		say("at most %d characters", *s.MaxLength)
	}
	if s.MinItems != nil {
		say("at least %d", *s.MinItems)
	}
	if s.MaxItems != nil {
		say("at most %d", *s.MaxItems)
	}
	if s.MaxProperties != nil {
		say("at most %d keys", *s.MaxProperties)
	}
	if tag := idPattern.FindStringSubmatch(s.Pattern); tag != nil {
		say("%s_ and 26 letters and digits", tag[1])
	} else if s.Pattern != "" && len(s.Enum) == 0 {
		say("pattern %s", s.Pattern)
	}
	if s.Default != nil {
		say("%v when absent", s.Default)
	}
	return out
}

// idPattern knows the pattern of an id.
var idPattern = regexp.MustCompile(`^\^([a-z]+)_\[[^]]*\]\{26\}\$$`)

// grouped writes a whole number with a comma at each thousand.
func grouped(n json.Number) string {
	digits := n.String()
	sign := ""
	if rest, negative := strings.CutPrefix(digits, "-"); negative {
		sign, digits = "-", rest
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}

// indented writes JSON for people: an object on several lines, a list of plain values on one.
func indented(b json.RawMessage) string {
	if len(b) == 0 {
		return ""
	}
	var out bytes.Buffer
	if json.Indent(&out, b, "", "  ") != nil {
		return string(b)
	}
	return plainList.ReplaceAllStringFunc(out.String(), func(list string) string {
		return "[" + strings.Join(strings.Fields(strings.Trim(list, "[] \n")), " ") + "]"
	})
}

// plainList is a list of words or numbers without blanks in them.
var plainList = regexp.MustCompile(`\[\n(\s+("[^"\s]*"|[0-9.]+),?\n)+\s*\]`)

package api

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"paylink"
	"paylink/web/respond"
)

// screen holds the URL against the operation's parameters: an unknown or repeated one is a mistake of
// form (400), a value that cannot be is told with the others (422). An id that could not be one of
// ours is not found.
func screen(r *http.Request, op *huma.Operation) (url.Values, error) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, respond.NewProblem(http.StatusBadRequest, "bad_query", "The query of the URL cannot be read.")
	}
	known := map[string]*huma.Param{}
	for _, p := range op.Parameters {
		switch p.In {
		case "query":
			known[p.Name] = p
		case "path":
			if value := r.PathValue(p.Name); !readable(value) {
				return nil, &paylink.NotFound{}
			}
		}
	}
	var form []respond.Fault
	values := &paylink.Invalid{}
	for _, name := range sortedNames(query) {
		p := known[name]
		switch {
		case p == nil && readable(name) && len(name) <= 64:
			form = append(form, respond.Fault{Pointer: "/" + name, Code: "unknown_parameter", Detail: "There is no such parameter."})
		case p == nil:
			form = append(form, respond.Fault{Pointer: "", Code: "unknown_parameter", Detail: "There is no such parameter."})
		case len(query[name]) > 1:
			form = append(form, respond.Fault{Pointer: "/" + name, Code: "repeated_parameter", Detail: "This parameter comes once."})
		default:
			judge(values, "/"+name, query.Get(name), p.Schema)
		}
	}
	if len(form) > 0 {
		return nil, respond.NewProblem(http.StatusBadRequest, form[0].Code, "The query of the URL has parameters that do not belong there.", form...)
	}
	return query, values.OrNil()
}

// judge holds one value against its schema.
func judge(wrong *paylink.Invalid, at, value string, s *huma.Schema) {
	switch {
	case !readable(value):
		wrong.Add(at, "too_long", "This has at most 500 characters of UTF-8, and no NUL.")
	case s.Type == huma.TypeInteger:
		n, err := strconv.ParseInt(value, 10, 64)
		switch {
		case err != nil:
			wrong.Add(at, "wrong_type", "This is a whole number.")
		case s.Minimum != nil && float64(n) < *s.Minimum:
			wrong.Add(at, "too_small", "This number is too small.")
		case s.Maximum != nil && float64(n) > *s.Maximum:
			wrong.Add(at, "too_large", "This number is too large.")
		}
	case s.Type == huma.TypeArray: // written with commas; told once, however many are wrong
		for one := range strings.SplitSeq(value, ",") {
			if judge(wrong, at, one, s.Items); len(wrong.Fields) > 0 && wrong.Fields[len(wrong.Fields)-1].Pointer == at {
				return
			}
		}
	case s.Format == "date-time":
		if err := new(time.Time).UnmarshalText([]byte(value)); err != nil {
			wrong.Add(at, "bad_time", "This is a time by RFC 3339, such as 2026-12-01T00:00:00Z.")
		}
	case len(s.Enum) > 0 && !slices.Contains(s.Enum, any(value)):
		wrong.Add(at, "unknown_value", "This is one of the values that the documentation lists.")
	}
}

func sortedNames(q url.Values) []string {
	var names []string
	for name := range q {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// newBody gives a body back to the request after it was read.
func newBody(text []byte) io.ReadCloser { return io.NopCloser(bytes.NewReader(text)) }

package respond

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Shaped is a Go type whose JSON has the form of another type, such as one that tells null from
// absent.
type Shaped interface{ JSONShape() reflect.Type }

var (
	shapedType = reflect.TypeFor[Shaped]()
	timeType   = reflect.TypeFor[time.Time]()
)

// fitting holds a JSON tree against a Go type.
type fitting struct {
	unknown []Fault // fields that the type does not have
	wrong   []Fault // values that are not of the field's type
}

func (f *fitting) misfit(at, code, detail string) {
	if len(f.wrong) < maxFaults {
		f.wrong = append(f.wrong, Fault{Pointer: at, Code: code, Detail: detail})
	}
}

// value checks one value. Null is as good as absent where a field stands, and judged by whoever asks
// for the field; inside lists and maps it is a wrong type.
func (f *fitting) value(at string, v any, t reflect.Type) {
	if t.Implements(shapedType) {
		t = reflect.Zero(t).Interface().(Shaped).JSONShape()
	}
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case t == timeType:
		f.moment(at, v)
	case t.Kind() == reflect.Struct:
		f.object(at, v, t)
	case t.Kind() == reflect.Map:
		if m, ok := v.(map[string]any); ok {
			for _, key := range sortedKeys(m) {
				f.value(pointer(at, key), m[key], t.Elem())
			}
			return
		}
		f.misfit(at, "wrong_type", "This is an object.")
	case t.Kind() == reflect.Slice:
		if list, ok := v.([]any); ok {
			for i, item := range list {
				f.value(fmt.Sprintf("%s/%d", at, i), item, t.Elem())
			}
			return
		}
		f.misfit(at, "wrong_type", "This is a list.")
	default:
		f.scalar(at, v, t)
	}
}

func (f *fitting) object(at string, v any, t reflect.Type) {
	m, ok := v.(map[string]any)
	if !ok {
		f.misfit(at, "wrong_type", "This is an object.")
		return
	}
	fields := fieldsOf(t)
	for _, key := range sortedKeys(m) {
		field, known := fields.exact[key]
		switch {
		case !known:
			if len(f.unknown) < maxFaults {
				f.unknown = append(f.unknown, fields.stranger(at, key))
			}
		case m[key] != nil:
			f.value(pointer(at, key), m[key], field)
		}
	}
}

func (f *fitting) scalar(at string, v any, t reflect.Type) {
	switch t.Kind() {
	case reflect.String:
		if _, ok := v.(string); !ok {
			f.misfit(at, "wrong_type", "This is a text.")
		}
	case reflect.Bool:
		if _, ok := v.(bool); !ok {
			f.misfit(at, "wrong_type", "This is true or false.")
		}
	case reflect.Int64:
		f.integer(at, v)
	default:
		panic("web/respond: no JSON body has a field of type " + t.String())
	}
}

// integer takes whole numbers written as such: "1.0" and "1e3" are refused with the floats, because a
// client that writes them computes with floats.
func (f *fitting) integer(at string, v any) {
	number, ok := v.(json.Number)
	if !ok || strings.ContainsAny(number.String(), ".eE") {
		f.misfit(at, "wrong_type", "This is a whole number, without quotes, point or exponent.")
		return
	}
	if _, err := strconv.ParseInt(number.String(), 10, 64); err == nil {
		return
	}
	if strings.HasPrefix(number.String(), "-") {
		f.misfit(at, "too_small", "This number is too small.")
		return
	}
	f.misfit(at, "too_large", "This number is too large.")
}

func (f *fitting) moment(at string, v any) {
	text, ok := v.(string)
	if !ok {
		f.misfit(at, "wrong_type", "This is a time as a text, such as 2026-12-01T00:00:00Z.")
		return
	}
	if err := new(time.Time).UnmarshalText([]byte(text)); err != nil {
		f.misfit(at, "bad_time", "This is not a time by RFC 3339, such as 2026-12-01T00:00:00Z.")
	}
}

// structFields are the JSON keys of a struct.
type structFields struct {
	exact  map[string]reflect.Type
	folded map[string]bool
}

var structs sync.Map // reflect.Type → structFields; the types are those of the API's bodies

func fieldsOf(t reflect.Type) structFields {
	if known, ok := structs.Load(t); ok {
		return known.(structFields)
	}
	fields := structFields{map[string]reflect.Type{}, map[string]bool{}}
	for _, field := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name != "" && name != "-" {
			fields.exact[name] = field.Type
			fields.folded[fold(name)] = true
		}
	}
	structs.Store(t, fields)
	return fields
}

func (s structFields) stranger(at, key string) Fault {
	if s.folded[fold(key)] {
		return Fault{Pointer: pointer(at, key), Code: "case_variant_key", Detail: "Keys are told apart by case; write this one as the documentation does."}
	}
	return Fault{Pointer: pointer(at, key), Code: "unknown_field", Detail: "There is no such field here."}
}

func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

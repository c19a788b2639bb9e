package dashboard

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"paylink"
)

// indiaForm is what was typed about who a merchant is to India's operators.
type indiaForm struct{ Entity, Headers, Domains, Seen string }

// textForm is what was typed about one registered text.
type textForm struct {
	Was      string // the id of the one that is changed; empty: a new one
	ID       string
	Header   string
	Category string
	Text     string
	Types    string
	Seen     string
}

// dltSeen stands for the registration that a page showed. The registration itself, with a hundred texts, is
// larger than a form may be.
func dltSeen(d *paylink.DLT) string {
	text, err := json.Marshal(d)
	if err != nil {
		panic("registration: " + err.Error()) // plain structs always marshal
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

func indiaFormOf(d *paylink.DLT) indiaForm {
	f := indiaForm{Seen: dltSeen(d)}
	if d != nil {
		f.Entity, f.Headers, f.Domains = d.Entity, strings.Join(d.Headers, ", "), strings.Join(d.Domains, ", ")
	}
	return f
}

func readIndia(r *http.Request) indiaForm {
	get := func(name string) string { return strings.TrimSpace(r.PostForm.Get(name)) }
	return indiaForm{get("entity"), get("headers"), get("domains"), r.PostForm.Get("seen")}
}

// into gives the registration with what was typed; nil when all is empty and no text is left.
func (f indiaForm) into(d *paylink.DLT) *paylink.DLT {
	if f.Entity == "" && f.Headers == "" && f.Domains == "" && (d == nil || len(d.Templates) == 0) {
		return nil
	}
	typed := paylink.DLT{Entity: f.Entity, Headers: listed(f.Headers), Domains: listed(f.Domains)}
	for i, domain := range typed.Domains { // as it stands in a browser's line
		typed.Domains[i] = strings.TrimSuffix(strings.TrimPrefix(domain, "https://"), "/")
	}
	if d != nil {
		typed.Templates = d.Templates
	}
	return &typed
}

// listed reads what stands between commas, spaces or on lines of its own.
func listed(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return between(r) || r == '\n' || r == '\r' })
}

func textFormOf(d *paylink.DLT, id string) (textForm, bool) {
	f := textForm{Seen: dltSeen(d)}
	if id == "" {
		f.Header = d.Headers[0]
		return f, true
	}
	at := slices.IndexFunc(d.Templates, func(t paylink.DLTTemplate) bool { return t.ID == id })
	if at < 0 {
		return f, false
	}
	t := d.Templates[at]
	f.Was, f.ID, f.Header, f.Category, f.Text, f.Types = id, t.ID, t.Header, t.Category, t.Text, strings.Join(t.Types, ", ")
	return f, true
}

func readText(r *http.Request) textForm {
	get := func(name string) string { return strings.TrimSpace(r.PostForm.Get(name)) }
	return textForm{get("was"), get("template_id"), get("header"), get("category"), lines(get("text")), get("types"), r.PostForm.Get("seen")}
}

// into gives the registration with the text in it, and its place there.
func (f textForm) into(d paylink.DLT) (paylink.DLT, int) {
	t := paylink.DLTTemplate{ID: f.ID, Header: f.Header, Category: f.Category, Text: f.Text, Types: listed(strings.ToLower(f.Types))}
	d.Templates = slices.Clone(d.Templates)
	at := slices.IndexFunc(d.Templates, func(t paylink.DLTTemplate) bool { return t.ID == f.Was && f.Was != "" })
	if at < 0 {
		at = len(d.Templates)
		d.Templates = append(d.Templates, t)
	} else {
		d.Templates[at] = t
	}
	return d, at
}

// indiaOrder is the order of the form's fields, textOrder that of a text's.
var (
	indiaOrder = []string{"", "entity", "headers", "domains"}
	textOrder  = []string{"", "template_id", "header", "category", "text", "types"}
)

// indiaProblem is the form's field of a pointer. A text that is wrong now was right before: its header was
// taken away.
func indiaProblem(d *paylink.DLT) func(paylink.Field) problem {
	return func(f paylink.Field) problem {
		name, rest, _ := strings.Cut(strings.TrimPrefix(f.Pointer, "/settings/dlt/"), "/")
		switch {
		case name == "entity_id":
			return problem{"entity", "Write the entity id: 8 to 25 digits."}
		case name == "headers" && rest == "":
			return problem{"headers", "Write at least one header, and at most 20."}
		case name == "headers", name == "domains":
			return problem{Field: name}
		case name == "templates" && d != nil:
			place, _, _ := strings.Cut(rest, "/")
			for i, t := range d.Templates {
				if fmt.Sprint(i) == place {
					return problem{"headers", "The text " + t.ID + " is registered under " + t.Header + ". Remove that text first."}
				}
			}
		}
		return problem{}
	}
}

func textProblem(at int) func(paylink.Field) problem {
	own := fmt.Sprintf("/settings/dlt/templates/%d/", at)
	return func(f paylink.Field) problem {
		name, ours := strings.CutPrefix(f.Pointer, own)
		name, _, _ = strings.Cut(name, "/")
		switch {
		case !ours:
			return problem{}
		case name == "variable_types" && f.Code == "unknown_value":
			return problem{"types", "A place holds one of: " + strings.Join(paylink.DLTTypes, ", ") + "."}
		case name == "variable_types":
			return problem{"types", "There are more types here than places {#var#} in the text."}
		}
		return problem{Field: name}
	}
}

// categoryOf is the category of a text, after its header: " · promotional".
func categoryOf(t paylink.DLTTemplate) string {
	words := map[string]string{"transactional": "transactional", "service_explicit": "service, explicit", paylink.DLTPromotional: "promotional"}
	if word := words[t.Category]; word != "" {
		return " · " + word
	}
	return " · service, implicit"
}

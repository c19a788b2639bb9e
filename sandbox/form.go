package sandbox

import (
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// form finds a form by its id and reads it as a browser would; nil when the page has none.
func (p *webPage) form(id string) *webForm {
	n := p.find("form", id)
	if n == nil {
		return nil
	}
	action, err := p.URL.Parse(attribute(n, "action"))
	if err != nil {
		return nil
	}
	f := &webForm{action: action, values: url.Values{}, fields: map[string][]string{}}
	for field := range n.Descendants() {
		f.add(field)
	}
	return f
}

// add reads one field. Buttons add nothing: which one is pressed is the caller's choice.
func (f *webForm) add(n *html.Node) {
	name := attribute(n, "name")
	if n.Type != html.ElementNode || name == "" || has(n, "disabled") {
		return
	}
	value := attribute(n, "value")
	switch n.Data {
	case "input":
		f.fields[name] = append(f.fields[name], value)
		switch attribute(n, "type") {
		case "submit", "button", "image", "reset":
		case "radio", "checkbox":
			if has(n, "checked") {
				f.values.Add(name, value)
			}
		default:
			f.values.Add(name, value)
		}
	case "select":
		first := true
		for option := range n.Descendants() {
			if option.Type != html.ElementNode || option.Data != "option" {
				continue
			}
			value := attribute(option, "value")
			f.fields[name] = append(f.fields[name], value)
			if first || has(option, "selected") {
				f.values.Set(name, value)
			}
			first = false
		}
	}
}

// fill types into a field; false when the form has no such field.
func (f *webForm) fill(name, value string) bool {
	if _, ok := f.fields[name]; ok {
		f.values.Set(name, value)
		return true
	}
	return false
}

// choose picks one of the values that a field offers; false when it offers it not.
func (f *webForm) choose(name, value string) bool {
	return slices.Contains(f.fields[name], value) && f.fill(name, value)
}

// answer fills in what the page asks besides the money. A question to which there is no answer gets the
// first choice, or a 1, which is a text and a number.
func (f *webForm) answer(given map[string]string) {
	for name, offered := range f.fields {
		key, asked := strings.CutPrefix(name, "answer_")
		if !asked {
			continue
		}
		value, said := given[key]
		switch {
		case said:
		case len(offered) > 1: // a list, whose first entry says nothing
			value = offered[1]
		default:
			value = "1"
		}
		f.values.Set(name, value)
	}
}

// href gives the address of the link with an id; nil when the page has none.
func (p *webPage) href(id string) *url.URL {
	n := p.find("a", id)
	if n == nil {
		return nil
	}
	u, err := p.URL.Parse(attribute(n, "href"))
	if err != nil {
		return nil
	}
	return u
}

// word reads an attribute of the page's body.
func (p *webPage) word(name string) string {
	if n := p.find("body", ""); n != nil {
		return attribute(n, name)
	}
	return ""
}

// find looks for an element by tag, and by id unless that is empty.
func (p *webPage) find(tag, id string) *html.Node {
	for n := range p.root.Descendants() {
		if n.Type == html.ElementNode && n.Data == tag && (id == "" || attribute(n, "id") == id) {
			return n
		}
	}
	return nil
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}

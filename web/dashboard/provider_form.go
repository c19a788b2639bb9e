package dashboard

import (
	"maps"
	"net/url"
	"slices"
	"strings"

	"paylink"
	"paylink/connect"
	"paylink/provider"
)

// accountForm is what somebody typed about an account. The value of a secret is never shown again, not even
// in a form that is refused.
type accountForm struct {
	Provider   connect.Provider
	Channel    string
	Name       string
	BaseURL    string
	Values     map[string]string
	SecretsSet []string
	Version    string
}

// fieldPrefix tells a provider's fields from the form's own.
const fieldPrefix = "f_"

// newAccountForm reads a form for one provider; without one it is empty.
func newAccountForm(p connect.Provider, form url.Values) accountForm {
	f := accountForm{
		Provider: p, Channel: form.Get("channel"), Name: form.Get("name"), BaseURL: form.Get("base_url"), Version: form.Get("version"), Values: map[string]string{},
	}
	for _, field := range p.Fields {
		f.Values[field.Name] = strings.ReplaceAll(form.Get(fieldPrefix+field.Name), "\r\n", "\n")
	}
	return f
}

// accountFormOf is the form of an account as it is.
func accountFormOf(p connect.Provider, a connect.Account) accountForm {
	return accountForm{
		Provider: p, Channel: string(a.Channel), Name: a.Name, BaseURL: a.BaseURL, Values: a.Fields, SecretsSet: a.Secrets, Version: a.Version,
	}
}

func (f accountForm) draft() connect.Draft {
	return connect.Draft{Provider: f.Provider.Name, Channel: paylink.Channel(f.Channel), Name: f.Name, BaseURL: f.BaseURL, Fields: f.Values}
}

// change is what the form says about an account that there is. A secret that was left empty stays.
func (f accountForm) change(seen accountForm) connect.Change {
	c := connect.Change{Name: &f.Name, BaseURL: &f.BaseURL, Fields: map[string]string{}, Version: f.Version}
	if len(f.Provider.Channels) > 1 {
		channel := paylink.Channel(f.Channel)
		c.Channel = &channel
	}
	for _, field := range f.Provider.Fields {
		if value := f.Values[field.Name]; !field.Secret || value != "" {
			c.Fields[field.Name] = value
		}
	}
	return c
}

// shown is the value of a field as the form may have it again.
func (f accountForm) shown(field provider.Field) string {
	if field.Secret {
		return ""
	}
	return f.Values[field.Name]
}

// help is what stands below a field.
func (f accountForm) help(field provider.Field) string {
	help := field.Help
	if field.Secret && f.set(field) {
		help = strings.TrimSpace("It is set, and not shown again. Leave this empty to keep it. " + help)
	}
	return help
}

func (f accountForm) set(field provider.Field) bool {
	for _, name := range f.SecretsSet {
		if name == field.Name {
			return true
		}
	}
	return false
}

// title is a field's label; what need not be filled says so.
func (f accountForm) title(field provider.Field) string {
	if field.Required {
		return field.Label
	}
	return field.Label + " (optional)"
}

// options are a field's only values.
func (f accountForm) options(field provider.Field) []choice {
	all := []choice{{"", "As usual", f.Values[field.Name] == ""}}
	if field.Required {
		all[0].Word = "Choose"
	}
	for _, o := range field.Options {
		all = append(all, choice{o, o, f.Values[field.Name] == o})
	}
	return all
}

// address is an example of a server's address, where the provider speaks no HTTP: the last scheme is the
// one that encrypts.
func (f accountForm) address() string {
	schemes := slices.Sorted(maps.Keys(f.Provider.Schemes))
	last := schemes[len(schemes)-1]
	return last + "://host.example.com:" + f.Provider.Schemes[last]
}

// order is the order of the form's fields.
func (f accountForm) order() []string {
	order := []string{"", "channel"}
	if len(f.Provider.Schemes) > 0 {
		order = append(order, "base_url")
	}
	for _, field := range f.Provider.Fields {
		order = append(order, fieldPrefix+field.Name)
	}
	return append(order, "name", "base_url")
}

// accountProblem is the form's field of a pointer.
func accountProblem(f paylink.Field) problem {
	at := strings.TrimPrefix(f.Pointer, "/")
	if name, ok := strings.CutPrefix(at, "fields/"); ok {
		at = fieldPrefix + name
	}
	return problem{Field: at}
}

package connect

import (
	"cmp"
	"errors"
	"maps"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"paylink"
	"paylink/outbound"
	"paylink/provider"
)

// Bounds of what a merchant says about an account.
const (
	MaxAccounts = 50 // in one mode
	MaxRank     = 1000
	maxName     = 100  // characters
	usualField  = 200  // characters, where the field does not say
	longField   = 1000 // characters; a field that may be longer holds a whole file, with its lines
)

// Most is how many characters a field's value may have.
func Most(f provider.Field) int {
	if f.Most == 0 {
		return usualField
	}
	return f.Most
}

// Long tells that a field holds a whole file, such as a private key, with its lines.
func Long(f provider.Field) bool { return Most(f) > longField }

// judgement gathers everything that is wrong with an account.
type judgement struct {
	x    *Accounts
	asks Provider
	bad  paylink.Invalid
}

// account judges an account with all its values, secrets among them.
func (j *judgement) account(a paylink.Account, values map[string]string) error {
	if !j.asks.fits(a.Channel) {
		j.bad.Add("/channel", "unknown_value", "The provider does not carry this channel.")
	}
	switch {
	case utf8.RuneCountInString(a.Name) > maxName:
		j.bad.Add("/name", "too_long", "A name has at most 100 characters.")
	case strings.ContainsFunc(a.Name, unicode.IsControl), paylink.AccountNameReserved(a.Name):
		j.bad.Add("/name", "bad_characters", "A name is one line, and does not begin with acct_.")
	}
	if a.Rank < 0 || a.Rank > MaxRank {
		j.bad.Add("/rank", "out_of_range", "A rank is from 0 to 1000.")
	}
	j.address(a.BaseURL)
	for _, f := range j.asks.Fields {
		j.value(f, values[f.Name])
	}
	return j.bad.OrNil()
}

// address judges a base URL: where the provider speaks HTTP, by the rules for calling out; else it is a server
// and its port, under one of the provider's schemes.
func (j *judgement) address(base string) {
	var err error
	switch schemes := slices.Sorted(maps.Keys(j.asks.Schemes)); {
	case len(schemes) == 0 && base != "":
		err = j.x.client.CheckURL(base)
	case len(schemes) == 0:
	case base == "":
		j.bad.Add("/base_url", "required", "Give the address of the server, such as "+schemes[0]+"://host:"+j.asks.Schemes[schemes[0]]+".")
	default:
		u, wrong := url.Parse(base)
		if wrong != nil || !slices.Contains(schemes, u.Scheme) || u.Host == "" || base != u.Scheme+"://"+u.Host {
			j.bad.Add("/base_url", "bad_url", "The address is "+schemes[0]+"://host:port, and nothing else.")
			return
		}
		err = j.x.client.CheckAddress(net.JoinHostPort(u.Hostname(), cmp.Or(u.Port(), j.asks.Schemes[u.Scheme])))
	}
	if err != nil {
		j.bad.Add("/base_url", "bad_url", rule(err))
	}
}

// names finds what the provider does not ask for.
func (j *judgement) names(given []string) {
	for _, name := range given {
		if !slices.ContainsFunc(j.asks.Fields, func(f provider.Field) bool { return f.Name == name }) {
			j.bad.Add(pointer(name), "unknown_field", j.asks.Title+" has no such field.")
		}
	}
}

func (j *judgement) value(f provider.Field, value string) {
	at := pointer(f.Name)
	switch {
	case value == "" && f.Required:
		j.bad.Add(at, "required", "Give the "+f.Label+".")
	case value == "":
	case utf8.RuneCountInString(value) > Most(f):
		j.bad.Add(at, "too_long", "The "+f.Label+" has at most "+strconv.Itoa(Most(f))+" characters.")
	case strings.ContainsFunc(value, func(c rune) bool { return unicode.IsControl(c) && !(Long(f) && strings.ContainsRune("\r\n\t", c)) }):
		j.bad.Add(at, "bad_characters", "The "+f.Label+" holds a character that does not print.")
	case len(f.Options) > 0 && !slices.Contains(f.Options, value):
		j.bad.Add(at, "unknown_value", "The "+f.Label+" is one of "+strings.Join(f.Options, ", ")+".")
	case f.Pattern != "" && !j.x.patterns[f.Pattern].MatchString(value):
		j.bad.Add(at, "bad_format", example("The "+f.Label+" does not look like one.", f))
	}
}

func example(sentence string, f provider.Field) string {
	if f.Example == "" || f.Secret {
		return sentence
	}
	return strings.TrimSuffix(sentence, ".") + ", such as " + f.Example + "."
}

// moved finds secrets that would go to another place than they were given for. Whoever may change an account
// may not learn its secrets by having them sent to himself, so that they must be given again.
func (j *judgement) moved(before, after paylink.Account, held, given map[string]string) {
	elsewhere := before.BaseURL != after.BaseURL
	for _, f := range j.asks.Fields {
		elsewhere = elsewhere || !f.Secret && leads(f.Name) && before.Fields[f.Name] != after.Fields[f.Name]
	}
	if !elsewhere {
		return
	}
	for _, f := range j.asks.Fields {
		if f.Secret && held[f.Name] != "" && given[f.Name] == "" {
			j.bad.Add(pointer(f.Name), "required_again", "The address has changed. Give the "+f.Label+" again, so that it goes nowhere that you do not mean.")
		}
	}
}

// leads tells whether a field says where an account's provider is. Adapters name such fields so.
func leads(name string) bool {
	return slices.Contains([]string{"url", "host", "port", "server", "endpoint", "token_url"}, name) || strings.HasSuffix(name, "_host")
}

// kept judges for how long replaced secrets are to be believed.
func (j *judgement) kept(previous *time.Duration) {
	if previous != nil && (*previous < 0 || *previous > MaxPrevious) {
		j.bad.Add("/previous_secrets_for", "out_of_range", "Replaced secrets are believed for at most seven days.")
	}
}

// pointer leads to a field in a request, as RFC 6901 writes it.
func pointer(name string) string {
	return "/fields/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}

// rule is why a URL may not be called, as a sentence.
func rule(err error) string {
	if !errors.Is(err, outbound.ErrDestination) {
		return "The URL cannot be used."
	}
	_, text, _ := strings.Cut(err.Error(), outbound.ErrDestination.Error()+": ")
	if text == "" {
		return "The URL cannot be used."
	}
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

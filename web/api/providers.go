package api

import (
	"context"
	"maps"
	"slices"

	"paylink"
	"paylink/connect"
	"paylink/gateway"
)

// providerView is what one provider can do and asks for.
type providerView struct {
	Name     string            `json:"name" doc:"as connect_account takes it" example:"twilio"`
	Object   string            `json:"object" enum:"provider"`
	Kind     string            `json:"kind" enum:"channel,gateway" doc:"channel: it carries messages; gateway: it takes payments"`
	Title    string            `json:"title" doc:"as people write it"`
	Channels []paylink.Channel `json:"channels" doc:"that it carries"`
	Reads    []paylink.Channel `json:"reads" doc:"of those, where it can know that a message was read"`
	Methods  []paylink.Method  `json:"methods" doc:"that it takes"`
	Moneys   []string          `json:"currencies" doc:"that it takes; empty: any, for a gateway"`
	Can      []gateway.Ability `json:"abilities" enum:"test,cancel,capture,void,refund,disputes,contest,settlements,form" doc:"what a gateway can do beside taking a payment"`
	Receipts bool              `json:"receipts" doc:"whether it tells what became of a message or payment"`
	Dedupes  bool              `json:"idempotent" doc:"whether it does once what it is asked twice"`
	Template bool              `json:"templates_only" doc:"whether it carries registered templates only"`
	Testable bool              `json:"testable" doc:"whether test_account can ask it"`
	Judge    *string           `json:"judged_by" doc:"who judged our adapter that is not ours; null: unverified"`
	Schemes  []string          `json:"schemes" doc:"of an account's base URL, where it speaks no HTTP: an account then needs one; empty: it speaks https"`
	Fields   []fieldView       `json:"fields" doc:"what an account with it needs, in the order in which it is asked for"`
}

// fieldView is one thing that an account needs.
type fieldView struct {
	Name     string   `json:"name" doc:"in the fields of an account"`
	Label    string   `json:"label" doc:"as the provider's own pages call it"`
	Help     string   `json:"help" doc:"where to find it; may be empty"`
	Example  string   `json:"example" doc:"may be empty"`
	Pattern  string   `json:"pattern" doc:"RE2, of the whole value; empty: any text"`
	Most     int      `json:"max_length" minimum:"1" doc:"characters"`
	Secret   bool     `json:"secret" doc:"sealed, and never shown again"`
	Required bool     `json:"required" doc:"whether an account without it can be connected"`
	Options  []string `json:"options" doc:"the only values; empty: any"`
}

func (a *API) listProviders(_ context.Context, c *call, in *Page) (*listAnswer[providerView], error) {
	after, err := in.position(c)
	if err != nil {
		return nil, err
	}
	name := func(v providerView) string { return v.Name }
	return answer(c, *in, behind(each(a.Accounts.Providers(), viewProvider), after, name), name), nil
}

func viewProvider(p connect.Provider) providerView {
	v := providerView{
		Name: p.Name, Object: "provider", Kind: string(p.Kind), Methods: append([]paylink.Method{}, p.Methods...), Moneys: []string{}, Can: append([]gateway.Ability{}, p.Abilities...), Title: p.Title, Channels: append([]paylink.Channel{}, p.Channels...), Reads: append([]paylink.Channel{}, p.Reads...), Receipts: !p.Silent, Dedupes: p.Idempotent,
		Template: p.Templates, Testable: p.Testable, Judge: textOrNil(p.Judge), Schemes: append([]string{}, slices.Sorted(maps.Keys(p.Schemes))...), Fields: []fieldView{},
	}
	for _, c := range p.Currencies {
		v.Moneys = append(v.Moneys, string(c))
	}
	for _, f := range p.Fields {
		v.Fields = append(v.Fields, fieldView{f.Name, f.Label, f.Help, f.Example, f.Pattern, connect.Most(f), f.Secret, f.Required, append([]string{}, f.Options...)})
	}
	return v
}

package connect

import (
	"cmp"
	"slices"
	"strings"

	"paylink"
	"paylink/channel"
	"paylink/gateway"
	"paylink/provider"
)

// Provider is what one provider can do and asks for, as data.
type Provider struct {
	Kind       paylink.AccountKind
	Name       string
	Title      string
	Fields     []provider.Field
	Schemes    map[string]string // of an account's base URL, where it speaks no HTTP
	Judge      string            // who judged our adapter that is not ours; empty: unverified
	Idempotent bool              // what it is asked twice it does once
	Testable   bool              // it can be asked whether credentials are good
	Posts      bool              // it posts receipts or notices to an address that the merchant may have to give it

	// Of one that carries messages.
	Channels  []paylink.Channel // that it carries
	Reads     []paylink.Channel // of those, where it can know that a message was read
	Silent    bool              // it never tells what became of a message
	Templates bool              // it carries registered templates only

	// Of one that takes payments.
	Methods    []paylink.Method   // that it takes
	Currencies []paylink.Currency // that it takes; nil: any
	Abilities  []gateway.Ability  // what it can do beside taking a payment
}

// Providers lists the providers that a merchant can connect, by their titles.
func (x *Accounts) Providers() []Provider {
	all := slices.DeleteFunc(x.all(), func(p Provider) bool { return p.Name == Sandbox })
	slices.SortFunc(all, func(a, b Provider) int { return cmp.Compare(strings.ToLower(a.Title), strings.ToLower(b.Title)) })
	return all
}

// Provider is one of them by its name.
func (x *Accounts) Provider(name string) (Provider, bool) {
	kind := paylink.AccountChannel
	if x.gateways[name] != nil {
		kind = paylink.AccountGateway
	}
	if name == Sandbox {
		return Provider{}, false
	}
	return x.known(kind, name)
}

// known is a provider of a kind by its name, the sandbox among them.
func (x *Accounts) known(kind paylink.AccountKind, name string) (Provider, bool) {
	if g := x.gateways[name]; kind == paylink.AccountGateway && g != nil {
		return takes(g), true
	}
	if s := x.senders[name]; kind == paylink.AccountChannel && s != nil {
		return carries(s), true
	}
	return Provider{}, false
}

// all are the providers of both kinds, the sandbox's two among them.
func (x *Accounts) all() []Provider {
	var all []Provider
	for _, s := range x.senders {
		all = append(all, carries(s))
	}
	for _, g := range x.gateways {
		all = append(all, takes(g))
	}
	return all
}

func carries(s channel.Sender) Provider {
	_, tests := channel.As[channel.Tester](s)
	_, listens := channel.As[channel.Listener](s)
	c := s.Capabilities()
	if !c.Device { // of those who carry messages to an address, one is chosen
		c.Fields = append(slices.Clip(c.Fields), provider.Usual()...)
	}
	return Provider{
		Kind: paylink.AccountChannel, Name: c.Name, Title: c.Title, Fields: c.Fields, Schemes: c.Schemes, Judge: c.Judge, Idempotent: c.Idempotent,
		Testable: tests, Posts: !c.Silent && !listens, Channels: c.Channels, Reads: c.Reads, Silent: c.Silent, Templates: c.Templates,
	}
}

func takes(g gateway.Gateway) Provider {
	_, tests := gateway.As[gateway.Tester](g)
	c := g.Capabilities()
	return Provider{
		Kind: paylink.AccountGateway, Name: c.Name, Title: c.Title, Fields: append(slices.Clip(c.Fields), gateway.Usual()...), Judge: c.Judge,
		Idempotent: c.Idempotent, Testable: tests, Posts: true, Methods: c.Methods, Currencies: c.Currencies, Abilities: gateway.AbilitiesOf(g),
	}
}

// fits tells whether an account of the provider may be kept to the channel; every carrier's may be to "none
// in particular".
func (p Provider) fits(c paylink.Channel) bool { return c == "" || slices.Contains(p.Channels, c) }

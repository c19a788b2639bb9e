package checkout

import (
	"cmp"
	"slices"

	"paylink"
	"paylink/gateway"
	"paylink/routing"
	"paylink/store"
)

// shop is a merchant with what takes its money in one mode.
type shop struct {
	merchant paylink.Merchant
	accounts []account
	health   *routing.Health // nil: nobody measures
}

// account is a gateway account with the gateway behind it. Its secret is opened only to call.
type account struct {
	paylink.Account
	gateway gateway.Gateway
}

// shop reads the link's merchant and its gateway accounts.
func (c *Checkout) shop(read store.Reader, l paylink.Link) (shop, error) {
	merchant, err := read.Merchant(l.Merchant)
	if err != nil {
		return shop{}, err
	}
	stored, err := read.Accounts(l.Merchant, l.Live, paylink.AccountGateway)
	if err != nil {
		return shop{}, err
	}
	s := shop{merchant: merchant, health: c.Health, accounts: make([]account, 0, len(stored))}
	for _, a := range stored {
		if g := c.Gateways[a.Provider]; g != nil {
			s.accounts = append(s.accounts, account{a, g})
		}
	}
	return s, nil
}

// offered is one method of a page.
type offered struct {
	method paylink.Method
	slow   bool // customers should rather use another one
	dead   bool // nobody can pay by it at this moment
}

// offer lists the methods that the link asks for and an account can take, in the order in which pages show
// them, which of them are slow, and the origins to which the accounts' pages send the browser. A method by
// which nobody can pay at this moment is left out, unless there is no other: then the page says the truth of
// those that it has. UPI comes last for a visitor who is not in India.
func (s shop) offer(l paylink.Link, country string) (methods, slow []paylink.Method, origins []string) {
	var all []offered
	for _, m := range paylink.Methods {
		able := s.route(l, routing.Ask{Method: m, Amount: paylink.Money{Minor: l.OfferedFor(), Currency: l.Amount.Currency}})
		if len(able) > 0 {
			all = append(all, offered{m, able[0].Standing.Slow() || able[0].Standing.Dead(), able[0].Standing.Dead()})
		}
	}
	if slices.ContainsFunc(all, func(o offered) bool { return !o.dead }) {
		all = slices.DeleteFunc(all, func(o offered) bool { return o.dead })
	}
	abroad := country != "" && country != "IN"
	slices.SortStableFunc(all, func(a, b offered) int {
		return cmp.Or(late(a.slow)-late(b.slow), late(abroad && a.method == paylink.MethodUPI)-late(abroad && b.method == paylink.MethodUPI))
	})
	for _, o := range all {
		methods = append(methods, o.method)
		if o.slow {
			slow = append(slow, o.method)
		}
	}
	for _, a := range s.accounts {
		origins = append(origins, a.gateway.Capabilities().PageOrigins(gateway.Account{
			ID: a.ID, Merchant: a.Merchant, Live: a.Live, BaseURL: a.BaseURL, Fields: a.Fields,
		})...)
	}
	return methods, slow, origins
}

func late(is bool) int {
	if is {
		return 1
	}
	return 0
}

// route finds the accounts through which the link can be paid, in the order in which they are tried. An amount
// of 0 is not known yet.
func (s shop) route(l paylink.Link, a routing.Ask) []routing.Candidate {
	if len(l.Methods) > 0 && !slices.Contains(l.Methods, a.Method) {
		return nil
	}
	if a.Method == paylink.MethodUPI && s.merchant.Settings.BeyondUPI(a.Amount) {
		return nil
	}
	a.Manual = l.Terms.ManualCapture()
	a.Prefer = s.merchant.Settings.PaymentRouting.For(a.Method)
	all := make([]routing.Candidate, 0, len(s.accounts))
	for _, at := range s.accounts {
		c := routing.Candidate{Account: at.Account, Can: at.gateway.Capabilities()}
		if s.health != nil {
			c.Standing = s.health.See(at.ID, a.Method)
		}
		all = append(all, c)
	}
	return routing.Order(all, a)
}

// at finds one of the accounts.
func (s shop) at(id paylink.AccountID) account {
	for _, a := range s.accounts {
		if a.ID == id {
			return a
		}
	}
	return account{}
}

// failedAt lists the accounts at which a link was tried by a method before, and failed. Only a merchant who has
// several is asked.
func (s shop) failedAt(read store.Reader, l paylink.Link, m paylink.Method) (at []paylink.AccountID, err error) {
	if l.Attempts == 0 || len(s.accounts) < 2 {
		return nil, nil
	}
	before, err := read.PaymentsOf(l.Merchant, l.ID, 20)
	for _, p := range before {
		if p.Status == paylink.PaymentFailed && p.Method == m {
			at = append(at, p.Account)
		}
	}
	return at, err
}

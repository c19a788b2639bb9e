package checkout

import (
	"slices"

	"paylink"
	"paylink/gateway"
	"paylink/store"
)

// shop is a merchant with what takes its money in one mode.
type shop struct {
	merchant paylink.Merchant
	accounts []account
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
	s := shop{merchant: merchant, accounts: make([]account, 0, len(stored))}
	for _, a := range stored {
		if g := c.Gateways[a.Provider]; g != nil {
			s.accounts = append(s.accounts, account{a, g})
		}
	}
	return s, nil
}

// offer lists the methods that the link asks for and an account can take, in the order in which pages
// show them, and the origins to which the accounts' pages send the browser.
func (s shop) offer(l paylink.Link) (methods []paylink.Method, origins []string) {
	for _, m := range paylink.Methods {
		if _, ok := s.accountFor(l, m); ok {
			methods = append(methods, m)
		}
	}
	for _, a := range s.accounts {
		origins = append(origins, a.gateway.Capabilities().PageOrigins(gateway.Account{ID: a.ID, Merchant: a.Merchant, BaseURL: a.BaseURL})...)
	}
	return methods, origins
}

// accountFor finds the account through which the link can be paid by the method.
func (s shop) accountFor(l paylink.Link, m paylink.Method) (account, bool) {
	if len(l.Methods) > 0 && !slices.Contains(l.Methods, m) {
		return account{}, false
	}
	for _, a := range s.accounts {
		can := a.gateway.Capabilities()
		if slices.Contains(can.Methods, m) && (can.Currencies == nil || slices.Contains(can.Currencies, l.Amount.Currency)) {
			return a, true
		}
	}
	return account{}, false
}

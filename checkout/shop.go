package checkout

import (
	"encoding/hex"
	"slices"
	"sync"
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/provider"
	"paylink/store"
)

// shops keeps copies of merchants and their gateway accounts, because every page needs them and they
// hardly ever change. A change on this node empties it at once; one on another node is seen within a
// second.
type shops struct {
	bell *store.Bell
	mu   sync.Mutex
	all  map[paylink.MerchantID]shop
}

const shopLife = time.Second

type shop struct {
	merchant paylink.Merchant
	accounts map[bool][]account // by livemode
	readAt   time.Time
}

// account is a gateway account, as stored and as opened.
type account struct {
	paylink.Account
	opened gateway.Account
}

func (s *shops) init(st *store.Store) {
	s.bell = st.Bell(store.BellMerchants)
	s.all = map[paylink.MerchantID]shop{}
}

func (s *shops) get(read store.Reader, id paylink.MerchantID, c *Checkout) (shop, error) {
	now := c.Now()
	s.mu.Lock()
	select {
	case <-s.bell.C:
		clear(s.all)
	default:
	}
	found, ok := s.all[id]
	s.mu.Unlock()
	if ok && now.Sub(found.readAt) < shopLife {
		return found, nil
	}
	fresh := shop{readAt: now, accounts: map[bool][]account{}}
	var err error
	if fresh.merchant, err = read.Merchant(id); err != nil {
		return shop{}, err
	}
	for _, live := range []bool{false, true} {
		stored, err := read.Accounts(id, live, paylink.AccountGateway)
		if err != nil {
			return shop{}, err
		}
		for _, a := range stored {
			opened, err := provider.Open(c.Ring, a)
			if err != nil {
				return shop{}, err
			}
			fresh.accounts[live] = append(fresh.accounts[live], account{a, opened})
		}
	}
	s.mu.Lock()
	s.all[id] = fresh
	s.mu.Unlock()
	return fresh, nil
}

// offer lists the methods that the link asks for and an account can take, in the order in which pages
// show them, and the origins to which the accounts' pages send the browser.
func (s shop) offer(l paylink.Link, gateways map[string]gateway.Gateway) (methods []paylink.Method, origins []string) {
	for _, m := range paylink.Methods {
		if _, ok := s.accountFor(l, m, gateways); ok {
			methods = append(methods, m)
		}
	}
	for _, a := range s.accounts[l.Live] {
		if g := gateways[a.Provider]; g != nil {
			origins = append(origins, g.Capabilities().PageOrigins(a.opened)...)
		}
	}
	return methods, origins
}

// accountFor finds the account through which the link can be paid by the method.
func (s shop) accountFor(l paylink.Link, m paylink.Method, gateways map[string]gateway.Gateway) (account, bool) {
	if len(l.Methods) > 0 && !slices.Contains(l.Methods, m) {
		return account{}, false
	}
	for _, a := range s.accounts[l.Live] {
		g := gateways[a.Provider]
		if g == nil {
			continue
		}
		can := g.Capabilities()
		if slices.Contains(can.Methods, m) && (can.Currencies == nil || slices.Contains(can.Currencies, l.Amount.Currency)) {
			return a, true
		}
	}
	return account{}, false
}

// String is how a device is written in a cookie and in visits.
func (d Device) String() string { return hex.EncodeToString(d[:]) }

// ParseDevice reads a cookie; ok is false for anything that is not a device.
func ParseDevice(s string) (d Device, ok bool) {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != len(d) {
		return Device{}, false
	}
	return Device(b), true
}

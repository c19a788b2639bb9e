// Package routing tells which of a merchant's accounts with gateways takes a payment, and how each of them does.
//
// It is for checkout, which starts payments, and for the pages that show how gateways do. Which account is
// right is a pure function of the accounts, the payment and the merchant's preference. How accounts do is
// measured from what becomes of payments and of calls: counted on each node, added up in the database every
// few seconds, and kept here as a copy, so that opening a page asks nobody. It leaves calling to checkout and
// what follows from a gateway's word to confirm.
package routing

import (
	"cmp"
	"hash/fnv"
	"slices"

	"paylink"
	"paylink/gateway"
)

// sandbox is the provider that stands in for what no account of the merchant's own takes.
const sandbox = "sandbox"

// Candidate is one of a merchant's accounts, with what its gateway can do and how it does by the method that is
// asked for.
type Candidate struct {
	Account  paylink.Account
	Can      gateway.Capabilities
	Standing Standing
}

// Ask is a payment for which an account is sought.
type Ask struct {
	Method    paylink.Method
	Amount    paylink.Money
	Manual    bool // the money is to be reserved only
	Prefer    paylink.RoutePreference
	Reference string              // of the payment; by it payments are shared out, always in the same way
	Failed    []paylink.AccountID // at which the link was tried by this method before, and failed
}

// Order puts the accounts that can take a payment into the order in which they are tried. all come by rank.
// Before the merchant's preference goes what promises that the payment succeeds: an account that is neither
// left alone nor slow, nor has failed this very link.
func Order(all []Candidate, a Ask) []Candidate {
	var able, last []Candidate
	for _, c := range all {
		switch {
		case !takes(c, a):
		case c.Account.Provider == sandbox:
			last = append(last, c)
		default:
			able = append(able, c)
		}
	}
	if len(able) == 0 {
		able = last
	}
	able = preferred(able, a)
	slices.SortStableFunc(able, func(x, y Candidate) int { return cmp.Compare(doubt(x, a), doubt(y, a)) })
	return able
}

// doubt is how much speaks against an account at this moment.
func doubt(c Candidate, a Ask) int {
	switch {
	case c.Standing.Resting:
		return 3
	case c.Standing.Slow():
		return 2
	case slices.Contains(a.Failed, c.Account.ID):
		return 1
	}
	return 0
}

// takes tells whether an account can take the payment.
func takes(c Candidate, a Ask) bool {
	f := c.Account.Fields
	return !c.Account.Off && (!a.Manual || c.Can.Reserves[a.Method] > 0) &&
		slices.Contains(c.Can.Methods, a.Method) && named(f[gateway.FieldMethods], string(a.Method)) &&
		(c.Can.Currencies == nil || slices.Contains(c.Can.Currencies, a.Amount.Currency)) && named(f[gateway.FieldCurrencies], string(a.Amount.Currency)) &&
		within(f[gateway.FieldAmounts], a.Amount)
}

// preferred puts accounts, which come by their ranks, into the merchant's order.
func preferred(able []Candidate, a Ask) []Candidate {
	switch a.Prefer {
	case paylink.RouteCheapest:
		slices.SortStableFunc(able, func(x, y Candidate) int {
			costX, knownX := Cost(x.Account.Fields[gateway.FieldFees], a.Method, a.Amount.Minor)
			costY, knownY := Cost(y.Account.Fields[gateway.FieldFees], a.Method, a.Amount.Minor)
			if knownX != knownY {
				return map[bool]int{true: -1, false: 1}[knownX]
			}
			return cmp.Compare(costX, costY)
		})
	case paylink.RouteHealthiest:
		slices.SortStableFunc(able, func(x, y Candidate) int { return cmp.Compare(y.Standing.Share(), x.Standing.Share()) })
	case paylink.RouteShare:
		return drawn(able, a.Reference)
	}
	return able
}

// drawn draws accounts by their shares, one after the other. The payment's reference is the lot: the same
// payment always draws the same.
func drawn(able []Candidate, reference string) []Candidate {
	rest := slices.Clone(able)
	able = able[:0]
	hash := fnv.New64a()
	for len(rest) > 0 {
		var total uint64
		for _, c := range rest {
			total += weight(c.Account.Fields[gateway.FieldShare])
		}
		at := 0
		if total > 0 {
			hash.Write([]byte(reference))
			lot := mixed(hash.Sum64()) % total
			for lot >= weight(rest[at].Account.Fields[gateway.FieldShare]) {
				lot -= weight(rest[at].Account.Fields[gateway.FieldShare])
				at++
			}
		}
		able = append(able, rest[at])
		rest = slices.Delete(rest, at, at+1)
	}
	return able
}

// mixed spreads a hash over all its bits: of short texts that differ in one letter, FNV's low bits are too alike.
func mixed(h uint64) uint64 {
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}

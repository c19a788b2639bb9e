package routing_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/routing"
)

// account is a candidate as a test names it: "a card,upi INR share=3 fees=card=200".
func account(name string, change ...func(*routing.Candidate)) routing.Candidate {
	c := routing.Candidate{
		Account: paylink.Account{ID: paylink.AccountID(name), Provider: name, Fields: map[string]string{}},
		Can:     gateway.Capabilities{Methods: []paylink.Method{paylink.MethodCard, paylink.MethodUPI}, Currencies: []paylink.Currency{"INR", "USD"}},
	}
	for _, f := range change {
		f(&c)
	}
	return c
}

func field(name, value string) func(*routing.Candidate) {
	return func(c *routing.Candidate) { c.Account.Fields[name] = value }
}

func stands(s routing.Standing) func(*routing.Candidate) {
	return func(c *routing.Candidate) { c.Standing = s }
}

func off(c *routing.Candidate)      { c.Account.Off = true }
func anything(c *routing.Candidate) { c.Can.Currencies = nil }
func reserves(c *routing.Candidate) {
	c.Can.Reserves = map[paylink.Method]time.Duration{paylink.MethodCard: time.Hour}
}

// A payment goes to an account that cannot take it, to a dear one although the merchant wants the cheap one, or
// to one that is down while another works.
func TestAccountsAreTriedInOrder(t *testing.T) {
	ask := routing.Ask{Method: paylink.MethodCard, Amount: paylink.Money{Minor: 100_000, Currency: "INR"}}
	with := func(change func(*routing.Ask)) routing.Ask {
		a := ask
		change(&a)
		return a
	}
	few, slow := routing.Standing{Taken: 1, Declined: 18}, routing.Standing{Taken: 70, Down: 30}
	fair, good := routing.Standing{Taken: 70, Declined: 30}, routing.Standing{Taken: 90, Declined: 10}
	for _, row := range []struct {
		name string
		ask  routing.Ask
		all  []routing.Candidate
		want string
	}{
		{"by rank", ask, []routing.Candidate{account("b"), account("a")}, "b a"},
		{"one that is off", ask, []routing.Candidate{account("a", off), account("b")}, "b"},
		{"one that is kept to another method", ask, []routing.Candidate{account("a", field("methods", "upi")), account("b", field("methods", "upi, card"))}, "b"},
		{"a method that its gateway has not", with(func(a *routing.Ask) { a.Method = "netbanking" }), []routing.Candidate{account("a", field("methods", "netbanking"))}, ""},
		{"one that is kept to another currency", ask, []routing.Candidate{account("a", field("currencies", "USD")), account("b")}, "b"},
		{"a currency that its gateway has not", with(func(a *routing.Ask) { a.Amount.Currency = "JPY" }), []routing.Candidate{account("a"), account("b", anything)}, "b"},
		{"too much, too little, just so", ask, []routing.Candidate{
			account("a", field("amounts", "INR=0-99999")), account("b", field("amounts", "INR=100001-")), account("c", field("amounts", "USD=1-2, INR=100000-100000")),
		}, "c"},
		{"an amount that is not known yet", with(func(a *routing.Ask) { a.Amount.Minor = 0 }), []routing.Candidate{account("a", field("amounts", "INR=500-600"))}, "a"},
		{"one that only reserves", with(func(a *routing.Ask) { a.Manual = true }), []routing.Candidate{account("a"), account("b", reserves)}, "b"},
		{"the sandbox stands in", ask, []routing.Candidate{account("a", off), account("sandbox")}, "sandbox"},
		{"the sandbox stands back", ask, []routing.Candidate{account("a"), account("sandbox")}, "a"},
		{"by cost", with(func(a *routing.Ask) { a.Prefer = paylink.RouteCheapest }), []routing.Candidate{
			account("none"), account("dear", field("fees", "card=200+300")), account("cheap", field("fees", "upi=0, card=220")), account("any", field("fees", "any=230")),
		}, "cheap dear any none"}, // 2200, 2300, 2300
		{"by success", with(func(a *routing.Ask) { a.Prefer = paylink.RouteHealthiest }), []routing.Candidate{account("fair", stands(fair)), account("good", stands(good)), account("new")}, "new good fair"},
		{"too few tell nothing", with(func(a *routing.Ask) { a.Prefer = paylink.RouteHealthiest }), []routing.Candidate{account("few", stands(few)), account("good", stands(good))}, "few good"},
		{"slow, tried before, and left alone", with(func(a *routing.Ask) { a.Failed = []paylink.AccountID{"tried"}; a.Prefer = paylink.RouteCheapest }), []routing.Candidate{
			account("rests", stands(routing.Standing{Resting: true}), field("fees", "any=0")), account("slow", stands(slow), field("fees", "any=1")),
			account("tried", field("fees", "any=2")), account("fine", field("fees", "any=300")),
		}, "fine tried slow rests"},
		{"share of nothing comes last", with(func(a *routing.Ask) { a.Prefer = paylink.RouteShare }), []routing.Candidate{account("a", field("share", "0")), account("b", field("share", "5"))}, "b a"},
	} {
		var got []string
		for _, c := range routing.Order(row.all, row.ask) {
			got = append(got, string(c.Account.ID))
		}
		if text := strings.Join(got, " "); text != row.want {
			t.Errorf("%s: %q, want %q", row.name, text, row.want)
		}
	}
}

// Seventy of a hundred go to one account: it gets them all, or a payment that is routed again gets another
// account.
func TestSharesAreDrawnByThePaymentsReference(t *testing.T) {
	all := []routing.Candidate{account("a", field("share", "70")), account("b", field("share", "20")), account("c", field("share", "10"))}
	first, second := map[paylink.AccountID]int{}, 0
	for i := range 10_000 {
		ask := routing.Ask{Method: paylink.MethodCard, Amount: paylink.Money{Minor: 100, Currency: "INR"}, Prefer: paylink.RouteShare, Reference: fmt.Sprintf("%020d", i)}
		drawn, again := routing.Order(all, ask), routing.Order(all, ask)
		first[drawn[0].Account.ID]++
		if drawn[1].Account.ID == "b" {
			second++
		}
		if len(drawn) != 3 || drawn[0].Account.ID != again[0].Account.ID || drawn[2].Account.ID != again[2].Account.ID {
			t.Fatalf("%s: %v and %v", ask.Reference, drawn, again)
		}
	}
	if first["a"] < 6_800 || first["a"] > 7_200 || first["b"] < 1_800 || first["b"] > 2_200 || second < 4_500 || second > 5_500 {
		t.Errorf("drawn first: %v; b second: %d", first, second)
	}
}

// What a payment costs is rounded so that a dear account looks cheap, or a fee that is not known counts as none.
func TestCostOfAPayment(t *testing.T) {
	for _, row := range []struct {
		fees  string
		minor int64
		want  int64
		known bool
	}{
		{"card=200+300", 100_000, 2_300, true},
		{"card=1", 1, 1, true}, // rounded up
		{"card=0", 100, 0, true},
		{"upi=0", 100, 0, false},
		{"upi=0, any=50", 10_000, 50, true},
		{"", 100, 0, false},
		{"card=200", paylink.MaxMinor, paylink.MaxMinor / 50, true},
	} {
		if got, known := routing.Cost(row.fees, paylink.MethodCard, row.minor); got != row.want || known != row.known {
			t.Errorf("%q of %d: %d %t, want %d %t", row.fees, row.minor, got, known, row.want, row.known)
		}
	}
}

// A customer's empty bank account counts as an outage, or an outage as nothing.
func TestStandingTellsTroubleFromDeclines(t *testing.T) {
	for _, row := range []struct {
		s          routing.Standing
		slow, dead bool
	}{
		{routing.Standing{Taken: 0, Down: 19}, false, false},
		{routing.Standing{Taken: 70, Declined: 30}, false, false},
		{routing.Standing{Taken: 40, Declined: 60}, true, false},
		{routing.Standing{Taken: 80, Down: 20}, true, false},
		{routing.Standing{Taken: 81, Down: 19}, false, false},
		{routing.Standing{Down: 10, Declined: 10}, true, true},
		{routing.Standing{Calls: 20, Took: 101e9}, true, false},
		{routing.Standing{Resting: true}, false, true},
	} {
		if row.s.Slow() != row.slow || row.s.Dead() != row.dead {
			t.Errorf("%+v: slow %t, dead %t", row.s, row.s.Slow(), row.s.Dead())
		}
	}
}

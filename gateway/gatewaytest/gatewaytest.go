// Package gatewaytest is the contract that every gateway adapter passes: what checkout and confirm
// rely on, tried over HTTP against the gateway's own far side or an independent fake of it.
//
// It is for the adapters' tests. What the far side is, how its customers pay and how it signs stands
// in a World that the adapter's test makes; what may not differ between gateways stands here.
package gatewaytest

import (
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/provider"
	"paylink/provider/providertest"
)

// World is the far side of one gateway.
type World struct {
	Far      *providertest.Far
	Now      func() time.Time // the far side's clock
	Stranger gateway.Account  // another merchant's, with good credentials

	// Pay does what the customer does with a started payment: the bank says yes, or no.
	Pay func(t *testing.T, s gateway.Started, yes bool)

	// What a [gateway.Capturer] reserved is given back by the far side itself, as when its time is over; nil
	// where the far side cannot be made to.
	Lapse func(t *testing.T, k gateway.Known)
	Whole bool // it captures the whole of what was reserved, or nothing
	// Later says that a capture or a void is answered with no more than that it arrived: notices alone tell what
	// came of it, also that it was refused, and a look-up never does.
	Later bool

	// Unposted says that nobody posts what came of a capture or a void: look-ups tell.
	Unposted bool

	// Dispute makes the customer's bank object to a captured payment, and answers the gateway's name for the
	// dispute; Decide makes the bank decide one whose evidence is in. They are for a [gateway.Disputer].
	Dispute func(t *testing.T, k gateway.Known) string
	Decide  func(t *testing.T, dispute string, won bool)
	// DisputesListed is how many disputes the far side lists on a page. UntoldDisputes says that it posts no
	// notice of them, so that the list alone tells.
	DisputesListed int
	UntoldDisputes bool
	Unchanged      bool // the list tells of disputes that did not change, too

	// Header, Stamped and Sign describe the signature of notices; see providertest.Believing.
	Header  string
	Stamped bool
	Sign    func(secret string, body []byte, at time.Time) http.Header
	// InBody describes a signature that stands inside the body instead; Header is empty then.
	InBody *providertest.InBody

	// Spoil makes unreadable bodies out of a genuine notice of a capture, by what is wrong with
	// them. Spoiled lists the names that have to be there.
	Spoil func(genuine []byte) map[string][]byte

	// OwnIntent says that the text for UPI apps names the order by a reference of the gateway's own.
	OwnIntent bool

	// Ahead puts the far side's clock so far ahead of ours, which Now stays; nil: it has none that can be moved.
	Ahead func(d time.Duration)

	// Alone says that Start calls nobody: the gateway first hears of an order when the browser posts its form.
	Alone bool

	// Untold names what the notices have no place for: of Spoiled, and "a bank reference".
	Untold []string
	// Found gives what a look-up tells of what a notice told, where the gateway tells less or by another
	// clock; nil: the same.
	Found func(told, found gateway.Word) gateway.Word

	Refunding *Refunding // of a gateway that gives money back
}

// Spoiled names what a World has to spoil in a notice: each would be money misread.
var Spoiled = []string{
	"an unknown status", "a status that gateways do not have", "the amount twice", "the amount in capitals beside it",
	"a fraction of a minor unit", "an amount as text", "no amount", "a negative amount", "an amount beyond the largest",
	"no currency", "an unknown currency", "no reference", "a malformed reference", "an unknown method", "no time",
	"a fee above the amount", "a control character in a text", "no account",
}

// Run holds the gateway that newWorld makes, afresh for each part, to the contract.
func Run(t *testing.T, newWorld func(t *testing.T) (gateway.Gateway, gateway.Account, World)) {
	for name, part := range map[string]func(*testing.T, suite){
		"capabilities are possible":                     capabilities,
		"start answers what the customer has to do":     startAnswers,
		"start is idempotent by reference":              startTwice,
		"look-up of an unknown order is NotFound":       lookupUnknown,
		"amounts and currencies come through exactly":   amounts,
		"a yes is told by notice and by look-up alike":  yes,
		"a no is told with its group":                   no,
		"orders of another account cannot be looked up": strangers,
		"calls tell how they ended":                     endings,
		"only genuine notices are believed":             believing,
		"only whole notices are read":                   reading,

		"reserved money is told by notice and by look-up alike": reserved,
		"reserved money is captured, whole":                     captureWhole,
		"reserved money is captured, in part":                   capturePart,
		"no more is captured than was reserved":                 captureMore,
		"reserved money is given back":                          void,
		"reserved money lapses":                                 lapse,
		"captures and voids of another account are refused":     strangersReserve,
		"captures and voids tell how they ended":                reservedEndings,

		"a dispute is told by notice and in the list alike": disputed,
		"disputes are listed page by page":                  disputePages,
		"a dispute is contested, won and lost":              contested,
		"a dispute is accepted":                             accepted,
		"disputes of another account are not seen":          strangersDispute,
		"calls about disputes tell how they ended":          disputeEndings,
	} {
		run(t, newWorld, name, part)
	}
	for name, part := range refunding {
		run(t, newWorld, name, part)
	}
	for name, part := range cancelling {
		run(t, newWorld, name, part)
	}
	for name, part := range adversity {
		run(t, newWorld, name, part)
	}
}

func run(t *testing.T, newWorld func(t *testing.T) (gateway.Gateway, gateway.Account, World), name string, part func(*testing.T, suite)) {
	t.Run(name, func(t *testing.T) {
		g, a, w := newWorld(t)
		part(t, suite{g, a, w})
	})
}

type suite struct {
	gateway.Gateway
	account gateway.Account
	world   World
}

// order is a fresh order of the method, in a currency that the gateway takes.
func (s suite) order(m paylink.Method) gateway.Order {
	currency := paylink.Currency("INR")
	if list := s.Capabilities().Currencies; list != nil && !slices.Contains(list, currency) {
		currency = list[0]
	}
	return gateway.Order{
		Reference: paylink.NewPaymentReference(), Amount: paylink.Money{Minor: 245000, Currency: currency}, Method: m,
		Description: "Order 1042 – “tea” & <cups>", MerchantName: "Acme", ReturnURL: s.world.Far.Inbox + "/return",
		NotifyURL: s.world.Far.Inbox, ExpiresAt: s.world.Now().Add(time.Hour).Truncate(time.Second).UTC(),
	}
}

func (s suite) start(t *testing.T, o gateway.Order) gateway.Started {
	t.Helper()
	started, err := s.Start(t.Context(), s.account, o)
	if err != nil {
		t.Fatalf("start: %v", err)
	}
	s.submit(t, o, started)
	return started
}

// notice waits for a notice about the reference with the status, and gives what Read makes of it.
func (s suite) notice(t *testing.T, reference string, status paylink.PaymentStatus) (providertest.Post, gateway.Word) {
	t.Helper()
	var word gateway.Word
	post := s.world.Far.Next(t, func(p providertest.Post) bool {
		if err := s.Verify(s.account, gateway.Post(p), s.world.Now()); err != nil {
			t.Errorf("a notice from the gateway itself: %v", err)
		}
		kept, err := provider.ParseKept(gateway.Post(p).Kept())
		if err != nil {
			t.Fatal(err)
		}
		news, err := s.Read(s.account, kept)
		if err != nil {
			t.Errorf("a notice from the gateway itself: %v", err)
		}
		i := slices.IndexFunc(news.Words, func(w gateway.Word) bool { return w.Reference == reference && w.Status == status })
		if i < 0 {
			return false
		}
		word = news.Words[i]
		return true
	})
	return post, word
}

// A gateway that is wired with an impossible list shows customers methods that cannot work.
func capabilities(t *testing.T, s suite) {
	c := s.Capabilities()
	if c.Name == "" || strings.Trim(c.Name, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" {
		t.Errorf("the name %q cannot stand in a path", c.Name)
	}
	if len(c.Methods) == 0 || len(slices.Compact(slices.Sorted(slices.Values(c.Methods)))) != len(c.Methods) {
		t.Errorf("methods %v: none, or one twice", c.Methods)
	}
	for _, m := range c.Methods {
		if !slices.Contains(paylink.Methods, m) {
			t.Errorf("method %q is not one of paylink's", m)
		}
	}
	for _, currency := range c.Currencies {
		if _, ok := currency.Exponent(); !ok {
			t.Errorf("currency %q is not money", currency)
		}
	}
	for m := range c.Reserves {
		if !slices.Contains(c.Methods, m) {
			t.Errorf("money is reserved by %s, which is not taken", m)
		}
	}
	for _, a := range gateway.AbilitiesOf(s.Gateway) {
		if c.Lacks[a] != "" {
			t.Errorf("it can do %s, and says that it cannot: %s", a, c.Lacks[a])
		}
	}
	if c.Currencies != nil && len(c.Currencies) == 0 {
		t.Error("no currency at all; nil means any")
	}
	if again := s.Capabilities(); again.Name != c.Name || !reflect.DeepEqual(again.Methods, c.Methods) {
		t.Error("capabilities change from call to call")
	}
	for _, origin := range c.PageOrigins(s.account) {
		scheme, host, ok := strings.Cut(origin, "://")
		if !ok || (scheme != "https" && scheme != "http") || host == "" || strings.ContainsAny(host, "/;, '\"") {
			t.Errorf("page origin %q cannot stand in a CSP", origin)
		}
	}
}

// A forged notice marks a link paid.
func believing(t *testing.T, s suite) {
	genuine := s.captured(t)
	verify := func(a gateway.Account, h http.Header, body []byte, now time.Time) error {
		if h == nil {
			h = genuine.Header // of a signature in the body: the media type counts
		}
		return s.Verify(a, gateway.Post{URL: &url.URL{}, Header: h, Body: body}, now)
	}
	if s.world.InBody != nil {
		providertest.BelievingBody{InBody: *s.world.InBody, Account: s.account, Body: genuine.Body, Verify: verify}.Check(t)
		return
	}
	providertest.Believing{
		Account: s.account, Body: genuine.Body, Header: s.world.Header, Stamped: s.world.Stamped, Sign: s.world.Sign, Verify: verify,
	}.Check(t)
}

// A notice is misread: money in the wrong amount, or a crash in the inbound door.
func reading(t *testing.T, s suite) {
	genuine := s.captured(t)
	read := func(body []byte) error {
		_, err := s.Read(s.account, gateway.Post{URL: genuine.URL, Header: genuine.Header, Body: body})
		return err
	}
	must := slices.DeleteFunc(slices.Clone(Spoiled), s.untold)
	providertest.Reading(t, read, genuine.Body, s.world.Spoil(genuine.Body), must...)
}

func (s suite) untold(name string) bool { return slices.Contains(s.world.Untold, name) }

// sameFound holds what a look-up found to what a notice told, whose account no look-up names.
func (s suite) sameFound(t *testing.T, told, found gateway.Word, err error) {
	t.Helper()
	told.Account = ""
	want := told
	if s.world.Found != nil {
		want = s.world.Found(told, found)
	}
	if err != nil || found != want {
		t.Errorf("%s: the look-up says %+v (%v), the notice said %+v", told.Method, found, err, told)
	}
}

// captured is a genuine notice of a capture.
func (s suite) captured(t *testing.T) providertest.Post {
	t.Helper()
	o := s.order(s.Capabilities().Methods[0])
	s.world.Pay(t, s.start(t, o), true)
	post, _ := s.notice(t, o.Reference, paylink.PaymentCaptured)
	return post
}

// known is what we know of an order that was begun.
func known(o gateway.Order, started gateway.Started) gateway.Known {
	return gateway.Known{Reference: o.Reference, Order: started.Order, Amount: o.Amount, Method: o.Method, Began: o.ExpiresAt.Add(-time.Hour)}
}

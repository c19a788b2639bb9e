// Package connect keeps a merchant's own accounts with the providers that carry messages: it judges what a
// merchant says about one by the fields that its provider asks for, seals the secrets, asks the provider
// whether they are good, and gives every account back without them.
//
// It is for the API and the dashboard. It leaves to dispatch which account carries a message, and to each
// channel adapter what its provider wants; who may act for a merchant is judged before it is called.
package connect

import (
	"cmp"
	"context"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"time"

	"paylink"
	"paylink/channel"
	"paylink/keyring"
	"paylink/outbound"
	"paylink/provider"
	"paylink/store"
)

// Sandbox is the provider whose accounts the server makes and moves by itself: nobody connects, changes or
// disconnects one.
const Sandbox = "sandbox"

// Deps is what Accounts works with.
type Deps struct {
	Store     *store.Store
	Ring      *keyring.Ring
	Senders   map[string]channel.Sender // by provider, the sandbox among them
	Client    *outbound.Client          // by which the adapters call out: it knows where they may
	PublicURL string                    // of the door for receipts, without a slash at the end
	Now       func() time.Time          // real time
	Log       *slog.Logger              // nil: slog.Default
}

// Accounts keeps accounts. Its methods may be called from many goroutines.
type Accounts struct {
	store    *store.Store
	ring     *keyring.Ring
	senders  map[string]channel.Sender
	client   *outbound.Client
	public   string
	clock    func() time.Time
	log      *slog.Logger
	patterns map[string]*regexp.Regexp // of whole values, as fields have them
	trials   trials
}

// New makes Accounts. A field whose pattern is none is a mistake in its adapter, and panics.
func New(d Deps) *Accounts {
	if d.Log == nil {
		d.Log = slog.Default()
	}
	x := &Accounts{
		store: d.Store, ring: d.Ring, senders: d.Senders, client: d.Client, public: strings.TrimRight(d.PublicURL, "/"),
		clock: d.Now, log: d.Log, patterns: map[string]*regexp.Regexp{}, trials: trials{running: map[paylink.MerchantID]bool{}},
	}
	for _, sender := range d.Senders {
		for _, f := range providerOf(sender).Fields {
			x.patterns[f.Pattern] = regexp.MustCompile(`\A(?:` + f.Pattern + `)\z`)
		}
	}
	return x
}

// By is who asks, and in which of the merchant's two worlds.
type By struct {
	Merchant paylink.MerchantID
	Live     bool
	ID       string // key_… or usr_…
}

// Provider is what one provider can do and asks for, as data.
type Provider struct {
	channel.Capabilities
	Testable bool // it can be asked whether credentials are good
	Posts    bool // it posts receipts to an address that the merchant may have to give it
}

// Providers lists the providers that a merchant can connect, by their titles.
func (x *Accounts) Providers() []Provider {
	var all []Provider
	for name, sender := range x.senders {
		if name != Sandbox {
			all = append(all, providerOf(sender))
		}
	}
	slices.SortFunc(all, func(a, b Provider) int { return cmp.Compare(strings.ToLower(a.Title), strings.ToLower(b.Title)) })
	return all
}

// Provider is one of them by its name.
func (x *Accounts) Provider(name string) (Provider, bool) {
	sender := x.senders[name]
	if sender == nil || name == Sandbox {
		return Provider{}, false
	}
	return providerOf(sender), true
}

func providerOf(s channel.Sender) Provider {
	_, tests := channel.As[channel.Tester](s)
	_, listens := channel.As[channel.Listener](s)
	c := s.Capabilities()
	if !c.Device { // of those who carry messages to an address, one is chosen
		c.Fields = append(slices.Clip(c.Fields), provider.Usual()...)
	}
	return Provider{Capabilities: c, Testable: tests, Posts: !c.Silent && !listens}
}

// List gives a merchant's accounts in one mode, the preferred first, those that are switched off among them.
func (x *Accounts) List(ctx context.Context, merchant paylink.MerchantID, live bool) ([]Account, error) {
	rows, err := x.store.Read(ctx).Accounts(merchant, live, paylink.AccountChannel)
	if err != nil {
		return nil, err
	}
	var all []Account
	for _, row := range rows {
		if !row.Gone() {
			all = append(all, x.view(row))
		}
	}
	return all, nil
}

// Get gives one of them; *paylink.NotFound if there is none.
func (x *Accounts) Get(ctx context.Context, merchant paylink.MerchantID, live bool, id paylink.AccountID) (Account, error) {
	rows, err := x.store.Read(ctx).Accounts(merchant, live, paylink.AccountChannel)
	if err != nil {
		return Account{}, err
	}
	row, err := named(rows, id)
	if err != nil {
		return Account{}, err
	}
	return x.view(row), nil
}

// named finds an account that is connected among a merchant's.
func named(rows []paylink.Account, id paylink.AccountID) (paylink.Account, error) {
	at := slices.IndexFunc(rows, func(a paylink.Account) bool { return a.ID == id })
	if at < 0 || rows[at].Gone() {
		return paylink.Account{}, &paylink.NotFound{Kind: "account", ID: string(id)}
	}
	return rows[at], nil
}

// now is real time as the database keeps it.
func (x *Accounts) now() time.Time { return x.clock().UTC().Truncate(time.Microsecond) }

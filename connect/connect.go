// Package connect keeps a merchant's own accounts with the providers that carry messages and with those that
// take payments: it judges what a merchant says about one by the fields that its provider asks for, seals the
// secrets, asks the provider whether they are good, and gives every account back without them.
//
// It is for the API and the dashboard. It leaves to dispatch which account carries a message, to checkout
// which one takes a payment, and to each adapter what its provider wants; who may act for a merchant is
// judged before it is called.
package connect

import (
	"context"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"time"

	"paylink"
	"paylink/channel"
	"paylink/gateway"
	"paylink/keyring"
	"paylink/outbound"
	"paylink/store"
)

// Sandbox is the provider whose accounts the server makes and moves by itself: nobody connects, changes or
// disconnects one.
const Sandbox = "sandbox"

// Deps is what Accounts works with.
type Deps struct {
	Store     *store.Store
	Ring      *keyring.Ring
	Senders   map[string]channel.Sender  // by provider, the sandbox among them
	Gateways  map[string]gateway.Gateway // the same for those who take payments
	Client    *outbound.Client           // by which the adapters call out: it knows where they may
	PublicURL string                     // of the door for receipts and notices, without a slash at the end
	Now       func() time.Time           // real time
	Log       *slog.Logger               // nil: slog.Default
}

// Accounts keeps accounts. Its methods may be called from many goroutines.
type Accounts struct {
	store    *store.Store
	ring     *keyring.Ring
	senders  map[string]channel.Sender
	gateways map[string]gateway.Gateway
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
		store: d.Store, ring: d.Ring, senders: d.Senders, gateways: d.Gateways, client: d.Client, public: strings.TrimRight(d.PublicURL, "/"),
		clock: d.Now, log: d.Log, patterns: map[string]*regexp.Regexp{}, trials: trials{running: map[paylink.MerchantID]bool{}},
	}
	for _, p := range x.all() {
		for _, f := range p.Fields {
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

// List gives a merchant's accounts in one mode, those with carriers before those with gateways, the preferred
// first among each, those that are switched off among them.
func (x *Accounts) List(ctx context.Context, merchant paylink.MerchantID, live bool) ([]Account, error) {
	rows, err := rowsOf(x.store.Read(ctx), merchant, live)
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
	rows, err := rowsOf(x.store.Read(ctx), merchant, live)
	if err != nil {
		return Account{}, err
	}
	row, err := named(rows, id)
	if err != nil {
		return Account{}, err
	}
	return x.view(row), nil
}

// rowsOf are a merchant's accounts in one mode, of both kinds, as a list of the caller's own.
func rowsOf(read store.Reader, merchant paylink.MerchantID, live bool) ([]paylink.Account, error) {
	carriers, err := read.Accounts(merchant, live, paylink.AccountChannel)
	if err != nil {
		return nil, err
	}
	gateways, err := read.Accounts(merchant, live, paylink.AccountGateway)
	return slices.Concat(carriers, gateways), err
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

package connect

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"paylink"
	"paylink/channel"
	"paylink/provider"
	"paylink/store"
)

// Draft is what a merchant says about a new account.
type Draft struct {
	Provider string
	Channel  paylink.Channel // empty: each that the provider carries
	Name     string          // to tell it from others with the same provider
	BaseURL  string          // empty: the provider's own
	Fields   map[string]string
	Rank     *int64 // nil: after all others
	Off      bool
}

// Change is what is to be different about an account. What is nil or absent stays.
type Change struct {
	Channel *paylink.Channel
	Name    *string
	BaseURL *string
	Fields  map[string]string // an empty text takes one away
	Rank    *int64
	Off     *bool

	// KeepPrevious is for how long what is signed with the secrets before is still believed, where secrets
	// change; at most [MaxPrevious]. nil: for a day.
	KeepPrevious *time.Duration

	Version string // as it was read: another one fails with *paylink.Conflict "wrong_revision"; empty: any
}

// The refusals that several operations have.
var (
	errFixed = &paylink.Refused{Code: "sandbox_account", Detail: "The sandbox is connected by the server itself. Its account stays as it is."}
	errTwin  = &paylink.Conflict{Code: "account_exists", Detail: "You have this provider connected under this name already. Give one of them another name."}
	errFull  = &paylink.Conflict{Code: "too_many_accounts", Detail: "A merchant has at most 50 accounts in one mode."}
	errStale = &paylink.Conflict{Code: "wrong_revision", Detail: "The account changed in the meantime. Read it again."}
)

// Connect adds an account. It fails with *paylink.Invalid naming every wrong field, and with
// *paylink.Conflict "account_exists" or "too_many_accounts". A claim that was used before gives the account
// that was made then, as it is now.
func (x *Accounts) Connect(ctx context.Context, by By, d Draft, claim *store.Claim) (Account, error) {
	now := x.now()
	row, values, invalid := x.settle(by, d, now)
	if invalid != nil && claim == nil {
		return Account{}, invalid
	}
	if err := x.blind(claim); err != nil {
		return Account{}, err
	}
	e := event(by, now, paylink.EventAccountConnected)
	out, replayed, err := x.store.WriteOnce(ctx, claim, now, func(tx *store.Tx) (store.Outcome, error) {
		if _, err := tx.MerchantToChange(by.Merchant); err != nil {
			return store.Outcome{}, err
		}
		if invalid != nil { // the look above says whether it was asked before
			return store.Outcome{}, invalid
		}
		others, err := connected(tx, by)
		if err != nil {
			return store.Outcome{}, err
		}
		made, twin := row, func(a paylink.Account) bool { return same(a, row) }
		switch {
		case len(others) >= MaxAccounts:
			return store.Outcome{}, errFull
		case slices.ContainsFunc(others, twin):
			return store.Outcome{}, errTwin
		case d.Rank == nil:
			made.Rank = last(made.Kind, others)
		}
		tx.InsertAccount(made, now)
		e.Data.Account = snapshot(made, values, nil)
		tx.AppendEvent(e)
		return store.Outcome{Status: 201, Object: string(made.ID), Event: e.ID}, nil
	})
	if err != nil {
		return Account{}, about(err, "connect an account for", by.Merchant)
	}
	if !replayed {
		x.log.InfoContext(ctx, "account.connected", "merchant", by.Merchant, "account", out.Object, "provider", d.Provider)
	}
	return x.Get(ctx, by.Merchant, by.Live, paylink.AccountID(out.Object))
}

// settle judges a draft and seals its secrets.
func (x *Accounts) settle(by By, d Draft, now time.Time) (paylink.Account, map[string]string, error) {
	p, ok := x.Provider(d.Provider)
	row := paylink.Account{
		ID: paylink.NewAccountID(now), Merchant: by.Merchant, Live: by.Live, Kind: p.Kind,
		Provider: d.Provider, Channel: d.Channel, Name: strings.TrimSpace(d.Name), BaseURL: strings.TrimSpace(d.BaseURL), Off: d.Off,
	}
	if d.Rank != nil {
		row.Rank = *d.Rank
	}
	if !ok {
		bad := &paylink.Invalid{}
		if bad.Add("/provider", "unknown_value", "There is no such provider here. GET /v1/providers lists those there are."); d.Provider == "" {
			bad.Fields[0] = paylink.Field{Pointer: "/provider", Code: "required", Detail: "Say which provider."}
		}
		return row, nil, bad
	}
	j := &judgement{x: x, asks: p}
	j.names(slices.Sorted(maps.Keys(d.Fields)))
	values := map[string]string{}
	for _, f := range p.Fields {
		if v := strings.TrimSpace(d.Fields[f.Name]); v != "" {
			values[f.Name] = v
		}
	}
	if err := j.account(row, values); err != nil {
		return row, nil, err
	}
	if err := x.mint(row.Provider, values); err != nil {
		return row, nil, err
	}
	return row, values, x.divide(&row, p, values, provider.Previous{})
}

// mint makes the secret that is a key of the merchant's own, where the merchant brings none.
func (x *Accounts) mint(name string, values map[string]string) error {
	minter, able := channel.As[channel.Minter](x.senders[name])
	if !able || values[provider.Secret] != "" {
		return nil
	}
	secret, err := minter.Mint()
	if err != nil {
		return fmt.Errorf("make a key for an account with %s: %w", name, err)
	}
	values[provider.Secret] = secret
	return nil
}

// divide gives the row its plain fields and seals the others.
func (x *Accounts) divide(row *paylink.Account, p Provider, values map[string]string, before provider.Previous) (err error) {
	secrets := map[string]string{}
	row.Fields = map[string]string{}
	for _, f := range p.Fields {
		v, ok := values[f.Name]
		switch {
		case ok && f.Secret:
			secrets[f.Name] = v
		case ok:
			row.Fields[f.Name] = v
		}
	}
	row.Secret, err = provider.SealSecrets(x.ring, row.ID, secrets, before)
	return err
}

// blind keys the digest of what was asked: it is kept with the claim, and what was asked holds secrets that
// somebody who has the database alone could otherwise guess at.
func (x *Accounts) blind(claim *store.Claim) error {
	if claim == nil {
		return nil
	}
	key, err := x.ring.Key("account-claim", x.ring.Active())
	if err != nil {
		return fmt.Errorf("blind the digest of a request: %w", err)
	}
	mac := hmac.New(sha256.New, key)
	mac.Write(claim.Request[:])
	mac.Sum(claim.Request[:0])
	return nil
}

// connected are the merchant's accounts, the sandbox's among them, in a transaction that holds the merchant:
// nobody adds or renames one meanwhile.
func connected(tx *store.Tx, by By) ([]paylink.Account, error) {
	all, err := rowsOf(tx.Reader, by.Merchant, by.Live)
	return slices.DeleteFunc(all, paylink.Account.Gone), err
}

// same tells that two accounts cannot stand beside each other, because nobody could tell them apart.
func same(a, b paylink.Account) bool {
	return a.ID != b.ID && a.Kind == b.Kind && a.Provider == b.Provider && a.Channel == b.Channel && a.Name == b.Name
}

// last is the rank after all others of a kind.
func last(kind paylink.AccountKind, all []paylink.Account) (rank int64) {
	for _, a := range all {
		if a.Kind == kind && a.Provider != Sandbox {
			rank = min(max(rank, a.Rank+1), MaxRank)
		}
	}
	return max(rank, 1)
}

func event(by By, now time.Time, kind paylink.EventType) paylink.Event {
	return paylink.Event{ID: paylink.NewEventID(now), Merchant: by.Merchant, Live: by.Live, At: now, Type: kind, Actor: by.ID}
}

// about says around an error what was being done, unless it is one that callers show as it is.
func about(err error, doing string, what any) error {
	var invalid *paylink.Invalid
	var conflict *paylink.Conflict
	var refused *paylink.Refused
	if err == nil || errors.As(err, &invalid) || errors.As(err, &conflict) || errors.As(err, &refused) || paylink.IsNotFound(err) {
		return err
	}
	return fmt.Errorf("%s %v: %w", doing, what, err)
}

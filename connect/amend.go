package connect

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"paylink"
	"paylink/provider"
	"paylink/store"
)

// Change changes an account from now on. A secret that is not sent stays, unless the address changes: then
// each must be sent again. What is said and is so already changes nothing. It fails with *paylink.Invalid
// naming every wrong field, *paylink.NotFound, *paylink.Refused for the sandbox's, and *paylink.Conflict
// "account_exists" or "wrong_revision".
func (x *Accounts) Change(ctx context.Context, by By, id paylink.AccountID, c Change) (Account, error) {
	now := x.now()
	e := event(by, now, paylink.EventAccountChanged)
	var after paylink.Account
	err := x.store.Write(ctx, func(tx *store.Tx) error {
		before, others, err := x.toChange(tx, by, id, c.Version)
		if err != nil {
			return err
		}
		var values map[string]string
		var changed []string
		if after, values, changed, err = x.amended(before, c, now); err != nil || len(changed) == 0 {
			return err
		}
		if slices.ContainsFunc(others, func(a paylink.Account) bool { return same(a, after) }) {
			return errTwin
		}
		tx.UpdateAccount(after)
		e.Data.Account = snapshot(after, values, changed)
		tx.AppendEvent(e)
		return nil
	})
	if err != nil {
		return Account{}, about(err, "change account", id)
	}
	return x.view(after), nil
}

// toChange finds an account that may be changed, and all there are.
func (x *Accounts) toChange(tx *store.Tx, by By, id paylink.AccountID, seen string) (paylink.Account, []paylink.Account, error) {
	if _, err := tx.MerchantToChange(by.Merchant); err != nil {
		return paylink.Account{}, nil, err
	}
	all, err := connected(tx, by)
	if err != nil {
		return paylink.Account{}, nil, err
	}
	row, err := named(all, id)
	switch {
	case err != nil:
		return row, nil, err
	case row.Provider == Sandbox:
		return row, nil, errFixed
	case seen != "" && seen != version(row):
		return row, nil, errStale
	}
	return row, all, nil
}

// amended is a row with a change, its values, and the names of what is different. An account whose provider
// this version does not know can be switched off and on, and named and ranked, but nothing else.
func (x *Accounts) amended(before paylink.Account, c Change, now time.Time) (after paylink.Account, values map[string]string, changed []string, err error) {
	asks := x.asks(before)
	j := &judgement{x: x, asks: asks}
	j.names(slices.Sorted(maps.Keys(c.Fields)))
	held, given := x.held(before, asks), map[string]string{}
	values = maps.Clone(held)
	for _, f := range asks.Fields {
		if said, ok := c.Fields[f.Name]; ok {
			given[f.Name] = strings.TrimSpace(said)
			if values[f.Name] = given[f.Name]; values[f.Name] == "" {
				delete(values, f.Name)
			}
		}
	}
	after = before
	set(&after.Channel, c.Channel)
	set(&after.Rank, c.Rank)
	set(&after.Off, c.Off)
	set(&after.Name, trimmed(c.Name))
	set(&after.BaseURL, trimmed(c.BaseURL))
	after.Fields = map[string]string{}
	for _, f := range asks.Fields {
		if v, ok := values[f.Name]; ok && !f.Secret {
			after.Fields[f.Name] = v
		}
	}
	j.moved(before, after, held, given)
	j.kept(c.KeepPrevious)
	if err := j.account(after, values); err != nil {
		return after, nil, nil, err
	}
	changed = differences(before, after, held, values)
	if after.Secret, after.Fields = before.Secret, before.Fields; !maps.Equal(held, values) {
		err = x.divide(&after, asks, values, x.replaced(before, after, values, c.keep(now)))
	}
	return after, values, changed, err
}

// asks is what an account's provider asks for.
func (x *Accounts) asks(row paylink.Account) Provider {
	if p, ok := x.known(row.Kind, row.Provider); ok {
		return p
	}
	return Provider{Kind: row.Kind, Title: row.Provider, Channels: paylink.Channels}
}

// held are the values of an account's fields. Secrets that cannot be opened are none: they must be given anew.
func (x *Accounts) held(row paylink.Account, asks Provider) map[string]string {
	values := map[string]string{}
	opened, err := provider.Open(x.ring, row)
	if err != nil {
		opened.Fields = row.Fields
	}
	for _, f := range asks.Fields {
		if v := opened.Fields[f.Name]; v != "" {
			values[f.Name] = v
		}
	}
	return values
}

// MaxPrevious is for how long secrets that were replaced may still be believed; a day is usual: a gateway goes on
// signing with the old one for hours after it has a new one.
const (
	MaxPrevious   = 7 * 24 * time.Hour
	usualPrevious = 24 * time.Hour
)

// keep is until when secrets that a change replaces are believed.
func (c Change) keep(now time.Time) time.Time {
	if c.KeepPrevious != nil {
		return now.Add(*c.KeepPrevious)
	}
	return now.Add(usualPrevious)
}

// replaced are the secrets that are believed beside the new values: those that they replace, else those that
// were replaced before. With an account that moves to another address no old ones go along.
func (x *Accounts) replaced(before, after paylink.Account, values map[string]string, until time.Time) provider.Previous {
	opened, err := provider.Open(x.ring, before)
	if err != nil || after.Kind != paylink.AccountGateway || after.BaseURL != before.BaseURL {
		return provider.Previous{}
	}
	old := provider.Previous{Secrets: map[string]string{}, Until: until}
	for _, f := range x.asks(before).Fields {
		if held := opened.Fields[f.Name]; f.Secret && held != "" && values[f.Name] != "" && held != values[f.Name] {
			old.Secrets[f.Name] = held
		}
	}
	if len(old.Secrets) == 0 {
		return opened.Previous()
	}
	return old
}

func set[T any](what *T, to *T) {
	if to != nil {
		*what = *to
	}
}

func trimmed(s *string) *string {
	if s == nil {
		return nil
	}
	t := strings.TrimSpace(*s)
	return &t
}

// differences names what a change has changed.
func differences(before, after paylink.Account, held, values map[string]string) []string {
	var names []string
	note := func(name string, different bool) {
		if different {
			names = append(names, name)
		}
	}
	note("channel", before.Channel != after.Channel)
	note("name", before.Name != after.Name)
	note("base_url", before.BaseURL != after.BaseURL)
	note("rank", before.Rank != after.Rank)
	note("switched_off", before.Off != after.Off)
	both := maps.Clone(held)
	maps.Copy(both, values)
	for _, field := range slices.Sorted(maps.Keys(both)) {
		note("fields."+field, held[field] != values[field])
	}
	return names
}

// openFor is how long ago a payment may have begun that is still open: the longest that gateways reserve money.
const openFor = 31 * 24 * time.Hour

// justNow is how long ago one may have begun that was not yet there when all of them were looked through.
const justNow = 10 * time.Minute

var errInFlight = &paylink.Conflict{
	Code: "payments_in_flight", Detail: "Payments are under way at this account, and their gateway has to be asked what becomes of them. Switch it off, so that no new ones begin, and disconnect it later.",
}

// Disconnect switches an account off and forgets its secrets and fields. Its row stays, because messages and
// payments name it. It fails with *paylink.NotFound, also the second time, with *paylink.Refused for the
// sandbox's, and with *paylink.Conflict "payments_in_flight".
func (x *Accounts) Disconnect(ctx context.Context, by By, id paylink.AccountID) error {
	now := x.now()
	if err := idle(x.store.Read(ctx), by.Merchant, id, now.Add(-openFor)); err != nil {
		return about(err, "disconnect account", id)
	}
	e := event(by, now, paylink.EventAccountDisconnected)
	err := x.store.Write(ctx, func(tx *store.Tx) error {
		row, _, err := x.toChange(tx, by, id, "")
		if err != nil {
			return err
		}
		if err := idle(tx.Reader, by.Merchant, id, now.Add(-justNow)); err != nil {
			return err
		}
		if err := x.divide(&row, Provider{}, nil, provider.Previous{}); err != nil {
			return err
		}
		row.Off, row.Name, row.BaseURL = true, string(row.ID), ""
		tx.UpdateAccount(row)
		e.Data.Account = snapshot(row, nil, nil)
		tx.AppendEvent(e)
		return nil
	})
	if err == nil {
		x.log.InfoContext(ctx, "account.disconnected", "merchant", by.Merchant, "account", id)
	}
	return about(err, "disconnect account", id)
}

// idle refuses to let an account go at which payments are open that began after a time.
func idle(read store.Reader, merchant paylink.MerchantID, id paylink.AccountID, after time.Time) error {
	open, err := read.OpenAtAccount(merchant, id, after)
	if err == nil && open {
		err = errInFlight
	}
	return err
}

// Move puts an account one place earlier or later among the merchant's of its kind in its mode, and counts their ranks
// anew from 1. At the end of the list it stays.
func (x *Accounts) Move(ctx context.Context, by By, id paylink.AccountID, earlier bool) error {
	now := x.now()
	told := make([]paylink.EventID, MaxAccounts)
	for i := range told {
		told[i] = paylink.NewEventID(now)
	}
	err := x.store.Write(ctx, func(tx *store.Tx) error {
		row, all, err := x.toChange(tx, by, id, "")
		if err != nil {
			return err
		}
		all = slices.DeleteFunc(all, func(a paylink.Account) bool { return a.Provider == Sandbox || a.Kind != row.Kind })
		at := slices.IndexFunc(all, func(a paylink.Account) bool { return a.ID == row.ID })
		to := at + 1
		if earlier {
			to = at - 1
		}
		if to < 0 || to >= len(all) {
			return nil
		}
		all[at], all[to] = all[to], all[at]
		for i, a := range all {
			if a.Rank == int64(i+1) {
				continue
			}
			a.Rank = int64(i + 1)
			tx.UpdateAccount(a)
			e := event(by, now, paylink.EventAccountChanged)
			e.ID, e.Data.Account = told[i], snapshot(a, x.held(a, x.asks(a)), []string{"rank"})
			tx.AppendEvent(e)
		}
		return nil
	})
	return about(err, "move account", id)
}

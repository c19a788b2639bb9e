package connect_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"paylink"
	"paylink/channel"
	"paylink/connect"
	"paylink/gateway"
	"paylink/keyring"
	"paylink/outbound"
	"paylink/provider"
	"paylink/store"
	"paylink/store/storetest"
)

var noon = time.Date(2026, time.November, 23, 12, 0, 0, 0, time.UTC)

// gate is a provider that hands on what it is asked with, and answers what the test says.
type gate struct {
	channel.Sender
	schemes map[string]string
	asked   chan channel.Account
	answer  chan error
}

func (g gate) Capabilities() channel.Capabilities {
	return channel.Capabilities{
		Name: "gate", Title: "Gate", Channels: []paylink.Channel{paylink.ChannelSMS, paylink.ChannelEmail}, Schemes: g.schemes,
		Fields: []provider.Field{
			{Name: "id", Label: "ID", Pattern: "[a-z]+", Most: 5, Example: "abc", Required: true},
			{Name: "host", Label: "Host"},
			{Name: provider.Secret, Label: "Token", Secret: true, Required: true},
			{Name: "spare", Label: "Spare", Secret: true},
		},
	}
}

func (g gate) Test(_ context.Context, a channel.Account) error {
	g.asked <- a
	return <-g.answer
}

// house is one merchant's accounts on one database.
type house struct {
	*testing.T
	store *store.Store
	ring  *keyring.Ring
	gate  gate
	all   *connect.Accounts
	by    connect.By
	log   *bytes.Buffer
}

func each(t *testing.T, fn func(h *house)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		text, err := keyring.Generate(rand.Reader, noon)
		if err != nil {
			t.Fatal(err)
		}
		h := &house{T: t, store: s, gate: gate{asked: make(chan channel.Account, 1), answer: make(chan error, 1)}, log: &bytes.Buffer{}}
		if h.ring, err = keyring.Parse(text); err != nil {
			t.Fatal(err)
		}
		server := h.gate
		server.schemes = map[string]string{"smpp": "2775"}
		h.all = connect.New(connect.Deps{
			Store: s, Ring: h.ring, Senders: map[string]channel.Sender{"gate": h.gate, "server": server}, Gateways: map[string]gateway.Gateway{"till": till{}}, PublicURL: "https://pay.example/",
			Client: outbound.New(outbound.Options{AllowHosts: []string{"10.0.4.7:2775", "127.0.0.1:9400"}}), Now: func() time.Time { return noon }, Log: slog.New(slog.NewTextHandler(h.log, nil)),
		})
		h.by = connect.By{Merchant: paylink.NewMerchantID(noon), ID: "usr_1"}
		err = s.Write(t.Context(), func(tx *store.Tx) error {
			tx.InsertMerchant(paylink.Merchant{ID: h.by.Merchant, Name: "Acme", Country: "IN", Currency: "INR", Locale: "en", TimeZone: "UTC", CreatedAt: noon})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		fn(h)
	})
}

func draft(name string) connect.Draft {
	return connect.Draft{Provider: "gate", Name: name, Fields: map[string]string{"id": "abc", provider.Secret: " canary-1\n"}}
}

func (h *house) connect(d connect.Draft) connect.Account {
	h.Helper()
	a, err := h.all.Connect(h.Context(), h.by, d, nil)
	if err != nil {
		h.Fatal(err)
	}
	return a
}

// opened is what the adapter is given.
func (h *house) opened(id paylink.AccountID) provider.Account {
	h.Helper()
	row, err := h.store.Read(h.Context()).Account(id)
	if err != nil {
		h.Fatal(err)
	}
	a, err := provider.Open(h.ring, row)
	if err != nil {
		h.Fatal(err)
	}
	return a
}

func wrong(err error) string {
	var invalid *paylink.Invalid
	var conflict *paylink.Conflict
	switch {
	case errors.As(err, &invalid):
		return strings.TrimPrefix(invalid.Error(), "invalid: ")
	case errors.As(err, &conflict):
		return conflict.Code
	}
	return fmt.Sprint(err)
}

// A page that is saved without its secrets must not take them away; and what is taken away must be gone.
func TestSecretsStayUntilTheyAreSentOrTakenAway(t *testing.T) {
	each(t, func(h *house) {
		a := h.connect(draft(""))
		if got := h.opened(a.ID); got.Secret != "canary-1" || got.Fields["id"] != "abc" {
			h.Errorf("opened: %q", got.Fields)
		}
		name, none := "Night", ""
		for _, c := range []connect.Change{
			{Name: &name}, {Fields: map[string]string{"spare": "canary-2"}}, {Fields: map[string]string{"id": "abd"}},
		} {
			if _, err := h.all.Change(h.Context(), h.by, a.ID, c); err != nil {
				h.Fatal(err)
			}
		}
		if got := h.opened(a.ID); got.Secret != "canary-1" || got.Fields["spare"] != "canary-2" || got.Fields["id"] != "abd" {
			h.Errorf("changed: %q", got.Fields)
		}
		after, err := h.all.Change(h.Context(), h.by, a.ID, connect.Change{Fields: map[string]string{"spare": none}})
		if err != nil || len(after.Secrets) != 1 || h.opened(a.ID).Fields["spare"] != "" {
			h.Errorf("taken away: %v %v", after.Secrets, err)
		}
		if _, err := h.all.Change(h.Context(), h.by, a.ID, connect.Change{Fields: map[string]string{provider.Secret: none, "id": "toolong"}}); wrong(err) != "/fields/id too_long, /fields/secret required" {
			h.Error(wrong(err))
		}
		if err := h.all.Disconnect(h.Context(), h.by, a.ID); err != nil {
			h.Fatal(err)
		}
		if got := h.opened(a.ID); got.Secret != "" || len(got.Fields) != 0 {
			h.Errorf("disconnected, and still there: %q", got.Fields)
		}
		if strings.Contains(h.log.String(), "canary") {
			h.Error("the log has a secret")
		}
	})
}

// Whoever may change an account would read its secrets by sending them to a server of his own.
func TestAnotherAddressNeedsTheSecretsAgain(t *testing.T) {
	each(t, func(h *house) {
		a := h.connect(draft(""))
		base, host := "http://127.0.0.1:9400", map[string]string{"host": "evil.example"}
		for _, c := range []connect.Change{{BaseURL: &base}, {Fields: host}} {
			if _, err := h.all.Change(h.Context(), h.by, a.ID, c); wrong(err) != "/fields/secret required_again" {
				h.Error(wrong(err))
			}
		}
		if _, err := h.all.Change(h.Context(), h.by, a.ID, connect.Change{BaseURL: &base, Fields: map[string]string{provider.Secret: "new"}}); err != nil || h.opened(a.ID).Secret != "new" {
			h.Error(wrong(err))
		}
	})
}

// A base URL into the server's own network is a way around its walls.
func TestAddressesOfProvidersAreGuarded(t *testing.T) {
	each(t, func(h *house) {
		for base, want := range map[string]string{
			"gate https://api.example.com": "", "gate http://127.0.0.1:9400/x": "", "gate http://127.0.0.1:9401": "/base_url bad_url",
			"gate http://api.example.com": "/base_url bad_url", "gate https://10.0.4.7": "/base_url bad_url", "gate smpp://10.0.4.7": "/base_url bad_url",
			"server smpp://10.0.4.7": "", "server smpp://10.0.4.7:2775": "", "server smpp://10.0.4.8": "/base_url bad_url", "server smpp://smsc.example.com": "",
			"server smpp://a:b@smsc.example.com": "/base_url bad_url", "server https://smsc.example.com": "/base_url bad_url", "server smpp://smsc.example.com/x": "/base_url bad_url",
			"server ": "/base_url required", "gate ": "",
		} {
			d := draft(base)
			d.Provider, d.BaseURL, _ = strings.Cut(base, " ")
			_, err := h.all.Connect(h.Context(), h.by, d, nil)
			if got := wrong(err); got != want && (want != "" || err != nil) {
				h.Errorf("%q: %s", base, got)
			}
		}
	})
}

// Two pages that connect the same account, or move one at once, leave one account, and none with the other's
// half.
func TestAccountsAreChangedOneByOne(t *testing.T) {
	each(t, func(h *house) {
		const many = 8
		var group sync.WaitGroup
		ended := make([]error, many)
		for i := range many {
			group.Go(func() { _, ended[i] = h.all.Connect(h.Context(), h.by, draft("same"), nil) })
		}
		group.Wait()
		made := 0
		for _, err := range ended {
			if err == nil {
				made++
			} else if wrong(err) != "account_exists" {
				h.Error(err)
			}
		}
		all, err := h.all.List(h.Context(), h.by.Merchant, false)
		if err != nil || made != 1 || len(all) != 1 {
			h.Fatalf("%d made, %d there, %v", made, len(all), err)
		}
		values := make([]string, many)
		for i := range many {
			values[i] = strings.Repeat(string(rune('a'+i)), 3)
			group.Go(func() {
				_, ended[i] = h.all.Change(h.Context(), h.by, all[0].ID, connect.Change{Fields: map[string]string{"id": values[i], provider.Secret: "s-" + values[i]}, Version: all[0].Version})
			})
		}
		group.Wait()
		won := ""
		for i, err := range ended {
			if err == nil {
				won += values[i]
			} else if wrong(err) != "wrong_revision" {
				h.Error(err)
			}
		}
		if got := h.opened(all[0].ID); len(won) != 3 || got.Fields["id"] != won || got.Secret != "s-"+won {
			h.Errorf("%q won, and %q stands", won, got.Fields["id"])
		}
	})
}

// A provider that never answers must not hold every request of the node.
func TestOneTestAtATime(t *testing.T) {
	each(t, func(h *house) {
		a := h.connect(draft(""))
		first := make(chan connect.Trial, 1)
		go func() {
			said, _ := h.all.Test(h.Context(), h.by, a.ID, nil)
			first <- said
		}()
		if asked := <-h.gate.asked; asked.Secret != "canary-1" {
			h.Errorf("asked with %q", asked.Secret)
		}
		if _, err := h.all.Test(h.Context(), h.by, a.ID, nil); wrong(err) != "test_running" {
			h.Error(wrong(err))
		}
		h.gate.answer <- fmt.Errorf("ask: %w", &provider.Rejected{Code: "c1", Reason: provider.NoBalance, Words: "no money"})
		if said := <-first; said.Works || said.Reason != provider.NoBalance || said.Words != "no money" || said.Detail == "" {
			h.Errorf("%+v", said)
		}
		for end, want := range map[error]provider.Reason{
			&provider.Rejected{Code: "odd"}:                                        connect.Refused,
			&provider.Broken{When: provider.NotSent, Err: outbound.ErrDestination}: connect.NotAllowed,
			&provider.Broken{When: provider.Unknown, Err: errors.New("reset")}:     connect.NoAnswer,
		} {
			h.gate.answer <- end
			said, err := h.all.Test(h.Context(), h.by, a.ID, nil)
			if <-h.gate.asked; err != nil || said.Works || said.Reason != want || said.Detail == "" {
				h.Errorf("%v: %+v %v", end, said, err)
			}
		}
	})
}

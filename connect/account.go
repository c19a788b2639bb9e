package connect

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"time"

	"paylink"
	"paylink/provider"
)

// Account is an account as it may be shown: of its secrets, only which are set.
type Account struct {
	ID         paylink.AccountID
	Live       bool
	Kind       paylink.AccountKind
	Provider   string
	Title      string            // of the provider, as people write it
	Channel    paylink.Channel   // the one that it is kept to; empty: each that the provider carries
	Channels   []paylink.Channel // that it carries
	Methods    []paylink.Method  // that it takes, for one with a gateway
	Name       string
	BaseURL    string // empty: the provider's own
	Rank       int64
	Off        bool
	Fields     map[string]string // without secrets
	Secrets    []string          // the names of the secret fields that are set
	Broken     bool              // its secrets cannot be opened: the key that sealed them is not in the ring
	ReceiptURL string            // where the provider posts receipts or notices; empty: it does not
	Testable   bool
	Fixed      bool   // the sandbox's: nobody changes it
	Version    string // another one after each change

	PreviousUntil time.Time // until then what was signed with the secrets before is believed; zero: it is not
}

// view shows a row. An account whose provider this version does not know keeps its name for a title.
func (x *Accounts) view(row paylink.Account) Account {
	a := Account{
		ID: row.ID, Live: row.Live, Kind: row.Kind, Provider: row.Provider, Title: row.Provider, Channel: row.Channel, Name: row.Name, BaseURL: row.BaseURL,
		Rank: row.Rank, Off: row.Off, Fields: map[string]string{}, Secrets: []string{}, Fixed: row.Provider == Sandbox, Version: version(row),
	}
	if row.Channel != "" {
		a.Channels = []paylink.Channel{row.Channel}
	}
	p, ok := x.known(row.Kind, row.Provider)
	if !ok {
		return a
	}
	a.Title, a.Testable, a.Methods = p.Title, p.Testable, p.Methods
	if row.Channel == "" {
		a.Channels = slices.Clone(p.Channels)
	}
	if p.Posts && !a.Fixed {
		a.ReceiptURL = x.public + "/inbound/" + string(row.Kind) + "/" + url.PathEscape(row.Provider) + "/" + url.PathEscape(string(row.ID))
	}
	opened, err := provider.Open(x.ring, row)
	a.Broken, a.PreviousUntil = err != nil, opened.PreviousUntil
	for _, f := range p.Fields {
		switch {
		case !f.Secret:
			if value, ok := row.Fields[f.Name]; ok {
				a.Fields[f.Name] = value
			}
		case opened.Fields[f.Name] != "":
			a.Secrets = append(a.Secrets, f.Name)
		}
	}
	return a
}

// version is a digest of the row: it differs when anything in it does, and tells nothing of it, because the
// secrets in it are sealed with a random nonce.
func version(row paylink.Account) string {
	fields := fmt.Sprint(slices.Sorted(maps.Keys(row.Fields)), row.Fields) // fmt writes maps in the order of their keys
	text := fmt.Sprintf("%q %q %q %q %d %t %q %x", row.ID, row.Channel, row.Name, row.BaseURL, row.Rank, row.Off, fields, row.Secret)
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:8])
}

// snapshot is the row for an event.
func snapshot(row paylink.Account, set map[string]string, changed []string) *paylink.AccountSnapshot {
	names := slices.Sorted(maps.Keys(set))
	if names == nil {
		names = []string{}
	}
	return &paylink.AccountSnapshot{
		ID: row.ID, Object: "account", Livemode: row.Live, Provider: row.Provider, Channel: row.Channel, Rank: row.Rank, Off: row.Off,
		Fields: names, Changed: changed,
	}
}

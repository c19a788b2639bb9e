package node

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"fmt"
	"strings"
	"time"

	"paylink"
	"paylink/access"
	"paylink/provider"
	"paylink/provider/sandboxwire"
	"paylink/store"
)

// NewMerchant is what has to be said about a merchant to begin.
type NewMerchant struct {
	Name, Email, Country, Currency, TimeZone string
	Website, SupportEmail                    string
}

// Credentials are shown once: only hashes of them are kept.
type Credentials struct {
	MerchantID paylink.MerchantID `json:"merchant_id"`
	Email      string             `json:"dashboard_email"`
	Password   string             `json:"dashboard_password"`
	TestKey    string             `json:"test_key"`
	LiveKey    string             `json:"live_key"`
}

// CreateMerchant adds a merchant with a first person, an API key for each mode, and a test world that
// is connected to the sandbox. It prepares the database, if nobody has.
func (n *Node) CreateMerchant(ctx context.Context, m NewMerchant) (Credentials, error) {
	if err := m.check(); err != nil {
		return Credentials{}, err
	}
	if err := n.Prepare(ctx); err != nil {
		return Credentials{}, err
	}
	now := n.world.Now().UTC().Truncate(time.Microsecond)
	made := Credentials{MerchantID: paylink.NewMerchantID(now), Email: strings.ToLower(m.Email), Password: newPassword()}
	staff, err := n.access.NewStaff(ctx, made.MerchantID, made.Email, made.Password)
	if err != nil {
		return Credentials{}, err
	}
	testKey, test := access.NewKey(made.MerchantID, false, "first test key", now)
	liveKey, live := access.NewKey(made.MerchantID, true, "first live key", now)
	made.TestKey, made.LiveKey = testKey, liveKey
	accounts := n.sandboxAccounts(made.MerchantID, now)
	err = n.store.Write(ctx, func(tx *store.Tx) error {
		tx.InsertMerchant(paylink.Merchant{
			ID: made.MerchantID, Name: m.Name, LegalName: m.Name, Country: m.Country, Currency: paylink.Currency(m.Currency),
			Locale: "en", TimeZone: m.TimeZone, Colour: "#0b5f4a", Website: m.Website, SupportEmail: m.SupportEmail,
			DefaultExpiry: 72 * time.Hour, CreatedAt: now,
		})
		tx.InsertStaff(staff)
		tx.InsertKey(test)
		tx.InsertKey(live)
		for _, a := range accounts {
			tx.InsertAccount(a, now)
		}
		return nil
	})
	return made, err
}

func (m NewMerchant) check() error {
	var wrong []error
	if strings.TrimSpace(m.Name) == "" || len(m.Name) > 100 {
		wrong = append(wrong, errors.New("the name must have 1 to 100 characters"))
	}
	if !strings.Contains(m.Email, "@") || len(m.Email) > 254 {
		wrong = append(wrong, errors.New("the e-mail address cannot be"))
	}
	if _, ok := paylink.Currency(m.Currency).Exponent(); !ok {
		wrong = append(wrong, errors.New("the currency must be an ISO 4217 code"))
	}
	if _, err := time.LoadLocation(m.TimeZone); err != nil || m.TimeZone == "" {
		wrong = append(wrong, errors.New("the time zone must be an IANA name, such as Asia/Kolkata"))
	}
	if len(m.Country) != 2 || strings.ToUpper(m.Country) != m.Country {
		wrong = append(wrong, errors.New("the country must be an ISO 3166 code, such as IN"))
	}
	return errors.Join(wrong...)
}

// sandboxAccounts connects a merchant's test world: one gateway, and each channel.
func (n *Node) sandboxAccounts(merchant paylink.MerchantID, now time.Time) []paylink.Account {
	account := func(kind paylink.AccountKind, channel paylink.Channel) paylink.Account {
		a := paylink.Account{
			ID: paylink.NewAccountID(now), Merchant: merchant, Kind: kind, Provider: "sandbox", Channel: channel, BaseURL: n.sandboxURL(),
		}
		a.Secret = n.sandboxSecret(a)
		return a
	}
	all := []paylink.Account{account(paylink.AccountGateway, "")}
	for _, c := range paylink.Channels {
		all = append(all, account(paylink.AccountChannel, c))
	}
	return all
}

func (n *Node) sandboxSecret(a paylink.Account) []byte {
	secret := sandboxwire.Secret(n.settings.SandboxKey, provider.Account{ID: a.ID, Merchant: a.Merchant})
	return provider.SealSecret(n.ring, a.ID, secret)
}

// moveSandbox points the sandbox accounts at where the sandbox is today: the demo may listen on
// another port than yesterday, and its key is the operator's to change.
func (n *Node) moveSandbox(ctx context.Context) error {
	read := n.store.Read(ctx)
	merchants, err := read.Merchants()
	if err != nil {
		return err
	}
	for _, m := range merchants {
		for _, kind := range []paylink.AccountKind{paylink.AccountGateway, paylink.AccountChannel} {
			accounts, err := read.Accounts(m.ID, false, kind)
			if err != nil {
				return err
			}
			for _, a := range accounts {
				if a.Provider != "sandbox" || (a.BaseURL == n.sandboxURL() && n.sandboxOpens(a)) {
					continue
				}
				err := n.store.Write(ctx, func(tx *store.Tx) error {
					tx.SetAccountURL(m.ID, a.ID, n.sandboxURL())
					tx.SetAccountSecret(m.ID, a.ID, n.sandboxSecret(a))
					return nil
				})
				if err != nil {
					return fmt.Errorf("move account %s: %w", a.ID, err)
				}
			}
		}
	}
	return nil
}

// sandboxOpens tells whether the account's secret is the one that the sandbox expects.
func (n *Node) sandboxOpens(a paylink.Account) bool {
	opened, err := provider.Open(n.ring, a)
	return err == nil && sandboxwire.Secret(n.settings.SandboxKey, opened) == opened.Secret
}

// Knows tells whether the database, which is prepared, holds the merchant.
func (n *Node) Knows(ctx context.Context, id paylink.MerchantID) bool {
	_, err := n.store.Read(ctx).Merchant(id)
	return err == nil
}

// DemoMerchant names the merchant for whom /sandbox acts when no key says so. It is called before
// Serve, in the demo only.
func (n *Node) DemoMerchant(id paylink.MerchantID) { n.demo = id }

// newPassword has 100 random bits in four groups that a person can type.
func newPassword() string {
	var b [13]byte
	rand.Read(b[:])
	text := strings.ToLower(base32.StdEncoding.EncodeToString(b[:]))[:20]
	return text[:5] + "-" + text[5:10] + "-" + text[10:15] + "-" + text[15:]
}

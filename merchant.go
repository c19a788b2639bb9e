package paylink

import "time"

// Merchant is who asks for money.
type Merchant struct {
	ID            MerchantID
	Name          string // as customers know it
	LegalName     string
	Country       string // ISO 3166 alpha-2; the home of phone numbers written without a prefix
	Currency      Currency
	Locale        string // of pages and messages when the customer has none
	TimeZone      string // IANA
	Header        string // sender header held with Indian operators; empty: none
	Colour        string // "#0b5fff": the one brand colour of its pages
	Website       string
	SupportPhone  string
	SupportEmail  string
	DefaultExpiry time.Duration // of a link that names none; zero: never
	Settings      Settings
	ClockOffset   time.Duration // how far the sandbox clock is ahead, in test mode only
	CreatedAt     time.Time
}

// Now is the time by which links, reminders and schedules of one world are judged: real time in
// live mode, the sandbox clock in test mode.
func (m Merchant) Now(live bool, now time.Time) time.Time {
	if live {
		return now
	}
	return now.Add(m.ClockOffset)
}

// Quiet is when nothing is sent to customers that could wait.
func (m Merchant) Quiet() QuietHours {
	q := QuietHours{From: 21 * 60, To: 9 * 60, Zone: m.Zone()}
	if said := m.Settings.QuietHours; said != nil {
		q.From, _ = ParseMinute(said.From)
		q.To, _ = ParseMinute(said.To)
	}
	return q
}

// ExpiresIn is the default expiry in seconds; nil when links live for ever.
func (m Merchant) ExpiresIn() *int64 {
	if m.DefaultExpiry <= 0 {
		return nil
	}
	seconds := int64(m.DefaultExpiry / time.Second)
	return &seconds
}

// Snapshot is what the merchant has decided about its links, for an event. at dates the change.
func (m Merchant) Snapshot(at time.Time) *MerchantSnapshot {
	return &MerchantSnapshot{ID: m.ID, Object: "merchant", DefaultExpiry: m.ExpiresIn(), Settings: m.Settings, UpdatedAt: at}
}

// AccountKind says what an account with a provider is for.
type AccountKind string

const (
	AccountGateway AccountKind = "gateway"
	AccountChannel AccountKind = "channel"
)

// Account is a merchant's own account with a gateway or a channel provider. Secret is what both
// sides sign or authenticate with, sealed at rest.
type Account struct {
	ID       AccountID
	Merchant MerchantID
	Live     bool
	Kind     AccountKind
	Provider string            // "sandbox"
	Channel  Channel           // for channels: which one; empty: each that its provider carries
	Name     string            // the merchant's own, where there are several with one provider; may be empty
	BaseURL  string            // empty: the provider's own
	Secret   []byte            // sealed by the key ring with the account's id as bound data
	Fields   map[string]string // what else the provider asked for and is no secret
	Rank     int64             // the lower, the sooner it is chosen
	Off      bool              // not used for anything new; what it is asked about is still understood
}

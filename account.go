package paylink

import "strings"

// AccountSnapshot is an account with a provider as it was at one moment, for an event: which one, and what of
// it is set, never with what. The merchant's own name for it and its base URL stay out, because people write
// into names what they like, and a URL may hold a key.
type AccountSnapshot struct {
	ID       AccountID `json:"id" doc:"acct_…"`
	Object   string    `json:"object" enum:"account"`
	Livemode bool      `json:"livemode"`
	Provider string    `json:"provider"`
	Channel  Channel   `json:"channel,omitempty" doc:"absent: each that the provider carries"`
	Rank     int64     `json:"rank" doc:"the lower, the sooner it is chosen"`
	Off      bool      `json:"switched_off" doc:"not used for anything new"`
	Fields   []string  `json:"fields" doc:"the names of the fields that are set, secrets among them"`
	Changed  []string  `json:"changed,omitempty" doc:"what the event changed, by name"`
}

// Gone tells that the merchant has disconnected the account: its secrets are forgotten, and the row stays
// because messages name it. It then has its own id for a name, so that the name it had is free again.
func (a Account) Gone() bool { return a.Off && a.Name == string(a.ID) }

// AccountNameReserved tells that no merchant may choose the name, because of [Account.Gone].
func AccountNameReserved(name string) bool { return strings.HasPrefix(name, tagAccount+"_") }

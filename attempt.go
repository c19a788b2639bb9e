package paylink

import "time"

// AttemptState is how one call to a provider stands.
type AttemptState string

const (
	AttemptCalling AttemptState = "calling"
	AttemptTaken   AttemptState = "taken"
	AttemptRefused AttemptState = "refused"
	AttemptBroken  AttemptState = "broken"
	AttemptUnknown AttemptState = "unknown"
)

// AttemptMachine tells what an attempt may become. One whose end is not known is resolved by asking the
// provider, by a receipt, or by the merchant's choice.
var AttemptMachine = Machine[AttemptState]{
	Name: "Attempt", Start: AttemptCalling,
	Moves: map[AttemptState][]AttemptState{
		AttemptCalling: {AttemptTaken, AttemptRefused, AttemptBroken, AttemptUnknown},
		AttemptUnknown: {AttemptTaken, AttemptRefused, AttemptBroken},
	},
	Says: map[AttemptState]string{
		AttemptCalling: "the provider is being called; or was, by a process that died",
		AttemptTaken:   "the provider has taken the message",
		AttemptRefused: "the provider refused it, nothing was sent",
		AttemptBroken:  "the provider did not hear of it, nothing was sent",
		AttemptUnknown: "the provider may have it; nobody else is tried before that is known",
	},
}

// Attempt is one call that handed, or tried to hand, a message to a provider.
type Attempt struct {
	Merchant          MerchantID
	Live              bool
	Link              LinkID
	Message           MessageID
	Number            int64 // 1 for the message's first
	Account           AccountID
	Provider          string   // "twilio"
	Device            DeviceID // of a push, which tells a device of a message that has been sent; empty: it carried the message itself
	State             AttemptState
	ProviderReference string // by which the provider's receipts name the message; empty: not told
	Reason            string // why it did not succeed, in our words: a provider.Reason; empty: it did, or not understood
	Code              string // the provider's code; "no_answer" and "unreachable" are ours
	Words             string // the provider's sentence without personal data
	Segments          int64  // what is charged as one message each; 0: not known
	Cost              int64  // in hundredths of a minor unit of Currency; 0: not known, or nothing
	Currency          Currency
	Price             string    // as the provider told it: "0.0075 USD"
	Priced            bool      // Cost is known: by the merchant's prices, or as the provider told it
	Reserved          int64     // of Cost, what counts against the merchant's message budget
	BeganAt, EndedAt  time.Time // zero EndedAt: still calling, or nobody came back to tell
	AgainAt           time.Time // when the same provider may be called again for this message; zero: never
}

// Open tells whether it is not known what became of the attempt.
func (a Attempt) Open() bool { return a.State == AttemptCalling || a.State == AttemptUnknown }

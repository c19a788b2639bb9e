package audit

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"paylink"
	"paylink/keyring"
	"paylink/store"
)

// Verifier proves what a database holds: that every chain is whole, that it is the one whose heads were
// signed, that links and payments say what their events and sums say, and that the merchants' books are in balance
// and agree with the payments. It only reads, in short reads,
// so it may run beside a server; what it holds in memory is bounded, but for the payments of one link.
type Verifier struct {
	Store *store.Store
	Ring  *keyring.Ring // whose keys signed the checkpoints
	Now   func() time.Time
}

// Report is what a verification found.
type Report struct {
	Chains       int64 `json:"chains"`
	Events       int64 `json:"events"`       // sealed, each held to its place and its hash
	Unhashed     int64 `json:"unhashed"`     // of them: sealed by a build without hashes, not judged
	Unsealed     int64 `json:"unsealed"`     // beside them: written, without a place yet, not judged
	Checkpoints  int64 `json:"checkpoints"`  // signed, and held to the chains
	Heads        int64 `json:"heads"`        // that they name
	Unverifiable int64 `json:"unverifiable"` // checkpoints whose key is no longer in the ring
	Unreadable   int64 `json:"unreadable"`   // lines of a file that are no checkpoint
	Links        int64 `json:"links"`
	Payments     int64 `json:"payments"`
	Entries      int64 `json:"ledger_entries"`  // each held to itself and to its payment
	Postings     int64 `json:"ledger_postings"` // of them
	Accounts     int64 `json:"ledger_accounts"` // whose totals were held to their postings
	Unposted     int64 `json:"unposted"`        // payments from before there were books that are not entered yet, not judged

	Broken *Finding `json:"broken"` // the first entry that is wrong; none when all holds
}

// Finding names one entry that is wrong and the rule that it breaks.
type Finding struct {
	Rule       Rule               `json:"rule"`
	Merchant   paylink.MerchantID `json:"merchant_id"`
	Mode       string             `json:"mode,omitempty"`     // "live" or "test": with it, the chain
	Sequence   int64              `json:"sequence,omitempty"` // in the chain
	Event      paylink.EventID    `json:"event_id,omitempty"`
	Link       paylink.LinkID     `json:"link_id,omitempty"`
	Payment    paylink.PaymentID  `json:"payment_id,omitempty"`
	Entry      paylink.EntryID    `json:"entry_id,omitempty"`
	Account    string             `json:"account,omitempty"`    // of a book: the gateway account, the currency, the account
	Checkpoint string             `json:"checkpoint,omitempty"` // its time
	Detail     string             `json:"detail"`
}

// Rule is a promise that an entry breaks.
type Rule string

// The rules, in the order in which they are judged.
const (
	RuleSequence   Rule = "sequence"   // places are without gaps, from 1
	RuleHash       Rule = "hash"       // an event's hash is that of its columns and the hash before it
	RuleHead       Rule = "head"       // a chain's head is its last event
	RuleSignature  Rule = "signature"  // a checkpoint is signed by the installation's key
	RuleCheckpoint Rule = "checkpoint" // the event at a signed place has the signed hash
	RuleMove       Rule = "move"       // a payment's states follow each other as its machine allows
	RuleSnapshot   Rule = "snapshot"   // a payment is what its last event said
	RuleSums       Rule = "sums"       // a link counts what its payments are
	RuleStatus     Rule = "status"     // a link's status follows from its facts
	RuleEntry      Rule = "entry"      // an entry of the books sums to zero and stands where it belongs
	RulePosted     Rule = "posted"     // what the books say of a payment is what it says itself
	RuleBalance    Rule = "balance"    // an account's totals are the sum of its postings
	RuleNegative   Rule = "negative"   // no account stands on the side on which it never may
)

func (f Finding) String() string {
	text := string(f.Rule) + ":"
	for _, part := range []struct{ name, value string }{
		{"", string(f.Merchant)}, {"", f.Mode}, {"checkpoint ", f.Checkpoint}, {"sequence ", number(f.Sequence)},
		{"event ", string(f.Event)}, {"link ", string(f.Link)}, {"payment ", string(f.Payment)},
		{"entry ", string(f.Entry)}, {"account ", f.Account},
	} {
		if part.value != "" {
			text += " " + part.name + part.value
		}
	}
	return text + ": " + f.Detail
}

func number(n int64) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}

// Verify looks at everything and stops at the first entry that is wrong, which is the result's Broken
// and no error. kept are checkpoints from outside the database, which are judged beside those in it.
func (v *Verifier) Verify(ctx context.Context, kept ...CheckpointFile) (Report, error) {
	r := &Report{}
	read := v.Store.Read(ctx)
	m := newMemory(mostRemembered)
	var err error
	if r.Unsealed, _, err = read.UnsealedEvents(); err != nil {
		return *r, err
	}
	for _, pass := range []func() (*Finding, error){
		func() (*Finding, error) { return inTurn(ctx, v.chains(ctx, r, m)) },
		func() (*Finding, error) { return inTurn(ctx, v.checkpoints(ctx, r, kept)) },
		func() (*Finding, error) { return v.judgeStates(ctx, r, m) },
		func() (*Finding, error) { return inTurn(ctx, v.ledgers(ctx, r)) },
	} {
		if r.Broken, err = pass(); r.Broken != nil || err != nil {
			return *r, err
		}
	}
	return *r, nil
}

// workers is how many pieces are judged at once: the database and we take turns.
func workers() int { return 2 * runtime.GOMAXPROCS(0) }

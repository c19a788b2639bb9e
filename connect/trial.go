package connect

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"paylink"
	"paylink/channel"
	"paylink/gateway"
	"paylink/outbound"
	"paylink/provider"
	"paylink/store"
)

// trialFor is how long a provider may take to say whether credentials are good. A request waits for it.
const trialFor = 10 * time.Second

// maxTrials is how many providers are asked at once on one node: each holds a request open.
const maxTrials = 8

// The reasons why a trial does not say that an account works that are not the provider's own.
const (
	NotTestable provider.Reason = "not_testable" // the provider cannot be asked without sending a message
	NotAllowed  provider.Reason = "not_allowed"  // its address may not be called from here
	NoAnswer    provider.Reason = "no_answer"    // it did not answer, or not as itself
	Refused     provider.Reason = "refused"      // for a reason that is none of ours
	Unreadable  provider.Reason = "unreadable"   // the secrets cannot be opened
)

// Trial is what a provider says of an account's credentials. It is kept for whoever asks again with the same
// Idempotency-Key, so it holds nothing that a log may not.
type Trial struct {
	Works  bool            `json:"works"`
	Reason provider.Reason `json:"reason,omitempty"` // why not
	Detail string          `json:"detail"`           // a sentence for people
	Code   string          `json:"code,omitempty"`   // the provider's own
	Words  string          `json:"words,omitempty"`  // the provider's own, without addresses and long numbers
}

// trials are those under way.
type trials struct {
	mu      sync.Mutex
	running map[paylink.MerchantID]bool
}

var errTrying = &paylink.Conflict{Code: "test_running", Detail: "An account is being tested at this moment. Try again when that has ended."}

func (t *trials) enter(m paylink.MerchantID) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.running[m] || len(t.running) >= maxTrials {
		return false
	}
	t.running[m] = true
	return true
}

func (t *trials) leave(m paylink.MerchantID) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.running, m)
}

// Test asks the provider whether an account's credentials are good, without a message. It waits for the answer
// for ten seconds. It fails with *paylink.NotFound, and with *paylink.Conflict "test_running" while the
// merchant, or too many others, have one asked.
func (x *Accounts) Test(ctx context.Context, by By, id paylink.AccountID, claim *store.Claim) (Trial, error) {
	rows, err := rowsOf(x.store.Read(ctx), by.Merchant, by.Live)
	if err != nil {
		return Trial{}, about(err, "test account", id)
	}
	row, err := named(rows, id)
	if err != nil {
		return Trial{}, err
	}
	if !x.trials.enter(by.Merchant) {
		return Trial{}, errTrying
	}
	defer x.trials.leave(by.Merchant)
	trial := x.try(ctx, row)
	x.log.InfoContext(ctx, "account.tested", "merchant", by.Merchant, "account", id, "provider", row.Provider, "works", trial.Works, "reason", string(trial.Reason), "code", trial.Code)
	if claim == nil {
		return trial, nil
	}
	text, err := json.Marshal(trial)
	if err != nil {
		return Trial{}, fmt.Errorf("keep what a test of account %s said: %w", id, err)
	}
	out, _, err := x.store.WriteOnce(ctx, claim, x.now(), func(tx *store.Tx) (store.Outcome, error) {
		_, err := tx.Merchant(by.Merchant)
		return store.Outcome{Status: 200, Object: string(text)}, err
	})
	if err != nil {
		return Trial{}, about(err, "test account", id)
	}
	return trial, json.Unmarshal([]byte(out.Object), &trial)
}

// try asks the provider.
func (x *Accounts) try(ctx context.Context, row paylink.Account) Trial {
	test, ok := x.tester(row)
	if !ok {
		return trialOf(NotTestable)
	}
	account, err := provider.Open(x.ring, row)
	if err != nil {
		return trialOf(Unreadable)
	}
	ctx, cancel := context.WithTimeout(ctx, trialFor)
	defer cancel()
	return judged(test(ctx, account))
}

// tester finds what asks an account's provider.
func (x *Accounts) tester(row paylink.Account) (test func(context.Context, provider.Account) error, ok bool) {
	if row.Kind == paylink.AccountGateway {
		if t, ok := gateway.As[gateway.Tester](x.gateways[row.Provider]); ok {
			return t.Test, true
		}
		return nil, false
	}
	if t, ok := channel.As[channel.Tester](x.senders[row.Provider]); ok {
		return t.Test, true
	}
	return nil, false
}

// judged says what the end of a call to a provider means for its account.
func judged(err error) Trial {
	var rejected *provider.Rejected
	switch {
	case err == nil:
		return Trial{Works: true, Detail: "The provider accepts these credentials."}
	case errors.As(err, &rejected):
		reason := rejected.Reason
		if reason == "" {
			reason = Refused
		}
		trial := trialOf(reason)
		trial.Code, trial.Words = rejected.Code, rejected.Words
		return trial
	case errors.Is(err, outbound.ErrDestination):
		return trialOf(NotAllowed)
	}
	return trialOf(NoAnswer)
}

func trialOf(reason provider.Reason) Trial { return Trial{Reason: reason, Detail: sentences[reason]} }

// Sentence says to a merchant's people what a reason means for an account that was tested, and what to do.
func Sentence(reason provider.Reason) string { return sentences[reason] }

var sentences = map[provider.Reason]string{
	NotTestable: "This provider cannot be asked by itself. Send a payment link to yourself to try it.",
	NotAllowed:  "This server may not call that address. Whoever runs it can allow it by PAYLINK_PROVIDER_HOSTS.",
	NoAnswer:    "The provider did not answer in a way that can be understood. Check the base URL, or try again later.",
	Refused:     "The provider refused, for a reason of its own.",
	Unreadable:  "The stored secrets cannot be opened. Enter them again.",

	provider.BadCredentials: "The provider does not accept these credentials. Copy them again from its console.",
	provider.NoBalance:      "The credentials are good, but the account has no balance. Top it up at the provider.",
	provider.Throttled:      "The provider asks to wait. Try again in a minute.",
	provider.ProviderDown:   "The provider has trouble of its own. Try again later.",
	provider.BadRequest:     "The provider does not understand what it was sent. Check the fields of the account.",
	provider.BadTemplate:    "The provider does not know the template. Check its name or id in the provider's console.",
	provider.Blocked:        "The provider has blocked the account, or what it may do. Look into its console.",
	provider.InvalidAddress: "The provider does not know the sender's number or address. Check it in its console.",
	provider.NotOnChannel:   "The sender is not set up for this channel at the provider.",
	provider.OptedOut:       "The provider says that messages are not wanted there.",
	provider.Unreachable:    "The provider cannot reach what it was asked about.",
	provider.Expired:        "The provider gave up in time. Try again.",
}

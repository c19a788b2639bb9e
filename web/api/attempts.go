package api

import (
	"time"

	"paylink"
)

// attemptView is one call that handed, or tried to hand, a message to a provider.
type attemptView struct {
	Number            int64                `json:"number" minimum:"1" maximum:"1000" doc:"1 for the message's first"`
	Account           paylink.AccountID    `json:"account_id" doc:"your account with the provider, acct_…; empty: none was needed, as for the customer's inbox"`
	Device            *paylink.DeviceID    `json:"device_id" doc:"the device that was told of a message in the inbox, dev_…; null: the call carried the message itself"`
	Provider          string               `json:"provider" doc:"who was called"`
	State             paylink.AttemptState `json:"state" enum:"calling,taken,refused,broken,unknown" doc:"taken: the provider has the message; broken: it did not hear of it; unknown: it may have it, and nobody else is called before that is known"`
	ProviderReference string               `json:"provider_reference" maxLength:"255" doc:"the provider's own id of the message; empty: not told"`
	Reason            string               `json:"reason" doc:"why it did not succeed, in our words: invalid_address, opted_out, blocked, unreachable, not_on_channel, expired, bad_template, bad_credentials, no_balance, throttled, bad_request or provider_down; empty: it did, or the provider's code is not one that we know"`
	Code              string               `json:"code" doc:"the provider's code; no_answer, unreachable and not_found are ours"`
	Words             string               `json:"words" maxLength:"200" doc:"the provider's sentence, without what is personal; may be empty"`
	Segments          int64                `json:"segments" minimum:"0" maximum:"255" doc:"what is charged as one message each"`
	Cost              *int64               `json:"cost" minimum:"0" maximum:"1000000000000" doc:"in hundredths of a minor unit of currency; null: not known"`
	Currency          paylink.Currency     `json:"currency" doc:"of the cost"`
	Price             string               `json:"price" maxLength:"64" doc:"as the provider told it, such as 0.0075 USD; empty: it did not"`
	BeganAt           time.Time            `json:"began_at" doc:"when the call began"`
	EndedAt           *time.Time           `json:"ended_at" doc:"when it ended; null: nobody saw it end"`
	AgainAt           *time.Time           `json:"again_at" doc:"from when the same account may be called again for this message; null: it is not"`
}

func viewAttempt(a paylink.Attempt) attemptView {
	v := attemptView{
		Number: a.Number, Account: a.Account, Provider: a.Provider, State: a.State, ProviderReference: a.ProviderReference, Reason: a.Reason, Code: a.Code,
		Words: a.Words, Segments: a.Segments, Currency: a.Currency, Price: a.Price, BeganAt: a.BeganAt, EndedAt: timeOrNil(a.EndedAt), AgainAt: timeOrNil(a.AgainAt),
	}
	if a.Device != "" {
		v.Device = &a.Device
	}
	if a.Priced {
		v.Cost = &a.Cost
	}
	return v
}

// withAttempts adds to messages how each was handed over.
func withAttempts(views []messageView, of map[paylink.MessageID][]paylink.Attempt) {
	for i := range views {
		made := each(of[views[i].ID], viewAttempt)
		views[i].Attempts = &made
	}
}

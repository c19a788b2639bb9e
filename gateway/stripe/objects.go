package stripe

import (
	"encoding/json"
	"errors"
	"time"
)

// The parts of Stripe's objects that we read, in the words of its document. Times are Unix seconds, amounts in
// Stripe's units, currencies in small letters. What Stripe always tells and must not be taken for nothing when it
// is missing is a pointer.

// Names of our own in the metadata of sessions, intents and refunds.
const (
	metaReference = "paylink_reference" // of the payment
	metaRefund    = "paylink_refund"    // of the refund
	metaAccount   = "paylink_account"
)

type session struct {
	ID          string            `json:"id"`
	Object      string            `json:"object"`
	Created     int64             `json:"created"`
	ExpiresAt   int64             `json:"expires_at"`
	AmountTotal *int64            `json:"amount_total"`
	Currency    string            `json:"currency"`
	Reference   string            `json:"client_reference_id"`
	Metadata    map[string]string `json:"metadata"`
	Intent      ref[intent]       `json:"payment_intent"`
	Methods     []string          `json:"payment_method_types"`
	Paid        string            `json:"payment_status"`
	Status      string            `json:"status"`
	Mode        string            `json:"mode"`
	URL         string            `json:"url"`
}

type intent struct {
	ID         string            `json:"id"`
	Object     string            `json:"object"`
	Created    int64             `json:"created"`
	Amount     *int64            `json:"amount"`
	Received   *int64            `json:"amount_received"`
	Currency   string            `json:"currency"`
	Metadata   map[string]string `json:"metadata"`
	Methods    []string          `json:"payment_method_types"`
	Status     string            `json:"status"`
	LastError  *apiError         `json:"last_payment_error"`
	Charge     ref[charge]       `json:"latest_charge"`
	CanceledAt int64             `json:"canceled_at"`
}

type charge struct {
	ID       string           `json:"id"`
	Created  int64            `json:"created"`
	Captured bool             `json:"captured"`
	Balance  ref[transaction] `json:"balance_transaction"`
	How      *struct {
		Type string `json:"type"`
		Card *struct {
			Brand       string `json:"brand"`
			Last4       string `json:"last4"`
			Network     string `json:"network"`
			Transaction string `json:"network_transaction_id"`
			Wallet      *struct {
				Type string `json:"type"`
			} `json:"wallet"`
		} `json:"card"`
	} `json:"payment_method_details"`
}

// transaction is one line of the account's balance.
type transaction struct {
	ID       string `json:"id"`
	Amount   int64  `json:"amount"`
	Created  int64  `json:"created"`
	Currency string `json:"currency"`
	Fee      int64  `json:"fee"`
	Fees     []struct {
		Amount int64  `json:"amount"`
		Type   string `json:"type"`
	} `json:"fee_details"`
}

type refund struct {
	ID            string            `json:"id"`
	Object        string            `json:"object"`
	Amount        *int64            `json:"amount"`
	Currency      string            `json:"currency"`
	Created       int64             `json:"created"`
	Intent        ref[intent]       `json:"payment_intent"`
	Metadata      map[string]string `json:"metadata"`
	Reason        string            `json:"reason"`
	Status        string            `json:"status"`
	FailureReason string            `json:"failure_reason"`
	Balance       ref[transaction]  `json:"balance_transaction"`
	Destination   *struct {
		Card *struct {
			Reference string `json:"reference"`
			Status    string `json:"reference_status"`
			Type      string `json:"reference_type"`
		} `json:"card"`
	} `json:"destination_details"`
}

type dispute struct {
	ID           string        `json:"id"`
	Object       string        `json:"object"`
	Amount       *int64        `json:"amount"`
	Currency     string        `json:"currency"`
	Created      int64         `json:"created"`
	Intent       ref[intent]   `json:"payment_intent"`
	Reason       string        `json:"reason"`
	Status       string        `json:"status"`
	Transactions []transaction `json:"balance_transactions"`
	Evidence     *struct {
		DueBy int64 `json:"due_by"`
	} `json:"evidence_details"`
	How *struct {
		Card *struct {
			Code string `json:"network_reason_code"`
		} `json:"card"`
	} `json:"payment_method_details"`
}

type payout struct {
	ID       string           `json:"id"`
	Amount   *int64           `json:"amount"`
	Currency string           `json:"currency"`
	Created  int64            `json:"created"`
	Status   string           `json:"status"`
	Balance  ref[transaction] `json:"balance_transaction"`
	Trace    *struct {
		Status string `json:"status"`
		Value  string `json:"value"`
	} `json:"trace_id"`
}

type event struct {
	ID       string `json:"id"`
	Object   string `json:"object"`
	Account  string `json:"account"` // the connected account that it is about; empty: the endpoint's own
	Created  int64  `json:"created"`
	Livemode *bool  `json:"livemode"`
	Type     string `json:"type"`
	Data     struct {
		Object json.RawMessage `json:"object"`
	} `json:"data"`
}

// apiError is a refusal, of a call or, in an intent, of the bank.
type apiError struct {
	Type        string `json:"type"`
	Code        string `json:"code"`
	DeclineCode string `json:"decline_code"`
	Message     string `json:"message"`
}

// code is what the bank says, else what Stripe says, else of which kind it is.
func (e apiError) code() string {
	switch {
	case e.DeclineCode != "":
		return e.DeclineCode
	case e.Code != "":
		return e.Code
	}
	return e.Type
}

// list is one page of Stripe's, the newest first.
type list[T any] struct {
	Object string `json:"object"`
	Data   []T    `json:"data"`
	More   bool   `json:"has_more"`
}

// ref is another object, which Stripe gives by its id, or whole where it was asked to.
type ref[T any] struct {
	ID    string
	Whole *T
}

// UnmarshalJSON takes an id, an object that has one, or null.
func (r *ref[T]) UnmarshalJSON(b []byte) error {
	switch {
	case string(b) == "null":
		*r = ref[T]{}
		return nil
	case len(b) > 0 && b[0] == '"':
		return json.Unmarshal(b, &r.ID)
	}
	var named struct {
		ID string `json:"id"`
	}
	r.Whole = new(T)
	if err := errors.Join(json.Unmarshal(b, &named), json.Unmarshal(b, r.Whole)); err != nil {
		return errors.New("what is referred to is neither an id nor an object")
	}
	r.ID = named.ID
	return nil
}

// second is a time of Stripe's; 0 is none.
func second(unix int64) time.Time {
	if unix <= 0 {
		return time.Time{}
	}
	return time.Unix(unix, 0).UTC()
}

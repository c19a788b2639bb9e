package paylink

import "time"

// SuppressionReason is why an address gets no messages.
type SuppressionReason string

const (
	SuppressedBounce      SuppressionReason = "bounce"      // there is no such mailbox or number
	SuppressedComplaint   SuppressionReason = "complaint"   // reported as spam
	SuppressedUnsubscribe SuppressionReason = "unsubscribe" // one click in a letter
	SuppressedStop        SuppressionReason = "stop"        // answered STOP
	SuppressedManual      SuppressionReason = "manual"      // entered by the merchant
	SuppressedWithdrawn   SuppressionReason = "withdrawn"   // the customer took a consent back, as the merchant wrote down
)

// SuppressionReasons lists every reason.
var SuppressionReasons = []SuppressionReason{
	SuppressedBounce, SuppressedComplaint, SuppressedUnsubscribe, SuppressedStop, SuppressedManual, SuppressedWithdrawn,
}

// OptOut tells whether a person said no, rather than a machine that there is nobody.
func (r SuppressionReason) OptOut() bool { return r != SuppressedBounce }

// Code is the error code of a message that is not sent for this reason.
func (r SuppressionReason) Code() string {
	if r.OptOut() {
		return "opted_out"
	}
	return "bounced_before"
}

// Suppression says that one address gets no more messages of one merchant on one channel.
type Suppression struct {
	ID       SuppressionID
	Merchant MerchantID
	Live     bool
	Channel  Channel
	Address  []byte // by which it is found: token.AddressKey, never the address itself
	Sealed   []byte // the address, sealed with the key ring and bound to the id
	Reason   SuppressionReason
	Message  MessageID // that bounced or was answered; empty: none is known
	Since    time.Time
}

// LiftReason is why a merchant's person sends messages to an address again.
type LiftReason string

const (
	LiftedAsked   LiftReason = "asked"   // the customer wants messages again
	LiftedWorks   LiftReason = "works"   // the mailbox or the number works again
	LiftedMistake LiftReason = "mistake" // it should not have been entered
)

// LiftReasons lists every reason.
var LiftReasons = []LiftReason{LiftedAsked, LiftedWorks, LiftedMistake}

// SuppressionSnapshot is an entry that was taken off the list, for an event. The address stays out.
type SuppressionSnapshot struct {
	ID        SuppressionID     `json:"id" doc:"supp_…"`
	Object    string            `json:"object" enum:"suppression"`
	Livemode  bool              `json:"livemode"`
	Channel   Channel           `json:"channel"`
	Reason    SuppressionReason `json:"reason" doc:"why it had got no messages"`
	Lifted    LiftReason        `json:"lifted_because,omitempty" doc:"as whoever lifted it said; absent: nothing was said"`
	CreatedAt time.Time         `json:"created_at"`
}

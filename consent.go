package paylink

import "time"

// ConsentState is what a person said.
type ConsentState string

const (
	ConsentGranted   ConsentState = "granted"
	ConsentWithdrawn ConsentState = "withdrawn"
)

// ConsentStates lists both.
var ConsentStates = []ConsentState{ConsentGranted, ConsentWithdrawn}

// ConsentTo is what a person's word is about. PurposeTransactional stands for everything that a payment of the
// person needs: the request, what was asked for, reminders. PurposePromotional is what sells.
type ConsentTo = Purpose

// ConsentToAll is everything on the channel. It is only ever withdrawn: nobody agrees to everything.
const ConsentToAll ConsentTo = "all"

// ConsentPurposes lists what a consent can be about.
var ConsentPurposes = []ConsentTo{PurposeTransactional, PurposePromotional, ConsentToAll}

// Consent is one line of the log of what a person allowed and took back. The latest line about a channel and a
// purpose holds.
type Consent struct {
	ID       ConsentID
	Merchant MerchantID
	Live     bool
	Customer CustomerID // the person
	Channel  Channel
	Purpose  ConsentTo
	State    ConsentState
	Source   string // how the merchant knows: "checkout box"; of a customer's own act, a SuppressionReason
	Actor    string // key_…, usr_… or "customer"
	At       time.Time
}

// Suppresses tells whether the line ends all messages on its channel: only what sells can be given up alone.
func (c Consent) Suppresses() bool {
	return c.State == ConsentWithdrawn && c.Purpose != PurposePromotional
}

// ConsentSnapshot is a line of the log as events tell it and the API answers it.
type ConsentSnapshot struct {
	ID      ConsentID    `json:"id" doc:"cons_…"`
	Channel Channel      `json:"channel" enum:"sms,whatsapp,email,in_app"`
	Purpose ConsentTo    `json:"purpose" enum:"transactional,promotional,all" doc:"transactional: what a payment needs, reminders among it; promotional: what sells; all: everything on the channel"`
	State   ConsentState `json:"state" enum:"granted,withdrawn"`
	Source  string       `json:"source" doc:"how it is known, in your words; stop, unsubscribe, complaint: the customer's own act"`
	Actor   string       `json:"actor" doc:"who wrote it down: key_…, usr_… or customer"`
	At      time.Time    `json:"at"`
}

// Snapshot is the line as it is told.
func (c Consent) Snapshot() ConsentSnapshot {
	return ConsentSnapshot{ID: c.ID, Channel: c.Channel, Purpose: c.Purpose, State: c.State, Source: c.Source, Actor: c.Actor, At: c.At}
}

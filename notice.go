package paylink

import "time"

// Verdict is what became of a notice that arrived from outside.
type Verdict string

const (
	NoticeReceived    Verdict = "received"    // genuine by its signature; not understood yet
	NoticeApplied     Verdict = "applied"     // it changed something
	NoticeStale       Verdict = "stale"       // genuine, but told nothing new: out of order or known already
	NoticeReplayed    Verdict = "replayed"    // the same notice was received before
	NoticeRefused     Verdict = "refused"     // unsigned, mis-signed, too old or unreadable
	NoticeQuarantined Verdict = "quarantined" // genuine, but its facts are not those that we asked for
)

// NoticeMachine: a notice is judged once.
var NoticeMachine = Machine[Verdict]{
	Name: "Notice", Start: NoticeReceived,
	Moves: map[Verdict][]Verdict{NoticeReceived: {NoticeApplied, NoticeStale, NoticeQuarantined}},
	Says: map[Verdict]string{
		NoticeReceived:    "genuine by its signature; waits to be understood",
		NoticeApplied:     "it changed a payment or a message",
		NoticeStale:       "it told nothing new: out of order, or known already",
		NoticeReplayed:    "the same notice had been received before",
		NoticeRefused:     "unsigned, mis-signed, too old or unreadable; nothing was believed",
		NoticeQuarantined: "genuine, but its amount, currency, account or order is not what we asked for",
	},
}

// Notice is a provider's word as it arrived. The body is kept sealed, before it is understood: a bug
// in parsing must not cost us the only copy.
type Notice struct {
	ID         NoticeID
	Merchant   MerchantID
	Live       bool
	Kind       AccountKind // a gateway's notice or a channel's receipt
	Provider   string
	Account    AccountID
	Digest     []byte // SHA-256 of the raw body: a second arrival is known by it
	Body       []byte // sealed
	Verdict    Verdict
	Reason     string // one of our words: bad_signature, wrong_amount, …
	Payment    PaymentID
	Message    MessageID
	ReceivedAt time.Time
	JudgedAt   time.Time
}

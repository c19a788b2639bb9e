// Package channel is the port to the carriers of messages: send a letter, believe and read a
// receipt.
//
// It is for dispatch, which renders and plans, and for the inbound door, which takes receipts. Each
// provider is one folder below; channeltest holds the contract that all of them pass. A channel only
// translates: whether and when to send, to fall back or to try again is for dispatch to judge.
package channel

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"paylink"
	"paylink/provider"
)

// Sender is one provider that carries messages on one or more channels. Its methods may be called by
// many goroutines at once.
type Sender interface {
	Capabilities() Capabilities

	// Send hands one letter to the provider and answers what the provider says of it. The error says how
	// the call ended: *[Rejected], or *[Broken] that is NotSent or Unknown. Where the provider is
	// Idempotent, the same letter again gives the same reference and no second message.
	Send(ctx context.Context, a Account, l Letter) (Sent, error)

	// Verify tells whether what was posted is the provider's own, for this account, and fresh. The error
	// is an *[Unverified]. An account without a secret verifies nothing. It is pure.
	Verify(a Account, p Post, now time.Time) error

	// Read understands what was posted. It refuses the whole when any part is not exactly in the
	// provider's format, and bodies beyond its bound. It is pure. Of the post's headers it is given the
	// Content-Type only, because no other is kept.
	Read(a Account, p Post) (News, error)
}

// Finder is a Sender whose provider can be asked what became of a call that broke. Find looks for the
// letter among what the provider took since then; without it the error is [ErrNotFound], which is only
// given when the provider would know. Any other error leaves it unknown.
type Finder interface {
	Find(ctx context.Context, a Account, l Letter, since time.Time) (Sent, error)
}

// Tester is a Sender whose provider can be asked, without a message, whether the account's credentials
// are good. Errors are those of Send.
type Tester interface {
	Test(ctx context.Context, a Account) error
}

// Greeter is a Sender whose provider asks by GET whether an address is ours before it posts there. Greet
// gives the answer's text, or an *[Unverified].
type Greeter interface {
	Greet(a Account, p Post) (string, error)
}

// Confirmer is a Sender whose provider first posts a question that we answer by a call of ours. Confirm makes
// that call, and does nothing for any other post; it is given posts that Verify believed and Read understood.
// A *[Rejected] says that the question is not to be answered; any other error, that the call may be tried again.
type Confirmer interface {
	Confirm(ctx context.Context, a Account, p Post) error
}

// Listener is a Sender that keeps connections of its own, on which receipts arrive. Listen works until
// ctx is done and gives back the first error that only an operator can mend. accounts gives the accounts
// of its provider as they are now; take keeps a post as [Post] from the door does, and after it has
// returned nil, the post is safe.
type Listener interface {
	Listen(ctx context.Context, accounts func(context.Context) ([]Account, error), take func(context.Context, paylink.AccountID, Post) error) error
}

// FreeWriter is a Sender of registered templates that takes letters without one too, where an account with these
// fields allows it.
type FreeWriter interface {
	WritesFreely(fields map[string]string) bool
}

// OrderShower is a Sender that shows what is to be paid as an order, where an account with these fields does, and
// wants to be told when it is paid.
type OrderShower interface {
	ShowsOrders(fields map[string]string) bool
}

// Minter is a Sender whose account's secret is a key of the merchant's own, which nobody else has to know. Mint
// makes one, for a merchant who has none yet.
type Minter interface {
	Mint() (secret string, err error)
}

// Subscribable is a Sender whose devices subscribe to the public half of an account's key. PublicKey gives it
// as pages need it.
type Subscribable interface {
	PublicKey(a Account) (string, error)
}

// TemplateLister is a Sender whose provider keeps the register of templates and shows it. Errors are those
// of Send.
type TemplateLister interface {
	Templates(ctx context.Context, a Account) ([]Registered, error)
}

// Registered is a template as its provider has registered it.
type Registered struct {
	Name, Language string   // as in Template
	Status         string   // "approved", "pending", "rejected", "paused", "disabled", or another word of the provider's
	Category       string   // "utility", "marketing", "authentication", or another word of the provider's
	Body           string   // its text with its variables: "Hi {{1}}, pay {{2}}"
	Variables      []string // of the body, each once, in the order of their places: "1", "2"
	ButtonURL      string   // of its URL button: "https://pay.example/{{1}}"; empty: it has none
}

// As gives the sender as one of the interfaces above that not every sender has, also from within a sender
// that watches it.
func As[T any](s Sender) (T, bool) { return provider.As[T](s) }

// ErrNotFound is given by a [Finder] whose provider certainly did not take the letter.
var ErrNotFound = errors.New("the provider has no such message")

// What the port shares with gateway; the steps need to know channel only.
type (
	Account    = provider.Account
	Post       = provider.Post
	Broken     = provider.Broken
	Rejected   = provider.Rejected
	Unverified = provider.Unverified
)

// When a call broke, as Broken.When tells.
const (
	NotSent = provider.NotSent
	Unknown = provider.Unknown
)

// Capabilities is what a provider can do, as data.
type Capabilities struct {
	Name       string            // "twilio", as in Message.Provider and in the path of receipts
	Title      string            // "Twilio", as people write it
	Channels   []paylink.Channel // that it carries
	Reads      []paylink.Channel // of those, where it can know that a message was read
	Idempotent bool              // a repeated Send is harmless
	Silent     bool              // it never tells what became of a message
	Device     bool              // it pushes to devices: a letter's To is where one is reached, and it carries no message by itself
	Templates  bool              // it carries registered templates only: a letter needs its Template
	Fields     []provider.Field  // what an account with it needs, in the order in which it is asked for
	Schemes    map[string]string // of an account's base URL, with their usual ports, where it speaks no HTTP: then an account needs one
	Judge      string            // who judged the adapter that is not ours: a schema, an SDK, vectors; empty: unverified
}

// Letter is one message, rendered for its channel. It prints and logs as its id and channel only:
// the rest is personal, or opens the link.
type Letter struct {
	ID                     paylink.MessageID // given to the provider, which deduplicates by it where it can
	Channel                paylink.Channel
	To                     string // E.164, an e-mail address, or for in_app the customer's id; at a Device provider, the device's address
	Country                string // ISO 3166 alpha-2 of a phone number; empty: not known
	Language               string // BCP 47, in which it is written
	Sender                 string // as the customer sees it: "Acme"
	Subject                string // e-mail and in_app
	Text                   string
	HTML                   string    // e-mail; empty: text only
	ButtonLabel, ButtonURL string    // WhatsApp, e-mail and in_app; empty: no button
	ReceiptURL             string    // where the provider posts its receipts; names the message in its query
	Unsubscribe            string    // e-mail: where one click ends such messages; empty: none is offered
	At, Until              time.Time // when it was written, and after which it is of no use; a zero Until: always of use
	Template               *Template // as registered with an operator or the provider; nil: none
	Order                  *Order    // what is to be paid or was, for channels that show it as such; nil: nothing certain
}

// Order is what a letter asks money for, or tells that it was paid.
type Order struct {
	Reference string // by which a later letter about it names it: at most 35 letters, digits, _ and -
	Paid      bool   // the letter tells so; then Items is empty
	Total     paylink.Money
	Items     []OrderItem // what is above their sum is tax
}

// OrderItem is one line of an order. Each is what one of it costs, in minor units.
type OrderItem struct {
	Name     string
	Each     int64
	Quantity int64
}

// Template says as which registered template a letter goes out.
type Template struct {
	Name      string     // the provider's: WhatsApp's name, MSG91's flow, the operators' content template id
	Language  string     // as registered, where the provider asks for it: "en_US"
	Entity    string     // India: the principal entity's id
	Header    string     // India: the sender header
	Variables []Variable // in the order of their places in the template
}

// Variable is one place of a template and what stands there in this letter.
type Variable struct{ Name, Value string }

// LogValue keeps addresses, texts and links out of logs.
func (l Letter) LogValue() slog.Value {
	return slog.GroupValue(slog.String("id", string(l.ID)), slog.String("channel", string(l.Channel)))
}

// Format keeps addresses, texts and links out of every verb of fmt.
func (l Letter) Format(w fmt.State, _ rune) { io.WriteString(w, string(l.Channel)+" "+string(l.ID)) }

// MarshalText keeps addresses, texts and links out of JSON, also when a letter is a part of what is
// logged.
func (l Letter) MarshalText() ([]byte, error) {
	return []byte(string(l.Channel) + " " + string(l.ID)), nil
}

// Sent is a provider's answer to a letter that it took.
type Sent struct {
	Reference string // the provider's, by which its receipts name the message
	Segments  int64  // what it counts and charges; 0: not told
	Price     string // as told: "0.0075 USD"; empty: not told

	Parts string // by which references receipts name its parts, joined by commas, where each has a receipt of its own; else empty
}

// News is what a provider posted: receipts, and what customers wrote back.
type News struct {
	Receipts []Receipt
	Replies  []Reply
}

// Receipt is what the provider says became of one letter. A provider that does not know our ids leaves
// Message empty; then ProviderReference is what was answered to Send.
type Receipt struct {
	Message           paylink.MessageID
	ProviderReference string
	Status            paylink.MessageStatus // sent, delivered, read, failed or blocked
	ErrorCode         string                // the provider's, safe to log; set when failed or blocked
	Reason            provider.Reason       // the same in our words; set when failed or blocked
	Segments          int64                 // 0: not told
	Price             string                // as in Sent
	At                time.Time             // when it became so, by the provider's clock; zero: not told
	Account           string                // as named in the receipt, to compare with Account.Name; empty: not named

	Part *Part // which part the receipt tells of, and what; the rest of it is of the whole. nil: of the whole only
}

// Part is what a receipt says of one part of a letter.
type Part struct {
	Number    int64 // from 1
	Reference string
	Status    paylink.MessageStatus
	ErrorCode string
	Reason    provider.Reason
}

// Reply is a message that a customer sent to the merchant's sender address, such as STOP.
type Reply struct {
	Channel paylink.Channel
	From    string    // E.164 or an e-mail address
	Text    string    // at most 1,000 characters of it
	At      time.Time // zero: not told
}

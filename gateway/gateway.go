// Package gateway is the port to the merchant's own payment gateway: start a payment, ask about one,
// believe and read a notice about one.
//
// It is for checkout, which starts payments, and confirm, which takes the gateway's word. Each
// gateway is one folder below; gatewaytest holds the contract that all of them pass. A gateway only
// translates: whether a word changes a payment is for confirm to judge, and keeping it is the
// store's business.
package gateway

import (
	"context"
	"time"

	"paylink"
	"paylink/provider"
)

// Gateway is one provider of payments. Its methods may be called by many goroutines at once.
//
// Start and Lookup call out; their error says how the call ended: *[Rejected], or *[Broken] that
// is NotSent or Unknown. Verify and Read are pure: no clock, no network, no memory of earlier calls.
// What else a gateway may be able to do are the interfaces below; [As] finds them.
type Gateway interface {
	Capabilities() Capabilities

	// Start tells the gateway about an order and answers what the customer has to do. Where the
	// gateway is Idempotent, the same order again gives the same answer and no second order; the
	// same reference with other terms is *Rejected.
	Start(ctx context.Context, a Account, o Order) (Started, error)

	// Lookup asks what became of an order. The error is a *paylink.NotFound when the gateway never
	// heard of it, and Unknown while its bank has not answered.
	Lookup(ctx context.Context, a Account, k Known) (Word, error)

	// Verify tells whether what was posted is the gateway's own, for this account, and fresh. The
	// error is an *[Unverified]. An account without a secret verifies nothing.
	Verify(a Account, p Post, now time.Time) error

	// Read understands a notice. It refuses the whole when any part is not exactly in the gateway's
	// own format: wrong or duplicate keys, unknown statuses, amounts that are not whole minor units,
	// bodies beyond its bound. Of the post's headers it is given the Content-Type only, because no
	// other is kept.
	Read(a Account, p Post) (News, error)
}

// Tester is a Gateway that can be asked, without a payment, whether the account's credentials are good.
// Errors are those of Start.
type Tester interface {
	Test(ctx context.Context, a Account) error
}

// Former is a Gateway whose page is opened by a form that the customer's browser posts: its Start answers the
// action submit. Form is pure, because the form holds what we do not keep a second time; it is asked for each
// time the page is shown.
type Former interface {
	Form(a Account, o Order, k Known) (Form, error)
}

// Form is posted by the browser to URL, which is on one of the account's PageOrigins.
type Form struct {
	URL    string
	Fields []FormField // in order, each shown to the browser only
}

// FormField is one hidden field.
type FormField struct{ Name, Value string }

// As gives the gateway as one of the interfaces above that not every gateway has, also from within a
// gateway that watches it.
func As[T any](g Gateway) (T, bool) { return provider.As[T](g) }

// What the port shares with channel; the steps need to know gateway only.
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

// Capabilities is what a gateway can do, as data.
type Capabilities struct {
	Name       string             // "sandbox", as in Payment.Gateway and in the path of notices
	Title      string             // "Sandbox", as people write it
	Methods    []paylink.Method   // that it takes
	Currencies []paylink.Currency // that it takes; nil: any
	Idempotent bool               // a repeated Start is harmless
	Fields     []provider.Field   // what an account with it needs, in the order in which it is asked for
	Judge      string             // who judged the adapter that is not ours: a schema, an SDK, vectors; empty: unverified

	// Reserves tells how long money that is reserved by a method waits for its capture, of a [Capturer]; then
	// the bank gives it back by itself. A method that is not in it takes no order with Manual.
	Reserves map[paylink.Method]time.Duration

	// Sparse says that notices tell less about captured money than a look-up: its fee above all. What they tell
	// is looked up before it is written down.
	Sparse bool

	// Lacks says why the adapter does not have an ability that others have, or how else its provider tells: what
	// stands in the public table in place of a yes.
	Lacks map[Ability]string

	// PageOrigins lists the origins ("https://pay.example") of the pages to which Start may redirect
	// the customers of an account. The payment page needs them before it starts anything: a
	// browser follows a form's redirect only to origins in the page's CSP form-action.
	PageOrigins func(Account) []string
}

// Order is what a customer is about to pay.
type Order struct {
	Reference    string // ours: 20 characters of A–Z and 0–9, the gateway's order id
	Amount       paylink.Money
	Method       paylink.Method
	Description  string
	MerchantName string
	ReturnURL    string    // where the customer's browser goes when done
	NotifyURL    string    // where the gateway posts its notices
	ExpiresAt    time.Time // the gateway takes no payment after it
	Customer     Customer  // what the merchant knows of who pays
	Manual       bool      // reserve the money only; Capture takes it later. Only by methods in Reserves
}

// Customer is whom the gateway is told that pays. Any of it may be empty.
type Customer struct {
	ID           string // ours: the same for the same customer of a merchant
	Name         string
	Email, Phone string // the number in E.164
}

// Started is the gateway's answer to an order.
type Started struct {
	Order  string // the gateway's name for the order, kept for Lookup; at most 255 characters
	Action paylink.Action
}

// Known is what we know of an order that was begun.
type Known struct {
	Reference string        // ours
	Order     string        // as Start answered; empty when its answer was lost
	Payment   string        // the gateway's name for the payment, as in Word.GatewayReference; empty: not told
	Amount    paylink.Money // as was asked
	Method    paylink.Method
	Began     time.Time // when the customer chose to pay
}

// News is what a gateway posted: what it says about orders of ours, and about what came of them. What is not
// about them is left out.
type News struct {
	Words    []Word
	Refunds  []RefundWord
	Disputes []DisputeWord
}

// Word is what the gateway says about one order. It claims; confirm checks each field against what
// was asked.
type Word struct {
	Reference        string        // ours
	Order            string        // the gateway's name for the order, where it tells it: known also when Start's answer was lost
	GatewayReference string        // the payment's at the gateway, not the order's; empty until there is a payment
	BankReference    string        // RRN, UTR or ARN
	Account          string        // as named in a notice, to compare with Account.Name; empty in a look-up
	Amount           paylink.Money // what was captured; else what was asked
	Status           paylink.PaymentStatus
	Method           paylink.Method
	Details          paylink.MethodDetails
	Decline          paylink.Decline // Group is one of Declines; zero unless Status is failed
	Fee, Tax         int64           // minor units of Amount's currency
	At               time.Time       // when it became so, by the gateway's clock

	// Action is what the customer has to do, where a look-up of an order that waits for the customer tells
	// it: by it an attempt goes on whose start was never answered. Zero in notices.
	Action paylink.Action
}

// Declines lists the groups of reasons to which every adapter maps its gateway's own codes.
var Declines = []string{
	"not_approved", "insufficient_funds", "expired_card", "wrong_code", "authentication_failed",
	"upi_declined", "timeout", "provider_down",
}

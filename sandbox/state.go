package sandbox

import (
	"crypto/rand"
	"math/big"
	"strings"
	"time"

	"paylink"
)

// What the world remembers at most; the oldest is forgotten first.
const (
	maxOrders   = 2_000
	maxMessages = 10_000
	maxLetters  = 50_000
	maxRefunds  = 2_000
)

// world is all that the sandbox remembers.
type world struct {
	orders      []*order // oldest first
	byPage      map[string]*order
	byReference map[[2]string]*order // account and reference

	refunds    []*refund                         // oldest first
	nextRefund map[paylink.MerchantID]refundFate // switches: what the next refund meets

	messages []*message // oldest first
	byID     map[string]*message
	byClient map[[2]string]*message // account and client reference

	letters map[string]*letter // not taken yet

	disputes []*dispute // oldest first
}

func newWorld() world {
	return world{
		byPage: map[string]*order{}, byReference: map[[2]string]*order{},
		byID: map[string]*message{}, byClient: map[[2]string]*message{},
		letters: map[string]*letter{}, nextRefund: map[paylink.MerchantID]refundFate{},
	}
}

// order is what a merchant asked the gateway to collect.
type order struct {
	ID           string // sbx_ord_…
	Page         string // unguessable: the last part of its page's URL
	Account      string // mer_….acct_…
	Reference    string
	Amount       paylink.Money
	Method       paylink.Method
	Description  string
	MerchantName string
	ReturnURL    string
	NotifyURL    string
	MadeAt       time.Time
	ExpiresAt    time.Time

	Manual        bool      // the money is reserved, and captured when the merchant says so
	ReservedUntil time.Time // when the reservation lapses; zero: there is none
	Captured      int64     // minor units, of a reservation; zero: all

	Status    paylink.PaymentStatus // created, action_required, pending, authorised, captured, failed, voided, unknown
	ChangedAt time.Time
	Payment   payment   // what the customer did; without an id until then
	Second    *payment  // the same money a second time
	Challenge string    // the 3-D Secure code that is waited for
	LateAt    time.Time // when a failed payment succeeds after all; zero: never

	toldAt time.Time // when paylink last took a notice of it, since the sandbox started
}

// payment is one debit of the customer's account.
type payment struct {
	ID            string // sbx_pay_…
	BankReference string // 12 digits, once the bank has answered
	Details       paylink.MethodDetails
	Decline       *paylink.Decline
	At            time.Time
}

// message is what a carrier took.
type message struct {
	ID              string // sbx_msg_…
	Account         string
	Channel         paylink.Channel
	ClientReference string
	To              string
	Sender          string
	Subject         string
	Text            string
	HTML            string
	Button          *button
	ReceiptURL      string
	ReceivedAt      time.Time

	Status    string // accepted, then as receipts say: sent, delivered, read, failed, blocked
	Error     string
	ChangedAt time.Time
	DueAt     time.Time // when its fate comes; zero: it has come
}

type button struct {
	Label string `json:"label"`
	URL   string `json:"url"`
}

// addOrder remembers an order.
func (w *world) addOrder(o *order) {
	w.orders = append(w.orders, o)
	w.byPage[o.Page] = o
	w.byReference[[2]string{o.Account, o.Reference}] = o
	if len(w.orders) > maxOrders {
		old := w.orders[0]
		w.orders = w.orders[1:]
		delete(w.byPage, old.Page)
		delete(w.byReference, [2]string{old.Account, old.Reference})
	}
}

// addRefund remembers a refund.
func (w *world) addRefund(f *refund) {
	w.refunds = append(w.refunds, f)
	w.refunds = w.refunds[max(0, len(w.refunds)-maxRefunds):]
}

// addMessage remembers a message.
func (w *world) addMessage(m *message) {
	w.messages = append(w.messages, m)
	w.byID[m.ID] = m
	w.byClient[[2]string{m.Account, m.ClientReference}] = m
	if len(w.messages) > maxMessages {
		old := w.messages[0]
		w.messages = w.messages[1:]
		delete(w.byID, old.ID)
		delete(w.byClient, [2]string{old.Account, old.ClientReference})
	}
}

// merchant is the first half of an account's name.
func merchant(account string) paylink.MerchantID {
	id, _, _ := strings.Cut(account, ".")
	return paylink.MerchantID(id)
}

// sees tells whether a request that speaks for a merchant, or for everybody, may see an account.
func sees(m paylink.MerchantID, account string) bool { return m == "" || m == merchant(account) }

// newID makes an id of the sandbox's own: 130 random bits behind the tag.
func newID(tag string) string { return tag + "_" + strings.ToLower(rand.Text()) }

// newPage makes the part of a page's URL that nobody can guess.
func newPage() string { return strings.ToLower(rand.Text()) }

// digits makes n random decimal digits, the first of them not zero.
func digits(n int64) string {
	low := new(big.Int).Exp(big.NewInt(10), big.NewInt(n-1), nil)
	v, err := rand.Int(rand.Reader, new(big.Int).Mul(low, big.NewInt(9)))
	if err != nil {
		panic("sandbox digits: " + err.Error()) // the system's random numbers never fail since Go 1.24
	}
	return v.Add(v, low).String()
}

// Package audittest fills a database with links that were sent, opened and paid, for the tests and the
// measurements of what reads it from end to end.
// It writes through the nouns and the store, as the steps do, and leaves the sealing to audit.
package audittest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"paylink"
	"paylink/ledger"
	"paylink/store"
)

// EventsPerLink is how many events Fill writes for each link.
const EventsPerLink = 9

// Merchant adds one, for Fill.
func Merchant(ctx context.Context, s *store.Store, id paylink.MerchantID, at time.Time) error {
	return s.Write(ctx, func(tx *store.Tx) error {
		tx.InsertMerchant(paylink.Merchant{ID: id, Name: string(id), Currency: "INR", TimeZone: "Asia/Kolkata", CreatedAt: at})
		return nil
	})
}

// Fill adds links to a merchant's test world, numbered from one number up to another, each with one
// captured payment and its events, unsealed. Several are written at once.
func Fill(ctx context.Context, s *store.Store, merchant paylink.MerchantID, from, to int, at time.Time) error {
	const writers = 32
	errs := make(chan error, writers)
	var all sync.WaitGroup
	for w := range writers {
		all.Go(func() {
			for n := from + w; n < to; n += writers {
				if err := s.Write(ctx, Paid(merchant, n, at.Add(time.Duration(n)*time.Millisecond)).write); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	all.Wait()
	close(errs)
	return <-errs
}

// Story is a link, its payment, and all that was told of them.
type Story struct {
	Link    paylink.Link
	Payment paylink.Payment
	Events  []paylink.Event
}

// Paid makes the story of a link that was paid: the same one for the same number, but for its code
// and the ids of its events.
func Paid(merchant paylink.MerchantID, n int, at time.Time) *Story {
	st := &Story{Link: paylink.Link{
		ID: paylink.LinkID(fmt.Sprintf("plink_%026d", n)), Merchant: merchant, Status: paylink.LinkPending, Revision: 1,
		Amount:      paylink.Money{Minor: 49900, Currency: "INR"},
		Description: "Order " + fmt.Sprint(n), Reference: fmt.Sprint("order-", n), Usage: paylink.Usage{Mode: paylink.UsageSingle},
		ExpiresAt: at.Add(72 * time.Hour), Channels: []paylink.Channel{paylink.ChannelSMS}, Methods: paylink.Methods,
		Metadata: map[string]string{"order": fmt.Sprint(n)}, OnLate: paylink.PolicyAccept, OnDuplicate: paylink.PolicyRefund,
		CodeKey: rand.Uint64(), CreatedAt: at, UpdatedAt: at, CreatedBy: "key_1",
	}}
	l := &st.Link
	m := paylink.Message{
		ID: paylink.MessageID(fmt.Sprintf("msg_%026d", n)), Merchant: merchant, Link: l.ID, Channel: paylink.ChannelSMS, Provider: "sandbox",
		Account: "acct_1", To: "+919812345642", Status: paylink.MessageSent, CreatedAt: at, UpdatedAt: at, SentAt: at,
	}
	st.tell("key_1", at, nil, paylink.EventLinkCreated)
	st.tell("system", at, nil, paylink.EventLinkSent)
	for _, t := range []paylink.EventType{paylink.EventMessageSent, paylink.EventMessageDelivered} {
		st.Events = append(st.Events, paylink.Event{
			ID: paylink.NewEventID(at), Merchant: merchant, At: l.Touch(at), Type: t, Link: l.ID, Message: m.ID, Actor: "carrier",
			Data: paylink.EventData{Message: m.Snapshot()},
		})
	}
	l.OpenedAt = at
	st.tell("customer", at, nil, paylink.EventLinkOpened)

	st.Payment = paylink.Payment{
		ID: paylink.PaymentID(fmt.Sprintf("pay_%026d", n)), Merchant: merchant, Link: l.ID, Status: paylink.PaymentCreated, Amount: l.Amount,
		Method: paylink.MethodUPI, Gateway: "sandbox", Account: "acct_1", Reference: fmt.Sprintf("REF%017d", n), Device: "device",
		CreatedAt: at, UpdatedAt: at, ExpiresAt: at.Add(paylink.AttemptLife),
	}
	p := &st.Payment
	l.InFlight, l.Attempts = 1, 1
	st.tell("customer", at, p, paylink.EventPaymentStarted)
	st.advance(paylink.Outcome{Status: paylink.PaymentPending}, at)
	st.advance(paylink.Outcome{
		Status: paylink.PaymentCaptured, GatewayReference: "sbx_" + p.Reference, BankReference: fmt.Sprintf("%012d", n),
		Details: paylink.MethodDetails{App: "test_success"}, Fee: 998, Tax: 180,
	}, at)
	return st
}

func (st *Story) tell(actor string, at time.Time, p *paylink.Payment, types ...paylink.EventType) {
	customer := &paylink.Customer{ID: "cust_1", Name: "Customer", Phone: "+919812345642", Email: "customer@example.com", Locale: "en"}
	st.Events = append(st.Events, st.Link.Tell(at, actor, customer, p, types...)...)
}

func (st *Story) advance(o paylink.Outcome, at time.Time) {
	told, ok := paylink.Advance(&st.Link, &st.Payment, o, at, at)
	if !ok {
		panic("audittest: the payment of " + string(st.Link.ID) + " does not move as it should")
	}
	st.tell("gateway", at, &st.Payment, told...)
}

func (st *Story) write(tx *store.Tx) error {
	tx.InsertLink(st.Link)
	tx.InsertPayment(st.Payment)
	for _, e := range st.Events {
		tx.AppendEvent(e)
	}
	return ledger.Post(tx, st.Payment.CapturedAt, paylink.PaymentEntries(st.Payment)...)
}

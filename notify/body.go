package notify

import (
	"encoding/json"
	"fmt"
	"time"

	"paylink"
	"paylink/keyring"
	"paylink/store"
)

// EventTest is the type of a delivery that a merchant asked for to try an endpoint out. It stands in
// no event list and has no sequence, since nothing happened.
const EventTest paylink.EventType = "webhook_endpoint.test"

// maxBody is what a receiver must be ready to take, in bytes, by Standard Webhooks.
const maxBody = 20_000

// body is what a receiver reads.
type body struct {
	Type       paylink.EventType  `json:"type"`
	Timestamp  time.Time          `json:"timestamp"`
	Data       data               `json:"data"`
	ID         paylink.EventID    `json:"id"`
	Livemode   bool               `json:"livemode"`
	MerchantID paylink.MerchantID `json:"merchant_id"`
	Sequence   int64              `json:"sequence"`
	APIVersion string             `json:"api_version"`
	Omitted    []string           `json:"omitted,omitempty"` // what would have made it too large; the API has it
}

// data is the event's, with personal fields in the place of masks.
type data struct {
	Link     *link                     `json:"payment_link,omitempty"`
	Refund   *paylink.RefundSnapshot   `json:"refund,omitempty"`
	Payment  *paylink.PaymentSnapshot  `json:"payment,omitempty"`
	Dispute  *paylink.DisputeSnapshot  `json:"dispute,omitempty"`
	Message  *message                  `json:"message,omitempty"`
	Endpoint *paylink.EndpointSnapshot `json:"webhook_endpoint,omitempty"`
	Bulk     *paylink.BulkSnapshot     `json:"bulk,omitempty"`
	Merchant *paylink.MerchantSnapshot `json:"merchant,omitempty"`
	Customer *person                   `json:"customer,omitempty"`

	Step         *paylink.Step                 `json:"instalment,omitempty"`
	Risk         *paylink.RiskSnapshot         `json:"risk,omitempty"`
	DiscountCode *paylink.DiscountCodeSnapshot `json:"discount_code,omitempty"`
	Account      *paylink.AccountSnapshot      `json:"account,omitempty"`
	Suppression  *paylink.SuppressionSnapshot  `json:"suppression,omitempty"`
}

type link struct {
	*paylink.LinkSnapshot
	Customer *customer `json:"customer"`
}

// customer has null for what was not given or has been erased.
type customer struct {
	ID     paylink.CustomerID `json:"id"`
	Name   *string            `json:"name"`
	Phone  *string            `json:"phone"`
	Email  *string            `json:"email"`
	Locale string             `json:"locale"`
}

// person has null for what was not given or has been erased.
type person struct {
	*paylink.PersonSnapshot
	Name  *string `json:"name"`
	Phone *string `json:"phone"`
	Email *string `json:"email"`
}

type message struct {
	*paylink.MessageSnapshot
	To *string `json:"to"`
}

// render writes the body of an event. It is the same to the byte at every attempt, for it is made
// from the event's own snapshots; only personal fields are read afresh, and are null once erased.
func render(read store.Reader, ring *keyring.Ring, e paylink.Event, version string) ([]byte, error) {
	b := body{
		Type: e.Type, Timestamp: e.At, ID: e.ID, Livemode: e.Live, MerchantID: e.Merchant, Sequence: e.Sequence, APIVersion: version,
		Data: data{Refund: e.Data.Refund, Dispute: e.Data.Dispute, Payment: e.Data.Payment, Endpoint: e.Data.Endpoint, Bulk: e.Data.Bulk, Merchant: e.Data.Merchant,
			Step: e.Data.Step, Risk: e.Data.Risk, DiscountCode: e.Data.DiscountCode, Account: e.Data.Account, Suppression: e.Data.Suppression},
	}
	if s := e.Data.Link; s != nil {
		b.Data.Link = &link{LinkSnapshot: s}
		if s.Customer != nil {
			c, err := read.Customer(e.Merchant, e.Live, s.Customer.ID)
			if err != nil && !paylink.IsNotFound(err) {
				return nil, err
			}
			b.Data.Link.Customer = &customer{s.Customer.ID, orNull(c.Name), orNull(c.Phone), orNull(c.Email), s.Customer.Locale}
		}
	}
	if s := e.Data.Payment; s != nil && len(s.Answers) > 0 {
		told, err := answered(read, ring, e)
		if err != nil {
			return nil, err
		}
		b.Data.Payment = &told
	}
	if s := e.Data.Message; s != nil {
		m, err := read.Message(e.Merchant, e.Live, s.ID)
		if err != nil && !paylink.IsNotFound(err) {
			return nil, err
		}
		b.Data.Message = &message{s, orNull(m.To)}
	}
	if s := e.Data.Customer; s != nil {
		c, err := read.Customer(e.Merchant, e.Live, s.ID)
		if err != nil && !paylink.IsNotFound(err) {
			return nil, err
		}
		b.Data.Customer = &person{s, orNull(c.Name), orNull(c.Phone), orNull(c.Email)}
	}
	return b.fit()
}

// answered is the event's payment with what the customer answered.
func answered(read store.Reader, ring *keyring.Ring, e paylink.Event) (paylink.PaymentSnapshot, error) {
	p, err := read.Payment(e.Merchant, e.Live, e.Data.Payment.ID)
	if err != nil && !paylink.IsNotFound(err) {
		return paylink.PaymentSnapshot{}, err
	}
	replies, err := p.Replies(ring.Unseal)
	return e.Data.Payment.WithReplies(replies), err
}

// fit writes the body, leaving out the two fields that a merchant can make large when it must.
func (b body) fit() ([]byte, error) {
	text, err := json.Marshal(b)
	if err != nil {
		return nil, fmt.Errorf("write the body of %s: %w", b.ID, err)
	}
	if len(text) <= maxBody || b.Data.Link == nil {
		return text, nil
	}
	if b.Omitted == nil {
		b.Omitted = []string{"data.payment_link.metadata", "data.payment_link.notes"}
		slim := *b.Data.Link.LinkSnapshot
		slim.Metadata, slim.Notes = nil, ""
		b.Data.Link = &link{&slim, b.Data.Link.Customer}
		return b.fit()
	}
	return text, nil
}

// renderTest writes the body of a test delivery: the endpoint as it was made.
func renderTest(d paylink.Delivery, e paylink.Endpoint) ([]byte, error) {
	e.Status, e.UpdatedAt = paylink.EndpointEnabled, e.CreatedAt
	return body{
		Type: EventTest, Timestamp: d.CreatedAt, ID: d.Event, Livemode: d.Live, MerchantID: d.Merchant, APIVersion: e.APIVersion,
		Data: data{Endpoint: Snapshot(e)},
	}.fit()
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

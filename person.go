package paylink

import "time"

// PersonSnapshot is a person for an event: ids and masks.
type PersonSnapshot struct {
	ID         CustomerID `json:"id" doc:"cust_…"`
	Object     string     `json:"object" enum:"customer"`
	Livemode   bool       `json:"livemode"`
	Name       string     `json:"name"`
	Phone      string     `json:"phone"`
	Email      string     `json:"email"`
	Locale     string     `json:"locale"`
	Revision   int64      `json:"revision"`
	MergedFrom CustomerID `json:"merged_from,omitempty" doc:"the customer that turned out to be the same person"`
	CreatedAt  time.Time  `json:"created_at"`
	UpdatedAt  time.Time  `json:"updated_at"`
	ErasedAt   *time.Time `json:"erased_at" doc:"since when nothing personal is known; null: not erased"`

	Consent *ConsentSnapshot `json:"consent,omitempty" doc:"what the person allowed or took back"`
}

// PersonSnapshot is the customer for an event, its fields masked.
func (c Customer) PersonSnapshot() *PersonSnapshot {
	return &PersonSnapshot{
		ID: c.ID, Object: "customer", Livemode: c.Live, Name: MaskName(c.Name), Phone: MaskAddress(c.Phone), Email: MaskAddress(c.Email),
		Locale: c.Locale, Revision: c.Revision, CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt, ErasedAt: timeOrNil(c.ErasedAt),
	}
}

// Told is the event that something became of the person.
func (c Customer) Told(id EventID, kind EventType, actor string) Event {
	return Event{ID: id, Merchant: c.Merchant, Live: c.Live, At: c.UpdatedAt, Type: kind, Actor: actor, Data: EventData{Customer: c.PersonSnapshot()}}
}

// Erase empties what is personal. What is left is that there was somebody.
func (c *Customer) Erase(now time.Time) {
	c.Touch(now)
	c.Name, c.Phone, c.Email, c.Locale, c.TaxID, c.Notes, c.Metadata = "", "", "", "", "", "", nil
	c.ErasedAt = c.UpdatedAt
}

// Consented is the event of a line of the person's log.
func (c Customer) Consented(id EventID, line Consent) Event {
	e := c.Told(id, EventCustomerConsentChanged, line.Actor)
	shown := line.Snapshot()
	e.At, e.Data.Customer.Consent = line.At, &shown
	return e
}

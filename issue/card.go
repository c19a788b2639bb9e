package issue

import "paylink"

// Card is what a merchant writes down of a customer: how he is reached, and more that no link shows.
type Card struct {
	Contact  // without an id
	Notes    string
	Metadata map[string]string
}

// maxTaxID is in characters; the longest that is in use has 15 to 20.
const maxTaxID = 32

// Judge gives the customer of a card, without an id and dates, or *paylink.Invalid naming every wrong field of it.
func (c Card) Judge(by Actor) (paylink.Customer, error) {
	j := &judgement{by: by}
	made := paylink.Customer{
		Merchant: by.Merchant.ID, Live: by.Live, Name: c.Name, Phone: j.phone("/phone", c.Phone), Email: j.email("/email", c.Email),
		Locale: j.locale("/locale", c.Locale), TaxID: c.TaxID, Notes: c.Notes, Metadata: j.metadata(c.Metadata),
	}
	j.text("/name", c.Name, maxName, oneLine)
	j.text("/tax_id", c.TaxID, maxTaxID, oneLine)
	j.text("/notes", c.Notes, maxNotes, manyLines)
	return made, j.bad.OrNil()
}

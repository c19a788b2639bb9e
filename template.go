package paylink

import (
	"encoding/json"
	"time"
)

// Template is what a merchant has saved about links under a name: a part of what can be said about a new
// link. A link that is made of it fills with it what its own request leaves out.
type Template struct {
	ID        TemplateID
	Merchant  MerchantID
	Live      bool
	Name      string          // unique among the merchant's of one world
	Settings  json.RawMessage // a JSON object with fields of a new link, as the API has them
	CreatedAt time.Time
	UpdatedAt time.Time
}

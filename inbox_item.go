package paylink

import "time"

// InboxItem is a message that stands in its customer's inbox, in the merchant's own app. Its words are
// written when it is shown, so that nothing secret and nothing personal stands here.
type InboxItem struct {
	ID        InboxItemID
	Merchant  MerchantID
	Live      bool
	Customer  CustomerID
	Link      LinkID
	Message   MessageID
	CreatedAt time.Time
	ReadAt    time.Time // zero: the customer has not opened it
}

package api

// sampleInboxAnswer is what the operations of inboxes and devices answer in the document.
func sampleInboxAnswer(operation string, one func(any) any) any {
	device := deviceView{sampleDevice, "device", false, sampleCustomer, "fcm", sampleMade, sampleMade}
	label, url := "Pay now", sampleURL
	item := inboxItemView{
		ID: sampleItem, Object: "inbox_item", MessageID: sampleMessage, LinkID: sampleLink, Title: "Payment request from Acme Retail",
		Text: "Acme Retail asks you to pay ₹2,450.00 for Order 1042. Pay here: " + sampleURL, Language: "en", ButtonLabel: &label, URL: &url,
		Amount: 245000, Currency: "INR", AmountDue: 245000, Status: "pending", ExpiresAt: &sampleExpires, CreatedAt: sampleMade,
	}
	switch operation {
	case "create_inbox_token":
		return inboxTokenView{"inbox_token", false, sampleCustomer, "itok_UQAAH21lcl8uLi4", sampleExpires}
	case "list_inbox":
		return inboxPage{Data: []inboxItemView{item}, Unread: 1}
	case "read_inbox_item":
		item.ReadAt = &samplePaid
		return item
	case "list_devices", "list_own_devices":
		return one(device)
	}
	return device
}

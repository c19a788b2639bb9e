package api

// topics are the tags, in the order in which a reader meets them.
var topics = [][2]string{
	{"Payment links", "Make them, send them, change them, find them."},
	{"Bulk", "Many links from a file or a list."},
	{"Message templates", "How your messages read, by channel, kind and language."},
	{"Templates", "What your links have in common, saved under a name."},
	{"Attachments", "Files that links hand over."},
	{"Discount codes", "Lower amounts for whoever types them."},
	{"Customers", "People, what they allowed, and forgetting them."},
	{"Inbox", "Messages in your own app: a customer's inbox, and the devices that are told."},
	{"Suppressions", "Addresses that get no more messages."},
	{"Providers", "Your own accounts with those who carry messages."},
	{"Payments", "What customers tried and banks answered."},
	{"Refunds", "Money that goes back to customers."},
	{"Ledger", "Your own books: what gateways hold for you, and why."},
	{"Disputes", "What customers object to, and your answer."},
	{"Events", "Everything that happened, in order."},
	{"Webhooks", "Be told at once, at an address of yours."},
	{"Merchant", "Who the key acts for."},
	{"Sandbox", "The test world's clock."},
}

package api

import (
	"strings"

	"paylink"
)

func exampleMessage() messageView {
	return messageView{ID: sampleMessage, Channel: paylink.ChannelSMS, Purpose: paylink.PurposeTransactional, Kind: paylink.TemplateRequest, To: "+919812345642", Status: paylink.MessageQueued}
}

func examplePayment() *paymentView {
	return paylink.Payment{
		ID: samplePayment, Link: sampleLink, Status: paylink.PaymentCaptured, Amount: paylink.Money{Minor: 245000, Currency: "INR"}, AmountCaptured: 245000,
		Method: paylink.MethodUPI, MethodDetails: paylink.MethodDetails{App: "test_success"}, Gateway: "sandbox", Reference: "J8QZ4M0T7W2X9C5V1B3N",
		GatewayReference: "sbx_order_8121", BankReference: "633512345678", Fee: 4900, Tax: 882, CreatedAt: sampleMade, UpdatedAt: samplePaid, CapturedAt: samplePaid,
	}.Snapshot()
}

func exampleEvent() eventView {
	link := exampleLink().LinkSnapshot
	link.Status, link.AmountPaid, link.AmountDue, link.PaymentsCount, link.PaidAt = paylink.LinkPaid, 245000, 0, 1, &samplePaid
	link.Customer = &paylink.CustomerSnapshot{ID: sampleCustomer, Name: "A…", Phone: "…42", Email: "a…@example.com"}
	return eventView{
		ID: sampleEvent, Object: "event", Type: paylink.EventLinkPaid, Timestamp: samplePaid, MerchantID: sampleMerchant, Sequence: 17, APIVersion: Version,
		Hash: strings.Repeat("9f2c4b7e", 8), Actor: "gateway", Data: paylink.EventData{Link: &link, Payment: examplePayment()},
	}
}

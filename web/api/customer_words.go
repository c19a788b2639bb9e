package api

import (
	"encoding/json"
	"maps"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"paylink"
)

// What the document says of customers and their consents.
func init() {
	maps.Copy(words, map[string]string{
		"CustomerList.data": "the customers of this page, newest first", "CustomerConsentList.data": "the lines of this page, newest first",
		"Customer.name": "as pages and messages greet the customer", "CustomerConsent.at": "when it was written down", "ConsentSnapshot.at": "when it was written down",
		"CustomerConsent.channel": "on which it holds", "ConsentSnapshot.channel": "on which it holds", "NewConsent.channel": "required; on which it holds",
		"CustomerConsent.state": "what the customer said", "ConsentSnapshot.state": "what the customer said",
		"EventData.customer": "the customer as it was", "PersonSnapshot.name": "masked", "PersonSnapshot.phone": "masked", "PersonSnapshot.email": "masked",
		"PersonSnapshot.revision": "counts its changes, from 1", "CustomerSnapshot.tax_id": "as the customer's country writes it; absent in events",
		"NewCustomer.tax_id": "as the customer's country writes it",
	})
	maps.Copy(objects, map[string]string{
		"Customer": "A person whom you ask for money, however many links were made for it.", "CustomerDetails": "Whom you want to keep as a customer.", "CustomerList": "A page of customers.",
		"CustomerChange": "What is to be different about a customer. What is absent stays.", "CustomerErasure": "What may be done for a customer to be forgotten.", "CustomerMerge": "Which two customers are one.",
		"CustomerStanding": "How you stand with a customer.", "Sum": "Money in one currency.", "NewConsent": "What a customer allowed or took back.", "CustomerConsent": "One line of what a customer allowed and took back.",
		"CustomerConsentList": "A page of what a customer allowed and took back.", "ConsentSnapshot": "What a customer allowed or took back.", "PersonSnapshot": "A customer as it was at an event, masked.",
		"CustomerExport": "Everything that is held about a customer.", "ExportedLink": "A payment link with the contact it was made with, its payments and its messages.",
	})
	maps.Copy(accounts, map[string]string{
		"create_customer":         "A link that comes with the same phone number and e-mail address is this customer's.",
		"list_customers":          "One for each person: links with the same phone number and e-mail address are one customer's. Who was erased is not among them. A page may be short while next_cursor leads on.",
		"get_customer":            "With the balance, what was paid, the last contact and the opt-outs. The id of a contact or of a merged customer answers the customer.",
		"update_customer":         "Links that name the customer by its id follow it. What other links were made with stays theirs.",
		"merge_customer":          "Links, contacts and consents of from become this customer's, its id leads here, and what this customer lacks is filled in. The notes and texts of from are lost. It cannot be taken back.",
		"erase_customer":          "Name, addresses, notes and texts are gone at once; what links, messages and answers hold follows within minutes. Links keep their money, opt-outs stay without the address, webhooks carry null. It cannot be taken back.",
		"export_customer":         "For whoever asks what you know of him: details, consents, and every link with its contact, payments, answers and messages.",
		"list_customer_consents":  "It is only ever added to; the latest line about a channel and a purpose holds. An answered STOP and one click in a letter stand here too.",
		"record_customer_consent": "A withdrawal, except of promotional, also puts the customer's addresses on that channel among the suppressions, and a grant takes the customer's own no off them. What sells is sent only with a grant.",
	})
	requests["create_customer"] = json.RawMessage(`{"name": "Asha", "phone": "+919812345642", "email": "asha@example.com", "locale": "hi"}`)
	requests["update_customer"] = json.RawMessage(`{"phone": "+919812345601"}`)
	requests["merge_customer"] = json.RawMessage(`{"from": "` + sampleOther + `"}`)
	requests["erase_customer"] = json.RawMessage(`{"cancel_links": true}`)
	requests["record_customer_consent"] = json.RawMessage(`{"channel": "whatsapp", "purpose": "transactional", "state": "granted", "source": "checkout box"}`)
	maps.Copy(schemaNames, map[reflect.Type]string{
		reflect.TypeFor[customerView](): "Customer", reflect.TypeFor[cardBody](): "CustomerDetails", reflect.TypeFor[listOf[customerView]](): "CustomerList",
		reflect.TypeFor[customerChange](): "CustomerChange", reflect.TypeFor[erasureBody](): "CustomerErasure", reflect.TypeFor[mergeBody](): "CustomerMerge",
		reflect.TypeFor[standingView](): "CustomerStanding", reflect.TypeFor[sumView](): "Sum", reflect.TypeFor[consentBody](): "NewConsent",
		reflect.TypeFor[consentView](): "CustomerConsent", reflect.TypeFor[listOf[consentView]](): "CustomerConsentList",
		reflect.TypeFor[exportView](): "CustomerExport", reflect.TypeFor[exportLink](): "ExportedLink",
	})
	maps.Copy(shapes, map[reflect.Type]huma.Schema{
		reflect.TypeFor[paylink.ConsentID]():    idShape("cons"),
		reflect.TypeFor[paylink.ConsentState](): {Enum: names(paylink.ConsentStates)},
	})
	texts := huma.Schema{MaxProperties: whole(50), AdditionalProperties: &huma.Schema{Type: huma.TypeString, MaxLength: whole(500)}, Extensions: keysUpTo(40)}
	maps.Copy(bounds, map[string]huma.Schema{
		"CustomerDetails.metadata": texts, "CustomerChange.metadata": texts, "CustomerList.data": {MaxItems: whole(100)}, "CustomerConsentList.data": {MaxItems: whole(100)},
		"CustomerStanding.open_balance": {MaxItems: whole(200)}, "CustomerStanding.paid": {MaxItems: whole(200)}, "CustomerSnapshot.tax_id": {MaxLength: whole(32)},
		"CustomerExport.consents": {MaxItems: whole(1100)}, "CustomerExport.payment_links": {MaxItems: whole(1_000_000)},
		"ExportedLink.amount_added": {Minimum: at(0)}, "ExportedLink.amount_discounted": {Minimum: at(0)}, "ExportedLink.payments": {MaxItems: whole(1000)}, "ExportedLink.messages": {MaxItems: whole(100_000)}, "source": {MaxLength: whole(200)},
		"NewConsent.source": {MinLength: whole(1)}, "NewConsent.purpose": {Enum: names(paylink.ConsentPurposes)},
	})
	requiredFields = append(requiredFields, "NewConsent.channel", "NewConsent.purpose", "NewConsent.state", "NewConsent.source", "CustomerMerge.from")
	sampleIDs["cust"] = sampleCustomer
	troubles = append(troubles,
		trouble{http.StatusConflict, "customer_exists", "You have a customer with this phone number and e-mail address.", "", "", only("create_customer")},
		trouble{http.StatusConflict, "erased", "The customer was erased, and nothing is kept of the person any more.", "", "", only("update_customer", "merge_customer", "record_customer_consent")},
		trouble{http.StatusConflict, "customer_in_use", "The customer has a link that can still be paid. Cancel it first, or ask for it with cancel_links.", "", "", only("erase_customer")},
		trouble{http.StatusConflict, "too_many_consents", "The customer's log holds a thousand lines, and takes no more.", "", "", only("record_customer_consent")},
	)
}

const (
	sampleOther   = "cust_01kbfm6fwtz2etwfvdzc22ggfd"
	sampleConsent = "cons_01kbfm8c4n7s2q5x9d3v6b1r0m"
)

// sampleCustomerAnswer is what the operations about customers answer when all goes well.
func sampleCustomerAnswer(operation string, one func(any) any) any {
	p := paylink.Customer{
		ID: sampleCustomer, Merchant: sampleMerchant, Name: "Asha", Phone: "+919812345642", Email: "asha@example.com", Locale: "hi",
		Metadata: map[string]string{"crm": "10042"}, Revision: 1, CreatedAt: sampleMade, UpdatedAt: sampleMade,
	}
	said := consentView{paylink.ConsentSnapshot{
		ID: sampleConsent, Channel: paylink.ChannelWhatsApp, Purpose: paylink.PurposeTransactional, State: paylink.ConsentGranted, Source: "checkout box", Actor: sampleKey, At: sampleMade,
	}, "consent", false, sampleCustomer}
	switch operation {
	case "list_customers":
		return one(viewCustomer(p))
	case "get_customer":
		v, best := viewCustomer(p), paylink.ChannelWhatsApp
		v.Standing = &standingView{3, false, []sumView{{245000, "INR"}}, []sumView{{510000, "INR"}}, &samplePaid, &best, []paylink.Channel{}}
		return v
	case "update_customer":
		p.Phone, p.Revision, p.UpdatedAt = "+919812345601", 2, samplePaid
	case "merge_customer":
		p.Revision, p.UpdatedAt = 2, samplePaid
	case "erase_customer":
		p.Erase(samplePaid)
	case "list_customer_consents":
		return one(said)
	case "record_customer_consent":
		return said
	case "export_customer":
		link, sent := exampleLink().LinkSnapshot, paylink.Message{ID: sampleMessage, Link: sampleLink, Channel: paylink.ChannelSMS, Status: paylink.MessageDelivered}.Snapshot()
		sent.To = p.Phone
		return exportView{"customer_export", "2026-12-01T09:03:41.87Z", viewCustomer(p), []paylink.ConsentSnapshot{said.ConsentSnapshot}, []exportLink{{
			&link, paylink.CustomerSnapshot{ID: p.ID, Name: p.Name, Phone: p.Phone, Email: p.Email, Locale: p.Locale}, []paylink.PaymentSnapshot{*examplePayment()}, []paylink.MessageSnapshot{*sent},
		}}}
	}
	return viewCustomer(p)
}

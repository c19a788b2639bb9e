package paypage

import (
	"paylink"
	"paylink/checkout"
)

// inParts is a link that may be paid in parts, some of which is paid.
func inParts(paid int64) checkout.Page {
	p := asked()
	p.Link.Terms.Partial = &paylink.Partial{MinimumFirst: 50000, Minimum: 10000}
	if p.Link.AmountPaid = paid; paid > 0 {
		p.Link.Status = paylink.LinkPartiallyPaid
	}
	return p
}

// partPaid is the page of the one who has paid a part.
func partPaid() checkout.Page {
	p := inParts(45000)
	had := paid()
	p.Payment, p.Payer = had.Payment, true
	p.Payment.Amount.Minor, p.Payment.AmountCaptured = 45000, 45000
	return p
}

func tooLittle() checkout.Page {
	p := abnormal(paylink.AbnormalUnderpaid, paylink.PolicyHold)
	p.Payment.AmountCaptured = 100
	p.Refusal, p.Link.Status = "", paylink.LinkPending
	return p
}

func tooMuch() checkout.Page {
	p := abnormal(paylink.AbnormalOverpaid, paylink.PolicyRefund)
	p.Payment.AmountCaptured, p.Payment.AmountExcess = 245500, 500
	return p
}

// open is a link whose amount the customer chooses.
func open() checkout.Page {
	p := asked()
	p.Link.Amount.Minor = 0
	p.Link.Terms.CustomerAmount = &paylink.CustomerAmount{Minimum: 10000, Maximum: 900000, Presets: []int64{50000, 100000}}
	return p
}

func openYen() checkout.Page {
	p := bare()
	p.Link.Amount.Minor = 0
	p.Link.Terms.CustomerAmount = &paylink.CustomerAmount{Minimum: 1, Maximum: paylink.MaxMinor}
	return p
}

// lined is a link of two lines, the first of which may change.
func lined(adjustable bool) checkout.Page {
	p := asked()
	p.Link.Terms.Items = []paylink.LineItem{
		{Name: "Tea", Quantity: 2, UnitAmount: 100000, TaxRate: "18", TaxInclusive: true},
		{Name: "Delivery", Quantity: 1, UnitAmount: 45000},
	}
	if adjustable {
		p.Link.Terms.Items[0].Adjustable = &paylink.Adjustable{Maximum: 9}
	}
	return p
}

func linesPaid() checkout.Page {
	p := paid()
	p.Link.Terms.Items = lined(true).Link.Terms.Items
	p.Payment.Items = p.Link.Terms.Items
	return p
}

// capped is a link of many uses with each kind of cap.
func capped() checkout.Page {
	p := many()
	p.Link.Usage.MaxTotal, p.Link.Usage.MaxPerCustomer = 2450000, 1
	p.Link.PaymentsCount, p.Link.AmountPaid, p.Link.InFlight, p.Link.AmountInFlight = 3, 735000, 1, 245000
	return p
}

// worded is a page on which the merchant speaks, and asks for consent.
func worded(p checkout.Page) checkout.Page {
	p.Link.Terms.SuccessText, p.Link.Terms.ClosedText = "See you at the tasting.\nBring a friend.", "Sold out. Ask us for the next one."
	p.Link.Terms.TermsURL = "https://acme.example/terms"
	return p
}

// asking is a link whose page asks questions.
func asking(p checkout.Page) checkout.Page {
	p.Link.Terms.Questions = []paylink.Question{
		{Key: "badge", Label: "Name on the badge", Type: paylink.QuestionText, Required: true, MaximumLength: 40},
		{Key: "guests", Label: "Guests", Type: paylink.QuestionNumber},
		{Key: "size", Label: "Size <of shirt>", Type: paylink.QuestionChoice, Choices: []string{"S", "M & L"}, Required: true},
	}
	return p
}

// answered is the receipt of one who answered.
func answered() checkout.Page {
	p := asking(paid())
	p.Replies = []paylink.Reply{{Key: "badge", Label: "Name on the badge", Value: "<b>Ravi</b>"}, {Key: "size", Label: "Size <of shirt>", Value: "M & L"}}
	return p
}

package api

import (
	"time"

	"paylink"
	"paylink/issue"
)

// linkBody is what a merchant may say about a new link. What is not here cannot be set: the reader
// refuses unknown fields.
type linkBody struct {
	Amount        *int64              `json:"amount,omitempty" minimum:"1" maximum:"1000000000000" doc:"minor units; exactly one of amount, customer_amount and line_items" example:"245000"`
	Currency      string              `json:"currency,omitempty" minLength:"3" maxLength:"3" doc:"ISO 4217, capitals; required, unless the template says it" example:"INR"`
	Description   string              `json:"description,omitempty" maxLength:"500" doc:"what the customer pays for" example:"Order 1042"`
	Reference     string              `json:"reference,omitempty" maxLength:"100" doc:"yours; unique among the links that are neither cancelled nor expired" example:"order-1042"`
	Customer      *customerBody       `json:"customer,omitempty"`
	Usage         *usageBody          `json:"usage,omitempty"`
	ExpiresIn     nullable[int64]     `json:"expires_in,omitempty" doc:"seconds from now; null: never; absent: your default"`
	ExpiresAt     nullable[time.Time] `json:"expires_at,omitempty" doc:"instead of expires_in; null: never"`
	Channels      []paylink.Channel   `json:"channels,omitempty" doc:"sent on all of them at once; none: make the link, send nothing"`
	Methods       []paylink.Method    `json:"methods,omitempty" doc:"how the customer may pay; none: every way there is"`
	ReturnURL     string              `json:"return_url,omitempty" maxLength:"2048" doc:"https; where the receipt leads back to"`
	Metadata      map[string]string   `json:"metadata,omitempty" doc:"up to 50 texts of your own"`
	Notes         string              `json:"notes,omitempty" maxLength:"2000" doc:"internal; the customer never sees them"`
	OnLatePayment paylink.Policy      `json:"on_late_payment,omitempty" enum:"accept,hold,refund,credit" doc:"money that comes after expiry or cancelling; accept when absent"`
	Replaces      paylink.LinkID      `json:"replaces,omitempty" doc:"a link for which this one stands in: that one is cancelled, and its page leads here" example:"plink_06h08800000000000000000000"`
	OnDuplicate   paylink.Policy      `json:"on_duplicate,omitempty" enum:"accept,hold,refund,credit" doc:"money that comes when nothing is due; refund when absent"`

	CustomerAmount *paylink.CustomerAmount `json:"customer_amount,omitempty" doc:"the customer chooses the amount within these bounds"`
	LineItems      []paylink.LineItem      `json:"line_items,omitempty" maxItems:"50" doc:"the amount is what these lines come to"`
	Partial        *paylink.Partial        `json:"partial,omitempty" doc:"a single-use link may be paid in parts; absent: at once"`
	Plan           *planBody               `json:"plan,omitempty" doc:"a single-use link is paid in instalments with dates; the link then never expires unless you say when; absent: at once"`
	Promises       *paylink.PromiseTerms   `json:"promises,omitempty" doc:"the customer may promise on the page to pay on a later day; absent: only your own people note promises"`
	OnOverpayment  paylink.Policy          `json:"on_overpayment,omitempty" enum:"accept,hold,refund,credit" doc:"money above what was asked or is still due, of which the rest counts; absent: what we did not ask for is set aside as a quarantined notice, what is no longer due is held"`
	OnUnderpayment paylink.Policy          `json:"on_underpayment,omitempty" enum:"accept,hold,refund,credit" doc:"less money than was asked; with accept it counts and the rest stays due; absent: set aside as a quarantined notice"`
	SuccessText    string                  `json:"success_text,omitempty" maxLength:"500" doc:"what the receipt says to the one who has paid"`
	ClosedText     string                  `json:"closed_text,omitempty" maxLength:"500" doc:"what the page says when the link can no longer be paid"`
	Template       string                  `json:"template,omitempty" maxLength:"100" doc:"the name of a template, which fills what is left out here; null takes away what it says"`
	Refresh        *paylink.Refresh        `json:"refresh,omitempty" doc:"how it may be given new time when it expires; absent: by your settings"`
	known          bool                    // the template that it names was found, and has filled it
	TermsURL       string                  `json:"terms_url,omitempty" maxLength:"2048" doc:"https; the customer must accept what stands there before a payment starts"`
	Attachments    []paylink.AttachmentID  `json:"attachments,omitempty" maxItems:"3" doc:"files that the page hands over, as POST /v1/attachments names them: att_…"`
	Questions      []paylink.Question      `json:"questions,omitempty" maxItems:"3" doc:"what the page asks besides the money; the answers stand on the payment"`
	Restrict       *restrictBody           `json:"restrict,omitempty" doc:"for whom the link opens; absent: for whoever has it"`
	Purpose        paylink.Purpose         `json:"purpose,omitempty" enum:"requested,transactional,recovery,promotional" doc:"why the customer is asked: requested just now, transactional, recovery of a debt, or promotional; laws on when to write hold for the last two; transactional when absent"`
	DueAt          *time.Time              `json:"due_at,omitempty" doc:"when the money is due, within ten years; the link can be paid after that too, until it expires" example:"2026-12-10T18:30:00Z"`
	Reminders      []paylink.Reminder      `json:"reminders,omitempty" maxItems:"10" doc:"further messages, each sent once, until the link is paid or closed; never in your quiet hours, and an hour apart"`
	NotifyExpiry   *bool                   `json:"notify_expiry,omitempty" doc:"a reminder before the link expires: a day, or two hours for lives under two days; absent: as you have decided in your settings"`

	CaptureMethod paylink.CaptureMethod `json:"capture_method,omitempty" enum:"automatic,manual" doc:"when money is taken: automatic, as soon as the customer's bank agrees; manual, reserved first and captured by you, as when it is delivered, by the methods that can reserve; automatic when absent"`
	VoidOnExpiry  bool                  `json:"void_on_expiry,omitempty" doc:"with manual: money that is reserved when the link expires is given back then; absent: when its bank no longer reserves it"`

	Receipts *paylink.Receipts     `json:"receipts,omitempty" doc:"on which channels the customer gets a receipt; as your settings say when absent"`
	Delivery *paylink.DeliveryPlan `json:"delivery,omitempty" doc:"sent in steps, instead of on all channels at once; not with channels"`

	Tip      *paylink.Tip             `json:"tip,omitempty" doc:"the customer may add a tip; not with partial"`
	Shipping []paylink.ShippingOption `json:"shipping_options,omitempty" maxItems:"5" doc:"ways to deliver, of which the customer chooses one; not with partial"`

	Surcharge     *paylink.Surcharge `json:"surcharge,omitempty" doc:"what some methods cost more, where your country allows it; not with partial"`
	DiscountCodes []string           `json:"allow_discount_codes,omitempty" maxItems:"20" doc:"the codes that a payment may use, or * for all of them; not with partial"`
}

type customerBody struct {
	ID     paylink.CustomerID `json:"id,omitempty" doc:"a customer that you have; absent: a new one"`
	Name   string             `json:"name,omitempty" maxLength:"100" example:"Asha"`
	Phone  string             `json:"phone,omitempty" doc:"with its country, or as it is written in yours" example:"+919812345642"`
	Email  string             `json:"email,omitempty" maxLength:"254" example:"asha@example.com"`
	Locale string             `json:"locale,omitempty" doc:"BCP 47; the language of page and messages" example:"hi"`
	TaxID  string             `json:"tax_id,omitempty" maxLength:"32" doc:"as the customer's country writes it" example:"27AAPFU0939F1ZV"`
}

// planBody is a plan as a merchant asks for it.
type planBody struct {
	Instalments []paylink.Instalment `json:"instalments,omitempty" minItems:"2" maxItems:"36" doc:"in the order of their dates; they come to the amount"`
	GraceDays   int64                `json:"grace_days,omitempty" minimum:"0" maximum:"30" doc:"an instalment is missed when it is not paid so many days after its date; 0 when absent"`
}

func (b *planBody) plan() *paylink.Plan {
	if b == nil {
		return nil
	}
	return &paylink.Plan{Instalments: b.Instalments, GraceDays: b.GraceDays}
}

type usageBody struct {
	Mode           paylink.UsageMode `json:"mode,omitempty" enum:"single,multi" doc:"single when absent"`
	MaxPayments    *int64            `json:"max_payments,omitempty" minimum:"1" maximum:"1000000" doc:"for multi; absent: without an end"`
	MaxTotal       *int64            `json:"max_total,omitempty" minimum:"1" maximum:"1000000000000" doc:"for multi: all payments together, in minor units"`
	MaxPerCustomer *int64            `json:"max_per_customer,omitempty" minimum:"1" maximum:"1000000" doc:"for multi: payments that one browser may make; whoever clears its cookies is another"`
}

// draft is the body as issue judges it.
func (b linkBody) draft() issue.Draft {
	d := issue.Draft{
		Currency: paylink.Currency(b.Currency), Description: b.Description, Reference: b.Reference,
		ExpiresIn: b.ExpiresIn.Value, ExpiresAt: b.ExpiresAt.Value, NoExpiry: b.ExpiresIn.Null || b.ExpiresAt.Null,
		Channels: b.Channels, Methods: b.Methods, ReturnURL: b.ReturnURL, Metadata: b.Metadata, Notes: b.Notes,
		Replaces: b.Replaces, NotifyExpiry: b.NotifyExpiry, OnLate: b.OnLatePayment, OnDuplicate: b.OnDuplicate,
		Terms: paylink.Terms{
			Partial: b.Partial, Plan: b.Plan.plan(), Promises: b.Promises, CustomerAmount: b.CustomerAmount, Items: b.LineItems, OnOver: b.OnOverpayment, OnUnder: b.OnUnderpayment,
			SuccessText: b.SuccessText, ClosedText: b.ClosedText, TermsURL: b.TermsURL, DueAt: b.DueAt, Purpose: b.Purpose, Reminders: b.Reminders, Questions: b.Questions, Attachments: b.Attachments,
			Template: b.Template, Refresh: b.Refresh, Tip: b.Tip, Shipping: b.Shipping, Surcharge: b.Surcharge, DiscountCodes: b.DiscountCodes, Delivery: b.Delivery, Receipts: b.Receipts, CaptureMethod: b.CaptureMethod, VoidOnExpiry: b.VoidOnExpiry,
		},
	}
	if b.Restrict != nil {
		d.Terms.Restrict, d.PIN = b.Restrict.restriction(), b.Restrict.PIN
	}
	d.NoTemplate = b.Template != "" && !b.known
	if b.Amount != nil {
		d.Amount, d.HasAmount = *b.Amount, true
	}
	if c := b.Customer; c != nil {
		d.Customer = issue.Contact{ID: c.ID, Name: c.Name, Phone: c.Phone, Email: c.Email, Locale: c.Locale, TaxID: c.TaxID}
	}
	if u := b.Usage; u != nil {
		d.Usage = issue.Usage{Mode: u.Mode, MaxPayments: u.MaxPayments, MaxTotal: u.MaxTotal, MaxPerCustomer: u.MaxPerCustomer}
	}
	return d
}

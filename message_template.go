package paylink

import "time"

// TemplateKind is for which messages a message template is.
type TemplateKind string

const (
	TemplateRequest  TemplateKind = "request"
	TemplateReminder TemplateKind = "reminder"
	TemplateExpiring TemplateKind = "expiring" // a reminder that says when the request ends
	TemplateOverdue  TemplateKind = "overdue"  // a reminder that says when the money was due
	TemplateReceipt  TemplateKind = "receipt"  // what was paid has arrived
	TemplateRefund   TemplateKind = "refund"   // what was paid is on its way back
	TemplateCode     TemplateKind = "code"     // that proves who stands at a restricted link's page
)

// TemplateKinds lists every kind.
var TemplateKinds = []TemplateKind{TemplateRequest, TemplateReminder, TemplateExpiring, TemplateOverdue, TemplateReceipt, TemplateRefund, TemplateCode}

// TemplateState says whether a message template is used.
type TemplateState string

const (
	TemplateDraft   TemplateState = "draft"
	TemplateActive  TemplateState = "active" // one of each channel, kind and language
	TemplateRetired TemplateState = "retired"
)

// TemplateMachine is how a version comes into use and out of it, as often as the merchant likes.
var TemplateMachine = Machine[TemplateState]{
	Name: "Message template", Start: TemplateDraft,
	Moves: map[TemplateState][]TemplateState{
		TemplateDraft: {TemplateActive}, TemplateActive: {TemplateRetired}, TemplateRetired: {TemplateActive},
	},
	Says: map[TemplateState]string{
		TemplateDraft:   "written, and not used yet",
		TemplateActive:  "messages of its channel, kind and language are written by it",
		TemplateRetired: "another version took its place, or none; it can be used again",
	},
}

// MessageTemplate is how a merchant words the messages of one channel, kind and language. A version never
// changes: a new wording is a new version.
type MessageTemplate struct {
	ID        MessageTemplateID
	Merchant  MerchantID
	Live      bool
	Channel   Channel
	Kind      TemplateKind
	Language  string // as locale names it: "hi"
	Version   int64  // from 1
	Subject   string // e-mail's; empty: the one of this house
	Text      string // with places such as {amount}
	As        RegisteredAs
	State     TemplateState
	CreatedAt time.Time
	UpdatedAt time.Time
}

// RegisteredAs says under which names others have registered the same text.
type RegisteredAs struct {
	DLT              string   `json:"dlt_template_id,omitempty" maxLength:"25" pattern:"^([0-9]{8,25})?$" doc:"the content template id with India's operators; its text stands in your settings"`
	WhatsApp         string   `json:"whatsapp_name,omitempty" maxLength:"512" pattern:"^[a-z0-9_]*$" doc:"the name of the approved template"`
	WhatsAppLanguage string   `json:"whatsapp_language,omitempty" maxLength:"15" doc:"its language there; absent: the template's" example:"en_US"`
	Flow             string   `json:"msg91_flow,omitempty" maxLength:"64" doc:"the id of the flow with MSG91"`
	Variables        []string `json:"variables,omitempty" maxItems:"20" doc:"which of our variables fill its places there, in their order" example:"[\"customer\",\"amount\"]"`
}

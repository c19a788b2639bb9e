package paylink

import "slices"

// DLT is what a merchant has registered with India's operators, without which they block a text message:
// who it is, under which headers it sends, which texts, and to which domains their links lead.
type DLT struct {
	Entity    string        `json:"entity_id" pattern:"^[0-9]{8,25}$" minLength:"8" maxLength:"25" doc:"your principal entity id" example:"1101234560000012345"`
	Headers   []string      `json:"headers" minItems:"1" maxItems:"20" doc:"your sender headers, as registered, with their capitals" example:"[\"ACMEIN\"]"`
	Domains   []string      `json:"domains,omitempty" maxItems:"20" doc:"the domains that are whitelisted for your links, without https; absent: no message may hold a link" example:"[\"acme.in\"]"`
	Templates []DLTTemplate `json:"templates,omitempty" maxItems:"100" doc:"your content templates; a message that equals none is not sent"`
}

// DLTTemplate is one text as it is registered. Each place is {#var#}, or says itself what it holds:
// {#numeric#}, {#alphanumeric#}, {#date#}, {#url#}.
type DLTTemplate struct {
	ID       string   `json:"template_id" pattern:"^[0-9]{8,25}$" minLength:"8" maxLength:"25" doc:"its content template id" example:"1107160000000012345"`
	Header   string   `json:"header" minLength:"3" maxLength:"11" doc:"the header under which it is registered" example:"ACMEIN"`
	Category string   `json:"category,omitempty" enum:"transactional,service_implicit,service_explicit,promotional" doc:"as registered; absent: service_implicit"`
	Text     string   `json:"text" minLength:"1" maxLength:"1000" doc:"the registered text, to the letter, with its places" example:"{#var#}: payment request of Rs {#var#} for {#var#}. Pay: {#var#}"`
	Types    []string `json:"variable_types,omitempty" maxItems:"20" doc:"what each {#var#} holds, in their order: number, alphanumeric, date, url or text; absent: text, and url where one stands" example:"[\"text\",\"number\",\"text\",\"url\"]"`
}

// DLTTypes are what a place of a registered text may hold.
var DLTTypes = []string{"text", "number", "alphanumeric", "date", "url"}

// DLTCategories are those under which texts are registered.
var DLTCategories = []string{"transactional", "service_implicit", "service_explicit", DLTPromotional}

// DLTPromotional is the category of texts that sell, which go out by day only.
const DLTPromotional = "promotional"

// Holds tells whether the merchant holds a sender header, so that its links may be opened under it.
func (m Merchant) Holds(header string) bool {
	return header != "" && (header == m.Header || m.Settings.DLT != nil && slices.Contains(m.Settings.DLT.Headers, header))
}

// SMSHeader is the header under which text messages go out that name no template of another; empty: none.
func (m Merchant) SMSHeader() string {
	if m.Header == "" && m.Settings.DLT != nil && len(m.Settings.DLT.Headers) > 0 {
		return m.Settings.DLT.Headers[0]
	}
	return m.Header
}

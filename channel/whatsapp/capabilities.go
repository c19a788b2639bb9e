package whatsapp

import (
	"paylink"
	"paylink/channel"
	"paylink/provider"
)

// The names of an account's fields.
const (
	phoneNumber     = "phone_number_id"
	businessAccount = "business_account_id"
	accessToken     = "access_token"
	verifyToken     = "verify_token"
	buttonBase      = "template_base_url"
	variables       = "template_variables"
	freeText        = "free_text"
	apiVersion      = "api_version"
	orders          = "order_details"
)

// Their choices.
const (
	yes        = "yes"
	no         = "no"
	positional = "positional"
	named      = "named"

	paymentLink = "payment_link"
)

// defaultVersion of the API is the one whose schema judged this adapter. Meta keeps a version for about
// two years.
const defaultVersion = "v23.0"

// Capabilities says what the Cloud API can do.
func (s *Sender) Capabilities() channel.Capabilities {
	whatsapp := []paylink.Channel{paylink.ChannelWhatsApp}
	return channel.Capabilities{
		Name: "whatsapp", Title: "WhatsApp Cloud API", Channels: whatsapp, Reads: whatsapp, Templates: true,
		Judge: "Prism over Meta's published schema of v23.0, with four corrections",
		Fields: []provider.Field{
			{
				Name: phoneNumber, Label: "Phone number ID", Required: true, Pattern: "[0-9]{5,20}", Example: "106540352242922",
				Help: "In WhatsApp Manager under API setup; it is not the phone number itself.",
			}, {
				Name: businessAccount, Label: "WhatsApp Business Account ID", Required: true, Pattern: "[0-9]{5,20}", Example: "102290129340398",
				Help: "In WhatsApp Manager under API setup; its templates are listed by it.",
			}, {
				Name: accessToken, Label: "Access token", Required: true, Secret: true, Most: 1000, Pattern: `[A-Za-z0-9_.|-]+`,
				Help: "Of a system user with the permissions whatsapp_business_messaging and whatsapp_business_management, without an end.",
			}, {
				Name: provider.Secret, Label: "App secret", Required: true, Secret: true,
				Help: "In the app's basic settings; Meta signs with it what it posts to us.",
			}, {
				Name: verifyToken, Label: "Verify token", Required: true, Secret: true, Pattern: `[A-Za-z0-9_.-]{8,200}`,
				Help: "A word of your own choice; enter the same beside the callback URL in the app's webhook settings, and subscribe to the field messages there.",
			}, {
				Name: buttonBase, Label: "Template button URL", Required: true, Pattern: "https?://[!-z|~]+", Example: "https://pay.example/", Most: 1000,
				Help: "The fixed part of the URL button of your templates, which {{1}} follows. The URL button is the first button of each template.",
			}, {
				Name: variables, Label: "Template variables", Options: []string{positional, named},
				Help: "How your templates mark their variables: {{1}} is positional, which is the default; {{customer_name}} is named.",
			}, {
				Name: freeText, Label: "Messages without a template", Options: []string{no, yes},
				Help: "Meta takes them only within 24 hours after the customer wrote to you. The default is no.",
			}, {
				Name: orders, Label: "Order details", Options: []string{no, paymentLink},
				Help: "India only, and only when Meta has enabled payment links for your number: requests go out as orders whose button opens our page. Your templates for requests then have the button Review and pay in the place of the URL button.",
			}, {
				Name: apiVersion, Label: "API version", Pattern: `v[0-9]{2}\.0`, Example: defaultVersion,
				Help: "Of the Graph API. Leave it empty, unless Meta has ended " + defaultVersion + ".",
			},
		},
	}
}

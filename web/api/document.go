package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"paylink"
	"paylink/web/respond"
)

func description() *huma.OpenAPI {
	return &huma.OpenAPI{
		OpenAPI: "3.1.0",
		Info: &huma.Info{
			Title: "paylink", Version: Version, Contact: &huma.Contact{Name: "Whoever runs this server"},
			Description: "Payment links: make them, send them, follow them to the money.\n\n" +
				"Money is an integer in minor units with its ISO 4217 currency. Times are RFC 3339 in UTC. A key opens one world, test or live; what is in the other is not found. " +
				"Unknown fields and parameters are refused. Every answer has an X-Request-Id; errors are application/problem+json (RFC 9457). " +
				"The headers RateLimit-Policy and RateLimit follow draft-ietf-httpapi-ratelimit-headers-10.",
		},
		Servers: []*huma.Server{{URL: "/", Description: "the server that serves this document"}},
		Components: &huma.Components{
			Schemas: huma.NewMapRegistry("#/components/schemas/", schemaName),
			SecuritySchemes: map[string]*huma.SecurityScheme{
				"bearer": {Type: "http", Scheme: "bearer", Description: "An API key, sk_test_… or sk_live_…"},
				"inbox":  {Type: "http", Scheme: "bearer", Description: "A token for one customer's inbox, itok_…"},
				"basic":  {Type: "http", Scheme: "basic", Description: "The API key as the user name, without a password"},
			},
		},
		Security: []map[string][]string{{"bearer": {}}, {"basic": {}}},
	}
}

// schemaName names a type as the field does: PaymentLink, not linkView.
func schemaName(t reflect.Type, hint string) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if name, ok := schemaNames[t]; ok {
		return name
	}
	return huma.DefaultSchemaNamer(t, hint)
}

var schemaNames = map[reflect.Type]string{
	reflect.TypeFor[linkView]():             "PaymentLink",
	reflect.TypeFor[linkBody]():             "NewPaymentLink",
	reflect.TypeFor[reminderView]():         "PlannedReminder",
	reflect.TypeFor[planView]():             "DeliveryState",
	reflect.TypeFor[stepView]():             "DeliveryStepState",
	reflect.TypeFor[customerBody]():         "NewCustomer",
	reflect.TypeFor[usageBody]():            "NewUsage",
	reflect.TypeFor[restrictBody]():         "NewRestriction",
	reflect.TypeFor[sendBody]():             "SendPaymentLink",
	reflect.TypeFor[sentView]():             "SentPaymentLink",
	reflect.TypeFor[expiryBody]():           "NewExpiry",
	reflect.TypeFor[messageView]():          "Message",
	reflect.TypeFor[attemptView]():          "MessageAttempt",
	reflect.TypeFor[paymentView]():          "Payment",
	reflect.TypeFor[noticeView]():           "GatewayNotice",
	reflect.TypeFor[refundView]():           "Refund",
	reflect.TypeFor[listOf[refundView]]():   "RefundList",
	reflect.TypeFor[refundBody]():           "NewRefund",
	reflect.TypeFor[refundItem]():           "ListedRefund",
	reflect.TypeFor[refundListBody]():       "NewRefundList",
	reflect.TypeFor[refundResults]():        "RefundResults",
	reflect.TypeFor[refundResult]():         "RefundResult",
	reflect.TypeFor[refundBatch]():          "RefundBatch",
	reflect.TypeFor[resolveBody]():          "PaymentResolution",
	reflect.TypeFor[amendBody]():            "PaymentLinkAmendment",
	reflect.TypeFor[copyBody]():             "PaymentLinkCopy",
	reflect.TypeFor[recordBody]():           "OutsidePayment",
	reflect.TypeFor[planBody]():             "NewPlan",
	reflect.TypeFor[replanBody]():           "Replan",
	reflect.TypeFor[promiseBody]():          "NewPromise",
	reflect.TypeFor[paylink.Step]():         "InstalmentStanding",
	reflect.TypeFor[tokenBody]():            "TokenToVerify",
	reflect.TypeFor[tokenView]():            "VerifiedToken",
	reflect.TypeFor[tokenClaims]():          "TokenClaims",
	reflect.TypeFor[eventView]():            "Event",
	reflect.TypeFor[endpointBody]():         "NewWebhookEndpoint",
	reflect.TypeFor[endpointView]():         "WebhookEndpoint",
	reflect.TypeFor[replayBody]():           "WebhookReplay",
	reflect.TypeFor[deliveryView]():         "WebhookDelivery",
	reflect.TypeFor[merchantView]():         "Merchant",
	reflect.TypeFor[templateBody]():         "NewTemplate",
	reflect.TypeFor[wordingBody]():          "NewMessageTemplate",
	reflect.TypeFor[previewBody]():          "NewMessagePreview",
	reflect.TypeFor[wordingChange]():        "MessageTemplateChange",
	reflect.TypeFor[wordingView]():          "MessageTemplate",
	reflect.TypeFor[listOf[wordingView]]():  "MessageTemplateList",
	reflect.TypeFor[previewView]():          "MessagePreview",
	reflect.TypeFor[wordingFault]():         "MessageFlaw",
	reflect.TypeFor[templateView]():         "Template",
	reflect.TypeFor[listOf[templateView]](): "TemplateList",
	reflect.TypeFor[merchantBody]():         "MerchantChange",
	reflect.TypeFor[returnSecretView]():     "ReturnSecret",

	reflect.TypeFor[attachmentView]():         "Attachment",
	reflect.TypeFor[listOf[attachmentView]](): "AttachmentList",

	reflect.TypeFor[bulkView]():             "Bulk",
	reflect.TypeFor[bulkResults]():          "BulkResults",
	reflect.TypeFor[bulkResult]():           "BulkResult",
	reflect.TypeFor[bulkFault]():            "BulkFault",
	reflect.TypeFor[bulkColumn]():           "BulkColumn",
	reflect.TypeFor[bulkFile]():             "BulkFile",
	reflect.TypeFor[listOf[bulkView]]():     "BulkList",
	reflect.TypeFor[clockBody]():            "ClockAdvance",
	reflect.TypeFor[listOf[linkView]]():     "PaymentLinkList",
	reflect.TypeFor[listOf[paymentView]]():  "PaymentList",
	reflect.TypeFor[listOf[noticeView]]():   "GatewayNoticeList",
	reflect.TypeFor[listOf[eventView]]():    "EventList",
	reflect.TypeFor[listOf[endpointView]](): "WebhookEndpointList",
	reflect.TypeFor[listOf[deliveryView]](): "WebhookDeliveryList",

	reflect.TypeFor[accountBody]():          "NewAccount",
	reflect.TypeFor[accountChange]():        "AccountChange",
	reflect.TypeFor[accountView]():          "Account",
	reflect.TypeFor[listOf[accountView]]():  "AccountList",
	reflect.TypeFor[trialView]():            "AccountTest",
	reflect.TypeFor[providerView]():         "Provider",
	reflect.TypeFor[fieldView]():            "ProviderField",
	reflect.TypeFor[listOf[providerView]](): "ProviderList",

	reflect.TypeFor[discountBody]():         "NewDiscountCode",
	reflect.TypeFor[discountChange]():       "DiscountCodeChange",
	reflect.TypeFor[discountView]():         "DiscountCode",
	reflect.TypeFor[listOf[discountView]](): "DiscountCodeList",

	reflect.TypeFor[suppressionBody]():         "NewSuppression",
	reflect.TypeFor[inboxTokenBody]():          "NewInboxToken",
	reflect.TypeFor[inboxTokenView]():          "InboxToken",
	reflect.TypeFor[inboxItemView]():           "InboxItem",
	reflect.TypeFor[inboxPage]():               "Inbox",
	reflect.TypeFor[deviceBody]():              "NewDevice",
	reflect.TypeFor[deviceView]():              "Device",
	reflect.TypeFor[listOf[deviceView]]():      "DeviceList",
	reflect.TypeFor[suppressionView]():         "Suppression",
	reflect.TypeFor[listOf[suppressionView]](): "SuppressionList",
}

// tellNulls says of every object in an answer that can be null that it can: Huma leaves that out where
// an object has a schema of its own.
func tellNulls(schemas huma.Registry) {
	for name, s := range schemas.Map() {
		t := schemas.TypeFromRef("#/components/schemas/" + name)
		if t == nil || t.Kind() != reflect.Struct {
			continue
		}
		for _, field := range reflect.VisibleFields(t) {
			key, options, _ := strings.Cut(field.Tag.Get("json"), ",")
			p := s.Properties[key]
			if p != nil && p.Ref != "" && field.Type.Kind() == reflect.Pointer && !strings.Contains(options, "omitempty") {
				s.Properties[key] = &huma.Schema{Description: p.Description, AnyOf: []*huma.Schema{{Ref: p.Ref}, {Type: "null"}}}
			}
		}
	}
}

// document adds to an operation the headers that all take.
func document(op *huma.Operation) {
	op.Parameters = append(op.Parameters, &huma.Param{
		Name: "Paylink-Version", In: "header", Description: "the version of this contract; absent: the one there is", Schema: &huma.Schema{Type: huma.TypeString, Enum: []any{Version}},
	})
	if op.Method == http.MethodPost {
		op.Parameters = append(op.Parameters, &huma.Param{
			Name: "Idempotency-Key", In: "header", Schema: &huma.Schema{Type: huma.TypeString, MinLength: whole(1), MaxLength: whole(255), Pattern: "^[!-~]+$"},
			Description: "your own name for this request; sent again within 30 days it gives the first answer again, marked Idempotent-Replayed: true",
		})
	}
	if op.Metadata[metaKeyless] != nil {
		op.Security = []map[string][]string{{"bearer": {}}, {"basic": {}}, {}}
	}
}

// DocumentJSON is the OpenAPI document, indented.
func (a *API) DocumentJSON() ([]byte, error) {
	plain, err := json.Marshal(a.huma.OpenAPI())
	if err != nil {
		return nil, fmt.Errorf("write the OpenAPI document: %w", err)
	}
	var out bytes.Buffer
	if err := json.Indent(&out, plain, "", "  "); err != nil {
		return nil, fmt.Errorf("write the OpenAPI document: %w", err)
	}
	out.WriteByte('\n')
	return out.Bytes(), nil
}

func (a *API) documentJSON(w http.ResponseWriter, r *http.Request) {
	serveDocument(w, r, "application/json", a.DocumentJSON)
}

func (a *API) documentYAML(w http.ResponseWriter, r *http.Request) {
	serveDocument(w, r, "application/yaml", a.huma.OpenAPI().YAML)
}

func serveDocument(w http.ResponseWriter, r *http.Request, contentType string, write func() ([]byte, error)) {
	body, err := write()
	if err != nil {
		respond.Fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Cache-Control", "public, max-age=300")
	_, _ = w.Write(body) // the reader has gone
}

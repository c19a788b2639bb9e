package api

import (
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"paylink"
	"paylink/connect"
	"paylink/notify"
	"paylink/sheet"
	"paylink/wording"
)

// shapes says of the nouns' own types what every value of them looks like, wherever one stands.
var shapes = map[reflect.Type]huma.Schema{
	reflect.TypeFor[paylink.MerchantID]():   idShape("mer"),
	reflect.TypeFor[paylink.CustomerID]():   idShape("cust"),
	reflect.TypeFor[paylink.LinkID]():       idShape("plink"),
	reflect.TypeFor[paylink.AttachmentID](): idShape("att"),

	reflect.TypeFor[paylink.PaymentID]():         idShape("pay"),
	reflect.TypeFor[paylink.MessageID]():         idShape("msg"),
	reflect.TypeFor[paylink.EventID]():           idShape("evt"),
	reflect.TypeFor[paylink.DisputeID]():         idShape("dspt"),
	reflect.TypeFor[paylink.EndpointID]():        idShape("we"),
	reflect.TypeFor[paylink.DeliveryID]():        idShape("whd"),
	reflect.TypeFor[paylink.TemplateID]():        idShape("tmpl"),
	reflect.TypeFor[paylink.MessageTemplateID](): idShape("mtmpl"),
	reflect.TypeFor[paylink.NoticeID]():          idShape("ntc"),
	reflect.TypeFor[paylink.SuppressionID]():     idShape("supp"),
	reflect.TypeFor[paylink.DeviceID]():          idShape("dev"),
	reflect.TypeFor[paylink.InboxItemID]():       idShape("item"),
	reflect.TypeFor[paylink.SuppressionReason](): {Enum: names(paylink.SuppressionReasons)},
	reflect.TypeFor[paylink.LiftReason]():        {Enum: names(paylink.LiftReasons)},
	reflect.TypeFor[paylink.AccountID]():         {MaxLength: whole(40)}, // an operator may name them

	reflect.TypeFor[paylink.Currency]():  {Description: "ISO 4217, in capitals", Pattern: "^[A-Z]{3}$"},
	reflect.TypeFor[paylink.Channel]():   {Description: "a channel", Enum: names(paylink.Channels)},
	reflect.TypeFor[paylink.Method]():    {Description: "a way to pay", Enum: names(paylink.Methods)},
	reflect.TypeFor[paylink.EventType](): {Description: "what happened", Enum: append(names(paylink.EventTypes), string(notify.EventTest))},
	reflect.TypeFor[paylink.Policy]():    {Enum: []any{"accept", "hold", "refund", "credit", ""}},
	reflect.TypeFor[paylink.Abnormal]():  {Enum: []any{string(paylink.AbnormalLate), string(paylink.AbnormalDuplicate), ""}},
	reflect.TypeFor[time.Time]():         {Description: "RFC 3339, UTC"},
}

// idPattern is what follows an id's tag: 26 letters of Crockford's base32 in lower case.
const idPattern = "_[0-9a-hjkmnp-tv-z]{26}$"

func idShape(tag string) huma.Schema {
	return huma.Schema{Description: tag + "_…", Pattern: "^" + tag + idPattern}
}

// bounds are the limits of fields whose type alone does not tell them, by schema and field, or by the
// field's name where it means the same everywhere. What a request may hold is enforced by the steps
// with these numbers; a test asks for one more of each and expects to be refused.
var bounds = map[string]huma.Schema{
	"NewPaymentLink.amount":               {Examples: []any{245000}},
	"NewPaymentLink.currency":             {Pattern: "^[A-Z]{3}$"},
	"NewPaymentLink.expires_in":           {Minimum: at(1), Maximum: at(maxSeconds)},
	"NewPaymentLink.channels":             {UniqueItems: true, MaxItems: whole(len(paylink.Channels))},
	"NewPaymentLink.methods":              {UniqueItems: true, MaxItems: whole(len(paylink.Methods) + 1)},
	"NewPaymentLink.metadata":             {MaxProperties: whole(50), AdditionalProperties: &huma.Schema{Type: huma.TypeString, MaxLength: whole(500)}, Extensions: keysUpTo(40)},
	"NewCustomer.phone":                   {MaxLength: whole(32), Pattern: `^(|[+]?[0-9 ().-]+)$`},
	"NewCustomer.locale":                  {MaxLength: whole(35)},
	"NewCustomer.email":                   {Pattern: "^(|[^@\\s]+@[^@\\s]+)$"},
	"SendPaymentLink.channels":            {UniqueItems: true, MinItems: whole(1), MaxItems: whole(len(paylink.Channels))},
	"SendPaymentLink.to":                  {MaxProperties: whole(len(paylink.Channels)), AdditionalProperties: &huma.Schema{Type: huma.TypeString, MinLength: whole(1), MaxLength: whole(254)}, Extensions: map[string]any{"propertyNames": map[string]any{"enum": names(paylink.Channels)}}},
	"Reminder.after":                      {MinLength: whole(2), MaxLength: whole(16)},
	"Reminder.before_expiry":              {MinLength: whole(2), MaxLength: whole(16)},
	"Reminder.after_due":                  {MinLength: whole(2), MaxLength: whole(16)},
	"PlannedReminder.after":               {MinLength: whole(2), MaxLength: whole(16)},
	"PlannedReminder.before_expiry":       {MinLength: whole(2), MaxLength: whole(16)},
	"PlannedReminder.after_due":           {MinLength: whole(2), MaxLength: whole(16)},
	"NewWebhookEndpoint.url":              {Format: "uri", Pattern: "^https?://"},
	"NewWebhookEndpoint.events":           {UniqueItems: true, MinItems: whole(1), MaxItems: whole(len(paylink.EventTypes) + 1), Items: &huma.Schema{Type: huma.TypeString, Enum: append([]any{"*"}, names(paylink.EventTypes)...)}},
	"TokenToVerify.token":                 {MinLength: whole(1)},
	"ClockAdvance.advance":                {MinLength: whole(2), MaxLength: whole(40)},
	"WebhookEndpoint.events":              {MaxItems: whole(len(paylink.EventTypes) + 1), Items: &huma.Schema{Type: huma.TypeString, Enum: append([]any{"*"}, names(paylink.EventTypes)...)}},
	"EndpointSnapshot.events":             {MaxItems: whole(len(paylink.EventTypes) + 1), Items: &huma.Schema{Type: huma.TypeString, Enum: append([]any{"*"}, names(paylink.EventTypes)...)}},
	"WebhookDelivery.last_status":         {Minimum: at(0), Maximum: at(599)},
	"TokenClaims.link_id":                 idShape("plink"),
	"TokenClaims.merchant_id":             idShape("mer"),
	"TokenClaims.currency":                {Pattern: "^[A-Z]{3}$"},
	"Problem.status":                      {Minimum: at(400), Maximum: at(599)},
	"Problem.errors":                      {MaxItems: whole(100)},
	"MethodDetails.last4":                 {Pattern: "^[0-9]{4}$"},
	"Payment.reference":                   {Pattern: "^[0-9A-Z]{20}$"},
	"PaymentLink.code":                    {Pattern: "^[0-9A-Za-z]{22}$"},
	"PaymentLink.channels":                {UniqueItems: true, MaxItems: whole(len(paylink.Channels))},
	"PaymentLink.methods":                 {UniqueItems: true, MaxItems: whole(len(paylink.Methods) + 1)},
	"PaymentLink.payments":                {MaxItems: whole(lastPayments)},
	"metadata":                            {MaxProperties: whole(50)},
	"SentPaymentLink.code":                {Pattern: "^[0-9A-Za-z]{22}$"},
	"Event.hash":                          {Pattern: "^([0-9a-f]{64})?$"},
	"Event.sequence":                      {Minimum: at(0)},
	"Merchant.country":                    {Pattern: "^[A-Z]{2}$"},
	"Merchant.default_expires_in":         {Minimum: at(1)},
	"WebhookEndpoint.secret":              {Pattern: "^whsec_[0-9A-Za-z+/=]+$"},
	"WebhookEndpoint.public_key":          {Pattern: "^whpk_[0-9A-Za-z+/=]+$"},
	"GatewayNotice.payment_id":            idShape("pay"),
	"PaymentLinkList.data":                {MaxItems: whole(100)},
	"PaymentList.data":                    {MaxItems: whole(100)},
	"GatewayNoticeList.data":              {MaxItems: whole(100)},
	"WebhookEndpointList.data":            {MaxItems: whole(100)},
	"WebhookDeliveryList.data":            {MaxItems: whole(100)},
	"TemplateList.data":                   {MaxItems: whole(100)},
	"DLT.headers":                         {Items: &huma.Schema{Type: huma.TypeString, Pattern: "^[0-9A-Za-z]{3,11}$"}},
	"DLT.domains":                         {Items: &huma.Schema{Type: huma.TypeString, MaxLength: whole(253), Pattern: `^[0-9A-Za-z-]{1,63}(\.[0-9A-Za-z-]{1,63})+$`}},
	"DLTTemplate.variable_types":          {Items: &huma.Schema{Type: huma.TypeString, Enum: each(paylink.DLTTypes, func(s string) any { return s })}},
	"RegisteredAs.variables":              {Items: &huma.Schema{Type: huma.TypeString, Enum: each(wording.Variables, func(s string) any { return s })}},
	"MessageTemplateList.data":            {MaxItems: whole(100)},
	"EventList.data":                      {MaxItems: whole(mostTimeline)},
	"PaymentLinkAmendment.expires_in":     {Minimum: at(1), Maximum: at(maxSeconds)},
	"LinkSnapshot.amount":                 {Minimum: at(0), Maximum: at(float64(paylink.MaxMinor))},
	"PaymentLink.amount":                  {Minimum: at(0), Maximum: at(float64(paylink.MaxMinor))},
	"PaymentLinkAmendment.metadata":       {MaxProperties: whole(50), AdditionalProperties: &huma.Schema{Type: huma.TypeString, MaxLength: whole(500)}, Extensions: keysUpTo(40)},
	"PaymentLinkCopy.channels":            {UniqueItems: true, MaxItems: whole(len(paylink.Channels))},
	"UsageSnapshot.max_total":             {Minimum: at(1), Maximum: at(float64(paylink.MaxMinor))},
	"UsageSnapshot.max_per_customer":      {Minimum: at(1), Maximum: at(1_000_000)},
	"Payment.amount_excess":               {Minimum: at(0)},
	"Totals.subtotal":                     {Minimum: at(0), Maximum: at(float64(paylink.MaxMinor))},
	"Totals.total":                        {Minimum: at(0), Maximum: at(float64(paylink.MaxMinor))},
	"Plan.instalments":                    {MinItems: whole(1), MaxItems: whole(paylink.MaxInstalments)},
	"Plan.after":                          {Minimum: at(0)},
	"InstalmentStanding.number":           {Minimum: at(1), Maximum: at(paylink.MaxInstalments)},
	"InstalmentStanding.of":               {Minimum: at(1), Maximum: at(paylink.MaxInstalments)},
	"Promise.by":                          {MaxLength: whole(40)},
	"Promise.note":                        {MaxLength: whole(paylink.MaxPromiseNote)},
	"Promise.times":                       {Minimum: at(1)},
	"Promise.times_by_customer":           {Minimum: at(0), Maximum: at(paylink.MaxCustomerPromises)},
	"paid_before":                         {Minimum: at(0)},
	"approved_by":                         {MaxLength: whole(40)},
	"file_name":                           {MaxLength: whole(200)},
	"size":                                {Minimum: at(0), Maximum: at(sheet.MaxBytes)},
	"rows":                                {Minimum: at(0), Maximum: at(sheet.MaxRows)},
	"good":                                {Minimum: at(0), Maximum: at(sheet.MaxRows)},
	"created":                             {Minimum: at(0), Maximum: at(sheet.MaxRows)},
	"failed":                              {Minimum: at(0), Maximum: at(sheet.MaxRows)},
	"skipped":                             {Minimum: at(0), Maximum: at(sheet.MaxRows)},
	"Bulk.sent":                           {Minimum: at(0), Maximum: at(sheet.MaxRows)},
	"BulkSnapshot.sent":                   {Minimum: at(0), Maximum: at(sheet.MaxRows)},
	"Bulk.waiting":                        {Minimum: at(0), Maximum: at(sheet.MaxRows)},
	"BulkSnapshot.waiting":                {Minimum: at(0), Maximum: at(sheet.MaxRows)},
	"Bulk.unknown":                        {Minimum: at(0), Maximum: at(sheet.MaxRows)},
	"BulkSnapshot.unknown":                {Minimum: at(0), Maximum: at(sheet.MaxRows)},
	"Bulk.unsent":                         {Minimum: at(0), Maximum: at(sheet.MaxRows)},
	"BulkSnapshot.unsent":                 {Minimum: at(0), Maximum: at(sheet.MaxRows)},
	"Bulk.delivered":                      {Minimum: at(0), Maximum: at(sheet.MaxRows)},
	"BulkSnapshot.delivered":              {Minimum: at(0), Maximum: at(sheet.MaxRows)},
	"Bulk.opened":                         {Minimum: at(0), Maximum: at(sheet.MaxRows)},
	"BulkSnapshot.opened":                 {Minimum: at(0), Maximum: at(sheet.MaxRows)},
	"Bulk.paid":                           {Minimum: at(0), Maximum: at(sheet.MaxRows)},
	"BulkSnapshot.paid":                   {Minimum: at(0), Maximum: at(sheet.MaxRows)},
	"undo_seconds":                        {Minimum: at(0), Maximum: at(86400)},
	"remaining":                           {Minimum: at(0), Maximum: at(sheet.MaxRows)},
	"rows_per_second":                     {Minimum: at(0)},
	"summary":                             {MaxLength: whole(200)},
	"BulkColumn.field":                    {MaxLength: whole(60)},
	"BulkFault.row":                       {Minimum: at(0)},
	"BulkFault.column":                    {MaxLength: whole(500)},
	"BulkFile.channels":                   {MaxLength: whole(60)},
	"BulkFile.mapping":                    {MaxLength: whole(100_000)},
	"BulkCount.count":                     {Minimum: at(0)},
	"BulkFile.undo_seconds":               {Pattern: "^[0-9]{0,5}$"},
	"BulkFile.rows_per_second":            {Pattern: "^[0-9]{0,9}$"},
	"BulkResult.index":                    {Minimum: at(0), Maximum: at(maxListed - 1)},
	"BulkResult.status":                   {Minimum: at(200), Maximum: at(599)},
	"next_cursor":                         {MaxLength: whole(300)},
	"api_version":                         {Enum: []any{Version}},
	"revision":                            {Minimum: at(1)},
	"sequence":                            {Minimum: at(0)},
	"amount":                              {Minimum: at(1), Maximum: at(float64(paylink.MaxMinor))},
	"amount_paid":                         {Minimum: at(0)},
	"amount_due":                          {Minimum: at(0)},
	"amount_refunded":                     {Minimum: at(0)},
	"amount_captured":                     {Minimum: at(0)},
	"amount_reversed":                     {Minimum: at(0)},
	"payments_count":                      {Minimum: at(0)},
	"max_payments":                        {Minimum: at(1), Maximum: at(1_000_000)},
	"attempts":                            {Minimum: at(0)},
	"last_took_ms":                        {Minimum: at(0)},
	"fee":                                 {Minimum: at(0)},
	"tax":                                 {Minimum: at(0)},
	"description":                         {MaxLength: whole(500)},
	"notes":                               {MaxLength: whole(2000)},
	"return_url":                          {MaxLength: whole(2048)},
	"locale":                              {MaxLength: whole(35)},
	"email":                               {MaxLength: whole(254)},
	"phone":                               {MaxLength: whole(32)},
	"name":                                {MaxLength: whole(100)},
	"token":                               {MaxLength: whole(512)},
	"MerchantSnapshot.default_expires_in": {Minimum: at(1)},
	"MerchantChange.default_expires_in":   {Minimum: at(1), Maximum: at(maxSeconds)},

	"LinkSnapshot.amount_discounted":      {Minimum: at(0)},
	"PaymentLink.amount_discounted":       {Minimum: at(0)},
	"Extras.surcharge":                    {Minimum: at(0), Maximum: at(float64(paylink.MaxMinor))},
	"NewDiscountCode.currency":            {Pattern: "^[A-Z]{3}$"},
	"NewPaymentLink.allow_discount_codes": {MinItems: whole(1), Items: &huma.Schema{Type: huma.TypeString, MaxLength: whole(32), Pattern: "^([*]|[A-Za-z0-9-]{3,32})$"}},
	"Discount.discount_code_id":           idShape("disc"),
	"DiscountCodeList.data":               {MaxItems: whole(100)},
	"SuppressionList.data":                {MaxItems: whole(100)},
	"NewSuppression.channel":              {Enum: names(paylink.Channels)},
	"Suppression.address":                 {MaxLength: whole(254)},
	"uses":                                {Minimum: at(0)},
	"max_uses":                            {Minimum: at(1), Maximum: at(1_000_000)},
	"maximum_discount":                    {Minimum: at(1), Maximum: at(float64(paylink.MaxMinor))},
	"minimum_amount":                      {Minimum: at(1), Maximum: at(float64(paylink.MaxMinor))},
	"percent":                             {MaxLength: whole(8)},
	"code":                                {MaxLength: whole(32)},
	"LinkSnapshot.amount_added":           {Minimum: at(0)},
	"PaymentLink.amount_added":            {Minimum: at(0)},
	"Extras.tip":                          {Minimum: at(0), Maximum: at(float64(paylink.MaxMinor))},

	"NewAccount.fields":       accountValues,
	"AccountChange.fields":    accountValues,
	"AccountChange.base_url":  {MaxLength: whole(2048)},
	"Account.fields":          {MaxProperties: whole(40)},
	"Account.base_url":        {MaxLength: whole(2048)},
	"Account.methods":         {MaxItems: whole(20)},
	"Provider.methods":        {MaxItems: whole(20)},
	"Provider.currencies":     {MaxItems: whole(200)},
	"Provider.abilities":      {MaxItems: whole(20)},
	"Account.provider":        {MaxLength: whole(40)},
	"Account.secrets_set":     {MaxItems: whole(40)},
	"AccountSnapshot.fields":  {MaxItems: whole(40)},
	"AccountSnapshot.changed": {MaxItems: whole(50)},
	"AccountList.data":        {MaxItems: whole(100)},
	"AccountTest.words":       {MaxLength: whole(200)},
	"Provider.schemes":        {MaxItems: whole(10)},
	"Provider.judged_by":      {MaxLength: whole(500)},
	"ProviderField.help":      {MaxLength: whole(500)},
	"ProviderField.label":     {MaxLength: whole(100)},
	"ProviderField.example":   {MaxLength: whole(500)},
	"ProviderField.pattern":   {MaxLength: whole(500)},
	"ProviderField.options":   {MaxItems: whole(100)},
	"ProviderList.data":       {MaxItems: whole(100)},
	"receipt_url":             {MaxLength: whole(2048)},
	"rank":                    {Minimum: at(0), Maximum: at(connect.MaxRank)},

	"Attachment.size":      {Minimum: at(1), Maximum: at(paylink.AttachmentPart * paylink.MaxAttachmentParts)},
	"Attachment.links":     {Minimum: at(0)},
	"AttachmentList.data":  {MaxItems: whole(100)},
	"ReturnSecret.secret":  {Pattern: "^rtsec_[0-9A-Za-z+/=]+$"},
	"Question.choices":     {Items: &huma.Schema{Type: huma.TypeString, MinLength: whole(1), MaxLength: whole(60)}},
	"AnswerSnapshot.key":   {MaxLength: whole(40)},
	"AnswerSnapshot.label": {MaxLength: whole(100)},
	"AnswerSnapshot.value": {MaxLength: whole(500)},
}

// accountValues are the fields of an account: each provider has its own, which the step judges.
var accountValues = huma.Schema{MaxProperties: whole(40), AdditionalProperties: &huma.Schema{Type: huma.TypeString, MaxLength: whole(20_000)}, Extensions: keysUpTo(100)}

const maxSeconds = 365 * 24 * 60 * 60

// keysUpTo bounds the keys of an object that a merchant fills as he likes.
func keysUpTo(most int) map[string]any {
	return map[string]any{"propertyNames": map[string]any{"minLength": 1, "maxLength": most}}
}

func whole(n int) *int      { return &n }
func at(n float64) *float64 { return &n }
func names[T ~string](all []T) []any {
	out := make([]any, len(all))
	for i, name := range all {
		out[i] = string(name)
	}
	return out
}

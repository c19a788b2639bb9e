package api

import (
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"paylink/web/respond"
)

// A trouble is one code that a problem can have: its status, what it means, an example of a field that
// it names, and which operations can answer it.
type trouble struct {
	status    int
	code      string
	means     string
	pointer   string // of the example's fault; empty: it names no field
	faultCode string // "" : the code itself
	given     func(op *huma.Operation) bool
}

var troubles = []trouble{
	{400, "unknown_version", "There is no such version of the API. The Paylink-Version header of the answer names the one there is.", "", "", all},
	{400, "bad_query", "The query of the URL cannot be read.", "", "", all},
	{400, "unknown_parameter", "The query of the URL has parameters that do not belong there.", "/color", "", all},
	{400, "repeated_parameter", "A parameter of the query comes twice.", "/limit", "", hasQuery},
	{400, "bad_last_event_id", "Last-Event-ID is the id of an event of this stream.", "", "", only("stream_events", "stream_inbox")},
	{400, "bad_idempotency_key", "An Idempotency-Key has 1 to 255 visible ASCII characters, and comes once.", "", "", posts},
	{400, "body_incomplete", "The body ended before it was whole.", "", "", bodies},
	{400, "not_utf8", "The body is not UTF-8.", "", "", bodies},
	{400, "not_json", "The body is not JSON.", "", "", bodies},
	{400, "trailing_data", "There is something after the end of the JSON value.", "", "", bodies},
	{400, "duplicate_key", "The body can be read in more than one way, or holds what no text holds.", "/amount", "", bodies},
	{400, "case_variant_key", "The body has fields that do not belong there.", "/Amount", "", bodies},
	{400, "nul", "The body can be read in more than one way, or holds what no text holds.", "/description", "", bodies},
	{400, "too_deep", "The body can be read in more than one way, or holds what no text holds.", "", "", bodies},
	{400, "unknown_field", "The body has fields that do not belong there.", "/colour", "", bodies},
	{400, "invalid_body", "The body has several faults of form. Each is listed with its reason.", "/colour", "unknown_field", bodies},
	{400, "invalid_request", "The request cannot be understood.", "", "", all},
	{401, "unauthenticated", "The API key is missing or not valid.", "", "", all},
	{401, "inbox_token_expired", "This token's time is over. Ask the merchant's server for another.", "", "", inInbox},
	{403, "inbox_token_required", "An inbox is opened by a token of its customer, and not by an API key.", "", "", inInbox},
	{403, "origin_not_allowed", "The page that asks is of an origin that the merchant has not registered (return_origins).", "", "", inInbox},
	{403, "api_key_required", "A token for an inbox opens nothing else. Use an API key.", "", "", func(op *huma.Operation) bool { return !inInbox(op) }},
	{403, "same_person", "Whoever asked for it cannot approve it. Somebody else has to.", "", "", func(op *huma.Operation) bool { return op.Metadata[metaSecond] != nil }},
	{400, "no_file", "The form has no part called file, or cannot be read.", "", "", only("create_payment_links_in_bulk", "create_attachment")},
	{400, "malformed_json", "The body is not a JSON list of payment links.", "", "", only("create_payment_links_in_bulk")},
	{422, "wrong_length", "A list has 1 to 100 entries.", "", "", only("create_payment_links_in_bulk", "create_refunds_in_bulk")},
	{403, "test_key_required", "The sandbox clock belongs to the test world; use a test key.", "", "", keyless},
	{404, "not_found", "There is no such object among yours in this mode.", "", "", hasPath},
	{409, "idempotency_in_flight", "A request with this Idempotency-Key is still being worked on. Send it again in a moment.", "", "", posts},
	{409, "reference_in_use", "Another payment link uses this reference.", "", "", only("create_payment_link", "duplicate_payment_link", "reactivate_payment_link", "refresh_payment_link")},
	{409, "not_cancellable", "The payment link is paid and cannot be withdrawn any more.", "", "", only("cancel_payment_link")},
	{409, "not_reactivatable", "The payment link is pending and is not cancelled.", "", "", only("reactivate_payment_link")},
	{409, "not_refreshable", "The payment link is pending and has not expired.", "", "", only("refresh_payment_link")},
	{409, "name_in_use", "Another template has this name.", "", "", only("create_template", "update_template")},
	{409, "too_many_templates", "A merchant has at most 200 templates.", "", "", only("create_template")},
	{409, "too_many_message_templates", "A merchant has at most 1000 versions of message templates.", "", "", only("create_message_template")},
	{409, "not_requested", "The payment link is expired and nobody has asked for more time.", "", "", only("decline_refresh_payment_link")},
	{409, "not_extendable", "The payment link is paid and cannot be extended.", "", "", only("extend_payment_link")},
	{409, "not_sendable", "The payment link is cancelled and cannot be sent.", "", "", only("send_payment_link")},
	{409, "attachment_in_use", "A payment link was made with this attachment.", "", "", only("delete_attachment")},
	{409, "attachments_full", "All your attachments together may not have more bytes.", "", "", only("create_attachment")},
	{409, "attachment_gone", "An attachment was deleted in the meantime.", "", "", only("create_attachment", "create_payment_link", "duplicate_payment_link")},
	{409, "tampered", "The payment link's terms are not those that were signed.", "", "", changesLink},
	{409, "nothing_to_prove", "The payment link asks for no proof.", "", "", only("reset_payment_link_proof")},
	{409, "not_amendable", "The payment link is paid and cannot be amended.", "", "", only("amend_payment_link")},
	{409, "payment_in_flight", "A payment is under way. Its outcome comes first.", "", "", only("amend_payment_link", "archive_payment_link", "record_payment", "create_payment_link", "replan_payment_link")},
	{409, "archived", "The payment link is archived.", "", "", only("amend_payment_link", "archive_payment_link", "replan_payment_link", "promise_payment_link")},
	{409, "not_archivable", "The payment link is pending and can still be paid; cancel it first.", "", "", only("archive_payment_link")},
	{409, "on_hold", "The payment link is on hold already.", "", "", only("pause_payment_link")},
	{409, "not_pausable", "The payment link is paid and takes no payment.", "", "", only("pause_payment_link")},
	{409, "not_paused", "The payment link is not paused.", "", "", only("resume_payment_link")},
	{409, "nothing_due", "The payment link is paid and takes no further payment.", "", "", only("record_payment")},
	{409, "not_plannable", "The payment link is paid and cannot be planned.", "", "", only("replan_payment_link")},
	{409, "not_promisable", "The payment link is paid and cannot be promised.", "", "", only("promise_payment_link")},
	{409, "no_promise", "The payment link has no open promise.", "", "", only("withdraw_promise")},
	{409, "not_replaceable", "The payment link is paid and cannot be replaced.", "", "", only("create_payment_link")},
	{409, "replaced", "Another payment link stands in for this one.", "", "", only("create_payment_link", "reactivate_payment_link")},
	{412, "wrong_revision", "It has another revision by now. Read it again.", "", "", only("amend_payment_link", "update_account", "update_customer")},
	{400, "bad_if_match", "If-Match holds one ETag as it was answered, such as \"3\".", "", "", only("amend_payment_link", "update_account", "update_customer")},
	{403, "sandbox_account", "The sandbox is connected by the server itself. Its account stays as it is.", "", "", only("update_account", "disconnect_account")},
	{409, "account_exists", "You have this provider connected under this name already. Give one of them another name.", "", "", only("connect_account", "update_account")},
	{409, "payments_in_flight", "Payments are under way at this account, and their gateway has to be asked what becomes of them. Switch it off, so that no new ones begin, and disconnect it later.", "", "", only("disconnect_account")},
	{409, "too_many_accounts", "A merchant has at most 50 accounts in one mode.", "", "", only("connect_account")},
	{409, "test_running", "An account is being tested at this moment. Try again when that has ended.", "", "", only("test_account")},
	{409, "not_captured", "Only captured money can be given back.", "", "", only("create_refund")},
	{409, "taken_outside", "This money was taken outside; give it back the same way.", "", "", only("create_refund")},
	{409, "payment_held", "This money is on hold: say what becomes of it first.", "", "", only("create_refund")},
	{409, "payment_credited", "This money is a credit of the customer's.", "", "", only("create_refund")},
	{409, "payment_disputed", "The customer disputes this payment; the money could go back twice.", "", "", only("create_refund")},
	{409, "nothing_to_refund", "Nothing of the payment is left to give back.", "", "", only("create_refund")},
	{409, "refund_too_large", "Less than this is left of the payment to give back.", "", "", only("create_refund")},
	{409, "refunds_not_supported", "The payment's gateway gives no money back on request.", "", "", only("create_refund")},
	{409, "refund_succeeded", "The refund does not wait for approval, or cannot be called off any more.", "", "", only("approve_refund", "cancel_refund")},
	{409, "refund_sent", "The gateway has been told; the refund cannot be called off.", "", "", only("cancel_refund")},
	{409, "not_held", "This payment does not wait for a decision.", "", "", only("resolve_payment")},
	{409, "bulk_finished", "The bulk upload is finished, which does not allow this.", "", "", bulks},
	{409, "not_retryable", "The bulk upload is creating, which does not allow this.", "", "", only("retry_bulk_upload")},
	{409, "nothing_to_retry", "No row of this bulk upload failed for a reason that may be over. Mend errors.csv and upload it.", "", "", only("retry_bulk_upload")},
	{409, "bulk_awaiting_approval", "The bulk upload is awaiting approval, which does not allow this.", "", "", bulks},
	{409, "changed", "It changed in the meantime. Read it again.", "", "", changes},
	{409, "too_many_endpoints", "There are as many webhook endpoints as a merchant may have.", "", "", only("create_webhook_endpoint")},
	{409, "code_in_use", "You have this discount code already.", "", "", only("create_discount_code")},
	{409, "endpoint_deleted", "The endpoint of this delivery was deleted.", "", "", only("resend_webhook_delivery")},
	{409, "clock_limit", "The sandbox clock is as far ahead as it goes.", "", "", only("advance_sandbox_clock")},
	{409, "not_reserved", "No money of this payment is reserved: its status is captured.", "", "", only("capture_payment", "void_payment")},
	{409, "reservation_decided", "The reserved money is being captured or given back, or is reserved no more.", "", "", only("capture_payment", "void_payment")},
	{409, "dispute_answered", "This dispute takes no answer now: it has one, or is decided.", "", "", only("contest_dispute", "accept_dispute")},
	{409, "not_supported", "This gateway takes no answer from here. Answer at the gateway itself; what becomes of it is shown here.", "", "", only("contest_dispute", "accept_dispute")},
	{413, "body_too_large", "A body has at most 262144 bytes.", "", "", bodies},
	{415, "unsupported_media_type", "Send the body as application/json, in UTF-8 and not compressed.", "", "", bodies},
	{422, "invalid_values", "Some values cannot be. Each is listed with its reason.", "/limit", "too_large", hasQuery},
	{422, "invalid_values", "Some values cannot be. Each is listed with its reason.", "/amount", "too_small", bodies},
	{422, "idempotency_key_reused", "This Idempotency-Key was used for another request.", "", "", posts},
	{429, "rate_limited", "Too many requests. Retry-After says when the next one is welcome.", "", "", all},
	{429, "too_many_streams", "One key has at most 20 streams open, and one customer 5.", "", "", only("stream_events", "stream_inbox")},
	{500, "internal", "Something went wrong on our side. It is logged under this request's id.", "", "", all},
	{503, "busy", "Another request holds the same object. Nothing happened; try again in a moment.", "", "", all},
	{503, "unavailable", "The database does not take this at the moment. Nothing is known to have happened; ask again with the same Idempotency-Key.", "", "", all},
	{503, "timeout", "It took too long. Nothing is known to have happened; ask again with the same Idempotency-Key.", "", "", all},
	{503, "overloaded", "There is more to do than this server can at the moment. Nothing happened; try again after the seconds in Retry-After.", "", "", all},
}

func all(*huma.Operation) bool        { return true }
func posts(op *huma.Operation) bool   { return op.Method == http.MethodPost }
func bodies(op *huma.Operation) bool  { return posts(op) || op.Method == http.MethodPatch }
func changes(op *huma.Operation) bool { return op.Method != http.MethodGet && hasPath(op) }
func inInbox(op *huma.Operation) bool { return op.Metadata[metaInbox] != nil }
func keyless(op *huma.Operation) bool { return op.Metadata[metaKeyless] != nil }
func hasPath(op *huma.Operation) bool { return strings.Contains(op.Path, "{") }

func bulks(op *huma.Operation) bool { return changes(op) && strings.HasPrefix(op.Path, "/v1/bulk/") }

func changesLink(op *huma.Operation) bool {
	return changes(op) && strings.HasPrefix(op.Path, "/v1/payment_links/")
}

func hasQuery(op *huma.Operation) bool {
	for _, p := range op.Parameters {
		if p.In == "query" {
			return true
		}
	}
	return false
}

func only(ids ...string) func(op *huma.Operation) bool {
	return func(op *huma.Operation) bool {
		for _, id := range ids {
			if op.OperationID == id {
				return true
			}
		}
		return false
	}
}

// tellTroubles gives an operation the problems that it can answer, by status, with an example for each
// code. The examples stand once in the document's components.
func tellTroubles(parts *huma.Components, op *huma.Operation) {
	problem := parts.Schemas.Schema(reflect.TypeFor[respond.Problem](), true, "")
	for _, t := range troubles {
		if !t.given(op) {
			continue
		}
		status := strconv.Itoa(t.status)
		r := op.Responses[status]
		if r == nil {
			r = &huma.Response{
				Description: respond.NewProblem(t.status, "", "").Title,
				Content:     map[string]*huma.MediaType{"application/problem+json": {Schema: problem, Examples: map[string]*huma.Example{}}},
			}
			op.Responses[status] = r
		}
		name := t.code
		if t.code != "invalid_values" { // operations come in no order, and the document has one example of each code
			t = troubles[slices.IndexFunc(troubles, func(o trouble) bool { return o.code == name })]
		} else if !bodies(op) {
			name = "invalid_parameters"
		}
		parts.Examples[name] = &huma.Example{Summary: t.means, Value: t.example()}
		r.Content["application/problem+json"].Examples[t.code] = &huma.Example{Ref: "#/components/examples/" + name}
	}
}

func (t trouble) example() *respond.Problem {
	p := respond.NewProblem(t.status, t.code, t.means)
	p.Instance = "urn:paylink:request:" + sampleRequest
	if t.pointer != "" {
		code := t.faultCode
		if code == "" {
			code = t.code
		}
		p.Errors = []respond.Fault{{Pointer: t.pointer, Detail: faultWords[code], Code: code}}
	}
	return p
}

var faultWords = map[string]string{
	"unknown_parameter": "There is no such parameter.", "repeated_parameter": "This parameter comes once.", "duplicate_key": "This key stands here twice.",
	"case_variant_key": "Keys are told apart by case; write this one as the documentation does.", "nul": "A text holds the character NUL.",
	"unknown_field": "There is no such field here.", "too_large": "This number is too large.", "too_small": "The amount must be at least 1 minor unit.",
}

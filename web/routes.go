// Package web puts the doors of the server side by side: every URL in one list.
//
// It is for cmd/paylink, which makes the doors. What a door answers is its own business; here stand
// only the addresses, the edge around them all, and who may enter the sandbox.
package web

import (
	"net/http"

	"paylink/web/api"
	"paylink/web/dashboard"
	"paylink/web/inbound"
	"paylink/web/paypage"
	"paylink/web/reference"
	"paylink/web/respond"
	"paylink/web/static"
	"paylink/web/unsubscribe"
)

// Doors is everything that answers.
type Doors struct {
	Edge    respond.Edge
	Load    *respond.Load // nil: no bound, for tests of single doors
	API     *api.API
	Inbound *inbound.Inbound
	Pages   *paypage.Handler

	Unsubscribe *unsubscribe.Door
	Dashboard   *dashboard.Dashboard
	Reference   *reference.Reference
	Sandbox     *Sandbox // nil when the pretend world is a process of its own

	// What this node leaves to others, because it has not the role.
	NoAPI, NoPages bool
}

// Routes serves every URL of the public server.
func Routes(d Doors) http.Handler {
	mux := http.NewServeMux()
	for pattern, handler := range routes(d) {
		if d.leaves(pattern) {
			handler = http.HandlerFunc(elsewhere)
		}
		mux.Handle(pattern, handler)
	}
	if d.Load == nil {
		return d.Edge.Around(mux)
	}
	return d.Edge.Around(d.Load.Around(mux, classOf, d.refuse))
}

// routes is the list. Customers' codes stand at the root, so what is not named here is the payment
// page's; the first segments that it may never answer for are paypage.Reserved.
func routes(d Doors) map[string]http.Handler {
	merchants := d.API.Handler()
	b := d.Dashboard
	list := map[string]http.Handler{
		"/v1/":          merchants,
		"/openapi.json": merchants,
		"/openapi.yaml": merchants,
		api.ClockPath:   clock(merchants, d.Sandbox),

		inbound.GatewayPath: http.HandlerFunc(d.Inbound.Gateway),
		inbound.ChannelPath: http.HandlerFunc(d.Inbound.Channel),
		inbound.GreetPath:   http.HandlerFunc(d.Inbound.Greet),
		unsubscribe.Path:    d.Unsubscribe,

		"GET /dashboard/login":                             http.HandlerFunc(b.SignInForm),
		"POST /dashboard/login":                            http.HandlerFunc(b.SignIn),
		"POST /dashboard/logout":                           http.HandlerFunc(b.SignOut),
		"GET /dashboard":                                   http.HandlerFunc(b.Front),
		"GET /dashboard/{$}":                               http.HandlerFunc(b.Front),
		"GET /dashboard/{mode}/{$}":                        http.HandlerFunc(b.Home),
		"GET /dashboard/{mode}/feed":                       http.HandlerFunc(b.Stream),
		"GET /dashboard/{mode}/links":                      http.HandlerFunc(b.Links),
		"GET /dashboard/{mode}/links/new":                  http.HandlerFunc(b.NewLink),
		"POST /dashboard/{mode}/links":                     http.HandlerFunc(b.Create),
		"GET /dashboard/{mode}/links/{id}":                 http.HandlerFunc(b.Link),
		"GET /dashboard/{mode}/links/{id}/row":             http.HandlerFunc(b.Row),
		"GET /dashboard/{mode}/links/{id}/qr.svg":          http.HandlerFunc(b.QR),
		"POST /dashboard/{mode}/links/{id}/send":           http.HandlerFunc(b.Send),
		"GET /dashboard/{mode}/links/{id}/cancel":          http.HandlerFunc(b.ConfirmCancel),
		"POST /dashboard/{mode}/links/{id}/cancel":         http.HandlerFunc(b.Cancel),
		"POST /dashboard/{mode}/links/{id}/reactivate":     http.HandlerFunc(b.Reactivate),
		"POST /dashboard/{mode}/links/{id}/amend":          http.HandlerFunc(b.Amend),
		"GET /dashboard/{mode}/links/{id}/record_payment":  http.HandlerFunc(b.RecordLink),
		"POST /dashboard/{mode}/links/{id}/record_payment": http.HandlerFunc(b.Record),
		"POST /dashboard/{mode}/links/{id}/pause":          http.HandlerFunc(b.Pause),
		"POST /dashboard/{mode}/links/{id}/resume":         http.HandlerFunc(b.Resume),
		"POST /dashboard/{mode}/links/{id}/archive":        http.HandlerFunc(b.Archive),
		"POST /dashboard/{mode}/links/{id}/reset_proof":    http.HandlerFunc(b.ResetProof),
		"POST /dashboard/{mode}/links/{id}/refresh":        http.HandlerFunc(b.Refresh),
		"POST /dashboard/{mode}/links/{id}/extend":         http.HandlerFunc(b.Extend),
		"GET /dashboard/{mode}/customers":                  http.HandlerFunc(b.Customers),
		"GET /dashboard/{mode}/customers/{id}":             http.HandlerFunc(b.Customer),
		"POST /dashboard/{mode}/customers/{id}":            http.HandlerFunc(b.ChangeCustomer),
		"POST /dashboard/{mode}/customers/{id}/reveal":     http.HandlerFunc(b.RevealCustomer),
		"POST /dashboard/{mode}/customers/{id}/consents":   http.HandlerFunc(b.NoteConsent),
		"POST /dashboard/{mode}/customers/{id}/export":     http.HandlerFunc(b.ExportCustomer),
		"GET /dashboard/{mode}/customers/{id}/merge":       http.HandlerFunc(b.ConfirmMerge),
		"POST /dashboard/{mode}/customers/{id}/merge":      http.HandlerFunc(b.MergeCustomer),
		"GET /dashboard/{mode}/customers/{id}/erase":       http.HandlerFunc(b.ConfirmErase),
		"POST /dashboard/{mode}/customers/{id}/erase":      http.HandlerFunc(b.EraseCustomer),
		"GET /dashboard/{mode}/jobs":                       http.HandlerFunc(b.Jobs),
		"GET /dashboard/{mode}/jobs/{id}/discard":          http.HandlerFunc(b.ConfirmDiscardJob),
		"POST /dashboard/{mode}/jobs/{id}/discard":         http.HandlerFunc(b.DiscardJob),
		"POST /dashboard/{mode}/jobs/{id}/retry":           http.HandlerFunc(b.RetryJob),
		"GET /dashboard/{mode}/bulk":                       http.HandlerFunc(b.Bulks),
		"POST /dashboard/{mode}/bulk":                      http.HandlerFunc(b.UploadBulk),
		"POST /dashboard/{mode}/bulk/approval":             http.HandlerFunc(b.BulkApproval),
		"GET /dashboard/{mode}/bulk/{id}":                  http.HandlerFunc(b.BulkDetail),
		"GET /dashboard/{mode}/bulk/{id}/errors.csv":       http.HandlerFunc(b.BulkErrors),
		"GET /dashboard/{mode}/bulk/{id}/results.csv":      http.HandlerFunc(b.BulkResults),
		"GET /dashboard/{mode}/bulk/{id}/feed":             http.HandlerFunc(b.BulkFeed),
		"POST /dashboard/{mode}/bulk/{id}/retry":           http.HandlerFunc(b.RetryBulk),
		"POST /dashboard/{mode}/bulk/{id}/undo":            http.HandlerFunc(b.UndoBulk),
		"POST /dashboard/{mode}/bulk/{id}/columns":         http.HandlerFunc(b.BulkColumns),
		"POST /dashboard/{mode}/bulk/{id}/approve":         http.HandlerFunc(b.ApproveBulk),
		"POST /dashboard/{mode}/bulk/{id}/pause":           http.HandlerFunc(b.PauseBulk),
		"POST /dashboard/{mode}/bulk/{id}/resume":          http.HandlerFunc(b.ResumeBulk),
		"POST /dashboard/{mode}/bulk/{id}/cancel":          http.HandlerFunc(b.CancelBulk),

		"GET /dashboard/{mode}/refunds":                       http.HandlerFunc(b.RefundList),
		"GET /dashboard/{mode}/payments/{id}":                 http.HandlerFunc(b.Payment),
		"POST /dashboard/{mode}/payments/{id}/refund":         http.HandlerFunc(b.GiveBack),
		"POST /dashboard/{mode}/payments/{id}/approve_refund": http.HandlerFunc(b.ApproveRefund),
		"POST /dashboard/{mode}/payments/{id}/cancel_refund":  http.HandlerFunc(b.CancelRefund),
		"POST /dashboard/{mode}/payments/{id}/resolve":        http.HandlerFunc(b.ResolvePayment),
		"POST /dashboard/{mode}/payments/{id}/capture":        http.HandlerFunc(b.CapturePayment),
		"POST /dashboard/{mode}/payments/{id}/void":           http.HandlerFunc(b.VoidPayment),
		"GET /dashboard/{mode}/refunds/new":                   http.HandlerFunc(b.NewRefunds),
		"POST /dashboard/{mode}/refunds/new":                  http.HandlerFunc(b.MakeRefunds),
		"GET /dashboard/{mode}/refunds/lists/{id}":            http.HandlerFunc(b.RefundBatch),
		"POST /dashboard/{mode}/refunds/lists/{id}/cancel":    http.HandlerFunc(b.CancelRefundBatch),
		"GET /dashboard/{mode}/disputes":                      http.HandlerFunc(b.Disputes),
		"GET /dashboard/{mode}/disputes/{id}":                 http.HandlerFunc(b.Dispute),
		"POST /dashboard/{mode}/disputes/{id}/evidence":       http.HandlerFunc(b.ContestDispute),
		"POST /dashboard/{mode}/disputes/{id}/accept":         http.HandlerFunc(b.AcceptDispute),

		"GET /dashboard/{mode}/ledger":                                              http.HandlerFunc(b.Ledger),
		"GET /dashboard/{mode}/ledger/trial_balance.csv":                            http.HandlerFunc(b.LedgerFile),
		"GET /dashboard/{mode}/ledger/{gateway}/{currency}/{account}":               http.HandlerFunc(b.Statement),
		"GET /dashboard/{mode}/ledger/{gateway}/{currency}/{account}/statement.csv": http.HandlerFunc(b.StatementFile),

		"GET /dashboard/{mode}/attention":                    http.HandlerFunc(b.Attention),
		"GET /dashboard/{mode}/links/{id}/amend":             http.HandlerFunc(b.ChangeLink),
		"GET /dashboard/{mode}/links/{id}/replan":            http.HandlerFunc(b.PlanLink),
		"POST /dashboard/{mode}/links/{id}/replan":           http.HandlerFunc(b.Replan),
		"GET /dashboard/{mode}/links/{id}/promise":           http.HandlerFunc(b.PromiseLink),
		"GET /dashboard/{mode}/links/{id}/deliver":           http.HandlerFunc(b.DeliverLink),
		"POST /dashboard/{mode}/links/{id}/deliver":          http.HandlerFunc(b.Deliver),
		"POST /dashboard/{mode}/links/{id}/promise":          http.HandlerFunc(b.Promise),
		"POST /dashboard/{mode}/links/{id}/withdraw_promise": http.HandlerFunc(b.WithdrawPromise),
		"POST /dashboard/{mode}/links/{id}/decline_refresh":  http.HandlerFunc(b.DeclineRefresh),

		"GET /dashboard/{mode}/settings":                            http.HandlerFunc(b.Settings),
		"POST /dashboard/{mode}/settings":                           http.HandlerFunc(b.SaveSettings),
		"GET /dashboard/{mode}/settings/messages":                   http.HandlerFunc(b.Messages),
		"POST /dashboard/{mode}/settings/messages":                  http.HandlerFunc(b.WordMessages),
		"POST /dashboard/{mode}/settings/messages/{id}":             http.HandlerFunc(b.UseMessage),
		"GET /dashboard/{mode}/settings/discounts":                  http.HandlerFunc(b.Discounts),
		"POST /dashboard/{mode}/settings/discounts":                 http.HandlerFunc(b.CreateDiscount),
		"GET /dashboard/{mode}/settings/discounts/new":              http.HandlerFunc(b.NewDiscount),
		"GET /dashboard/{mode}/settings/discounts/{id}":             http.HandlerFunc(b.Discount),
		"POST /dashboard/{mode}/settings/discounts/{id}":            http.HandlerFunc(b.ChangeDiscount),
		"GET /dashboard/{mode}/settings/files":                      http.HandlerFunc(b.Files),
		"POST /dashboard/{mode}/settings/files":                     http.HandlerFunc(b.KeepFile),
		"GET /dashboard/{mode}/settings/files/{id}/delete":          http.HandlerFunc(b.ConfirmDeleteFile),
		"POST /dashboard/{mode}/settings/files/{id}/delete":         http.HandlerFunc(b.DeleteFile),
		"GET /dashboard/{mode}/settings/providers":                  http.HandlerFunc(b.Providers),
		"POST /dashboard/{mode}/settings/providers":                 http.HandlerFunc(b.ConnectAccount),
		"GET /dashboard/{mode}/settings/providers/new":              http.HandlerFunc(b.NewAccount),
		"GET /dashboard/{mode}/settings/providers/{id}":             http.HandlerFunc(b.Account),
		"POST /dashboard/{mode}/settings/providers/{id}":            http.HandlerFunc(b.ChangeAccount),
		"POST /dashboard/{mode}/settings/providers/{id}/test":       http.HandlerFunc(b.TestAccount),
		"POST /dashboard/{mode}/settings/providers/{id}/move":       http.HandlerFunc(b.MoveAccount),
		"GET /dashboard/{mode}/settings/providers/{id}/disconnect":  http.HandlerFunc(b.ConfirmDisconnect),
		"POST /dashboard/{mode}/settings/providers/{id}/disconnect": http.HandlerFunc(b.DisconnectAccount),
		"GET /dashboard/{mode}/settings/notifications":              http.HandlerFunc(b.Notifications),
		"POST /dashboard/{mode}/settings/notifications":             http.HandlerFunc(b.NotifyDevice),
		"POST /dashboard/{mode}/settings/notifications/{id}/remove": http.HandlerFunc(b.RemoveDevice),
		"GET /dashboard/{mode}/settings/payments":                   http.HandlerFunc(b.Payments),
		"POST /dashboard/{mode}/settings/payments":                  http.HandlerFunc(b.SavePayments),
		"GET /dashboard/{mode}/settings/returns":                    http.HandlerFunc(b.Returns),
		"POST /dashboard/{mode}/settings/returns":                   http.HandlerFunc(b.AddOrigin),
		"POST /dashboard/{mode}/settings/returns/remove":            http.HandlerFunc(b.RemoveOrigin),
		"POST /dashboard/{mode}/settings/returns/secret":            http.HandlerFunc(b.RotateReturnSecret),
		"GET /dashboard/{mode}/settings/sending":                    http.HandlerFunc(b.Sending),
		"POST /dashboard/{mode}/settings/sending":                   http.HandlerFunc(b.SaveSending),
		"GET /dashboard/{mode}/settings/sending/india":              http.HandlerFunc(b.India),
		"POST /dashboard/{mode}/settings/sending/india":             http.HandlerFunc(b.SaveIndia),
		"GET /dashboard/{mode}/settings/sending/india/text":         http.HandlerFunc(b.RegisteredText),
		"POST /dashboard/{mode}/settings/sending/india/text":        http.HandlerFunc(b.KeepRegisteredText),
		"POST /dashboard/{mode}/settings/sending/india/remove":      http.HandlerFunc(b.RemoveRegisteredText),
		"GET /dashboard/{mode}/settings/suppressions":               http.HandlerFunc(b.Suppressions),
		"POST /dashboard/{mode}/settings/suppressions":              http.HandlerFunc(b.Suppress),
		"GET /dashboard/{mode}/settings/suppressions/{id}/lift":     http.HandlerFunc(b.ConfirmLift),
		"POST /dashboard/{mode}/settings/suppressions/{id}/lift":    http.HandlerFunc(b.Lift),
		"GET /dashboard/{mode}/settings/templates":                  http.HandlerFunc(b.Templates),
		"POST /dashboard/{mode}/settings/templates":                 http.HandlerFunc(b.CreateTemplate),
		"GET /dashboard/{mode}/settings/templates/new":              http.HandlerFunc(b.NewTemplate),
		"GET /dashboard/{mode}/settings/templates/{id}":             http.HandlerFunc(b.Template),
		"POST /dashboard/{mode}/settings/templates/{id}":            http.HandlerFunc(b.ChangeTemplate),
		"GET /dashboard/{mode}/settings/templates/{id}/delete":      http.HandlerFunc(b.ConfirmDeleteTemplate),
		"POST /dashboard/{mode}/settings/templates/{id}/delete":     http.HandlerFunc(b.DeleteTemplate),

		"GET /docs":     http.HandlerFunc(d.Reference.Page),
		"GET /docs.md":  http.HandlerFunc(d.Reference.Markdown),
		"GET /llms.txt": http.HandlerFunc(d.Reference.LLMs),

		"GET " + static.Prefix: static.Handler(paypage.Assets, dashboard.Assets, reference.Assets),
		"GET /brand/":          http.HandlerFunc(d.Pages.Brand),
		"GET /robots.txt":      text("User-agent: *\nDisallow: /\n"),
		"/":                    d.Pages,
	}
	if d.Sandbox != nil {
		list["/sandbox"] = d.Sandbox
		list["/sandbox/"] = d.Sandbox
	}
	return list
}

// text serves a few words that never change.
func text(s string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = w.Write([]byte(s)) // a reader who has gone away is told nothing
	})
}

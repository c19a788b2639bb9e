package dashboard

import (
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"paylink"
	"paylink/access"
	"paylink/attach"
	"paylink/audit"
	"paylink/channel"
	"paylink/channel/sandbox"
	"paylink/channel/twilio"
	"paylink/channel/webpush"
	"paylink/connect"
	"paylink/customer"
	"paylink/inbox"
	"paylink/issue"
	"paylink/issue/bulk"
	"paylink/keyring"
	"paylink/notify"
	"paylink/outbound"
	"paylink/queue"
	"paylink/store"
)

// noon is when every test begins: 17:30 on the merchant's clock.
var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

const (
	ownerEmail    = "owner@acme.example"
	ownerPassword = "correct horse battery"
)

// routes are all pages that only staff may see. web/routes.go has the same patterns.
func routes(d *Dashboard) map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		"GET /dashboard/{mode}/{$}":                        d.Home,
		"GET /dashboard/{mode}/feed":                       d.Stream,
		"GET /dashboard/{mode}/links":                      d.Links,
		"GET /dashboard/{mode}/links/new":                  d.NewLink,
		"POST /dashboard/{mode}/links":                     d.Create,
		"GET /dashboard/{mode}/links/{id}":                 d.Link,
		"GET /dashboard/{mode}/links/{id}/row":             d.Row,
		"GET /dashboard/{mode}/links/{id}/qr.svg":          d.QR,
		"POST /dashboard/{mode}/links/{id}/send":           d.Send,
		"GET /dashboard/{mode}/links/{id}/cancel":          d.ConfirmCancel,
		"POST /dashboard/{mode}/links/{id}/cancel":         d.Cancel,
		"POST /dashboard/{mode}/links/{id}/reactivate":     d.Reactivate,
		"POST /dashboard/{mode}/links/{id}/amend":          d.Amend,
		"GET /dashboard/{mode}/links/{id}/record_payment":  d.RecordLink,
		"POST /dashboard/{mode}/links/{id}/record_payment": d.Record,
		"POST /dashboard/{mode}/links/{id}/reset_proof":    d.ResetProof,
		"POST /dashboard/{mode}/links/{id}/pause":          d.Pause,
		"POST /dashboard/{mode}/links/{id}/resume":         d.Resume,
		"POST /dashboard/{mode}/links/{id}/archive":        d.Archive,
		"POST /dashboard/{mode}/links/{id}/refresh":        d.Refresh,
		"POST /dashboard/{mode}/links/{id}/extend":         d.Extend,
		"GET /dashboard/{mode}/jobs":                       d.Jobs,
		"GET /dashboard/{mode}/jobs/{id}/discard":          d.ConfirmDiscardJob,
		"POST /dashboard/{mode}/jobs/{id}/discard":         d.DiscardJob,
		"POST /dashboard/{mode}/jobs/{id}/retry":           d.RetryJob,
		"GET /dashboard/{mode}/bulk":                       d.Bulks,
		"POST /dashboard/{mode}/bulk":                      d.UploadBulk,
		"POST /dashboard/{mode}/bulk/approval":             d.BulkApproval,
		"GET /dashboard/{mode}/bulk/{id}":                  d.BulkDetail,
		"GET /dashboard/{mode}/bulk/{id}/errors.csv":       d.BulkErrors,
		"GET /dashboard/{mode}/bulk/{id}/results.csv":      d.BulkResults,
		"GET /dashboard/{mode}/bulk/{id}/feed":             d.BulkFeed,
		"POST /dashboard/{mode}/bulk/{id}/retry":           d.RetryBulk,
		"POST /dashboard/{mode}/bulk/{id}/undo":            d.UndoBulk,
		"POST /dashboard/{mode}/bulk/{id}/columns":         d.BulkColumns,
		"POST /dashboard/{mode}/bulk/{id}/approve":         d.ApproveBulk,
		"POST /dashboard/{mode}/bulk/{id}/pause":           d.PauseBulk,
		"POST /dashboard/{mode}/bulk/{id}/resume":          d.ResumeBulk,
		"POST /dashboard/{mode}/bulk/{id}/cancel":          d.CancelBulk,

		"GET /dashboard/{mode}/settings":                            d.Settings,
		"POST /dashboard/{mode}/settings":                           d.SaveSettings,
		"GET /dashboard/{mode}/settings/messages":                   d.Messages,
		"POST /dashboard/{mode}/settings/messages":                  d.WordMessages,
		"POST /dashboard/{mode}/settings/messages/{id}":             d.UseMessage,
		"GET /dashboard/{mode}/customers":                           d.Customers,
		"GET /dashboard/{mode}/customers/{id}":                      d.Customer,
		"POST /dashboard/{mode}/customers/{id}":                     d.ChangeCustomer,
		"POST /dashboard/{mode}/customers/{id}/reveal":              d.RevealCustomer,
		"POST /dashboard/{mode}/customers/{id}/consents":            d.NoteConsent,
		"POST /dashboard/{mode}/customers/{id}/export":              d.ExportCustomer,
		"GET /dashboard/{mode}/customers/{id}/merge":                d.ConfirmMerge,
		"POST /dashboard/{mode}/customers/{id}/merge":               d.MergeCustomer,
		"GET /dashboard/{mode}/customers/{id}/erase":                d.ConfirmErase,
		"POST /dashboard/{mode}/customers/{id}/erase":               d.EraseCustomer,
		"GET /dashboard/{mode}/settings/discounts":                  d.Discounts,
		"POST /dashboard/{mode}/settings/discounts":                 d.CreateDiscount,
		"GET /dashboard/{mode}/settings/discounts/new":              d.NewDiscount,
		"GET /dashboard/{mode}/settings/discounts/{id}":             d.Discount,
		"POST /dashboard/{mode}/settings/discounts/{id}":            d.ChangeDiscount,
		"GET /dashboard/{mode}/settings/files":                      d.Files,
		"POST /dashboard/{mode}/settings/files":                     d.KeepFile,
		"GET /dashboard/{mode}/settings/files/{id}/delete":          d.ConfirmDeleteFile,
		"POST /dashboard/{mode}/settings/files/{id}/delete":         d.DeleteFile,
		"GET /dashboard/{mode}/settings/providers":                  d.Providers,
		"POST /dashboard/{mode}/settings/providers":                 d.ConnectAccount,
		"GET /dashboard/{mode}/settings/providers/new":              d.NewAccount,
		"GET /dashboard/{mode}/settings/providers/{id}":             d.Account,
		"POST /dashboard/{mode}/settings/providers/{id}":            d.ChangeAccount,
		"POST /dashboard/{mode}/settings/providers/{id}/test":       d.TestAccount,
		"POST /dashboard/{mode}/settings/providers/{id}/move":       d.MoveAccount,
		"GET /dashboard/{mode}/settings/providers/{id}/disconnect":  d.ConfirmDisconnect,
		"POST /dashboard/{mode}/settings/providers/{id}/disconnect": d.DisconnectAccount,
		"GET /dashboard/{mode}/settings/notifications":              d.Notifications,
		"POST /dashboard/{mode}/settings/notifications":             d.NotifyDevice,
		"POST /dashboard/{mode}/settings/notifications/{id}/remove": d.RemoveDevice,
		"GET /dashboard/{mode}/settings/returns":                    d.Returns,
		"POST /dashboard/{mode}/settings/returns":                   d.AddOrigin,
		"POST /dashboard/{mode}/settings/returns/remove":            d.RemoveOrigin,
		"POST /dashboard/{mode}/settings/returns/secret":            d.RotateReturnSecret,
		"GET /dashboard/{mode}/settings/sending":                    d.Sending,
		"POST /dashboard/{mode}/settings/sending":                   d.SaveSending,
		"GET /dashboard/{mode}/settings/sending/india":              d.India,
		"POST /dashboard/{mode}/settings/sending/india":             d.SaveIndia,
		"GET /dashboard/{mode}/settings/sending/india/text":         d.RegisteredText,
		"POST /dashboard/{mode}/settings/sending/india/text":        d.KeepRegisteredText,
		"POST /dashboard/{mode}/settings/sending/india/remove":      d.RemoveRegisteredText,
		"GET /dashboard/{mode}/settings/suppressions":               d.Suppressions,
		"POST /dashboard/{mode}/settings/suppressions":              d.Suppress,
		"GET /dashboard/{mode}/settings/suppressions/{id}/lift":     d.ConfirmLift,
		"POST /dashboard/{mode}/settings/suppressions/{id}/lift":    d.Lift,
		"GET /dashboard/{mode}/settings/templates":                  d.Templates,
		"POST /dashboard/{mode}/settings/templates":                 d.CreateTemplate,
		"GET /dashboard/{mode}/settings/templates/new":              d.NewTemplate,
		"GET /dashboard/{mode}/settings/templates/{id}":             d.Template,
		"POST /dashboard/{mode}/settings/templates/{id}":            d.ChangeTemplate,
		"GET /dashboard/{mode}/settings/templates/{id}/delete":      d.ConfirmDeleteTemplate,
		"POST /dashboard/{mode}/settings/templates/{id}/delete":     d.DeleteTemplate,

		"GET /dashboard/{mode}/ledger":                                              d.Ledger,
		"GET /dashboard/{mode}/ledger/trial_balance.csv":                            d.LedgerFile,
		"GET /dashboard/{mode}/ledger/{gateway}/{currency}/{account}":               d.Statement,
		"GET /dashboard/{mode}/ledger/{gateway}/{currency}/{account}/statement.csv": d.StatementFile,

		"GET /dashboard/{mode}/refunds":                       d.RefundList,
		"GET /dashboard/{mode}/refunds/new":                   d.NewRefunds,
		"POST /dashboard/{mode}/refunds/new":                  d.MakeRefunds,
		"GET /dashboard/{mode}/refunds/lists/{id}":            d.RefundBatch,
		"POST /dashboard/{mode}/refunds/lists/{id}/cancel":    d.CancelRefundBatch,
		"GET /dashboard/{mode}/payments/{id}":                 d.Payment,
		"POST /dashboard/{mode}/payments/{id}/refund":         d.GiveBack,
		"POST /dashboard/{mode}/payments/{id}/approve_refund": d.ApproveRefund,
		"POST /dashboard/{mode}/payments/{id}/cancel_refund":  d.CancelRefund,
		"POST /dashboard/{mode}/payments/{id}/resolve":        d.ResolvePayment,
		"POST /dashboard/{mode}/payments/{id}/capture":        d.CapturePayment,
		"POST /dashboard/{mode}/payments/{id}/void":           d.VoidPayment,
		"GET /dashboard/{mode}/disputes":                      d.Disputes,
		"GET /dashboard/{mode}/disputes/{id}":                 d.Dispute,
		"POST /dashboard/{mode}/disputes/{id}/evidence":       d.ContestDispute,
		"POST /dashboard/{mode}/disputes/{id}/accept":         d.AcceptDispute,
		"GET /dashboard/{mode}/settings/payments":             d.Payments,
		"POST /dashboard/{mode}/settings/payments":            d.SavePayments,

		"GET /dashboard/{mode}/attention":                    d.Attention,
		"GET /dashboard/{mode}/links/{id}/amend":             d.ChangeLink,
		"GET /dashboard/{mode}/links/{id}/replan":            d.PlanLink,
		"POST /dashboard/{mode}/links/{id}/replan":           d.Replan,
		"GET /dashboard/{mode}/links/{id}/promise":           d.PromiseLink,
		"GET /dashboard/{mode}/links/{id}/deliver":           d.DeliverLink,
		"POST /dashboard/{mode}/links/{id}/deliver":          d.Deliver,
		"POST /dashboard/{mode}/links/{id}/promise":          d.Promise,
		"POST /dashboard/{mode}/links/{id}/withdraw_promise": d.WithdrawPromise,
		"POST /dashboard/{mode}/links/{id}/decline_refresh":  d.DeclineRefresh,
	}
}

// office is a merchant's dashboard on one database, under a clock that the test moves.
type office struct {
	t        *testing.T
	store    *store.Store
	board    *Dashboard
	mux      *http.ServeMux
	sealer   *audit.Sealer
	merchant paylink.Merchant
	session  *http.Cookie // of the owner; nil: nobody is signed in

	mu  sync.Mutex
	now time.Time
}

func newOffice(t *testing.T, s *store.Store) *office {
	t.Helper()
	text, err := keyring.Generate(rand.Reader, noon)
	must(t, err)
	ring, err := keyring.Parse(text)
	must(t, err)
	quiet := slog.New(slog.DiscardHandler)
	o := &office{t: t, store: s, now: noon}
	door := access.New(access.Deps{Store: s, Now: o.clock, Log: quiet})
	issuer := issue.New(issue.Deps{Store: s, Ring: ring, Now: o.clock})
	o.board = New(Deps{
		Store: s, Access: door, Issuer: issuer, Bulk: bulk.New(bulk.Deps{Store: s, Ring: ring, Issuer: issuer, Now: o.clock, Log: quiet}), Feed: notify.NewFeed(s, quiet),
		Attachments: attach.New(attach.Deps{Store: s, Ring: ring, Now: o.clock}),
		Accounts: connect.New(connect.Deps{
			Store: s, Ring: ring, Senders: map[string]channel.Sender{"sandbox": sandbox.New(nil), "twilio": twilio.New(nil), "courier": courier{}},
			Client: outbound.New(outbound.Options{}), PublicURL: "https://pay.example", Now: o.clock, Log: quiet,
		}),
		People: customer.New(customer.Deps{Store: s, Ring: ring, Issuer: issuer, Now: o.clock}),
		Queue:  queue.New(s, queue.Options{Now: o.clock, Log: quiet}),
		Ring:   ring, PublicURL: "https://pay.example", SandboxURL: "https://pay.example/sandbox", Now: o.clock, Log: quiet,
	})
	o.board.Devices = inbox.New(inbox.Deps{Store: s, Ring: ring, Now: o.clock})
	o.board.Notify = notify.New(notify.Deps{Store: s, Ring: ring, Push: webpush.New(nil), Say: NewsBy("https://pay.example"), Contact: "https://pay.example", Now: o.clock, Log: quiet})
	o.sealer = audit.New(audit.Deps{Store: s, Now: o.clock, Log: quiet})
	o.mux = http.NewServeMux()
	for pattern, h := range routes(o.board) {
		o.mux.HandleFunc(pattern, h)
	}
	o.mux.HandleFunc("GET /dashboard/login", o.board.SignInForm)
	o.mux.HandleFunc("POST /dashboard/login", o.board.SignIn)
	o.mux.HandleFunc("POST /dashboard/logout", o.board.SignOut)
	o.merchant = o.addMerchant("Acme Retail")
	who, err := door.NewStaff(t.Context(), o.merchant.ID, ownerEmail, ownerPassword)
	must(t, err)
	o.write(func(tx *store.Tx) { tx.InsertStaff(who) })
	token, _, err := door.SignIn(t.Context(), ownerEmail, ownerPassword, "192.0.2.1", "")
	must(t, err)
	o.session = o.board.cookie(token, 3600)
	return o
}

func (o *office) clock() time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.now
}

func (o *office) pass(d time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.now = o.now.Add(d)
}

// addMerchant makes a merchant that has a gateway and all channels in test mode.
func (o *office) addMerchant(name string) paylink.Merchant {
	m := paylink.Merchant{
		ID: paylink.NewMerchantID(noon), Name: name, LegalName: name + " Ltd", Country: "IN", Currency: "INR", Locale: "en",
		TimeZone: "Asia/Kolkata", DefaultExpiry: 24 * time.Hour, CreatedAt: noon,
	}
	o.write(func(tx *store.Tx) {
		tx.InsertMerchant(m)
		for _, channel := range append([]paylink.Channel{""}, paylink.Channels...) {
			kind := paylink.AccountChannel
			if channel == "" {
				kind = paylink.AccountGateway
			}
			tx.InsertAccount(paylink.Account{ID: paylink.NewAccountID(noon), Merchant: m.ID, Kind: kind, Provider: "sandbox", Channel: channel, Secret: []byte{1}}, noon)
		}
	})
	return m
}

func (o *office) write(fn func(*store.Tx)) {
	o.t.Helper()
	must(o.t, o.store.Write(o.t.Context(), func(tx *store.Tx) error { fn(tx); return nil }))
}

// link makes a link for ₹2,450.00 of the merchant in test mode.
func (o *office) link(change func(*issue.Draft)) paylink.Link { return o.linkOf(o.merchant, change) }

func (o *office) linkOf(m paylink.Merchant, change func(*issue.Draft)) paylink.Link {
	o.t.Helper()
	d := issue.Draft{
		Amount: 245000, HasAmount: true, Currency: "INR", Description: "Order 1042",
		Customer: issue.Contact{Name: "Asha", Phone: "+919812345642", Email: "asha@example.com"}, Channels: []paylink.Channel{"sms", "email"},
	}
	if change != nil {
		change(&d)
	}
	c, err := o.board.Issuer.Create(o.t.Context(), issue.Actor{Merchant: m, ID: "key_test"}, d, nil)
	must(o.t, err)
	return c.Link
}

// alter changes the facts of a link as another step would.
func (o *office) alter(id paylink.LinkID, change func(*paylink.Link)) {
	o.t.Helper()
	must(o.t, o.store.Write(o.t.Context(), func(tx *store.Tx) error {
		l, err := tx.Link(o.merchant.ID, false, id)
		if err != nil {
			return err
		}
		read := l.UpdatedAt
		l.Touch(o.clock())
		change(&l)
		l.Status = l.StatusAt(o.clock())
		tx.UpdateLink(l, read)
		return nil
	}))
}

func (o *office) links() []paylink.Link {
	o.t.Helper()
	all, err := o.store.Read(o.t.Context()).FindLinks(store.LinkFilter{Merchant: o.merchant.ID, Limit: 100})
	must(o.t, err)
	return all.Links
}

func (o *office) get(path string) *httptest.ResponseRecorder {
	return o.do(httptest.NewRequest(http.MethodGet, path, nil))
}

// post sends a form as our own page does.
func (o *office) post(path string, form url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return o.do(r)
}

func (o *office) do(r *http.Request) *httptest.ResponseRecorder {
	if o.session != nil {
		r.AddCookie(o.session)
	}
	w := httptest.NewRecorder()
	o.mux.ServeHTTP(w, r)
	return w
}

// work seals events and feeds the streams until the test ends.
func (o *office) work() {
	ctx, stop := context.WithCancel(context.Background())
	var wait sync.WaitGroup
	wait.Go(func() { _ = o.sealer.Work(ctx) })
	wait.Go(func() { _ = o.board.Feed.Work(ctx) })
	o.t.Cleanup(func() { stop(); wait.Wait() })
}

// sealed waits until n events have their sequence.
func (o *office) sealed(n int) {
	o.t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		events, err := o.store.Read(o.t.Context()).EventsAfter(o.merchant.ID, false, 0, 200)
		must(o.t, err)
		if len(events) >= n {
			return
		}
		if time.Now().After(deadline) {
			o.t.Fatalf("%d events are sealed, not %d", len(events), n)
		}
	}
}

var formKey = regexp.MustCompile(`name="form_key" value="([0-9a-f]{32})"`)

// key is the hidden key of the form on a page.
func key(t *testing.T, w *httptest.ResponseRecorder) string {
	t.Helper()
	found := formKey.FindStringSubmatch(w.Body.String())
	if found == nil {
		t.Fatalf("the page has no form with a key: %d", w.Code)
	}
	return found[1]
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func body(t *testing.T, r *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	must(t, err)
	return string(b)
}

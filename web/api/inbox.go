package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"paylink"
	"paylink/dispatch"
	"paylink/inbox"
	"paylink/web/respond"
)

// inboxItemView is a message in a customer's inbox, in words. Its URL is a secret of the link, which the
// customer has anyway.
type inboxItemView struct {
	ID          paylink.InboxItemID `json:"id" doc:"item_…"`
	Object      string              `json:"object" enum:"inbox_item"`
	Livemode    bool                `json:"livemode"`
	MessageID   paylink.MessageID   `json:"message_id" doc:"the message, msg_…"`
	LinkID      paylink.LinkID      `json:"link_id"`
	Title       string              `json:"title" maxLength:"500" doc:"one line"`
	Text        string              `json:"text" maxLength:"10000" doc:"the message, as it reads now"`
	Language    string              `json:"language" maxLength:"35" doc:"of title and text, BCP 47"`
	ButtonLabel *string             `json:"button_label" maxLength:"200" doc:"what stands on the button; null: there is nothing left to do"`
	URL         *string             `json:"url" doc:"where the button leads; null: there is nothing left to do"`
	Amount      int64               `json:"amount" doc:"minor units; 0 where the customer chooses it"`
	Currency    paylink.Currency    `json:"currency"`
	AmountDue   int64               `json:"amount_due"`
	Status      paylink.LinkStatus  `json:"status" enum:"pending,failed,partially_paid,paid,expired,cancelled" doc:"of the payment link"`
	ExpiresAt   *time.Time          `json:"expires_at"`
	CreatedAt   time.Time           `json:"created_at" doc:"when it came into the inbox"`
	ReadAt      *time.Time          `json:"read_at" doc:"when the customer opened it; null: not yet"`
}

// inboxPage is a page of an inbox with what stands beside it in an app.
type inboxPage struct {
	Data       []inboxItemView `json:"data" doc:"the items of this page, newest first"`
	NextCursor *string         `json:"next_cursor" doc:"where the list goes on; null at its end"`
	Unread     int64           `json:"unread" minimum:"0" maximum:"100" doc:"how many items are not opened, without requests that cannot be paid any more; 100: that many or more"`
	WebPushKey *string         `json:"webpush_key" maxLength:"100" doc:"what a browser subscribes to notifications with (applicationServerKey); null: the merchant has no Web Push"`
}

type inboxAnswer struct{ Body inboxPage }

type inboxItemAnswer struct{ Body inboxItemView }

// InboxItemPath is the id in a path; exported for the same reason as Page.
type InboxItemPath struct {
	ID string `path:"id" doc:"item_…"`
}

// unreadMost is up to how many unread items are counted.
const unreadMost = 100

// toInbox marks an operation that a token for an inbox opens, and no API key.
func toInbox(op huma.Operation) huma.Operation {
	op.Tags = []string{"Inbox"}
	op.Metadata = map[string]any{metaInbox: true}
	op.Security = []map[string][]string{{"inbox": {}}}
	return op
}

func (a *API) inboxOperations() {
	add(a, toInbox(huma.Operation{OperationID: "list_inbox", Method: http.MethodGet, Path: "/v1/inbox", Summary: "List what stands in the inbox, newest first"}), a.listInbox)
	add(a, toInbox(huma.Operation{
		OperationID: "read_inbox_item", Method: http.MethodPost, Path: "/v1/inbox/items/{id}/read", Summary: "Mark an item as read", DefaultStatus: http.StatusOK,
	}), a.readInboxItem)
	add(a, toInbox(huma.Operation{
		OperationID: "stream_inbox", Method: http.MethodGet, Path: "/v1/inbox/stream", Summary: "Follow the inbox (Server-Sent Events)",
		Description: "Begins with an open message. An item message holds one item that is new or has changed; a reset message says that too much was missed: list again. A client that comes back with Last-Event-ID gets what it missed.",
		Responses: map[string]*huma.Response{"200": {
			Description: "A stream that ends after an hour at the latest; come back with Last-Event-ID.",
			Content:     map[string]*huma.MediaType{"text/event-stream": {Schema: &huma.Schema{Type: huma.TypeString}}},
		}},
	}), a.streamInbox)
	a.deviceOperations()
}

func (c *call) owner() inbox.Owner {
	return inbox.Owner{Merchant: c.Merchant, Live: c.Live, Customer: c.customer}
}

func (a *API) listInbox(ctx context.Context, c *call, in *Page) (*inboxAnswer, error) {
	before, err := in.position(c)
	if err != nil {
		return nil, err
	}
	read := a.Store.Read(ctx)
	entries, err := read.Inbox(c.Merchant, c.Live, c.customer, paylink.InboxItemID(before), in.size())
	if err != nil {
		return nil, err
	}
	out := &inboxAnswer{Body: inboxPage{Data: []inboxItemView{}}}
	if len(entries) > in.limit() {
		entries = entries[:in.limit()]
		next := respond.Cursor(c.filters(), string(entries[in.limit()-1].ID))
		out.Body.NextCursor = &next
	}
	shown, err := a.Dispatch.Show(ctx, entries)
	if err != nil {
		return nil, err
	}
	out.Body.Data = append(out.Body.Data, each(shown, viewInboxItem)...)
	if out.Body.Unread, err = read.Unread(c.Merchant, c.Live, c.customer, unreadMost); err != nil {
		return nil, err
	}
	key, err := a.Dispatch.WebPushKey(ctx, c.Merchant, c.Live)
	if key != "" {
		out.Body.WebPushKey = &key
	}
	return out, err
}

func (a *API) readInboxItem(ctx context.Context, c *call, in *InboxItemPath) (*inboxItemAnswer, error) {
	shown, err := a.Dispatch.MarkRead(ctx, c.Merchant, c.Live, c.customer, paylink.InboxItemID(in.ID))
	return &inboxItemAnswer{viewInboxItem(shown)}, err
}

func viewInboxItem(s dispatch.Shown) inboxItemView {
	v := inboxItemView{
		ID: s.ID, Object: "inbox_item", Livemode: s.Live, MessageID: s.Message, LinkID: s.Link, Title: s.Title, Text: s.Text, Language: s.Language,
		Amount: s.Amount.Minor, Currency: s.Amount.Currency, AmountDue: s.Due, Status: s.Standing, ExpiresAt: timeOrNil(s.ExpiresAt), CreatedAt: s.CreatedAt, ReadAt: timeOrNil(s.ReadAt),
	}
	if s.URL != "" {
		v.ButtonLabel, v.URL = &s.Button, &s.URL
	}
	return v
}

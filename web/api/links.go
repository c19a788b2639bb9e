package api

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"paylink"
	"paylink/issue"
	"paylink/issue/find"
	"paylink/store"
	"paylink/web/respond"
)

type linkAnswer struct {
	ETag string `header:"ETag" doc:"the revision of the link's terms"`
	Body linkView
}

type linkCreated struct {
	Location string `header:"Location" doc:"path of the new link"`
	ETag     string `header:"ETag" doc:"the revision of the link's terms"`
	Body     linkView
}

// LinkPath is the id in a path; exported for the same reason as Page.
type LinkPath struct {
	ID string `path:"id" doc:"plink_…"`
}

func (a *API) linkOperations() {
	add(a, huma.Operation{
		OperationID: "create_payment_link", Method: http.MethodPost, Path: "/v1/payment_links", Tags: []string{"Payment links"}, DefaultStatus: http.StatusCreated,
		Summary: "Make a payment link and send it", Description: "The link and its messages are recorded together; the messages leave at once, after the answer.",
	}, a.createLink)
	add(a, huma.Operation{
		OperationID: "list_payment_links", Method: http.MethodGet, Path: "/v1/payment_links", Tags: []string{"Payment links"},
		Summary: "List payment links, newest first", Description: "A page looks at a thousand links at most for what no index knows, such as words or a channel; it may then be short or empty while next_cursor tells where the list goes on.",
	}, a.listLinks)
	add(a, huma.Operation{
		OperationID: "get_payment_link", Method: http.MethodGet, Path: "/v1/payment_links/{id}", Tags: []string{"Payment links"},
		Summary: "Read a payment link with its messages and last payments",
	}, a.getLink)
	add(a, huma.Operation{
		OperationID: "get_payment_link_timeline", Method: http.MethodGet, Path: "/v1/payment_links/{id}/timeline", Tags: []string{"Payment links"},
		Summary: "Every event of a link, in the order in which things happened",
	}, a.timeline)
	a.linkChanges()
	a.linkPictures()
}

func (a *API) createLink(ctx context.Context, c *call, in *struct{ Body linkBody }) (*linkCreated, error) {
	by, err := a.actor(ctx, c)
	if err != nil {
		return nil, err
	}
	if err := a.hidePIN(c.claim, in.Body); err != nil {
		return nil, err
	}
	body, from, err := a.filled(ctx, by, in.Body, c.body)
	if err != nil {
		return nil, err
	}
	made, err := a.Issuer.Create(ctx, by, body.draft(), c.claim)
	return a.created(ctx, c, made, ofTemplate(err, from))
}

// created answers with a new link, or says why there is none.
func (a *API) created(ctx context.Context, c *call, made issue.Created, err error) (*linkCreated, error) {
	if err != nil {
		return nil, a.named(ctx, c, err)
	}
	v, err := a.viewWhole(ctx, made.Link, made.Customer)
	if err != nil {
		return nil, err
	}
	queued := each(made.Messages, viewMessage)
	v.Token, v.Deliveries, v.Delivery = made.Link.Token, &queued, viewPlan(made.Link, made.Messages)
	return &linkCreated{Location: "/v1/payment_links/" + string(v.ID), ETag: etag(v.Revision), Body: v}, nil
}

// named keeps with a claim which link was in its way, so that a replay names the same one.
func (a *API) named(ctx context.Context, c *call, err error) error {
	var refused *paylink.Conflict
	if c.claim == nil || c.claim.Replayed || !errors.As(err, &refused) || refused.Other == "" {
		return err
	}
	if failed := a.Store.NameConflict(ctx, *c.claim, refused); failed != nil {
		a.Log.Warn("api.conflict_not_named", "merchant", c.Merchant, "error", failed)
	}
	return err
}

type linkQuery struct {
	LinkPath
	Include []string `query:"include" enum:"token,customer,deliveries,attempts,payments,timeline,none" doc:"token, attempts, timeline: as well. With none among them: only what is named; without deliveries, payments, and of the customer only the id"`
}

// lastPayments is how many payments an answer shows of a link.
const lastPayments = 10

func (a *API) getLink(ctx context.Context, c *call, in *linkQuery) (*linkAnswer, error) {
	wanted := parts{customer: true, deliveries: true, payments: true}.including(in.Include)
	payments, read := wanted.payments, a.Store.Read(ctx)
	wanted.payments = false // they are read together with the link, so that they agree
	var l paylink.Link
	var last []paylink.Payment
	var err error
	if payments {
		l, last, err = read.LinkAndPayments(c.Merchant, c.Live, paylink.LinkID(in.ID), lastPayments)
	} else {
		l, err = read.Link(c.Merchant, c.Live, paylink.LinkID(in.ID))
	}
	if err != nil {
		return nil, err
	}
	world, err := a.world(ctx, c)
	if err != nil {
		return nil, err
	}
	l.Status = l.StatusAt(world)
	views, err := a.views(ctx, c, []paylink.Link{l}, wanted)
	if err != nil {
		return nil, err
	}
	v := views[0]
	if payments {
		shown, err := a.viewPayments(last)
		if err != nil {
			return nil, err
		}
		v.Payments = &shown
	}
	if err := a.alone(ctx, &v, l, in.Include); err != nil {
		return nil, err
	}
	return &linkAnswer{ETag: etag(v.Revision), Body: v}, nil
}

// alone adds what only the answer about a single link shows.
func (a *API) alone(ctx context.Context, v *linkView, l paylink.Link, include []string) error {
	if slices.Contains(include, "timeline") {
		events, err := a.Store.Read(ctx).Timeline(l.Merchant, l.ID, mostTimeline)
		if err != nil {
			return err
		}
		shown := each(events, viewEvent)
		v.Timeline = &shown
	}
	if l.Terms.Restrict.Needs() == "" || slices.Contains(include, "none") {
		return nil
	}
	until, err := a.Store.Read(ctx).ProofLock(l, a.Now())
	v.LockedUntil = timeOrNil(until)
	return err
}

// world is the time by which the merchant's links are judged.
func (a *API) world(ctx context.Context, c *call) (time.Time, error) {
	if c.Live {
		return a.Now(), nil
	}
	m, err := a.Store.Read(ctx).Merchant(c.Merchant)
	return m.Now(c.Live, a.Now()), err
}

type linkFilter struct {
	Page
	Status        string    `query:"status" enum:"pending,failed,partially_paid,paid,expired,cancelled"`
	Reference     string    `query:"reference"`
	Customer      string    `query:"customer" doc:"cust_…"`
	Phone         string    `query:"phone" doc:"in any writing: +919812345642, or 98123 45642 in the merchant's country"`
	Email         string    `query:"email" doc:"in any case"`
	Channel       string    `query:"channel" enum:"sms,whatsapp,email,in_app" doc:"one that the link was made for"`
	CreatedAfter  time.Time `query:"created_after"`
	CreatedBefore time.Time `query:"created_before"`
	AmountMin     int64     `query:"amount_min" minimum:"1" maximum:"1000000000000" doc:"minor units"`
	AmountMax     int64     `query:"amount_max" minimum:"1" maximum:"1000000000000" doc:"minor units"`
	DueAfter      time.Time `query:"due_after" doc:"only links of which money is due next after this: by due_at, or by the first instalment that is not paid"`
	DueBefore     time.Time `query:"due_before" doc:"only links of which money is due next before this; what is paid or cancelled is never due"`
	Overdue       bool      `query:"overdue" doc:"true: only links of which money should have come by now, whether they have expired or not"`
	Promised      bool      `query:"promised" doc:"true: only links with an open promise to pay"`
	Asking        bool      `query:"refresh_requested" doc:"true: only links whose customer asked for more time and waits for your answer"`
	Archived      bool      `query:"archived" doc:"true: only what was archived; otherwise only what was not"`
	Include       []string  `query:"include" enum:"token,customer,deliveries,attempts,payments,none" doc:"as for one link; without it customer and deliveries"`
	Text          string    `query:"q" doc:"what identifies a link: its id, code or URL, a payment's id or reference, a phone number, an e-mail address, an amount such as 2450 or ₹2,450.00, the beginning of a reference; or a part of its reference or description, newest links first"`
}

func (a *API) listLinks(ctx context.Context, c *call, in *linkFilter) (*listAnswer[linkView], error) {
	from, err := in.position(c)
	if err != nil {
		return nil, err
	}
	read := a.Store.Read(ctx)
	m, err := read.Merchant(c.Merchant)
	if err != nil {
		return nil, err
	}
	due := in.DueBefore
	if now := m.Now(c.Live, a.Now()); in.Overdue && (due.IsZero() || now.Before(due)) {
		due = now
	}
	found, err := read.FindLinks(store.LinkFilter{
		Merchant: c.Merchant, Live: c.Live, Status: paylink.LinkStatus(in.Status), Reference: in.Reference,
		Customer: paylink.CustomerID(in.Customer), Channel: paylink.Channel(in.Channel), Phone: number(m, in.Phone), Email: in.Email,
		Search: find.Finder{Ring: a.Ring}.Read(m, in.Text), Archived: in.Archived, From: from,
		CreatedAfter: in.CreatedAfter, CreatedBefore: in.CreatedBefore, AmountMin: in.AmountMin, AmountMax: in.AmountMax, Limit: in.limit(),
		DueAfter: in.DueAfter, DueBefore: due, Promised: in.Promised, Asking: in.Asking,
	})
	if err != nil {
		return nil, err
	}
	views, err := a.views(ctx, c, found.Links, parts{customer: true, deliveries: true}.including(in.Include))
	out := &listAnswer[linkView]{Body: listOf[linkView]{Data: views}}
	if found.Next != "" {
		next := respond.Cursor(c.filters(), found.Next)
		out.Body.NextCursor = &next
	}
	return out, err
}

// number reads a phone number as a merchant writes it; also where the URL turned its + into a blank.
func number(m paylink.Merchant, phone string) string {
	if rest, blank := strings.CutPrefix(phone, " "); blank {
		phone = "+" + rest
	}
	if e164, ok := issue.Phone(m.Country, phone); ok {
		return e164
	}
	return phone
}

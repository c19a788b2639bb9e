package dashboard

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"paylink"
	"paylink/issue/find"
	"paylink/locale"
	"paylink/store"
)

const (
	pageSize  = 25
	maxSearch = 100 // characters
)

// list is one page of links.
type list struct {
	frame
	Rows     []row
	Filter   filter
	Statuses []choice
	Needs    []choice
	Older    string // address of the next page; empty at the end
	Newest   string // address of the first page; empty there
	First    bool   // no link was ever made
}

// filter is what stands in the address of a list; there is no other state of the view.
type filter struct {
	Status paylink.LinkStatus
	Need   string // what it waits for: needOverdue, needPromised or needTime
	Search string
	Before string // store.LinkPage.Next of the page before
}

// What links can be filtered by beside their status.
const (
	needOverdue  = "overdue"
	needPromised = "promised"
	needTime     = "time"
)

var needWords = map[string]string{needOverdue: "Overdue", needPromised: "Promised", needTime: "Asks for more time"}

// choice is one of several values of a form's field.
type choice struct {
	Value, Word string
	Chosen      bool
}

// row is one link in the list.
type row struct {
	ID        paylink.LinkID
	Href      string
	RowHref   string // where this row alone is found, when something has happened to it
	Status    label
	Amount    string
	Late      string // what should have been paid by now; empty: nothing
	PartPaid  string // "₹500.00 received", for many payments or while it is not all
	Title     string
	Reference string // empty when it is the title
	Name      string
	Address   string // masked
	Ticks     []tick
	Opened    when
	Expires   when
	Created   when
}

// tick is how far the request has come on one channel.
type tick struct {
	Channel paylink.Channel
	Word    string
	To      string // masked
	Label   label
	Message paylink.Message

	Attempts []attempt // on the page of one link
}

// Links lists the links, newest first: GET /dashboard/{mode}/links.
func (d *Dashboard) Links(w http.ResponseWriter, r *http.Request) { d.enter(w, r, d.links) }

func (d *Dashboard) links(w http.ResponseWriter, r *http.Request, s scene) error {
	after, err := d.newest(r, s) // before the rows: what comes in between is then told twice, not lost
	if err != nil {
		return err
	}
	f := readFilter(r.URL.Query())
	found, err := d.Store.Read(r.Context()).FindLinks(f.query(s, find.Finder{Ring: d.Ring}))
	if err != nil {
		return err
	}
	v := list{frame: d.frame(s, "Links", "links"), Filter: f, Statuses: f.statuses(), Needs: f.needs()}
	v.After = after
	if found.Next != "" {
		v.Older = s.path("links") + f.with("before", found.Next)
	}
	if f.Before != "" {
		v.Newest = s.path("links") + f.with("before", "")
	}
	if v.Rows, err = d.rows(r.Context(), s, found.Links); err != nil {
		return err
	}
	v.First = len(found.Links) == 0 && v.Older == "" && f == filter{}
	return d.render(w, r, http.StatusOK, listPage(v))
}

// Row is one row of the list, for a page whose row has changed: GET /dashboard/{mode}/links/{id}/row.
func (d *Dashboard) Row(w http.ResponseWriter, r *http.Request) { d.enter(w, r, d.row) }

func (d *Dashboard) row(w http.ResponseWriter, r *http.Request, s scene) error {
	l, err := d.link(r, s)
	if err != nil {
		return err
	}
	rows, err := d.rows(r.Context(), s, []paylink.Link{l})
	if err != nil {
		return err
	}
	return d.render(w, r, http.StatusOK, rowPage(rows[0]))
}

// link reads the link that the path names, if it is the merchant's and of this mode.
func (d *Dashboard) link(r *http.Request, s scene) (paylink.Link, error) {
	id, err := linkID(r)
	if err != nil {
		return paylink.Link{}, err
	}
	return d.Store.Read(r.Context()).Link(s.Merchant.ID, s.Live, id)
}

func (d *Dashboard) rows(ctx context.Context, s scene, links []paylink.Link) ([]row, error) {
	read := d.Store.Read(ctx)
	ids, who := make([]paylink.LinkID, len(links)), make([]paylink.CustomerID, len(links))
	for i, l := range links {
		ids[i], who[i] = l.ID, l.Customer
	}
	messages, err := read.MessagesOfLinks(s.Merchant.ID, ids)
	if err != nil {
		return nil, err
	}
	customers, err := read.CustomersOf(s.Merchant.ID, s.Live, who)
	if err != nil {
		return nil, err
	}
	rows := make([]row, len(links))
	for i, l := range links {
		rows[i] = s.row(l, customers[l.Customer], messages[l.ID])
	}
	return rows, nil
}

// row renders a link; its customer is the zero one when it has none.
func (s scene) row(l paylink.Link, customer paylink.Customer, messages []paylink.Message) row {
	r := row{
		ID: l.ID, Href: s.path("links", string(l.ID)), RowHref: s.path("links", string(l.ID), "row"),
		Status: statusLabel(l, s.World), Amount: s.asked(l), Title: called(l.Description, l.Reference, l.ID),
		Ticks: ticks(messages), Opened: s.when(l.OpenedAt, s.Now), Expires: s.when(l.ExpiresAt, s.World), Created: s.when(l.CreatedAt, s.Now),
	}
	if minor := l.Arrears(s.World); minor > 0 && l.CancelledAt.IsZero() {
		r.Late = s.money(minor, l.Amount.Currency) + " late"
	} else if s.late(l) != "" {
		r.Late = "Overdue"
	}
	if l.AmountPaid > 0 && l.Usage.Mode == paylink.UsageMulti || l.AmountPaid > 0 && l.AmountPaid != l.Amount.Minor {
		r.PartPaid = s.money(l.AmountPaid, l.Amount.Currency) + " received"
	}
	if l.Description != "" {
		r.Reference = locale.Plain(l.Reference, 100)
	}
	r.Name, r.Address = locale.Plain(customer.Name, 60), mask(customer)
	return r
}

// mask is the address by which a customer is best recognised, masked.
func mask(c paylink.Customer) string {
	if c.Phone != "" {
		return paylink.MaskAddress(c.Phone)
	}
	return paylink.MaskAddress(c.Email)
}

// ticks keeps the latest request of each channel, in the order of the channels.
func ticks(messages []paylink.Message) []tick {
	return latest(messages, "", paylink.Message.Asks)
}

// tidings are the same of receipts and whatever else asks for no money.
func tidings(messages []paylink.Message) (all []tick) {
	for _, kind := range []paylink.TemplateKind{paylink.TemplateReceipt, paylink.TemplateRefund, paylink.TemplateCode} {
		all = append(all, latest(messages, kindWords[kind], func(m paylink.Message) bool { return m.Kind == kind })...)
	}
	return all
}

func latest(messages []paylink.Message, about string, such func(paylink.Message) bool) []tick {
	latest := map[paylink.Channel]paylink.Message{}
	for _, m := range messages {
		if such(m) {
			latest[m.Channel] = m
		}
	}
	var all []tick
	for _, channel := range paylink.Channels {
		if m, ok := latest[channel]; ok {
			t := tick{Channel: channel, Word: joined(", ", word(channelWords, channel), about), Label: labelOf(messageLabels, m.Status), Message: m}
			if channel != paylink.ChannelInApp {
				t.To = paylink.MaskAddress(m.To)
			}
			all = append(all, t)
		}
	}
	return all
}

// readFilter reads the address of a list. What cannot be a filter does not filter.
func readFilter(q url.Values) filter {
	f := filter{Search: strings.TrimSpace(locale.Plain(q.Get("q"), maxSearch))}
	if status := paylink.LinkStatus(q.Get("status")); statusLabels[status] != (label{}) {
		f.Status = status
	}
	if need := q.Get("need"); needWords[need] != "" {
		f.Need = need
	}
	if before := q.Get("before"); len(before) < 100 && strings.Trim(before, "abcdefghijklmnopqrstuvwxyz0123456789_") == "" {
		f.Before = before
	}
	return f
}

// query is the filter for the store.
func (f filter) query(s scene, finder find.Finder) store.LinkFilter {
	q := store.LinkFilter{
		Merchant: s.Merchant.ID, Live: s.Live, Status: f.Status, Search: finder.Read(s.Merchant, f.Search), From: f.Before, Limit: pageSize,
		Promised: f.Need == needPromised, Asking: f.Need == needTime,
	}
	if f.Need == needOverdue {
		q.DueBefore = s.World
	}
	return q
}

func (f filter) needs() []choice {
	choices := []choice{{"", "All", f.Need == ""}}
	for _, need := range []string{needOverdue, needPromised, needTime} {
		choices = append(choices, choice{need, needWords[need], f.Need == need})
	}
	return choices
}

func (f filter) statuses() []choice {
	choices := []choice{{"", "Every status", f.Status == ""}}
	for _, status := range []paylink.LinkStatus{paylink.LinkPending, paylink.LinkFailed, paylink.LinkPartiallyPaid, paylink.LinkPaid, paylink.LinkExpired, paylink.LinkCancelled} {
		choices = append(choices, choice{string(status), statusLabels[status].Word, f.Status == status})
	}
	return choices
}

// with is the filter as the query of an address, one value changed; the empty value takes it away.
// Leaving a filter leaves the page of the list as well.
func (f filter) with(name, value string) string {
	q := url.Values{}
	set := map[string]string{"status": string(f.Status), "need": f.Need, "q": f.Search, "before": f.Before}
	if name != "before" {
		set["before"] = ""
	}
	set[name] = value
	for key, v := range set {
		if v != "" && utf8.ValidString(v) {
			q.Set(key, v)
		}
	}
	if len(q) == 0 {
		return ""
	}
	return "?" + q.Encode()
}

// chips are the filters in use, each with the address of the list without it.
func (v list) chips() []figure {
	var chips []figure
	if v.Filter.Status != "" {
		chips = append(chips, figure{Name: "Status: " + statusLabels[v.Filter.Status].Word, Href: v.scene.path("links") + v.Filter.with("status", "")})
	}
	if v.Filter.Need != "" {
		chips = append(chips, figure{Name: needWords[v.Filter.Need], Href: v.scene.path("links") + v.Filter.with("need", "")})
	}
	if v.Filter.Search != "" {
		chips = append(chips, figure{Name: "Search: " + v.Filter.Search, Href: v.scene.path("links") + v.Filter.with("q", "")})
	}
	return slices.Clip(chips)
}

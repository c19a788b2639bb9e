package api

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"paylink"
	"paylink/web/respond"
)

// eventView is an event in the shape that webhooks carry it, with masks in the place of personal data,
// and with its hash.
type eventView struct {
	ID         paylink.EventID    `json:"id" doc:"evt_…"`
	Object     string             `json:"object" enum:"event"`
	Type       paylink.EventType  `json:"type"`
	Timestamp  time.Time          `json:"timestamp"`
	Livemode   bool               `json:"livemode"`
	MerchantID paylink.MerchantID `json:"merchant_id"`
	Sequence   int64              `json:"sequence" doc:"its place among your events of this mode, without gaps; 0 for the moment until it has one"`
	APIVersion string             `json:"api_version"`
	Hash       string             `json:"hash" doc:"64 hexadecimal digits that bind it to the event before it (docs/audit.md); empty for the moment until it has one"`
	Actor      string             `json:"actor" doc:"key_…, usr_…, customer, gateway, carrier or system"`
	Data       paylink.EventData  `json:"data" doc:"each object that the event is about, as it was"`
}

func viewEvent(e paylink.Event) eventView {
	return eventView{
		ID: e.ID, Object: "event", Type: e.Type, Timestamp: e.At, Livemode: e.Live, MerchantID: e.Merchant,
		Sequence: e.Sequence, Hash: e.Hash, APIVersion: Version, Actor: e.Actor, Data: e.Data,
	}
}

func (a *API) eventOperations() {
	add(a, huma.Operation{
		OperationID: "list_events", Method: http.MethodGet, Path: "/v1/events", Tags: []string{"Events"}, Summary: "List events, newest first",
	}, a.listEvents)
	add(a, huma.Operation{
		OperationID: "stream_events", Method: http.MethodGet, Path: "/v1/events/stream", Tags: []string{"Events"},
		Summary:     "Follow events as they happen (Server-Sent Events)",
		Description: "Each message is one event; its id is the event's sequence. A client that comes back with Last-Event-ID gets everything it missed, in order.",
		Responses: map[string]*huma.Response{"200": {
			Description: "A stream that ends after an hour at the latest; come back with Last-Event-ID.",
			Content:     map[string]*huma.MediaType{"text/event-stream": {Schema: &huma.Schema{Type: huma.TypeString}}},
		}},
	}, a.streamEvents)
}

func (a *API) listEvents(ctx context.Context, c *call, in *Page) (*listAnswer[eventView], error) {
	at, err := in.position(c)
	if err != nil {
		return nil, err
	}
	var before int64
	if at != "" {
		if before, err = strconv.ParseInt(at, 10, 64); err != nil || before < 1 {
			_, err = respond.Position("", "x") // a cursor that we did not make
			return nil, err
		}
	}
	events, err := a.Store.Read(ctx).EventsBefore(c.Merchant, c.Live, before, in.size())
	return answer(c, *in, each(events, viewEvent), func(e eventView) string { return strconv.FormatInt(e.Sequence, 10) }), err
}

type timelineAnswer struct{ Body listOf[eventView] }

// mostTimeline bounds a timeline. A link with more events is read through the list of events.
const mostTimeline = 500

func (a *API) timeline(ctx context.Context, c *call, in *LinkPath) (*timelineAnswer, error) {
	read := a.Store.Read(ctx)
	l, err := read.Link(c.Merchant, c.Live, paylink.LinkID(in.ID)) // also tells whose link it is
	if err != nil {
		return nil, err
	}
	events, err := read.Timeline(c.Merchant, l.ID, mostTimeline)
	return &timelineAnswer{Body: listOf[eventView]{Data: each(events, viewEvent)}}, err
}

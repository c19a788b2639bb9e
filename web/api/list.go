package api

import (
	"maps"
	"net/url"

	"paylink/web/respond"
)

// Page is what every list takes. It is exported because Huma looks into exported fields only.
type Page struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"20" doc:"how many at most"`
	Cursor string `query:"cursor" doc:"next_cursor of the page before, with the same filters"`
}

// listOf is what every list answers.
type listOf[T any] struct {
	Data       []T     `json:"data"`
	NextCursor *string `json:"next_cursor" doc:"where the list goes on; null at its end"`
}

type listAnswer[T any] struct{ Body listOf[T] }

// size is how many rows a page asks the database for: one more than it shows, to know whether the list
// goes on.
func (p Page) size() int { return p.limit() + 1 }

func (p Page) limit() int {
	if p.Limit == 0 {
		return 20
	}
	return p.Limit
}

// position reads the cursor of a call.
func (p Page) position(c *call) (string, error) { return respond.Position(c.filters(), p.Cursor) }

// answer cuts a list to the page. at names the place of an item.
func answer[T any](c *call, p Page, items []T, at func(T) string) *listAnswer[T] {
	out := &listAnswer[T]{Body: listOf[T]{Data: items}}
	if len(items) > p.limit() {
		out.Body.Data = items[:p.limit()]
		next := respond.Cursor(c.filters(), at(out.Body.Data[p.limit()-1]))
		out.Body.NextCursor = &next
	}
	if out.Body.Data == nil {
		out.Body.Data = []T{}
	}
	return out
}

// filters is what a cursor is tied to: the list, the merchant's world, and the filters.
func (c *call) filters() string {
	q := url.Values(maps.Clone(c.query))
	q.Del("cursor")
	q.Del("limit")
	mode := "test"
	if c.Live {
		mode = "live"
	}
	return c.route + "\n" + string(c.Merchant) + "\n" + mode + "\n" + q.Encode()
}

// each renders a list.
func each[T, V any](items []T, render func(T) V) []V {
	out := make([]V, len(items))
	for i, item := range items {
		out[i] = render(item)
	}
	return out
}

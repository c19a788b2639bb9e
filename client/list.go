package client

import (
	"bytes"
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"time"
)

// Page is where a list begins and how it is fetched. Lists go on by themselves until they end or the
// caller stops.
type Page struct {
	Limit  int    `query:"limit"`  // how many are fetched at once, 1 to 100; 0: 20
	Cursor string `query:"cursor"` // where to go on, with the same filters; empty: at the newest
}

// page is one answer of a list.
type page struct {
	Data       []json.RawMessage `json:"data"`
	NextCursor *string           `json:"next_cursor"`
}

// list yields every item of a list, fetching page after page. It ends after the first error.
func list[T any](ctx context.Context, c *Client, path []string, query any, options []Option) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		k := c.call(http.MethodGet, path, options)
		k.query = values(query)
		into := k.verbatim
		k.verbatim = nil
		for {
			found, err := answered[page](ctx, c, k)
			if err != nil {
				yield(*new(T), err)
				return
			}
			for _, text := range found.Data {
				var item T
				if err := json.Unmarshal(text, &item); err != nil {
					yield(item, err)
					return
				}
				if into != nil {
					*into = bytes.Clone(text)
				}
				if !yield(item, nil) {
					return
				}
			}
			if found.NextCursor == nil {
				return
			}
			k.query.Set("cursor", *found.NextCursor)
		}
	}
}

// values writes a struct's fields with a query tag, without those that are zero.
func values(from any) url.Values {
	query := url.Values{}
	if from == nil {
		return query
	}
	v := reflect.ValueOf(from)
	for _, f := range reflect.VisibleFields(v.Type()) {
		name := f.Tag.Get("query")
		if field := v.FieldByIndex(f.Index); name != "" && !field.IsZero() {
			query.Set(name, text(field.Interface()))
		}
	}
	return query
}

func text(v any) string {
	switch v := v.(type) {
	case time.Time:
		return v.UTC().Format(time.RFC3339Nano)
	case bool:
		return strconv.FormatBool(v)
	case int:
		return strconv.Itoa(v)
	case int64:
		return strconv.FormatInt(v, 10)
	}
	return reflect.ValueOf(v).String() // a string, or a type made of one
}

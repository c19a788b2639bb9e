package loss

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	_ "modernc.org/sqlite" // to look at the file from outside
)

// count holds the database against what the load remembers: every acknowledged link is there by its
// id, once; what has no acknowledgement is there at most once; what a page called paid is paid; the
// events have no gap and each link was created once.
//
// exact says that a request that was refused must have left nothing, as long as nothing crashed between
// the refusal and now.
func (l *load) count(exact bool) {
	l.t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	byReference := map[string]string{}
	for link := range list[made](l.t, l.s, "/v1/payment_links") {
		if other, twice := byReference[link.Reference]; twice {
			l.t.Errorf("reference %s has two links: %s and %s", link.Reference, other, link.ID)
		}
		byReference[link.Reference] = link.ID
	}
	lost, left := 0, 0
	for reference, link := range l.links {
		if byReference[reference] != link.ID {
			lost++
		}
	}
	if lost > 0 {
		l.t.Errorf("%d of %d acknowledged links are lost", lost, len(l.links))
	}
	for reference := range byReference {
		_, known := l.links[reference]
		if !known && !l.unsure[reference] && !l.refused[reference] {
			l.t.Errorf("nobody asked for %s", reference)
		}
		if !known && l.refused[reference] {
			left++
		}
	}
	if exact && left > 0 {
		l.t.Errorf("%d links exist although their request was answered 503", left)
	}
	for id := range l.paid {
		if status := l.statusOf(id); status != "paid" {
			l.t.Errorf("%s was shown as paid and is %s", id, status)
		}
	}
	for id := range l.captured {
		await(l.t, "the bank took the money for "+id, func() bool { return l.statusOf(id) == "paid" })
	}
	l.countEvents(byReference)
}

func (l *load) statusOf(id string) string {
	var link struct {
		Status string `json:"status"`
	}
	status, body := call(l.s, http.MethodGet, l.s.url()+"/v1/payment_links/"+id, "", nil)
	if status != http.StatusOK || json.Unmarshal(body, &link) != nil {
		return fmt.Sprint("answered ", status)
	}
	return link.Status
}

type event struct {
	ID       string `json:"id"`
	Type     string `json:"type"`
	Sequence int64  `json:"sequence"`
	Data     struct {
		Link struct {
			ID string `json:"id"`
		} `json:"payment_link"`
	} `json:"data"`
}

// countEvents waits until the last event is sealed, and then reads them all.
func (l *load) countEvents(links map[string]string) {
	l.t.Helper()
	var created map[string]int
	read := func() (whole bool) {
		created = map[string]int{}
		expected := int64(-1)
		for e := range list[event](l.t, l.s, "/v1/events") {
			if expected >= 0 && e.Sequence != expected {
				l.t.Fatalf("event %s has sequence %d where %d is due", e.ID, e.Sequence, expected)
			}
			expected = e.Sequence - 1
			if e.Type == "payment_link.created" {
				created[e.Data.Link.ID]++
			}
		}
		if expected > 0 {
			l.t.Fatalf("the first event has sequence %d", expected+1)
		}
		return len(created) >= len(links)
	}
	await(l.t, "the sealing of all events", read)
	for _, id := range links {
		if created[id] != 1 {
			l.t.Errorf("%s has %d events of its creation", id, created[id])
		}
	}
}

// list goes through a list of the API, page by page.
func list[T any](t *testing.T, s *server, path string) func(yield func(T) bool) {
	return func(yield func(T) bool) {
		t.Helper()
		for cursor := ""; ; {
			query := url.Values{"limit": {"100"}}
			if cursor != "" {
				query.Set("cursor", cursor)
			}
			var page struct {
				Data       []T     `json:"data"`
				NextCursor *string `json:"next_cursor"`
			}
			status, body := call(s, http.MethodGet, s.url()+path+"?"+query.Encode(), "", nil)
			if err := json.Unmarshal(body, &page); err != nil || status != http.StatusOK {
				t.Fatalf("GET %s: %d, %v: %.300s", path, status, err, body)
			}
			for _, item := range page.Data {
				if !yield(item) {
					return
				}
			}
			if page.NextCursor == nil {
				return
			}
			cursor = *page.NextCursor
		}
	}
}

// wholeFile looks at a SQLite database from outside: is every page of it what it should be. The program
// has ended.
func wholeFile(t *testing.T, database string) {
	t.Helper()
	path := strings.TrimPrefix(database, "sqlite://")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var verdict string
	if err := db.QueryRowContext(context.Background(), `PRAGMA integrity_check`).Scan(&verdict); err != nil || verdict != "ok" {
		t.Errorf("the file is not whole: %s, %v", verdict, err)
	}
}

package story

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"

	"github.com/rogpeppe/go-internal/testscript"
)

// cmdStatus wants the answer's HTTP status:
//
//	status 201
func cmdStatus(ts *testscript.TestScript, neg bool, args []string) {
	w := worldOf(ts)
	if len(args) != 1 {
		ts.Fatalf("usage: [!] status CODE")
	}
	if (strconv.Itoa(w.last.status) == args[0]) == neg {
		ts.Fatalf("want %s; %s", args[0], &w.last)
	}
}

// cmdAnswer wants something of the answer's JSON:
//
//	answer .status paid            is just that
//	answer .url like '^https?://'  matches
//	answer .paid_at                is there
//	! answer .paid_at              is absent or null
func cmdAnswer(ts *testscript.TestScript, neg bool, args []string) {
	w := worldOf(ts)
	var right bool
	v, ok := w.last.value(first(args))
	switch {
	case len(args) == 1:
		right = ok
	case len(args) == 2:
		right = ok && text(v) == args[1]
	case len(args) == 3 && args[1] == "like":
		right = ok && regexp.MustCompile(args[2]).MatchString(text(v))
	default:
		ts.Fatalf("usage: [!] answer .path [value | like regexp]")
	}
	if right == neg {
		ts.Fatalf("%s is %s; %s", args[0], text(v), &w.last)
	}
}

func first(args []string) string {
	if len(args) == 0 {
		return ""
	}
	return args[0]
}

// cmdCount wants a list of a length:
//
//	count .payments 1
func cmdCount(ts *testscript.TestScript, neg bool, args []string) {
	w := worldOf(ts)
	if len(args) != 2 {
		ts.Fatalf("usage: [!] count .path N")
	}
	v, _ := w.last.value(args[0])
	list, ok := v.([]any)
	if !ok || (strconv.Itoa(len(list)) == args[1]) == neg {
		ts.Fatalf("%s has %d; %s", args[0], len(list), &w.last)
	}
}

// cmdHeader wants a header of the answer to match, or with ! not to:
//
//	header Location '^/v1/payment_links/'
func cmdHeader(ts *testscript.TestScript, neg bool, args []string) {
	w := worldOf(ts)
	if len(args) != 2 {
		ts.Fatalf("usage: [!] header Name regexp")
	}
	got := w.last.header.Get(args[0])
	if regexp.MustCompile(args[1]).MatchString(got) == neg {
		ts.Fatalf("%s is %q; %s", args[0], got, &w.last)
	}
}

// problem is the part of RFC 9457 that stories look at.
type problem struct {
	Type, Title, Code string
	Status            int
	Errors            []struct{ Pointer, Detail, Code string }
}

// cmdRefused wants a problem: its status, its code or the field that it points at, and the shape that
// every problem has:
//
//	refused 422 /amount
//	refused 409 reference_in_use
func cmdRefused(ts *testscript.TestScript, neg bool, args []string) {
	w := worldOf(ts)
	if neg || len(args) < 1 {
		ts.Fatalf("usage: refused STATUS [/pointer…|code]")
	}
	cmdStatus(ts, false, args[:1])
	var p problem
	if kind := w.last.header.Get("Content-Type"); kind != "application/problem+json" {
		ts.Fatalf("a problem comes as %q; %s", kind, &w.last)
	}
	if err := json.Unmarshal(w.last.body, &p); err != nil || p.Type == "" || p.Title == "" || p.Code == "" || p.Status != w.last.status {
		ts.Fatalf("not a whole problem (%v); %s", err, &w.last)
	}
	if w.last.header.Get("X-Request-Id") == "" {
		ts.Fatalf("no X-Request-Id; %s", &w.last)
	}
	for _, want := range args[1:] {
		named := slices.ContainsFunc(p.Errors, func(e struct{ Pointer, Detail, Code string }) bool {
			return e.Pointer == want && e.Detail != "" && e.Code != ""
		})
		if want != p.Code && !named {
			ts.Fatalf("neither the code nor a pointer is %s; %s", want, &w.last)
		}
	}
}

// cmdRemember keeps a value of the answer under a name for later: $NAME:
//
//	remember PAYMENT .payments.0.id
func cmdRemember(ts *testscript.TestScript, neg bool, args []string) {
	w := worldOf(ts)
	if neg || len(args) != 2 {
		ts.Fatalf("usage: remember NAME .path")
	}
	v, ok := w.last.value(args[1])
	if !ok {
		ts.Fatalf("nothing to remember at %s; %s", args[1], &w.last)
	}
	ts.Setenv(args[0], text(v))
}

// cmdGapless reads every event through the API, page by page, and wants their sequence to count from
// one without a gap or a double. It waits until the first event of the types named has come.
//
//	gapless [type…]
func cmdGapless(ts *testscript.TestScript, neg bool, args []string) {
	w := worldOf(ts)
	var sequence []int64
	var types []string
	complete := until(func() bool {
		sequence, types = w.allEvents(ts)
		return !slices.ContainsFunc(args, func(want string) bool { return !slices.Contains(types, want) })
	})
	if !complete {
		ts.Fatalf("events came: %v; want each of %v", types, args)
	}
	slices.Sort(sequence)
	for i, n := range sequence {
		if n != int64(i)+1 {
			ts.Fatalf("the sequence of events is %v", sequence)
		}
	}
}

// cmdHappened reads every event through the API and wants so many of a type; it waits for them to
// come, and does not wait for more:
//
//	happened payment.captured 1
func cmdHappened(ts *testscript.TestScript, neg bool, args []string) {
	w := worldOf(ts)
	if neg || len(args) != 2 {
		ts.Fatalf("usage: happened TYPE N")
	}
	var types []string
	if !until(func() bool {
		_, types = w.allEvents(ts)
		n := len(slices.DeleteFunc(slices.Clone(types), func(one string) bool { return one != args[0] }))
		return strconv.Itoa(n) == args[1]
	}) {
		ts.Fatalf("%s did not happen %s times: %v", args[0], args[1], types)
	}
}

func (w *world) allEvents(ts *testscript.TestScript) (sequence []int64, types []string) {
	path := "/v1/events?limit=5" // small pages, so that stories page
	for path != "" {
		w.api(ts, http.MethodGet, path, "")
		cmdStatus(ts, false, []string{"200"})
		var page struct {
			Data []struct {
				Sequence int64
				Type     string
			}
			NextCursor *string `json:"next_cursor"`
		}
		if err := json.Unmarshal(w.last.body, &page); err != nil {
			ts.Fatalf("%v; %s", err, &w.last)
		}
		for _, e := range page.Data {
			sequence, types = append(sequence, e.Sequence), append(types, e.Type)
		}
		if path = ""; page.NextCursor != nil && *page.NextCursor != "" {
			path = fmt.Sprintf("/v1/events?limit=5&cursor=%s", url.QueryEscape(*page.NextCursor))
		}
	}
	return sequence, types
}

package story

import (
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// cmdDay names an instant that is so far from now, so that a story about dates is true on every day; the
// name with _DAY is its date in the merchant's zone:
//
//	day FIRST 240h
func cmdDay(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: day NAME DURATION")
	}
	ahead, err := time.ParseDuration(args[1])
	ts.Check(err)
	at := time.Now().UTC().Add(ahead).Truncate(time.Second)
	zone, err := time.LoadLocation("Asia/Kolkata")
	ts.Check(err)
	ts.Setenv(args[0], at.Format(time.RFC3339))
	ts.Setenv(args[0]+"_DAY", at.In(zone).Format(time.DateOnly))
}

// cmdPromise sends the form of the page that the customer last saw for another day:
//
//	promise $SOON_DAY
func cmdPromise(ts *testscript.TestScript, neg bool, args []string) {
	w := worldOf(ts)
	if neg || len(args) != 1 {
		ts.Fatalf("usage: promise DATE")
	}
	if w.browser == nil || w.browser.forms["promise"].action == "" {
		ts.Fatalf("the customer has seen no form for another day")
	}
	pay := w.browser.form
	w.browser.form = w.browser.forms["promise"]
	defer func() { w.browser.form = pay }()
	w.last = answer{call: "POST the form for another day"}
	res, err := w.browser.post("", "date="+args[0])
	ts.Check(err)
	w.last.read(ts, res)
}

// cmdPost sends a JSON body that the story writes in the line, so that it can name instants:
//
//	post /v1/payment_links/$ID/promise {"date":"'$SOON_DAY'"}
func cmdPost(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: post PATH JSON")
	}
	worldOf(ts).api(ts, "POST", args[0], args[1])
}

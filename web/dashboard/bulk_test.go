package dashboard

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"paylink"
	"paylink/issue"
	"paylink/queue"
	"paylink/queue/queuetest"
	"paylink/store"
	"paylink/store/storetest"
)

// upload sends a file by the form, as a browser does, and gives where it leads.
func (o *office) upload(name, file string, fields ...string) *httptest.ResponseRecorder {
	o.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for i := 0; i < len(fields); i += 2 {
		must(o.t, form.WriteField(fields[i], fields[i+1]))
	}
	part, err := form.CreateFormFile("file", name)
	must(o.t, err)
	_, err = io.WriteString(part, file)
	must(o.t, err)
	must(o.t, form.Close())
	r := httptest.NewRequestWithContext(o.t.Context(), http.MethodPost, "/dashboard/test/bulk", &body)
	r.Header.Set("Content-Type", form.FormDataContentType())
	r.AddCookie(o.session)
	w := httptest.NewRecorder()
	o.mux.ServeHTTP(w, r)
	return w
}

func (o *office) workBulk() {
	o.t.Helper()
	queuetest.Drain(o.t, o.store, o.clock, func(q *queue.Queue) { o.board.Bulk.Register(q) })
}

// page asks for a page of the owner's and wants it to be there.
func (o *office) bulkPage(path string) string {
	o.t.Helper()
	r := httptest.NewRequestWithContext(o.t.Context(), http.MethodGet, path, nil)
	r.AddCookie(o.session)
	w := httptest.NewRecorder()
	o.mux.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		o.t.Fatalf("%s: %d", path, w.Code)
	}
	return w.Body.String()
}

// press sends a form of a page and gives where it leads.
func (o *office) press(path string, form url.Values) string {
	o.t.Helper()
	r := httptest.NewRequestWithContext(o.t.Context(), http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.AddCookie(o.session)
	w := httptest.NewRecorder()
	o.mux.ServeHTTP(w, r)
	if w.Code != http.StatusSeeOther {
		o.t.Fatalf("%s: %d %s", path, w.Code, w.Body)
	}
	return w.Header().Get("Location")
}

func (o *office) shows(page string, all ...string) {
	o.t.Helper()
	for _, text := range all {
		if !strings.Contains(page, text) {
			o.t.Errorf("the page does not show %q:\n%s", text, page)
		}
	}
}

// Somebody without a script drops a file, says what its columns mean, looks at what is wrong and starts
// the rest.
func TestFileGoesThroughTheDashboard(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		o := newOffice(t, s)
		o.shows(o.bulkPage("/dashboard/test/bulk"), "No file yet", `enctype="multipart/form-data"`)
		if w := o.upload("links.csv", "\"unclosed"); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "Row 1: A quote is opened in this row") {
			t.Errorf("%d %s", w.Code, w.Body)
		}
		at := o.upload("<b>.csv", "Betrag;Kunde\n1.250,00;Asha\n99.50;Ravi\n", "channel", "sms").Header().Get("Location")
		page := o.bulkPage(at)
		o.shows(page, "&lt;b&gt;.csv", "What the columns mean", "Betrag", "Amount as people write it")
		o.shows(o.bulkPage(o.press(at+"/columns", url.Values{"column1": {"customer.name"}})), "Choose the column that has the amount.")
		o.press(at+"/columns", url.Values{"column0": {"amount_major"}, "column1": {"customer.name"}})
		o.shows(o.bulkPage(at), "Checking")
		o.workBulk()
		o.shows(o.bulkPage(at), "Finished with errors", "needs the customer’s phone number"[:10], "Download errors.csv", "bad_amount")
		o.shows(o.bulkPage(at+"/errors.csv"), "Betrag,Kunde,paylink_row", "\"1.250,00\",Asha,2,")
	})
}

// The buttons do what they say, and the page says how it stands after each.
func TestFileIsStartedPausedAndCancelled(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		o := newOffice(t, s)
		const file = "amount,reference\n100,a\n200,b\n"
		at := o.upload("links.csv", file).Header().Get("Location")
		columns := url.Values{"column0": {"amount"}, "column1": {"reference"}}
		o.press(at+"/columns", columns)
		o.workBulk()
		o.shows(o.bulkPage(at), "Make 2 links", "₹3.00")
		o.press(at+"/approve", nil)
		o.press(at+"/pause", nil)
		o.shows(o.bulkPage(at), "Paused", "Resume", "Not begun")
		o.shows(o.bulkPage(o.press(at+"/approve", nil)), "has moved on meanwhile")
		o.press(at+"/resume", nil)
		o.workBulk()
		o.shows(o.bulkPage(at), "Finished", ">2</dd>", "Download results.csv", "2 of 2")
		o.shows(o.bulkPage(at+"/results.csv"), "amount,reference,paylink_row,paylink_outcome", "\n100,a,2,created,plink_", ",https://pay.example/", ",pending,")
		if again := o.upload("links.csv", file).Header().Get("Location"); again != at+"?note=bulk_repeated" {
			t.Errorf("the same file led to %s", again)
		}
		o.shows(o.bulkPage("/dashboard/test/bulk"), "2 created, 0 failed, 0 skipped as duplicates")
		at = o.upload("more.csv", "amount\n1\n2\n").Header().Get("Location")
		o.press(at+"/cancel", nil)
		o.workBulk()
		o.shows(o.bulkPage(at), "Cancelled")
	})
}

// Somebody starts a file with time to take it back, sees what its customers would read, and takes it back.
func TestStartedFileIsTakenBackInTheDashboard(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		o := newOffice(t, s)
		at := o.upload("", "", "undo", "no").Header().Get("Location")
		if at != "" {
			t.Errorf("no file led to %s", at)
		}
		at = o.upload("links.csv", "amount,name,phone\n24500,Asha,+919812345642\n", "channel", "sms").Header().Get("Location")
		o.press(at+"/columns", url.Values{"column0": {"amount"}, "column1": {"customer.name"}, "column2": {"customer.phone"}})
		o.workBulk()
		o.shows(o.bulkPage(at), "Make 1 links", "1 by SMS", "The first message", "₹245.00", "https://pay.example/", "Wait ten minutes")
		o.press(at+"/approve", url.Values{"undo": {"on"}})
		o.workBulk()
		o.shows(o.bulkPage(at), "Scheduled", "It begins on", "Undo: take it back", `<noscript><meta http-equiv="refresh"`, "/feed")
		o.shows(o.bulkPage(o.press(at+"/undo", nil)), "Taken back.")
		o.workBulk()
		page := o.bulkPage(at)
		if o.shows(page, "Cancelled"); strings.Contains(page, "results.csv") || strings.Contains(page, "http-equiv") {
			t.Errorf("%s", page)
		}
		o.shows(o.bulkPage(at+"/feed"), `data: {"said":"Cancelled: 0 created, 0 failed, 0 skipped as duplicates, 1 not begun"`, "event: end\n")
		o.shows(o.bulkPage(o.press(at+"/undo", nil)), "has moved on meanwhile")
	})
}

// Above the threshold the page does not offer the uploader what he may not do, and refuses it.
func TestUploaderCannotStartALargeFile(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		o := newOffice(t, s)
		o.shows(o.bulkPage(o.press("/dashboard/test/bulk/approval", url.Values{"above": {"1"}})), `value="1"`, "Saved.")
		at := o.upload("links.csv", "amount\n100\n200\n").Header().Get("Location")
		o.press(at+"/columns", url.Values{"column0": {"amount"}})
		o.workBulk()
		if page := o.bulkPage(at); strings.Contains(page, "Approve and make") || !strings.Contains(page, "somebody else of your staff") {
			t.Errorf("%s", page)
		}
		o.shows(o.bulkPage(o.press(at+"/approve", nil)), "You uploaded this file, so somebody else has to start it.")
		id := paylink.BulkID(at[strings.LastIndex(at, "/")+1:])
		if _, err := o.board.Bulk.Approve(t.Context(), issue.Actor{Merchant: o.merchant, ID: "usr_second"}, id); err != nil {
			t.Fatal(err)
		}
		o.workBulk()
		o.shows(o.bulkPage(at), "Finished", "by staff usr_second"[3:])
	})
}

// Rows that were skipped because another link had their reference are tried once more with a button, which the page
// offers only where that can help.
func TestRowsAreTriedOnceMoreInTheDashboard(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		o := newOffice(t, s)
		at := o.upload("links.csv", "amount,reference\n100,a\n200,a\n").Header().Get("Location")
		o.press(at+"/columns", url.Values{"column0": {"amount"}, "column1": {"reference"}})
		o.workBulk()
		if page := o.bulkPage(at); strings.Contains(page, "Try rows once more") {
			t.Error("before its end the page offers to try rows once more")
		}
		o.shows(o.bulkPage(o.press(at+"/retry", nil)), "has moved on meanwhile")
		o.press(at+"/approve", nil)
		o.workBulk()
		o.shows(o.bulkPage(at), "Finished", "duplicate_in_file", "Try rows once more")
		to := o.press(at+"/retry", nil)
		o.shows(o.bulkPage(to), "are checked once more", "links.csv")
		o.workBulk()
		o.shows(o.bulkPage(strings.TrimSuffix(to, "?note=bulk_retried")), "Finished", "reference_in_use", "Try rows once more")
		o.shows(o.bulkPage(o.press(at+"/retry", nil)), "tried once more already")
		at = o.upload("bad.csv", "amount\nx\n1\n").Header().Get("Location")
		o.press(at+"/columns", url.Values{"column0": {"amount"}})
		o.workBulk()
		o.press(at+"/approve", nil)
		o.workBulk()
		if page := o.bulkPage(at); strings.Contains(page, "Try rows once more") {
			t.Error("what must be mended is offered to be tried once more")
		}
		o.shows(o.bulkPage(o.press(at+"/retry", nil)), "No row failed for a reason that may be over")
	})
}

// A file that leaves out what its template says must be made as the template says, as over the API.
func TestTemplateIsChosenForAFile(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		o := newOffice(t, s)
		if page := o.bulkPage("/dashboard/test/bulk"); strings.Contains(page, `name="template"`) {
			t.Error("a template is offered where there is none")
		}
		o.post("/dashboard/test/settings/templates", changed(untouched(t, o.get("/dashboard/test/settings/templates/new")), "name", "Fee", "amount", "1250", "description", "Monthly fee"))
		o.shows(o.bulkPage("/dashboard/test/bulk"), `<option value="Fee">`)
		at := o.upload("links.csv", "reference\na\n", "template", "Fee").Header().Get("Location")
		o.press(at+"/columns", url.Values{"column0": {"reference"}})
		o.workBulk()
		o.press(at+"/approve", nil)
		o.workBulk()
		if all := o.links(); len(all) != 1 || all[0].Amount.Minor != 125000 || all[0].Description != "Monthly fee" {
			t.Errorf("made %+v", all)
		}
		w := o.upload("links.csv", "reference\nb\n", "template", "Gone")
		if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "no longer there") {
			t.Errorf("a template that is gone: %d", w.Code)
		}
	})
}

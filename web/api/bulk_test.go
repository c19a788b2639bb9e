package api_test

import (
	"bytes"
	"context"
	"fmt"
	"mime/multipart"
	"strings"
	"testing"
	"time"

	"paylink"
	"paylink/issue"
	"paylink/queue"
	"paylink/queue/queuetest"
	"paylink/store"
)

// work does what uploads have made necessary. Sending is another step's; here a provider takes everything.
func (w *town) work() {
	w.Helper()
	queuetest.Drain(w, w.store, w.clock, func(q *queue.Queue) { q.Handle(paylink.JobSend, w.hand) })
	for range 2 { // an upload whose last messages were on their way looks again a second later
		queuetest.Drain(w, w.store, w.clock, func(q *queue.Queue) {
			w.uploads.Register(q)
			q.Handle(paylink.JobSend, w.hand)
		})
		w.pass(time.Second)
	}
}

func (w *town) hand(ctx context.Context, r *queue.Run) error {
	return w.store.Write(ctx, func(tx *store.Tx) error {
		m, err := tx.Message(r.Job.Merchant, r.Job.Live, r.Job.Payload.Message)
		if err != nil {
			return err
		}
		l, err := tx.Link(m.Merchant, m.Live, m.Link)
		if err != nil {
			return err
		}
		read, at, before := m.Status, m.UpdatedAt, l.UpdatedAt
		m.Status, m.SentAt = paylink.MessageSent, m.Touch(w.clock())
		l.SentAt = m.SentAt
		l.Touch(m.SentAt)
		tx.UpdateMessage(m, read, at)
		tx.UpdateLink(l, before)
		return nil
	})
}

const csvType = "Content-Type: text/csv"

// A merchant's program sends a file, follows it to its end, and gets each bad row back with a reason.
func TestBulkFileOverTheAPI(t *testing.T) {
	each(t, func(w *town) {
		const file = "amount,reference,customer.phone,colour\n100,r1,+919812345642,red\nx,r2,+919812345643,blue\n300,r1,+919812345644,\n"
		taken := w.ask(w.test, "POST", "/v1/payment_links/bulk?channels=sms", file, csvType).want(202)
		path := taken.header.Get("Location")
		if taken.text("status") != "validating" || path != "/v1/bulk/"+taken.text("id") || taken.at("columns.3.field") != nil || taken.text("columns.2.field") != "customer.phone" {
			w.Fatalf("%s", taken.body)
		}
		w.work()
		done := w.ask(w.test, "GET", path, "").want(200)
		if done.text("summary") != "finished: 1 sent, 1 failed, 1 skipped as duplicates" || done.at("sent") != 1.0 || done.at("messages.0.count") != 1.0 || done.text("errors.0.column") != "amount" {
			w.Errorf("%s", done.body)
		}
		again := w.ask(w.test, "POST", "/v1/payment_links/bulk", file, csvType).want(200)
		if again.text("id") != taken.text("id") {
			w.Errorf("the same file became %s", again.text("id"))
		}
		errors := w.ask(w.test, "GET", path+"/errors.csv", "").want(200)
		if errors.header.Get("Content-Type") != "text/csv; charset=utf-8" || !strings.Contains(errors.body, "\n300,r1,'+919812345644,,4,reference,duplicate_in_file,") {
			w.Errorf("%v\n%s", errors.header, errors.body)
		}
		link := w.ask(w.test, "GET", "/v1/payment_links?reference=r1", "").want(200)
		results := w.ask(w.test, "GET", path+"/results.csv", "").want(200)
		if want := "\n100,r1,'+919812345642,red,2,created," + link.text("data.0.id") + "," + link.text("data.0.url") + ",pending,,,\n"; !strings.Contains(results.body, want) {
			w.Errorf("results.csv misses %q\n%s", want, results.body)
		}
		if link.text("data.0.deliveries.0.channel") != "sms" || link.text("data.0.customer.phone") != "+919812345642" {
			w.Errorf("%s", link.body)
		}
		w.seal()
		told := w.ask(w.test, "GET", "/v1/events", "").want(200)
		if !strings.Contains(told.body, `"type":"bulk.finished"`) || !strings.Contains(told.body, `"bulk":{"id":"`+taken.text("id")) || strings.Contains(told.body, "9812345642") {
			w.Errorf("%s", told.body)
		}
		if stream := w.ask(w.test, "GET", path+"/stream", ""); strings.Count(stream.body, "event: bulk\n") != 1 || !strings.Contains(stream.body, "finished: 1 sent") {
			w.Errorf("%s", stream.body)
		}
		if list := w.ask(w.test, "GET", "/v1/bulk", "").want(200); list.text("data.0.summary") != done.text("summary") {
			w.Errorf("%s", list.body)
		}
	})
}

// A form brings the file with what is to be said about it.
func TestBulkFileInAForm(t *testing.T) {
	each(t, func(w *town) {
		var body bytes.Buffer
		form := multipart.NewWriter(&body)
		for name, value := range map[string]string{"mapping": `{"Preis":"amount_major","Nr":"reference"}`, "dry_run": "true"} {
			if err := form.WriteField(name, value); err != nil {
				w.Fatal(err)
			}
		}
		part, err := form.CreateFormFile("file", "links.csv")
		if err == nil {
			_, err = fmt.Fprint(part, "\ufeffPreis;Nr\n12.50;a\n")
		}
		if err != nil || form.Close() != nil {
			w.Fatal(err)
		}
		taken := w.ask(w.test, "POST", "/v1/payment_links/bulk", body.String(), "Content-Type: "+form.FormDataContentType()).want(202)
		w.work()
		done := w.ask(w.test, "GET", taken.header.Get("Location"), "").want(200)
		if done.text("status") != "checked" || done.at("good") != 1.0 || done.at("totals.0.amount") != 1250.0 || done.text("file_name") != "links.csv" {
			w.Errorf("%s", done.body)
		}
	})
}

// What cannot be is told at once, each with its code.
func TestBulkRefusals(t *testing.T) {
	each(t, func(w *town) {
		for _, c := range []struct{ query, kind, body, want string }{
			{"", "text/csv", "", "422 invalid_values /file:empty_file"},
			{"", "text/csv", "a,b\n1,2\n", "422 invalid_values /mapping:no_amount_column"},
			{"", "text/plain", "amount\n1\n", "415 unsupported_media_type"},
			{"", "application/json", "{}", "400 malformed_json"},
			{"", "application/json", "[]", "422 wrong_length"},
			{"", "application/json", "[" + strings.Repeat("{},", 100) + "{}]", "422 wrong_length"},
			{"?dry_run=maybe", "text/csv", "amount\n1\n", "422 invalid_values /dry_run:unknown_value"},
			{"?channels=pigeon", "text/csv", "amount\n1\n", "422 invalid_values /channels:unknown_value"},
			{"?undo_seconds=86401", "text/csv", "amount\n1\n", "422 invalid_values /undo_seconds:too_large"},
			{"?send_after=soon", "text/csv", "amount\n1\n", "422 invalid_values /send_after:bad_time"},
			{"?colour=red", "text/csv", "amount\n1\n", "400 unknown_parameter /colour:unknown_parameter"},
			{"", "multipart/form-data; boundary=x", "--x--", "400 no_file"},
			{"", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "PK\x03\x04", "422 invalid_values /file:damaged_workbook"},
		} {
			if a := w.ask(w.test, "POST", "/v1/payment_links/bulk"+c.query, c.body, "Content-Type: "+c.kind); a.problem() != c.want {
				w.Errorf("%s %.20q: %s, want %s", c.kind, c.body, a.problem(), c.want)
			}
		}
		if a := w.ask(w.test, "GET", "/v1/bulk/bulk_06h0000000000000000000000a", ""); a.problem() != "404 not_found" {
			w.Errorf("%s", a.body)
		}
	})
}

// A request that was broken off is sent again with its key: the same upload, not a second one; and a
// list is made once, link by link.
func TestBulkIsIdempotentByKey(t *testing.T) {
	each(t, func(w *town) {
		key := "Idempotency-Key: k1"
		first := w.ask(w.test, "POST", "/v1/payment_links/bulk?dry_run=true", "amount\n1\n", csvType, key).want(202)
		again := w.ask(w.test, "POST", "/v1/payment_links/bulk?dry_run=true", "amount\n1\n", csvType, key).want(202)
		if again.text("id") != first.text("id") || again.header.Get("Idempotent-Replayed") != "true" {
			w.Errorf("%v %s", again.header, again.body)
		}
		if a := w.ask(w.test, "POST", "/v1/payment_links/bulk?dry_run=true", "amount\n2\n", csvType, key); a.problem() != "422 idempotency_key_reused" {
			w.Errorf("%s", a.problem())
		}
		const list = `[{"amount":1,"currency":"INR"},{"amount":0,"currency":"INR"},{"amount":2,"currency":"INR","colour":"red"},7]`
		made := w.ask(w.test, "POST", "/v1/payment_links/bulk", list, "Idempotency-Key: k2").want(200)
		if made.at("created") != 1.0 || made.at("failed") != 3.0 || made.at("results.0.status") != 201.0 || made.text("results.1.error.errors.0.pointer") != "/amount" ||
			made.at("results.2.status") != 400.0 || made.text("results.3.error.code") != "wrong_type" {
			w.Errorf("%s", made.body)
		}
		second := w.ask(w.test, "POST", "/v1/payment_links/bulk", list, "Idempotency-Key: k2").want(200)
		if second.text("results.0.payment_link.id") != made.text("results.0.payment_link.id") {
			w.Errorf("%s", second.body)
		}
		if dry := w.ask(w.test, "POST", "/v1/payment_links/bulk?dry_run=true", list).want(200); dry.at("created") != 0.0 || dry.at("failed") != 3.0 || dry.at("results.0.payment_link") != nil {
			w.Errorf("%s", dry.body)
		}
		if links := w.ask(w.test, "GET", "/v1/payment_links", "").at("data").([]any); len(links) != 1 {
			w.Errorf("%d links", len(links))
		}
	})
}

// Above the threshold the program that uploads is not the one that starts; pause, resume and cancel say
// what they cannot.
func TestBulkIsApprovedBySomebodyElse(t *testing.T) {
	each(t, func(w *town) {
		m, err := w.store.Read(w.Context()).Merchant(w.acme)
		if err == nil {
			err = w.uploads.SetApproval(w.Context(), issue.Actor{Merchant: m, ID: "usr_boss"}, 1)
		}
		if err != nil {
			w.Fatal(err)
		}
		path := w.ask(w.test, "POST", "/v1/payment_links/bulk", "amount\n1\n2\n", csvType).want(202).header.Get("Location")
		w.work()
		if a := w.ask(w.test, "POST", path+"/approve", ""); a.problem() != "403 same_person" {
			w.Errorf("%s", a.problem())
		}
		if a := w.ask(w.test, "POST", path+"/pause", ""); a.problem() != "409 bulk_awaiting_approval" {
			w.Errorf("%s", a.problem())
		}
		second, _ := w.key(w.acme, false)
		if a := w.ask(second, "POST", path+"/approve", "").want(200); a.text("status") != "creating" {
			w.Errorf("%s", a.body)
		}
		w.ask(w.test, "POST", path+"/pause", "").want(200)
		w.work()
		w.ask(w.test, "POST", path+"/resume", "").want(200)
		w.ask(w.test, "POST", path+"/pause", "").want(200)
		if a := w.ask(w.test, "POST", path+"/cancel", "").want(200); a.text("status") != "cancelling" {
			w.Errorf("%s", a.body)
		}
		w.work()
		if a := w.ask(w.test, "GET", path, "").want(200); a.text("summary") != "cancelled: 0 created, 0 failed, 0 skipped as duplicates, 2 not begun" {
			w.Errorf("%s", a.body)
		}
	})
}

// A program tries rows once more whose reference is free by now; its connection breaks, it asks again, and gets
// the first answer.
func TestBulkRetryIsAnsweredOnce(t *testing.T) {
	each(t, func(w *town) {
		link := w.ask(w.test, "POST", "/v1/payment_links", `{"amount":1,"currency":"INR","reference":"r1"}`).want(201).text("id")
		taken := w.ask(w.test, "POST", "/v1/payment_links/bulk", "amount,reference\n100,r1\nx,r2\n", csvType).want(202)
		path := taken.header.Get("Location") + "/retry"
		if a := w.ask(w.test, "POST", path, ""); a.status != 409 {
			w.Errorf("before its end: %d %s", a.status, a.body)
		}
		w.work()
		w.ask(w.test, "POST", "/v1/payment_links/"+link+"/cancel", "").want(200)
		w.ask(w.stranger, "POST", path, "").want(404)
		first := w.ask(w.test, "POST", path, "", "Idempotency-Key: again").want(202)
		w.work()
		if a := w.ask(w.test, "GET", first.header.Get("Location"), "").want(200); a.text("summary") != "finished: 1 created, 0 failed, 0 skipped as duplicates" {
			w.Error(a.text("summary"))
		}
		replayed := w.ask(w.test, "POST", path, "", "Idempotency-Key: again").want(202)
		repeated := w.ask(w.test, "POST", path, "").want(200)
		if replayed.header.Get("Idempotent-Replayed") != "true" || replayed.text("id") != first.text("id") || repeated.text("id") != first.text("id") {
			w.Errorf("replayed as %s\nrepeated as %s", replayed.body, repeated.body)
		}
		w.ask(w.test, "POST", first.header.Get("Location")+"/retry", "").want(409)
	})
}

// A file names a template as a link does, in the address or in a form; one that there is not is refused.
func TestBulkFileNamesATemplate(t *testing.T) {
	w := onSQLite(t)
	w.ask(w.test, "POST", "/v1/templates", `{"name":"Monthly fee","settings":{"amount":125000,"currency":"INR","notes":"fee"}}`).want(201)
	w.ask(w.test, "POST", "/v1/payment_links/bulk?template=Monthly+fee", "reference\nr1\n", csvType).want(202)
	body := strings.ReplaceAll("--x\nContent-Disposition: form-data; name=\"template\"\n\nMonthly fee\n--x\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\n\nreference\nr2\n--x--\n", "\n", "\r\n")
	w.ask(w.test, "POST", "/v1/payment_links/bulk", body, "Content-Type: multipart/form-data; boundary=x").want(202)
	w.work()
	for _, reference := range []string{"r1", "r2"} {
		a := w.ask(w.test, "GET", "/v1/payment_links?reference="+reference, "").want(200)
		if a.at("data.0.amount") != 125000.0 || a.text("data.0.template") != "Monthly fee" || a.text("data.0.notes") != "fee" {
			t.Errorf("%s: %s", reference, a.body)
		}
	}
	a := w.ask(w.test, "POST", "/v1/payment_links/bulk?template=None", "reference\nr3\n", csvType).want(422)
	if a.text("errors.0.pointer") != "/template" || a.text("errors.0.code") != "unknown_value" {
		t.Error(a.body)
	}
}

package api_test

import (
	"strings"
	"testing"
)

const invoice = "%PDF-1.7\nInvoice 77\n%%EOF"

// form is a form as a browser or curl sends it: name and value of each text, then the file.
func form(file string, texts ...string) string {
	var b strings.Builder
	for i := 0; i < len(texts); i += 2 {
		b.WriteString("--edge\r\nContent-Disposition: form-data; name=\"" + texts[i] + "\"\r\n\r\n" + texts[i+1] + "\r\n")
	}
	b.WriteString("--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + file + "\"\r\nContent-Type: application/pdf\r\n\r\n")
	return b.String() + invoice + "\r\n--edge--\r\n"
}

const asForm = "Content-Type: multipart/form-data; boundary=edge"

// Most tools send a file in a form. It is the same file as one that is the whole body, under the name that the
// caller gave, or else the one that the form has.
func TestFileInAFormIsTheFile(t *testing.T) {
	w := onSQLite(t)
	bare := w.ask(w.test, "POST", "/v1/attachments?name=a.pdf", invoice, "Content-Type: application/pdf").want(201).text("id")
	for path, body := range map[string]string{
		"/v1/attachments":            form("a.pdf"),
		"/v1/attachments?name=a.pdf": form("other.pdf", "name", "third.pdf"),
		"/v1/attachments?":           form("other.pdf", "name", "a.pdf"),
	} {
		if id := w.ask(w.test, "POST", path, body, asForm).want(200).text("id"); id != bare {
			t.Errorf("%s keeps another file", path)
		}
	}
	for body, want := range map[string]struct {
		status int
		code   string
	}{
		form(""):                         {422, "invalid"},
		form("a.pdf", "colour", "red"):   {400, "unknown_field"},
		"--edge--\r\n":                   {400, "no_file"},
		"nothing of a form":              {400, "no_file"},
		form("a.pdf")[:130]:              {400, "no_file"},
		form("b.pdf", "name", "a/b.pdf"): {422, "invalid"},
	} {
		a := w.ask(w.test, "POST", "/v1/attachments", body, asForm)
		if a.status != want.status || want.status == 400 && a.text("code") != want.code {
			t.Errorf("%q is answered with %d %s", body, a.status, a.body)
		}
	}
}

// A file that is sent again under its Idempotency-Key, in a form or not, gets the first answer; another one is
// refused.
func TestFileUnderAKeyIsReplayed(t *testing.T) {
	each(t, func(w *town) {
		const key = "Idempotency-Key: file-1"
		first := w.ask(w.test, "POST", "/v1/attachments?name=a.pdf", invoice, "Content-Type: application/pdf", key).want(201)
		w.ask(w.test, "POST", "/v1/payment_links", `{"amount":100,"currency":"INR","attachments":["`+first.text("id")+`"]}`).want(201)
		for _, again := range []answer{
			w.ask(w.test, "POST", "/v1/attachments?name=a.pdf", invoice, "Content-Type: application/pdf", key),
			w.ask(w.test, "POST", "/v1/attachments", form("a.pdf"), asForm, key),
		} {
			if again.status != 201 || again.body != first.body || again.header.Get("Idempotent-Replayed") != "true" {
				w.Errorf("again it is %d %s, and not %s", again.status, again.body, first.body)
			}
		}
		other := w.ask(w.test, "POST", "/v1/attachments?name=b.pdf", invoice, "Content-Type: application/pdf", key).want(422)
		if other.text("code") != "idempotency_key_reused" {
			w.Errorf("another file is answered with %s", other.body)
		}
		gone := w.ask(w.test, "POST", "/v1/attachments?name=c.pdf", invoice, "Idempotency-Key: file-2").want(201).text("id")
		w.ask(w.test, "DELETE", "/v1/attachments/"+gone, "").want(204)
		if again := w.ask(w.test, "POST", "/v1/attachments?name=c.pdf", invoice, "Idempotency-Key: file-2"); again.status != 409 || again.text("code") != "attachment_gone" {
			w.Errorf("a file that was deleted is answered with %d %s", again.status, again.body)
		}
		w.ask(w.live, "POST", "/v1/attachments?name=b.pdf", invoice, "Content-Type: application/pdf", key).want(201)
	})
}

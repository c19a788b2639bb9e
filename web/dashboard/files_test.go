package dashboard

import (
	"bytes"
	"image"
	"image/png"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"paylink"
	"paylink/issue"
	"paylink/store"
	"paylink/store/storetest"
)

const filesPath = settingsPath + "/files"

const smallPDF = "%PDF-1.4\n%%EOF\n"

// hand sends a file by the form, as a browser does.
func (o *office) hand(name, file string) *httptest.ResponseRecorder {
	o.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", name)
	must(o.t, err)
	_, err = part.Write([]byte(file))
	must(o.t, err)
	must(o.t, form.Close())
	r := httptest.NewRequestWithContext(o.t.Context(), http.MethodPost, filesPath, &body)
	r.Header.Set("Content-Type", form.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return o.do(r)
}

func (o *office) kept() []paylink.Attachment {
	o.t.Helper()
	all, err := o.board.Attachments.List(o.t.Context(), o.merchant.ID, false, "", 100)
	must(o.t, err)
	return all
}

// A file that is on the page is one that a link can hand over, and it stays as long as one does.
func TestFilesAreKeptAndDeleted(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		o := newOffice(t, s)
		var picture bytes.Buffer
		must(t, png.Encode(&picture, image.NewGray(image.Rect(0, 0, 40, 30))))
		for _, file := range []struct{ name, text, note string }{
			{"offer.pdf", smallPDF, "file_kept"}, {"offer.pdf", smallPDF, "file_known"}, {"sofa.png", picture.String(), "file_kept"},
		} {
			if w := o.hand(file.name, file.text); w.Header().Get("Location") != filesPath+"?note="+file.note {
				t.Errorf("%s: %d to %s", file.name, w.Code, w.Header().Get("Location"))
			}
			o.pass(time.Second) // so that the next one is the newest
		}
		all := o.kept()
		if len(all) != 2 || all[1].Name != "offer.pdf" || !strings.HasPrefix(all[1].CreatedBy, "usr_") {
			t.Fatalf("%+v", all)
		}
		sofa, offer := all[0], all[1]
		o.link(func(d *issue.Draft) { d.Terms.Attachments = []paylink.AttachmentID{offer.ID} })
		page := o.get(filesPath).Body.String()
		o.shows(page, "offer.pdf", "PDF, 15 bytes", "handed over by 1 link", "sofa.png", "PNG picture", "no link yet", string(sofa.ID)+"/delete")
		if strings.Contains(page, string(offer.ID)+"/delete") {
			t.Error("a file that is in use can be deleted")
		}
		if w := o.post(filesPath+"/"+string(offer.ID)+"/delete", nil); w.Header().Get("Location") != filesPath+"?note=attachment_in_use" {
			t.Errorf("in use: %d to %s", w.Code, w.Header().Get("Location"))
		}
		o.shows(o.get(filesPath+"/"+string(sofa.ID)+"/delete").Body.String(), "Delete sofa.png?")
		for range 2 { // the button is pressed twice
			if w := o.post(filesPath+"/"+string(sofa.ID)+"/delete", nil); w.Header().Get("Location") != filesPath+"?note=file_deleted" {
				t.Errorf("%d to %s", w.Code, w.Header().Get("Location"))
			}
		}
		if all := o.kept(); len(all) != 1 || all[0].ID != offer.ID {
			t.Errorf("%+v", all)
		}
	})
}

// What cannot be handed over is told in words at the field, and nothing of it is kept.
func TestWrongFilesAreTold(t *testing.T) {
	o := newOffice(t, storetest.Open(t, "sqlite"))
	for _, c := range []struct{ name, text, says string }{
		{"", "", "Choose a file"}, {"empty.pdf", "", "empty"}, {"note.pdf", "hello", "Only PDF, PNG, JPEG and WebP"}, {"page.png", "<html><script>alert(1)</script>", "Only PDF, PNG, JPEG and WebP"},
		{"cut.pdf", "%PDF-1.4 and no end", "broken"}, {"large.pdf", "%PDF-1.4" + strings.Repeat("x", paylink.MaxAttachmentBytes) + "%%EOF", "It may have 5.0 MB"},
		{strings.Repeat("n", 101) + ".pdf", smallPDF, "at most 100 characters"}, {".hidden.pdf", smallPDF, "not begin with a point"},
	} {
		w := o.hand(c.name, c.text)
		if w.Code != http.StatusUnprocessableEntity || !strings.Contains(wrongAt(w.Body.String(), "file"), c.says) {
			t.Errorf("%s: %d, %q", c.name, w.Code, wrongAt(w.Body.String(), "file"))
		}
	}
	if w := o.post(filesPath, nil); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("a form without a file: %d", w.Code)
	}
	if all := o.kept(); len(all) != 0 {
		t.Errorf("%+v", all)
	}
	o.board.Attachments.Most = 20
	o.hand("a.pdf", smallPDF)
	if w := o.hand("b.pdf", smallPDF); w.Code != http.StatusConflict || !strings.Contains(wrongAt(w.Body.String(), "file"), "take up the room") {
		t.Errorf("without room: %d, %q", w.Code, wrongAt(w.Body.String(), "file"))
	}
}

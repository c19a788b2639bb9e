package dashboard

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"paylink"
	"paylink/attach"
	"paylink/web/respond"
)

// shownFiles is how many files a page lists.
const shownFiles = 25

// files is the list of the files that links hand over, with the form for another one.
type files struct {
	frame
	flaws
	Note  *remark
	Rows  []fileRow
	Older string // address of the next page; empty: there is none
}

// fileRow is one file as it stands.
type fileRow struct {
	ID                     paylink.AttachmentID
	Name, Kind, Size, Uses string
	Since                  when
	Used                   bool // a link was made with it, so it stays
}

// Files lists the files, newest first: GET /dashboard/{mode}/settings/files.
func (d *Dashboard) Files(w http.ResponseWriter, r *http.Request) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		return d.showFiles(w, r, s, http.StatusOK, flaws{})
	})
}

// KeepFile takes a file: POST /dashboard/{mode}/settings/files.
func (d *Dashboard) KeepFile(w http.ResponseWriter, r *http.Request) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		name, file, err := readFile(w, r)
		repeated := false
		if err == nil {
			up := attach.Upload{Merchant: s.Merchant.ID, Live: s.Live, By: string(s.Staff), Name: name, Body: file}
			_, repeated, err = d.Attachments.Keep(r.Context(), up)
		}
		var invalid *paylink.Invalid
		var conflict *paylink.Conflict
		switch {
		case errors.As(err, &invalid):
			return d.showFiles(w, r, s, http.StatusUnprocessableEntity, flawsOf(nil, invalid, []string{"file"}, fileProblem))
		case errors.As(err, &conflict):
			full := "All your files together take up the room there is. Remove some that no link uses."
			return d.showFiles(w, r, s, http.StatusConflict, flaws{[]problem{{"file", full}}})
		case err != nil:
			return err
		case repeated:
			d.goToSettings(w, r, s, "file_known", "files")
		default:
			d.goToSettings(w, r, s, "file_kept", "files")
		}
		return nil
	})
}

// readFile reads the form up to its file, which is its only field.
func readFile(w http.ResponseWriter, r *http.Request) (name string, file io.Reader, err error) {
	r.Body = io.NopCloser(respond.File(w, r))
	form, err := r.MultipartReader()
	for err == nil {
		part, bad := form.NextPart()
		if err = bad; err == nil && part.FormName() == "file" && part.FileName() != "" {
			return part.FileName(), part, nil
		}
	}
	var known *respond.Problem
	if errors.As(err, &known) {
		return "", nil, known
	}
	none := &paylink.Invalid{}
	none.Add("/file", "missing", "Choose a file.")
	return "", nil, none
}

// fileProblem says to a person what is wrong with a file.
func fileProblem(f paylink.Field) problem {
	p := problem{Field: "file"}
	switch f.Code {
	case "file_too_large":
		p.Text = "The file is too large. It may have " + sizeWords(paylink.MaxAttachmentBytes) + "."
	case "unknown_type":
		p.Text = "Only PDF, PNG, JPEG and WebP files can be handed over. What the file is called does not matter, its contents do."
	case "unreadable":
		p.Text = "The file is broken, or a picture that is too large to be opened."
	case "too_long", "bad_characters":
		p.Text = "The name of the file cannot be kept: " + f.Detail
	}
	return p
}

// ConfirmDeleteFile asks once more: GET /dashboard/{mode}/settings/files/{id}/delete.
func (d *Dashboard) ConfirmDeleteFile(w http.ResponseWriter, r *http.Request) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		a, err := d.Attachments.Get(r.Context(), s.Merchant.ID, s.Live, paylink.AttachmentID(r.PathValue("id")))
		if err != nil {
			return err
		}
		f, _, err := d.settingsFrame(r, s, "Delete a file", "files")
		if err != nil {
			return err
		}
		return d.render(w, r, http.StatusOK, sureToDelete(f, sure{
			Question: "Delete " + a.Name + "?", Detail: "No link was made with it. It cannot be brought back; you can upload it again.", Back: f.path("settings", "files"),
		}))
	})
}

// DeleteFile deletes a file that no link was made with: POST /dashboard/{mode}/settings/files/{id}/delete.
func (d *Dashboard) DeleteFile(w http.ResponseWriter, r *http.Request) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		err := d.Attachments.Delete(r.Context(), s.Merchant.ID, s.Live, paylink.AttachmentID(r.PathValue("id")))
		var conflict *paylink.Conflict
		switch {
		case errors.As(err, &conflict):
			d.goToSettings(w, r, s, conflict.Code, "files")
		case err != nil && !paylink.IsNotFound(err): // two presses of the button delete it once
			return err
		default:
			d.goToSettings(w, r, s, "file_deleted", "files")
		}
		return nil
	})
}

func (d *Dashboard) showFiles(w http.ResponseWriter, r *http.Request, s scene, status int, wrong flaws) error {
	v := files{flaws: wrong}
	var err error
	if v.frame, v.Note, err = d.settingsFrame(r, s, "Files", "files"); err != nil {
		return err
	}
	before := paylink.AttachmentID(r.URL.Query().Get("before"))
	all, err := d.Attachments.List(r.Context(), s.Merchant.ID, s.Live, before, shownFiles+1)
	if err != nil {
		return err
	}
	if len(all) > shownFiles {
		all = all[:shownFiles]
		v.Older = s.path("settings", "files") + "?before=" + string(all[shownFiles-1].ID)
	}
	for _, a := range all {
		row := fileRow{a.ID, a.Name, word(fileKinds, a.Type), sizeWords(a.Size), "no link yet", s.when(a.CreatedAt, s.Now), a.Uses > 0}
		if a.Uses > 0 {
			row.Uses = "handed over by " + count(int(a.Uses), "link")
		}
		v.Rows = append(v.Rows, row)
	}
	return d.render(w, r, status, filesPage(v))
}

var fileKinds = map[string]string{"application/pdf": "PDF", "image/png": "PNG picture", "image/jpeg": "JPEG picture"}

// sizeWords write a size as people say it, with a decimal of megabytes.
func sizeWords(bytes int64) string {
	switch {
	case bytes < 1<<10:
		return strconv.FormatInt(bytes, 10) + " bytes"
	case bytes < 1<<20:
		return strconv.FormatInt(bytes>>10, 10) + " KB"
	}
	return fmt.Sprintf("%d.%d MB", bytes>>20, bytes%(1<<20)*10>>20)
}

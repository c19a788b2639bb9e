package paypage

import (
	"mime"
	"net/http"
	"strconv"

	"paylink"
	"paylink/checkout"
	"paylink/locale"
)

// fileView is a file that the page hands over.
type fileView struct{ Name, Kind, Path string }

var fileKinds = map[string]string{"application/pdf": "PDF", "image/png": "PNG", "image/jpeg": "JPEG"}

func (v *view) files(a address, page checkout.Page) []fileView {
	var all []fileView
	for _, f := range page.Files {
		size := strconv.FormatInt((f.Size+1023)>>10, 10) + " KB"
		all = append(all, fileView{locale.Plain(f.Name, paylink.MaxAttachmentName), fileKinds[f.Type] + ", " + size, a.to(partFiles) + "/" + string(f.ID)})
	}
	return all
}

// file hands a file over, inert: it is saved and not shown, under the type that its bytes have, and were a
// browser to show it all the same, it would have no origin and could do nothing.
func (h *Handler) file(w http.ResponseWriter, r *http.Request, a address) {
	file, err := h.Checkout.File(r.Context(), a.code, h.visitor(r), a.file)
	if err != nil {
		h.fail(w, r, err)
		return
	}
	first, err := h.Checkout.FilePart(r.Context(), file, 0)
	if err != nil {
		h.fail(w, r, err)
		return
	}
	h.headers(w, nil)
	header := w.Header()
	header.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; sandbox")
	header.Set("Content-Type", file.Type)
	header.Set("Content-Length", strconv.FormatInt(file.Size, 10))
	header.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": file.Name}))
	if r.Method == http.MethodHead {
		return
	}
	_, _ = w.Write(first) // a browser that has gone away is told nothing
	for number := int64(1); number < file.Parts; number++ {
		part, err := h.Checkout.FilePart(r.Context(), file, number)
		if err != nil {
			h.Log.ErrorContext(r.Context(), "page.failed", "error", err, "id", header.Get("X-Request-Id"))
			panic(http.ErrAbortHandler) // the length was promised: half a file must not look like a whole one
		}
		if _, err := w.Write(part); err != nil {
			return
		}
	}
}

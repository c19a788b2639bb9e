package attach

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"

	"paylink"
)

// mostPixels bounds a picture before it is opened: a file of some kilobytes may unfold to gigabytes.
const mostPixels = 16 << 20

// jpegQuality is that of a photograph in which nobody sees that it was written anew.
const jpegQuality = 90

// clean gives the file as it is handed over. Pictures are opened and written anew, which leaves behind where
// and with what they were taken, and whatever else hides in them. A PDF stays as it is: no page shows it, it
// is only ever downloaded.
func (f *Files) clean(ctx context.Context, kind string, raw []byte) ([]byte, error) {
	clean, err := raw, error(nil)
	if kind != "application/pdf" {
		select {
		case f.cleaning <- struct{}{}:
			defer func() { <-f.cleaning }()
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		clean, err = redraw(kind, raw)
	} else if !bytes.Contains(raw[max(0, len(raw)-1024):], []byte("%%EOF")) {
		err = errUnreadable
	}
	wrong := &paylink.Invalid{}
	switch {
	case err != nil:
		wrong.Add("/file", "unreadable", fmt.Sprintf("The file is broken, or a picture of more than %d pixels.", mostPixels))
	case len(clean) > paylink.AttachmentPart*paylink.MaxAttachmentParts:
		wrong.Add("/file", "file_too_large", "Without what is hidden in it the picture is too large. Make it smaller.")
	}
	return clean, wrong.OrNil()
}

func redraw(kind string, raw []byte) ([]byte, error) {
	size, format, err := image.DecodeConfig(bytes.NewReader(raw))
	if err != nil || "image/"+format != kind || size.Width < 1 || size.Height < 1 || size.Width > mostPixels/size.Height {
		return nil, errUnreadable
	}
	picture, _, err := image.Decode(bytes.NewReader(raw))
	if err != nil {
		return nil, errUnreadable
	}
	var out bytes.Buffer
	if kind == "image/png" {
		err = png.Encode(&out, picture)
	} else {
		err = jpeg.Encode(&out, picture, &jpeg.Options{Quality: jpegQuality})
	}
	return out.Bytes(), err
}

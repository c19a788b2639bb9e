package attach

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"

	_ "golang.org/x/image/webp" // image.Decode knows it then

	"paylink"
)

// mostPixels bounds a picture before it is opened: a file of some kilobytes may unfold to gigabytes.
const mostPixels = 16 << 20

// jpegQuality is that of a photograph in which nobody sees that it was written anew.
const jpegQuality = 90

var errUnreadable = errors.New("the file cannot be read as what it begins as")

// clean gives the file as it is handed over, and its type then. Pictures are opened and written anew, which
// leaves behind where and with what they were taken, and whatever else hides in them. A PDF stays as it is:
// no page shows it, it is only ever downloaded.
func (f *Files) clean(ctx context.Context, kind string, raw []byte) (clean []byte, kept string, err error) {
	clean, kept = raw, kind
	if kind != pdf {
		select {
		case f.cleaning <- struct{}{}:
			defer func() { <-f.cleaning }()
		case <-ctx.Done():
			return nil, "", ctx.Err()
		}
		clean, kept, err = redraw(kind, raw)
	} else if !bytes.Contains(raw[max(0, len(raw)-1024):], []byte("%%EOF")) {
		err = errUnreadable
	}
	wrong := &paylink.Invalid{}
	switch {
	case err != nil:
		wrong.Add("/file", "unreadable", fmt.Sprintf("The file is broken, moves, or is a picture of more than %d pixels.", mostPixels))
	case len(clean) > paylink.AttachmentPart*paylink.MaxAttachmentParts:
		wrong.Add("/file", "file_too_large", "Without what is hidden in it the picture is too large. Make it smaller.")
	}
	return clean, kept, wrong.OrNil()
}

// redraw writes a picture anew. A WebP becomes a JPEG where it was a photograph, and else, with its
// transparency and without loss, a PNG: every mail program and printer shop opens those.
func redraw(kind string, raw []byte) (clean []byte, kept string, err error) {
	size, format, err := image.DecodeConfig(bytes.NewReader(raw))
	if err != nil || "image/"+format != kind || size.Width < 1 || size.Height < 1 || size.Width > mostPixels/size.Height {
		return nil, "", errUnreadable
	}
	picture, _, err := image.Decode(bytes.NewReader(raw))
	if err != nil || picture.Bounds().Dx() != size.Width || picture.Bounds().Dy() != size.Height {
		return nil, "", errUnreadable
	}
	if kept = kind; kind == webpType {
		if kept = pngType; photograph(picture) {
			kept = jpegType
		}
	}
	var out bytes.Buffer
	if kept == pngType {
		err = png.Encode(&out, picture)
	} else {
		err = jpeg.Encode(&out, picture, &jpeg.Options{Quality: jpegQuality})
	}
	return out.Bytes(), kept, err
}

// photograph tells that a picture was packed with loss, and without transparency.
func photograph(picture image.Image) bool {
	_, lossy := picture.(*image.YCbCr)
	return lossy
}

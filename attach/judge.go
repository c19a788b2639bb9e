package attach

import (
	"fmt"
	"net/http"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"paylink"
)

// judge tells what a file is, or what is wrong with its name, or else with its bytes.
func judge(name string, raw []byte) (kind string, err error) {
	if err := judgeName(name); err != nil {
		return "", err
	}
	return kindOf(raw)
}

func judgeName(name string) error {
	wrong := &paylink.Invalid{}
	odd := func(r rune) bool {
		return !unicode.IsPrint(r) || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' || strings.ContainsRune(`/\:*?"<>|`, r)
	}
	switch {
	case name == "":
		wrong.Add("/name", "required", "The file needs a name.")
	case utf8.RuneCountInString(name) > paylink.MaxAttachmentName:
		wrong.Add("/name", "too_long", fmt.Sprintf("The name must have at most %d characters.", paylink.MaxAttachmentName))
	case !utf8.ValidString(name) || strings.ContainsFunc(name, odd) || strings.HasPrefix(name, "."):
		wrong.Add("/name", "bad_characters", `The name must be without control characters and without any of / \ : * ? " < > |, and not begin with a point.`)
	}
	return wrong.OrNil()
}

// kinds are the types of files that are taken.
var kinds = []string{pdf, pngType, jpegType, webpType}

const (
	pdf      = "application/pdf"
	pngType  = "image/png"
	jpegType = "image/jpeg"
	webpType = "image/webp"
)

// kindOf tells what a file is by its first bytes, whatever it is called.
func kindOf(raw []byte) (string, error) {
	wrong := &paylink.Invalid{}
	kind := http.DetectContentType(raw)
	switch {
	case len(raw) > paylink.MaxAttachmentBytes:
		wrong.Add("/file", "file_too_large", fmt.Sprintf("The file has more than %d bytes.", paylink.MaxAttachmentBytes))
	case len(raw) == 0:
		wrong.Add("/file", "required", "The file is empty.")
	case !slices.Contains(kinds, kind):
		wrong.Add("/file", "unknown_type", "The file must be a PDF, PNG, JPEG or WebP; what it is called does not matter.")
	}
	return kind, wrong.OrNil()
}

// keptName gives the name under which a file is kept: a picture that is written anew as another type ends as
// that type does.
func keptName(name, came, kept string) string {
	if came == kept {
		return name
	}
	ends := map[string]string{pngType: ".png", jpegType: ".jpg"}[kept]
	base := strings.TrimSuffix(name, path.Ext(name))
	for utf8.RuneCountInString(base+ends) > paylink.MaxAttachmentName {
		_, size := utf8.DecodeLastRuneInString(base)
		base = base[:len(base)-size]
	}
	return base + ends
}

// Package qr draws texts as QR codes: the link's address for merchants, the UPI request for customers.
//
// It is for the web doors, which put the path into a page or serve the whole picture. It leaves what
// the text says, and how secret that is, to them.
package qr

import (
	"fmt"
	"strings"

	"rsc.io/qr"
)

// quiet is the empty border that the QR standard asks for, in modules.
const quiet = 4

// scale is how many pixels wide a module of a whole picture is.
const scale = 8

// Code is a drawn code: dark modules as one path on a square whose sides are Size modules long, the
// border included.
type Code struct {
	Size int
	Path string
}

// Draw draws a text of up to some 2,300 bytes; a longer one is an error.
func Draw(text string) (Code, error) {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return Code{}, fmt.Errorf("draw a QR code: %w", err)
	}
	var path strings.Builder
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			run := 0
			for x+run < code.Size && code.Black(x+run, y) {
				run++
			}
			if run > 0 {
				fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", x+quiet, y+quiet, run, run)
				x += run
			}
		}
	}
	return Code{Size: code.Size + 2*quiet, Path: path.String()}, nil
}

// ViewBox is the attribute of an SVG that holds the path.
func (c Code) ViewBox() string { return fmt.Sprintf("0 0 %d %d", c.Size, c.Size) }

// SVG is the whole picture, dark on white, with its border. title is for those who cannot see it.
func (c Code) SVG(title string) []byte {
	return fmt.Appendf(nil, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="%s" role="img" aria-label="%s" shape-rendering="crispEdges">`+
		`<path fill="#fff" d="M0 0h%dv%dH0z"/><path d="%s"/></svg>`, c.Size*scale, c.Size*scale, c.ViewBox(), escape.Replace(title), c.Size, c.Size, c.Path)
}

var escape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&#34;")

// PNG is the whole picture as an image file.
func PNG(text string) ([]byte, error) {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return nil, fmt.Errorf("draw a QR code: %w", err)
	}
	return code.PNG(), nil
}

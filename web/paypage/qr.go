package paypage

import (
	"fmt"
	"strings"

	"rsc.io/qr"
)

// quiet is the empty border that the QR standard asks for, in modules.
const quiet = 4

// qrCode is a code as one path of an SVG whose sides are Size modules long.
type qrCode struct {
	Size int
	Path string
}

// makeQR draws a text. An empty Path means that the text is too long for a code; the page then shows
// its other ways.
func makeQR(text string) qrCode {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return qrCode{}
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
	return qrCode{Size: code.Size + 2*quiet, Path: path.String()}
}

func (c qrCode) viewBox() string { return fmt.Sprintf("0 0 %d %d", c.Size, c.Size) }

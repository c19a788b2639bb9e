package dashboard

import (
	"fmt"
	"net/http"
	"strings"

	"rsc.io/qr"
)

// QR draws the link's address: GET /dashboard/{mode}/links/{id}/qr.svg.
func (d *Dashboard) QR(w http.ResponseWriter, r *http.Request) { d.enter(w, r, d.qr) }

func (d *Dashboard) qr(w http.ResponseWriter, r *http.Request, s scene) error {
	l, err := d.link(r, s)
	if err != nil {
		return err
	}
	address, err := d.address(l)
	if err != nil {
		return err
	}
	picture, err := drawQR(address)
	if err != nil {
		return fmt.Errorf("draw the code of link %s: %w", l.ID, err)
	}
	w.Header().Set("Content-Type", "image/svg+xml")
	_, _ = w.Write([]byte(picture)) // a browser that has gone away is told nothing
	return nil
}

// drawQR writes a text as a QR code: dark modules as one path on white, with the border of four
// modules that readers need.
func drawQR(text string) (string, error) {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return "", err
	}
	const border = 4
	var svg strings.Builder
	size := code.Size + 2*border
	fmt.Fprintf(&svg, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" shape-rendering="crispEdges">`, size, size)
	fmt.Fprintf(&svg, `<rect width="%d" height="%d" fill="#fff"/><path d="`, size, size)
	for y := range code.Size {
		for x := range code.Size {
			if code.Black(x, y) {
				fmt.Fprintf(&svg, "M%d %dh1v1h-1z", x+border, y+border)
			}
		}
	}
	svg.WriteString(`"/></svg>`)
	return svg.String(), nil
}

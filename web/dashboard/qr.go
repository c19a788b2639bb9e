package dashboard

import (
	"fmt"
	"net/http"

	"paylink/web/qr"
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
	code, err := qr.Draw(address)
	if err != nil {
		return fmt.Errorf("draw the code of link %s: %w", l.ID, err)
	}
	w.Header().Set("Content-Type", "image/svg+xml")
	_, _ = w.Write(code.SVG("QR code of the payment link")) // a browser that has gone away is told nothing
	return nil
}

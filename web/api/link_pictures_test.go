package api_test

import (
	"image/png"
	"strings"
	"testing"
)

// A wrong picture sends customers into nowhere.
func TestQRCodeIsTheURL(t *testing.T) {
	w := onSQLite(t)
	id := w.ask(w.test, "POST", "/v1/payment_links", order).want(201).text("id")
	svg := w.ask(w.test, "GET", "/v1/payment_links/"+id+"/qr.svg", "").want(200)
	if svg.header.Get("Content-Type") != "image/svg+xml" || !strings.HasPrefix(svg.body, "<svg ") || strings.Contains(svg.body, "script") {
		t.Errorf("%v %.80s", svg.header, svg.body)
	}
	raster := w.ask(w.test, "GET", "/v1/payment_links/"+id+"/qr.png", "").want(200)
	picture, err := png.Decode(strings.NewReader(raster.body))
	if err != nil || raster.header.Get("Content-Type") != "image/png" || picture.Bounds().Dx() < 200 {
		t.Errorf("%v %v", err, raster.header)
	}
}

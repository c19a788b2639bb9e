package qr_test

import (
	"bytes"
	"encoding/xml"
	"io"
	"strings"
	"testing"

	"paylink/web/qr"
)

// A code that is cut off or has no border cannot be scanned; that it says what it should is judged by
// zbarimg in the payment page's tests and in the browser walk.
func TestPictureIsASquareWithItsBorder(t *testing.T) {
	code, err := qr.Draw("https://pay.example/00EWqw7NgcZ0BYiLZU1cu7")
	if err != nil {
		t.Fatal(err)
	}
	if code.Size < 21+8 || (code.Size-8-21)%4 != 0 || code.ViewBox() == "" || !strings.HasPrefix(code.Path, "M4 4h7v1h-7z") {
		t.Errorf("%d modules, path begins %.20s", code.Size, code.Path)
	}
	picture := code.SVG(`a "title" <of> ours`)
	for d := xml.NewDecoder(bytes.NewReader(picture)); ; {
		if _, err := d.Token(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatalf("%v in %s", err, picture)
		}
	}
	image, err := qr.PNG("https://pay.example/x")
	if err != nil || !bytes.HasPrefix(image, []byte("\x89PNG")) {
		t.Errorf("%.8q %v", image, err)
	}
}

// A text that does not fit is an error, not half a code.
func TestTooLongATextIsAnError(t *testing.T) {
	long := strings.Repeat("x", 5000)
	if code, err := qr.Draw(long); err == nil || code != (qr.Code{}) {
		t.Errorf("%v %v", code.Size, err)
	}
	if _, err := qr.PNG(long); err == nil {
		t.Error("a picture of what does not fit")
	}
}

package paypage

import (
	"bytes"
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"paylink"
	"paylink/web/qr"
)

// An address that is read wrongly opens another's page, or none.
func TestAddressesAreReadAndWrittenAlike(t *testing.T) {
	for path, want := range map[string]address{
		"/CODE":               {code: "CODE"},
		"/CODE/":              {code: "CODE"},
		"/CODE/pay":           {code: "CODE", part: partPay},
		"/CODE/state":         {code: "CODE", part: partState},
		"/ACMEIN/CODE":        {header: "ACMEIN", code: "CODE"},
		"/ACMEIN/CODE/stream": {header: "ACMEIN", code: "CODE", part: partStream},
		"/p?c=CODE":           {code: "CODE"},
		"/p/state?c=CODE":     {code: "CODE", part: partState},
	} {
		u, err := url.Parse(path)
		must(t, err)
		got, ok := readAddress(u)
		if !ok || got != want {
			t.Errorf("%s reads as %+v %v, want %+v", path, got, ok, want)
		}
		if again, ok := readAddress(&url.URL{Path: got.to(got.part)}); !ok || again != want {
			t.Errorf("%s is written as %s, which reads as %+v", path, got.to(got.part), again)
		}
	}
}

// A page of ours under a segment that belongs to another door would shadow or be shadowed by it.
func TestReservedSegmentsAreNeverPages(t *testing.T) {
	for _, segment := range append([]string{""}, Reserved...) {
		if segment == "p" {
			continue // the page's own
		}
		for _, path := range []string{"/" + segment, "/" + segment + "/CODE", "/" + segment + "/CODE/pay"} {
			if segment == "" && path != "/" {
				continue
			}
			if a, ok := readAddress(&url.URL{Path: path}); ok {
				t.Errorf("%s reads as %+v", path, a)
			}
		}
	}
}

// One directive less and a merchant's words, or a stranger's frame, could act on the page.
func TestThePagesHeaders(t *testing.T) {
	page := asked()
	page.PageOrigins = []string{"https://bank.example/pay", "javascript:alert(1)", "https://evil.example; script-src *", "http://127.0.0.1:9090"}
	got := face{page: page}.rendered(fixtureHandler()).Header()
	for name, want := range map[string]string{
		"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
			"form-action 'self' https://bank.example http://127.0.0.1:9090; frame-ancestors 'none'; base-uri 'none'; " +
			"require-trusted-types-for 'script'; trusted-types 'none'",
		"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
		"X-Robots-Tag": "noindex, nofollow, noarchive", "Cross-Origin-Opener-Policy": "same-origin",
		"Content-Type": "text/html; charset=utf-8",
	} {
		if got.Get(name) != want {
			t.Errorf("%s: %q, want %q", name, got.Get(name), want)
		}
	}
}

// A customer with weak sight must read the button of a merchant with any colour.
func TestEveryBrandColourCanBeRead(t *testing.T) {
	for _, colour := range []string{"#000000", "#ffffff", "#ffd400", "#0b6e5f", "#777777", "#ff0000", "#00ff00", "#0000ff", "#2f4b8f", "#fefefe", "#010101"} {
		c, ok := parseColour(colour)
		if !ok {
			t.Fatalf("%s is no colour", colour)
		}
		style := brandStyle(c)
		tokens := map[string][]rgb{}
		for _, part := range strings.FieldsFunc(style, func(r rune) bool { return r == '{' || r == '}' || r == ';' }) {
			if name, value, found := strings.Cut(part, ":"); found && strings.HasPrefix(name, "--") {
				parsed, ok := parseColour(value)
				if !ok {
					t.Fatalf("%s gives %q", colour, part)
				}
				tokens[name] = append(tokens[name], parsed)
			}
		}
		if got := contrast(tokens["--brand"][0], tokens["--on-brand"][0]); got < readable {
			t.Errorf("%s: button text has contrast %.2f", colour, got)
		}
		for i, surface := range []rgb{lightSurface, darkSurface} {
			for _, on := range []rgb{surface, tokens["--brand-tint"][i]} {
				if got := contrast(tokens["--brand-ink"][i], on); got < readable {
					t.Errorf("%s: ink on %s has contrast %.2f", colour, on, got)
				}
			}
		}
	}
}

// A colour is the one thing of a merchant's that reaches a style sheet.
func FuzzBrandColour(f *testing.F) {
	f.Add("#0b6e5f")
	f.Add("red;}body{display:none")
	f.Fuzz(func(t *testing.T, s string) {
		c, ok := parseColour(s)
		if ok && !strings.EqualFold(c.String(), "#"+strings.TrimPrefix(s, "#")) {
			t.Errorf("%q became %s", s, c)
		}
	})
}

// A style sheet under a wrong name would be kept by browsers for a year.
func TestBrandStylesAreServedByTheirContent(t *testing.T) {
	h := fixtureHandler()
	for path, want := range map[string]string{
		h.brands.path("#0b6e5f"):       "public, max-age=31536000, immutable",
		h.brands.path("nonsense"):      "public, max-age=31536000, immutable",
		"/brand/0b6e5f-0000000000.css": "no-cache",
	} {
		w := httptest.NewRecorder()
		h.Brand(w, httptest.NewRequest("GET", path, nil))
		if w.Code != 200 || w.Header().Get("Cache-Control") != want || !strings.HasPrefix(w.Body.String(), ":root{--brand:#") {
			t.Errorf("%s: %d %q", path, w.Code, w.Header().Get("Cache-Control"))
		}
	}
	w := httptest.NewRecorder()
	if h.Brand(w, httptest.NewRequest("GET", "/brand/red.css", nil)); w.Code != 404 {
		t.Errorf("a colour that is none: %d", w.Code)
	}
}

// A code that a customer's camera cannot read is a payment that is not made; zbar is somebody else's
// reader.
func TestAnIndependentReaderReadsOurQRCode(t *testing.T) {
	intent := upi().Payment.Action.Intent
	code, err := qr.Draw(intent)
	must(t, err)
	const scale = 6
	picture := image.NewGray(image.Rect(0, 0, code.Size*scale, code.Size*scale))
	draw.Draw(picture, picture.Bounds(), image.White, image.Point{}, draw.Src)
	for _, run := range strings.Split(strings.TrimSuffix(code.Path, "z"), "z") {
		var x, y, long, back int
		if _, err := fmt.Sscanf(run, "M%d %dh%dv1h-%d", &x, &y, &long, &back); err != nil || long != back {
			t.Fatalf("the path holds %q: %v", run, err)
		}
		draw.Draw(picture, image.Rect(x*scale, y*scale, (x+long)*scale, (y+1)*scale), image.Black, image.Point{}, draw.Src)
	}
	var encoded bytes.Buffer
	must(t, png.Encode(&encoded, picture))
	file := filepath.Join(t.TempDir(), "code.png")
	must(t, os.WriteFile(file, encoded.Bytes(), 0o600))
	out, err := exec.Command("zbarimg", "--quiet", "--raw", file).Output()
	if err != nil {
		t.Fatalf("zbarimg: %v", err)
	}
	if got := strings.TrimSpace(string(out)); got != intent {
		t.Errorf("zbarimg reads %q, want %q", got, intent)
	}
}

// A button must never open a script, a file or anything that is not a page or a UPI app.
func TestButtonsOpenPagesAndUPIAppsOnly(t *testing.T) {
	for s, want := range map[string]bool{
		"https://bank.example/a": true, "http://127.0.0.1:8080/a": true, "upi://pay?pa=a@b": true,
		"javascript:alert(1)": false, "data:text/html,x": false, "//evil.example": false, "file:///etc": false, "": false, "upi:x": false,
	} {
		if got := followable(s) != ""; got != want {
			t.Errorf("%q can be followed: %v, want %v", s, got, want)
		}
	}
}

// A wrong guess about the device shows a QR code to the phone that should scan it.
func TestPhonesAreToldFromDesktops(t *testing.T) {
	for _, c := range []struct {
		hint, agent string
		want        bool
	}{
		{"?1", deskAgent, true}, {"?0", phoneAgent, false}, {"", phoneAgent, true}, {"", deskAgent, false}, {"", "", false},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("User-Agent", c.agent)
		if c.hint != "" {
			r.Header.Set("Sec-CH-UA-Mobile", c.hint)
		}
		if got := isPhone(r); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

// A second payer of a link of many uses must never see the first one's payment.
func TestPaymentsOfALinkOfManyUsesAreTheirPayersOwn(t *testing.T) {
	p := again()
	if got := stand(stranger(p), false); got != standReady {
		t.Errorf("a stranger sees %s", got)
	}
	live := again()
	live.Payment.Status = paylink.PaymentPending
	if got := stand(live, true); got != standPending {
		t.Errorf("a payer whose payment is under way may start another: %s", got)
	}
}

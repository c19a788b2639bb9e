package paypage

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/a-h/templ"
)

// neutralColour is for merchants who have not chosen one, and for pages of no merchant.
const neutralColour = "2f4b8f"

// Surfaces that brand colours must be readable on; page.css has the same.
var (
	lightSurface = rgb{255, 255, 255}
	darkSurface  = rgb{23, 26, 33}
	black        = rgb{0, 0, 0}
	white        = rgb{255, 255, 255}
)

// readable is WCAG's contrast for text of any size (AA).
const readable = 4.5

// brands remembers the address of each merchant's style sheet; there are as many as colours that
// merchants have chosen.
type brands struct {
	paths, icons sync.Map
	drawn        atomic.Int64
}

// path is where the colour's style sheet stands, with a hash of its content.
func (b *brands) path(colour string) string {
	if p, ok := b.paths.Load(colour); ok {
		return p.(string)
	}
	c, ok := parseColour(colour)
	if !ok {
		return b.path(neutralColour)
	}
	p := "/brand/" + brandFile(c)
	b.paths.Store(colour, p)
	return p
}

// iconsMost bounds the icons that are remembered: one for each colour and initial.
const iconsMost = 10_000

// icon is the merchant's initial on its colour, drawn once.
func (b *brands) icon(initial, colour string) templ.SafeURL {
	key := [2]string{initial, colour}
	if drawn, ok := b.icons.Load(key); ok {
		return drawn.(templ.SafeURL)
	}
	drawn := icon(initial, colour)
	if b.drawn.Add(1) <= iconsMost {
		b.icons.Store(key, drawn)
	}
	return drawn
}

// Brand serves the style sheet of one colour below /brand/: a colour is all that a merchant can put
// into our styles, so the address holds it and nothing has to be looked up.
func (h *Handler) Brand(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.URL.Path, "/brand/")
	colour, _, _ := strings.Cut(name, "-")
	c, ok := parseColour(colour)
	if !ok {
		h.notFound(w, r)
		return
	}
	header := w.Header()
	header.Set("Content-Type", "text/css; charset=utf-8")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Cross-Origin-Resource-Policy", "same-origin")
	header.Set("Cache-Control", "no-cache") // an older release's address gets this release's style
	if name == brandFile(c) {
		header.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	_, _ = w.Write([]byte(brandStyle(c)))
}

func brandFile(c rgb) string {
	sum := sha256.Sum256([]byte(brandStyle(c)))
	return strings.TrimPrefix(c.String(), "#") + "-" + hex.EncodeToString(sum[:5]) + ".css"
}

// brandStyle writes the tokens that page.css uses. The button keeps the merchant's colour and gets
// black or white text, whichever can be read; the same colour as text or line is moved towards black
// or white until it can be read on its surface.
func brandStyle(c rgb) string {
	text := white
	if contrast(c, white) < readable {
		text = black
	}
	const tokens = ":root{--brand:%s;--on-brand:%s;--brand-ink:%s;--brand-tint:%s}\n" +
		"@media(prefers-color-scheme:dark){:root{--brand-ink:%s;--brand-tint:%s}}\n"
	lightTint, darkTint := c.mix(lightSurface, 0.92), c.mix(darkSurface, 0.82)
	return fmt.Sprintf(tokens, c, text, c.readableOn(black, lightSurface, lightTint), lightTint,
		c.readableOn(white, darkSurface, darkTint), darkTint)
}

// rgb is a colour as screens know it.
type rgb struct{ r, g, b uint8 }

func (c rgb) String() string { return fmt.Sprintf("#%02x%02x%02x", c.r, c.g, c.b) }

// parseColour reads six hexadecimal digits, with or without the hash sign. Anything else is no
// colour: it would stand in a style sheet.
func parseColour(s string) (rgb, bool) {
	s = strings.TrimPrefix(s, "#")
	n, err := strconv.ParseUint(s, 16, 32)
	if err != nil || len(s) != 6 {
		return rgb{}, false
	}
	return rgb{uint8(n >> 16), uint8(n >> 8), uint8(n)}, true
}

// mix moves the colour towards another; share 1 is the other.
func (c rgb) mix(o rgb, share float64) rgb {
	blend := func(a, b uint8) uint8 { return uint8(math.Round(float64(a)*(1-share) + float64(b)*share)) }
	return rgb{blend(c.r, o.r), blend(c.g, o.g), blend(c.b, o.b)}
}

// readableOn moves the colour towards another only as far as text on each surface needs it.
func (c rgb) readableOn(towards rgb, surfaces ...rgb) rgb {
	for share := 0.0; share < 1; share += 0.05 {
		moved, worst := c.mix(towards, share), math.Inf(1)
		for _, surface := range surfaces {
			worst = min(worst, contrast(moved, surface))
		}
		if worst >= readable {
			return moved
		}
	}
	return towards
}

// contrast and luminance are WCAG 2.2's definitions.
func contrast(a, b rgb) float64 {
	la, lb := a.luminance(), b.luminance()
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

func (c rgb) luminance() float64 {
	linear := func(v uint8) float64 {
		s := float64(v) / 255
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(c.r) + 0.7152*linear(c.g) + 0.0722*linear(c.b)
}

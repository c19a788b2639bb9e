package attach_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"image"
	"testing"

	"paylink/store/storetest"
)

// What Chromium made of a blue patch, 12 by 9: the chunks of a WebP.
const (
	lossy       = "kAIAnQEqDAAJAAFAJiWwAuwwS8lAH9mLDz6XB5AA/vyldUM6e9H/xkiLekswMX/gCdWq/M9lyGy1QWuCtjaf/OY9qL/zzv3//zgPp1w9h//ebv/H9aiHGQAA"
	lossyAlpha  = "8AEAnQEqDAAJAAFAJiWwAuwwRjyVQgAAAP78BJ//ggf/wJr//gCY/+lh/zw/7thv/+bLqkvF/+GtLelKnqtYAAAA"
	alpha       = "AQ8w/xERQiyYzJ+5O4aI/gc0AA=="
	lossless    = "LwsAAgAP8C/QL9DP//wHD8y0bdN2AMIfbb5hiOh/iNwjAg=="
	extended    = "IAAAAAsAAAgAAA=="
	extendAlpha = "MAAAAAsAAAgAAA=="
)

// webp packs chunks, each a name and its bytes.
func webp(t *testing.T, chunks ...[2]string) []byte {
	t.Helper()
	all := []byte("WEBP")
	for _, c := range chunks {
		body, err := base64.StdEncoding.DecodeString(c[1])
		if err != nil {
			t.Fatal(err)
		}
		all = binary.LittleEndian.AppendUint32(append(all, c[0]...), uint32(len(body)))
		if all = append(all, body...); len(body)%2 == 1 {
			all = append(all, 0)
		}
	}
	return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(all))), all...)
}

// A picture from a phone or a website is a WebP today. It is kept as what everybody can open, with the ending
// that says so, and without what else is in it.
func TestWebPIsKeptAsWhatOpensEverywhere(t *testing.T) {
	place := base64.StdEncoding.EncodeToString([]byte("taken at 18.93 N 72.83 E"))
	f, ring := open(t, storetest.Open(t, "sqlite"), 20<<20)
	for name, c := range map[string]struct {
		body       []byte
		kept, kind string
	}{
		"a photo.webp": {webp(t, [2]string{"VP8 ", lossy}), "a photo.jpg", "image/jpeg"},
		"place.webp":   {webp(t, [2]string{"VP8X", extended}, [2]string{"VP8 ", lossy}, [2]string{"EXIF", place}), "place.jpg", "image/jpeg"},
		"logo.webp":    {webp(t, [2]string{"VP8X", extendAlpha}, [2]string{"ALPH", alpha}, [2]string{"VP8 ", lossyAlpha}), "logo.png", "image/png"},
		"chart.v2.png": {webp(t, [2]string{"VP8L", lossless}), "chart.v2.png", "image/png"},
		"no ending":    {webp(t, [2]string{"VP8X", extended}, [2]string{"VP8L", lossless}), "no ending.png", "image/png"},
	} {
		a, _, err := keep(t, f, name, c.body)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		sealed, err := f.Store.Read(t.Context()).AttachmentPart(a, 0)
		if err != nil {
			t.Fatal(err)
		}
		whole, err := a.Unseal(ring.Unseal, 0, sealed)
		if err != nil {
			t.Fatal(err)
		}
		picture, format, err := image.Decode(bytes.NewReader(whole))
		if err != nil || a.Name != c.kept || a.Type != c.kind || "image/"+format != c.kind || bytes.Contains(whole, []byte("72.83")) {
			t.Fatalf("%s is kept as %q, %s, and opens as %s, %v", name, a.Name, a.Type, format, err)
		}
		if r, _, b, full := picture.At(4, 4).RGBA(); r > 0x4000 || b < 0xd000 || full != 0xffff {
			t.Errorf("%s: its patch is %x red, %x blue, %x opaque", name, r, b, full)
		}
		if again, repeated, err := keep(t, f, name, c.body); err != nil || !repeated || again.ID != a.ID {
			t.Errorf("%s sent again is %s, %t, %v", name, again.ID, repeated, err)
		}
	}
}

// One that unfolds to more than memory, moves, or breaks off is refused before it is unpacked or kept.
func TestBadWebPIsRefused(t *testing.T) {
	f, _ := open(t, storetest.Open(t, "sqlite"), 20<<20)
	whole := webp(t, [2]string{"VP8L", lossless})
	vast := webp(t, [2]string{"VP8L", "L////w/wL9Av0M8="}) // 16,384 pixels on each side, it says
	hidden := webp(t, [2]string{"VP8X", extended}, [2]string{"VP8L", "L////w/wL9Av0M8="})
	moves := webp(t, [2]string{"VP8X", "AgAAAAsAAAgAAA=="}, [2]string{"ANIM", "AAAAAAAA"}, [2]string{"ANMF", "AAAA"})
	for name, body := range map[string][]byte{"cut": whole[:len(whole)-9], "vast": vast, "hidden": hidden, "moves": moves, "none": webp(t, [2]string{"VP8 ", ""})} {
		if a, _, err := keep(t, f, name+".webp", body); wrong(err) != "/file unreadable" {
			t.Errorf("%s: %v, %s", name, err, a.Type)
		}
	}
}

// The picture is decoded by what others wrote: whatever a stranger's bytes do to it, the server goes on.
func FuzzPicture(f *testing.F) {
	files, _ := open(f, storetest.Open(f, "sqlite"), 20<<20)
	for _, seed := range []string{lossy, lossless} {
		body, err := base64.StdEncoding.DecodeString(seed)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, chunk []byte) {
		for _, kind := range []string{"VP8 ", "VP8L"} {
			a, _, err := keep(t, files, "a.webp", webp(t, [2]string{kind, base64.StdEncoding.EncodeToString(chunk)}))
			if err == nil && a.Type == "image/webp" {
				t.Errorf("kept as %s", a.Type)
			}
		}
	})
}

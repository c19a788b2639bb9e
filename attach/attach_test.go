package attach_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"paylink"
	"paylink/attach"
	"paylink/keyring"
	"paylink/store"
	"paylink/store/storetest"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func open(t testing.TB, s *store.Store, most int64) (*attach.Files, *keyring.Ring) {
	t.Helper()
	text, err := keyring.Generate(rand.Reader, noon)
	if err != nil {
		t.Fatal(err)
	}
	ring, err := keyring.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	err = s.Write(t.Context(), func(tx *store.Tx) error {
		tx.InsertMerchant(paylink.Merchant{ID: "mer_a", Name: "Acme", Currency: "INR", CreatedAt: noon})
		tx.InsertMerchant(paylink.Merchant{ID: "mer_b", Name: "Other", Currency: "INR", CreatedAt: noon})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return attach.New(attach.Deps{Store: s, Ring: ring, Most: most, Now: func() time.Time { return noon }}), ring
}

func keep(t *testing.T, f *attach.Files, name string, body []byte) (paylink.Attachment, bool, error) {
	t.Helper()
	return f.Keep(t.Context(), attach.Upload{Merchant: "mer_a", By: "key_1", Name: name, Body: bytes.NewReader(body)})
}

// pdf is as long as asked for.
func pdf(size int) []byte {
	return []byte("%PDF-1.7\n" + strings.Repeat("x", size-15) + "\n%%EOF")
}

func photo(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 40, 30)), nil); err != nil {
		t.Fatal(err)
	}
	// As a camera writes it: a segment that tells where the picture was taken.
	place := "Exif\x00\x00 taken at 18.93 N 72.83 E"
	return append(append([]byte{0xff, 0xd8, 0xff, 0xe1, 0, byte(len(place) + 2)}, place...), b.Bytes()[2:]...)
}

// wrong is the code of a refusal.
func wrong(err error) string {
	var invalid *paylink.Invalid
	var conflict *paylink.Conflict
	switch {
	case err == nil:
		return ""
	case errors.As(err, &invalid):
		return invalid.Fields[0].Pointer + " " + invalid.Fields[0].Code
	case errors.As(err, &conflict):
		return conflict.Code
	}
	return err.Error()
}

// A file that is handed over otherwise than it came, or that stands readable in a stolen database, is worse
// than none; of a picture, only what is seen goes on.
func TestFilesAreKeptSealedAndPicturesClean(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f, ring := open(t, s, 20<<20)
		for name, body := range map[string][]byte{"rechnung für Asha.pdf": pdf(400_000), "a.jpg": photo(t)} {
			a, repeated, err := keep(t, f, name, body)
			if err != nil || repeated {
				t.Fatalf("%s: %v", name, err)
			}
			var whole []byte
			for n := range a.Parts {
				sealed, err := s.Read(t.Context()).AttachmentPart(a, n)
				if err != nil || bytes.Contains(sealed, []byte("xxxxxxxx")) {
					t.Fatalf("part %d: %v", n, err)
				}
				part, err := a.Unseal(ring.Unseal, n, sealed)
				if err != nil {
					t.Fatal(err)
				}
				whole = append(whole, part...)
			}
			if int64(len(whole)) != a.Size || a.Type == "application/pdf" && !bytes.Equal(whole, body) {
				t.Errorf("%s comes back as %d bytes of %d", name, len(whole), len(body))
			}
			if bytes.Contains(whole, []byte("72.83")) {
				t.Errorf("%s tells where it was taken", name)
			}
			stored, err := s.Read(t.Context()).Attachment("mer_a", false, a.ID)
			if err != nil || bytes.Contains(stored.SealedName, []byte(name)) {
				t.Errorf("its name is stored as %q, %v", stored.SealedName, err)
			}
			if got, err := f.Get(t.Context(), "mer_a", false, a.ID); err != nil || got.Name != name {
				t.Errorf("read again: %q, %v", got.Name, err)
			}
			if _, err := f.Get(t.Context(), "mer_b", false, a.ID); !paylink.IsNotFound(err) {
				t.Errorf("another merchant reads it: %v", err)
			}
			again, repeated, err := keep(t, f, name, body)
			if err != nil || !repeated || again.ID != a.ID {
				t.Errorf("sent again it is %s, %t, %v", again.ID, repeated, err)
			}
		}
	})
}

// What is not what it says, or unfolds to more than memory, is refused before anything is kept.
func TestBadFilesAreRefused(t *testing.T) {
	f, _ := open(t, storetest.Open(t, "sqlite"), 20<<20)
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 2, 2))); err != nil {
		t.Fatal(err)
	}
	bomb := bytes.Clone(picture.Bytes())
	copy(bomb[16:24], []byte{0, 0, 0xc3, 0x50, 0, 0, 0xc3, 0x50}) // 50,000 pixels on each side, it says
	for name, c := range map[string]struct {
		body []byte
		want string
	}{
		"ok.png": {picture.Bytes(), ""}, "bomb.png": {bomb, "/file unreadable"}, "cut.png": {picture.Bytes()[:40], "/file unreadable"},
		"page.pdf": {[]byte("<html><script>alert(1)</script>"), "/file unknown_type"}, "a.svg": {[]byte(`<svg onload="alert(1)"/>`), "/file unknown_type"},
		"empty.pdf": {nil, "/file required"}, "program.pdf": {[]byte("MZ\x90\x00"), "/file unknown_type"}, "gif.png": {[]byte("GIF89a/*"), "/file unknown_type"},
		"cut.pdf": {[]byte("%PDF-1.7\nhalf"), "/file unreadable"}, "large.pdf": {pdf(5<<20 + 1), "/file file_too_large"}, "most.pdf": {pdf(5 << 20), ""},
		"../up.pdf": {pdf(99), "/name bad_characters"}, ".hidden.pdf": {pdf(99), "/name bad_characters"}, "a\nb.pdf": {pdf(99), "/name bad_characters"},
		"gpj\u202efdp.exe": {pdf(99), "/name bad_characters"}, "": {pdf(99), "/name required"}, strings.Repeat("n", 101): {pdf(99), "/name too_long"},
	} {
		if _, _, err := keep(t, f, name, c.body); wrong(err) != c.want {
			t.Errorf("%q: %v, want %q", name, err, c.want)
		}
	}
}

// Twenty uploads at once fill a merchant's room and not more.
func TestUploadsRaceForTheRoom(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f, _ := open(t, s, 5000)
		var kept, full atomic.Int64
		var uploads sync.WaitGroup
		for i := range 20 {
			uploads.Go(func() {
				_, _, err := f.Keep(t.Context(), attach.Upload{Merchant: "mer_a", Name: fmt.Sprint(i, ".pdf"), Body: bytes.NewReader(pdf(1000))})
				switch wrong(err) {
				case "":
					kept.Add(1)
				case "attachments_full":
					full.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		uploads.Wait()
		if kept.Load() != 5 || full.Load() != 15 {
			t.Errorf("%d are kept, %d found no room", kept.Load(), full.Load())
		}
	})
}

// A file is deleted while a link is made with it: either the link stands and the file stays, or there is
// neither.
func TestDeletingRacesWithUsing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f, _ := open(t, s, 20<<20)
		for i := range 10 {
			a, _, err := keep(t, f, fmt.Sprint(i, ".pdf"), pdf(100))
			if err != nil {
				t.Fatal(err)
			}
			var deleted, used error
			var both sync.WaitGroup
			both.Go(func() { deleted = f.Delete(t.Context(), "mer_a", false, a.ID) })
			both.Go(func() {
				used = s.Write(t.Context(), func(tx *store.Tx) error {
					tx.UseAttachment(paylink.Link{Merchant: "mer_a"}, a.ID)
					return nil
				})
			})
			both.Wait()
			_, err = f.Get(t.Context(), "mer_a", false, a.ID)
			if used == nil && (wrong(deleted) != "attachment_in_use" || err != nil) || used != nil && (wrong(used) != "attachment_gone" || deleted != nil || !paylink.IsNotFound(err)) {
				t.Errorf("used: %v, deleted: %v, read: %v", used, deleted, err)
			}
		}
	})
}

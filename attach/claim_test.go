package attach_test

import (
	"bytes"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"paylink"
	"paylink/attach"
	"paylink/store"
	"paylink/store/storetest"
)

// keepUnder keeps a file under an Idempotency-Key.
func keepUnder(t *testing.T, f *attach.Files, key, name string, body []byte) (paylink.Attachment, *store.Claim, error) {
	t.Helper()
	claim := &store.Claim{Merchant: "mer_a", Route: "POST /v1/attachments", Key: key}
	a, repeated, err := f.Keep(t.Context(), attach.Upload{Merchant: "mer_a", By: "key_1", Name: name, Body: bytes.NewReader(body), Claim: claim})
	if repeated && !claim.Replayed {
		a.Digest = nil // so that the caller can tell
	}
	return a, claim, err
}

// A broken connection makes a program send its file again, maybe after the file was used: it gets the first
// answer. Under the same key no other file goes, and one that was deleted does not come back by itself.
func TestUploadUnderAKeyIsAnsweredOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f, _ := open(t, s, 20<<20)
		first, _, err := keepUnder(t, f, "k1", "a.pdf", pdf(400_000))
		if err != nil {
			t.Fatal(err)
		}
		write := func(fn func(tx *store.Tx)) {
			if err := s.Write(t.Context(), func(tx *store.Tx) error { fn(tx); return nil }); err != nil {
				t.Fatal(err)
			}
		}
		write(func(tx *store.Tx) { tx.UseAttachment(paylink.Link{Merchant: "mer_a"}, first.ID) })
		again, claim, err := keepUnder(t, f, "k1", "a.pdf", pdf(400_000))
		if err != nil || !claim.Replayed || again.ID != first.ID || again.Uses != 0 || again.Name != "a.pdf" {
			t.Errorf("sent again: %+v, replayed %t, %v", again.ID, claim.Replayed, err)
		}
		// Under another key it is the same file, as it is then.
		other, claim, err := keepUnder(t, f, "k2", "a.pdf", pdf(400_000))
		if err != nil || claim.Replayed || other.ID != first.ID || other.Digest != nil || other.Uses != 1 {
			t.Errorf("under another key: %s, %d uses, replayed %t, %v", other.ID, other.Uses, claim.Replayed, err)
		}
		write(func(tx *store.Tx) { tx.UseAttachment(paylink.Link{Merchant: "mer_a"}, first.ID) })
		if other, claim, err = keepUnder(t, f, "k2", "a.pdf", pdf(400_000)); err != nil || !claim.Replayed || other.Uses != 1 {
			t.Errorf("under another key again: %d uses, replayed %t, %v", other.Uses, claim.Replayed, err)
		}
		for name, body := range map[string][]byte{"b.pdf": pdf(400_000), "a.pdf": pdf(99), "page.html": []byte("<html>"), "cut.png": []byte("\x89PNG\x0d\x0a\x1a\x0a")} {
			if _, _, err := keepUnder(t, f, "k1", name, body); wrong(err) != " idempotency_key_reused" {
				t.Errorf("%s under a key that was used: %v", name, err)
			}
		}
		// What was refused has used no key up.
		if _, _, err := keepUnder(t, f, "k3", "page.html", []byte("<html>")); wrong(err) != "/file unknown_type" {
			t.Error(err)
		}
		if _, _, err := keepUnder(t, f, "k3", "c.pdf", pdf(99)); err != nil {
			t.Error(err)
		}
		gone, _, err := keepUnder(t, f, "k4", "d.pdf", pdf(99))
		if err != nil || f.Delete(t.Context(), "mer_a", false, gone.ID) != nil {
			t.Fatal(err)
		}
		if _, _, err := keepUnder(t, f, "k4", "d.pdf", pdf(99)); wrong(err) != "attachment_gone" {
			t.Errorf("what was deleted is answered with %v", err)
		}
	})
}

// A merchant without room is told so again, as long as the key is remembered.
func TestRefusalForWantOfRoomIsKept(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f, _ := open(t, s, 1000)
		for range 2 {
			if _, _, err := keepUnder(t, f, "k1", "a.pdf", pdf(2000)); wrong(err) != "attachments_full" {
				t.Error(err)
			}
		}
	})
}

// Eight copies of one request arrive at once: one file is kept, and whoever is not told of it is told to wait.
func TestUploadsUnderOneKeyRace(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f, _ := open(t, s, 20<<20)
		var made atomic.Int64
		var all sync.WaitGroup
		var ids sync.Map
		for range 8 {
			all.Go(func() {
				a, claim, err := keepUnder(t, f, "k1", "a.pdf", []byte("%PDF-1.7\n"+strings.Repeat("x", 1000)+"%%EOF"))
				switch {
				case err == nil:
					if ids.Store(a.ID, true); !claim.Replayed {
						made.Add(1)
					}
				case wrong(err) != "idempotency_in_flight":
					t.Error(err)
				}
			})
		}
		all.Wait()
		count := 0
		ids.Range(func(any, any) bool { count++; return true })
		if made.Load() != 1 || count != 1 {
			t.Errorf("%d were first, %d files are there", made.Load(), count)
		}
	})
}

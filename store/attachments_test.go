package store_test

import (
	"bytes"
	"fmt"
	"testing"

	"paylink"
	"paylink/store"
	"paylink/store/storetest"
)

// A file is handed over to customers years later: a byte that a column changed would break every signed PDF,
// and a part in another's place every picture. It is found in its own world alone.
func TestAttachmentComesBackWhole(t *testing.T) {
	every := make([]byte, 256)
	for i := range every {
		every[i] = byte(i)
	}
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		addMerchants(t, s, "mer_a", "mer_b")
		file := paylink.Attachment{
			ID: "att_1", Merchant: "mer_a", SealedName: []byte(odd), Type: "application/pdf", Size: 1 << 22, Parts: 12, Digest: every[:32],
			CreatedAt: noon, CreatedBy: "key_1",
		}
		live := file
		live.ID, live.Live, live.SealedName = "att_2", true, []byte{0}
		other := file
		other.ID, other.Merchant = "att_3", "mer_b"
		later := file
		later.ID, later.Digest, later.Size = "att_4", every[32:64], 7
		parts := make([][]byte, 12)
		for i := range parts {
			parts[i] = append([]byte{byte(i)}, every...)
		}
		parts[11] = []byte{}
		write(t, s, func(tx *store.Tx) {
			for _, a := range []paylink.Attachment{file, live, other, later} {
				tx.InsertAttachment(a, parts)
			}
		})
		read := s.Read(t.Context())
		for _, a := range []paylink.Attachment{file, live, other, later} {
			got, err := read.Attachment(a.Merchant, a.Live, a.ID)
			same(t, string(a.ID), a, got, err)
			got, err = read.AttachmentByDigest(a.Merchant, a.Live, a.Digest)
			same(t, "by its bytes", a, got, err)
		}
		for n, want := range parts {
			if got, err := read.AttachmentPart(file, int64(n)); err != nil || !bytes.Equal(got, want) {
				t.Errorf("part %d: %v, %v", n, got, err)
			}
		}
		_, err := read.AttachmentPart(file, 12)
		missing(t, "attachment", "att_1", err)
		_, err = read.Attachment("mer_a", true, "att_1")
		missing(t, "attachment", "att_1", err)
		_, err = read.Attachment("mer_b", false, "att_1")
		missing(t, "attachment", "att_1", err)
		all, err := read.Attachments("mer_a", false, "", 9)
		same(t, "newest first", []paylink.Attachment{later, file}, all, err)
		all, err = read.Attachments("mer_a", false, "att_4", 9)
		same(t, "after the cursor", []paylink.Attachment{file}, all, err)
		held, err := read.AttachedBytes("mer_a")
		same(t, "bytes of both worlds", 2*int64(1<<22)+7, held, err)
		l := paylink.Link{Merchant: "mer_a", Terms: paylink.Terms{Attachments: []paylink.AttachmentID{"att_4", "att_1"}}}
		all, err = read.AttachmentsOf(l)
		same(t, "of a link, in its order", []paylink.Attachment{later, file}, all, err)
		l.Terms.Attachments = append(l.Terms.Attachments, "att_2")
		_, err = read.AttachmentsOf(l)
		missing(t, "attachment", "att_2", err)
		if err := s.Write(t.Context(), func(tx *store.Tx) error { return tx.DeleteAttachment(file) }); err != nil {
			t.Fatal(err)
		}
		_, err = read.AttachmentPart(file, 0)
		missing(t, "attachment", "att_1", err)
		if got, err := read.AttachmentPart(live, 1); err != nil || !bytes.Equal(got, parts[1]) {
			t.Errorf("another file lost a part: %v", err)
		}
		again := file
		again.ID = "att_5" // the bytes of the one in live mode, but not in this one
		write(t, s, func(tx *store.Tx) { tx.InsertAttachment(again, nil) })
		twice := s.Write(t.Context(), func(tx *store.Tx) error {
			again.ID = paylink.AttachmentID(fmt.Sprint(again.ID, "x"))
			tx.InsertAttachment(again, nil)
			return nil
		})
		if twice == nil {
			t.Error("the same file is kept twice")
		}
	})
}

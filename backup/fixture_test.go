package backup_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"paylink"
	"paylink/backup"
	"paylink/store"
	"paylink/store/storetest"
)

var noon = time.Date(2026, time.March, 4, 12, 0, 0, 0, time.UTC)

// odd is a text that a careless writer changes on its way.
const odd = "ऋतु 🙂 \"quoted\" \\ <b>&amp;\u2028</b>\ttab\nline 'single'"

// filled gives the address of a migrated database with merchants, a customer and accounts whose secrets
// are hard cases: bytes of every value, and none.
func filled(t *testing.T, kind string) string {
	t.Helper()
	url := storetest.URL(t, kind)
	s := storetest.OpenURL(t, url)
	if err := s.Migrate(t.Context(), noon); err != nil {
		t.Fatal(err)
	}
	every := make([]byte, 256)
	for i := range every {
		every[i] = byte(i)
	}
	err := s.Write(t.Context(), func(tx *store.Tx) error {
		for _, id := range []paylink.MerchantID{"mer_a", "mer_b"} {
			tx.InsertMerchant(paylink.Merchant{
				ID: id, Name: odd, Country: "IN", Currency: "INR", Locale: "en", TimeZone: "Asia/Kolkata",
				DefaultExpiry: time.Hour, CreatedAt: noon,
			})
		}
		tx.InsertCustomer(paylink.Customer{ID: "cust_1", Merchant: "mer_a", Name: odd, Phone: "+919812345642", CreatedAt: noon})
		for i, secret := range [][]byte{every, {}, {0}} {
			tx.InsertAccount(paylink.Account{
				ID: paylink.AccountID(fmt.Sprint("acct_", i)), Merchant: "mer_b", Kind: paylink.AccountChannel, Provider: "sandbox",
				Channel: paylink.Channels[i], Secret: secret,
			}, noon)
		}
		tx.InsertAttachment(paylink.Attachment{
			ID: "att_1", Merchant: "mer_a", SealedName: every, Type: "application/pdf", Size: 512, Parts: 3, Digest: every[:32], Uses: 2, CreatedAt: noon,
		}, [][]byte{every, {}, {0}})
		_, err := tx.RememberKey(1<<62+1, "00112233aabbccdd")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return url
}

// archive backs the database up and gives the file's content.
func archive(t *testing.T, url string) []byte {
	t.Helper()
	d, err := store.OpenDump(t.Context(), url, filepath.Join(t.TempDir(), "copy"))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if _, err := backup.Write(t.Context(), d, &b, noon); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// restore fills the database at url from an archive.
func restore(ctx context.Context, t *testing.T, url string, archive []byte) (backup.Summary, error) {
	t.Helper()
	s := storetest.OpenURL(t, url)
	sum, err := backup.Restore(ctx, s, bytes.NewReader(archive), noon)
	if closed := s.Close(); closed != nil {
		t.Fatal(closed)
	}
	return sum, err
}

// lines unpacks an archive.
func lines(t *testing.T, archive []byte) []string {
	t.Helper()
	zip, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for in := bufio.NewReader(zip); ; {
		line, err := in.ReadString('\n')
		if err == io.EOF {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, strings.TrimSuffix(line, "\n"))
	}
}

// packed makes an archive of lines, with a new checksum in the last one.
func packed(t *testing.T, lines []string) []byte {
	t.Helper()
	sum := sha256.Sum256([]byte(strings.Join(lines[:len(lines)-1], "\n") + "\n"))
	var end map[string]any
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &end); err != nil {
		t.Fatal(err)
	}
	end["sha256"] = hex.EncodeToString(sum[:])
	last, err := json.Marshal(end)
	if err != nil {
		t.Fatal(err)
	}
	return zipped(t, append(append([]string(nil), lines[:len(lines)-1]...), string(last)))
}

func zipped(t *testing.T, lines []string) []byte {
	t.Helper()
	var b bytes.Buffer
	zip := gzip.NewWriter(&b)
	if _, err := io.WriteString(zip, strings.Join(lines, "\n")+"\n"); err != nil {
		t.Fatal(err)
	}
	if err := zip.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

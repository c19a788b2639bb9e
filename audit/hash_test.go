package audit_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"

	"paylink"
	"paylink/audit"
	"paylink/store"
)

var writeExample = flag.Bool("write-example", false, "write the worked example of docs/audit.md anew instead of comparing")

const page = "../docs/audit.md"

// example is an event as the page shows it.
type example struct {
	Merchant string `json:"merchant_id"`
	Live     int    `json:"livemode"`
	Seq      int64  `json:"seq"`
	At       int64  `json:"at"`
	ID       string `json:"id"`
	Type     string `json:"type"`
	Link     string `json:"link_id"`
	Payment  string `json:"payment_id"`
	Message  string `json:"message_id"`
	Actor    string `json:"actor"`
	Data     string `json:"data"`
	Hash     string `json:"hash"`
}

// bytes are what the hash is over, by the page's words.
func (e example) bytes(prev []byte) []byte {
	b := bytes.Clone(prev)
	b = binary.BigEndian.AppendUint64(b, uint64(e.Seq))
	b = binary.BigEndian.AppendUint64(b, uint64(e.At))
	for _, text := range []string{e.Merchant, []string{"test", "live"}[e.Live], e.ID, e.Type, e.Link, e.Payment, e.Message, e.Actor, e.Data} {
		b = binary.BigEndian.AppendUint32(b, uint32(len(text)))
		b = append(b, text...)
	}
	return b
}

func (e example) entry() store.Entry {
	return store.Entry{
		Merchant: paylink.MerchantID(e.Merchant), Live: e.Live == 1, Sequence: e.Seq, At: e.At, ID: paylink.EventID(e.ID),
		Type: paylink.EventType(e.Type), Link: paylink.LinkID(e.Link), Payment: paylink.PaymentID(e.Payment),
		Message: paylink.MessageID(e.Message), Actor: e.Actor, Data: e.Data,
	}
}

// Somebody writes a checker from the page, and it disagrees with us about the first event.
func TestPageSaysWhatIsHashed(t *testing.T) {
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "```json\n")
	block, after, _ := strings.Cut(rest, "```")
	_, rest, _ = strings.Cut(after, "```\n")
	dump, _, _ := strings.Cut(rest, "```")

	prev, wrote := make([]byte, 32), string(text)
	for line := range strings.Lines(block) {
		var e example
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatal(err)
		}
		over := e.bytes(prev)
		sum := sha256.Sum256(over)
		if ours := audit.Hash(prev, e.entry()); ours != sum {
			t.Errorf("sequence %d: Hash gives %x, the page's words %x", e.Seq, ours, sum)
		}
		if e.Hash != hex.EncodeToString(sum[:]) {
			t.Errorf("sequence %d: the page says %s, it is %x", e.Seq, e.Hash, sum)
		}
		wrote = strings.ReplaceAll(wrote, e.Hash, hex.EncodeToString(sum[:]))
		if prev = sum[:]; e.Seq == 2 {
			if strings.Join(strings.Fields(dump), "") != hex.EncodeToString(over) {
				t.Errorf("the bytes of the page are not those of sequence 2")
			}
			wrote = strings.Replace(wrote, dump, folded(over), 1)
		}
	}
	if *writeExample {
		if err := os.WriteFile(page, []byte(wrote), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// folded writes bytes as hexadecimal, 48 on a line.
func folded(b []byte) string {
	var lines strings.Builder
	for len(b) > 0 {
		n := min(48, len(b))
		lines.WriteString(hex.EncodeToString(b[:n]) + "\n")
		b = b[n:]
	}
	return lines.String()
}

// What stands in the database after sealing is what the page says, whatever the columns hold.
func TestSealingGivesTheDocumentedHash(t *testing.T) {
	eachBooks(t, func(t *testing.T, b *books) {
		live := world{merchant: "mer_a", live: true}
		odd := live.event("evt_odd", noon)
		odd.Actor, odd.Message, odd.Data.Message = "₹ ऋतु's \"5%_!\\\" <b>\n\t🧾", "msg_1", &paylink.MessageSnapshot{ID: "msg_1", Error: "₹\u2028<&>"}
		appendAll(t, b.Store, odd)
		sealAll(t, b.Store)
		for _, w := range []world{{merchant: "mer_a"}, live} {
			entries, err := b.Read(t.Context()).EntriesAfter(w.merchant, w.live, 0, 100)
			if err != nil || len(entries) == 0 {
				t.Fatalf("%d events, %v", len(entries), err)
			}
			prev := make([]byte, 32)
			for _, e := range entries {
				said := example{
					string(e.Merchant), map[bool]int{true: 1}[e.Live], e.Sequence, e.At, string(e.ID), string(e.Type), string(e.Link),
					string(e.Payment), string(e.Message), e.Actor, e.Data, "",
				}
				sum := sha256.Sum256(said.bytes(prev))
				if prev = sum[:]; !bytes.Equal(e.Hash, sum[:]) {
					t.Fatalf("%v: sequence %d has the hash %x, not %x", w, e.Sequence, e.Hash, sum)
				}
			}
			head, err := b.Read(t.Context()).Chain(w.merchant, w.live)
			if err != nil || head.Hashed != head.Sequence || head.Sequence != int64(len(entries)) || !bytes.Equal(head.Hash, prev) {
				t.Errorf("%v: the head is %+v, %v", w, head, err)
			}
		}
	})
}

package audit_test

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"paylink/audit"
	"paylink/audit/audittest"
)

// A proof that also stops honest books would be switched off within a week.
func TestHonestBooksHold(t *testing.T) {
	eachBooks(t, func(t *testing.T, b *books) {
		b.fill("mer_a", 3, 4) // not sealed yet
		want := audit.Report{
			Chains: 2, Events: 2 * 3 * audittest.EventsPerLink, Unsealed: audittest.EventsPerLink, Checkpoints: 1, Heads: 2, Links: 7, Payments: 7,
			Entries: 14, Postings: 35, Accounts: 8,
		}
		if got := b.verify(); got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
	})
}

// Whoever can write the database changes one column of one event; each is found, by its event.
func TestEachChangedColumnOfAnEventIsNamed(t *testing.T) {
	eachBooks(t, func(t *testing.T, b *books) {
		restore := b.keep("events")
		for _, c := range []struct {
			set  string
			rule audit.Rule
			at   int64
		}{
			{"merchant_id = 'mer_c'", audit.RuleSequence, 14},
			{"livemode = 1", audit.RuleSequence, 14},
			{"seq = NULL", audit.RuleSequence, 14},
			{"seq = 1000", audit.RuleSequence, 14},
			{"at = at + 1", audit.RuleHash, 14},
			{"id = id || 'x'", audit.RuleHash, 14},
			{"type = 'payment.failed'", audit.RuleHash, 14},
			{"link_id = 'plink_x'", audit.RuleHash, 14},
			{"payment_id = 'pay_x'", audit.RuleHash, 14},
			{"message_id = 'msg_x'", audit.RuleHash, 14},
			{"actor = 'key_x'", audit.RuleHash, 14},
			{"data = replace(data, '49900', '49901')", audit.RuleHash, 14},
			{"hash = NULL", audit.RuleHash, 14},
			{"hash = (SELECT hash FROM kept_events WHERE merchant_id = 'mer_b' AND seq = 14)", audit.RuleHash, 14},
			// A text that is moved from one column to its neighbour leaves their sum as it was.
			{"actor = '', message_id = actor", audit.RuleHash, 14},
			{"link_id = link_id || '\x1f' || payment_id, payment_id = ''", audit.RuleHash, 14},
		} {
			b.exec("UPDATE events SET " + c.set + " WHERE merchant_id = 'mer_a' AND seq = 14")
			f := b.wantBroken(c.set, c.rule, c.at)
			if f.Merchant != "mer_a" || f.Mode != "test" || (f.Event == "") != (c.rule == audit.RuleSequence) {
				t.Errorf("%s: named %+v", c.set, f)
			}
			restore()
		}
		if f := b.verify().Broken; f != nil {
			t.Errorf("after all is put back: %v", f)
		}
	})
}

// An event is taken away, put in, or changes places with another.
func TestRemovedInsertedAndSwappedEventsAreFound(t *testing.T) {
	eachBooks(t, func(t *testing.T, b *books) {
		restore := b.keep("events", "chains")
		const a = " WHERE merchant_id = 'mer_a' AND "
		for _, c := range []struct {
			name string
			do   []string
			rule audit.Rule
			at   int64
		}{
			{"the first is removed", []string{"DELETE FROM events" + a + "seq = 1"}, audit.RuleSequence, 1},
			{"one in the middle is removed", []string{"DELETE FROM events" + a + "seq = 9"}, audit.RuleSequence, 9},
			{"the last is removed", []string{"DELETE FROM events" + a + "seq = 27"}, audit.RuleSequence, 27},
			{"one is removed and the rest moves up", []string{
				"DELETE FROM events" + a + "seq = 9", "UPDATE events SET seq = seq - 1000" + a + "seq > 9",
				"UPDATE events SET seq = seq + 999" + a + "seq < 0", "UPDATE chains SET seq = 26, hashed_seq = 26 WHERE merchant_id = 'mer_a'",
			}, audit.RuleHash, 9},
			{"one is put in", []string{
				"UPDATE events SET seq = -seq" + a + "seq >= 9", "UPDATE events SET seq = 1 - seq" + a + "seq < 0",
				"INSERT INTO events SELECT merchant_id, 'evt_x', livemode, 9, at, type, link_id, payment_id, message_id, actor, data, hash FROM kept_events" + a + "seq = 9",
				"UPDATE chains SET seq = 28, hashed_seq = 28 WHERE merchant_id = 'mer_a'",
			}, audit.RuleHash, 9},
			{"two are swapped", []string{
				"UPDATE events SET seq = -9" + a + "seq = 9", "UPDATE events SET seq = 9" + a + "seq = 10", "UPDATE events SET seq = 10" + a + "seq = -9",
			}, audit.RuleHash, 9},
			{"the head is moved back", []string{"UPDATE chains SET seq = 20, hashed_seq = 20" + a + "seq = 27"}, audit.RuleHead, 20},
			{"the head is moved back with its hash", []string{
				"UPDATE chains SET seq = 20, hashed_seq = 20, hash = (SELECT hash FROM kept_events" + a + "seq = 20)" + a + "seq = 27",
			}, audit.RuleHead, 21},
			{"the head is moved on", []string{"UPDATE chains SET seq = 28, hashed_seq = 28" + a + "seq = 27"}, audit.RuleSequence, 28},
			{"the head's hash is changed", []string{
				"UPDATE chains SET hash = (SELECT hash FROM kept_events" + a + "seq = 20)" + a + "seq = 27",
			}, audit.RuleHead, 27},
			{"the head is removed", []string{"DELETE FROM chains" + a + "seq = 27"}, audit.RuleHead, 1},
		} {
			b.exec(c.do...)
			b.wantBroken(c.name, c.rule, c.at)
			restore()
		}
	})
}

// Whoever knows the format hashes the whole chain anew behind his change: only what was signed before
// tells, and when he also signs nothing away in the database, what was kept outside it.
func TestRebuiltChainIsFoundByTheCheckpointOnly(t *testing.T) {
	eachBooks(t, func(t *testing.T, b *books) {
		file := t.TempDir() + "/kept/checkpoints.ndjson"
		b.fill("mer_a", 3, 4)
		sealAll(t, b.Store)
		b.exec("DELETE FROM checkpoints") // of this minute
		if n, err := b.notary(file).Sign(t.Context()); n != 2 || err != nil {
			t.Fatalf("signed %d, %v", n, err)
		}
		b.exec("UPDATE events SET actor = 'key_x' WHERE merchant_id = 'mer_a' AND seq = 14")
		b.rebuild("mer_a")
		f := b.wantBroken("with the checkpoint in the database", audit.RuleCheckpoint, 36)
		if f.Event == "" || f.Checkpoint != "2026-11-22T13:00:00.000000Z" {
			t.Errorf("named %+v", f)
		}
		b.exec("DELETE FROM checkpoints")
		if f := b.verify().Broken; f != nil {
			t.Errorf("a chain that was made anew is taken for another: %v", f)
		}
		b.wantBroken("with the checkpoint that was kept", audit.RuleCheckpoint, 36, readFile(t, file))
		// Cut off behind the change instead, the signed place is empty.
		b.exec("DELETE FROM events WHERE merchant_id = 'mer_a' AND seq > 30", `UPDATE chains SET seq = 30, hashed_seq = 30,
			hash = (SELECT hash FROM events WHERE merchant_id = 'mer_a' AND seq = 30) WHERE merchant_id = 'mer_a'`)
		b.wantBroken("cut", audit.RuleCheckpoint, 36, readFile(t, file))
	})
}

// rebuild hashes a merchant's test chain anew, by the words of docs/audit.md and not by our own code.
func (b *books) rebuild(merchant string) {
	b.t.Helper()
	rows, err := b.raw.QueryContext(b.t.Context(), `
		SELECT seq, at, merchant_id, id, type, link_id, payment_id, message_id, actor, data FROM events
		WHERE merchant_id = '`+merchant+`' AND livemode = 0 ORDER BY seq`)
	if err != nil {
		b.t.Fatal(err)
	}
	var change []string
	last := make([]byte, 32)
	for rows.Next() {
		var seq, at uint64
		f := [10]string{1: "test"}
		if err := rows.Scan(&seq, &at, &f[0], &f[2], &f[3], &f[4], &f[5], &f[6], &f[7], &f[8]); err != nil {
			b.t.Fatal(err)
		}
		text := binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(last, seq), at)
		for _, field := range f[:9] {
			text = append(binary.BigEndian.AppendUint32(text, uint32(len(field))), field...)
		}
		sum := sha256.Sum256(text)
		last = sum[:]
		change = append(change, fmt.Sprintf("UPDATE events SET hash = %s WHERE merchant_id = '%s' AND seq = %d", b.blob(last), merchant, seq))
	}
	if err := rows.Err(); err != nil {
		b.t.Fatal(err)
	}
	b.exec(append(change, fmt.Sprintf("UPDATE chains SET hash = %s WHERE merchant_id = '%s'", b.blob(last), merchant))...)
}

// blob writes bytes as the database's own literal.
func (b *books) blob(bytes []byte) string {
	if strings.HasPrefix(b.url, "sqlite:") {
		return fmt.Sprintf("x'%x'", bytes)
	}
	return fmt.Sprintf(`'\x%x'`, bytes)
}

package audit_test

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"paylink/audit/audittest"
	"paylink/store/storetest"
)

// The columns of the two tables that the independent checker reads, as a backup lists them.
var archived = map[string][]string{
	"chains": {"merchant_id", "livemode", "seq", "hash", "hashed_seq"},
	"events": {"merchant_id", "id", "livemode", "seq", "at", "type", "link_id", "payment_id", "message_id", "actor", "data", "hash"},
}

// place gives the index of a column of events.
func place(column string) int { return slices.Index(archived["events"], column) }

// rows reads a table as a backup writes it: blobs become base64 and nothing else changes.
func (b *books) rows(table string) [][]any {
	b.t.Helper()
	columns := archived[table]
	found, err := b.raw.QueryContext(b.t.Context(), "SELECT "+strings.Join(columns, ", ")+" FROM "+table+" ORDER BY merchant_id, "+columns[1])
	if err != nil {
		b.t.Fatal(err)
	}
	var all [][]any
	for found.Next() {
		row, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range row {
			into[i] = &row[i]
		}
		if err := found.Scan(into...); err != nil {
			b.t.Fatal(err)
		}
		all = append(all, row)
	}
	if err := found.Err(); err != nil {
		b.t.Fatal(err)
	}
	return all
}

// archive writes a backup of the two tables and one more; whole is false for one that was cut.
func archive(t *testing.T, tables map[string][][]any, whole bool) string {
	t.Helper()
	file, err := os.Create(filepath.Join(t.TempDir(), "backup.ndjson.gz"))
	if err != nil {
		t.Fatal(err)
	}
	packed := gzip.NewWriter(file)
	lines := json.NewEncoder(packed)
	say := func(v any) {
		if err := lines.Encode(v); err != nil {
			t.Fatal(err)
		}
	}
	say(map[string]any{"format": "paylink-backup/1"})
	for _, table := range []string{"events", "chains"} { // the checker needs no order
		say(map[string]any{"table": table, "columns": archived[table]})
		for _, row := range tables[table] {
			say(row)
		}
	}
	say(map[string]any{"table": "staff", "columns": []string{"merchant_id", "id"}})
	say([]any{"mer_a", "usr_1"})
	if whole {
		say(map[string]any{"end": true})
	}
	if err := packed.Close(); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	return file.Name()
}

// The checker that is published for whoever does not trust our program finds what was done to a backup,
// and nothing in an honest one, from either database.
func TestIndependentCheckerFindsWhatWasDone(t *testing.T) {
	eachBooks(t, func(t *testing.T, b *books) {
		live := world{merchant: "mer_b", live: true}
		appendAll(t, b.Store, live.event("evt_1", noon))
		sealAll(t, b.Store)
		b.fill("mer_a", 3, 4) // unsealed
		at := func(events [][]any, seq int64) int {
			return slices.IndexFunc(events, func(row []any) bool { return row[0] == "mer_a" && row[place("seq")] == seq })
		}
		for _, c := range []struct {
			name string
			do   func(events [][]any) [][]any
			want string
		}{
			{"honest", func(e [][]any) [][]any { return e }, fmt.Sprintf("3 chains and %d events hold", 6*audittest.EventsPerLink+1)},
			{"a byte in data", func(e [][]any) [][]any {
				data := &e[at(e, 14)][place("data")]
				*data = strings.Replace((*data).(string), "49900", "49901", 1)
				return e
			}, "broken: mer_a test sequence 14: "},
			{"a removed event", func(e [][]any) [][]any { i := at(e, 9); return slices.Delete(e, i, i+1) }, "broken: mer_a test sequence 9: no event"},
			{"the last removed", func(e [][]any) [][]any { i := at(e, 27); return slices.Delete(e, i, i+1) }, "broken: mer_a test sequence 27: no event"},
			{"a swapped pair", func(e [][]any) [][]any {
				one, other := e[at(e, 9)], e[at(e, 10)]
				one[place("seq")], other[place("seq")] = int64(10), int64(9)
				return e
			}, "broken: mer_a test sequence 9: "},
			{"an event behind the head", func(e [][]any) [][]any {
				i := at(e, 27)
				more := slices.Clone(e[i])
				more[place("seq")], more[place("id")] = int64(28), "evt_x"
				return append(e, more)
			}, "broken: mer_a test sequence 27: the head"},
			{"a hash taken away", func(e [][]any) [][]any { e[at(e, 5)][place("hash")] = nil; return e }, "broken: mer_a test sequence 5: "},
		} {
			said, err := check(archive(t, map[string][][]any{"events": c.do(b.rows("events")), "chains": b.rows("chains")}, true))
			if !strings.HasPrefix(said, c.want) || (err == nil) != (c.name == "honest") {
				t.Errorf("%s: said %q, %v", c.name, said, err)
			}
		}
	})
}

// A backup whose end is missing must not pass for a small one that is whole.
func TestIndependentCheckerRefusesACutBackup(t *testing.T) {
	b := openBooks(t, storetest.Kinds[0])
	b.fill("mer_a", 0, 1)
	sealAll(t, b.Store)
	said, err := check(archive(t, map[string][][]any{"events": b.rows("events"), "chains": b.rows("chains")}, false))
	if err == nil || !strings.Contains(said, "it was cut") {
		t.Errorf("said %q, %v", said, err)
	}
}

// check runs the published checker.
func check(backup string) (string, error) {
	said, err := exec.Command("node", "../docs/audit/check.mjs", backup).CombinedOutput()
	return string(said), err
}

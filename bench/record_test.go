package main

import (
	"reflect"
	"strings"
	"testing"

	"paylink/bench/baseline"
)

const said = `{"pid":7,"message":"execute stmt_1: SELECT 1 WHERE $1 = $1","detail":"Parameters: $1 = '\\x00'"}
{"pid":7,"message":"execute stmt_2: BEGIN ISOLATION LEVEL READ COMMITTED"}
{"pid":9,"message":"statement: COMMIT"}
{"pid":7,"message":"execute stmt_3: INSERT INTO links (id, n, who, key) VALUES ($1, $2, $3, $4)","detail":"Parameters: $1 = 'plink_01hzxxxxxxabcdefghjkmnpqrs', $2 = '12', $3 = NULL, $4 = '77'"}
{"pid":7,"message":"execute stmt_4: INSERT INTO codes (key, phone, says) VALUES ($1, $2, $3)","detail":"Parameters: $1 = '77', $2 = '+919812345642', $3 = 'it''s $1 = ''x'''"}
{"pid":7,"message":"duration: 1 ms"}
{"pid":7,"message":"statement: COMMIT"}
{"pid":7,"message":"execute stmt_5: DELETE FROM jobs","detail":""}
`

// A baseline that does other work than a create does makes every ratio a lie: a statement of another
// session or transaction, a phone number that became a sum, an id that is the same in every row.
func TestTheChangeIsTheOneThatTheLogShows(t *testing.T) {
	log, err := readLog(strings.NewReader(said))
	if err != nil {
		t.Fatal(err)
	}
	got, err := findChange(log)
	if err != nil {
		t.Fatal(err)
	}
	want := baseline.Change{
		{Text: "INSERT INTO links (id, n, who, key) VALUES ($1, $2, $3, $4)", Values: []baseline.Value{
			{Parts: []string{"plink_01hzxxxxxx", ""}}, {Fixed: int64(12)}, {}, {Key: true},
		}},
		{Text: "INSERT INTO codes (key, phone, says) VALUES ($1, $2, $3)", Values: []baseline.Value{
			{Key: true}, {Fixed: "+919812345642"}, {Fixed: "it's $1 = 'x'"},
		}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the change is\n%#v\nnot\n%#v", got, want)
	}
}

// pgbench takes a colon in a string for a variable and writes something else into the row.
func TestScriptHidesColons(t *testing.T) {
	got := baseline.Script(baseline.Change{{Text: "INSERT INTO t VALUES ($1, $2, $3, $4, $10)", Values: []baseline.Value{
		{Fixed: `{"live":true,"at":"it's \ 1"}`}, {Parts: []string{"evt_", "/", ""}}, {Key: true}, {}, {}, {}, {}, {}, {}, {Fixed: int64(5)},
	}}}, true)
	want := `\set base :base + 64
\set serial :base + :client_id
\set key random(1, 9223372036854775806)
\startpipeline
BEGIN ISOLATION LEVEL READ COMMITTED;
INSERT INTO t VALUES (E'{"live"\x3atrue,"at"\x3a"it''s \\ 1"}', (E'evt_' || :serial::text || E'/' || :serial::text || E''), :key, NULL, 5);
COMMIT;
\endpipeline
`
	if got != want {
		t.Errorf("the script is\n%s\nnot\n%s", got, want)
	}
}

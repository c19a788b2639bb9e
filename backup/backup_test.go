package backup_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"paylink/backup"
	"paylink/store"
	"paylink/store/storetest"
)

// A backup that cannot be restored, on the other database above all, is found out on the worst day. What
// was restored is backed up again and compared with the first archive line by line.
func TestBackupComesBackRowByRowOnEitherDatabase(t *testing.T) {
	for _, from := range storetest.Kinds {
		first := archive(t, filled(t, from))
		for _, to := range storetest.Kinds {
			t.Run(from+" to "+to, func(t *testing.T) {
				url := storetest.URL(t, to)
				sum, err := restore(t.Context(), t, url, first)
				if err != nil {
					t.Fatal(err)
				}
				again := archive(t, url)
				was, is := lines(t, first), lines(t, again)
				if len(was) < 20 || !slices.Equal(was[1:len(was)-1], is[1:len(is)-1]) {
					t.Errorf("%d lines were, %d are, the first that differs: %s", len(was), len(is), firstOther(was, is))
				}
				want := backup.Summary{
					CreatedAt: noon, Kind: from, Step: sum.Step, Rows: sum.Rows, Bytes: int64(len(first)),
					Keys: map[string]string{"4611686018427387905": "00112233aabbccdd"},
				}
				if !reflect.DeepEqual(sum, want) || sum.Rows != 12 { // the sealer's row is the migrations' own
					t.Errorf("got %+v", sum)
				}
			})
		}
	}
}

func firstOther(was, is []string) string {
	for i := 1; i < min(len(was), len(is)); i++ {
		if was[i] != is[i] {
			return was[i] + "\n" + is[i]
		}
	}
	return "none"
}

// Whatever is broken in an archive, the database is left empty and the next restore into it works.
func TestBrokenArchiveLeavesAnEmptyDatabase(t *testing.T) {
	whole := archive(t, filled(t, "sqlite"))
	all := lines(t, whole)
	without := func(i int) []string { return slices.Delete(slices.Clone(all), i, i+1) }
	with := func(i int, line string) []string {
		changed := slices.Clone(all)
		changed[i] = line
		return changed
	}
	row := slices.IndexFunc(all, func(l string) bool { return strings.HasPrefix(l, `["mer_a"`) })
	person := slices.IndexFunc(all, func(l string) bool { return strings.HasPrefix(l, `["mer_a","cust_1"`) })
	flipped := slices.Clone(whole)
	flipped[len(flipped)/2] ^= 4
	cases := map[string]struct {
		archive []byte
		want    string
	}{
		"nothing":             {nil, "it is no paylink backup"},
		"no gzip":             {[]byte("hello, this is some other file"), "it is no paylink backup"},
		"another format":      {zipped(t, []string{`{"format":"paylink-backup/9"}`}), "it is no paylink-backup/1"},
		"half":                {whole[:len(whole)/2], "cut short"},
		"the last byte gone":  {whole[:len(whole)-1], "cut short"},
		"a flipped bit":       {flipped, ""}, // whichever check comes first
		"a changed letter":    {zipped(t, with(row, strings.Replace(all[row], "Asia", "Azia", 1))), "its checksum does not fit"},
		"more after the end":  {zipped(t, append(slices.Clone(all), `["mer_z"]`)), "something follows its end"},
		"a missing row":       {packed(t, without(person)), "the table customers has 0 rows, the backup has 1"},
		"a row too short":     {packed(t, with(row, `["mer_a"]`)), "has 1 values"},
		"a word for a number": {packed(t, with(row, strings.Replace(all[row], "3600000000", `"many"`, 1))), "merchants.default_expiry is no integer"},
		"a missing column":    {packed(t, with(1, strings.Replace(all[1], `"legal_name",`, ``, 1))), "neither a table nor a row"},
		"a strange table":     {packed(t, with(1, strings.Replace(all[1], `"merchants"`, `"merchants; DROP"`, 1))), "that its version does not have"},
		"a twin row":          {packed(t, with(row+1, all[row])), "fill the table merchants"},
		"an unknown step":     {packed(t, with(0, strings.Replace(all[0], `"first"`, `"other"`, 1))), "the backup has the step 0001_other"},
	}
	for _, kind := range storetest.Kinds {
		url := storetest.URL(t, kind)
		for name, c := range cases {
			if kind == "postgres" && !slices.Contains([]string{"half", "a changed letter", "a missing row", "a twin row"}, name) {
				continue // the archive is read alike; what differs is how a database is emptied
			}
			t.Run(kind+" "+name, func(t *testing.T) {
				_, err := restore(t.Context(), t, url, c.archive)
				if err == nil || !strings.Contains(err.Error(), c.want) {
					t.Errorf("got %v, want … %s …", err, c.want)
				}
				_, err = store.OpenDump(t.Context(), url, filepath.Join(t.TempDir(), "copy"))
				if err == nil || !strings.Contains(err.Error(), "it holds no paylink") {
					t.Errorf("it left something: %v", err)
				}
			})
		}
		if _, err := restore(t.Context(), t, url, whole); err != nil {
			t.Errorf("%s: the whole archive after all the broken ones: %v", kind, err)
		}
	}
}

// A restore over data would mix two histories.
func TestRestoreRefusesADatabaseThatIsNotEmpty(t *testing.T) {
	whole := archive(t, filled(t, "sqlite"))
	for _, kind := range storetest.Kinds {
		t.Run(kind, func(t *testing.T) {
			url := filled(t, kind)
			before := lines(t, archive(t, url))
			if _, err := restore(t.Context(), t, url, whole); err == nil || !strings.Contains(err.Error(), "the database is not empty") {
				t.Errorf("got %v", err)
			}
			if after := lines(t, archive(t, url)); !slices.Equal(before, after) {
				t.Error("it has changed")
			}
		})
	}
}

// The archive of a database that a newer version made holds tables that this one would leave out.
func TestNewerArchiveIsRefused(t *testing.T) {
	all := lines(t, archive(t, filled(t, "sqlite")))
	var head map[string]any
	if err := json.Unmarshal([]byte(all[0]), &head); err != nil {
		t.Fatal(err)
	}
	head["steps"] = append(head["steps"].([]any), map[string]any{"number": 99, "name": "future"})
	first, err := json.Marshal(head)
	if err != nil {
		t.Fatal(err)
	}
	all[0] = string(first)
	_, err = restore(t.Context(), t, storetest.URL(t, "sqlite"), packed(t, all))
	if err == nil || !strings.Contains(err.Error(), "it was made by a newer paylink") {
		t.Errorf("got %v", err)
	}
}

// A file that is half written, open to others, or written over by accident is worse than none.
func TestFileIsWholeOrNotThere(t *testing.T) {
	url, dir := filled(t, "sqlite"), t.TempDir()
	path := filepath.Join(dir, "a.paylink")
	sum, err := backup.File(t.Context(), url, path, false, noon)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 || info.Size() != sum.Bytes {
		t.Errorf("%v %v, %+v", info.Mode(), err, sum)
	}
	if _, err := backup.File(t.Context(), url, path, false, noon); err == nil || !strings.Contains(err.Error(), "it exists already") {
		t.Errorf("got %v", err)
	}
	if _, err := backup.File(t.Context(), url, path, true, noon); err != nil {
		t.Errorf("by force: %v", err)
	}
	if _, err := backup.File(t.Context(), "sqlite://"+dir+"/none.db", filepath.Join(dir, "b"), false, noon); err == nil {
		t.Error("a database that is not there was backed up")
	}
	left, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || !slices.Equal(left, []string{path}) {
		t.Errorf("there are %q, %v", left, err)
	}
}

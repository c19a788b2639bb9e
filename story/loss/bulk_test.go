package loss

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"paylink/store/storetest"
)

// bulkRows is how many rows the drill's file has: enough that a death finds it half made.
const bulkRows = 4000

// fileOf is a file of that many rows, each with a reference of its own.
func fileOf(name string) []byte {
	var file bytes.Buffer
	file.WriteString("reference,amount,phone\n")
	for i := range bulkRows {
		fmt.Fprintf(&file, "%s-%d,%d,+9198%08d\n", name, i, 1000+i, 10000000+i)
	}
	return file.Bytes()
}

// fileUpload is what the drill looks at of an upload.
type fileUpload struct {
	ID      string `json:"id"`
	Status  string `json:"status"`
	Summary string `json:"summary"`
	Created int64  `json:"created"`
}

// The program is killed while a file arrives, while it is judged and while its links are made, and once while
// somebody has paused it. Every row has its link in the end, and none has two.
func TestKilledProgramMakesEachRowOfAFileOnce(t *testing.T) {
	for _, kind := range storetest.Kinds {
		t.Run(kind, func(t *testing.T) {
			dir := t.TempDir()
			s := newServer(t, databaseOf(t, kind, dir), filepath.Join(dir, "keys"))
			dice := rand.New(rand.NewPCG(*seed, 1))
			s.start()
			file := fileOf("row")
			die := time.AfterFunc(time.Duration(dice.IntN(50))*time.Millisecond, s.proc.kill)
			s.upload(file) // whatever comes of it
			die.Stop()
			s.proc.kill()
			s.start()
			up, status := s.upload(file)
			if status != http.StatusOK && status != http.StatusAccepted {
				t.Fatalf("sent again after a crash: %d", status)
			}
			for _, share := range []int64{0, bulkRows / 4} {
				await(t, "some of the file is made", func() bool { up = s.uploaded(up.ID); return up.Created > share || up.Status == "finished" })
				time.Sleep(time.Duration(dice.IntN(100)) * time.Millisecond)
				s.proc.kill()
				s.start()
			}
			s.pauseAndDie(t, up.ID)
			await(t, "the file is made", func() bool { up = s.uploaded(up.ID); return up.Status == "finished" })
			if want := fmt.Sprintf("finished: %d created, 0 failed, 0 skipped as duplicates", bulkRows); up.Summary != want {
				t.Errorf("%s, want %s", up.Summary, want)
			}
			s.eachRowOnce(t)
			s.proc.stop(t)
		})
	}
}

// pauseAndDie pauses the file, unless it is made already, and lets the program die: it is still paused after.
func (s *server) pauseAndDie(t *testing.T, id string) {
	t.Helper()
	status, _ := call(s, http.MethodPost, s.url()+"/v1/bulk/"+id+"/pause", "", nil)
	if status == http.StatusConflict {
		t.Log("it was made before it could be paused")
		return
	}
	s.proc.kill()
	s.start()
	before := s.uploaded(id)
	time.Sleep(300 * time.Millisecond)
	if after := s.uploaded(id); status != http.StatusOK || after.Status != "paused" || after.Created != before.Created {
		t.Errorf("paused (%d), killed, and then %+v, %+v", status, before, after)
	}
	if status, body := call(s, http.MethodPost, s.url()+"/v1/bulk/"+id+"/resume", "", nil); status != http.StatusOK {
		t.Errorf("resume: %d %s", status, body)
	}
}

// eachRowOnce holds the links and the results against the file.
func (s *server) eachRowOnce(t *testing.T) {
	t.Helper()
	seen := map[string]bool{}
	for link := range list[made](t, s, "/v1/payment_links") {
		if seen[link.Reference] || !strings.HasPrefix(link.Reference, "row-") {
			t.Errorf("%s has two links, or none asked for it", link.Reference)
		}
		seen[link.Reference] = true
	}
	if len(seen) != bulkRows {
		t.Errorf("%d of %d rows have a link", len(seen), bulkRows)
	}
	var up fileUpload
	for up = range list[fileUpload](t, s, "/v1/bulk") {
		break
	}
	if _, results := call(s, http.MethodGet, s.url()+"/v1/bulk/"+up.ID+"/results.csv", "", nil); bytes.Count(results, []byte(",created,plink_")) != bulkRows {
		t.Errorf("results.csv tells of %d links", bytes.Count(results, []byte(",created,plink_")))
	}
}

func (s *server) uploaded(id string) (up fileUpload) {
	s.t.Helper()
	if status, body := call(s, http.MethodGet, s.url()+"/v1/bulk/"+id, "", nil); status == http.StatusOK {
		if err := json.Unmarshal(body, &up); err != nil {
			s.t.Fatal(err)
		}
	}
	return up
}

// upload sends a file; 0 when there was no whole answer.
func (s *server) upload(file []byte) (up fileUpload, status int) {
	r, err := http.NewRequest(http.MethodPost, s.url()+"/v1/payment_links/bulk", bytes.NewReader(file))
	if err != nil {
		panic(err) // the drill's own address
	}
	r.Header.Set("Authorization", "Bearer "+s.key)
	r.Header.Set("Content-Type", "text/csv")
	answer, err := caller.Do(r)
	if err != nil {
		return up, 0
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || json.Unmarshal(body, &up) != nil {
		return up, 0
	}
	return up, answer.StatusCode
}

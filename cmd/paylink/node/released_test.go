package node_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"paylink"
	"paylink/cmd/paylink/node"
	"paylink/store/storetest"
)

const released = "../../../store/testdata/released"

// made tells what stands in a released version's database.
type made struct {
	Links []struct {
		Name, ID, Code, Key, Status string
		Livemode                    bool
		AmountPaid                  int64  `json:"amount_paid"`
		Reference                   string `json:"reference"`
	}
	Demo struct {
		APIKey     string             `json:"api_key"`
		MerchantID paylink.MerchantID `json:"merchant_id"`
	} `json:"-"`
}

func readJSON(t *testing.T, path string, v any) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(text, v)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func unzip(t *testing.T, path string) []byte {
	t.Helper()
	packed, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	zip, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(zip)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// releasedDatabase puts a copy of a released version's database up, and its keys beside it.
func releasedDatabase(t *testing.T, version, kind string) (url, dir string, m made) {
	t.Helper()
	from, dir := filepath.Join(released, version, kind), t.TempDir()
	readJSON(t, filepath.Join(from, "made.json"), &m)
	readJSON(t, filepath.Join(from, "demo.json"), &m.Demo)
	keys, err := os.ReadFile(filepath.Join(from, "keys"))
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "keys"), keys, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	if kind == "sqlite" {
		path := filepath.Join(dir, "paylink.db")
		if err := os.WriteFile(path, unzip(t, filepath.Join(from, "paylink.db.gz")), 0o600); err != nil {
			t.Fatal(err)
		}
		return "sqlite://" + path, dir, m
	}
	url = storetest.URL(t, kind)
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	// What begins with a backslash is for psql.
	dump := regexp.MustCompile(`(?m)^\\.*$`).ReplaceAll(unzip(t, filepath.Join(from, "postgres.sql.gz")), nil)
	if _, err := conn.PgConn().Exec(t.Context(), string(dump)).ReadAll(); err != nil {
		t.Fatal(err)
	}
	return url, dir, m
}

func eachReleased(t *testing.T, fn func(t *testing.T, version, kind string)) {
	versions, err := os.ReadDir(released)
	if err != nil {
		t.Fatal(err)
	}
	for _, version := range versions {
		if version.IsDir() {
			for _, kind := range storetest.Kinds {
				t.Run(version.Name()+" "+kind, func(t *testing.T) { fn(t, version.Name(), kind) })
			}
		}
	}
}

// An operator puts a new version over an old one. What customers and merchants hold, links and keys above
// all, goes on working.
func TestDatabaseOfEveryReleaseOpens(t *testing.T) {
	eachReleased(t, func(t *testing.T, version, kind string) {
		url, dir, m := releasedDatabase(t, version, kind)
		public := listen(t)
		n, err := node.Open(t.Context(), settingsAt(url, dir, public.Addr().String()), worldOf())
		if err != nil {
			t.Fatal(err)
		}
		n.DemoMerchant(m.Demo.MerchantID)
		s := serve(t, n, public)
		s.becomes("ready")
		for _, l := range m.Links {
			page := s.ask("GET", s.public+"/"+l.Code, nil, "Accept", "text/html")
			link := s.ask("GET", s.public+"/v1/payment_links/"+l.ID, nil, "Authorization", "Bearer "+l.Key).object(t)
			status := link["status"].(string)
			// What was waiting has expired since, by the calendar.
			if status != l.Status && (l.Status != "pending" && l.Status != "failed" || status != "expired") {
				t.Errorf("%s is %s, was %s", l.Name, status, l.Status)
			}
			if page.status != 200 || !strings.Contains(page.body, `data-status="`+status+`"`) {
				t.Errorf("the page of %s answers %d", l.Name, page.status)
			}
			if link["amount_paid"] != float64(l.AmountPaid) || link["livemode"] != l.Livemode || link["code"] != l.Code {
				t.Errorf("%s has become %v", l.Name, link)
			}
		}
		forever := m.Links[6]
		s.replays(forever.Key, forever.ID)
		s.pays(forever.Code)
		s.gapless(m.Demo.APIKey)
		if err := s.stop(); err != nil {
			t.Errorf("stop: %v", err)
		}
		snapshots, err := filepath.Glob(filepath.Join(dir, "snapshots", "*"))
		if err != nil || len(snapshots) != 1 || !strings.HasPrefix(filepath.Base(snapshots[0]), "before-0002-") {
			t.Errorf("the snapshots are %q, %v", snapshots, err)
		}
	})
}

// replays sends a call of before the upgrade again: its answer is the old one, and nothing is made twice.
func (s *served) replays(key, id string) {
	s.t.Helper()
	again := s.ask("POST", s.public+"/v1/payment_links",
		map[string]any{"amount": 245000, "currency": "INR", "description": "Order forever", "expires_in": nil},
		"Authorization", "Bearer "+key, "Idempotency-Key", "fixture-forever")
	if got := again.object(s.t)["id"]; again.status != 201 || got != id {
		s.t.Errorf("the repeated call answers %d %s", again.status, again.body)
	}
}

// pays lets a customer pay a link of before the upgrade.
func (s *served) pays(code string) {
	s.t.Helper()
	paid := s.ask("POST", s.public+"/sandbox/pay",
		map[string]any{"url": s.public + "/" + code, "method": "card", "outcome": "success"}, "Accept", "application/json")
	if paid.status != 200 || paid.object(s.t)["status"] != "captured" {
		s.t.Errorf("paying answers %d %s", paid.status, paid.body)
	}
}

// gapless wants the sequence of events to go on where the old version left it.
func (s *served) gapless(key string) {
	s.t.Helper()
	seen := map[float64]bool{}
	for cursor, more := "", true; more; {
		page := s.ask("GET", s.public+"/v1/events?limit=100"+cursor, nil, "Authorization", "Bearer "+key).object(s.t)
		for _, e := range page["data"].([]any) {
			seen[e.(map[string]any)["sequence"].(float64)] = true
		}
		next, _ := page["next_cursor"].(string)
		cursor, more = "&cursor="+next, next != ""
	}
	for i := range seen {
		if !seen[i-1] && i != 1 || len(seen) < 36 {
			s.t.Errorf("%d events, and %v has none before it", len(seen), i)
		}
	}
}

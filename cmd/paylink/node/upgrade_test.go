package node_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"paylink/cmd/paylink/node"
	"paylink/store"
	"paylink/store/storetest"
)

// opened opens a node on a released version's database.
func opened(t *testing.T, s node.Settings, w node.World) *node.Node {
	t.Helper()
	n, err := node.Open(t.Context(), s, w)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// pending lists the steps that a database lacks.
func pending(t *testing.T, url string) []store.Step {
	t.Helper()
	steps, used, err := storetest.OpenURL(t, url).Pending(t.Context())
	if err != nil || !used {
		t.Errorf("used %t, %v", used, err)
	}
	return steps
}

// A long upgrade looks dead to whoever watches, and to a customer like a shop that has closed. Ended in
// its middle, it goes on at the next start.
func TestUpgradeTellsHowFarItIsAndGoesOn(t *testing.T) {
	for _, kind := range storetest.Kinds {
		t.Run(kind, func(t *testing.T) {
			url, dir, m := releasedDatabase(t, "0.1", kind)
			var done int64
			count := func(hold int64) func(context.Context, func(done, total int64)) error {
				return func(ctx context.Context, progress func(done, total int64)) error {
					for ; done < 10; done++ {
						if progress(done, 10); done == hold {
							<-ctx.Done()
							return ctx.Err()
						}
					}
					return nil
				}
			}
			public := listen(t)
			n := opened(t, settingsAt(url, dir, public.Addr().String()), worldOf())
			n.DataStep("rows counted", count(3))
			s := serve(t, n, public)
			s.becomes("upgrading: 3 of 10 rows counted")
			if live := s.ask("GET", s.admin+"/livez", nil); live.status != 200 {
				t.Errorf("/livez answers %d", live.status)
			}
			s.asksForPatience(m.Links[0].Code)
			if err := s.stop(); err != nil {
				t.Errorf("it was asked to stop, and answers %v", err)
			}

			again := listen(t)
			n = opened(t, settingsAt(url, dir, again.Addr().String()), worldOf())
			n.DataStep("rows counted", count(-1))
			s = serve(t, n, again)
			s.becomes("ready")
			if page := s.ask("GET", s.public+"/"+m.Links[0].Code, nil); done != 10 || page.status != 200 {
				t.Errorf("%d were counted, the page answers %d", done, page.status)
			}
			snapshots, err := filepath.Glob(filepath.Join(dir, "snapshots", "*"))
			if err != nil || len(snapshots) != 1 {
				t.Errorf("the snapshots are %q, %v", snapshots, err)
			}
		})
	}
}

// asksForPatience wants every door to say that it is not now, and none that there is nothing here.
func (s *served) asksForPatience(code string) {
	s.t.Helper()
	for _, path := range []string{"/" + code, "/dashboard", "/", "/sandbox"} {
		page := s.ask("GET", s.public+path, nil, "Accept", "text/html,*/*")
		if page.status != 503 || page.header.Get("Retry-After") == "" || !strings.Contains(page.body, `data-page="away"`) {
			s.t.Errorf("%s answers %d %v", path, page.status, page.header)
		}
		if strings.Contains(page.body, "upgrading:") || page.header.Get("Content-Security-Policy") == "" {
			s.t.Errorf("%s says more than a customer needs", path)
		}
	}
	for _, path := range []string{"/v1/payment_links", "/webhooks/gateway/x"} {
		problem := s.ask("POST", s.public+path, map[string]any{})
		if problem.status != 503 || problem.header.Get("Retry-After") == "" || problem.object(s.t)["code"] != "upgrading" {
			s.t.Errorf("%s answers %d %s", path, problem.status, problem.body)
		}
	}
}

// An upgrade that runs out of disk in its middle, or that nobody can take back, is worse than none.
func TestUpgradeIsRefusedBeforeAnythingHasChanged(t *testing.T) {
	url, dir, _ := releasedDatabase(t, "0.1", "sqlite")
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	full := func(folder string) (int64, error) {
		if folder == dir {
			return 1000, nil
		}
		return 1 << 40, nil
	}
	snapshotsFull := func(folder string) (int64, error) {
		if folder == dir {
			return 1 << 40, nil
		}
		return 1000, nil
	}
	cases := map[string]struct {
		free      func(string) (int64, error)
		snapshots string
		want      string
	}{
		"no room for the steps":    {full, "", "has 0 MB free"},
		"no room for the snapshot": {snapshotsFull, filepath.Join(dir, "snapshots"), "has 0 MB free"},
		"no folder for it":         {nil, filepath.Join(file, "snapshots"), "PAYLINK_SNAPSHOT_DIR=none leaves it to you"},
		"a disk that fails":        {func(string) (int64, error) { return 0, errors.New("input/output error") }, "", "input/output error"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			public := listen(t)
			settings, world := settingsAt(url, dir, public.Addr().String()), worldOf()
			settings.SnapshotDir, world.Free = c.snapshots, c.free
			err := opened(t, settings, world).Serve(t.Context(), public, listen(t), nil)
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "nothing was changed") {
				t.Errorf("got %v", err)
			}
			if left := pending(t, url); len(left) == 0 || left[0].Number != 2 {
				t.Errorf("it went on: %v are pending", left)
			}
		})
	}
}

// Two nodes that are replaced together would take two snapshots, one of them half way.
func TestOtherNodesWaitForTheUpgrade(t *testing.T) {
	url, dir, _ := releasedDatabase(t, "0.1", "postgres")
	goOn := make(chan struct{})
	held := worldOf()
	held.Free = func(string) (int64, error) {
		<-goOn
		return 1 << 40, nil
	}
	first, second := listen(t), listen(t)
	a := serve(t, opened(t, settingsAt(url, dir, first.Addr().String()), held), first)
	a.becomes("upgrading: backing the database up first")
	settings := settingsAt(url, dir, second.Addr().String())
	settings.SnapshotDir = filepath.Join(dir, "of the second")
	b := serve(t, opened(t, settings, worldOf()), second)
	b.becomes("upgrading: waiting for another node")
	close(goOn)
	a.becomes("ready")
	b.becomes("ready")
	if _, err := os.Stat(settings.SnapshotDir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the second one made a snapshot too: %v", err)
	}
}

// A start that fails again and again must not push out the snapshot that leads back.
func TestSnapshotsBeforeOlderStepsStay(t *testing.T) {
	dir := t.TempDir()
	at := func(step, time string) string {
		return filepath.Join(dir, "before-"+step+"-20261122T"+time+"Z.paylink")
	}
	var kept []string
	for step, times := range map[string][]string{
		"0002": {"100000"}, "0003": {"110000", "120000", "130000", "140000"}, "0004": {"150000"}, "0001": {"090000", "160000"},
	} {
		for _, time := range times {
			if err := os.WriteFile(at(step, time), nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if step != "0001" {
			kept = append(kept, at(step, times[len(times)-1]))
		}
	}
	kept = append(kept, filepath.Join(dir, "mine.paylink"))
	if err := os.WriteFile(kept[len(kept)-1], nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := node.TidySnapshots(dir); err != nil {
		t.Fatal(err)
	}
	left, err := filepath.Glob(filepath.Join(dir, "*"))
	if slices.Sort(kept); err != nil || !slices.Equal(left, kept) {
		t.Errorf("left are %q, %v", left, err)
	}
}

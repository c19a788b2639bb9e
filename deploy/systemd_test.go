package deploy

import (
	"bufio"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// nobody is an account without any rights, on Debian and elsewhere.
const nobody = 65534

// units copies the units to a folder, with the path of the program as it is here.
func units(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	names, err := filepath.Glob("systemd/paylink*.*")
	must(t, err)
	for _, name := range names {
		text := strings.ReplaceAll(read(t, name), "/usr/local/bin/paylink", program)
		must(t, os.WriteFile(filepath.Join(dir, filepath.Base(name)), []byte(text), 0o644))
	}
	must(t, os.Mkdir(filepath.Join(dir, "paylink.service.d"), 0o755))
	must(t, os.WriteFile(filepath.Join(dir, "paylink.service.d", "low-ports.conf"), []byte(read(t, "systemd/low-ports.conf")), 0o644))
	return dir
}

// A word that systemd does not know is ignored with a line in the journal, and with it the protection.
func TestUnitsAreUnderstoodBySystemd(t *testing.T) {
	dir := units(t)
	for _, name := range []string{"paylink.service", "paylink-backup.service", "paylink-backup.timer"} {
		if said := output(t, "systemd-analyze", "verify", "--man=no", filepath.Join(dir, name)); said != "" {
			t.Errorf("%s: %s", name, said)
		}
	}
}

// The exposure is systemd's own measure of what a break-in could reach, from 0 to 10. A line that is
// taken out of the unit shows here.
func TestUnitsExposeLittle(t *testing.T) {
	dir := units(t)
	level := regexp.MustCompile(`Overall exposure level for \S+: ([0-9.]+)`)
	for _, c := range []struct {
		name   string
		opened bool // with the drop-in for low ports
		most   float64
	}{{"paylink.service", false, 1.5}, {"paylink.service", true, 2.0}, {"paylink-backup.service", false, 1.5}} {
		if !c.opened {
			must(t, os.Rename(filepath.Join(dir, "paylink.service.d"), filepath.Join(dir, "none")))
		}
		said := output(t, "systemd-analyze", "security", "--offline=true", "--no-pager", filepath.Join(dir, c.name))
		if !c.opened {
			must(t, os.Rename(filepath.Join(dir, "none"), filepath.Join(dir, "paylink.service.d")))
		}
		found := level.FindStringSubmatch(said)
		if found == nil {
			t.Fatalf("no exposure in:\n%s", said)
		}
		got, err := strconv.ParseFloat(found[1], 64)
		must(t, err)
		t.Logf("%s, low ports %t: exposure %v", c.name, c.opened, got)
		if got > c.most {
			t.Errorf("%s, low ports %t: exposure %v, at most %v", c.name, c.opened, got, c.most)
		}
	}
}

// The settings' example is read by systemd line by line; a name that paylink does not know would be
// passed over without a word.
func TestExampleSettingsAreSettings(t *testing.T) {
	known := read(t, "../docs/config.md")
	line := regexp.MustCompile(`^#?(PAYLINK_[A-Z_]+)=\S+$`)
	for text := range strings.Lines(read(t, "systemd/paylink.env")) {
		text = strings.TrimSpace(text)
		found := line.FindStringSubmatch(text)
		switch {
		case found != nil && !strings.Contains(known, "`"+found[1]+"`"):
			t.Errorf("%s is no setting", found[1])
		case found == nil && text != "" && !strings.HasPrefix(text, "# ") && !strings.HasPrefix(text, "#   "):
			t.Errorf("%q is neither a setting nor a comment", text)
		}
	}
}

// A system call that the unit forbids fails only when it is made, perhaps at night: so the program is
// watched through a start, a link, a page and a stop, and each call of it must be allowed.
func TestUnitAllowsEverySystemCallOfTheServer(t *testing.T) {
	dir := sharedDir(t)
	trace := filepath.Join(dir, "trace")
	c := exec.Command("strace", "-f", "-qq", "-o", trace, program, "demo", "--listen", "127.0.0.1:0", "--data", filepath.Join(dir, "data"))
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	c.Dir = dir
	if os.Getuid() == 0 { // SQLite gives its files away when root writes them; the service is not root
		c.SysProcAttr.Credential = &syscall.Credential{Uid: nobody, Gid: nobody}
	}
	must(t, c.Start())
	defer func() { _ = syscall.Kill(-c.Process.Pid, syscall.SIGKILL) }() // the group that was made for it
	useDemo(t, filepath.Join(dir, "data", "demo.json"))
	must(t, syscall.Kill(-c.Process.Pid, syscall.SIGTERM))
	_ = c.Wait() // strace ends by the signal too; the trace is what counts
	forbidden, families := map[string]bool{}, map[string]bool{}
	allowed := allowedCalls(t)
	call := regexp.MustCompile(`^\d+ +([a-z0-9_]+)\((AF_[A-Z0-9]+)?`)
	file, err := os.Open(trace)
	must(t, err)
	defer file.Close()
	calls := 0
	for s := bufio.NewScanner(file); s.Scan(); {
		found := call.FindStringSubmatch(s.Text())
		if found == nil {
			continue
		}
		calls++
		if !slices.Contains(allowed, found[1]) {
			forbidden[found[1]] = true
		}
		if found[1] == "socket" {
			families[found[2]] = true
		}
	}
	if calls < 1000 || len(forbidden) > 0 {
		t.Errorf("of %d calls the unit forbids %v", calls, forbidden)
	}
	unit := read(t, "systemd/paylink.service")
	for family := range families {
		if !regexp.MustCompile(`(?m)^RestrictAddressFamilies=.*\b` + family + `\b`).MatchString(unit) {
			t.Errorf("the unit forbids sockets of %s", family)
		}
	}
}

// allowedCalls works out the unit's SystemCallFilter= lines, one after the other as systemd does.
func allowedCalls(t *testing.T) []string {
	t.Helper()
	var allowed []string
	for line := range strings.Lines(read(t, "systemd/paylink.service")) {
		words, ok := strings.CutPrefix(strings.TrimSpace(line), "SystemCallFilter=")
		if !ok {
			continue
		}
		words, denied := strings.CutPrefix(words, "~")
		for _, word := range strings.Fields(words) {
			for _, name := range expand(t, word) {
				if denied {
					allowed = slices.DeleteFunc(allowed, func(s string) bool { return s == name })
				} else {
					allowed = append(allowed, name)
				}
			}
		}
	}
	// These are of every process: systemd never filters them.
	return append(allowed, "execve", "exit", "exit_group", "rt_sigreturn", "getrlimit")
}

// expand gives the calls of a set, with the sets in it.
func expand(t *testing.T, word string) []string {
	t.Helper()
	if !strings.HasPrefix(word, "@") {
		return []string{word}
	}
	var all []string
	for line := range strings.Lines(output(t, "systemd-analyze", "syscall-filter", "--no-pager", word)) {
		if name := strings.TrimSpace(line); name != word && name != "" && name[0] != '#' {
			all = append(all, expand(t, name)...)
		}
	}
	return all
}

// useDemo waits for a demo and does what a merchant and a customer do: a link is made and opened.
func useDemo(t *testing.T, file string) {
	t.Helper()
	var demo struct {
		URL    string `json:"url"`
		APIKey string `json:"api_key"`
	}
	eventually(t, "the demo", func() error {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		return json.Unmarshal(text, &demo)
	})
	r, err := http.NewRequest(http.MethodPost, demo.URL+"/v1/payment_links", strings.NewReader(`{"amount":245000,"currency":"INR","description":"Order 1042","channels":["sms"],"customer":{"phone":"+919812345642"}}`))
	must(t, err)
	r.Header.Set("Authorization", "Bearer "+demo.APIKey)
	r.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(r)
	must(t, err)
	defer answer.Body.Close()
	var link struct {
		URL string `json:"url"`
	}
	if err := json.NewDecoder(answer.Body).Decode(&link); err != nil || answer.StatusCode != http.StatusCreated {
		t.Fatalf("%s %v", answer.Status, err)
	}
	if status, body, err := get(link.URL); err != nil || status != http.StatusOK || !strings.Contains(body, "Order 1042") {
		t.Fatalf("the page: %d %v", status, err)
	}
}

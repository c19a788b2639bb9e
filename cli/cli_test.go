package cli

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// parser is the command line as the program has it.
func parser(t *testing.T, to *Terminal) *kong.Kong {
	t.Helper()
	var p struct{ Commands }
	k, err := kong.New(&p, kong.Name("paylink"), kong.Bind(to), kong.BindTo(t.Context(), (*context.Context)(nil)))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// run runs one command and gives what it wrote.
func run(t *testing.T, args ...string) (out string, err error) {
	t.Helper()
	var b bytes.Buffer
	to := &Terminal{In: os.Stdin, Out: &b, Err: io.Discard, Now: time.Now}
	command, err := parser(t, to).Parse(args)
	if err == nil {
		err = command.Run()
	}
	return b.String(), err
}

// A manual whose examples do not work costs more than none; a command that it leaves out is not found.
func TestManualHasAnExampleOfEveryCommand(t *testing.T) {
	text, err := os.ReadFile("../docs/cli.md")
	if err != nil {
		t.Fatal(err)
	}
	k, shown := parser(t, &Terminal{}), map[string]bool{}
	for row := range strings.Lines(string(text)) {
		example, ok := strings.CutPrefix(row, "paylink ")
		if !ok {
			continue
		}
		args, err := exec.Command("bash", "-c", "printf '%s\\n' "+example).Output()
		if err != nil {
			t.Fatal(err)
		}
		command, err := k.Parse(strings.Split(strings.TrimSpace(string(args)), "\n"))
		if err != nil {
			t.Errorf("%s: %v", row, err)
			continue
		}
		shown[command.Selected().FullPath()] = true
	}
	for _, leaf := range k.Model.Leaves(true) {
		if !shown[leaf.FullPath()] {
			t.Errorf("the manual shows no %s", leaf.FullPath())
		}
	}
}

// What stands on the command line can be read by every process and stays in the shell's history. So no
// flag and no argument takes a secret; the file or the variable that holds it is named instead.
func TestNoCommandLineHoldsASecret(t *testing.T) {
	harmless := []string{"idempotency-key", "key-file", "token"} // a name; a file; whether to show it
	for _, leaf := range parser(t, &Terminal{}).Model.Leaves(false) {
		values := slices.Clone(leaf.Positional)
		for _, f := range leaf.Flags {
			values = append(values, f.Value)
		}
		for _, v := range values {
			if regexp.MustCompile("key|secret|token|password").MatchString(v.Name) && !slices.Contains(harmless, v.Name) {
				t.Errorf("%s takes %s", leaf.FullPath(), v.Name)
			}
		}
	}
}

// Completion that offers what the program refuses, or hides a command, sends people to the manual. Bash
// itself is asked here.
func TestBashCompletesTheCommandLine(t *testing.T) {
	script, err := run(t, "completion", "bash")
	if err != nil {
		t.Fatal(err)
	}
	for written, want := range map[string]string{
		"paylink li":                      "links listen",
		"paylink links c":                 "create cancel",
		"paylink links list --stat":       "--status",
		"paylink links list --status p":   "pending partially_paid paid",
		"paylink links send plink_1 -c w": "whatsapp",
		"paylink trigger payment_link.pa": "payment_link.paid payment_link.partially_paid",
		"paylink completion ":             "bash zsh fish",
		"paylink --profile shop links ex": "extend",
		"paylink links create --from ":    "",
	} {
		words := strings.Split(written, " ")
		ask := script + "\nCOMP_WORDS=('" + strings.Join(words, "' '") + "'); COMP_CWORD=$((${#COMP_WORDS[@]}-1)); _paylink; echo ${COMPREPLY[@]}"
		got, err := exec.Command("bash", "--norc", "-c", ask).CombinedOutput()
		first, _, _ := strings.Cut(strings.TrimSpace(string(got)), " --")
		if err != nil || first != want {
			t.Errorf("%q is completed by %q, want %q (%v)", written, first, want, err)
		}
	}
}

// A secret in the arguments of the browser can be read by every process; the address that stands there
// instead must lead to the page once, and for nobody who comes later.
func TestSecretPageIsOpenedThroughAnAddressOfOneUse(t *testing.T) {
	visits := make(chan string, 10)
	customer := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { visits <- r.URL.Path }))
	defer customer.Close()
	dir := t.TempDir()
	browser, asked := filepath.Join(dir, "browser"), filepath.Join(dir, "asked")
	if err := os.WriteFile(browser, []byte("#!/bin/sh\nprintf %s \"$1\" > "+asked+".part && mv "+asked+".part "+asked+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	second := make(chan error, 1)
	go func() { // whoever read the arguments comes at once as well
		var address []byte
		for len(address) == 0 {
			address, _ = os.ReadFile(asked)
			time.Sleep(time.Millisecond)
		}
		if !strings.HasPrefix(string(address), "http://127.0.0.1:") || strings.Contains(string(address), "abcdef") {
			t.Errorf("the browser was asked for %s", address)
		}
		_, _ = http.Get(string(address))
		_, err := http.Get(string(address))
		second <- err
	}()
	if err := lead(t.Context(), browser, customer.URL+"/0123456789abcdefABCDEF"); err != nil {
		t.Fatal(err)
	}
	<-second
	if path := <-visits; path != "/0123456789abcdefABCDEF" || len(visits) > 0 {
		t.Errorf("the browser came to %s, and %d others", path, len(visits))
	}
}

// A receiver that is tried out with our signatures must accept the real ones, and the other way round: an
// independent library is the judge.
func TestForwardedEventsAreSignedAsWebhooksAre(t *testing.T) {
	s := newSecret()
	judge, err := standardwebhooks.NewWebhook(s.String())
	if err != nil {
		t.Fatal(err)
	}
	body := []byte(`{"type":"payment_link.paid"}`)
	if err := judge.Verify(body, s.header("evt_1", time.Now(), body)); err != nil {
		t.Error(err)
	}
	if again, err := parseSecret(s.String()); err != nil || again.String() != s.String() {
		t.Errorf("%v", err)
	}
	for _, bad := range []string{"", "whsec_", "whsec_!!", "whsec_c2hvcnQ=", s.String()[6:]} {
		if _, err := parseSecret(bad); err == nil || len(bad) > 6 && strings.Contains(err.Error(), bad) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// What others wrote into a link must not move the cursor of whoever lists it, nor hide a row.
func TestForeignTextsCannotMoveTheCursor(t *testing.T) {
	for text, want := range map[string]string{"Asha": "Asha", "a\x1b[2Jb": "a[2Jb", "a\nb\tc": "a b c", "\u202eabc": "abc", "आशा": "आशा", "a\x00\x07\u009bb": "ab"} {
		if got := clean(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}

// A duration that is understood otherwise than it was meant gives a customer another day.
func TestTimesAreWholeSeconds(t *testing.T) {
	for text, want := range map[string]int64{"24h": 86400, "7d": 604800, "90m": 5400, "1s": 1, "1h30m": 5400, "": 0, "7": 0, "0s": 0, "-1h": 0, "1.5s": 0, "1.5d": 0, "d": 0, "tomorrow": 0} {
		if got, err := seconds(text); got != want || (err == nil) != (want > 0) {
			t.Errorf("%q is %d s, %v", text, got, err)
		}
	}
	for text, want := range map[string]int64{"1": 0, "2": 2, "unlimited": 0, "0": -1, "-3": -1, "2x": -1, "two": -1} {
		u, err := uses(text)
		if (err != nil) != (want < 0) || err == nil && u.MaxPayments != want {
			t.Errorf("%q is %+v, %v", text, u, err)
		}
	}
}

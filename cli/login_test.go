package cli

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// terminal opens a pseudo-terminal: what a person types goes into the one, and a program reads the other.
func terminal(t *testing.T) (person, program *os.File) {
	t.Helper()
	person, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { person.Close() })
	var number, unlocked int
	if err = unix.IoctlSetPointerInt(int(person.Fd()), unix.TIOCSPTLCK, unlocked); err == nil {
		number, err = unix.IoctlGetInt(int(person.Fd()), unix.TIOCGPTN)
	}
	if err != nil {
		t.Fatal(err)
	}
	program, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { program.Close() })
	return person, program
}

// A key that is shown while it is typed is read by whoever looks over the shoulder, and stands in the
// terminal's memory afterwards.
func TestLoginAsksWithoutAnEcho(t *testing.T) {
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	t.Setenv("PAYLINK_SERVER", "")
	t.Setenv("PAYLINK_API_KEY", "")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer sk_test_typed" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		fmt.Fprint(w, `{"id":"mer_1","name":"Acme"}`)
	}))
	defer server.Close()
	person, program := terminal(t)
	shown := make(chan string)
	go func() { // the person reads the questions and answers them
		var all bytes.Buffer
		buffer, answers := make([]byte, 4096), []struct{ question, answer string }{{"Server", server.URL}, {"API key", "sk_test_typed"}}
		for {
			n, err := person.Read(buffer)
			all.Write(buffer[:n])
			if len(answers) > 0 && strings.Contains(all.String(), answers[0].question) && strings.HasSuffix(all.String(), ": ") {
				fmt.Fprintln(person, answers[0].answer)
				answers = answers[1:]
			}
			if err != nil || strings.Contains(all.String(), "Kept in") {
				shown <- all.String()
				return
			}
		}
	}()
	k := parser(t, &Terminal{In: program, Out: program, Err: program, Now: time.Now})
	command, err := k.Parse([]string{"login"})
	if err == nil {
		err = command.Run()
	}
	if err != nil {
		t.Fatal(err)
	}
	text := <-shown
	if strings.Contains(text, "sk_test_typed") || !strings.Contains(text, server.URL) || !strings.Contains(text, "Acme") {
		t.Errorf("the terminal shows %q", text)
	}
	after, err := unix.IoctlGetTermios(int(program.Fd()), readTermios)
	if err != nil || after.Lflag&unix.ECHO == 0 {
		t.Errorf("the terminal stays silent, %v", err)
	}
	p, err := readProfile("default")
	if err != nil || p.Key != "sk_test_typed" || p.Server != server.URL {
		t.Errorf("kept a key of %d letters for %s, %v", len(p.Key), p.Server, err)
	}
}

// A profile that others can read has given its key away; a name that is a path would read and write
// anywhere.
func TestProfilesAreForTheirOwnerAlone(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", dir)
	if _, err := writeProfile("shop", Profile{Server: "https://pay.example", Key: "sk_test_1"}); err != nil {
		t.Fatal(err)
	}
	path, err := writeProfile("shop", Profile{Server: "https://pay.example", Key: "sk_test_2"})
	if err != nil {
		t.Fatal(err)
	}
	if p, err := readProfile("shop"); err != nil || p.Key != "sk_test_2" {
		t.Errorf("%+v, %v", p, err)
	}
	if all, err := os.ReadDir(filepath.Dir(path)); err != nil || len(all) != 1 {
		t.Errorf("%v, %v", all, err)
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := readProfile("shop"); err == nil || !strings.Contains(err.Error(), "others can read") {
		t.Errorf("%v", err)
	}
	for _, name := range []string{"", "../shop", "a/b", ".hidden", strings.Repeat("a", 41)} {
		if _, err := writeProfile(name, Profile{}); err == nil {
			t.Errorf("%q was taken", name)
		}
	}
}

// A key belongs to one server. Sent to another because a variable was left over, it is given away.
func TestKeptKeyIsNotSentElsewhere(t *testing.T) {
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	if _, err := writeProfile("default", Profile{Server: "https://pay.example", Key: "sk_test_1"}); err != nil {
		t.Fatal(err)
	}
	for server, want := range map[string]string{"": "sk_test_1", "https://pay.example": "sk_test_1", "https://other.example": ""} {
		t.Setenv("PAYLINK_SERVER", server)
		t.Setenv("PAYLINK_API_KEY", "")
		if p, err := (Server{Profile: "default"}).profile(); p.Key != want || (err == nil) != (want != "") {
			t.Errorf("%q: a key of %d letters, %v", server, len(p.Key), err)
		}
	}
	t.Setenv("PAYLINK_SERVER", "https://other.example")
	t.Setenv("PAYLINK_API_KEY", "sk_test_other")
	if p, err := (Server{Profile: "default"}).profile(); err != nil || p.Server != "https://other.example" || p.Key != "sk_test_other" {
		t.Errorf("%s, %v", p.Server, err)
	}
}

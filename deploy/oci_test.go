package deploy

import (
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
)

// instruction is one of a Dockerfile, with its continued lines joined.
type instruction struct {
	word, rest string
}

func dockerfile(t *testing.T) (all []instruction) {
	t.Helper()
	text := regexp.MustCompile(`\\\n\s*`).ReplaceAllString(read(t, "oci/Dockerfile"), "")
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		word, rest, _ := strings.Cut(line, " ")
		all = append(all, instruction{word, rest})
	}
	return all
}

// No engine builds the image in our tests, so its definition is read instead: what it takes must be
// in the tree, what it sets must be settings, and it must not run as root.
func TestImageDefinitionFitsTheTree(t *testing.T) {
	known, user, entry, stages := read(t, "../docs/config.md"), "", "", 0
	for _, i := range dockerfile(t) {
		switch i.word {
		case "FROM":
			stages++
			if rest := i.rest; rest != "scratch" && rest != "${GO_IMAGE} AS build" {
				t.Errorf("FROM %s: an image that the operator cannot choose", rest)
			}
		case "COPY":
			if strings.HasPrefix(i.rest, "--from=build ") {
				break
			}
			words := strings.Fields(i.rest)
			for _, name := range words[:len(words)-1] {
				if _, err := os.Stat(filepath.Join("..", name)); err != nil {
					t.Errorf("COPY %s: %v", i.rest, err)
				}
			}
		case "RUN":
			if found := regexp.MustCompile(`go build .* (\./\S+)$`).FindStringSubmatch(i.rest); found != nil {
				if _, err := os.Stat(filepath.Join("..", found[1], "main.go")); err != nil || !strings.Contains(i.rest, "CGO_ENABLED=0") {
					t.Errorf("RUN %s: %v", i.rest, err)
				}
			}
		case "ENV":
			for _, pair := range strings.Fields(i.rest) {
				if name, _, _ := strings.Cut(pair, "="); !strings.Contains(known, "`"+name+"`") {
					t.Errorf("ENV %s is no setting", name)
				}
			}
		case "USER":
			user = i.rest
		case "ENTRYPOINT":
			entry = i.rest
		}
	}
	if stages != 2 || user != "65532:65532" || entry != `["/paylink"]` {
		t.Errorf("%d stages, run as %q, entry %s", stages, user, entry)
	}
}

// What the builder is not given cannot be missed by it: every file that go build reads must pass the
// list of what is left out.
func TestIgnoredFilesAreNotNeededToBuild(t *testing.T) {
	ignored := map[string]bool{}
	for line := range strings.Lines(read(t, "../.dockerignore")) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			ignored[line] = true
		}
	}
	root, err := filepath.Abs("..")
	must(t, err)
	for _, dir := range strings.Fields(output(t, "go", "list", "-deps", "-f", `{{if and .Module (or .Module.Main .Module.Replace)}}{{.Dir}}{{end}}`, "paylink/cmd/paylink")) {
		inside, err := filepath.Rel(root, dir)
		must(t, err)
		if first := strings.Split(inside, "/")[0]; ignored[first] || ignored["**/"+filepath.Base(inside)] {
			t.Errorf("%s is needed to build and is left out", inside)
		}
	}
	for _, secret := range []string{"data", ".*"} {
		if !ignored[secret] {
			t.Errorf("%s goes to the builder", secret)
		}
	}
}

// From scratch there is no libc, no time zones, no shell, no /tmp: the program must do without, as
// another account, in a root folder that holds what the image holds.
func TestProgramRunsInAnEmptyRoot(t *testing.T) {
	root := sharedDir(t)
	must(t, os.MkdirAll(filepath.Join(root, "etc/ssl/certs"), 0o755))
	must(t, os.Mkdir(filepath.Join(root, "data"), 0o777))
	must(t, os.Chmod(filepath.Join(root, "data"), 0o777))
	copyFile(t, program, filepath.Join(root, "paylink"), 0o755)
	copyFile(t, "/etc/ssl/certs/ca-certificates.crt", filepath.Join(root, "etc/ssl/certs/ca-certificates.crt"), 0o644)
	must(t, os.Chmod(root, 0o755))

	inside := func(args ...string) *exec.Cmd {
		c := exec.Command("/paylink", args...)
		c.Dir, c.Env, c.Stderr = "/", []string{}, os.Stderr
		c.SysProcAttr = &syscall.SysProcAttr{Chroot: root, Credential: &syscall.Credential{Uid: 65532, Gid: 65532}}
		if os.Getuid() != 0 { // an account may do the same in a world of its own
			c.SysProcAttr.Credential = nil
			c.SysProcAttr.Cloneflags = syscall.CLONE_NEWUSER
			c.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 65532, HostID: os.Getuid(), Size: 1}}
			c.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 65532, HostID: os.Getgid(), Size: 1}}
		}
		return c
	}
	demo := inside("demo", "--listen", "127.0.0.1:0", "--data", "/data/demo")
	must(t, demo.Start())
	defer func() { _ = demo.Process.Kill() }()
	useDemo(t, filepath.Join(root, "data/demo/demo.json"))
	must(t, demo.Process.Signal(syscall.SIGTERM))
	if err := demo.Wait(); err != nil {
		t.Errorf("the demo ended: %v", err)
	}
	for _, args := range [][]string{
		{"version"},
		{"admin", "create", "--merchant", "Far Away", "--email", "a@b.example", "--time-zone", "Pacific/Chatham"},
	} {
		out, err := inside(args...).Output()
		if err != nil || args[0] == "version" && strings.TrimSpace(string(out)) != "paylink test" {
			t.Errorf("%v: %q %v", args, out, err)
		}
	}
}

// The image's health check is the program itself; it must fail when the server is not there.
func TestHealthcheckTellsReadyFromNotReady(t *testing.T) {
	var status atomic.Int32
	admin := listenLocal(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/readyz" {
			w.WriteHeader(int(status.Load()))
		}
	}))
	for _, c := range []struct {
		status int32
		code   int
	}{{http.StatusOK, 0}, {http.StatusServiceUnavailable, 1}} {
		status.Store(c.status)
		check := exec.Command(program, "healthcheck")
		check.Env = []string{"PAYLINK_ADMIN_LISTEN=" + admin}
		_ = check.Run() // the exit code is what counts
		if got := check.ProcessState.ExitCode(); got != c.code {
			t.Errorf("readiness %d: exit code %d, want %d", c.status, got, c.code)
		}
	}
}

func copyFile(t *testing.T, from, to string, mode os.FileMode) {
	t.Helper()
	in, err := os.Open(from)
	must(t, err)
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
	must(t, err)
	_, err = io.Copy(out, in)
	must(t, err)
	must(t, out.Close())
}

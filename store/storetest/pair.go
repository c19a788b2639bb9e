package storetest

import (
	"bufio"
	_ "embed"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Pair is two PostgreSQL servers of a test's own: a primary, and a standby that every commit waits for
// (synchronous_standby_names). They go when the test ends, however it ends.
type Pair struct {
	t      testing.TB
	folder string
	hosts  [2]string
	say    io.Writer
	hear   *bufio.Scanner
}

// pairScript starts the two and serves the words that Pair sends it.
//
//go:embed pair.sh
var pairScript string

// StartPair starts the two servers, which takes a few seconds.
func StartPair(t testing.TB) *Pair {
	t.Helper()
	p, err := startPair(t)
	if err != nil {
		t.Fatalf("start a primary and a standby: %v", err)
	}
	return p
}

func startPair(t testing.TB) (*Pair, error) {
	bin, err := binaries()
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("/tmp", "paylink-pair-")
	if err != nil {
		return nil, err
	}
	p := &Pair{t: t, folder: folder}
	args := []string{"-c", pairScript, "paylink-pair", bin, folder}
	for i := range p.hosts {
		if p.hosts[i], err = freePort(); err != nil {
			return nil, err
		}
		args = append(args, strings.TrimPrefix(p.hosts[i], "127.0.0.1:"))
	}
	cmd := exec.Command("/bin/sh", args...)
	cmd.Dir = folder
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := notRoot(cmd, folder); err != nil {
		return nil, err
	}
	input, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	output, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	t.Cleanup(func() {
		_ = input.Close() // the end of the input ends both
		_ = cmd.Wait()
	})
	p.say, p.hear = input, bufio.NewScanner(output)
	return p, p.await("ready")
}

func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

// await reads the script's next word.
func (p *Pair) await(word string) error {
	if !p.hear.Scan() || p.hear.Text() != word {
		text, _ := os.ReadFile(p.folder + "/log")
		return fmt.Errorf("it said %q; its log: %s", p.hear.Text(), text[max(0, len(text)-3000):])
	}
	return nil
}

func (p *Pair) do(word string) {
	p.t.Helper()
	if _, err := fmt.Fprintln(p.say, word); err != nil {
		p.t.Fatal(err)
	}
	if err := p.await("done"); err != nil {
		p.t.Fatalf("%s: %v", word, err)
	}
}

// URL gives the address by which a client finds whichever of the two takes writes, with a new database.
func (p *Pair) URL() string {
	p.t.Helper()
	const name = "paylink"
	server := "postgres://postgres@" + p.hosts[0] + "/postgres?sslmode=disable"
	if made, err := exists(server, name); err != nil || !made {
		if err = admin(server, "CREATE DATABASE "+name); err != nil {
			p.t.Fatal(err)
		}
	}
	return "postgres://postgres@" + p.hosts[0] + "," + p.hosts[1] + "/" + name + "?sslmode=disable&target_session_attrs=read-write"
}

// KillPrimary ends every process of the primary as a power cut would.
func (p *Pair) KillPrimary() { p.t.Helper(); p.do("kill") }

// Promote makes the standby the primary, and tells how long that took.
func (p *Pair) Promote() time.Duration {
	p.t.Helper()
	begun := time.Now()
	p.do("promote")
	return time.Since(begun)
}

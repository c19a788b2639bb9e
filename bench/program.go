package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// program is a paylink of its own: the binary, a folder, a database.
type program struct {
	binary, dir string
	database    string // as PAYLINK_DATABASE_URL wants it
	listen      string
	admin       string // URL of the health and metrics of a demo
	key         string // of the API, test mode
	merchant    string
	settings    []string // further ones, as NAME=value
	cmd         *exec.Cmd
}

// twin is another node on the same database with the same keys, at an address of its own.
func (p *program) twin(settings ...string) (*program, error) {
	t := *p
	t.cmd, t.settings = nil, settings
	var err error
	t.listen, err = freeAddress()
	return &t, err
}

// build compiles the program as a release does.
func build(ctx context.Context, dir string) (binary string, err error) {
	binary = filepath.Join(dir, "paylink")
	said, err := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", binary, "./cmd/paylink").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build paylink: %w: %.2000s", err, said)
	}
	return binary, nil
}

// newProgram makes the database with one merchant in it. The server is not started yet.
func newProgram(ctx context.Context, binary, dir, database string) (*program, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	p := &program{binary: binary, dir: dir, database: database}
	var err error
	if p.listen, err = freeAddress(); err != nil {
		return nil, err
	}
	create := p.command(ctx, "admin", "create", "--merchant", "Bench", "--email", "owner@bench.example")
	var complaint strings.Builder
	create.Stderr = &complaint
	said, err := create.Output()
	if err != nil {
		return nil, fmt.Errorf("paylink admin create: %w: %.500s", err, complaint.String())
	}
	var made struct {
		Merchant string `json:"merchant_id"`
		TestKey  string `json:"test_key"`
	}
	if err := json.Unmarshal(said, &made); err != nil {
		return nil, fmt.Errorf("paylink admin create: %w", err)
	}
	p.merchant, p.key = made.Merchant, made.TestKey
	return p, nil
}

func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// command runs the program with the settings of this server. No caller is held back, because there
// is one key for all of the load; everything else is as it comes, the log of requests included.
func (p *program) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, p.binary, args...)
	cmd.Dir = p.dir
	cmd.Env = append(os.Environ(), "PAYLINK_DATABASE_URL="+p.database, "PAYLINK_LISTEN="+p.listen, "PAYLINK_ADMIN_LISTEN=127.0.0.1:0",
		"PAYLINK_KEY_FILE="+filepath.Join(p.dir, "keys"), "PAYLINK_RATE_LIMIT=0", "PAYLINK_DRAIN=0s")
	cmd.Env = append(cmd.Env, p.settings...)
	return cmd
}

// serve starts the server and waits until it answers. It ends with stop.
func (p *program) serve(ctx context.Context) error {
	log, err := os.OpenFile(filepath.Join(p.dir, "log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }() // the child has its own handle
	p.cmd = p.command(context.WithoutCancel(ctx), "serve")
	p.cmd.Stderr = log
	if err := p.cmd.Start(); err != nil {
		return err
	}
	for range 800 {
		// While it starts it answers everything with 503.
		if answer, err := http.Get("http://" + p.listen + "/robots.txt"); err == nil {
			if err := answer.Body.Close(); err != nil || answer.StatusCode == http.StatusOK {
				return err
			}
		}
		time.Sleep(25 * time.Millisecond)
	}
	return errors.Join(fmt.Errorf("paylink serve in %s does not answer", p.dir), p.stop())
}

// demo starts `paylink demo` on the program's folder and gives the time until it says that it is
// ready. Its addresses and key are in demo.json then. It ends with stop.
func (p *program) demo(ctx context.Context) (time.Duration, error) {
	p.cmd = exec.CommandContext(context.WithoutCancel(ctx), p.binary, "demo", "--listen", p.listen, "--data", p.dir)
	p.cmd.Env = append(os.Environ(), "PAYLINK_RATE_LIMIT=0", "PAYLINK_DATABASE_URL="+p.database)
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return 0, err
	}
	start := time.Now()
	if err := p.cmd.Start(); err != nil {
		return 0, err
	}
	words := bufio.NewReader(out)
	line, err := words.ReadString('\n')
	ready := time.Since(start)
	if err != nil || !strings.Contains(line, "ready") {
		return 0, errors.Join(fmt.Errorf("paylink demo says %q", line), err, p.stop())
	}
	go func() { _, _ = words.WriteTo(nowhere{}) }() // until the program closes its end
	text, err := os.ReadFile(filepath.Join(p.dir, "demo.json"))
	if err != nil {
		return 0, errors.Join(err, p.stop())
	}
	var told struct {
		Key      string `json:"api_key"`
		Merchant string `json:"merchant_id"`
		Admin    string `json:"admin_url"`
	}
	err = json.Unmarshal(text, &told)
	p.key, p.merchant, p.admin = told.Key, told.Merchant, told.Admin
	return ready, err
}

type nowhere struct{}

func (nowhere) Write(b []byte) (int, error) { return len(b), nil }

// stop ends the server in its orderly way.
func (p *program) stop() error {
	p.pause(false)
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	late := time.AfterFunc(20*time.Second, func() { _ = p.cmd.Process.Kill() })
	defer late.Stop()
	return p.cmd.Wait()
}

// kill ends the server as a power cut would, and takes its process away.
func (p *program) kill() error {
	if err := p.cmd.Process.Kill(); err != nil {
		return err
	}
	var died *exec.ExitError
	if err := p.cmd.Wait(); !errors.As(err, &died) {
		return fmt.Errorf("the killed paylink ended by itself: %w", err)
	}
	return nil
}

// pause stops the server in its tracks, or lets it go on, so that it does nothing beside a baseline.
func (p *program) pause(still bool) {
	signal := syscall.SIGCONT
	if still {
		signal = syscall.SIGSTOP
	}
	_ = p.cmd.Process.Signal(signal) // a server that is gone shows at its next answer
}

// cpu is the processor time that the server has used so far. It does not depend on what else the
// machine was doing, as rates do. The kernel counts in hundredths of a second.
func (p *program) cpu() time.Duration {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	_, rest, ok := strings.Cut(string(text), ") ") // behind the name, which may hold anything
	fields := strings.Fields(rest)
	if err != nil || !ok || len(fields) < 13 {
		return 0
	}
	const inUser, inSystem = 11, 12 // proc(5) counts from pid, 1
	var user, system int64
	if _, err := fmt.Sscan(fields[inUser]+" "+fields[inSystem], &user, &system); err != nil {
		return 0
	}
	return time.Duration(user+system) * time.Second / 100
}

// resident is the memory that the server has in the machine, in bytes.
func (p *program) resident() (bytes int64, err error) {
	if _, err := fmt.Sscan(firstField(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid), "VmRSS"), &bytes); err != nil {
		return 0, fmt.Errorf("read the memory of paylink: %w", err)
	}
	return bytes << 10, nil
}

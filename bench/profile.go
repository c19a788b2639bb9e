package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// edit is a change of a file of the program that is to be measured in two ways, or that a measurement needs. The tree
// itself is never touched: the compiler is told to read another text in the file's place.
type edit struct {
	file     string // need not exist, where nothing stands in before
	was, now string // was must stand in the file exactly once
}

// onLoopback lets merchants' webhooks be on this machine, as they may be in a demo.
var onLoopback = edit{"cmd/paylink/node/rooms.go",
	`AllowLoopback: n.settings.Demo, Now: now, Log: log, UnguardedTransport: n.world.Transport, Watch: see.calls("endpoint")`,
	`AllowLoopback: true, Now: now, Log: log, UnguardedTransport: n.world.Transport, Watch: see.calls("endpoint")`}

// buildEdited compiles the program with edits. Where profiles are wanted it can make them.
func (b *bench) buildEdited(ctx context.Context, name string, edits ...edit) (binary string, err error) {
	if b.profiles != "" {
		edits = append(edits, edit{"cmd/paylink/bench_profile.go", "", profiler})
	}
	replaced := map[string]string{}
	for i, e := range edits {
		text := e.now
		if e.was != "" {
			old, err := os.ReadFile(e.file)
			if err != nil {
				return "", err
			}
			if strings.Count(string(old), e.was) != 1 {
				return "", fmt.Errorf("%s has changed: what is to be measured without it is not there once: %s", e.file, e.was)
			}
			text = strings.Replace(string(old), e.was, e.now, 1)
		}
		instead := filepath.Join(b.dir, fmt.Sprintf("%s-%d.go", name, i))
		if err := os.WriteFile(instead, []byte(text), 0o600); err != nil {
			return "", err
		}
		replaced[e.file] = instead
	}
	list, err := json.Marshal(map[string]any{"Replace": replaced})
	overlay := filepath.Join(b.dir, name+".json")
	if err = errors.Join(err, os.WriteFile(overlay, list, 0o600)); err != nil {
		return "", err
	}
	binary = filepath.Join(b.dir, name)
	said, err := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-overlay", overlay, "-o", binary, "./cmd/paylink").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build %s: %w: %.2000s", name, err, said)
	}
	return binary, nil
}

// profiler is what a program that is to be profiled has besides: SIGUSR1 begins a profile of its processor time in
// the file that its environment names, and SIGUSR2 ends it.
const profiler = `package main

import (
	"os"
	"os/signal"
	"runtime/pprof"
	"syscall"
)

func init() {
	told := make(chan os.Signal, 1)
	signal.Notify(told, syscall.SIGUSR1, syscall.SIGUSR2)
	go func() {
		for sign := range told {
			if sign == syscall.SIGUSR2 {
				pprof.StopCPUProfile()
				continue
			}
			file, err := os.Create(os.Getenv("BENCH_PROFILE"))
			if err == nil {
				err = pprof.StartCPUProfile(file)
			}
			if err != nil {
				panic(err)
			}
		}
	}()
}
`

// profiled begins a profile of a program, where profiles are wanted, and gives what ends it.
func (b *bench) profiled(p *program, name string) (end func() error) {
	if b.profiles == "" {
		return func() error { return nil }
	}
	_ = p.cmd.Process.Signal(syscall.SIGUSR1) // a program that is gone shows at its next answer
	return func() error {
		_ = p.cmd.Process.Signal(syscall.SIGUSR2)
		time.Sleep(500 * time.Millisecond) // it writes the profile
		text, err := os.ReadFile(filepath.Join(p.dir, "profile"))
		if err != nil {
			return err
		}
		to := filepath.Join(b.profiles, strings.ToLower(name)+".pprof")
		b.say("profile: %s", to)
		return os.WriteFile(to, text, 0o600)
	}
}

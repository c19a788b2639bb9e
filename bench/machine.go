package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"paylink/bench/baseline"
)

// describe says on what and with what was measured.
func (b *bench) describe(ctx context.Context) ([]fact, error) {
	sqlite, err := baseline.Version(ctx)
	if err != nil {
		return nil, err
	}
	postgres, err := b.postgres.sql(ctx, "SHOW server_version")
	if err != nil {
		return nil, err
	}
	durable, err := b.postgres.sql(ctx, "SELECT 'fsync ' || current_setting('fsync') || ', synchronous_commit ' || current_setting('synchronous_commit')")
	if err != nil {
		return nil, err
	}
	return []fact{
		{what: "date", measured: time.Now().UTC().Format("2006-01-02 15:04 UTC")},
		{what: "commit", measured: commit(ctx)},
		{what: "machine", measured: fmt.Sprintf("%s, %d cores, %s", firstField("/proc/cpuinfo", "model name"), runtime.NumCPU(), memory())},
		{what: "disk", measured: disk(ctx, b.dir)},
		{what: "load on the machine before", measured: loadBefore()},
		{what: "Go", measured: runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH},
		{what: "SQLite", measured: sqlite + " (modernc.org/sqlite " + module("modernc.org/sqlite") + "), WAL, synchronous FULL"},
		{what: "PostgreSQL", measured: postgres + ", " + durable + ", as it comes otherwise; pgx " + module("github.com/jackc/pgx/v5")},
	}, nil
}

// commit names what was measured, and tells when the tree held more than that.
func commit(ctx context.Context) string {
	hash, err := exec.CommandContext(ctx, "git", "rev-parse", "--short=12", "HEAD").Output()
	if err != nil {
		return "unknown"
	}
	name := strings.TrimSpace(string(hash))
	changed, err := exec.CommandContext(ctx, "git", "status", "--porcelain", "--", "*.go", "*.sql", "go.mod").Output()
	if err != nil || len(changed) > 0 {
		name += " with changes that are not committed"
	}
	return name
}

// firstField finds a line "name: value" in one of the kernel's files.
func firstField(path, name string) string {
	file, err := os.Open(path)
	if err != nil {
		return "unknown"
	}
	defer func() { _ = file.Close() }() // it was only read
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if key, value, ok := strings.Cut(lines.Text(), ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return "unknown"
}

func memory() string {
	var kilobytes int64
	if _, err := fmt.Sscan(firstField("/proc/meminfo", "MemTotal"), &kilobytes); err != nil {
		return "memory unknown"
	}
	return fmt.Sprintf("%.0f GB", float64(kilobytes)/(1<<20))
}

// disk names the file system under the databases: on one in memory, a commit proves nothing.
func disk(ctx context.Context, dir string) string {
	out, err := exec.CommandContext(ctx, "df", "--output=fstype", dir).Output()
	lines := strings.Fields(string(out))
	if err != nil || len(lines) < 2 {
		return "unknown"
	}
	name := lines[1]
	if name == "tmpfs" {
		name += " (in memory: nothing here is durable)"
	}
	return name
}

func loadBefore() string {
	text, err := os.ReadFile("/proc/loadavg")
	fields := strings.Fields(string(text))
	if err != nil || len(fields) == 0 {
		return "unknown"
	}
	return fields[0] + " (average of one minute)"
}

// module gives the version that this very program was built with; paylink's is the same go.mod's.
func module(path string) string {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Version}}", path).Output()
	if err == nil {
		return strings.TrimSpace(string(out))
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			if m.Path == path {
				return m.Version
			}
		}
	}
	return "unknown"
}

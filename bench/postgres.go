package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// postgres is a server of our own, with the settings that it comes with: what it says is written, is.
type postgres struct {
	bin, dir string
	cmd      *exec.Cmd
	as       *syscall.SysProcAttr
}

// startPostgres makes a server in an empty folder and waits until it answers on the folder's socket.
// It ends with stop.
func startPostgres(ctx context.Context, dir string) (*postgres, error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/pgbench") // the pattern is right
	if len(found) == 0 {
		return nil, errors.New("install PostgreSQL's server and pgbench (Debian: postgresql)")
	}
	p := &postgres{bin: filepath.Dir(found[len(found)-1]), dir: dir}
	if err := p.lend(); err != nil {
		return nil, err
	}
	if _, err := p.tool(ctx, "initdb", "-D", dir+"/data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"); err != nil {
		return nil, err
	}
	p.cmd = exec.Command(p.bin+"/postgres", "-D", dir+"/data", "-k", dir, "-c", "listen_addresses=", "-c", "max_connections=200",
		"-c", "logging_collector=on", "-c", "log_destination=jsonlog", "-c", "log_directory=log", "-c", "log_filename=server")
	p.cmd.Dir, p.cmd.SysProcAttr = dir, p.as
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	for range 200 {
		if _, err := p.tool(ctx, "pg_isready", "-q", "-h", dir); err == nil {
			return p, nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	p.stop()
	return nil, errors.New("PostgreSQL does not answer")
}

// lend gives the folder to the account that PostgreSQL runs as: it refuses to be root.
func (p *postgres) lend() error {
	if err := os.MkdirAll(p.dir, 0o755); err != nil || os.Getuid() != 0 {
		return err
	}
	account, err := user.Lookup("postgres")
	if err != nil {
		return err
	}
	uid, uidErr := strconv.ParseUint(account.Uid, 10, 32)
	gid, gidErr := strconv.ParseUint(account.Gid, 10, 32)
	if err := errors.Join(uidErr, gidErr); err != nil {
		return err
	}
	p.as = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
	return os.Chown(p.dir, int(uid), int(gid))
}

func (p *postgres) stop() {
	_ = p.cmd.Process.Signal(syscall.SIGINT) // one that has ended already is what we want
	_ = p.cmd.Wait()
}

// tool runs one of PostgreSQL's programs and gives what it says.
func (p *postgres) tool(ctx context.Context, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, filepath.Join(p.bin, name), args...)
	cmd.Dir, cmd.SysProcAttr = p.dir, p.as
	said, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s: %w: %.500s", name, err, said)
	}
	return string(said), nil
}

// sql runs a statement in the server's own database.
func (p *postgres) sql(ctx context.Context, statement string) (string, error) {
	said, err := p.tool(ctx, "psql", "-X", "-A", "-t", "-h", p.dir, "-U", "postgres", "-c", statement)
	return strings.TrimSpace(said), err
}

// url names one of the server's databases, with a setting for its sessions if there is one.
func (p *postgres) url(database string, settings url.Values) string {
	values := url.Values{"host": {p.dir}, "user": {"postgres"}}
	for name, value := range settings {
		values[name] = value
	}
	return "postgres:///" + database + "?" + values.Encode()
}

var tps = regexp.MustCompile(`tps = ([0-9.]+) \(without initial connection time\)`)

// pgbench runs a script and gives the transactions per second.
func (p *postgres) pgbench(ctx context.Context, database, script string, clients int, window time.Duration, base int64) (float64, error) {
	file := filepath.Join(p.dir, "script.sql")
	if err := os.WriteFile(file, []byte(script), 0o644); err != nil {
		return 0, err
	}
	said, err := p.tool(ctx, "pgbench", "--no-vacuum", "--protocol=prepared", "--client="+strconv.Itoa(clients), "--jobs=2",
		"--time="+strconv.Itoa(max(1, int(window.Seconds()))), "--define=base="+strconv.FormatInt(base, 10),
		"--file="+file, "--host="+p.dir, "--username=postgres", database)
	if err != nil {
		return 0, err
	}
	found := tps.FindStringSubmatch(said)
	if found == nil || !strings.Contains(said, "number of failed transactions: 0 ") {
		return 0, fmt.Errorf("pgbench: %s", said)
	}
	return strconv.ParseFloat(found[1], 64)
}

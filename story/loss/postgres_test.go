package loss

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// postgres is a PostgreSQL server of the drill's own, which is killed and started again. Its settings
// are those that it comes with: what it says is written, is on the disk.
type postgres struct {
	t        *testing.T
	bin, dir string
	as       *syscall.SysProcAttr
	proc     *process
	log      *tail
}

func startPostgres(t *testing.T) *postgres {
	t.Helper()
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres") // the pattern is right
	if len(found) == 0 {
		t.Fatal("this drill needs PostgreSQL's server (Debian: apt-get install postgresql)")
	}
	// Under /tmp, because the path of a socket is short.
	dir, err := os.MkdirTemp("/tmp", "paylink-loss-")
	if err != nil {
		t.Fatal(err)
	}
	p := &postgres{t: t, bin: filepath.Dir(found[len(found)-1]), dir: dir, as: asPostgres(t, dir), log: &tail{}}
	t.Cleanup(func() {
		if p.proc != nil {
			p.kill()
		}
		os.RemoveAll(dir)
	})
	p.tool("initdb", "-D", dir+"/data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
	p.start()
	return p
}

// asPostgres lends the folder to the account that PostgreSQL runs as: it refuses to be root.
func asPostgres(t *testing.T, dir string) *syscall.SysProcAttr {
	t.Helper()
	own := &syscall.SysProcAttr{Setpgid: true}
	if os.Getuid() != 0 {
		return own
	}
	account, err := user.Lookup("postgres")
	if err != nil {
		t.Fatal(err)
	}
	uid, err := strconv.Atoi(account.Uid)
	if err != nil {
		t.Fatal(err)
	}
	gid, err := strconv.Atoi(account.Gid)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(dir, uid, gid); err != nil {
		t.Fatal(err)
	}
	own.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return own
}

func (p *postgres) url() string { return "postgres:///postgres?user=postgres&host=" + p.dir }

// start starts it, after a crash too, and waits until it takes connections.
func (p *postgres) start() {
	p.t.Helper()
	cmd := exec.Command(p.bin+"/postgres", "-D", p.dir+"/data", "-k", p.dir, "-c", "listen_addresses=", "-c", "max_connections=100")
	cmd.Dir, cmd.SysProcAttr = p.dir, p.as
	p.proc = run(p.t, cmd, p.log)
	await(p.t, "PostgreSQL", func() bool {
		if p.proc.ended() {
			p.t.Fatalf("PostgreSQL ended:\n%s", p.log)
		}
		ask := exec.Command(p.bin+"/pg_isready", "-q", "-h", p.dir)
		return ask.Run() == nil
	})
}

// kill ends the server and all of its processes at once, by the group that they are.
func (p *postgres) kill() {
	syscall.Kill(-p.proc.cmd.Process.Pid, syscall.SIGKILL)
	<-p.proc.done
	// Its children take a moment to go, and the next server refuses to start beside them.
	await(p.t, "the end of PostgreSQL's processes", func() bool { return syscall.Kill(-p.proc.cmd.Process.Pid, 0) == syscall.ESRCH })
	os.Remove(p.dir + "/data/postmaster.pid")
}

func (p *postgres) tool(name string, args ...string) {
	p.t.Helper()
	cmd := exec.Command(filepath.Join(p.bin, name), args...)
	cmd.Dir, cmd.SysProcAttr = p.dir, p.as
	if said, err := cmd.CombinedOutput(); err != nil {
		p.t.Fatal(fmt.Errorf("%s: %w: %s", name, err, strings.TrimSpace(string(said))))
	}
}

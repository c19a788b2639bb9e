package storetest

import (
	"bufio"
	_ "embed"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
)

// server gives the URL of a PostgreSQL server on which databases can be made. script/test starts one
// for all packages and names it in PAYLINK_TEST_POSTGRES; without that, each test process has its own.
var server = sync.OnceValues(func() (string, error) {
	if shared := os.Getenv("PAYLINK_TEST_POSTGRES"); shared != "" {
		return shared, nil
	}
	return startServer()
})

// watch starts a server in an empty folder, says so, and takes both away when its input ends. The
// input is a pipe from the test process, which therefore cannot leave a server behind, however it ends.
//
//go:embed server.sh
var watch string

// lifelines is the write end of that pipe. It stays open for as long as the process lives.
var lifelines []*os.File

func startServer() (string, error) {
	bin, err := binaries()
	if err != nil {
		return "", err
	}
	// Under /tmp, because the path of a socket is limited to about a hundred characters.
	folder, err := os.MkdirTemp("/tmp", "paylink-postgres-")
	if err != nil {
		return "", err
	}
	cmd := exec.Command("/bin/sh", "-c", watch, "paylink-postgres", bin, folder)
	cmd.Dir = folder
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // an interrupt at the keyboard is not for it
	if err := notRoot(cmd, folder); err != nil {
		return "", err
	}
	input, output, err := os.Pipe()
	if err != nil {
		return "", err
	}
	lifelines = append(lifelines, output)
	cmd.Stdin = input
	answer, err := cmd.StdoutPipe()
	if err != nil {
		return "", err
	}
	if err := cmd.Start(); err != nil {
		return "", err
	}
	said, _ := bufio.NewReader(answer).ReadString('\n')
	if strings.TrimSpace(said) != "ready" {
		return "", fmt.Errorf("the server in %s did not start: %s", folder, said)
	}
	address := url.Values{"host": {folder}, "user": {"postgres"}}
	return "postgres:///postgres?" + address.Encode(), nil
}

// binaries finds the newest server: Debian keeps them off the PATH.
func binaries() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err == nil && len(found) > 0 {
		return filepath.Dir(found[len(found)-1]), nil
	}
	initdb, err := exec.LookPath("initdb")
	if err != nil {
		return "", fmt.Errorf("install PostgreSQL or set PAYLINK_TEST_POSTGRES: %w", err)
	}
	if initdb, err = filepath.EvalSymlinks(initdb); err != nil {
		return "", err
	}
	return filepath.Dir(initdb), nil
}

// notRoot makes root's server run as somebody else, because PostgreSQL refuses root.
func notRoot(cmd *exec.Cmd, folder string) error {
	if os.Getuid() != 0 {
		return nil
	}
	somebody, err := user.Lookup("postgres")
	if err != nil {
		somebody, err = user.Lookup("nobody")
	}
	if err != nil {
		return err
	}
	uid, err := strconv.ParseUint(somebody.Uid, 10, 32)
	if err != nil {
		return err
	}
	gid, err := strconv.ParseUint(somebody.Gid, 10, 32)
	if err != nil {
		return err
	}
	cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return os.Chown(folder, int(uid), int(gid))
}

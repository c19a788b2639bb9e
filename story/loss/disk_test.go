package loss

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"paylink/story/loss/powercut"
)

// disk is a disk whose power can be cut, served by a process of its own.
type disk struct {
	t       *testing.T
	folder  string
	words   io.WriteCloser
	answers *bufio.Reader
	proc    *exec.Cmd
}

// newDisk mounts an empty one. It is gone when the test is, however that ends: the process sees its
// input end, and what it could not unmount is unmounted here.
func newDisk(t *testing.T) *disk {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	folder, err := os.MkdirTemp("", "paylink-disk")
	if err != nil {
		t.Fatal(err)
	}
	d := &disk{t: t, folder: folder, proc: exec.Command(self)}
	d.proc.Env = append(os.Environ(), asDisk+"="+d.folder)
	d.proc.Stderr = os.Stderr
	if d.words, err = d.proc.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	answers, err := d.proc.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	d.answers = bufio.NewReader(answers)
	if err := d.proc.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		d.words.Close()
		d.proc.Wait()
		syscall.Unmount(folder, syscall.MNT_DETACH) // when the process died before it could
		os.Remove(folder)
	})
	d.answered("mount")
	return d
}

func (d *disk) answered(to string) {
	d.t.Helper()
	answer, err := d.answers.ReadString('\n')
	if answer = strings.TrimSpace(answer); err != nil || answer != "ok" {
		d.t.Fatalf("the disk answers %q to %q, %v", answer, to, err)
	}
}

func (d *disk) say(format string, args ...any) {
	d.t.Helper()
	words := fmt.Sprintf(format, args...)
	if _, err := fmt.Fprintln(d.words, words); err != nil {
		d.t.Fatal(err)
	}
	d.answered(words)
}

// cut is a power cut: the disk stops, the program dies, and what is left is decided by the dice.
func (d *disk) cut(p *process, mercy powercut.Mercy, dice uint64) {
	d.t.Helper()
	d.say("freeze")
	p.kill()
	d.say("cut %s %d", mercy, dice)
}

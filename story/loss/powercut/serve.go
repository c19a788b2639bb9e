package powercut

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
)

// Serve mounts a disk under a folder and does what the lines of words tell it; it answers each with
// "ok" or with what went wrong:
//
//	freeze                 the moment of the cut
//	cut MERCY SEED         what is left is decided, and mounted again
//	fail yes|no            every fsync fails, or succeeds again
//
// It ends, and takes the mount away, when words do. It is a process of its own in the drills: a process
// that serves a file system and also maps a file of it into its memory can stop itself for ever.
func Serve(folder string, words io.Reader, answers io.Writer) (err error) {
	s := &served{disk: New(), folder: folder}
	if s.unmount, err = s.disk.Mount(folder); err != nil {
		fmt.Fprintln(answers, err)
		return err
	}
	defer func() { err = errors.Join(err, s.unmount()) }()
	fmt.Fprintln(answers, "ok")
	lines := bufio.NewScanner(words)
	for lines.Scan() {
		if err := s.do(lines.Text()); err != nil {
			fmt.Fprintln(answers, err)
			continue
		}
		fmt.Fprintln(answers, "ok")
	}
	return lines.Err()
}

type served struct {
	disk    *Disk
	folder  string
	unmount func() error
}

func (s *served) do(line string) error {
	var mercy Mercy
	var seed uint64
	word, rest, _ := strings.Cut(line, " ")
	switch word {
	case "freeze":
		s.disk.Freeze()
		return nil
	case "fail":
		s.disk.FailSyncs(rest == "yes")
		return nil
	case "cut":
		if _, err := fmt.Sscan(rest, &mercy, &seed); err != nil {
			return fmt.Errorf("read %q: %w", line, err)
		}
		s.disk.Freeze()
		if err := s.unmount(); err != nil {
			return err
		}
		s.disk.Cut(mercy, rand.New(rand.NewPCG(seed, 0)))
		var err error
		s.unmount, err = s.disk.Mount(s.folder)
		return err
	}
	return fmt.Errorf("there is no word %q", word)
}

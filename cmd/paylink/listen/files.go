package listen

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"sync/atomic"
	"time"
)

// files is the operator's own certificate and key. A renewal by another program is noticed by the
// files' times, so no restart is needed.
type files struct {
	cert, key string
	log       *slog.Logger
	current   atomic.Pointer[tls.Certificate]
	seen      [2]stamp // of what was read last, good or bad; watch alone touches it after the start
}

type stamp struct {
	changed time.Time
	bytes   int64
}

func readFiles(cert, key string, log *slog.Logger) (*files, error) {
	f := &files{cert: cert, key: key, log: log}
	seen, err := f.stamps()
	if err != nil {
		return nil, err
	}
	return f, f.read(seen)
}

// certificate is for tls.Config.
func (f *files) certificate(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	return f.current.Load(), nil
}

// look reads the files when they have changed. What cannot be used is logged, and the old pair stays:
// a half-written file must not end the service.
func (f *files) look() {
	seen, err := f.stamps()
	if err == nil && seen == f.seen {
		return
	}
	if err == nil {
		err = f.read(seen)
	}
	if err != nil {
		f.log.Error("tls.unreadable", "error", err)
		return
	}
	f.log.Info("tls.reloaded", "not_after", f.current.Load().Leaf.NotAfter)
}

func (f *files) stamps() (seen [2]stamp, err error) {
	for i, name := range []string{f.cert, f.key} {
		about, err := os.Stat(name)
		if err != nil {
			return seen, fmt.Errorf("look at the certificate's file: %w", err)
		}
		seen[i] = stamp{about.ModTime(), about.Size()}
	}
	return seen, nil
}

// read takes the pair over. The two are written one after the other, so a pair that does not match is
// read again only when a file changes once more.
func (f *files) read(seen [2]stamp) error {
	f.seen = seen
	pair, err := tls.LoadX509KeyPair(f.cert, f.key)
	if err != nil {
		return fmt.Errorf("read %s and %s: %w", f.cert, f.key, err)
	}
	f.current.Store(&pair)
	return nil
}

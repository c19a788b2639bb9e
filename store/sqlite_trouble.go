package store

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// What SQLite says when the disk, the file or the machine is in trouble, and not the statement. Later
// the same statement may go through.
var troubles = map[int]bool{
	sqlite3.SQLITE_IOERR: true, sqlite3.SQLITE_FULL: true, sqlite3.SQLITE_CANTOPEN: true, sqlite3.SQLITE_CORRUPT: true,
	sqlite3.SQLITE_NOTADB: true, sqlite3.SQLITE_READONLY: true, sqlite3.SQLITE_NOMEM: true, sqlite3.SQLITE_BUSY: true,
	sqlite3.SQLITE_PROTOCOL: true,
}

// troubleSQLite adds ErrUnavailable to an error that is the disk's doing, for the doors to answer by.
func troubleSQLite(err error) error {
	var e *sqlite.Error
	if errors.As(err, &e) && troubles[e.Code()&0xff] {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return err
}

// firmLog makes the log on the disk the same as the one that the operating system shows, before SQLite
// reads it.
//
// After an fsync that failed, Linux takes the pages for written and goes on showing them. While the
// process lives that does no harm, because SQLite has not counted their frames and writes over them.
// But when it ends first, the next start would find the frames whole, count them and put its own
// behind them: the disk would have a hole in the middle, a power cut would end the log there, and what
// was acknowledged behind it would be lost. Writing the log over itself makes its pages dirty again,
// and so fills the hole (docs/decisions/0009-fsync.md).
func firmLog(path string) error {
	file, err := os.OpenFile(path+"-wal", os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if err = writeOver(file); err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

// writeOver reads a file and writes what it read to the same place.
func writeOver(file *os.File) error {
	piece := make([]byte, 1<<20)
	for at := int64(0); ; {
		n, err := file.ReadAt(piece, at)
		if n > 0 {
			if _, err := file.WriteAt(piece[:n], at); err != nil {
				return err
			}
		}
		at += int64(n)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

package listen

import (
	"fmt"
	"syscall"
)

const (
	// reserve is how many descriptors the process keeps for itself: the database's pool or files, calls
	// to providers and endpoints, the addresses beside the public one, logs.
	reserve = 768
	// usual bounds the memory of a server that may open a million descriptors: an idle connection costs
	// some ten kilobytes, with TLS some forty.
	usual = 10_000
)

// connections is how many may be open on the public address, so that no stranger can use up the
// descriptors that the database and outgoing calls need. wanted 0 lets the limits of the process decide.
func connections(wanted int) (int, error) {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return 0, fmt.Errorf("ask how many files may be open: %w", err)
	}
	return divide(wanted, limit.Cur)
}

// divide gives the public address its part of the descriptors. Where there are few, half of them are
// kept back.
func divide(wanted int, limit uint64) (int, error) {
	kept := min(uint64(reserve), limit/2)
	free := limit - kept
	if wanted == 0 {
		return int(max(1, min(free, usual))), nil
	}
	if uint64(wanted) > free {
		return 0, fmt.Errorf("PAYLINK_MAX_CONNECTIONS is %d, and this process may open %d files, of which %d are kept for the database and outgoing calls: raise LimitNOFILE= (ulimit -n) to %d or lower the setting",
			wanted, limit, kept, wanted+reserve)
	}
	return wanted, nil
}

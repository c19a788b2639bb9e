package node

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"

	"paylink/queue"
	"paylink/store"
)

// The numbers against which a database is judged.
const (
	poolPerNode = 33 // connections that a node may open: its pool and a listener
	oldServer   = 15_00_00
	skewWarn    = 2 * time.Second
	skewFail    = queue.DefaultLease / 2 // past half of a lease, nodes take each other's jobs
	diskWarn    = 5 << 30
	diskFail    = 500 << 20
	logWarn     = 256 << 20
	checkFor    = 10 * time.Second
)

// askServer asks a PostgreSQL server, and compares its clock with ours.
func (p Patient) askServer(read store.Reader, now func() time.Time) []Finding {
	before := now()
	server, err := read.AskServer()
	if err != nil {
		return []Finding{bad(LevelFail, "database", "It does not answer: "+err.Error(), "Look into the server's log.")}
	}
	// It answered at some time between our two looks; what lies between them is not its fault.
	after := now()
	skew := time.Duration(0)
	switch {
	case server.Clock.Before(before):
		skew = before.Sub(server.Clock)
	case server.Clock.After(after):
		skew = server.Clock.Sub(after)
	}
	return judgeServer(server, skew)
}

// judgeServer says what of a PostgreSQL server's set-up endangers what was acknowledged.
func judgeServer(s store.Server, skew time.Duration) []Finding {
	var all []Finding
	lasting := func(name, lost string) {
		about := "database." + name
		if s.Settings[name] == "off" {
			all = append(all, bad(LevelFail, about, name+" is off: "+lost, "Set "+name+" = on in postgresql.conf and reload."))
		} else {
			all = append(all, ok(about, name+" is "+s.Settings[name]+"."))
		}
	}
	lasting("fsync", "a power cut can destroy the whole database.")
	lasting("full_page_writes", "a power cut can tear pages.")
	lasting("synchronous_commit", "payments that were acknowledged can be lost in a crash.")
	lasting("autovacuum", "tables and indexes grow without end and become slow.")
	if s.Settings["synchronous_commit"] == "local" && s.Settings["synchronous_standby_names"] != "" {
		all = append(all, bad(LevelWarn, "database.standby", "There are synchronous standbys, but commits do not wait for them.", "Set synchronous_commit = on, or a promotion loses what was just acknowledged."))
	}
	if s.Standby {
		all = append(all, bad(LevelFail, "database.primary", "This server is a standby and takes no writes.", "Name all servers in PAYLINK_DATABASE_URL, with target_session_attrs=read-write."))
	} else {
		all = append(all, ok("database.primary", "This server takes writes."))
	}
	if !s.MayWrite {
		all = append(all, bad(LevelFail, "database.rights", "This account may not write into the tables.", "Let it own them: REASSIGN OWNED, or GRANT ALL on all tables."))
	}
	return append(all, judgeVersion(s), judgeConnections(s), judgeSkew(skew))
}

func judgeVersion(s store.Server) Finding {
	const about = "database.version"
	if n, err := strconv.Atoi(s.Settings["server_version_num"]); err != nil || n < oldServer {
		return bad(LevelWarn, about, "PostgreSQL "+s.Settings["server_version"]+" is older than what paylink is tested with.", "Move to PostgreSQL 15 or later.")
	}
	return ok(about, "PostgreSQL "+s.Settings["server_version"]+".")
}

func judgeConnections(s store.Server) Finding {
	const about = "database.connections"
	most, _ := strconv.ParseInt(s.Settings["max_connections"], 10, 64) // what cannot be read is too few
	reserved, _ := strconv.ParseInt(s.Settings["superuser_reserved_connections"], 10, 64)
	room := most - reserved
	switch {
	case room < poolPerNode:
		return bad(LevelFail, about, fmt.Sprintf("max_connections leaves %d; one node may open %d.", room, poolPerNode),
			fmt.Sprintf("Raise max_connections to at least %d for each node, or set pool_max_conns in the URL.", poolPerNode))
	case s.Connections*10 > room*9:
		return bad(LevelWarn, about, fmt.Sprintf("%d of %d connections are open.", s.Connections, room), "Raise max_connections, or set pool_max_conns in the URL, or put PgBouncer between.")
	case room < 2*poolPerNode:
		return bad(LevelWarn, about, fmt.Sprintf("max_connections leaves %d: enough for one node and no second.", room), fmt.Sprintf("Reckon with %d for each node.", poolPerNode))
	}
	return okf(about, "%d connections may be open, %d are; each node may open %d.", room, s.Connections, poolPerNode)
}

func judgeSkew(skew time.Duration) Finding {
	const about, do = "clock", "Let both machines follow a time server (chrony, systemd-timesyncd); nodes judge each other's leases by the clock."
	switch {
	case skew >= skewFail:
		return bad(LevelFail, about, fmt.Sprintf("The clock differs by %s from the database's.", skew.Round(time.Millisecond)), do)
	case skew >= skewWarn:
		return bad(LevelWarn, about, fmt.Sprintf("The clock differs by %s from the database's.", skew.Round(time.Millisecond)), do)
	}
	return ok(about, "It agrees with the database's.")
}

// files is what stands around a SQLite database.
type files struct {
	path       string
	modes      map[string]fs.FileMode // of what is there, by name
	free, size int64                  // bytes; size of the database and its log
	log        int64
	kind       int64 // of the file system, as statfs tells it
	writable   bool
	err        error
}

func lookAtFiles(path string) files {
	f := files{path: path, modes: map[string]fs.FileMode{}}
	for _, name := range []string{filepath.Dir(path), path, path + "-wal", path + "-shm", path + ".lock"} {
		info, err := os.Stat(name)
		if err != nil {
			continue // what has to be there is missed below
		}
		f.modes[filepath.Base(name)] = info.Mode()
		if !info.IsDir() {
			f.size += info.Size()
		}
		if name == path+"-wal" {
			f.log = info.Size()
		}
	}
	const write = 2 // W_OK of access(2)
	f.writable = syscall.Access(path, write) == nil && syscall.Access(filepath.Dir(path), write) == nil
	var s syscall.Statfs_t
	if f.err = syscall.Statfs(filepath.Dir(path), &s); f.err == nil {
		f.kind = int64(s.Type)
		f.free, f.err = freeDisk(filepath.Dir(path))
	}
	return f
}

// remote are file systems whose locks and shared memory SQLite cannot rely on, as statfs names them.
var remote = map[int64]string{0x6969: "NFS", 0x517B: "SMB", 0xFE534D42: "SMB", 0xFF534D42: "CIFS", 0x01021997: "9p"}

// judgeFiles says what around a SQLite database lets others read it or will stop it.
func judgeFiles(f files) []Finding {
	if f.err != nil {
		return []Finding{bad(LevelFail, "files", f.err.Error(), "See that PAYLINK_DATABASE_URL names a file in a folder that is there.")}
	}
	var all []Finding
	open := ""
	for _, name := range slices.Sorted(maps.Keys(f.modes)) {
		// Who can only list the folder reads nothing; who can write into it puts a file in the place of ours.
		mode := f.modes[name]
		if open == "" && (mode.IsDir() && mode.Perm()&0o022 != 0 || !mode.IsDir() && mode.Perm()&0o077 != 0) {
			open = fmt.Sprintf("%s has mode %04o", name, mode.Perm())
		}
	}
	if open != "" {
		all = append(all, bad(LevelFail, "files.modes", open+": others on this machine can get at the customers' data.", "Run chmod 700 on the folder and chmod 600 on the files in it."))
	} else {
		all = append(all, ok("files.modes", "Nobody but their owner can read the database or put anything in its place."))
	}
	if name := remote[f.kind]; name != "" {
		all = append(all, bad(LevelFail, "files.place", "The database lies on "+name+", whose locks do not keep two servers apart.", "Move it to a local disk, or use PostgreSQL."))
	} else {
		all = append(all, ok("files.place", "The database and its log lie on one local file system."))
	}
	if !f.writable && f.modes[filepath.Base(f.path)] != 0 {
		all = append(all, bad(LevelFail, "files.writable", "This account may not write the database or its folder.", "Run the doctor as the account that runs paylink, or give it the folder: chown -R."))
	}
	return append(all, judgeDisk(f.free, f.size), judgeLog(f.log))
}

func judgeDisk(free, size int64) Finding {
	const about, do = "disk", "Make room or move to a larger disk; an upgrade's snapshot and a backup each need as much as the database."
	switch {
	case free < diskFail:
		return bad(LevelFail, about, fmt.Sprintf("%d MB are free; writes will soon be refused.", free>>20), do)
	case free < diskWarn || free < 2*size:
		return bad(LevelWarn, about, fmt.Sprintf("%d MB are free beside a database of %d MB.", free>>20, size>>20), do)
	}
	return okf(about, "%d MB are free beside a database of %d MB.", free>>20, size>>20)
}

func judgeLog(bytes int64) Finding {
	if bytes > logWarn {
		return bad(LevelWarn, "log", fmt.Sprintf("SQLite's log has %d MB: something reads for very long, and it cannot be emptied.", bytes>>20), "End other programs that have the file open, such as a forgotten sqlite3; it shrinks by itself then.")
	}
	return okf("log", "SQLite's log has %d MB.", bytes>>20)
}

// checkFile lets SQLite look for damage, for a while.
func checkFile(ctx context.Context, db *store.Store) Finding {
	ctx, stop := context.WithTimeout(ctx, checkFor)
	defer stop()
	damage, whole, err := db.Read(ctx).CheckFile()
	return judgeDamage(damage, whole, err)
}

func judgeDamage(damage string, whole bool, err error) Finding {
	const about = "integrity"
	switch {
	case err != nil:
		return bad(LevelFail, about, "The file cannot be checked: "+err.Error(), "Stop the server, copy the file away, and restore the last backup if a second look says the same.")
	case damage != "":
		return bad(LevelFail, about, "The file is damaged: "+damage, "Stop the server, keep a copy of the file, restore the last backup, and look at the disk.")
	case !whole:
		return okf(about, "Nothing was found in %s of looking; the whole file takes longer.", checkFor)
	}
	return ok(about, "SQLite finds no damage in the file.")
}

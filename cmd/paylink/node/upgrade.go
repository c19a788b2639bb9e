package node

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"paylink/audit"
	"paylink/backup"
	"paylink/store"
)

// logEvery is how often the log says how far a long step is.
const logEvery = 10 * time.Second

// snapshotsKept is how many snapshots stay, each from before another step.
const snapshotsKept = 3

// upgrade brings a database up to this build: it looks whether that can succeed, backs up, and then runs
// the steps and what has to be done to the data. It can be ended at any moment and goes on the next time.
type upgrade struct {
	settings Settings
	world    World
	store    *store.Store
	data     []dataStep
	tell     func(text string) // hears how far it is, in words that anybody may read
}

// dataStep is work on the rows that an earlier version left, too long for one transaction. It does
// nothing where nothing is left to do, and several nodes may run it at once.
type dataStep struct {
	what string // what is counted, such as "events hashed"
	run  func(ctx context.Context, progress func(done, total int64)) error
}

// dataSteps is what is done to the data after the tables have their shape, in this order.
func dataSteps(db *store.Store, w World) []dataStep {
	sealer := audit.New(audit.Deps{Store: db, Now: w.Now, Log: w.Log})
	return []dataStep{{what: "events hashed", run: func(ctx context.Context, progress func(done, total int64)) error {
		err := sealer.CatchUp(ctx, progress)
		if errors.As(err, new(*audit.BrokenChain)) {
			// What was broken before is no reason to keep the shop closed; paylink verify names it.
			w.Log.Error("upgrade.broken_chain", "error", err)
			return nil
		}
		return err
	}}}
}

// Migrate brings the database up to this build, for an operator who does not leave it to the start.
func Migrate(ctx context.Context, s Settings, w World, tell func(text string)) error {
	db, err := store.Open(ctx, s.DatabaseURL, store.Options{Log: w.Log, Listen: store.ListenOff})
	if err != nil {
		return err
	}
	u := upgrade{settings: s, world: w, store: db, data: dataSteps(db, w), tell: tell}
	return errors.Join(u.run(ctx), db.Close())
}

func (u upgrade) run(ctx context.Context) error {
	err := u.store.Upgrade(ctx, store.Upgrade{
		Now:     u.world.Now(),
		Before:  u.before,
		Waiting: func(whom string) { u.tell("upgrading: waiting for " + whom) },
		Begin: func(s store.Step, of int64) {
			u.tell(fmt.Sprintf("upgrading: step %d of %d, %s", s.Number, of, s))
		},
	})
	if err != nil {
		return err
	}
	for _, step := range u.data {
		err := step.run(ctx, func(done, total int64) {
			if total > 0 {
				u.tell(fmt.Sprintf("upgrading: %d of %d %s", done, total, step.what))
			}
		})
		if err != nil {
			return fmt.Errorf("upgrade the data (%s): %w", step.what, err)
		}
	}
	return nil
}

// before is what must be right before a database with data in it is changed.
func (u upgrade) before(ctx context.Context, first store.Step) error {
	u.tell("upgrading: looking whether there is room and right to do it")
	if err := u.store.MayUpgrade(ctx); err != nil {
		return fmt.Errorf("the database cannot be upgraded, and nothing was changed: %w", err)
	}
	folder, size, err := u.store.Room()
	if err == nil && folder != "" {
		err = u.room(folder, size)
	}
	if err != nil {
		return fmt.Errorf("the database cannot be upgraded, and nothing was changed: %w", err)
	}
	if u.settings.SnapshotDir == "" {
		return nil
	}
	u.tell("upgrading: backing the database up first")
	if err := u.snapshot(ctx, first, size); err != nil {
		return fmt.Errorf("the snapshot before the upgrade could not be made, and nothing was changed (PAYLINK_SNAPSHOT_DIR=none leaves it to you): %w", err)
	}
	return nil
}

// room wants so many free bytes in a folder: a step may write every row anew, into the file or its log.
func (u upgrade) room(folder string, need int64) error {
	free := u.world.Free
	if free == nil {
		free = freeBytes
	}
	have, err := free(folder)
	if err != nil {
		return fmt.Errorf("ask how much room %s has: %w", folder, err)
	}
	if have < need {
		return fmt.Errorf("%s has %d MB free, and %d MB are needed", folder, have>>20, need>>20+1)
	}
	return nil
}

func freeBytes(folder string) (int64, error) {
	var fs syscall.Statfs_t
	if err := syscall.Statfs(folder, &fs); err != nil {
		return 0, err
	}
	return int64(fs.Bavail) * int64(fs.Bsize), nil
}

// snapshot backs up as paylink backup does. SQLite is copied beside the archive meanwhile.
func (u upgrade) snapshot(ctx context.Context, first store.Step, size int64) error {
	dir := u.settings.SnapshotDir
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if err := u.room(dir, size); err != nil {
		return err
	}
	if err := removeAll(dir, "before-*.part", "before-*.copy"); err != nil { // of a process that was killed
		return err
	}
	now := u.world.Now().UTC()
	mark := fmt.Sprintf("before-%04d-", first.Number)
	path := filepath.Join(dir, mark+now.Format("20060102T150405Z")+".paylink")
	sum, err := backup.File(ctx, u.settings.DatabaseURL, path, true, now)
	if err != nil {
		return err
	}
	u.world.Log.Info("upgrade.snapshot", "file", path, "rows", sum.Rows, "bytes", sum.Bytes, "took", u.world.Now().Sub(now))
	return tidySnapshots(dir)
}

// tidySnapshots keeps the latest snapshot from before each step, and of these the last three: an upgrade
// that is tried again and again must not push out the one that leads back to the old version.
func tidySnapshots(dir string) error {
	names, err := filepath.Glob(filepath.Join(dir, "before-*.paylink"))
	if err != nil {
		return err
	}
	slices.Sort(names) // by step, then by time
	kept := map[string]bool{}
	for _, name := range slices.Backward(names) {
		step := strings.SplitN(filepath.Base(name), "-", 3)[1]
		if !kept[step] && len(kept) < snapshotsKept {
			kept[step] = true
			continue
		}
		if err := os.Remove(name); err != nil {
			return err
		}
	}
	return nil
}

func removeAll(dir string, patterns ...string) error {
	for _, pattern := range patterns {
		names, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			return err
		}
		for _, name := range names {
			if err := os.Remove(name); err != nil {
				return err
			}
		}
	}
	return nil
}

// everySoOften lets a text through at most once in so long, so that a log does not hold each of a
// million steps. The last text of a kind may be held back; what follows it is not.
func everySoOften(now func() time.Time, pause time.Duration, tell func(text string)) func(text string) {
	var last time.Time
	var kind string
	return func(text string) {
		is := strings.TrimLeft(strings.TrimPrefix(text, "upgrading: "), "0123456789")
		if at := now(); is != kind || at.Sub(last) >= pause {
			kind, last = is, at
			tell(text)
		}
	}
}

package audit

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"paylink/durable"
	"paylink/keyring"
	"paylink/store"
)

// signEvery is how often the heads are signed. mostHeads bounds one checkpoint: a hundred bytes a head.
const (
	signEvery = time.Minute
	mostHeads = 10_000
	headsRead = 1_000
)

// NotaryDeps is what a Notary needs.
type NotaryDeps struct {
	Store  *store.Store
	Ring   *keyring.Ring
	Sealer *Sealer
	File   string // outside the database; empty: none
	Now    func() time.Time
	Log    *slog.Logger
}

// Notary signs every minute where the chains stand, in the database and in a file outside it. Without
// that, whoever can write the database could make a chain anew from the place that he changed. Any
// number of them may run on one database: the first of a minute writes it.
type Notary struct {
	NotaryDeps
	signed map[world]int64 // how far this notary itself has signed each chain
}

// NewNotary makes a notary.
func NewNotary(d NotaryDeps) *Notary { return &Notary{NotaryDeps: d, signed: map[world]int64{}} }

// Work signs until ctx is done. Before that it hashes what an older build, beside us in a rolling
// upgrade, has sealed without a hash.
func (n *Notary) Work(ctx context.Context) error {
	for {
		now := n.Now()
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(now.Truncate(signEvery).Add(signEvery).Sub(now)):
		}
		err := n.Sealer.CatchUp(ctx, nil)
		if _, signErr := n.Sign(ctx); err != nil || signErr != nil {
			if ctx.Err() == nil {
				n.Log.Error("events.sign", "error", errors.Join(err, signErr))
			}
		}
	}
}

// Sign makes the checkpoint of this minute, of the heads that have moved since this notary last signed
// them, and returns how many it signed. After a start these are all heads. Heads that another notary
// signs in the same minute stay ours to sign in the next.
func (n *Notary) Sign(ctx context.Context) (int, error) {
	at := n.Now().Truncate(signEvery).UnixMicro()
	signed := 0
	var moved []store.Chain
	for last := (store.Chain{}); ; {
		heads, err := n.Store.Read(ctx).Chains(last.Merchant, last.Live, headsRead)
		if err != nil {
			return signed, err
		}
		for _, last = range heads {
			if last.Hashed > 0 && len(last.Hash) == HashSize && last.Hashed != n.signed[world{last.Merchant, last.Live}] {
				moved = append(moved, last)
			}
		}
		if len(heads) < headsRead || len(moved) > mostHeads-headsRead {
			mine, err := n.write(ctx, at, moved)
			if err != nil {
				return signed, err
			}
			if mine {
				signed += len(moved)
			}
			moved, at = nil, at+1 // a further page of the same minute
		}
		if len(heads) < headsRead {
			return signed, nil
		}
	}
}

// write signs the heads and keeps the checkpoint in both places, the database first: it decides whose
// the minute is.
func (n *Notary) write(ctx context.Context, at int64, heads []store.Chain) (mine bool, err error) {
	if len(heads) == 0 {
		return false, nil
	}
	c, err := sign(n.Ring, at, heads)
	if err != nil {
		return false, err
	}
	err = n.Store.Write(ctx, func(tx *store.Tx) (err error) {
		mine, err = tx.InsertCheckpoint(c)
		return err
	})
	if err != nil || !mine {
		return false, err
	}
	if err := n.append(c); err != nil {
		return false, err
	}
	for _, h := range heads {
		n.signed[world{h.Merchant, h.Live}] = h.Hashed
	}
	return true, nil
}

// append adds a checkpoint to the file, on disk before it returns. A line that was cut by a power
// failure is ended first, so that it spoils no other.
func (n *Notary) append(c store.Checkpoint) (err error) {
	if n.File == "" {
		return nil
	}
	text, err := asLine(c)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("keep a checkpoint outside the database: %w", err)
		}
	}()
	if err := durable.MakeFolder(filepath.Dir(n.File)); err != nil {
		return err
	}
	f, err := os.OpenFile(n.File, os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	size, err := f.Seek(0, io.SeekEnd)
	last := []byte{'\n'}
	if err == nil && size > 0 {
		_, err = f.ReadAt(last, size-1)
	}
	if err == nil && last[0] != '\n' {
		text = append([]byte{'\n'}, text...)
	}
	if err == nil {
		_, err = f.Write(text)
	}
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil || size > 0 {
		return err
	}
	return durable.SyncNames(filepath.Dir(n.File))
}

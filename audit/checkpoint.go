package audit

import (
	"bufio"
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"paylink"
	"paylink/keyring"
	"paylink/store"
)

// signPurpose is the key ring's purpose for the seed of the key that signs checkpoints.
const signPurpose = "checkpoint"

// signedFormat opens what is signed, and names the format in a file.
const signedFormat = "paylink-checkpoint/1"

// signedHead is where one chain stands, in a checkpoint.
type signedHead struct {
	Merchant paylink.MerchantID `json:"merchant"`
	Mode     string             `json:"mode"`
	Sequence int64              `json:"seq"`
	Hash     string             `json:"hash"` // hexadecimal
}

// line is a checkpoint as it stands in a file, one on each line.
type line struct {
	Format    string          `json:"format"`
	At        int64           `json:"at"` // microseconds
	Slot      int             `json:"slot"`
	Heads     json.RawMessage `json:"heads"`
	Signature []byte          `json:"signature"` // base64
}

// signed is what the signature of a checkpoint is over:
//
//	"paylink-checkpoint/1\n" ‖ at in microseconds, decimal ‖ "\n" ‖ heads, the JSON text as it stands
func signed(c store.Checkpoint) []byte {
	b := strconv.AppendInt([]byte(signedFormat+"\n"), c.At, 10)
	return append(append(b, '\n'), c.Heads...)
}

// PublicKeys gives the keys by which checkpoints are proven, by the slot of the ring.
func PublicKeys(ring *keyring.Ring) (map[int]ed25519.PublicKey, error) {
	keys := map[int]ed25519.PublicKey{}
	for _, slot := range ring.Slots() {
		key, err := signingKey(ring, slot)
		if err != nil {
			return nil, err
		}
		keys[slot] = key.Public().(ed25519.PublicKey)
	}
	return keys, nil
}

func signingKey(ring *keyring.Ring, slot int) (ed25519.PrivateKey, error) {
	seed, err := ring.Key(signPurpose, slot)
	if err != nil {
		return nil, err
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

// sign makes the checkpoint of some heads.
func sign(ring *keyring.Ring, at int64, heads []store.Chain) (store.Checkpoint, error) {
	list := make([]signedHead, len(heads))
	for i, h := range heads {
		list[i] = signedHead{h.Merchant, mode(h.Live), h.Hashed, hex.EncodeToString(h.Hash)}
	}
	text, err := json.Marshal(list)
	if err != nil {
		return store.Checkpoint{}, fmt.Errorf("write a checkpoint: %w", err)
	}
	c := store.Checkpoint{At: at, Slot: ring.Active(), Heads: string(text)}
	key, err := signingKey(ring, c.Slot)
	if err != nil {
		return c, err
	}
	c.Signature = ed25519.Sign(key, signed(c))
	return c, nil
}

// asLine writes a checkpoint for a file.
func asLine(c store.Checkpoint) ([]byte, error) {
	b, err := json.Marshal(line{Format: signedFormat, At: c.At, Slot: c.Slot, Heads: json.RawMessage(c.Heads), Signature: c.Signature})
	return append(b, '\n'), err
}

// CheckpointFile is a file of checkpoints that was kept outside the database. Name is for people.
type CheckpointFile struct {
	Name string
	Text io.Reader
}

// longestLine bounds one checkpoint in a file, in bytes: ten times the longest that is written.
const longestLine = 32 << 20

// checkpointsIn hands over the checkpoints of a file, and tells of a line that is none: it was being
// written when the power went, or somebody changed it.
func checkpointsIn(f CheckpointFile, each func(c store.Checkpoint, readable bool) bool) error {
	lines := bufio.NewScanner(f.Text)
	lines.Buffer(nil, longestLine)
	for lines.Scan() {
		text := bytes.TrimSpace(lines.Bytes())
		if len(text) == 0 {
			continue
		}
		var l line
		readable := json.Unmarshal(text, &l) == nil && l.Format == signedFormat
		c := store.Checkpoint{At: l.At, Slot: l.Slot, Heads: string(l.Heads), Signature: l.Signature}
		if !each(c, readable) {
			return nil
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("read checkpoints from %s: %w", f.Name, err)
	}
	return nil
}

// errUnreadable says that a signed text is no list of heads.
var errUnreadable = errors.New("its list of heads cannot be read")

// headsOf reads the heads that a checkpoint names.
func headsOf(c store.Checkpoint) ([]signedHead, error) {
	var heads []signedHead
	if err := json.Unmarshal([]byte(c.Heads), &heads); err != nil {
		return nil, errUnreadable
	}
	for _, h := range heads {
		if h.Mode != mode(h.Mode == "live") {
			return nil, errUnreadable
		}
	}
	return heads, nil
}

// when shows a checkpoint's time to people.
func when(at int64) string { return time.UnixMicro(at).UTC().Format("2006-01-02T15:04:05.000000Z") }

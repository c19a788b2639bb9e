package sandbox

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"paylink"
)

// record is one line of the journal: what a thing has become. Later lines about a thing replace
// earlier ones.
type record struct {
	Order   *order   `json:"order,omitempty"`
	Message *message `json:"message,omitempty"`
	Refund  *refund  `json:"refund,omitempty"`
	Letter  *letter  `json:"letter,omitempty"`
	Dispute *dispute `json:"dispute,omitempty"`
	Done    string   `json:"done,omitempty"` // the id of a letter that is finished
}

// compactAfter is how many lines are written before the journal is shortened in passing.
const compactAfter = 200_000

// openJournal reads what an earlier life wrote, keeps one line for each thing and goes on from there.
func (s *Sandbox) openJournal() error {
	if s.cfg.Journal == "" {
		return nil
	}
	raw, err := os.ReadFile(s.cfg.Journal)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("read journal: %w", err)
	}
	if err := s.replay(raw); err != nil {
		return fmt.Errorf("read journal: %w", err)
	}
	return s.compact()
}

// replay rebuilds the world from the lines of a journal. A last line without an end was torn by a
// crash and is left out; any other line that cannot be read is somebody's file, not a journal.
func (s *Sandbox) replay(raw []byte) error {
	for n := 1; ; n++ {
		line, rest, whole := bytes.Cut(raw, []byte("\n"))
		if !whole {
			break
		}
		raw = rest
		var r record
		if err := json.Unmarshal(line, &r); err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
		s.recall(r)
	}
	for _, o := range s.world.orders {
		if !o.LateAt.IsZero() {
			s.arrange(o)
		}
		if o.Status == paylink.PaymentAuthorised {
			s.arrangeLapse(o)
		}
	}
	for _, d := range s.world.disputes {
		s.arrangeSilence(d)
	}
	for _, m := range s.world.messages {
		if !m.DueAt.IsZero() {
			s.expect(m)
		}
	}
	for _, f := range s.world.refunds {
		s.expectRefund(f)
	}
	for _, l := range s.world.letters {
		s.outbox.add(entry{due: l.DueAt, letter: l})
	}
	return nil
}

func (s *Sandbox) recall(r record) {
	switch w := &s.world; {
	case r.Order != nil:
		if known := w.byPage[r.Order.Page]; known != nil {
			*known = *r.Order
		} else {
			w.addOrder(r.Order)
		}
	case r.Message != nil:
		if known := w.byID[r.Message.ID]; known != nil {
			*known = *r.Message
		} else {
			w.addMessage(r.Message)
		}
	case r.Dispute != nil:
		if known := w.dispute(r.Dispute.ID); known != nil {
			*known = *r.Dispute
		} else {
			w.disputes = append(w.disputes, r.Dispute)
		}
	case r.Refund != nil:
		if i := slices.IndexFunc(w.refunds, func(f *refund) bool { return f.ID == r.Refund.ID }); i >= 0 {
			*w.refunds[i] = *r.Refund
		} else {
			w.addRefund(r.Refund)
		}
	case r.Letter != nil:
		w.letters[r.Letter.ID] = r.Letter
	default:
		delete(w.letters, r.Done)
	}
}

// write adds a line. The world goes on if it cannot: a full disk must not stop a test, but the
// operator is told. The caller holds s.mu.
func (s *Sandbox) write(r record) {
	if s.file == nil {
		return
	}
	line, err := json.Marshal(r)
	if err == nil {
		_, err = s.file.Write(append(line, '\n'))
	}
	if err != nil {
		s.log.Error("sandbox.journal_failed", "error", err)
		return
	}
	if s.lines++; s.lines < compactAfter {
		return
	}
	if err := s.compact(); err != nil {
		s.log.Error("sandbox.journal_failed", "error", err)
	}
}

// compact replaces the journal by one line for each thing that is remembered. The new file takes the
// old one's place only when it is whole. Messages hold links and addresses, so only the owner reads it.
func (s *Sandbox) compact() error {
	temporary := s.cfg.Journal + ".new"
	f, err := os.OpenFile(temporary, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("compact journal: %w", err)
	}
	if err := errors.Join(s.writeAll(f), f.Sync()); err != nil {
		f.Close()
		return fmt.Errorf("compact journal: %w", err)
	}
	if err := os.Rename(temporary, s.cfg.Journal); err != nil {
		f.Close()
		return fmt.Errorf("compact journal: %w", err)
	}
	if s.file != nil {
		s.file.Close() // the old file has no name any more
	}
	s.file, s.lines = f, 0
	return nil
}

func (s *Sandbox) writeAll(f *os.File) error {
	w := bufio.NewWriter(f)
	enc := json.NewEncoder(w)
	var failed error
	put := func(r record) { failed = errors.Join(failed, enc.Encode(r)) }
	for _, o := range s.world.orders {
		put(record{Order: o})
	}
	for _, m := range s.world.messages {
		put(record{Message: m})
	}
	for _, d := range s.world.disputes {
		put(record{Dispute: d})
	}
	for _, f := range s.world.refunds {
		put(record{Refund: f})
	}
	for _, l := range s.world.letters {
		put(record{Letter: l})
	}
	return errors.Join(failed, w.Flush())
}

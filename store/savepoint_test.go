package store_test

import (
	"testing"

	"paylink/store"
	"paylink/store/storetest"
)

// A refusal by rule rolls the work back and keeps the row that remembers the request. If the savepoint
// took too much or too little, a replay would be answered wrongly.
func TestSavepointTakesBackItsOwnWorkOnly(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		things(t, s)
		bell := s.Bell("inside")
		defer bell.Close()
		err := s.Write(t.Context(), func(tx *store.Tx) error {
			tx.Put(insert, 1, "before")
			work := []func() error{
				func() error { tx.Put(insert, 2, "unsent"); return errRefused },
				func() error { tx.Exec(insert, 2, "sent"); tx.Ring("inside"); return errRefused },
				func() error { tx.Put(insert, 2, "waiting"); tx.Put(insert, 2, "twice"); return nil },
				func() error { tx.PutUnless(errRefused, `UPDATE things SET name = 'x' WHERE id = 9`); return nil },
				func() error {
					return tx.Savepoint(func() error { tx.Put(insert, 2, "inner"); return errRefused })
				},
			}
			for i, fn := range work {
				if err := tx.Savepoint(fn); err == nil || (i != 2) != (err == errRefused) {
					t.Errorf("savepoint %d gave %v", i, err)
				}
			}
			if err := tx.Savepoint(func() error { tx.Put(insert, 3, "kept"); return nil }); err != nil {
				t.Errorf("the good savepoint gave %v", err)
			}
			tx.Put(insert, 4, "after")
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		wantNames(t, s, "before", "kept", "after")
		select {
		case <-bell.C:
			t.Error("a bell rang for work that was taken back")
		default:
		}
	})
}

// A change from before the savepoint that fails inside it, because it travelled late, must not be
// swallowed by the savepoint: the transaction would commit without it.
func TestSavepointDoesNotContainAnOlderFailure(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		things(t, s)
		err := s.Write(t.Context(), func(tx *store.Tx) error {
			tx.PutUnless(errRefused, `UPDATE things SET name = 'x' WHERE id = 9`)
			tx.Savepoint(func() error { tx.Put(insert, 1, "inside"); return nil })
			return nil
		})
		if err != errRefused {
			t.Errorf("got %v", err)
		}
		wantNames(t, s)
	})
}
